//! Tests the requests that the page sends.

use axum::Router;
use serde_json::json;
use tower::Layer;
use tower_wecom::test_util::Sample;
use tower_wecom::{Config, ReceiveId};
use tower_wecom_inspector::Inspector;

use crate::support::*;

#[tokio::test]
async fn a_sample_goes_through_the_app_encrypted_and_is_kept_like_any_callback() {
    let app = inspected(inspector());
    let samples = ask(&app, get("/?samples")).await.json();
    assert_eq!(samples.as_array().unwrap().len(), Sample::all().len());
    let order = json!({"sample": {"target": 0, "name": "change_contact_create_user"}});
    let result = ask(&app, post("/?send", order.to_string())).await.json();
    assert_eq!(
        result,
        json!({"id": 1, "status": 200, "outcome": "acknowledged"})
    );
    let entry = &kept(&app, 1).await[0];
    assert_eq!(entry["kind"], "change_contact/create_user");
    assert_eq!(entry["from"], "page");
    assert_eq!(entry["receive_id"], CORP);
    assert!(entry["wire_size"].as_u64().unwrap() > 500);
    assert!(
        entry["event"]
            .as_str()
            .unwrap()
            .contains("\"user_id\": \"lin.mei\"")
    );
}

#[tokio::test]
async fn a_payload_can_be_changed_before_it_is_sent() {
    let app = inspected(inspector());
    let uri = "/?sample=0.message_text";
    let sample = ask(&app, get(uri)).await.json();
    assert_eq!(sample["json"], false);
    let text = sample["text"].as_str().unwrap();
    assert!(text.contains(CORP), "{text}");
    let order =
        json!({"payload": {"target": 0, "text": HIRE.replace("lin", "new-here"), "json": false}});
    ask(&app, post("/?send", order.to_string())).await;
    let order = json!({"payload": {"target": 0, "text": "{\"msgtype\":\"text\",\"msgid\":\"x\"}", "json": true}});
    ask(&app, post("/?send", order.to_string())).await;
    let order = json!({"payload": {"target": 0, "text": "no payload at all", "json": false}});
    ask(&app, post("/?send", order.to_string())).await;
    let entries = kept(&app, 3).await;
    assert!(entries[0]["event"].as_str().unwrap().contains("new-here"));
    assert_eq!(entries[1]["is_json"], true);
    assert_eq!(entries[2]["known"], false);
}

#[tokio::test]
async fn again_sends_the_same_bytes_freshly_signed() {
    let app = inspected(inspector());
    let payload = HIRE
        .replace("Lin Mei", "Lin  Mei \u{fffd}")
        .replace("><", ">\n<");
    ask(
        &app,
        platform().agent_id("7").deliver_xml(&payload).unwrap(),
    )
    .await;
    let result = ask(&app, post("/?send", r#"{"again":{"id":1}}"#))
        .await
        .json();
    assert_eq!(result["id"], 2);
    let entries = kept(&app, 2).await;
    assert_eq!(entries[1]["copy_of"], 1);
    assert_eq!(entries[1]["size"], payload.len());
    let urls: Vec<_> = [1, 2]
        .map(|id| format!("/?curl={id}"))
        .iter()
        .map(|uri| ask(&app, get(uri)))
        .collect();
    let mut seen = Vec::new();
    for url in urls {
        seen.push(url.await.text);
    }
    assert_ne!(seen[0], seen[1]);
}

#[tokio::test]
async fn a_callback_is_sent_again_to_its_own_configuration() {
    let other = "6qkdMrq68nTKduznJYO1A37W2oEgpkMUvkttRToqhUt"
        .parse()
        .unwrap();
    let other = Config::new("other".parse().unwrap(), other, ReceiveId::any_corp()).name("other");
    let route = |config: &Config| {
        axum::routing::any(|| async {}).layer(tower_wecom::WeComLayer::new(config.clone()))
    };
    let routes = Router::new()
        .route("/wecom", route(&config()))
        .route("/other", route(&other));
    let inspector = Inspector::new()
        .at("/")
        .trigger(&config(), "/wecom")
        .trigger(&other, "/other");
    let app = Layer::layer(&layer(inspector), routes);
    let platform = tower_wecom::test_util::Platform::new(&other)
        .path("/other")
        .receive_id("ww-9");
    ask(&app, platform.deliver_xml(HIRE).unwrap()).await;
    let result = ask(&app, post("/?send", r#"{"again":{"id":1}}"#))
        .await
        .json();
    assert_eq!(result["status"], 200, "{result}");
    let entries = kept(&app, 2).await;
    assert_eq!(entries[1]["tenant"], "other");
    assert_eq!(entries[1]["receive_id"], "ww-9");
    assert_eq!(entries[1]["path"], "/other");
    let result = ask(&app, post("/?send", r#"{"check":{"target":1}}"#))
        .await
        .json();
    assert_eq!(result["outcome"], "echoed");
}

#[tokio::test]
async fn configurations_without_names_are_distinguished_by_their_paths() {
    let key = "6qkdMrq68nTKduznJYO1A37W2oEgpkMUvkttRToqhUt"
        .parse()
        .unwrap();
    let other = Config::new("other".parse().unwrap(), key, ReceiveId::any_corp());
    let layer_of = |config: &Config| tower_wecom::WeComLayer::new(config.clone());
    let routes = Router::new()
        .route(
            "/wecom",
            axum::routing::any(|| async {}).layer(layer_of(&config())),
        )
        .route(
            "/other",
            axum::routing::any(|| async {}).layer(layer_of(&other)),
        );
    let app = layer(inspector().trigger(&other, "/other")).layer(routes);
    let platform = tower_wecom::test_util::Platform::new(&other).path("/other");
    ask(&app, platform.deliver_xml(HIRE).unwrap()).await;
    let again = post("/?send", r#"{"again":{"id":1}}"#);
    assert_eq!(ask(&app, again).await.json()["status"], 200);
}

#[tokio::test]
async fn an_error_response_is_shown_if_the_page_sent_the_request() {
    let app = inspected(inspector());
    let order = json!({"sample": {"target": 0, "name": "change_contact_delete_party"}});
    let result = ask(&app, post("/?send", order.to_string())).await.json();
    assert_eq!(
        (&result["status"], &result["outcome"]),
        (&json!(500), &json!("failed"))
    );
    assert_eq!(kept(&app, 1).await[0]["error_body"], "the database is down");
}

#[tokio::test]
async fn a_send_request_that_cannot_be_sent_gets_an_error() {
    let app = inspected(inspector());
    ask(&app, forged()).await;
    let rows = [
        (r#"{"again":{"id":9}}"#, 404, "no_entry"),
        // A rejected request has no payload.
        (r#"{"again":{"id":1}}"#, 404, "no_entry"),
        (r#"{"sample":{"target":0,"name":"nope"}}"#, 404, "no_sample"),
        (
            r#"{"sample":{"target":1,"name":"message_text"}}"#,
            404,
            "no_target",
        ),
        (
            r#"{"check":{"target":18446744073709551615}}"#,
            404,
            "no_target",
        ),
    ];
    for (order, status, error) in rows {
        let response = ask(&app, post("/?send", order)).await;
        assert_eq!(response.status, status, "{order}");
        assert_eq!(response.json()["error"], error, "{order}");
    }
    for order in [
        "",
        "{}",
        "[]",
        r#"{"again":{"id":-1}}"#,
        r#"{"again":{"id":1},"x":1}"#,
    ] {
        assert_eq!(
            ask(&app, post("/?send", order)).await.status,
            400,
            "{order}"
        );
    }
    let long = post("/?send", "x".repeat(1024 * 1024 + 1));
    assert_eq!(ask(&app, long).await.status, 413);
    let lost = inspected(Inspector::new().at("/").trigger(&config(), "/elsewhere"));
    let result = ask(&lost, post("/?send", r#"{"check":{"target":0}}"#))
        .await
        .json();
    assert_eq!(result, json!({"error": "not_seen", "status": 404}));
    let odd = inspected(Inspector::new().at("/").trigger(&config(), "no path"));
    let result = ask(&odd, post("/?send", r#"{"check":{"target":0}}"#)).await;
    assert_eq!(result.status, 500);
}

#[tokio::test]
async fn cleared_entries_are_gone_and_do_not_count_as_missed() {
    let app = inspected(inspector());
    ask(&app, platform().deliver_xml(HIRE).unwrap()).await;
    assert_eq!(ask(&app, post("/?clear", "")).await.status, 204);
    assert_eq!(ask(&app, get("/?curl=1")).await.status, 404);
    ask(&app, platform().deliver_xml(HIRE).unwrap()).await;
    assert_eq!(kept(&app, 1).await[0]["id"], 2);
    // The stream reports no missed entries.
    let mut stream = Stream::open(&app).await;
    assert!(stream.message().await.unwrap().contains("event: hello"));
    assert!(stream.message().await.unwrap().contains("event: callback"));
}
