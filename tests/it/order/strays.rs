//! A `WeComLayer` around routes that are not for it.

use axum::Router;
use axum::body::Body;
use axum::routing::{any, get, post};
use http::{Request, StatusCode};
use tower::{ServiceExt, service_fn};
use tower_wecom::middleware::Probe;
use tower_wecom::{ContactEvent, Reply, WeComLayer};

use super::{other, warnings};
use crate::support::{Trace, answer, config, delivery, ok, platform};

const ALL_PATHS: &str =
    "`WeComLayer` answers requests to all paths, also those that are not for it";

async fn greet(_: ContactEvent) -> Reply {
    Reply::ack()
}

fn routes() -> Router {
    Router::new()
        .route("/wecom", any(greet))
        .route("/health", get(async || "fine"))
        .route("/api/users", post(async |body: String| body))
}

async fn send(app: &Router, request: Request<String>) -> StatusCode {
    let response = app.clone().oneshot(request.map(Body::from)).await.unwrap();
    response.status()
}

fn posted(path: &str) -> Request<String> {
    Request::post(path).body("{}".to_owned()).unwrap()
}

#[tokio::test]
async fn a_layer_around_all_routes_warns_once() {
    let trace = Trace::start();
    let app = routes().layer(WeComLayer::new(config()));
    assert_eq!(send(&app, other("/health")).await, StatusCode::OK);
    assert_eq!(send(&app, delivery()).await, StatusCode::OK);
    assert_eq!(warnings(&trace, ""), 0, "{}", trace.text());

    let refused = send(&app, posted("/api/users")).await;
    assert_eq!(refused, StatusCode::BAD_REQUEST);
    let paths = r#"paths=["/health", "/api"]"#;
    assert_eq!(warnings(&trace, ALL_PATHS), 1, "{}", trace.text());
    assert_eq!(warnings(&trace, paths), 1, "{}", trace.text());

    for path in ["/health", "/api/users", "/wecom", "/favicon.ico"] {
        send(&app, other(path)).await;
    }
    assert_eq!(warnings(&trace, ""), 1, "{}", trace.text());
}

#[tokio::test]
async fn other_methods_and_a_whole_server_are_noticed_too() {
    let trace = Trace::start();
    let service = WeComLayer::new(config()).layer(service_fn(ok::<String>));
    for (method, path) in [("DELETE", "/api/users/7"), ("OPTIONS", "/")] {
        let request = Request::builder().method(method).uri(path);
        let request = request.body(String::new()).unwrap();
        answer(service.clone(), request).await;
    }
    assert_eq!(warnings(&trace, ALL_PATHS), 1, "{}", trace.text());
}

#[tokio::test]
async fn a_layer_with_a_path_is_no_false_alarm() {
    for layer in [
        WeComLayer::new(config()).at("/wecom"),
        WeComLayer::new(config()).under("/wecom"),
        WeComLayer::new(config()).under("/"),
    ] {
        let trace = Trace::start();
        let app = routes().layer(layer);
        for path in ["/health", "/wecom", "/", "/favicon.ico"] {
            send(&app, other(path)).await;
        }
        send(&app, posted("/api/users")).await;
        assert_eq!(warnings(&trace, ""), 0, "{}", trace.text());
    }
}

#[tokio::test]
async fn several_layers_on_one_router_are_no_false_alarm() {
    let trace = Trace::start();
    let app = Router::new()
        .route("/own", any(greet).layer(WeComLayer::new(config())))
        .route("/suite", any(greet).layer(WeComLayer::new(config())))
        .route("/health", get(async || "fine"));
    for path in ["/own", "/suite", "/health", "/own", "/suite"] {
        assert_eq!(send(&app, other(path)).await, StatusCode::OK);
    }
    for path in ["/own", "/suite"] {
        assert_eq!(send(&app, posted(path)).await, StatusCode::BAD_REQUEST);
        let genuine = platform().path(path).deliver_xml("<xml/>").unwrap();
        assert_eq!(send(&app, genuine).await, StatusCode::OK);
    }
    assert_eq!(warnings(&trace, ""), 0, "{}", trace.text());
}

#[tokio::test]
async fn layers_that_differ_in_a_setting_count_by_themselves() {
    let trace = Trace::start();
    let layer = WeComLayer::new(config());
    let app = Router::new()
        .route("/own", any(greet).layer(layer.clone().max_body_size(1024)))
        .route("/suite", any(greet).layer(layer));
    for path in ["/own", "/suite"] {
        assert_eq!(send(&app, other(path)).await, StatusCode::OK);
    }
    assert_eq!(warnings(&trace, ""), 0, "{}", trace.text());
}

#[tokio::test]
async fn one_route_with_many_paths_is_no_false_alarm() {
    let trace = Trace::start();
    let service = any(greet).layer(WeComLayer::new(config()));
    let app = Router::new().route("/wecom/{corp}/{agent}", service);
    for path in ["/wecom/ww1/7", "/wecom/ww2/8", "/wecom/ww3/9"] {
        assert_eq!(send(&app, other(path)).await, StatusCode::OK);
    }
    assert_eq!(warnings(&trace, ""), 0, "{}", trace.text());
}

/// A middleware outside puts a probe into every request.
#[tokio::test]
async fn a_probe_is_no_false_alarm() {
    let trace = Trace::start();
    let app = routes().layer(WeComLayer::new(config()).at("/wecom"));
    let check = platform().url_check("1").unwrap();
    for mut request in [other("/health"), posted("/api/users"), delivery(), check] {
        let probe = Probe::new();
        request.extensions_mut().insert(probe.clone());
        let is_for_the_layer = request.uri().path() == "/wecom";
        assert_eq!(send(&app, request).await, StatusCode::OK);
        assert_eq!(probe.is_untouched(), !is_for_the_layer);
    }
    assert_eq!(warnings(&trace, ""), 0, "{}", trace.text());
}
