#![no_main]
//! Sends whole requests through the layer. Genuine requests reach the service, and all others get
//! one of the documented answers.

use std::convert::Infallible;

use arbitrary::Arbitrary;
use futures_executor::block_on;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use libfuzzer_sys::fuzz_target;
use tower::{ServiceExt, service_fn};
use tower_wecom::test_util::Platform;
use tower_wecom::{Callback, Rejection, RequestBody, WeComLayer};
use tower_wecom_fuzz::CONFIG;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    method: u8,
    start: Start<'a>,
    query: Option<&'a str>,
    body: Option<&'a [u8]>,
    header: Option<(&'a str, &'a [u8])>,
}

#[derive(Arbitrary, Debug)]
enum Start<'a> {
    Nothing,
    Check(&'a str),
    Xml(&'a [u8]),
    Json(&'a [u8]),
}

fuzz_target!(|input: Input<'_>| {
    let platform = Platform::new(&CONFIG).nonce("1372623149");
    let made = match input.start {
        Start::Nothing => Request::new(String::new()),
        Start::Check(echo) => platform.url_check(echo).unwrap(),
        Start::Xml(payload) => platform.deliver_xml(payload).unwrap(),
        Start::Json(payload) => platform.deliver_json(payload).unwrap(),
    };
    let is_delivery = matches!(input.start, Start::Xml(_) | Start::Json(_));
    let is_genuine = is_delivery && input.query.is_none() && input.body.is_none();
    let (mut parts, body) = made.into_parts();
    if let Some(query) = input.query {
        let Ok(uri) = format!("/wecom?{query}").parse() else {
            return;
        };
        parts.uri = uri;
    }
    parts.method = match input.method % 8 {
        0..=3 => parts.method,
        4 => http::Method::GET,
        5 => http::Method::POST,
        6 => http::Method::HEAD,
        _ => http::Method::PUT,
    };
    let is_post = parts.method == http::Method::POST;
    let is_head = parts.method == http::Method::HEAD;
    if let Some((name, value)) = input.header
        && let (Ok(name), Ok(value)) = (
            name.parse::<http::HeaderName>(),
            http::HeaderValue::from_bytes(value),
        )
    {
        parts.headers.insert(name, value);
    }
    let body = input.body.map_or(body.into_bytes(), <[u8]>::to_vec);
    let request = Request::from_parts(parts, Full::new(bytes::Bytes::from(body)));
    let inner = service_fn(
        |request: Request<RequestBody<Full<bytes::Bytes>>>| async move {
            let (parts, body) = request.into_parts();
            let callback = parts
                .extensions
                .get::<Callback>()
                .expect("only genuine requests get here");
            let body = body.collect().await.unwrap().to_bytes();
            assert_eq!(&body, callback.payload());
            let mut response = Response::new(Full::new(bytes::Bytes::new()));
            *response.status_mut() = StatusCode::IM_A_TEAPOT;
            Ok::<_, Infallible>(response)
        },
    );
    let service = WeComLayer::new(CONFIG.clone()).layer(inner);
    let response = block_on(service.oneshot(request)).unwrap();
    let status = response.status().as_u16();
    assert!(
        [200, 400, 403, 405, 408, 413, 418].contains(&status),
        "{status}"
    );
    if is_genuine && is_post {
        assert_eq!(status, 418);
    }
    let is_rejected = response.extensions().get::<Rejection>().is_some();
    assert_eq!(is_rejected, !matches!(status, 200 | 418));
    let body = block_on(response.into_body().collect()).unwrap().to_bytes();
    assert!(body.len() <= 256 && (!is_head || body.is_empty()));
});
