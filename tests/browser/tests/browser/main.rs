//! Tests the inspector of `examples/axum.rs` in a headless Chromium.
//!
//! ```sh
//! apt-get install chromium
//! cargo test -p browser-tests
//! UPDATE=1 cargo test -p browser-tests picture     # writes docs/inspector.png
//! ```

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

mod app;
mod chromium;
mod tab;

mod hostile;
mod keyboard;
mod picture;
mod restart;
mod sample;
mod small;
