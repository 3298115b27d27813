//! `on_late` for a copy that did not run, and hooks that panic.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use http::{Request, Response, StatusCode};
use tokio::time::{sleep, timeout};
use tower::{Service, ServiceBuilder, ServiceExt};
use tower_wecom::deadline::LateOutcome;
use tower_wecom::dedup::DedupOutcome;
use tower_wecom::{DeadlineLayer, DedupLayer, RequestBody, WeComLayer};

use super::{Bench, MINUTE, Made, SECOND, content};
use crate::support::{Trace, answer, config, delivery};

/// A service between the layers delays the second copy until it was acknowledged. The first copy
/// runs for the whole time.
#[tokio::test(start_paused = true)]
async fn a_copy_that_is_busy_in_the_background_has_not_failed() {
    let bench = Bench::new();
    let outcomes: Arc<Mutex<Vec<DedupOutcome>>> = Arc::default();
    let seen = Arc::clone(&outcomes);
    let dedup = DedupLayer::default().on_outcome(move |it, _| seen.lock().unwrap().push(it));
    let deduplicated = dedup.layer(tower::service_fn(
        |_: Request<RequestBody<String>>| async move {
            sleep(20 * SECOND).await;
            content()
        },
    ));
    let is_second = Arc::new(AtomicBool::new(false));
    let held = tower::service_fn(move |request| {
        let mut inner = deduplicated.clone();
        let is_second = is_second.swap(true, Ordering::Relaxed);
        async move {
            if is_second {
                sleep(5 * SECOND).await;
            }
            inner.ready().await?.call(request).await
        }
    });
    let service = ServiceBuilder::new()
        .layer(WeComLayer::new(config()))
        .layer(bench.layer.clone())
        .service(held);
    let (first, second) = tokio::join!(
        answer(service.clone(), delivery()),
        answer(service.clone(), delivery())
    );
    assert_eq!(
        (first.status, second.status),
        (StatusCode::OK, StatusCode::OK)
    );
    timeout(MINUTE, bench.handle().drain()).await.unwrap();
    assert_eq!(bench.late(), [LateOutcome::Busy, LateOutcome::Finished]);
    assert_eq!(
        *outcomes.lock().unwrap(),
        [DedupOutcome::Busy, DedupOutcome::Committed]
    );
}

/// The first handler panics too. A panic of the hook during that panic would end the process.
#[tokio::test(start_paused = true)]
async fn a_hook_that_panics_leaves_the_background_in_order() {
    for made in [(|| panic!("as it was told")) as fn() -> Made, content] {
        let trace = Trace::start();
        let told = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&told);
        let layer = DeadlineLayer::new().max_background(1).on_late(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
            panic!("a hook")
        });
        let handle = layer.handle();
        let inner = tower::service_fn(move |_: Request<RequestBody<String>>| async move {
            sleep(6 * SECOND).await;
            made()
        });
        let service = WeComLayer::new(config()).layer(layer.layer(inner));
        // The first callback leaves its place to the second one, although its hook has panicked.
        for _ in 0..2 {
            let answer = answer(service.clone(), delivery()).await;
            assert_eq!(answer.status, StatusCode::OK);
            sleep(3 * SECOND).await;
            assert_eq!(handle.running(), 0);
        }
        timeout(MINUTE, handle.drain()).await.unwrap();
        // This one has no room. Its hook runs in the request's own task.
        let answer = answer(service, delivery()).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(told.load(Ordering::Relaxed), 3);
        let text = trace.text();
        let warnings = text
            .lines()
            .filter(|line| line.contains("a hook has panicked"));
        assert_eq!(warnings.count(), 3, "{text}");
    }
}

/// A callback that succeeded in the background stays a success, although the dedup layer's hook
/// panics.
#[tokio::test(start_paused = true)]
async fn a_panicking_hook_of_the_dedup_layer_turns_no_success_into_a_failure() {
    let bench = Bench::new();
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let inner = tower::service_fn(move |_: Request<RequestBody<String>>| {
        let call = counter.fetch_add(1, Ordering::Relaxed);
        async move {
            sleep(6 * SECOND).await;
            let mut response = Response::new(String::new());
            if call == 0 {
                *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            }
            Ok::<_, &'static str>(response)
        }
    });
    let service = ServiceBuilder::new()
        .layer(WeComLayer::new(config()))
        .layer(bench.layer.clone())
        .layer(DedupLayer::default().on_outcome(|_, _| panic!("a hook")))
        .service(inner);
    for _ in 0..3 {
        let answer = answer(service.clone(), delivery()).await;
        assert_eq!(answer.status, StatusCode::OK);
        sleep(3 * SECOND).await;
    }
    assert_eq!(bench.late(), [LateOutcome::Failed, LateOutcome::Finished]);
    assert_eq!(calls.load(Ordering::Relaxed), 2);
}
