//! Each framework gets a URL check, a delivery, large ones and forged ones. The page has its code.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use framework_tests as code;
use http::Request;
use http_body_util::BodyExt;
use tower::ServiceExt;
use tower_wecom::protocol::DEFAULT_MAX_BODY_SIZE;
use tower_wecom::test_util::Platform;
use tower_wecom::{Config, ReceiveId};

fn config() -> Config {
    let (token, key) = ("QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C");
    let receive_id = ReceiveId::exact("ww1a2b3c");
    Config::new(token.parse().unwrap(), key.parse().unwrap(), receive_id)
}

fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// Status, content type and body.
type Answer = (u16, String, Vec<u8>);

/// Sends a request over a connection of its own, with the headers that WeCom sends.
fn exchange(address: SocketAddr, request: &Request<String>) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let (method, uri, body) = (request.method(), request.uri(), request.body());
    let mut head = format!("{method} {uri} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
    if method == "POST" {
        head += &format!(
            "Content-Type: text/xml\r\nContent-Length: {}\r\n",
            body.len()
        );
    }
    // A server may answer, and close the connection, before it has read a long body.
    let _ = stream.write_all(format!("{head}\r\n{body}").as_bytes());
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    let end = bytes
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .unwrap();
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let header = |wanted: &str| {
        head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case(wanted).then(|| value.to_owned())
        })
    };
    assert_eq!(header("transfer-encoding"), None, "{head}");
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let content_type = header("content-type").unwrap_or_default();
    (status, content_type, bytes[end + 4..].to_vec())
}

fn text(padding: usize) -> Request<String> {
    let filler = "x".repeat(padding);
    let payload = format!(
        "<xml><ToUserName>ww1a2b3c</ToUserName><FromUserName>lin</FromUserName>\
        <CreateTime>1</CreateTime><MsgType>text</MsgType><Content>hi {filler}</Content>\
        <MsgId>1</MsgId><AgentID>1</AgentID></xml>"
    );
    Platform::new(&config()).deliver_xml(payload).unwrap()
}

/// Sends a server what it has to answer. `reply` is its answer to a text.
fn test(address: SocketAddr, reply: Option<&str>) {
    let platform = Platform::new(&config());
    // Many, because each has another ciphertext: `+`, `/` and `=` have to arrive.
    for number in 0..20_u64 {
        let echo = (1_234_567_890 + number).to_string();
        let check = platform.url_check(&echo).unwrap();
        let (status, content_type, body) = exchange(address, &check);
        assert_eq!((status, &*body), (200, echo.as_bytes()));
        assert_eq!(content_type, "text/plain; charset=utf-8");
    }
    let (status, _, body) = exchange(
        address,
        &Request::get("/wecom").body(String::new()).unwrap(),
    );
    assert_eq!(
        (status, &*body),
        (200, &b"This address receives callbacks."[..])
    );

    for padding in [0, 180_000] {
        let (status, content_type, body) = exchange(address, &text(padding));
        assert_eq!(status, 200, "{padding}");
        match reply {
            Some(reply) => {
                assert_eq!(content_type, "application/xml; charset=utf-8");
                let opened = platform.open_reply(&body).unwrap().text;
                assert!(opened.contains(reply), "{opened}");
            }
            None => assert_eq!(body, b""),
        }
    }

    let forged = text(0).map(|body| body.replacen("CDATA[", "CDATA[A", 3));
    let (status, _, body) = exchange(address, &forged);
    assert_eq!((status, &*body), (403, &b"Forbidden"[..]));
    let too_long = text(0).map(|_| "x".repeat(DEFAULT_MAX_BODY_SIZE + 1));
    assert_eq!(exchange(address, &too_long).0, 413);
    let without = Request::post("/wecom").body("<xml/>".to_owned()).unwrap();
    assert_eq!(exchange(address, &without).0, 400);
}

#[test]
fn actix_web() {
    let (listener, address) = listener();
    std::thread::spawn(move || {
        let app = || actix_web::App::new().configure(code::actix::routes(config()));
        let server = actix_web::HttpServer::new(app).workers(1).listen(listener);
        actix_web::rt::System::new().block_on(server.unwrap().run())
    });
    test(address, Some("hello lin"));
}

/// Runs a server on a runtime in a thread of its own.
fn spawn<F: Future>(server: impl FnOnce() -> F + Send + 'static) {
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async { server().await });
    });
}

#[test]
fn poem() {
    let (listener, address) = listener();
    listener.set_nonblocking(true).unwrap();
    spawn(async move || {
        let acceptor = poem::listener::TcpAcceptor::from_std(listener).unwrap();
        let server = poem::Server::new_with_acceptor(acceptor);
        server.run(code::poem::app(config())).await
    });
    test(address, Some("hello lin"));
}

#[test]
fn salvo() {
    let (listener, address) = listener();
    listener.set_nonblocking(true).unwrap();
    spawn(async move || {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        let acceptor = salvo::conn::tcp::TcpAcceptor::try_from(listener).unwrap();
        salvo::Server::new(acceptor)
            .serve(code::salvo::router(config()))
            .await
    });
    test(address, Some("hello lin"));
}

#[test]
fn warp() {
    let (listener, address) = listener();
    listener.set_nonblocking(true).unwrap();
    spawn(async move || {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        warp::serve(code::warp::route(config()))
            .incoming(listener)
            .run()
            .await
    });
    test(address, Some("hello lin"));
}

#[test]
fn a_plain_server() {
    let (listener, address) = listener();
    std::thread::spawn(move || code::plain::serve(&listener, &config()));
    test(address, None);
}

/// The event of an API Gateway, as Lambda gets it: of a REST API with a stage, or of an HTTP API.
fn event(request: &Request<String>, stage: Option<&str>, base64: bool) -> String {
    let uri = request.uri();
    let raw = uri.query().unwrap_or_default();
    let body = match base64 {
        true => BASE64_STANDARD.encode(request.body()),
        false => request.body().clone(),
    };
    let method = request.method().as_str();
    let headers = serde_json::json!({"content-type": "text/xml", "host": "x.amazonaws.com"});
    let event = match stage {
        Some(stage) => {
            // A REST API passes the parameters decoded.
            let parameters: serde_json::Map<_, _> = raw
                .split('&')
                .filter_map(|pair| pair.split_once('='))
                .map(|(name, value)| (name.to_owned(), decoded(value).into()))
                .collect();
            serde_json::json!({
                "resource": "/wecom", "path": "/wecom", "httpMethod": method, "headers": headers,
                "multiValueHeaders": {}, "queryStringParameters": parameters,
                "requestContext": {
                    "accountId": "1", "apiId": "a", "httpMethod": method, "identity": {},
                    "path": format!("/{stage}/wecom"), "requestId": "r", "resourceId": "r",
                    "resourcePath": "/wecom", "stage": stage,
                },
                "body": body, "isBase64Encoded": base64,
            })
        }
        None => serde_json::json!({
            "version": "2.0", "routeKey": "$default", "rawPath": "/wecom", "rawQueryString": raw,
            "headers": headers,
            "requestContext": {
                "accountId": "1", "apiId": "a", "domainName": "d", "domainPrefix": "d",
                "http": {
                    "method": method, "path": "/wecom", "protocol": "HTTP/1.1",
                    "sourceIp": "203.0.113.7", "userAgent": "Mozilla/4.0",
                },
                "requestId": "r", "routeKey": "$default", "stage": "$default",
                "time": "12/Mar/2026:19:03:58 +0000", "timeEpoch": 1_773_342_238_000_u64,
            },
            "body": body, "isBase64Encoded": base64,
        }),
    };
    event.to_string()
}

fn decoded(value: &str) -> String {
    let escaped = |code: &str, plain| value.contains(code).then_some((code.to_owned(), plain));
    let codes = [
        escaped("%2B", "+"),
        escaped("%2F", "/"),
        escaped("%3D", "="),
    ];
    codes
        .into_iter()
        .flatten()
        .fold(value.to_owned(), |value, (code, plain)| {
            value.replace(&code, plain)
        })
}

#[tokio::test]
async fn lambda() {
    let platform = Platform::new(&config());
    for (stage, path) in [(Some("prod"), "/prod/wecom"), (None, "/wecom")] {
        let service = code::lambda::service(config(), path);
        let send = async |request: &Request<String>, base64| {
            let request = lambda_http::request::from_str(&event(request, stage, base64)).unwrap();
            assert_eq!(request.uri().path(), path);
            let (parts, body) = service.clone().oneshot(request).await.unwrap().into_parts();
            (
                parts.status.as_u16(),
                body.collect().await.unwrap().to_bytes(),
            )
        };
        for number in 0..20_u64 {
            let echo = (1_234_567_890 + number).to_string();
            let check = platform.url_check(&echo).unwrap();
            assert_eq!(send(&check, false).await, (200, echo.into()), "{path}");
        }
        for base64 in [false, true] {
            let (status, body) = send(&text(0), base64).await;
            assert_eq!(status, 200, "{path}");
            let opened = platform.open_reply(&body).unwrap().text;
            assert!(opened.contains("hello lin"), "{opened}");
        }
        let forged = text(0).map(|body| body.replacen("CDATA[", "CDATA[A", 3));
        assert_eq!(send(&forged, false).await.0, 403, "{path}");
    }
    // Without the stage, the layer passes the request on, and the router has no callback.
    let service = code::lambda::service(config(), "/wecom");
    let request = event(&text(0), Some("prod"), false);
    let request = lambda_http::request::from_str(&request).unwrap();
    assert_eq!(service.oneshot(request).await.unwrap().status(), 500);
}

#[test]
fn the_page_has_the_code_and_the_versions() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("../../docs/frameworks.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let mut written = String::new();
    let mut rest = page.as_str();
    // `<!-- src/actix.rs -->`, then the code.
    while let Some((before, after)) = rest.split_once("<!-- src/") {
        let (name, after) = after.split_once(" -->\n").unwrap();
        let (_, after) = after.split_once("\n```\n").unwrap();
        let file = std::fs::read_to_string(root.join("src").join(name)).unwrap();
        written += &format!("{before}<!-- src/{name} -->\n```rust,ignore\n{file}```\n");
        rest = after;
    }
    written += rest;
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &written).unwrap();
    } else {
        assert!(
            page == written,
            "UPDATE=1 writes the code of tests/frameworks/src into the page"
        );
    }
    for file in std::fs::read_dir(root.join("src")).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        let marker = format!("<!-- src/{name} -->");
        assert!(name == "lib.rs" || page.contains(&marker), "{marker}");
    }
    let lock = std::fs::read_to_string(root.join("Cargo.lock")).unwrap();
    for package in ["actix-web", "lambda_http", "poem", "salvo", "warp"] {
        let entry = format!("name = \"{package}\"\nversion = \"");
        let version = lock.split_once(&entry).unwrap().1;
        let (version, _) = version.split_once('"').unwrap();
        let named = format!("`{package}` {version}");
        assert!(page.contains(&named), "{named}");
    }
}
