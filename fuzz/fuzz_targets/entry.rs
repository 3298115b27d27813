#![no_main]
//! Entries of the inbox.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| tower_wecom_fuzz::entries::read(bytes));
