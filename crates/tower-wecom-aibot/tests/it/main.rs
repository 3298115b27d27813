//! The long connection against the server of `test_util`.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "these are tests"
)]

mod acks;
mod callbacks;
mod chaos;
mod ends;
mod hostile;
mod leases;
mod media;
mod pushes;
mod samples;
mod spans;
mod streams;
mod support;
mod ways;
