//! What a probe gives to a middleware outside of the layer.

use std::convert::Infallible;
use std::future::{pending, ready};

use http::{Request, Response};
use tower::{Service, ServiceExt, service_fn};
use tower_wecom::middleware::Probe;
use tower_wecom::{RejectionKind, Reply, RequestBody, WeComLayer};

use crate::support::{CREATE_USER, Recorder, config, delivery, message, ok, platform};

fn with(probe: &Probe, mut request: Request<String>) -> Request<String> {
    request.extensions_mut().insert(probe.clone());
    request
}

#[tokio::test]
async fn a_probe_learns_the_callback_the_outcome_and_the_opened_reply() {
    let probe = Probe::new();
    assert!(probe.is_untouched());
    let request = message();
    let body = request.body().clone();
    let recorder = Recorder::replying(Reply::text("Welcome").unwrap());
    let answer = recorder.send(config(), with(&probe, request)).await;
    assert!(!probe.is_untouched());
    assert_eq!(probe.body(), body);
    assert_eq!(probe.callback().unwrap().kind(), "message/text");
    assert_eq!(probe.outcome(), Some("replied"));
    let opened = platform().open_reply(&answer.body).unwrap();
    assert_eq!(probe.reply(), Some(opened.text));
    assert!(probe.rejection().is_none());
    assert!(!format!("{probe:?}").contains("Welcome"));

    let probe = Probe::new();
    Recorder::default()
        .send(config(), with(&probe, delivery()))
        .await;
    assert_eq!(
        (probe.outcome(), probe.reply()),
        (Some("acknowledged"), None)
    );
}

#[tokio::test]
async fn a_probe_learns_of_rejections_and_url_checks() {
    let probe = Probe::new();
    let forged = delivery().map(|body| body.replacen("CDATA[", "CDATA[A", 2));
    let body = forged.body().clone();
    Recorder::default()
        .send(config(), with(&probe, forged))
        .await;
    assert_eq!(probe.outcome(), Some("rejected"));
    assert_eq!(probe.rejection().unwrap().kind(), RejectionKind::Signature);
    assert_eq!(probe.body(), body);
    assert!(probe.callback().is_none());

    let probe = Probe::new();
    let check = platform().url_check("42").unwrap();
    Recorder::default()
        .send(config(), with(&probe, check))
        .await;
    assert_eq!(probe.outcome(), Some("echoed"));
    assert_eq!(probe.reply().as_deref(), Some("42"));
}

#[tokio::test]
async fn a_probe_knows_the_callback_when_there_is_no_response() {
    let inner = |_: Request<RequestBody<String>>| ready(Err::<Response<String>, _>("out of order"));
    let probe = Probe::new();
    let service = WeComLayer::new(config()).layer(service_fn(inner));
    let answered = service.clone().oneshot(with(&probe, delivery())).await;
    assert_eq!(answered.err(), Some("out of order"));
    assert_eq!(probe.outcome(), Some("error"));
    assert!(probe.callback().is_some());

    let probe = Probe::new();
    let elsewhere = WeComLayer::new(config()).at("/wecom");
    let request = Request::post("/elsewhere").body(String::new()).unwrap();
    let answered = elsewhere.layer(service_fn(inner));
    let answered = answered.oneshot(with(&probe, request)).await;
    assert_eq!(answered.err(), Some("out of order"));
    assert!(probe.is_untouched());

    let probe = Probe::new();
    let inner = |_: Request<RequestBody<String>>| pending::<Result<Response<String>, Infallible>>();
    let mut service = WeComLayer::new(config()).layer(service_fn(inner));
    let mut future = Box::pin(service.call(with(&probe, delivery())));
    let waker = std::task::Waker::noop();
    let mut cx = std::task::Context::from_waker(waker);
    assert!(future.as_mut().poll(&mut cx).is_pending());
    drop(future);
    assert_eq!(probe.outcome(), None);
    assert_eq!(probe.callback().unwrap().payload(), CREATE_USER.as_bytes());
}

#[tokio::test]
async fn what_is_none_of_the_layers_leaves_a_probe_untouched() {
    let layer = WeComLayer::new(config()).at("/wecom");
    let rows = [
        Request::get("/wecom"),
        Request::get("/"),
        Request::post("/other"),
    ];
    for request in rows {
        let probe = Probe::new();
        let request = with(&probe, request.body(String::new()).unwrap());
        let service = layer.layer(service_fn(ok::<String>));
        service.oneshot(request).await.unwrap();
        assert!(probe.is_untouched());
    }
}
