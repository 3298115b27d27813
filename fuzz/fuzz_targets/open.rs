#![no_main]
//! Opens a delivery with a valid signature: any ciphertext, any frame, any message.

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use tower_wecom::protocol::{self, Envelope};
use tower_wecom::protocol::{DEFAULT_NONCE_MAX_LEN, Query};
use tower_wecom::{RejectionKind, Reply};
use tower_wecom_fuzz::{CONFIG, CORP, NOW, frame, seal_frame, signed_query, walk};

#[derive(Arbitrary, Debug)]
enum Input<'a> {
    Ciphertext(&'a str),
    Frame(&'a [u8]),
    Message(&'a [u8]),
    MessageFor {
        receive_id: &'a [u8],
        message: &'a [u8],
    },
    Echo(&'a [u8]),
}

fuzz_target!(|input: Input<'_>| {
    let encrypted = match &input {
        Input::Ciphertext(text) => (*text).to_owned(),
        Input::Frame(bytes) => seal_frame(bytes),
        Input::Message(message) | Input::Echo(message) => {
            seal_frame(&frame(message, CORP.as_bytes()))
        }
        Input::MessageFor {
            receive_id,
            message,
        } => seal_frame(&frame(message, receive_id)),
    };
    let query = signed_query(&encrypted, "1372623149");
    if let Input::Echo(message) = input {
        let signed = query;
        let pair: Vec<_> = signed.split(['=', '&']).collect();
        let query = Query::from_decoded(
            pair[1],
            pair[3],
            pair[5],
            Some(&encrypted),
            DEFAULT_NONCE_MAX_LEN,
        );
        if let Ok(echo) = protocol::verify_url(&CONFIG, &query.unwrap(), NOW) {
            assert_eq!(echo, message);
            assert!(
                !message.starts_with(b"<") && !message.starts_with(b"{") && message.len() <= 256
            );
        }
        return;
    }
    let query = Query::parse(&query, DEFAULT_NONCE_MAX_LEN).unwrap();
    let json = serde_json::json!({ "encrypt": encrypted }).to_string();
    let Ok(envelope) = Envelope::parse(json.into()) else {
        return;
    };
    match (protocol::open(&CONFIG, &query, &envelope, NOW), input) {
        (Ok(callback), input) => {
            if let Input::Message(message) | Input::MessageFor { message, .. } = input {
                assert_eq!(callback.payload(), message);
            }
            assert_eq!(callback.receive_id(), CORP);
            let _ = format!("{callback:?} {:?}", callback.event());
            let _ = serde_json::to_string(callback.event()).unwrap();
            protocol::seal(&callback, &Reply::ack(), NOW).unwrap();
            if let Ok(document) = tower_wecom::payload::Document::parse(callback.payload()) {
                walk(&document);
            }
        }
        (Err(rejection), Input::Message(_)) => {
            panic!("a genuine message was rejected: {rejection:?}")
        }
        (Err(rejection), Input::MessageFor { receive_id, .. }) => {
            assert!(rejection.kind() == RejectionKind::ReceiveId && receive_id != CORP.as_bytes());
        }
        (Err(rejection), _) => {
            let _ = format!("{rejection} {rejection:?} {:?}", rejection.details());
        }
    }
});
