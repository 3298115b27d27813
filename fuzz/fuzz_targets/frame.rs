#![no_main]
//! Frames of a bot's long connection.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| tower_wecom_fuzz::frames::read(bytes));
