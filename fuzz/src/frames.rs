//! Frames of a bot's long connection.

// A private part of another crate. It is compiled here, so that it need not be public.
#[allow(dead_code, unused_imports)]
#[path = "../../crates/tower-wecom-aibot/src/frame/mod.rs"]
mod frame;

use bytes::Bytes;
use tower_wecom::payload::Document;
use tower_wecom::protocol;

use crate::walk::walk;
use frame::{Command, Delivery, Incoming, compose};

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
        Ok(Incoming::Callback(delivery)) => {
            assert!(delivery.req_id.len() <= 512 && !delivery.command.is_empty());
            let callback = protocol::restore(delivery.body.clone(), "", None, 0);
            let _ = format!("{:?} {:?}", callback.kind(), callback.event());
            if let Ok(document) = Document::parse(&delivery.body) {
                walk(&document);
            }
            answer(&delivery);
        }
    }
}

fn answer(to: &Delivery) {
    let text = str::from_utf8(&to.body).expect("a body is JSON");
    let sent = compose(Command::RespondMsg, &to.req_id, Some(text)).expect("a body is JSON");
    match Incoming::parse(sent.clone().into()) {
        Ok(Incoming::Callback(again)) => {
            assert_eq!((&again.req_id, &again.body), (&to.req_id, &to.body));
            assert_eq!(again.command, Command::RespondMsg.as_str());
        }
        other => panic!("{other:?}: {sent}"),
    }
}
