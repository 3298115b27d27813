#![no_main]
//! Parses the body of an unverified delivery.

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use tower_wecom::protocol::Envelope;

fuzz_target!(|body: &[u8]| {
    match Envelope::parse(Bytes::copy_from_slice(body)) {
        Ok(envelope) => {
            let encrypt = envelope.encrypt();
            assert!(!encrypt.is_empty() && encrypt == encrypt.trim_ascii());
            let hints = [envelope.to_user_name(), envelope.agent_id()];
            assert!(hints.iter().flatten().all(|hint| !hint.is_empty()));
            // An attacker may put the ciphertext into a hint too.
            let is_hinted = hints.iter().flatten().any(|hint| hint.contains(encrypt));
            // Or the text that `Debug` writes around them, of which no word has 16 bytes.
            let is_known = is_hinted || encrypt.len() < 16 || encrypt.contains(' ');
            assert!(is_known || !format!("{envelope:?}").contains(encrypt));
        }
        Err(rejection) => {
            let _ = format!("{rejection} {rejection:?} {:?}", rejection.details());
        }
    }
});
