//! The binary, run like a user does, against real servers on the loopback.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "these are tests"
)]

mod conform;
mod credentials;
mod doctor;
mod doctor_request;
mod payloads;
mod record;
mod scripts;
mod support;
mod trigger;
mod verify_url;
