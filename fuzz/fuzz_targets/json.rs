#![no_main]
//! Compares the tree of a JSON object with the result of serde_json.

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use tower_wecom::payload::{Document, PayloadError};
use tower_wecom_fuzz::walk;

fuzz_target!(|bytes: &[u8]| {
    match Document::parse(bytes) {
        Ok(document) => walk(&document),
        Err(error) => {
            let _ = error.to_string();
            let is_object = matches!(serde_json::from_slice(bytes), Ok(Value::Object(_)));
            let is_limit = matches!(
                error,
                PayloadError::TooDeep | PayloadError::TooLarge | PayloadError::TooManyElements
            );
            assert!(!is_object || is_limit, "{error}: serde_json reads it");
        }
    }
});
