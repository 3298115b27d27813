#![no_main]
//! Captured requests, as for `wecom doctor --request`.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| tower_wecom_fuzz::captures::read(bytes));
