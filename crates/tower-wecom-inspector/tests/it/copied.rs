//! What the page's two copy buttons give.

use std::process::Command;

use axum::Router;
use tower_wecom::Config;

use crate::support::*;

/// For the copied test.
fn app(config: Config) -> Router {
    let handler = axum::routing::any(|| async { tower_wecom::Reply::text("Welcome").unwrap() });
    let layer = tower_wecom::WeComLayer::new(config);
    Router::new().route("/wecom", handler.layer(layer))
}

// Made by `a_copied_test_compiles_and_runs`, which compares it.
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
    let refused = ask(&inspected, forged()).await;
    assert_eq!(refused.status, 403);
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
        let answer = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(answer.contains(status), "{id}: {answer}");
    }
    let entries = kept(&app, 6).await;
    assert_eq!(entries[3]["copy_of"], 1);
    assert_eq!(entries[4]["outcome"], "echoed");
    assert_eq!(entries[5]["refusal"]["kind"], entries[2]["refusal"]["kind"]);
}
