use std::cell::RefCell;
use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::routing::any;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;
use tower_wecom::test_util::Platform;
use tower_wecom::{Callback, Config, ReceiveId, Reply, WeComLayer};
use tower_wecom_inspector::{Inspector, InspectorLayer, InspectorService};

pub const CORP: &str = "wx5823bf96d3bd56c7";
pub const HIRE: &str = "<xml><ToUserName>wx5823bf96d3bd56c7</ToUserName><FromUserName>sys</FromUserName>\
    <CreateTime>1767225605</CreateTime><MsgType>event</MsgType><Event>change_contact</Event>\
    <ChangeType>create_user</ChangeType><UserID>lin</UserID><Name>Lin Mei</Name></xml>";
pub const HELLO: &str = "<xml><ToUserName>wx5823bf96d3bd56c7</ToUserName><FromUserName>lin</FromUserName>\
    <CreateTime>1767225605</CreateTime><MsgType>text</MsgType><Content>hello</Content><MsgId>1</MsgId>\
    <AgentID>1</AgentID></xml>";

pub fn config() -> Config {
    let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
        .parse()
        .unwrap();
    Config::new("QDG6eK".parse().unwrap(), key, ReceiveId::exact(CORP))
}

pub fn platform() -> Platform {
    Platform::new(&config())
}

pub fn local() -> SocketAddr {
    "127.0.0.1:3000".parse().unwrap()
}

pub fn inspector() -> Inspector {
    Inspector::new().at("/").trigger(&config(), "/wecom")
}

pub type App = InspectorService<Router>;

/// Replies to a text message, fails if a department is deleted, and panics if a member is deleted.
async fn handle(callback: Callback) -> Result<Reply, (StatusCode, &'static str)> {
    match callback.kind().as_str() {
        "message/text" => Ok(Reply::text("Welcome, Lin").unwrap()),
        "change_contact/delete_party" => {
            Err((StatusCode::INTERNAL_SERVER_ERROR, "the database is down"))
        }
        "change_contact/delete_user" if callback.get("UserID") == Some("lin") => panic!("a bug"),
        _ => Ok(Reply::ack()),
    }
}

pub fn app() -> Router {
    let layer = WeComLayer::new(config());
    Router::new()
        .route("/wecom", any(handle).layer(layer))
        .route("/other", any(|body: String| async move { body }))
}

pub fn inspected(inspector: Inspector) -> App {
    layer(inspector).layer(app())
}

/// Each layer has a key of its own. [`get`] and [`post`] send that of the newest layer of a test,
/// as a browser does.
pub fn layer(inspector: Inspector) -> InspectorLayer {
    let layer = inspector.enabled(true).listening_on(local()).unwrap();
    let key = layer.url().unwrap().split_once("?key=");
    COOKIE.set(key.map(|(_, key)| format!("wecom-inspector-3000={key}")));
    layer
}

thread_local! {
    static COOKIE: RefCell<Option<String>> = const { RefCell::new(None) };
}

fn with_cookie(mut request: Request<String>) -> Request<String> {
    if let Some(cookie) = COOKIE.take() {
        let value = cookie.parse().unwrap();
        request.headers_mut().insert("cookie", value);
        COOKIE.set(Some(cookie));
    }
    request
}

/// A response with its whole body.
#[derive(Debug)]
pub struct PageResponse {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl PageResponse {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{self:?}"))
    }
}

pub async fn ask(app: &App, request: Request<String>) -> PageResponse {
    let (parts, body) = respond(app, request).await.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    PageResponse {
        status: parts.status,
        headers: parts.headers,
        text: String::from_utf8(bytes.to_vec()).unwrap(),
    }
}

pub async fn respond(app: &App, request: Request<String>) -> Response<Body> {
    let response = app.clone().oneshot(request.map(Body::from)).await.unwrap();
    response.map(Body::new)
}

/// A GET request of a browser.
pub fn get(uri: &str) -> Request<String> {
    let request = Request::get(uri).header("host", "127.0.0.1:3000");
    with_cookie(request.body(String::new()).unwrap())
}

pub fn post(uri: &str, body: impl Into<String>) -> Request<String> {
    let request = Request::post(uri)
        .header("host", "127.0.0.1:3000")
        .header("origin", "http://127.0.0.1:3000")
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "application/json");
    with_cookie(request.body(body.into()).unwrap())
}

pub fn forged() -> Request<String> {
    let request = platform().deliver_xml(HIRE).unwrap();
    request.map(|body| body.replacen("<Encrypt><![CDATA[", "<Encrypt><![CDATA[A", 1))
}

/// The stream of events that the page reads.
pub struct Stream {
    body: Pin<Box<Body>>,
    text: String,
}

impl Stream {
    pub async fn open(app: &App) -> Self {
        Self::after(app, None).await
    }

    pub async fn after(app: &App, last: Option<&str>) -> Self {
        let mut request = get("/?events");
        if let Some(last) = last {
            let last = last.parse().unwrap();
            request.headers_mut().insert("last-event-id", last);
        }
        let response = respond(app, request).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self {
            body: Box::pin(response.into_body()),
            text: String::new(),
        }
    }

    /// The next complete message. `None` at the end of the stream.
    pub async fn message(&mut self) -> Option<String> {
        loop {
            if let Some((message, rest)) = self.text.split_once("\n\n") {
                let message = message.to_owned();
                self.text = rest.to_owned();
                return Some(message);
            }
            let frame = self.body.frame().await?.unwrap();
            let data = frame.into_data().unwrap();
            self.text += str::from_utf8(&data).unwrap();
        }
    }

    /// The value of `id:`, and the next entry.
    pub async fn entry(&mut self) -> (String, Value) {
        loop {
            let message = tokio::time::timeout(Duration::from_secs(60), self.message());
            let message = message.await.expect("an entry").expect("no end");
            if !message.contains("event: callback") {
                continue;
            }
            let field = |name: &str| {
                let mut lines = message.lines();
                lines.find_map(|line| line.strip_prefix(name)).unwrap()
            };
            let data = serde_json::from_str(field("data: ")).unwrap();
            return (field("id: ").to_owned(), data);
        }
    }
}

/// The first `count` kept entries, oldest first.
pub async fn kept(app: &App, count: usize) -> Vec<Value> {
    let mut stream = Stream::open(app).await;
    let mut entries = Vec::new();
    while entries.len() < count {
        entries.push(stream.entry().await.1);
    }
    entries
}
