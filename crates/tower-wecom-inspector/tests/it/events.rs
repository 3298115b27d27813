//! Tests the stream of events.

use std::time::Duration;

use http::{Request, StatusCode};
use tower_wecom::test_util::Platform;

use crate::support::*;

#[tokio::test]
async fn a_callback_comes_with_payload_typed_value_and_opened_reply() {
    let app = inspected(inspector());
    let mut stream = Stream::open(&app).await;
    let request = platform().deliver_xml(HELLO).unwrap();
    let wire = request.body().len();
    let answered = ask(&app, request).await;
    let reply = platform().open_reply(answered.text.as_bytes()).unwrap();
    assert!(reply.text.contains("Welcome, Lin"));

    let (_, entry) = stream.entry().await;
    assert_eq!(entry["id"], 1);
    assert_eq!(entry["kind"], "message/text");
    assert_eq!(entry["outcome"], "replied");
    assert_eq!(entry["status"], 200);
    assert_eq!(entry["receive_id"], CORP);
    assert_eq!(entry["user"], "lin");
    assert_eq!(entry["agent_id"], 1);
    assert_eq!(entry["size"], HELLO.len());
    assert_eq!(entry["wire_size"], wire);
    assert_eq!(entry["from"], "peer");
    assert_eq!(entry["known"], true);
    assert!(entry["microseconds"].as_u64().unwrap() > 0);
    let payload = entry["payload"].as_str().unwrap();
    assert!(
        payload.contains("\n  <Content>hello</Content>\n"),
        "{payload}"
    );
    let event = entry["event"].as_str().unwrap();
    assert!(event.contains("\n  \"content\": \"hello\""), "{event}");
    assert!(entry["reply"].as_str().unwrap().contains("Welcome, Lin"));
}

#[tokio::test]
async fn a_rejected_request_comes_with_its_reason_and_details() {
    let app = inspected(inspector());
    assert_eq!(ask(&app, forged()).await.status, StatusCode::FORBIDDEN);
    let other = platform().receive_id("ww-other").deliver_xml(HIRE).unwrap();
    assert_eq!(ask(&app, other).await.status, StatusCode::FORBIDDEN);
    let bare = Request::post("/wecom?nonce=1").body(String::new()).unwrap();
    assert_eq!(ask(&app, bare).await.status, StatusCode::BAD_REQUEST);

    let entries = kept(&app, 3).await;
    assert_eq!(entries[0]["outcome"], "rejected");
    assert_eq!(entries[0]["status"], 403);
    assert_eq!(entries[0]["rejection"]["kind"], "signature");
    let details = entries[0]["rejection"]["details"].to_string();
    assert!(
        details.contains("1 pair of Token and key was tried"),
        "{details}"
    );
    assert!(entries[0]["payload"].is_null() && entries[0]["event"].is_null());
    assert_eq!(entries[1]["rejection"]["kind"], "receive_id");
    let details = entries[1]["rejection"]["details"].to_string();
    assert!(details.contains("the receive id is ww-other"), "{details}");
    assert_eq!(entries[2]["rejection"]["kind"], "parameter");
}

#[tokio::test]
async fn failures_panics_and_disconnects_are_shown_with_their_payload() {
    let app = inspected(inspector());
    let failing = HIRE.replace("create_user", "delete_party");
    let failing = platform().deliver_xml(failing).unwrap();
    assert_eq!(ask(&app, failing).await.status, 500);

    let panicking = platform().deliver_xml(HIRE.replace("create_user", "delete_user"));
    let (request, server) = (panicking.unwrap(), app.clone());
    let task = tokio::spawn(async move { ask(&server, request).await });
    assert!(task.await.unwrap_err().is_panic());
    let entries = kept(&app, 2).await;
    assert_eq!(entries[0]["outcome"], "failed");
    assert_eq!(entries[1]["outcome"], "panicked");
    assert_eq!(entries[1]["kind"], "change_contact/delete_user");
    assert!(entries[1]["status"].is_null());

    let slow = axum::Router::new().route(
        "/wecom",
        axum::routing::any(std::future::pending::<()>)
            .layer(tower_wecom::WeComLayer::new(config())),
    );
    let layer = layer(inspector());
    let slow = layer.layer(slow);
    let waiting = ask(&slow, platform().deliver_xml(HIRE).unwrap());
    assert!(
        tokio::time::timeout(Duration::from_millis(50), waiting)
            .await
            .is_err()
    );

    let entry = &kept(&slow, 1).await[0];
    assert_eq!(entry["outcome"], "aborted");
    assert!(entry["payload"].as_str().unwrap().contains("Lin Mei"));
}

#[tokio::test]
async fn json_is_json_after_a_byte_order_mark_too() {
    let app = inspected(inspector());
    let payload = "\u{feff} {\"msgtype\":\"text\",\"msgid\":\"x\"}";
    ask(&app, platform().deliver_json(payload).unwrap()).await;
    assert_eq!(kept(&app, 1).await[0]["is_json"], true);
}

#[tokio::test]
async fn a_duplicate_is_marked() {
    let app = inspected(inspector());
    for payload in [HIRE, HELLO, HIRE] {
        ask(&app, platform().deliver_xml(payload).unwrap()).await;
    }
    let entries = kept(&app, 3).await;
    let marks: Vec<_> = entries.iter().map(|entry| &entry["copy_of"]).collect();
    assert_eq!(*marks[0], serde_json::Value::Null);
    assert_eq!(*marks[1], serde_json::Value::Null);
    assert_eq!(*marks[2], 1);
}

#[tokio::test]
async fn a_browser_that_reconnects_continues_after_its_last_entry() {
    let app = inspected(inspector());
    let mut stream = Stream::open(&app).await;
    for _ in 0..3 {
        ask(&app, platform().deliver_xml(HIRE).unwrap()).await;
    }
    let (first, _) = stream.entry().await;
    drop(stream);
    let mut stream = Stream::after(&app, Some(&first)).await;
    assert_eq!(stream.entry().await.1["id"], 2);
    assert_eq!(stream.entry().await.1["id"], 3);
    // An id of an earlier server is ignored, and so is an invalid one.
    for last in ["0123456789abcdef-3", "x", "-", "18446744073709551616"] {
        let mut stream = Stream::after(&app, Some(last)).await;
        assert_eq!(stream.entry().await.1["id"], 1, "{last}");
    }
}

#[tokio::test]
async fn a_slow_browser_misses_entries_and_the_app_does_not_wait_for_it() {
    let app = inspected(inspector().keep(5));
    let mut stream = Stream::open(&app).await;
    assert!(stream.message().await.unwrap().contains("event: hello"));
    for _ in 0..100 {
        ask(&app, platform().deliver_xml(HIRE).unwrap()).await;
    }
    let lost = stream.message().await.unwrap();
    assert_eq!(lost, "event: lost\ndata: 95");
    for id in 96..=100 {
        assert_eq!(stream.entry().await.1["id"], id);
    }
}

#[tokio::test]
async fn memory_is_bounded_in_entries_and_in_bytes() {
    let app = inspected(inspector().keep(3));
    for _ in 0..10 {
        ask(&app, platform().deliver_xml(HIRE).unwrap()).await;
    }
    assert_eq!(kept(&app, 3).await[0]["id"], 8);

    let big = HIRE.replace("Lin Mei", &"Lin".repeat(20_000));
    let app = inspected(inspector().keep_bytes(1024 * 1024));
    for _ in 0..10 {
        let request = platform().deliver_xml(&big).unwrap();
        assert_eq!(ask(&app, request).await.status, 200);
    }
    let first = kept(&app, 1).await[0]["id"].as_u64().unwrap();
    assert!((6..=9).contains(&first), "{first}");
    // A request that is larger than the limit is not kept, and the app is not affected.
    let app = inspected(inspector().keep_bytes(1024));
    let request = platform().deliver_xml(&big).unwrap();
    assert_eq!(ask(&app, request).await.status, 200);
    let small = inspected(inspector().keep(0));
    let request = platform().deliver_xml(HIRE).unwrap();
    assert_eq!(ask(&small, request).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_silent_stream_is_kept_alive() {
    let app = inspected(inspector());
    let mut stream = Stream::open(&app).await;
    stream.message().await;
    let before = tokio::time::Instant::now();
    assert_eq!(stream.message().await.unwrap(), ":");
    assert_eq!(before.elapsed().as_secs(), 15);
    assert_eq!(stream.message().await.unwrap(), ":");
}

#[tokio::test]
async fn at_most_32_pages_may_be_open_and_a_closed_one_makes_room() {
    let app = inspected(inspector());
    let mut streams = Vec::new();
    for _ in 0..32 {
        streams.push(Stream::open(&app).await);
    }
    assert_eq!(ask(&app, get("/?events")).await.status, 503);
    streams.pop();
    Stream::open(&app).await;
}

#[tokio::test]
async fn streams_end_when_the_server_stops() {
    let layer = layer(inspector());
    let app = layer.layer(app());
    let mut stream = Stream::open(&app).await;
    stream.message().await;
    layer.close();
    assert_eq!(stream.message().await, None);
    ask(&app, platform().deliver_xml(HIRE).unwrap()).await;
    let mut late = Stream::open(&app).await;
    late.message().await;
    assert_eq!(late.message().await, None);
}

#[tokio::test]
async fn tenants_and_url_checks_are_shown() {
    let named = config().name("head office");
    let routes = axum::Router::new().route(
        "/wecom",
        axum::routing::any(|| async {}).layer(tower_wecom::WeComLayer::new(named.clone())),
    );
    let app = layer(
        tower_wecom_inspector::Inspector::new()
            .at("/")
            .trigger(&named, "/wecom"),
    )
    .layer(routes);
    let check = Platform::new(&named).url_check("42").unwrap();
    assert_eq!(ask(&app, check).await.text, "42");
    ask(&app, Platform::new(&named).deliver_xml(HIRE).unwrap()).await;
    let entries = kept(&app, 2).await;
    assert_eq!(entries[0]["kind"], "url_check");
    assert_eq!(entries[0]["outcome"], "echoed");
    assert_eq!(entries[0]["reply"], "42");
    assert_eq!(entries[1]["tenant"], "head office");
    let mut stream = Stream::open(&app).await;
    let hello = stream.message().await.unwrap();
    assert!(hello.contains("head office · /wecom"), "{hello}");
}
