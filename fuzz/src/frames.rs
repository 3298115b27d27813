//! Frames of a bot's long connection.

use bytes::Bytes;
use tower_wecom::payload::Document;
use tower_wecom::protocol;

use crate::bot_frame::{Command, Incoming, compose};

/// Reads a frame. A callback's body is typed, and an answer with the same body is a frame again.
pub fn read(frame: &[u8]) {
    match Incoming::parse(Bytes::copy_from_slice(frame)) {
        Err(reason) => assert!(!reason.is_empty()),
        Ok(Incoming::Ack { req_id, ack }) => {
            assert!(req_id.len() <= 512);
            // The message is the peer's, and it is not in the output of Debug.
            assert_eq!(
                format!("{ack:?}"),
                format!("Ack {{ errcode: {}, .. }}", ack.errcode)
            );
        }
        Ok(Incoming::Callback { req_id, body }) => {
            assert!(req_id.len() <= 512);
            let callback = protocol::restore(body.clone(), "", None, 0);
            let _ = format!("{:?} {:?}", callback.kind(), callback.event());
            if let Ok(document) = Document::parse(&body) {
                crate::walk(&document);
            }
            answer(&req_id, &body);
        }
    }
}

fn answer(req_id: &str, body: &[u8]) {
    let text = str::from_utf8(body).expect("a body is JSON");
    let sent = compose(Command::RespondMsg, req_id, Some(text)).expect("a body is JSON");
    match Incoming::parse(sent.clone().into()) {
        Ok(Incoming::Callback {
            req_id: same,
            body: again,
        }) => assert_eq!((&*same, &*again), (req_id, body), "{sent}"),
        other => panic!("{other:?}: {sent}"),
    }
}
