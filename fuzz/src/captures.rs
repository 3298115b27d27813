//! What `wecom doctor --request` reads: a captured request in whatever form.

// A private part of another crate. It is compiled here, so that it need not be public.
#[allow(dead_code, unused_imports)]
#[path = "../../crates/tower-wecom-cli/src/capture/mod.rs"]
mod capture;

use tower_wecom::protocol::{DEFAULT_NONCE_MAX_LEN, Envelope, Query};

use capture::{Capture, MAX_REQUESTS, is_whole_ciphertext};

/// Reads a capture, and each request in it as the commands do.
pub fn read(text: &[u8]) {
    let Ok(found) = Capture::read(text) else {
        return;
    };
    assert!(!found.is_empty() && found.len() <= MAX_REQUESTS);
    for capture in &found {
        let query = capture.query();
        assert!(capture.target.contains(query));
        for name in ["msg_signature", "timestamp", "nonce"] {
            let _ = capture.parameter(name);
        }
        if let Some(echo) = capture.parameter("echostr") {
            let _ = is_whole_ciphertext(&echo);
        }
        let _ = (capture.is_url_check(), &capture.undone, capture.may_be_cut);
        let body = capture.trimmed_body().to_vec();
        let _ = Query::parse(query, DEFAULT_NONCE_MAX_LEN);
        let _ = Envelope::parse(body.into());
    }
}
