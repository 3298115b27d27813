//! The contract with tower and with a server.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body::Body;
use http_body_util::Full;
use tower::limit::ConcurrencyLimitLayer;
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_wecom::protocol::{self, Envelope};
use tower_wecom::protocol::{DEFAULT_NONCE_MAX_LEN, Query};
use tower_wecom::{Callback, Reply, RequestBody, ResponseBody, WeCom, WeComLayer};

use crate::bodies::Pieces;
use crate::support::{Recorder, answer, config, delivery, message, ok, platform};

#[tokio::test]
async fn inner_readiness_is_honoured() {
    /// Panics if it is called before `poll_ready` has returned ready. A clone is not ready.
    #[derive(Default)]
    struct Strict {
        is_ready: bool,
        asked: Arc<AtomicUsize>,
    }
    impl Clone for Strict {
        fn clone(&self) -> Self {
            Self {
                is_ready: false,
                asked: Arc::clone(&self.asked),
            }
        }
    }
    impl<B> Service<Request<RequestBody<B>>> for Strict {
        type Response = Response<String>;
        type Error = Infallible;
        type Future = std::future::Ready<Result<Response<String>, Infallible>>;

        fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            // Not ready at the first poll, so that a caller has to poll until it is.
            if self.asked.fetch_add(1, Ordering::SeqCst).is_multiple_of(2) {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            self.is_ready = true;
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, _: Request<RequestBody<B>>) -> Self::Future {
            assert!(
                std::mem::take(&mut self.is_ready),
                "called before it was ready"
            );
            std::future::ready(Ok(Response::new(String::new())))
        }
    }
    let inner = Strict::default();
    let asked = Arc::clone(&inner.asked);
    let service = WeComLayer::new(config()).layer(inner);
    for _ in 0..3 {
        assert_eq!(
            answer(service.clone(), delivery()).await.status,
            StatusCode::OK
        );
    }
    assert_eq!(asked.load(Ordering::SeqCst), 6);
    // The layer answers a URL check itself and does not poll the inner service.
    let _ = answer(service, platform().url_check("1").unwrap()).await;
    assert_eq!(asked.load(Ordering::SeqCst), 6);
}

#[tokio::test]
async fn a_hundred_slow_strangers_do_not_keep_a_genuine_callback_from_the_only_place() {
    let inner = ConcurrencyLimitLayer::new(1).layer(service_fn(ok::<Pieces>));
    let layer = WeComLayer::new(config()).read_timeout(Duration::from_secs(3_600));
    let service = layer.layer(inner);
    let mut strangers = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let request = delivery().map(|body| Pieces::of(&body, 100).and_never_ends());
        strangers.spawn(service.clone().oneshot(request));
    }
    tokio::task::yield_now().await;
    let genuine = delivery().map(|body| Pieces::of(&body, 100));
    let genuine = tokio::time::timeout(Duration::from_secs(10), answer(service, genuine)).await;
    assert_eq!(genuine.expect("it does not wait").status, StatusCode::OK);
    assert!(
        strangers.try_join_next().is_none(),
        "all strangers are still at it"
    );
}

#[tokio::test]
async fn the_only_place_is_used_by_one_at_a_time() {
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (counter, maximum) = (Arc::clone(&running), Arc::clone(&most));
    let inner =
        ConcurrencyLimitLayer::new(1).layer(service_fn(move |_: Request<RequestBody<String>>| {
            let (counter, maximum) = (Arc::clone(&counter), Arc::clone(&maximum));
            async move {
                maximum.fetch_max(counter.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(1)).await;
                counter.fetch_sub(1, Ordering::SeqCst);
                Ok::<_, Infallible>(Response::new(String::new()))
            }
        }));
    let service = WeComLayer::new(config()).layer(inner);
    let mut callbacks = tokio::task::JoinSet::new();
    for _ in 0..20 {
        callbacks.spawn(answer(service.clone(), delivery()));
    }
    while let Some(answer) = callbacks.join_next().await {
        assert_eq!(answer.unwrap().status, StatusCode::OK);
    }
    assert_eq!(
        (running.load(Ordering::SeqCst), most.load(Ordering::SeqCst)),
        (0, 1)
    );
}

#[tokio::test]
async fn the_inner_error_type_is_untouched() {
    #[derive(Debug, PartialEq)]
    struct Mine;
    let inner =
        service_fn(|_: Request<RequestBody<String>>| async { Err::<Response<String>, _>(Mine) });
    let service = WeComLayer::new(config()).layer(inner);
    let error: Mine = service.oneshot(delivery()).await.unwrap_err();
    assert_eq!(error, Mine);
}

#[tokio::test]
async fn requests_elsewhere_pass_untouched() {
    let inner = service_fn(|request: Request<RequestBody<Full<Bytes>>>| async move {
        assert!(request.extensions().get::<Callback>().is_none());
        assert_eq!(request.headers()["content-length"], "5");
        assert_eq!(request.body().size_hint().exact(), Some(5));
        let (parts, body) = request.into_parts();
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::IM_A_TEAPOT;
        *response.headers_mut() = parts.headers;
        Ok::<_, Infallible>(response)
    });
    let service = WeComLayer::new(config()).at("/wecom").layer(inner);
    for uri in [
        "/",
        "/wecom/",
        "/wecom2",
        "/WECOM",
        "/x/wecom",
        "/other?msg_signature=1&timestamp=2",
    ] {
        for method in ["GET", "POST", "PUT"] {
            let request = Request::builder()
                .method(method)
                .uri(uri)
                .header("content-length", "5");
            let request = request.body(Full::from("hello")).unwrap();
            let answer = answer(service.clone(), request).await;
            assert_eq!(
                (answer.status, answer.text()),
                (StatusCode::IM_A_TEAPOT, "hello"),
                "{uri}"
            );
            assert_eq!(answer.header("content-length"), Some("5"));
        }
    }
    let rejected = Request::post("/wecom?x=1")
        .body(Full::from("hello"))
        .unwrap();
    assert_eq!(
        answer(service, rejected).await.status,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn a_request_that_carries_a_callback_already_is_passed_on() {
    let recorder = Recorder::default();
    let inner = recorder.clone();
    let serve = service_fn(move |request| inner.clone().serve::<RequestBody<String>>(request));
    let twice = WeComLayer::new(config()).layer(WeComLayer::new(config()).layer(serve));
    let answer = answer(twice, delivery()).await;
    assert_eq!((answer.status, recorder.count()), (StatusCode::OK, 1));
}

#[test]
fn types_are_send_sync_and_static_where_their_parts_are() {
    fn is<T: Send + Sync + 'static>(_: &T) {}
    fn is_send<T: Send + 'static>(_: &T) {}
    let layer = WeComLayer::new(config());
    is(&layer);
    let mut service: WeCom<_> = layer.layer(service_fn(ok::<String>));
    is(&service);
    let future = service.call(delivery());
    is_send(&future);
    is(&config());

    // The layer does not require `Send` of an inner service.
    let not_send = std::rc::Rc::new(());
    let inner = service_fn(move |request: Request<RequestBody<String>>| {
        let not_send = std::rc::Rc::clone(&not_send);
        async move {
            let _not_send = not_send;
            ok(request).await
        }
    });
    drop(WeComLayer::new(config()).layer(inner).call(delivery()));
}

#[test]
fn debug_of_bodies_and_answers_shows_neither_text_nor_signature() {
    let (config, request) = (config(), message());
    let query = Query::parse(request.uri().query().unwrap(), DEFAULT_NONCE_MAX_LEN).unwrap();
    let envelope = Envelope::parse(request.body().clone().into()).unwrap();
    let callback = protocol::open(&config, &query, &envelope, config.now()).unwrap();
    let answer = protocol::seal(&callback, &Reply::text("hello").unwrap(), config.now()).unwrap();
    let shown = format!("{envelope:?} {callback:?} {answer:?} {query:?}");
    let signature = query.msg_signature().to_owned();
    for secret in [
        "lin.mei",
        "hello",
        "<Encrypt>",
        "MsgSignature",
        &signature,
        envelope.encrypt(),
    ] {
        assert!(!shown.contains(secret), "{shown}");
    }
    let body = ResponseBody::<String>::default();
    assert_eq!(format!("{body:?}"), "ResponseBody(0 bytes)");
}

#[tokio::test]
async fn debug_of_the_request_that_a_handler_gets_shows_no_text() {
    let inner = service_fn(|request: Request<RequestBody<String>>| {
        let shown = format!("{:?}", request.body());
        assert_eq!(
            shown,
            format!("RequestBody({} bytes)", crate::support::CREATE_USER.len())
        );
        ok(request)
    });
    let service = WeComLayer::new(config()).layer(inner);
    assert_eq!(answer(service, delivery()).await.status, StatusCode::OK);
}

#[test]
fn debug_is_there_and_shows_no_secret() {
    let layer = WeComLayer::new(config()).at("/wecom");
    let mut service = layer.clone().layer(service_fn(ok::<String>));
    let future = service.call(delivery());
    let shown = format!("{layer:?} {service:?} {future:?} {:?}", platform());
    for secret in [crate::support::TOKEN, crate::support::KEY, "jWmY"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
