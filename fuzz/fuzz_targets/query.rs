#![no_main]
//! Parses a query string. Accepted values are well-formed, and `Debug` and errors show no secret.

use libfuzzer_sys::fuzz_target;
use tower_wecom::protocol::{DEFAULT_NONCE_MAX_LEN, Query};

fuzz_target!(|text: &str| {
    let Ok(query) = Query::parse(text, DEFAULT_NONCE_MAX_LEN) else {
        return;
    };
    let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    assert!(query.msg_signature().len() == 40 && query.msg_signature().bytes().all(is_hex));
    let timestamp = query.timestamp();
    assert!(
        (1..=20).contains(&timestamp.len()) && timestamp.bytes().all(|byte| byte.is_ascii_digit())
    );
    assert!((1..=DEFAULT_NONCE_MAX_LEN).contains(&query.nonce().len()));
    let is_nonce = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    assert!(query.nonce().bytes().all(is_nonce));
    if let Some(echo) = query.echostr() {
        assert!(!echo.contains(' ') && echo.is_ascii());
    }
    let again = Query::from_decoded(
        query.msg_signature(),
        query.timestamp(),
        query.nonce(),
        query.echostr(),
        DEFAULT_NONCE_MAX_LEN,
    )
    .unwrap();
    assert_eq!(again.unix_seconds(), query.unix_seconds());
    let is_shown = format!("{query:?}").contains(query.msg_signature());
    assert!(!is_shown || query.nonce().contains(query.msg_signature()));
});
