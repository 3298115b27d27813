//! Runs the binary like a user does, against real servers on a loopback address.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "these are tests"
)]

mod aibot;
mod conform;
mod credentials;
mod doctor;
mod language;
mod payloads;
mod record;
mod scripts;
mod support;
mod trigger;
mod verify_url;
