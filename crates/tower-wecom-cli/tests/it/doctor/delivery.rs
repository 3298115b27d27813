use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{RawQuery, Request};
use axum::response::IntoResponse;
use axum::routing::{any, get};
use http::{Method, StatusCode};
use tower_wecom::Reply;

use super::support::{behind, doctor, message};
use crate::support::{App, Seen, config, echo, layered};

#[test]
fn an_application_that_rejects_every_delivery_is_not_tested_with_a_forged_one() {
    let app = behind(|request| {
        (request.method() == Method::POST).then(|| StatusCode::NOT_FOUND.into_response())
    });
    let ran = doctor(&app);
    assert_eq!(ran.failures(), ["not_found"]);
    assert!(
        ran.out.contains("route POST to the application too"),
        "{ran:?}"
    );
    assert!(!ran.out.contains("forged delivery"), "{ran:?}");
}

#[test]
fn a_large_delivery_that_breaks_the_connection() {
    let handler = async |RawQuery(query): RawQuery, method: Method, body: Bytes| {
        assert!(body.len() < 50_000);
        match method {
            Method::GET => echo(&query.unwrap_or_default()).unwrap_or_default(),
            _ => String::new(),
        }
    };
    let ran = doctor(&App::start(Router::new().route("/wecom", any(handler))));
    assert_eq!(
        (ran.code, ran.failures()),
        (1, vec!["too_large".to_owned()])
    );
}

#[test]
fn a_post_that_is_not_routed() {
    let check = |RawQuery(query): RawQuery| async move {
        echo(&query.unwrap_or_default()).unwrap_or_default()
    };
    let ran = doctor(&App::start(Router::new().route("/wecom", get(check))));
    assert_eq!(ran.code, 1);
    assert!(ran.failures().contains(&"method_not_routed".to_owned()));
    assert!(message(&ran, "method_not_routed").starts_with("405 Method Not Allowed: "));
}

#[test]
fn a_delivery_of_an_unknown_kind_that_fails() {
    let failed = Arc::new(AtomicBool::new(false));
    let mark = Arc::clone(&failed);
    let handler = move |method: Method, RawQuery(query): RawQuery, _: Bytes| async move {
        if method == Method::POST {
            mark.store(true, Ordering::Relaxed);
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
        echo(&query.unwrap_or_default())
            .unwrap_or_default()
            .into_response()
    };
    let ran = doctor(&App::start(Router::new().route("/wecom", any(handler))));
    assert!(failed.load(Ordering::Relaxed));
    assert_eq!(
        (ran.code, ran.failures()),
        (1, vec!["server_error".to_owned()])
    );
}

#[test]
fn a_reply_that_is_not_sealed() {
    let handler = move |request: Request| async move {
        let query = request.uri().query().unwrap_or_default().to_owned();
        if request.method() == Method::POST {
            return "{\"errcode\": 0}".to_owned();
        }
        echo(&query).unwrap_or_default()
    };
    let ran = doctor(&App::start(Router::new().route("/wecom", any(handler))));
    assert_eq!(
        (ran.code, ran.failures()),
        (1, vec!["plain_reply".to_owned()])
    );
}

#[test]
fn a_sealed_reply_is_fine() {
    let app = App::start(layered(
        config(),
        Seen::default(),
        Some(Reply::text("hello").unwrap()),
    ));
    let ran = doctor(&app);
    // The unknown event has no sender to reply to, so the layer may acknowledge it instead.
    assert_eq!((ran.code, ran.failures()), (0, vec![]), "{ran:?}");
}

#[test]
fn a_body_limit_below_what_wecom_sends() {
    let layer = tower_wecom::WeComLayer::new(config()).max_body_size(16 * 1024);
    let handler = any(async |_: tower_wecom::Callback| Reply::ack()).layer(layer);
    let ran = doctor(&App::start(Router::new().route("/wecom", handler)));
    assert_eq!(
        (ran.code, ran.failures()),
        (1, vec!["too_large".to_owned()])
    );
}
