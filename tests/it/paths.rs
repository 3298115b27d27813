//! `RouteByPath`: callbacks as requests for the path of their kind. Events as arguments of axum's
//! handlers.

use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Extension, Router};
use http::{Request, StatusCode};
use serde::Deserialize;
use tower::ServiceExt;
use tower_wecom::event::{CreateUser, DeleteUser, Text};
use tower_wecom::router::CallbackUri;
use tower_wecom::{
    Callback, ContactEvent, Event, On, Rejection, RejectionKind, Reply, RouteByPath, WeComLayer,
};

use crate::catalogue::entries;
use crate::support::{CREATE_USER, config, platform};

type Log = Arc<Mutex<Vec<String>>>;

/// The words of the handlers, and the response.
async fn send(app: Router, path: &str, payload: &str) -> (StatusCode, Vec<u8>) {
    let request = platform().path(path).deliver_xml(payload).unwrap();
    let response = app.oneshot(request.map(Body::from)).await.unwrap();
    let status = response.status();
    let body = axum::body::to_bytes(response.into_body(), usize::MAX)
        .await
        .unwrap();
    (status, body.to_vec())
}

fn said(log: &Log) -> Vec<String> {
    std::mem::take(&mut log.lock().unwrap())
}

/// A router of events with state, as a user would write it, below a path with two parameters.
fn app(log: &Log) -> Router {
    #[derive(Deserialize)]
    struct At {
        corp: String,
        agent: u32,
        change_type: String,
    }

    async fn created(State(log): State<Log>, user: On<CreateUser>) {
        let words = format!("{} in {}", user.user_id, user.callback().receive_id());
        log.lock().unwrap().push(words);
    }

    async fn changed(State(log): State<Log>, Path(at): Path<At>, event: ContactEvent) -> Reply {
        let words = format!(
            "{} {} {} {}",
            at.change_type,
            at.corp,
            at.agent,
            event.kind()
        );
        log.lock().unwrap().push(words);
        Reply::ack()
    }

    async fn text(
        Extension(CallbackUri(uri)): Extension<CallbackUri>,
        text: On<Text>,
    ) -> impl IntoResponse {
        Reply::text(format!("{} {}", uri.path(), text.from_user_name))
    }

    let events = Router::new()
        .route("/change_contact/create_user", post(created))
        .route("/change_contact/{change_type}", post(changed))
        .route("/message/text", post(text))
        .route(
            "/message/voice",
            get(async || "never: callbacks are posted"),
        )
        .with_state(Arc::clone(log));
    let service = WeComLayer::new(config()).layer(RouteByPath::new(events));
    Router::new().route_service("/wecom/{corp}/{agent}", service)
}

const DELETE_USER: &str = "<xml><Event>change_contact</Event><ChangeType>delete_user</ChangeType><UserID>lin</UserID></xml>";
const TEXT: &str = "<xml><ToUserName>ww1</ToUserName><FromUserName>lin</FromUserName><MsgType>text</MsgType></xml>";

#[tokio::test]
async fn routes_wildcards_state_and_the_parameters_of_both_routers_work() {
    let log = Log::default();
    assert_eq!(
        send(app(&log), "/wecom/ww9/7", CREATE_USER).await.0,
        StatusCode::OK
    );
    assert_eq!(said(&log), ["lin.mei in wx5823bf96d3bd56c7"]);
    assert_eq!(
        send(app(&log), "/wecom/ww9/7", DELETE_USER).await.0,
        StatusCode::OK
    );
    assert_eq!(said(&log), ["delete_user ww9 7 change_contact/delete_user"]);
}

#[tokio::test]
async fn the_original_uri_is_in_an_extension_and_a_reply_is_sealed() {
    let (status, body) = send(app(&Log::default()), "/wecom/ww9/7", TEXT).await;
    assert_eq!(status, StatusCode::OK);
    let reply = platform().open_reply(&body).unwrap();
    assert!(
        reply.text.contains("<![CDATA[/wecom/ww9/7 lin]]>"),
        "{}",
        reply.text
    );
}

#[tokio::test]
async fn what_the_router_has_no_route_for_is_acknowledged() {
    let log = Log::default();
    let voice = TEXT.replace("text<", "voice<");
    let notice = "<xml><InfoType>new</InfoType></xml>";
    let strange = "<xml><Event>a b/../?c#d%\u{6797}</Event></xml>";
    for (payload, body) in [
        (&voice[..], ""),
        (notice, "success"),
        (strange, ""),
        ("junk", ""),
    ] {
        let answer = send(app(&log), "/wecom/ww9/7", payload).await;
        assert_eq!(
            answer,
            (StatusCode::OK, body.as_bytes().to_vec()),
            "{payload}"
        );
    }
    assert_eq!(said(&log), [""; 0]);
}

#[tokio::test]
async fn every_kind_has_a_path_that_reaches_its_route() {
    for entry in entries() {
        let log = Log::default();
        let seen = Arc::clone(&log);
        let route = format!("/{}", entry.kind());
        let events = Router::new().route(
            &route,
            post(move |event: Event| async move {
                seen.lock().unwrap().push(event.kind().to_string());
            }),
        );
        let service = WeComLayer::new(config()).layer(RouteByPath::new(events));
        let app = Router::new().route_service("/", service);
        send(app, "/", &entry.sample_text()).await;
        assert_eq!(said(&log), [entry.kind()], "{}", entry.key);
    }
}

#[tokio::test]
async fn an_unknown_kind_reaches_a_wildcard_whatever_it_is_called() {
    for event in [
        "brand_new",
        "a b",
        "\u{6797}\u{6885}",
        "a?b#c",
        "100%",
        "..",
        "<>",
        "a/b",
    ] {
        let log = Log::default();
        let seen = Arc::clone(&log);
        let events = Router::new().route(
            "/{event}",
            post(move |callback: Callback| async move {
                seen.lock()
                    .unwrap()
                    .push(callback.get("Event").unwrap().to_owned());
            }),
        );
        let service = WeComLayer::new(config()).layer(RouteByPath::new(events));
        let xml = format!("<xml><Event><![CDATA[{event}]]></Event></xml>");
        send(Router::new().route_service("/", service), "/", &xml).await;
        assert_eq!(said(&log), [event]);
    }
}

#[tokio::test]
async fn under_the_prefix_nobody_but_a_callback_gets_in() {
    let log = Log::default();
    let seen = Arc::clone(&log);
    let handler = move || async move { seen.lock().unwrap().push("in".to_owned()) };
    let routes = || {
        Router::new()
            .route("/events/change_contact/create_user", post(handler.clone()))
            .route("/events", post(handler.clone()))
            .route("/eventful", post(async || "another route"))
            .route("/health", get(async || "well"))
    };
    for prefix in ["/events", "events", "events/", "/events/"] {
        let app = |path: &str| {
            let service = RouteByPath::new(routes()).prefix(prefix);
            Router::new().fallback_service(WeComLayer::new(config()).at(path).layer(service))
        };
        for path in [
            "/events/change_contact/create_user",
            "/events",
            "/events/",
            "/events/x",
            "//events/x",
            "/./events/x",
            "/a/../events/x",
            "/%65vents/x",
            "/events%2Fx",
        ] {
            let request = Request::post(path).body(Body::empty()).unwrap();
            let response = app("/wecom").oneshot(request).await.unwrap();
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{prefix} {path}");
        }
        for (method, path) in [("GET", "/health"), ("POST", "/eventful")] {
            let request = Request::builder()
                .method(method)
                .uri(path)
                .body(Body::empty())
                .unwrap();
            let response = app("/wecom").oneshot(request).await.unwrap();
            assert_eq!(response.status(), StatusCode::OK, "{prefix} {path}");
        }
        assert_eq!(said(&log), [""; 0], "{prefix}");
        send(app("/wecom"), "/wecom", CREATE_USER).await;
        assert_eq!(said(&log), ["in"], "{prefix}");
    }
}

#[test]
fn a_prefix_that_no_path_can_have_is_a_panic() {
    for prefix in ["my events", "events?x", "events#x", "events%20", "\u{6797}"] {
        let build = || drop(RouteByPath::new(Router::<()>::new()).prefix(prefix));
        assert!(std::panic::catch_unwind(build).is_err(), "{prefix}");
    }
}

#[tokio::test]
async fn the_query_stays_and_a_reply_beside_404_is_no_missing_route() {
    async fn tell(uri: http::Uri) -> impl IntoResponse {
        (
            StatusCode::NOT_FOUND,
            Extension(Reply::verbatim()),
            uri.query().unwrap_or("").len().to_string(),
        )
    }
    let events = Router::new().route("/change_contact/create_user", post(tell));
    let service = WeComLayer::new(config()).layer(RouteByPath::new(events));
    let (status, body) = send(Router::new().route_service("/", service), "/", CREATE_USER).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_ne!(body, b"0");
}

#[tokio::test]
async fn without_a_prefix_everything_is_under_it() {
    let events = Router::new().route("/health", get(async || "well"));
    let app = RouteByPath::new(events);
    let request = Request::get("/health").body(Body::empty()).unwrap();
    assert_eq!(
        app.oneshot(request).await.unwrap().status(),
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn an_event_may_be_optional_and_another_one_is_acknowledged() {
    let log = Log::default();
    let seen = Arc::clone(&log);
    let either = move |created: Option<On<CreateUser>>, deleted: Option<On<DeleteUser>>| async move {
        let words = format!("{} {}", created.is_some(), deleted.is_some());
        seen.lock().unwrap().push(words);
    };
    let app = Router::new().route("/", post(either).layer(WeComLayer::new(config())));
    send(app.clone(), "/", CREATE_USER).await;
    send(app.clone(), "/", DELETE_USER).await;
    send(app, "/", TEXT).await;
    assert_eq!(said(&log), ["true false", "false true", "false false"]);

    let seen = Arc::clone(&log);
    let one = move |_: On<CreateUser>| async move { seen.lock().unwrap().push("in".to_owned()) };
    let app = Router::new().route("/", post(one).layer(WeComLayer::new(config())));
    assert_eq!(
        send(app, "/", DELETE_USER).await,
        (StatusCode::OK, Vec::new())
    );
    assert_eq!(said(&log), [""; 0]);
}

#[tokio::test]
async fn without_the_layer_the_answer_asks_the_right_question() {
    async fn required(_: On<CreateUser>) {}
    async fn optional(_: Option<On<Event>>) {}
    let app = Router::new()
        .route("/required", post(required))
        .route("/optional", post(optional));
    for path in ["/required", "/optional"] {
        let request = Request::post(path).body(Body::empty()).unwrap();
        let response = app.clone().oneshot(request).await.unwrap();
        assert_eq!(
            response.status(),
            StatusCode::INTERNAL_SERVER_ERROR,
            "{path}"
        );
        let body = axum::body::to_bytes(response.into_body(), usize::MAX)
            .await
            .unwrap();
        let text = String::from_utf8(body.to_vec()).unwrap();
        assert!(
            text.contains("Is `WeComLayer` around this handler"),
            "{path}: {text}"
        );
    }
}

#[tokio::test]
async fn a_rejection_is_a_response_without_its_reason() {
    let strangers = Request::post("/?msg_signature=x")
        .body("junk".to_owned())
        .unwrap();
    let answer = crate::support::answer(
        WeComLayer::new(config()).layer(tower_wecom::EventRouter::new()),
        strangers,
    )
    .await;
    let rejection: Rejection = answer.rejection.unwrap();
    assert_eq!(rejection.kind(), RejectionKind::Parameter);
    let response = rejection.into_response();
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert!(response.extensions().get::<Rejection>().is_some());
    let body = axum::body::to_bytes(response.into_body(), usize::MAX)
        .await
        .unwrap();
    assert!(body.is_empty());
}
