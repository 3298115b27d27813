//! Connections that a client keeps: an answer of the layer's own must not break the next request.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use http::header::{CONNECTION, EXPECT};
use http::{Request, Response, Version};
use hyper::body::Incoming;
use hyper::service::service_fn as hyper_service;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tower::{ServiceExt, service_fn};
use tower_wecom::{RequestBody, WeComLayer};

use crate::bodies::Pieces;
use crate::support::{about, config, delivery, platform};

const REQUESTS: usize = 3_000;

async fn serve() -> SocketAddr {
    let inner = service_fn(|_: Request<RequestBody<Incoming>>| async {
        Ok::<_, Infallible>(Response::new(String::new()))
    });
    let layer = WeComLayer::new(config()).layer(inner);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let layer = layer.clone();
            let service = hyper_service(move |request| layer.clone().oneshot(request));
            let server = hyper::server::conn::http1::Builder::new();
            tokio::spawn(server.serve_connection(TokioIo::new(stream), service));
        }
    });
    address
}

async fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).await.unwrap();
    // Head and body are two packets, and the second must not wait for the first to be acknowledged.
    stream.set_nodelay(true).unwrap();
    stream
}

/// Sends the head of a request, and its body a moment later, as many clients do.
async fn send(stream: &mut TcpStream, query: &str, body: &str) -> io::Result<String> {
    let length = body.len();
    let head =
        format!("POST /wecom?{query} HTTP/1.1\r\nhost: a\r\ncontent-length: {length}\r\n\r\n");
    stream.write_all(head.as_bytes()).await?;
    tokio::task::yield_now().await;
    stream.write_all(body.as_bytes()).await?;
    read(stream).await
}

/// The head of a response and its body, whose length it has to give.
async fn read(stream: &mut TcpStream) -> io::Result<String> {
    let mut text = Vec::new();
    loop {
        let mut buffer = [0; 4096];
        let count = stream.read(&mut buffer).await?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        text.extend_from_slice(&buffer[..count]);
        let answer = String::from_utf8_lossy(&text).into_owned();
        let Some((head, body)) = answer.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head.split("content-length: ").nth(1).unwrap();
        if body.len() >= length.lines().next().unwrap().parse().unwrap() {
            return Ok(answer);
        }
    }
}

#[tokio::test]
async fn a_client_that_keeps_its_connection_loses_no_request() {
    let address = serve().await;
    let genuine = delivery();
    let query = genuine.uri().query().unwrap().to_owned();
    let mut stream = connect(address).await;
    let mut connections = 1;
    for number in 0..REQUESTS {
        // Small bodies, and now and then one that is too large to be read for nothing.
        let (query, body) = match number % 30 {
            0 | 10 => ("nonce=1", genuine.body().clone()),
            20 => ("nonce=1", "x".repeat(80_000)),
            _ => (&*query, genuine.body().clone()),
        };
        let answer = send(&mut stream, query, &body).await;
        let answer = answer.unwrap_or_else(|error| panic!("request {number}: {error}"));
        let status = if query == "nonce=1" { "400" } else { "200" };
        assert_eq!(answer.split(' ').nth(1), Some(status), "{number}");
        if answer.contains("connection: close") {
            stream = connect(address).await;
            connections += 1;
        }
    }
    assert_eq!(connections, 1 + REQUESTS / 30);
}

#[tokio::test]
async fn a_connection_is_closed_only_if_its_body_was_left_unread() {
    let inner = || {
        service_fn(|_: Request<RequestBody<String>>| async {
            Ok::<_, Infallible>(Response::new(String::new()))
        })
    };
    let forged = delivery().map(|body| body.replacen("CDATA[", "CDATA[A", 2));
    let (small, large) = ("b".repeat(65_536), "b".repeat(65_537));
    let check = platform().url_check("7").unwrap();
    let rows = [
        (
            "a wrong query",
            Request::post("/?nonce=1").body(small),
            false,
        ),
        (
            "a wrong query",
            Request::post("/?nonce=1").body(large.clone()),
            true,
        ),
        (
            "no body",
            Request::post("/?nonce=1").body(String::new()),
            false,
        ),
        (
            "another method",
            Request::put("/").body("body".to_owned()),
            false,
        ),
        (
            "another method",
            Request::put("/").body(large.clone()),
            true,
        ),
        (
            "a greeting",
            Request::get("/").body("body".to_owned()),
            false,
        ),
        ("a greeting", Request::get("/").body(large), true),
        ("a forged delivery", Ok(forged), false),
        ("a check", Ok(check.clone()), false),
        (
            "a check with a body",
            Ok(check.map(|_| "body".to_owned())),
            true,
        ),
    ];
    for (name, request, closes) in rows {
        let request = request.unwrap();
        let length = request.body().len();
        let response = WeComLayer::new(config()).layer(inner()).oneshot(request);
        let headers = response.await.unwrap().headers().clone();
        let is_closing = headers
            .get(CONNECTION)
            .is_some_and(|value| value == "close");
        assert_eq!(is_closing, closes, "{name}, {length} bytes");
    }
}

/// The status and whether the connection closes, of an answer that does not wait; `None` if it waits.
fn at_once(layer: &WeComLayer, request: Request<Pieces>) -> Option<(u16, bool)> {
    let inner = service_fn(|_: Request<RequestBody<Pieces>>| async {
        Ok::<_, Infallible>(Response::new(String::new()))
    });
    let mut answer = pin!(layer.layer(inner).oneshot(request));
    let mut context = Context::from_waker(Waker::noop());
    match answer.as_mut().poll(&mut context) {
        Poll::Ready(response) => {
            let response = response.unwrap();
            let closes = response.headers().contains_key(CONNECTION);
            Some((response.status().as_u16(), closes))
        }
        Poll::Pending => None,
    }
}

/// A request whose body begins and does not end.
fn endless(method: &str, uri: &str) -> Request<Pieces> {
    let body = Pieces::of("body", 4).and_never_ends();
    let request = Request::builder().method(method).uri(uri);
    request.body(body).unwrap()
}

#[tokio::test]
async fn an_answer_waits_for_a_body_only_if_that_keeps_the_connection() {
    let layer = WeComLayer::new(config());
    let rows = [
        ("GET", "/", 200),
        ("POST", "/?nonce=1", 400),
        ("PUT", "/", 405),
    ];
    for (method, uri, status) in rows {
        assert_eq!(at_once(&layer, endless(method, uri)), None, "{method}");

        let mut request = endless(method, uri);
        *request.version_mut() = Version::HTTP_2;
        assert_eq!(at_once(&layer, request), Some((status, false)), "{method}");

        // The client has not sent its body yet, and need not send it at all.
        let mut request = endless(method, uri);
        request
            .headers_mut()
            .insert(EXPECT, "100-continue".parse().unwrap());
        assert_eq!(at_once(&layer, request), Some((status, true)), "{method}");

        let patient = WeComLayer::new(config()).dangerous_no_read_timeout();
        let answer = at_once(&patient, endless(method, uri));
        assert_eq!(answer, Some((status, true)), "{method} without a deadline");
    }
}

#[test]
fn without_a_runtime_no_answer_waits_for_a_body() {
    let layer = WeComLayer::new(config());
    assert_eq!(at_once(&layer, endless("GET", "/")), Some((200, true)));
    let answer = at_once(&layer, endless("POST", "/?nonce=1"));
    assert_eq!(answer, Some((400, true)));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_end_is_waited_for_until_the_deadline() {
    let inner = service_fn(|_: Request<RequestBody<Pieces>>| async {
        Ok::<_, Infallible>(Response::new(String::new()))
    });
    let begun = tokio::time::Instant::now();
    let request = endless("POST", "/?nonce=1");
    let response = WeComLayer::new(config()).layer(inner).oneshot(request);
    let response = response.await.unwrap();
    assert_eq!(response.status(), 400);
    assert!(response.headers().contains_key(CONNECTION));
    let took = begun.elapsed();
    assert!(about(took, Duration::from_secs(4)), "{took:?}");
}

#[tokio::test]
async fn http_2_has_no_header_for_the_connection() {
    let inner = service_fn(|_: Request<RequestBody<String>>| async {
        Ok::<_, Infallible>(Response::new(String::new()))
    });
    let mut request = Request::put("/").body("b".repeat(65_537)).unwrap();
    *request.version_mut() = Version::HTTP_2;
    let response = WeComLayer::new(config()).layer(inner).oneshot(request);
    assert!(response.await.unwrap().headers().get(CONNECTION).is_none());
}
