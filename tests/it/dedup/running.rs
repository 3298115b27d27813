//! Copies of a callback that arrive while it is running.

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::{Pending, pending};
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use http::{Request, Response, StatusCode};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use tower::{ServiceExt, service_fn};
use tower_wecom::dedup::{Claim, ClaimToken, DedupOutcome, MemoryStore, Store};
use tower_wecom::{Callback, DedupLayer, Reply, RequestBody, WeComLayer};

use super::stores::key_of;
use super::{Act, Handler, about, said_by};
use crate::support::{answer, config, platform};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn a_copy_waits_for_the_answer_of_the_one_that_runs() {
    let layer = DedupLayer::default();
    let handler = Handler::doing([Act::Sleep(2 * SECOND)]);
    let start = Instant::now();
    let second = async {
        sleep(SECOND).await;
        handler.send(&layer, about("lin")).await
    };
    let (first, second) = tokio::join!(handler.send(&layer, about("lin")), second);
    assert_eq!(
        (first.status, second.status),
        (StatusCode::OK, StatusCode::OK)
    );
    assert_eq!(handler.calls(), 1);
    // The memory store wakes the copy at once. Polling would take longer.
    assert!(
        start.elapsed() < 2 * SECOND + SECOND / 50,
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn a_copy_that_waits_gets_the_reply() {
    let layer = DedupLayer::default();
    let slow = |reply| async move {
        sleep(SECOND).await;
        reply
    };
    let inner = service_fn(move |_: Request<RequestBody<String>>| async move {
        let reply = slow(Reply::text("late, but here").unwrap()).await;
        let mut response = Response::new(String::new());
        response.extensions_mut().insert(reply);
        Ok::<_, Infallible>(response)
    });
    let service = WeComLayer::new(config()).layer(layer.layer(inner));
    let (first, second) = tokio::join!(
        answer(service.clone(), said_by("lin")),
        answer(service.clone(), said_by("lin"))
    );
    for answer in [first, second] {
        let reply = platform().open_reply(&answer.body).unwrap();
        assert!(reply.text.contains("late, but here"));
    }
}

#[test]
fn without_a_runtime_a_copy_does_not_wait() {
    type Endless = Pending<Result<Response<String>, Infallible>>;
    let inner = |_: Request<RequestBody<String>>| -> Endless { pending() };
    let dedup = DedupLayer::default().layer(service_fn(inner));
    let service = WeComLayer::new(config()).layer(dedup);
    let mut cx = Context::from_waker(Waker::noop());
    let mut first = Box::pin(service.clone().oneshot(about("lin")));
    assert!(first.as_mut().poll(&mut cx).is_pending());
    let mut copy = Box::pin(service.oneshot(about("lin")));
    let Poll::Ready(response) = copy.as_mut().poll(&mut cx) else {
        panic!("nothing to wait for")
    };
    assert_eq!(response.unwrap().status(), StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test(start_paused = true)]
async fn a_copy_that_has_waited_long_enough_gets_503() {
    let layer = DedupLayer::default();
    let handler = Handler::doing([Act::Sleep(10 * SECOND)]);
    let second = async {
        sleep(SECOND).await;
        let start = Instant::now();
        (handler.send(&layer, about("lin")).await, start.elapsed())
    };
    let (first, (second, waited)) = tokio::join!(handler.send(&layer, about("lin")), second);
    assert_eq!(first.status, StatusCode::OK);
    assert_eq!(second.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(
        waited > SECOND * 39 / 10 && waited < SECOND * 41 / 10,
        "{waited:?}"
    );
    assert_eq!(handler.calls(), 1);
    assert_eq!(
        handler.outcomes(),
        [DedupOutcome::Busy, DedupOutcome::Committed]
    );
}

#[tokio::test(start_paused = true)]
async fn a_copy_runs_when_the_one_before_it_fails() {
    let layer = DedupLayer::default();
    let inner = {
        let calls = Arc::new(AtomicUsize::new(0));
        service_fn(move |_: Request<RequestBody<String>>| {
            let call = calls.fetch_add(1, Ordering::Relaxed);
            async move {
                sleep(SECOND).await;
                let mut response = Response::new(String::new());
                if call == 0 {
                    *response.status_mut() = StatusCode::BAD_GATEWAY;
                }
                Ok::<_, Infallible>(response)
            }
        })
    };
    let service = WeComLayer::new(config()).layer(layer.layer(inner));
    let second = async {
        sleep(SECOND / 2).await;
        answer(service.clone(), about("lin")).await
    };
    let first = answer(service.clone(), about("lin"));
    let (first, second) = tokio::join!(first, second);
    assert_eq!(first.status, StatusCode::BAD_GATEWAY);
    assert_eq!(second.status, StatusCode::OK);
}

/// The memory store measures the lease by the real clock, which cannot be paused.
#[tokio::test]
async fn a_claim_is_renewed_for_as_long_as_the_handler_runs() {
    let layer = DedupLayer::default().lease(2 * SECOND).wait(Duration::ZERO);
    let handler = Handler::doing([Act::Sleep(6 * SECOND)]);
    let copies = async {
        sleep(SECOND / 10).await;
        // On a busy machine the last copy can arrive after the handler has ended.
        while handler.ended() == 0 {
            let copy = handler.send(&layer, about("lin")).await;
            let is_over = handler.ended() > 0;
            assert!(is_over || copy.status == StatusCode::SERVICE_UNAVAILABLE);
            sleep(SECOND * 8 / 10).await;
        }
    };
    let (first, ()) = tokio::join!(handler.send(&layer, about("lin")), copies);
    assert_eq!(first.status, StatusCode::OK);
    assert_eq!(handler.calls(), 1);
}

/// A process has died while it had the claim.
#[tokio::test]
async fn a_copy_takes_over_when_the_lease_of_a_dead_process_ends() {
    let store = MemoryStore::new();
    let layer = DedupLayer::new(store.clone());
    let handler = Handler::default();
    let key = key_of(about("lin")).await;
    let dead = store.claim(key, ClaimToken::new(7), Duration::from_millis(500));
    assert_eq!(dead.await.unwrap(), Claim::Granted);
    let answer = handler.send(&layer, about("lin")).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(handler.calls(), 1);
}

/// A copy that waits takes no capacity of the inner service, which has room for one request.
#[tokio::test(start_paused = true)]
async fn a_copy_that_waits_occupies_nothing() {
    let handler = Handler::doing([Act::Sleep(SECOND)]);
    let inner = handler.clone();
    let serve = move |request| inner.clone().serve::<String>(request);
    let service = tower::ServiceBuilder::new()
        .layer(WeComLayer::new(config()))
        .layer(DedupLayer::default())
        .concurrency_limit(1)
        .service(service_fn(serve));
    let copy = || answer(service.clone(), about("lin"));
    let (a, b, c, other) = tokio::join!(
        copy(),
        copy(),
        copy(),
        answer(service.clone(), about("mei"))
    );
    for answer in [a, b, c, other] {
        assert_eq!(answer.status, StatusCode::OK);
    }
    assert_eq!(handler.calls(), 2);
}

/// Copies of many callbacks run at once, on all threads. One handler in ten fails. Each callback
/// succeeds once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whatever_the_order_each_callback_succeeds_once() {
    let successes: Arc<Mutex<HashMap<String, usize>>> = Arc::default();
    let (ledger, seed) = (Arc::clone(&successes), RandomState::new());
    let count = Arc::new(AtomicU64::new(0));
    let inner = service_fn(move |request: Request<RequestBody<String>>| {
        let callback = request.extensions().get::<Callback>().unwrap();
        let (payload, ledger) = (callback.text().into_owned(), Arc::clone(&ledger));
        let call = count.fetch_add(1, Ordering::Relaxed);
        let dice = seed.hash_one(call);
        async move {
            sleep(Duration::from_millis(dice % 7)).await;
            let mut response = Response::new(String::new());
            if dice % 10 == 3 {
                *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            } else {
                *ledger.lock().unwrap().entry(payload).or_default() += 1;
            }
            Ok::<_, Infallible>(response)
        }
    });
    // A busy machine can stop all threads for longer than the usual lease, and a callback can then
    // run twice. This test is about the order, so its lease is long.
    let layer = DedupLayer::default().lease(60 * SECOND);
    let service = WeComLayer::new(config()).layer(layer.layer(inner));
    let mut tasks = JoinSet::new();
    for copy in 0..1500 {
        let service = service.clone();
        tasks.spawn(async move {
            let member = format!("u{}", copy % 500);
            // WeCom retries in the same way, but gives up after some attempts.
            while !answer(service.clone(), about(&member))
                .await
                .status
                .is_success()
            {}
        });
    }
    tasks.join_all().await;
    let successes = successes.lock().unwrap();
    assert_eq!(successes.len(), 500);
    assert!(successes.values().all(|count| *count == 1), "{successes:?}");
}
