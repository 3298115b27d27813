//! Callbacks that a bot's long connection has brought.

use std::convert::Infallible;
use std::time::Duration;

use http::{Request, Response};
use tower::{ServiceExt, service_fn};
use tower_wecom::crypto::MediaError;
use tower_wecom::extensions::Deferred;
use tower_wecom::middleware::request_for;
use tower_wecom::protocol::SealedReply;
use tower_wecom::{
    Arrival, BotEvent, Callback, DeadlineLayer, EventRouter, Reply, RequestBody, WeComLayer,
    protocol,
};

use crate::support::{NOW, config};

const TEXT: &str = r#"{"msgid":"m-7f31","aibotid":"aibotK2x","chattype":"single",
    "from":{"userid":"wen.qing"},"msgtype":"text","text":{"content":"hello"}}"#;
const FEEDBACK: &str = r#"{"msgid":"m-1","aibotid":"aibotK2x","from":{"userid":"wen.qing"},
    "msgtype":"event","event":{"eventtype":"feedback_event","feedback_event":{"id":"f1"}}}"#;

fn live(payload: &'static str) -> Callback {
    protocol::live(payload.into(), "stock bot")
}

#[test]
fn a_live_callback_was_never_encrypted_and_has_the_name_of_its_bot() {
    let callback = live(TEXT);
    assert_eq!(callback.kind(), "bot/text");
    assert_eq!(callback.tenant(), Some("stock bot"));
    assert_eq!((callback.receive_id(), callback.age()), ("", 0));
    assert!(callback.encrypted().is_empty());
    assert_eq!(callback.payload(), TEXT);
    assert_eq!(callback.get("text/content"), Some("hello"));
    assert_eq!(callback.open_media([0; 32]), Err(MediaError::NoKey));
    let answer = protocol::seal(&callback, &Reply::text("hello").unwrap(), NOW).unwrap();
    assert_eq!(answer, SealedReply::acknowledgement(&callback));
}

#[test]
fn bytes_that_cannot_be_read_are_live_too() {
    for payload in [&b""[..], b"\xff\xfe", b"{", b"[]"] {
        let callback = protocol::live(payload.to_vec().into(), "stock bot");
        assert_eq!(callback.payload(), payload);
    }
}

#[tokio::test]
async fn the_layer_passes_a_live_request_on_with_its_reply_unsealed() {
    let events = EventRouter::new().on(async |_: BotEvent| Reply::text("welcome"));
    let service = WeComLayer::new(config()).layer(events);
    let request: Request<RequestBody<String>> = request_for(&live(TEXT), "/bot".parse().unwrap());
    assert!(request.extensions().get::<Arrival>().is_some());
    let response = service.oneshot(request).await.unwrap();
    let reply = response.extensions().get::<Reply>().unwrap();
    let expected = r#"{"msgtype":"text","text":{"content":"welcome"}}"#;
    assert_eq!(reply.to_json().as_deref(), Some(expected));
}

#[tokio::test(start_paused = true)]
async fn a_live_callback_is_answered_early_like_a_delivery() {
    let inner = service_fn(|_: Request<RequestBody<String>>| async {
        tokio::time::sleep(Duration::from_secs(60)).await;
        Ok::<_, Infallible>(Response::new(String::new()))
    });
    let service = DeadlineLayer::new().layer(inner);
    let begun = tokio::time::Instant::now();
    let request = request_for(&live(FEEDBACK), "/".parse().unwrap());
    let response = service.oneshot(request).await.unwrap();
    assert!(response.extensions().get::<Deferred>().is_some());
    assert_eq!(begun.elapsed().as_secs(), 4);
}
