//! `protocol::receive` and `protocol::respond`: the same answers as those of the layer.

use http::{HeaderMap, Request, Response, StatusCode};
use tower_wecom::protocol::{self, DEFAULT_MAX_BODY_SIZE, Received};
use tower_wecom::test_util::Platform;
use tower_wecom::{Config, ReceiveId, RejectionKind, Reply};

use crate::support::{CREATE_USER, NOW, Recorder, config, delivery, message, platform};

/// What the peer sees, with the ciphertext of a sealed reply opened: it differs each time.
type Seen = (StatusCode, HeaderMap, String, Option<RejectionKind>);

async fn of_the_layer(config: &Config, request: Request<String>, reply: &Reply) -> Seen {
    let recorder = Recorder::replying(reply.clone());
    let answer = recorder.send(config.clone(), request).await;
    let mut headers = answer.headers;
    // The layer closes a connection whose body it has not read. `receive` has no connection.
    headers.remove("connection");
    let body = opened(config, &answer.body);
    let kind = answer.rejection.map(|rejection| rejection.kind());
    (answer.status, headers, body, kind)
}

fn without_the_layer(config: &Config, request: &Request<String>, reply: &Reply) -> Seen {
    let query = request.uri().query().unwrap_or_default();
    let (method, body) = (request.method().as_str(), request.body().clone());
    let response = match protocol::receive(config, method, query, body) {
        Received::Callback(callback) => protocol::respond(&callback, reply),
        Received::Answer(response) => response,
    };
    let (parts, body) = response.into_parts();
    let rejection = parts.extensions.get::<tower_wecom::Rejection>();
    let kind = rejection.map(|rejection| rejection.kind());
    (parts.status, parts.headers, opened(config, &body), kind)
}

fn opened(config: &Config, body: &[u8]) -> String {
    match Platform::new(config).open_reply(body) {
        Ok(reply) => reply.text,
        Err(_) => String::from_utf8(body.to_vec()).unwrap(),
    }
}

fn with_query(query: &str, method: &str) -> Request<String> {
    let request = Request::builder().method(method);
    let uri = format!("/wecom?{query}");
    request.uri(uri).body(String::new()).unwrap()
}

/// Requests of all sorts, each with its status.
fn requests() -> Vec<(u16, Request<String>)> {
    let check = || platform().url_check("1234567890").unwrap();
    let method = |method: &str, mut request: Request<String>| {
        *request.method_mut() = method.parse().unwrap();
        request
    };
    let query = delivery().uri().query().unwrap().to_owned();
    let other = Config::new(
        "0therT0ken".parse().unwrap(),
        "6qkdMrq68nTKduznJYO1A37W2oEgpkMUvkttRToqhUt"
            .parse()
            .unwrap(),
        ReceiveId::exact("ww2"),
    );
    let suite = "<xml><SuiteId>s</SuiteId><InfoType>suite_ticket</InfoType><TimeStamp>1</TimeStamp>\
        <SuiteTicket>t</SuiteTicket></xml>";
    vec![
        (200, check()),
        (200, method("HEAD", check())),
        (200, with_query("", "GET")),
        (200, with_query("from=a", "HEAD")),
        (200, delivery()),
        (200, message()),
        (200, platform().deliver_xml(suite).unwrap()),
        (200, platform().deliver_xml("junk").unwrap()),
        (400, with_query("", "POST")),
        (400, with_query(&query, "POST")),
        (400, with_query(&query.replacen("nonce", "n", 1), "GET")),
        (400, with_query(&query, "GET")),
        (400, delivery().map(|_| "junk".to_owned())),
        (403, with_query(&format!("{query}&echostr=abc"), "GET")),
        (403, Platform::new(&other).url_check("1").unwrap()),
        (403, Platform::new(&other).deliver_xml(CREATE_USER).unwrap()),
        (
            403,
            platform()
                .receive_id("ww2")
                .deliver_xml(CREATE_USER)
                .unwrap(),
        ),
        (403, platform().url_check(CREATE_USER).unwrap()),
        (
            403,
            platform().timestamp(NOW - 4_000).url_check("1").unwrap(),
        ),
        (400, delivery().map(|_| "x".repeat(DEFAULT_MAX_BODY_SIZE))),
        (
            413,
            delivery().map(|_| "x".repeat(DEFAULT_MAX_BODY_SIZE + 1)),
        ),
        (405, method("PUT", delivery())),
        (405, method("OPTIONS", with_query("", "GET"))),
    ]
}

#[tokio::test]
async fn the_answers_without_the_layer_are_those_of_the_layer() {
    let replies = [Reply::ack(), Reply::text("hello").unwrap()];
    for reply in &replies {
        for (status, request) in requests() {
            let shown = format!("{} {}", request.method(), request.uri());
            let here = without_the_layer(&config(), &request, reply);
            assert_eq!(here.0, status, "{shown}: {here:?}");
            let there = of_the_layer(&config(), request, reply).await;
            assert_eq!(here, there, "{shown}");
        }
    }
}

#[tokio::test]
async fn a_bot_is_answered_as_by_the_layer() {
    let bot = Config::bot(
        "QDG6eK".parse().unwrap(),
        "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
            .parse()
            .unwrap(),
    );
    for kind in ["bot/text", "bot/event/enter_chat"] {
        let delivery = Platform::new(&bot).deliver(kind).unwrap();
        let request = delivery.request().unwrap();
        for reply in [Reply::ack(), Reply::text("hello").unwrap()] {
            let here = without_the_layer(&bot, &request, &reply);
            assert_eq!(here.0, 200);
            assert_eq!(here, of_the_layer(&bot, request.clone(), &reply).await);
        }
    }
}

#[test]
fn a_reply_is_sealed_for_the_callback() {
    let request = message();
    let query = request.uri().query().unwrap();
    let body = request.body().clone();
    let Received::Callback(callback) = protocol::receive(&config(), "POST", query, body) else {
        panic!("a genuine callback");
    };
    assert_eq!(callback.kind(), "message/text");
    let response: Response<bytes::Bytes> =
        protocol::respond(&callback, &Reply::text("hello").unwrap());
    assert_eq!(
        response.headers()["content-type"],
        "application/xml; charset=utf-8"
    );
    let reply = platform().open_reply(response.body()).unwrap();
    assert!(reply.text.contains("hello"), "{}", reply.text);
}
