//! Tests the app over a real port, through its public API.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy.toml allows them in test functions and not in what these call"
)]

mod life;
mod replays;
mod support;
