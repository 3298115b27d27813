//! `doctor` behind a real proxy: nginx, with a typical configuration and one fault per test.
//!
//! Needs Debian's packages nginx and openssl. A test that misses one fails with its name.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "these are tests"
)]

mod nginx;
