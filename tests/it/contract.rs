//! What tower, http-body and a server may rely on.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Buf, Bytes};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, Full, StreamBody};
use tokio::time::Instant;
use tower::limit::ConcurrencyLimitLayer;
use tower::{Layer, Service, ServiceExt, service_fn};
use tower_wecom::protocol::{self, Envelope};
use tower_wecom::query::{DEFAULT_NONCE_MAX_LEN, Query};
use tower_wecom::{
    Arrival, Callback, RefusalKind, Reply, RequestBody, ResponseBody, WeCom, WeComLayer,
};

use crate::support::{Recorder, answer, config, delivery, platform};

/// A body that gives its pieces one by one and then does what it was made for.
struct Pieces {
    pieces: Vec<Result<Frame<Bytes>, &'static str>>,
    never_ends: bool,
    dropped: Option<Arc<AtomicBool>>,
}

impl Pieces {
    fn of(body: &str, size: usize) -> Self {
        let pieces = body.as_bytes().chunks(size).map(Bytes::copy_from_slice);
        let pieces = pieces.map(|piece| Ok(Frame::data(piece))).rev().collect();
        Self {
            pieces,
            never_ends: false,
            dropped: None,
        }
    }

    fn and_last(mut self, frame: Result<Frame<Bytes>, &'static str>) -> Self {
        self.pieces.insert(0, frame);
        self
    }

    fn and_never_ends(mut self) -> Self {
        self.never_ends = true;
        self
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, &'static str>>> {
        match self.pieces.pop() {
            None if self.never_ends => Poll::Pending,
            frame => Poll::Ready(frame),
        }
    }
}

impl Drop for Pieces {
    fn drop(&mut self) {
        if let Some(dropped) = &self.dropped {
            dropped.store(true, Ordering::SeqCst);
        }
    }
}

async fn ok<B>(_: Request<RequestBody<B>>) -> Result<Response<String>, Infallible> {
    Ok(Response::new(String::new()))
}

#[tokio::test]
async fn a_body_may_come_in_pieces_of_any_size_and_with_trailers() {
    for size in [1, 7, 1_000, 1_000_000] {
        for with_trailers in [false, true] {
            let recorder = Recorder::default();
            let inner = recorder.clone();
            let layer = WeComLayer::new(config());
            let service = layer.layer(service_fn(move |request| inner.clone().serve(request)));
            let request = delivery().map(|body| {
                let pieces = Pieces::of(&body, size);
                if !with_trailers {
                    return pieces;
                }
                pieces.and_last(Ok(Frame::trailers(HeaderMap::new())))
            });
            assert_eq!(
                answer(service, request).await.status,
                StatusCode::OK,
                "{size}"
            );
            assert_eq!(recorder.count(), 1);
        }
    }
}

#[tokio::test]
async fn a_body_that_fails_is_refused_and_not_half_read() {
    let service = WeComLayer::new(config()).layer(service_fn(ok::<Pieces>));
    let request = delivery().map(|body| Pieces::of(&body, 100).and_last(Err("reset by peer")));
    let answer = answer(service, request).await;
    assert_eq!(answer.kind(), Some(RefusalKind::Body));
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_body_without_a_known_length_is_cut_at_the_limit() {
    let service = WeComLayer::new(config())
        .max_body_size(1_000)
        .layer(service_fn(ok::<Pieces>));
    let endless = Pieces::of(&"x".repeat(1_001), 100).and_never_ends();
    let answer = answer(service, delivery().map(|_| endless)).await;
    assert_eq!(answer.kind(), Some(RefusalKind::TooLarge));
}

#[tokio::test]
async fn a_body_that_says_that_it_is_too_long_is_not_read_at_all() {
    struct Unreadable;
    impl Body for Unreadable {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            panic!("it was read")
        }

        fn size_hint(&self) -> SizeHint {
            SizeHint::with_exact(256 * 1024 + 1)
        }
    }
    let service = WeComLayer::new(config()).layer(service_fn(ok::<Unreadable>));
    let answer = answer(service, delivery().map(|_| Unreadable)).await;
    assert_eq!(answer.kind(), Some(RefusalKind::TooLarge));
}

#[tokio::test(start_paused = true)]
async fn the_read_deadline_is_absolute() {
    // A byte each second would never run into a timeout that starts anew with each piece.
    let drip = delivery().map(|body| {
        let pieces: Vec<_> = body.bytes().map(|byte| Bytes::from(vec![byte])).collect();
        StreamBody::new(drip(pieces, Duration::from_secs(1)))
    });
    let service = WeComLayer::new(config()).layer(service_fn(ok));
    let start = Instant::now();
    let answered = answer(service, drip).await;
    assert_eq!(answered.kind(), Some(RefusalKind::TooSlow));
    assert_eq!(answered.status, StatusCode::REQUEST_TIMEOUT);
    assert_eq!(answered.header("connection"), Some("close"));
    assert_eq!(start.elapsed().as_secs(), 4);

    let service = WeComLayer::new(config())
        .read_timeout(Duration::from_millis(100))
        .layer(service_fn(ok::<Pieces>));
    let silent = delivery().map(|body| Pieces::of(&body, 10).and_never_ends());
    let start = Instant::now();
    assert_eq!(
        answer(service, silent).await.kind(),
        Some(RefusalKind::TooSlow)
    );
    assert_eq!(start.elapsed().as_millis(), 100);
}

#[tokio::test]
async fn a_body_that_is_always_ready_neither_outruns_the_deadline_nor_keeps_the_thread() {
    /// Empty frames without end: they never reach the limit in bytes.
    struct Nothing;
    impl Body for Nothing {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            Poll::Ready(Some(Ok(Frame::data(Bytes::new()))))
        }
    }
    let service = WeComLayer::new(config())
        .read_timeout(Duration::from_millis(50))
        .layer(service_fn(ok::<Nothing>));
    let hostile = tokio::spawn(answer(service, delivery().map(|_| Nothing)));
    // On this thread's only runtime, others get their turn meanwhile.
    let genuine = WeComLayer::new(config()).layer(service_fn(ok::<String>));
    assert_eq!(answer(genuine, delivery()).await.status, StatusCode::OK);
    assert_eq!(hostile.await.unwrap().kind(), Some(RefusalKind::TooSlow));
}

#[tokio::test]
async fn arrival_is_when_the_request_came_and_not_when_its_body_was_there() {
    let inner = service_fn(|request: Request<RequestBody<StreamBody<Drip>>>| {
        let arrival: Arrival = *request.extensions().get().unwrap();
        assert!(arrival.instant().elapsed() >= Duration::from_millis(30));
        ok(request)
    });
    let service = WeComLayer::new(config()).layer(inner);
    let request = delivery()
        .map(|body| StreamBody::new(drip(vec![Bytes::from(body)], Duration::from_millis(40))));
    assert_eq!(answer(service, request).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_read_timeout_can_be_taken_away() {
    let service = WeComLayer::new(config())
        .read_timeout(Duration::ZERO)
        .dangerous_no_read_timeout()
        .layer(service_fn(ok));
    assert_eq!(answer(service, delivery()).await.status, StatusCode::OK);
}

/// A piece each time that the pause is over.
fn drip(pieces: Vec<Bytes>, pause: Duration) -> Drip {
    Drip {
        pieces: pieces.into_iter(),
        pause,
        sleep: Box::pin(tokio::time::sleep(pause)),
    }
}

struct Drip {
    pieces: std::vec::IntoIter<Bytes>,
    pause: Duration,
    sleep: Pin<Box<tokio::time::Sleep>>,
}

impl futures_core::Stream for Drip {
    type Item = Result<Frame<Bytes>, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        std::task::ready!(self.sleep.as_mut().poll(cx));
        let next = Instant::now() + self.pause;
        self.sleep.as_mut().reset(next);
        Poll::Ready(self.pieces.next().map(|piece| Ok(Frame::data(piece))))
    }
}

#[test]
fn without_a_runtime_there_is_no_deadline_and_no_panic() {
    let service = WeComLayer::new(config()).layer(service_fn(ok));
    let mut future = Box::pin(service.oneshot(delivery()));
    let mut cx = Context::from_waker(std::task::Waker::noop());
    let Poll::Ready(response) = future.as_mut().poll(&mut cx) else {
        panic!("nothing to wait for")
    };
    assert_eq!(response.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn dropping_the_future_in_the_middle_drops_the_body_and_calls_nobody() {
    let dropped = Arc::new(AtomicBool::new(false));
    let recorder = Recorder::default();
    let inner = recorder.clone();
    let layer = WeComLayer::new(config());
    let service = layer.layer(service_fn(move |request| inner.clone().serve(request)));
    let request = delivery().map(|body| {
        let mut pieces = Pieces::of(&body, 100).and_never_ends();
        pieces.dropped = Some(Arc::clone(&dropped));
        pieces
    });
    let waiting = tokio::time::timeout(Duration::from_millis(10), service.oneshot(request)).await;
    assert!(waiting.is_err());
    assert!(dropped.load(Ordering::SeqCst));
    assert_eq!(recorder.count(), 0);
}

#[tokio::test]
async fn inner_readiness_is_honoured() {
    /// Panics if it is called without having been asked whether it is ready, as a clone that was never asked would be.
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
            // Not at once: somebody who polls only once has not waited.
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
    // What is refused does not even ask.
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
    let refused = Request::post("/wecom?x=1")
        .body(Full::from("hello"))
        .unwrap();
    assert_eq!(
        answer(service, refused).await.status,
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

#[tokio::test]
async fn bodies_of_other_data_types_and_trailers_get_through() {
    /// Data that is no `Bytes`.
    struct Chained(bool);
    impl Body for Chained {
        type Data = bytes::buf::Chain<Bytes, Bytes>;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Self::Data>, Infallible>>> {
            let first = std::mem::replace(&mut self.0, true);
            let data = Bytes::from_static(b"he").chain(Bytes::from_static(b"llo"));
            Poll::Ready((!first).then(|| Ok(Frame::data(data))))
        }
    }
    let inner = service_fn(|request: Request<RequestBody<Chained>>| async move {
        let body = request.into_body().collect().await.unwrap().to_bytes();
        let mut trailers = HeaderMap::new();
        trailers.insert("x-end", "1".parse().unwrap());
        let body = Full::new(body).with_trailers(std::future::ready(Some(Ok(trailers))));
        Ok::<_, Infallible>(Response::new(body))
    });
    let service = WeComLayer::new(config()).at("/wecom").layer(inner);
    let response = service
        .oneshot(Request::get("/x").body(Chained(false)).unwrap())
        .await
        .unwrap();
    let collected = response.into_body().collect().await.unwrap();
    assert_eq!(collected.trailers().unwrap()["x-end"], "1");
    assert_eq!(collected.to_bytes(), "hello");
}

#[test]
fn our_bodies_know_their_length_and_their_end() {
    let empty = ResponseBody::<String>::default();
    assert!(empty.is_end_stream());
    assert_eq!(empty.size_hint().exact(), Some(0));
    let empty = RequestBody::<String>::default();
    assert!(empty.is_end_stream());
    assert_eq!(empty.size_hint().exact(), Some(0));
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

    // Nothing asks for `Send` where nobody needs it.
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
    let (config, request) = (config(), delivery());
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
