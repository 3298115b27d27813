//! Bodies that come in pieces, never end, are too slow or are dropped, and the crate's own bodies.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Buf, Bytes};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, Full, StreamBody};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};
use tower::{ServiceExt, service_fn};
use tower_wecom::{Arrival, RejectionKind, RequestBody, ResponseBody, WeComLayer};

use crate::support::{Recorder, about, answer, config, delivery, ok};

/// A body that yields its pieces one by one. At its end it does what the test has set up.
pub struct Pieces {
    pieces: Vec<Result<Frame<Bytes>, &'static str>>,
    never_ends: bool,
    dropped: Option<Arc<AtomicBool>>,
}

impl Pieces {
    pub fn of(body: &str, size: usize) -> Self {
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

    pub fn and_never_ends(mut self) -> Self {
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
async fn a_body_that_fails_is_rejected_and_not_half_read() {
    let service = WeComLayer::new(config()).layer(service_fn(ok::<Pieces>));
    let request = delivery().map(|body| Pieces::of(&body, 100).and_last(Err("reset by peer")));
    let answer = answer(service, request).await;
    assert_eq!(answer.kind(), Some(RejectionKind::Body));
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_body_without_a_known_length_is_cut_at_the_limit() {
    let service = WeComLayer::new(config())
        .max_body_size(1_000)
        .layer(service_fn(ok::<Pieces>));
    let endless = Pieces::of(&"x".repeat(1_001), 100).and_never_ends();
    let answer = answer(service, delivery().map(|_| endless)).await;
    assert_eq!(answer.kind(), Some(RejectionKind::TooLarge));
}

#[tokio::test]
async fn a_body_that_announces_a_length_over_the_limit_is_not_read() {
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
    assert_eq!(answer.kind(), Some(RejectionKind::TooLarge));
}

#[tokio::test(start_paused = true)]
async fn the_read_deadline_is_absolute() {
    // One byte per second would never reach a timeout that restarts with each piece.
    let drip = delivery().map(|body| {
        let pieces: Vec<_> = body.bytes().map(|byte| Bytes::from(vec![byte])).collect();
        StreamBody::new(drip(pieces, Duration::from_secs(1)))
    });
    let service = WeComLayer::new(config()).layer(service_fn(ok));
    let start = Instant::now();
    let answered = answer(service, drip).await;
    assert_eq!(answered.kind(), Some(RejectionKind::TooSlow));
    assert_eq!(answered.status, StatusCode::REQUEST_TIMEOUT);
    assert_eq!(answered.header("connection"), Some("close"));
    let took = start.elapsed();
    assert!(about(took, Duration::from_secs(4)), "{took:?}");

    let service = WeComLayer::new(config())
        .read_timeout(Duration::from_millis(100))
        .layer(service_fn(ok::<Pieces>));
    let silent = delivery().map(|body| Pieces::of(&body, 10).and_never_ends());
    let start = Instant::now();
    assert_eq!(
        answer(service, silent).await.kind(),
        Some(RejectionKind::TooSlow)
    );
    let took = start.elapsed();
    assert!(about(took, Duration::from_millis(100)), "{took:?}");
}

#[tokio::test]
async fn a_body_that_is_always_ready_neither_outruns_the_deadline_nor_keeps_the_thread() {
    /// Endless empty frames, which never reach the limit in bytes.
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
    // Other tasks of this runtime, which has one thread, run meanwhile.
    let genuine = WeComLayer::new(config()).layer(service_fn(ok::<String>));
    assert_eq!(answer(genuine, delivery()).await.status, StatusCode::OK);
    assert_eq!(hostile.await.unwrap().kind(), Some(RejectionKind::TooSlow));
}

#[tokio::test]
async fn a_body_that_spends_the_tasks_budget_does_not_outrun_the_deadline() {
    /// Reads from a tokio channel until its task has no budget left.
    struct Greedy(mpsc::UnboundedSender<()>, mpsc::UnboundedReceiver<()>);
    impl Body for Greedy {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            loop {
                let _ = self.0.send(());
                if self.1.poll_recv(cx).is_pending() {
                    return Poll::Pending;
                }
            }
        }
    }
    let service = WeComLayer::new(config())
        .read_timeout(Duration::from_millis(50))
        .layer(service_fn(ok::<Greedy>));
    let (sender, receiver) = mpsc::unbounded_channel();
    let hostile = answer(service, delivery().map(|_| Greedy(sender, receiver)));
    let answered = timeout(Duration::from_secs(60), hostile).await.unwrap();
    assert_eq!(answered.kind(), Some(RejectionKind::TooSlow));
}

#[tokio::test]
async fn a_body_that_is_there_at_once_is_never_too_late() {
    let service = WeComLayer::new(config())
        .read_timeout(Duration::ZERO)
        .layer(service_fn(ok::<String>));
    assert_eq!(answer(service, delivery()).await.status, StatusCode::OK);
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

/// Yields a piece after each pause.
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
async fn dropping_the_future_in_the_middle_drops_the_body_and_calls_no_handler() {
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
    let waiting = timeout(Duration::from_millis(10), service.oneshot(request)).await;
    assert!(waiting.is_err());
    assert!(dropped.load(Ordering::SeqCst));
    assert_eq!(recorder.count(), 0);
}

#[tokio::test]
async fn bodies_of_other_data_types_and_trailers_get_through() {
    /// A data type other than `Bytes`.
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

#[tokio::test]
async fn bodies_that_pass_keep_their_length_and_their_end() {
    let inner = service_fn(|request: Request<RequestBody<String>>| {
        let (hint, is_end) = (
            request.body().size_hint().exact(),
            request.body().is_end_stream(),
        );
        assert_eq!((hint, is_end), (Some(0), true));
        let body = request.uri().path().trim_start_matches('/').to_owned();
        std::future::ready(Ok::<_, Infallible>(Response::new(body)))
    });
    let service = WeComLayer::new(config()).at("/wecom").layer(inner);
    for (path, length) in [("/", 0), ("/abc", 3)] {
        let request = Request::get(path).body(String::new()).unwrap();
        let response = service.clone().oneshot(request).await.unwrap();
        assert_eq!(response.body().is_end_stream(), length == 0);
        assert_eq!(response.body().size_hint().exact(), Some(length));
    }
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
