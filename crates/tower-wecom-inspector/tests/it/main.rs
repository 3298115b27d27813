//! Tests the inspector through its public API: as a layer around an axum app, and with the requests
//! of a browser.

// clippy.toml allows these in `#[test]` functions, but not in the helpers beside them.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::unwrap_used,
    unreachable_pub
)]

mod support;

mod copied;
mod events;
mod guard;
mod masked;
mod page;
mod passes;
mod send;
mod settings;
