//! How the layer treats the inner service's response.

use std::convert::Infallible;

use http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use tower::service_fn;
use tower_wecom::{Reply, RequestBody, Unhandled, WeComLayer};

use crate::support::{self, answer, config, delivery, message};

/// An inner service with a fixed response.
async fn behind(response: impl Fn() -> Response<String> + Clone) -> support::Answer {
    let inner = service_fn(move |_: Request<RequestBody<String>>| {
        std::future::ready(Ok::<_, Infallible>(response()))
    });
    answer(WeComLayer::new(config()).layer(inner), delivery()).await
}

#[tokio::test]
async fn a_2xx_without_a_reply_is_the_acknowledgement_and_loses_its_body() {
    for status in [200, 201, 202, 204] {
        let answer = behind(move || {
            let response = Response::builder().status(status).header("x-mine", "1");
            let response = response
                .header("content-type", "text/html")
                .header("etag", "x");
            response
                .header("content-length", "5")
                .body("hello".to_owned())
                .unwrap()
        })
        .await;
        assert_eq!((answer.status, answer.text()), (StatusCode::OK, ""));
        assert_eq!(answer.header("x-mine"), Some("1"));
        for gone in ["content-type", "content-length", "etag"] {
            assert_eq!(answer.header(gone), None, "{gone}");
        }
    }
}

#[tokio::test]
async fn every_header_that_speaks_of_the_body_goes_with_it_and_its_likes_stay() {
    let gone = [
        "content-digest",
        "content-disposition",
        "content-encoding",
        "content-language",
        "content-length",
        "content-location",
        "content-md5",
        "content-range",
        "content-type",
        "etag",
        "last-modified",
        "repr-digest",
        "trailer",
        "transfer-encoding",
    ];
    let stays = ["content-security-policy", "etags", "x-content-type"];
    let answer = behind(move || {
        let mut response = Response::new(String::new());
        for name in gone.into_iter().chain(stays) {
            let name = HeaderName::from_static(name);
            response.headers_mut().append(&name, "1".parse().unwrap());
            response.headers_mut().append(name, "2".parse().unwrap());
        }
        response
    })
    .await;
    for name in gone {
        assert_eq!(answer.header(name), None, "{name}");
    }
    for name in stays {
        assert_eq!(answer.header(name), Some("1"), "{name}");
    }
}

#[tokio::test]
async fn another_status_is_passed_on_with_its_body() {
    for status in [302, 400, 404, 405, 429, 500, 503] {
        let answer = behind(move || {
            let response = Response::builder()
                .status(status)
                .header("content-type", "text/html");
            let mut response = response.body("failed".to_owned()).unwrap();
            response
                .extensions_mut()
                .insert(Reply::text("lost").unwrap());
            response
        })
        .await;
        assert_eq!((answer.status.as_u16(), answer.text()), (status, "failed"));
        assert_eq!(answer.header("content-type"), Some("text/html"));
    }
}

#[tokio::test]
async fn an_unhandled_callback_is_acknowledged_whatever_the_status() {
    for status in [200, 404, 405, 415, 500] {
        let answer = behind(move || {
            let mut response = Response::builder()
                .status(status)
                .body("no".to_owned())
                .unwrap();
            response.extensions_mut().insert(Unhandled::new());
            response
        })
        .await;
        assert_eq!(
            (answer.status, answer.text()),
            (StatusCode::OK, ""),
            "{status}"
        );
    }
}

#[tokio::test]
async fn a_grpc_status_other_than_0_is_a_failure() {
    for (grpc_status, status) in [("0", 200), ("12", 500), ("2", 500), ("", 500)] {
        let answer = behind(move || {
            let response = Response::builder().header("grpc-status", grpc_status);
            let response = response.header("grpc-message", "no such service");
            response
                .header("content-type", "application/grpc")
                .body("x".to_owned())
                .unwrap()
        })
        .await;
        assert_eq!(
            (answer.status.as_u16(), answer.text()),
            (status, ""),
            "{grpc_status}"
        );
        assert_eq!(answer.header("content-type"), None);
        let is_told =
            answer.header("grpc-status").is_some() || answer.header("grpc-message").is_some();
        assert_eq!(is_told, status == 200, "{grpc_status}");
    }
}

#[tokio::test]
async fn extensions_of_the_inner_answer_stay_and_the_reply_is_taken_out() {
    #[derive(Clone, Debug, PartialEq)]
    struct Mine(u32);
    let inner = service_fn(|_: Request<RequestBody<String>>| {
        let mut response = Response::new(String::new());
        response.extensions_mut().insert(Mine(7));
        response
            .extensions_mut()
            .insert(Reply::text("hello").unwrap());
        std::future::ready(Ok::<_, Infallible>(response))
    });
    let service = WeComLayer::new(config()).layer(inner);
    let response = tower::ServiceExt::oneshot(service, message())
        .await
        .unwrap();
    assert_eq!(response.extensions().get(), Some(&Mine(7)));
    assert!(response.extensions().get::<Reply>().is_none());
}

#[tokio::test]
async fn no_answer_may_be_stored_by_a_cache() {
    let inner: fn(&str) -> Response<String> = |case| {
        let mut response = Response::new("hello".to_owned());
        match case {
            "fails" => *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR,
            "not found" => *response.status_mut() = StatusCode::NOT_FOUND,
            "unhandled" => drop(response.extensions_mut().insert(Unhandled::new())),
            "replies" => drop(response.extensions_mut().insert(Reply::text("a").unwrap())),
            "verbatim" => drop(response.extensions_mut().insert(Reply::verbatim())),
            "grpc" => drop(response.headers_mut().insert("grpc-status", 12.into())),
            "cached" => drop(response.headers_mut().insert("cache-control", 60.into())),
            _ => {}
        }
        response
    };
    for case in [
        "",
        "fails",
        "not found",
        "unhandled",
        "replies",
        "verbatim",
        "grpc",
        "cached",
    ] {
        let answer = behind(move || inner(case)).await;
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{case}");
    }
    let own = behind(|| {
        let mut response = Response::new(String::new());
        response.extensions_mut().insert(Reply::verbatim());
        response
            .headers_mut()
            .insert("cache-control", HeaderValue::from_static("private"));
        response
    });
    assert_eq!(own.await.header("cache-control"), Some("private"));
}

#[tokio::test]
async fn no_answer_of_the_layer_itself_may_be_stored_by_a_cache() {
    let request = |method: &str, uri: &str, body: &str| {
        let request = Request::builder().method(method).uri(uri);
        request.body(body.to_owned()).unwrap()
    };
    let rows = [
        (request("GET", "/wecom", ""), 200),
        (request("HEAD", "/wecom", ""), 200),
        (
            support::platform()
                .url_check("1616140317555161061")
                .unwrap(),
            200,
        ),
        (request("GET", "/wecom?nonce=1", ""), 400),
        (request("HEAD", "/wecom?nonce=1", ""), 400),
        (request("PUT", "/wecom", ""), 405),
        (delivery().map(|body| body.replace("Encrypt", "Other")), 400),
        (
            delivery().map(|_| "<xml><Encrypt>a</Encrypt></xml>".to_owned()),
            403,
        ),
        (delivery().map(|body| body + &" ".repeat(300_000)), 413),
    ];
    for (request, status) in rows {
        let inner = service_fn(async |_: Request<RequestBody<String>>| {
            Ok::<_, Infallible>(Response::new(String::new()))
        });
        let shown = format!("{} {}", request.method(), request.uri());
        let answer = answer(WeComLayer::new(config()).layer(inner), request).await;
        assert_eq!(answer.status.as_u16(), status, "{shown}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{shown}");
    }
}
