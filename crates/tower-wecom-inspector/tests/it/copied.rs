//! Tests the two copy buttons of the page.

use std::process::Command;

use axum::Router;
use tower_wecom::Config;

use crate::support::*;

/// The app that the copied test calls.
fn app(config: Config) -> Router {
    let handler = axum::routing::any(|| async { tower_wecom::Reply::text("Welcome").unwrap() });
    let layer = tower_wecom::WeComLayer::new(config);
    Router::new().route("/wecom", handler.layer(layer))
}

// Written by `a_copied_test_compiles_and_runs`, which compares it.
include!("../copied/takes_message_text.rs");

#[tokio::test]
async fn a_copied_test_compiles_and_runs() {
    let inspected = inspected(inspector());
    let payload = HELLO.replace("hello", "a \"# quote");
    ask(&inspected, platform().deliver_xml(payload).unwrap()).await;
    let copied = ask(&inspected, get("/?test=1")).await.text;
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/copied/takes_message_text.rs"
    );
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &copied).unwrap();
    }
    assert_eq!(copied, std::fs::read_to_string(path).unwrap());
    let rejected = ask(&inspected, forged()).await;
    assert_eq!(rejected.status, 403);
    assert_eq!(ask(&inspected, get("/?test=2")).await.status, 404);
}

#[tokio::test]
async fn a_copied_command_sends_the_same_request() {
    let app = inspected(inspector());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = Router::new().fallback_service(app.clone());
    tokio::spawn(async move { axum::serve(listener, server).await });

    ask(&app, platform().deliver_xml(HELLO).unwrap()).await;
    ask(&app, platform().url_check("1616").unwrap()).await;
    ask(&app, forged()).await;
    for (id, status) in [(1, "200 OK"), (2, "200 OK"), (3, "403 Forbidden")] {
        let mut request = get(&format!("/?curl={id}"));
        let host = address.to_string().parse().unwrap();
        request.headers_mut().insert("host", host);
        let command = ask(&app, request).await.text;
        let run = move || Command::new("sh").args(["-c", &command]).output().unwrap();
        let output = tokio::task::spawn_blocking(run).await.unwrap();
        let response = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(response.contains(status), "{id}: {response}");
    }
    let entries = kept(&app, 6).await;
    assert_eq!(entries[3]["copy_of"], 1);
    assert_eq!(entries[4]["outcome"], "echoed");
    assert_eq!(
        entries[5]["rejection"]["kind"],
        entries[2]["rejection"]["kind"]
    );
}

/// Copies a rejected request with this body as a command, runs the command, and returns the URI and
/// the body that it sent.
async fn copy_and_run(path: &str, body: Vec<u8>) -> (String, Vec<u8>) {
    use http_body_util::BodyExt;

    let inspected = inspected(inspector());
    let request = http::Request::post(path).body(axum::body::Body::from(body));
    let response = tower::ServiceExt::oneshot(inspected.clone(), request.unwrap());
    assert_eq!(response.await.unwrap().status(), 400);

    let (seen, mut sent) = tokio::sync::mpsc::unbounded_channel();
    let catcher = Router::new().fallback(move |request: axum::extract::Request| async move {
        let uri = request.uri().to_string();
        let body = request.into_body().collect().await.unwrap().to_bytes();
        seen.send((uri, body.to_vec())).unwrap();
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, catcher).await });

    let mut request = get("/?curl=1");
    let host = address.to_string().parse().unwrap();
    request.headers_mut().insert("host", host);
    let command = ask(&inspected, request).await.text;
    let is_harmless = |c: char| !c.is_control() || c == '\n';
    assert!(command.chars().all(is_harmless), "{command:?}");
    let run = move || Command::new("sh").args(["-c", &command]).output().unwrap();
    let output = tokio::task::spawn_blocking(run).await.unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{stderr}");
    let only = sent.recv().await.unwrap();
    assert!(sent.try_recv().is_err(), "one request");
    only
}

#[tokio::test]
async fn a_copied_command_sends_exactly_the_bytes_of_a_hostile_request() {
    const SIGNED: &str =
        "msg_signature=0123456789abcdef0123456789abcdef01234567&timestamp=1&nonce=1";
    let bodies: [&[u8]; 6] = [
        b"@/etc/hostname",
        b"'; touch /tmp/hit; echo '$(id)`id`\\\n!!",
        b"a\x03\ntouch /tmp/hit\n\x1b[201~\r\n\t",
        b"\x00\xff\xfe%s%n\\ 'x'",
        "\u{9b}200~ 林梅".as_bytes(),
        b"",
    ];
    for body in bodies {
        let uri = format!("/wecom?{SIGNED}&x={{a,b}}&y=[1-3]&z='$(id)'");
        let sent = copy_and_run(&uri, body.to_vec()).await;
        assert_eq!(sent, (uri, body.to_vec()));
    }
}

#[tokio::test]
async fn a_copied_test_contains_a_long_payload_untruncated() {
    let app = inspected(inspector());
    let long = HELLO.replace("hello", &"hello ".repeat(20_000));
    ask(&app, platform().deliver_xml(&long).unwrap()).await;
    let entry = &kept(&app, 1).await[0];
    assert!(entry["payload"].as_str().unwrap().ends_with("\n…"));
    let copied = ask(&app, get("/?test=1")).await.text;
    assert!(copied.contains("hello </Content>") && copied.contains("</xml>\"#"));
}
