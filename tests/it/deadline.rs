//! `DeadlineLayer`: it answers in time, the work goes on, and its outcome is reported.

mod hooks;
mod shares;

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{Request, Response, StatusCode};
use http_body::{Body, Frame};
use tokio::time::{Instant, sleep, timeout};
use tower::ServiceBuilder;
use tower_wecom::deadline::{DeadlineHandle, LateOutcome};
use tower_wecom::dedup::DedupOutcome;
use tower_wecom::test_util::Platform;
use tower_wecom::{
    AnswerBy, Config, DeadlineLayer, DedupLayer, ReceiveId, Reply, RequestBody, WeComLayer,
};

use crate::support::{
    Answer, CORP, KEY, TOKEN, Trace, about, answer, config, delivery, message, platform,
};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

type Made = Result<Response<String>, &'static str>;

/// A layer that records the outcome of late callbacks.
#[derive(Clone)]
struct Bench {
    layer: DeadlineLayer,
    late: Arc<Mutex<Vec<LateOutcome>>>,
}

impl Bench {
    fn new() -> Self {
        Self::around(DeadlineLayer::new())
    }

    fn around(layer: DeadlineLayer) -> Self {
        let late: Arc<Mutex<Vec<LateOutcome>>> = Arc::default();
        let seen = Arc::clone(&late);
        let layer = layer.on_late(move |late| {
            let took = late.took();
            assert!(!took.is_zero() && took < MINUTE, "{late:?}");
            seen.lock().unwrap().push(late.outcome());
        });
        Self { layer, late }
    }

    fn handle(&self) -> DeadlineHandle {
        self.layer.handle()
    }

    fn late(&self) -> Vec<LateOutcome> {
        self.late.lock().unwrap().clone()
    }

    /// Sends a request to a handler that takes this long. Returns how long the answer took.
    async fn send(
        &self,
        request: Request<String>,
        takes: Duration,
        made: impl Fn() -> Made + Clone + Send + 'static,
    ) -> (Answer, Duration) {
        self.send_to(config(), request, takes, made).await
    }

    async fn send_to(
        &self,
        config: Config,
        request: Request<String>,
        takes: Duration,
        made: impl Fn() -> Made + Clone + Send + 'static,
    ) -> (Answer, Duration) {
        let inner = tower::service_fn(move |_: Request<RequestBody<String>>| {
            let made = made.clone();
            async move {
                sleep(takes).await;
                made()
            }
        });
        let service = WeComLayer::new(config).layer(self.layer.layer(inner));
        let start = Instant::now();
        let answer = answer(service, request).await;
        (answer, start.elapsed())
    }
}

fn content() -> Made {
    Ok(Response::new(String::new()))
}

fn replied() -> Made {
    let mut response = Response::new(String::new());
    response
        .extensions_mut()
        .insert(Reply::text("Hello").unwrap());
    Ok(response)
}

fn failed() -> Made {
    let mut response = Response::new(String::new());
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    Ok(response)
}

#[tokio::test]
async fn debug_shows_the_times_and_the_room_and_of_a_future_only_its_name() {
    let layer = DeadlineLayer::new()
        .answer_within(3 * SECOND)
        .answer_urgent_within(SECOND / 2);
    let times = "{ answer_within: 3s, answer_urgent_within: 500ms, .. }";
    assert_eq!(format!("{layer:?}"), format!("DeadlineLayer {times}"));
    let handle = layer.max_background(7).handle();
    let room = "DeadlineHandle { running: 0, max_background: 7 }";
    assert_eq!(format!("{handle:?}"), room);
    let layer = DeadlineLayer::new();
    let mut service = layer.layer(tower::service_fn(|_: Request<()>| async { content() }));
    let times = "{ answer_within: 4.5s, answer_urgent_within: 900ms, .. }";
    assert_eq!(format!("{service:?}"), format!("Deadline {times}"));
    let future = tower::Service::call(&mut service, Request::new(()));
    assert_eq!(format!("{future:?}"), "DeadlineFuture { .. }");
}

/// The clock is real: a paused one stands still while a handler is busy.
#[tokio::test]
async fn a_handler_that_is_never_idle_is_answered_in_time_too() {
    async fn busy() -> Made {
        let free = tokio::sync::Semaphore::new(1);
        loop {
            // It returns to the runtime only because the task has a budget.
            drop(free.acquire().await);
        }
    }
    let layer = DeadlineLayer::new().answer_within(SECOND / 20);
    let inner = tower::service_fn(|_: Request<RequestBody<String>>| busy());
    let service = WeComLayer::new(config()).layer(layer.layer(inner));
    let answer = timeout(MINUTE / 6, answer(service, delivery())).await;
    assert_eq!(answer.unwrap().status, StatusCode::OK);
}

#[test]
fn a_handler_that_answers_at_once_needs_no_timer() {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let inner = tower::service_fn(|_: Request<RequestBody<String>>| async { content() });
    let service = WeComLayer::new(config()).layer(DeadlineLayer::new().layer(inner));
    let answer = runtime.unwrap().block_on(answer(service, delivery()));
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn a_handler_of_six_seconds_is_answered_in_time_and_comes_to_its_end() {
    let bench = Bench::new();
    let handle = bench.handle();
    let (answer, took) = bench.send(delivery(), 6 * SECOND, content).await;
    assert_eq!((answer.status, answer.text()), (StatusCode::OK, ""));
    assert!(about(took, SECOND * 9 / 2), "{took:?}");
    assert_eq!((handle.running(), bench.late()), (1, vec![]));
    let start = Instant::now();
    timeout(MINUTE, handle.drain()).await.unwrap();
    let took = took + start.elapsed();
    assert!(about(took, 6 * SECOND), "{took:?}");
    assert_eq!(
        (handle.running(), bench.late()),
        (0, vec![LateOutcome::Finished])
    );
}

#[tokio::test(start_paused = true)]
async fn a_handler_in_time_is_not_touched() {
    let bench = Bench::new();
    let (answer, took) = bench.send(message(), 4 * SECOND, replied).await;
    assert!(about(took, 4 * SECOND));
    let reply = platform().open_reply(&answer.body).unwrap();
    assert!(reply.text.contains("Hello"));
    let (answer, _) = bench.send(delivery(), SECOND, failed).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!((bench.late(), bench.handle().running()), (vec![], 0));
}

#[tokio::test(start_paused = true)]
async fn the_outcome_of_late_work_is_reported() {
    for (made, expected) in [
        (replied as fn() -> Made, LateOutcome::ReplyDropped),
        (failed, LateOutcome::Failed),
        (|| Err("out of order"), LateOutcome::Failed),
        (|| panic!("as it was told"), LateOutcome::Aborted),
    ] {
        let bench = Bench::new();
        let (answer, _) = bench.send(message(), 6 * SECOND, made).await;
        assert_eq!((answer.status, answer.text()), (StatusCode::OK, ""));
        timeout(MINUTE, bench.handle().drain()).await.unwrap();
        assert_eq!(bench.late(), [expected]);
    }
}

#[tokio::test(start_paused = true)]
async fn notices_and_devices_are_answered_within_a_second() {
    let config = Config::new(
        TOKEN.parse().unwrap(),
        KEY.parse().unwrap(),
        ReceiveId::dangerous_any(),
    );
    let notice = "<xml><SuiteId>wwsuite</SuiteId><InfoType>suite_ticket</InfoType><SuiteTicket>t</SuiteTicket></xml>";
    let bench = Bench::new();
    let request = Platform::new(&config).deliver_xml(notice).unwrap();
    let (answer, took) = bench
        .send_to(config.clone(), request, 6 * SECOND, content)
        .await;
    assert_eq!(answer.text(), "success");
    assert!(about(took, SECOND * 9 / 10), "{took:?}");

    let device = std::fs::read_to_string(format!("{SAMPLES}/hw_command_remote_open_door.json"));
    let request = Platform::new(&config)
        .deliver_json(device.unwrap())
        .unwrap();
    let (_, took) = bench.send_to(config, request, 6 * SECOND, content).await;
    assert!(about(took, SECOND * 9 / 10), "{took:?}");
}

const SAMPLES: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/data/samples/third_party_info"
);

/// For this event an acknowledgement would mean consent to the binding.
#[tokio::test(start_paused = true)]
async fn a_question_is_never_answered_in_the_handlers_place() {
    let config = Config::new(
        TOKEN.parse().unwrap(),
        KEY.parse().unwrap(),
        ReceiveId::dangerous_any(),
    );
    for name in ["event_bind", "event_verify_device", "command_user_scan"] {
        let payload = std::fs::read_to_string(format!("{SAMPLES}/hw_{name}.json")).unwrap();
        let request = Platform::new(&config).deliver_json(payload).unwrap();
        let (answer, took) = Bench::new()
            .send_to(config.clone(), request, 8 * SECOND, failed)
            .await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{name}");
        assert!(about(took, 8 * SECOND), "{name}: {took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_function_can_decide_the_time_for_each_callback() {
    let layer = DeadlineLayer::new().limit(|callback| {
        assert_eq!(callback.receive_id(), CORP);
        Some(2 * SECOND)
    });
    let (_, took) = Bench::around(layer)
        .send(delivery(), 6 * SECOND, content)
        .await;
    assert!(about(took, 2 * SECOND), "{took:?}");
    let never = Bench::around(DeadlineLayer::new().limit(|_| None));
    let (_, took) = never.send(delivery(), 6 * SECOND, content).await;
    assert!(about(took, 6 * SECOND), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn without_room_the_work_is_dropped_and_wecom_may_try_again() {
    let bench = Bench::around(DeadlineLayer::new().max_background(2));
    let send = || bench.send(delivery(), 6 * SECOND, content);
    let (a, b, c) = tokio::join!(send(), send(), send());
    let mut statuses = [a, b, c].map(|(answer, took)| {
        assert!(about(took, SECOND * 9 / 2), "{took:?}");
        answer.status.as_u16()
    });
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 503]);
    assert_eq!(bench.handle().running(), 2);
    timeout(MINUTE, bench.handle().drain()).await.unwrap();
    use LateOutcome::{Finished, NoRoom};
    assert_eq!(bench.late(), [NoRoom, Finished, Finished]);
}

#[tokio::test(start_paused = true)]
async fn while_it_drains_nothing_more_gets_to_the_background() {
    let bench = Bench::new();
    let handle = bench.handle();
    bench.send(delivery(), 10 * SECOND, content).await;
    let drained = tokio::spawn(async move { handle.drain().await });
    let (answer, _) = bench.send(delivery(), 60 * SECOND, content).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    timeout(MINUTE, drained).await.unwrap().unwrap();
    // A second drain does no harm, and the background stays closed.
    timeout(MINUTE, bench.handle().drain()).await.unwrap();
    let (answer, _) = bench.send(delivery(), 6 * SECOND, content).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    // Callbacks that are in time are still answered.
    let (answer, _) = bench.send(delivery(), SECOND, content).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn a_drain_that_is_given_up_opens_the_background_again() {
    let bench = Bench::new();
    bench.send(delivery(), 30 * SECOND, content).await;
    assert!(timeout(SECOND, bench.handle().drain()).await.is_err());
    let (answer, _) = bench.send(delivery(), 6 * SECOND, content).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(bench.handle().running(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_hangs_up_in_time_takes_the_work_with_it() {
    let bench = Bench::new();
    let ended = Arc::new(Mutex::new(0));
    let counter = Arc::clone(&ended);
    let attempt = bench.send(delivery(), 3 * SECOND, move || {
        *counter.lock().unwrap() += 1;
        content()
    });
    assert!(timeout(SECOND, attempt).await.is_err());
    sleep(MINUTE).await;
    assert_eq!((*ended.lock().unwrap(), bench.late()), (0, vec![]));
}

/// The clock of `Arrival` cannot be paused. If the deadline began at the end of the body, the
/// answer would take 1.6 seconds.
#[tokio::test]
async fn the_clock_starts_at_the_arrival_and_not_after_the_body() {
    let layer = DeadlineLayer::new().answer_within(SECOND);
    let seen: Arc<Mutex<Option<Duration>>> = Arc::default();
    let left = Arc::clone(&seen);
    let inner = tower::service_fn(move |request: Request<RequestBody<Slow>>| {
        let by = request.extensions().get::<AnswerBy>().unwrap().instant();
        *left.lock().unwrap() = Some(by.saturating_duration_since(std::time::Instant::now()));
        async {
            sleep(MINUTE).await;
            content()
        }
    });
    let service = WeComLayer::new(config()).layer(layer.layer(inner));
    let start = Instant::now();
    let answer = answer(service, delivery().map(Slow::new)).await;
    let took = start.elapsed();
    assert_eq!(answer.status, StatusCode::OK);
    assert!(took < SECOND * 15 / 10, "{took:?}");
    let left = seen.lock().unwrap().unwrap();
    assert!(left < SECOND * 45 / 100, "{left:?}");
}

/// A body whose only frame takes 600 ms.
struct Slow {
    text: Option<String>,
    pause: std::pin::Pin<Box<tokio::time::Sleep>>,
}

impl Slow {
    fn new(text: String) -> Self {
        Self {
            text: Some(text),
            pause: Box::pin(sleep(SECOND * 6 / 10)),
        }
    }
}

impl Body for Slow {
    type Data = bytes::Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Frame<bytes::Bytes>, Infallible>>> {
        std::task::ready!(self.pause.as_mut().poll(cx));
        let text = self.text.take();
        std::task::Poll::Ready(text.map(|text| Ok(Frame::data(text.into()))))
    }
}

/// `DeadlineLayer` outside of `DedupLayer`.
fn stack<S>(
    deadline: &DeadlineLayer,
    dedup: DedupLayer,
    inner: S,
) -> impl tower::Service<
    Request<String>,
    Response = Response<
        tower_wecom::ResponseBody<tower_wecom::ResponseBody<tower_wecom::ResponseBody<String>>>,
    >,
    Error = &'static str,
> + Clone
where
    S: tower::Service<
            Request<RequestBody<String>>,
            Response = Response<String>,
            Error = &'static str,
        > + Clone
        + Send
        + 'static,
    S::Future: Send,
{
    ServiceBuilder::new()
        .layer(WeComLayer::new(config()))
        .layer(deadline.clone())
        .layer(dedup)
        .service(inner)
}

#[tokio::test(start_paused = true)]
async fn with_dedup_inside_the_true_end_is_committed_and_its_reply_kept() {
    let deadline = DeadlineLayer::new();
    let outcomes: Arc<Mutex<Vec<DedupOutcome>>> = Arc::default();
    let seen = Arc::clone(&outcomes);
    let dedup = DedupLayer::default().on_outcome(move |it, _| seen.lock().unwrap().push(it));
    let calls = Arc::new(Mutex::new(0));
    let counter = Arc::clone(&calls);
    let inner = tower::service_fn(move |_: Request<RequestBody<String>>| {
        *counter.lock().unwrap() += 1;
        async {
            sleep(6 * SECOND).await;
            replied()
        }
    });
    let service = stack(&deadline, dedup, inner);
    let first = answer(service.clone(), message()).await;
    assert_eq!((first.status, first.text()), (StatusCode::OK, ""));
    assert_eq!(*outcomes.lock().unwrap(), []);
    timeout(MINUTE, deadline.handle().drain()).await.unwrap();
    assert_eq!(*outcomes.lock().unwrap(), [DedupOutcome::Committed]);
    let second = answer(service, message()).await;
    let reply = platform().open_reply(&second.body).unwrap();
    assert!(reply.text.contains("Hello"));
    assert_eq!(*calls.lock().unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn with_dedup_inside_late_work_that_fails_runs_again() {
    let deadline = DeadlineLayer::new();
    let calls = Arc::new(Mutex::new(0));
    let counter = Arc::clone(&calls);
    let inner = tower::service_fn(move |_: Request<RequestBody<String>>| {
        *counter.lock().unwrap() += 1;
        async {
            sleep(6 * SECOND).await;
            failed()
        }
    });
    let service = stack(&deadline, DedupLayer::default(), inner);
    answer(service.clone(), delivery()).await;
    sleep(3 * SECOND).await;
    answer(service, delivery()).await;
    assert_eq!(*calls.lock().unwrap(), 2);
}

/// The first copy runs for 8 s. The second one must not get 200 before the first one has ended.
#[tokio::test(start_paused = true)]
async fn a_copy_of_what_runs_in_the_background_gets_503_before_the_deadline() {
    let deadline = DeadlineLayer::new();
    let inner = tower::service_fn(move |_: Request<RequestBody<String>>| async {
        sleep(8 * SECOND).await;
        content()
    });
    // Longer than the deadline allows.
    let dedup = DedupLayer::default().wait(MINUTE);
    let service = stack(&deadline, dedup, inner);
    let second = async {
        sleep(SECOND / 10).await;
        let start = Instant::now();
        (answer(service.clone(), delivery()).await, start.elapsed())
    };
    let (first, (second, took)) = tokio::join!(answer(service.clone(), delivery()), second);
    assert_eq!(first.status, StatusCode::OK);
    assert_eq!(second.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(about(took, SECOND * 44 / 10), "{took:?}");
    assert_eq!(deadline.handle().running(), 1);
}

/// Work that has no room in the background releases its claim, so that WeCom's next attempt runs.
#[tokio::test(start_paused = true)]
async fn with_dedup_inside_work_without_room_gives_its_claim_back() {
    let deadline = DeadlineLayer::new().max_background(0);
    let calls = Arc::new(Mutex::new(0));
    let counter = Arc::clone(&calls);
    let inner = tower::service_fn(move |_: Request<RequestBody<String>>| {
        *counter.lock().unwrap() += 1;
        let takes = 8 * SECOND / *counter.lock().unwrap();
        async move {
            sleep(takes).await;
            content()
        }
    });
    let service = stack(&deadline, DedupLayer::default(), inner);
    let first = answer(service.clone(), delivery()).await;
    assert_eq!(first.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer(service, delivery()).await.status, StatusCode::OK);
    assert_eq!(*calls.lock().unwrap(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_request_without_a_callback_has_no_deadline() {
    let inner = tower::service_fn(|request: Request<RequestBody<String>>| async move {
        assert!(request.extensions().get::<AnswerBy>().is_none());
        sleep(MINUTE).await;
        Ok::<_, Infallible>(Response::new("done".to_owned()))
    });
    let layer = DeadlineLayer::new();
    let service = WeComLayer::new(config())
        .at("/wecom")
        .layer(layer.layer(inner));
    let request = Request::post("/export").body(String::new()).unwrap();
    assert_eq!(answer(service, request).await.text(), "done");
}

/// All layers around one route, whose handler takes an event.
#[tokio::test]
async fn all_layers_fit_around_a_handler_of_axum() {
    use axum::routing::any;
    use tower::ServiceExt;

    let stack = ServiceBuilder::new()
        .layer(WeComLayer::new(config()))
        .layer(DeadlineLayer::new())
        .layer(DedupLayer::default());
    let greet = async |event: tower_wecom::event::Message| Reply::text(event.kind().to_string());
    let app = axum::Router::new().route("/wecom", any(greet).layer(stack));
    for _ in 0..2 {
        let request = message().map(axum::body::Body::from);
        let response = app.clone().oneshot(request).await.unwrap();
        let body = axum::body::to_bytes(response.into_body(), 4096)
            .await
            .unwrap();
        let reply = platform().open_reply(&body).unwrap();
        assert!(reply.text.contains("message/text"));
    }
}

#[tokio::test(start_paused = true)]
async fn the_trace_of_a_late_handler_is_in_the_span_of_its_callback() {
    let trace = Trace::start();
    let bench = Bench::new();
    let made = || {
        tracing::info!("the handler has something to say");
        failed()
    };
    bench.send(delivery(), 6 * SECOND, made).await;
    timeout(MINUTE, bench.handle().drain()).await.unwrap();
    let text = trace.text();
    for said in [
        "the handler has something to say",
        "a late handler has ended",
    ] {
        let line = text.lines().find(|line| line.contains(said)).unwrap();
        assert!(line.contains("wecom.callback{"), "{line}");
    }
    let line = text
        .lines()
        .find(|line| line.contains("has ended"))
        .unwrap();
    assert!(
        line.contains("WARN") && line.contains("outcome=Failed"),
        "{line}"
    );
}
