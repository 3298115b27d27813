#![no_main]
//! The body of a delivery that nobody has verified.

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use tower_wecom::protocol::Envelope;

fuzz_target!(|body: &[u8]| {
    match Envelope::parse(Bytes::copy_from_slice(body)) {
        Ok(envelope) => {
            let encrypt = envelope.encrypt();
            assert!(!encrypt.is_empty() && encrypt == encrypt.trim_ascii());
            for hint in [envelope.to_user_name(), envelope.agent_id()]
                .into_iter()
                .flatten()
            {
                assert!(!hint.is_empty());
            }
            assert!(encrypt.len() < 16 || !format!("{envelope:?}").contains(encrypt));
        }
        Err(refusal) => {
            let _ = format!("{refusal} {refusal:?} {:?}", refusal.facts());
        }
    }
});
