//! Frames with faults.

use tower_wecom_aibot::test_util::{StandIn, StandInEvent};

use crate::support::{answer, echo, next, quick, serve, soon, text};
use tower_wecom::{Callback, EventRouter};

#[tokio::test]
async fn what_cannot_be_read_is_dropped_and_the_connection_goes_on() {
    let mut stand_in = StandIn::start().await.unwrap();
    serve(quick(&stand_in), echo());
    let texts = [
        "",
        "{",
        "[]",
        "null",
        "\"\"",
        "7",
        "{}",
        r#"{"cmd":7,"headers":[],"body":null}"#,
        r#"{"cmd":"aibot_msg_callback"}"#,
        r#"{"headers":{"req_id":"nobody waits"},"errcode":0,"errmsg":"ok"}"#,
        r#"{"headers":{"req_id":"nobody waits"},"errcode":-9223372036854775808}"#,
        r#"{"headers":{"req_id":"x"},"errcode":99999999999999999999}"#,
        "\u{feff}{}",
    ];
    for text in texts {
        stand_in.send_text(text).await;
    }
    stand_in
        .send_text(format!(
            r#"{{"cmd":"c","headers":{{"req_id":"r"}},"body":{}"#,
            "[".repeat(90_000)
        ))
        .await;
    stand_in.send(&text("m", "u", "a")).await;
    assert_eq!(
        next(&mut stand_in).await.body["stream"]["content"],
        "bot/text"
    );
    assert_eq!(stand_in.subscriptions(), 1);
}

#[tokio::test]
async fn bodies_of_any_shape_reach_the_handlers_and_break_nothing() {
    let mut stand_in = StandIn::start().await.unwrap();
    let events =
        EventRouter::new().fallback(async |callback: Callback| answer(callback.kind().as_str()));
    serve(quick(&stand_in), events);
    let bodies = [
        "null",
        "[]",
        "7",
        "\"x\"",
        "{}",
        r#"{"msgtype":7}"#,
        r#"{"msgtype":"text"}"#,
        r#"{"msgtype":"text","text":{"content":[]},"from":{"userid":["u"]}}"#,
        r#"{"msgtype":"event","event":[]}"#,
    ];
    for body in bodies {
        let frame =
            format!(r#"{{"cmd":"aibot_msg_callback","headers":{{"req_id":"r"}},"body":{body}}}"#);
        stand_in.send_text(frame).await;
    }
    stand_in.send(&text("m", "u", "the end")).await;
    soon(async { while next(&mut stand_in).await.errcode != 0 {} }).await;
    assert_eq!(stand_in.subscriptions(), 1);
}

#[tokio::test]
async fn control_characters_in_a_message_are_kept() {
    let mut stand_in = StandIn::start().await.unwrap();
    let events = EventRouter::new().fallback(async |callback: Callback| {
        answer(callback.get("text/content").unwrap_or_default())
    });
    serve(quick(&stand_in), events);
    let dirty = text("m", "u", "a-b").replace("a-b", "a\nb\u{1}c");
    stand_in.send(&dirty).await;
    assert_eq!(
        next(&mut stand_in).await.body["stream"]["content"],
        "a\nb\u{1}c"
    );
}

#[tokio::test]
async fn a_frame_over_the_limit_ends_the_connection_and_the_bot_returns() {
    let mut stand_in = StandIn::start().await.unwrap();
    serve(quick(&stand_in).max_frame_size(4_096), echo());
    stand_in.send(&text("m", "u", &"x".repeat(5_000))).await;
    soon(async { while stand_in.next_event().await != StandInEvent::Closed {} }).await;
    stand_in.send(&text("m", "u", "a")).await;
    assert_eq!(
        next(&mut stand_in).await.body["stream"]["content"],
        "bot/text"
    );
    assert_eq!(stand_in.subscriptions(), 2);
}

#[tokio::test]
async fn a_server_that_is_no_websocket_is_tried_again() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}", listener.local_addr().unwrap());
    let stand_in = StandIn::start().await.unwrap();
    let served = serve(quick(&stand_in).url(url), echo());
    for answer in ["HTTP/1.1 403 Forbidden\r\n\r\n", "nonsense\r\n\r\n", ""] {
        let (mut stream, _) = soon(listener.accept()).await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut stream, answer.as_bytes())
            .await
            .unwrap();
    }
    soon(listener.accept()).await.unwrap();
    assert!(!served.is_finished());
}
