//! A callback runs again if it has failed, or if the store has lost it.

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use http::{Request, Response, StatusCode};
use tower::ServiceExt;
use tower_http::catch_panic::CatchPanicLayer;
use tower_wecom::dedup::{
    Claim, ClaimToken, DedupKey, DedupOutcome, KeptAnswer, MemoryStore, OnStoreError, Store,
};
use tower_wecom::extensions::Deferred;
use tower_wecom::{DedupLayer, RequestBody, WeComLayer};

use super::{Act, Handler, about, said_by};
use crate::support::{Trace, answer, config};

#[tokio::test]
async fn what_has_failed_runs_again_until_it_succeeds() {
    for (act, status) in [
        (
            Act::Answer(StatusCode::INTERNAL_SERVER_ERROR),
            StatusCode::INTERNAL_SERVER_ERROR,
        ),
        (Act::Answer(StatusCode::NOT_FOUND), StatusCode::NOT_FOUND),
        (Act::Answer(StatusCode::FOUND), StatusCode::FOUND),
        (Act::Grpc("12"), StatusCode::INTERNAL_SERVER_ERROR),
    ] {
        let layer = DedupLayer::default();
        let handler = Handler::doing([act.clone(), act]);
        for expected in [status, status, StatusCode::OK, StatusCode::OK] {
            assert_eq!(
                handler.send(&layer, about("lin")).await.status,
                expected,
                "{status}"
            );
        }
        assert_eq!(handler.calls(), 3);
        use DedupOutcome::{Committed, Released, Replayed};
        assert_eq!(
            handler.outcomes(),
            [Released, Released, Committed, Replayed]
        );
    }
}

#[tokio::test]
async fn a_grpc_success_is_a_success() {
    let (layer, handler) = (DedupLayer::default(), Handler::doing([Act::Grpc("0")]));
    for _ in 0..2 {
        assert_eq!(
            handler.send(&layer, about("lin")).await.status,
            StatusCode::OK
        );
    }
    assert_eq!(handler.calls(), 1);
}

#[tokio::test]
async fn an_error_of_the_service_is_a_failure() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let inner = tower::service_fn(move |_: Request<RequestBody<String>>| {
        let call = counter.fetch_add(1, Ordering::Relaxed);
        async move {
            match call {
                0 => Err("out of order"),
                _ => Ok(Response::new(String::new())),
            }
        }
    });
    let service = WeComLayer::new(config()).layer(DedupLayer::default().layer(inner));
    let first = service.clone().oneshot(about("lin")).await;
    assert_eq!(first.err(), Some("out of order"));
    for _ in 0..2 {
        let answer = answer(service.clone(), about("lin")).await;
        assert_eq!(answer.status, StatusCode::OK);
    }
    assert_eq!(calls.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_panic_gives_the_claim_back() {
    let handler = Handler::doing([Act::Panic]);
    let inner = handler.clone();
    let serve = move |request| inner.clone().serve::<String>(request);
    let dedup = DedupLayer::default();
    let service = tower::ServiceBuilder::new()
        .layer(CatchPanicLayer::new())
        .layer(WeComLayer::new(config()))
        .layer(dedup)
        .service(tower::service_fn(serve));
    for expected in [StatusCode::INTERNAL_SERVER_ERROR, StatusCode::OK] {
        let response = service.clone().oneshot(about("lin")).await.unwrap();
        assert_eq!(response.status(), expected);
    }
    assert_eq!((handler.calls(), handler.ended()), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_hangs_up_gives_the_claim_back() {
    let layer = DedupLayer::default();
    let handler = Handler::doing([Act::Sleep(Duration::from_secs(3))]);
    let attempt = handler.send(&layer, about("lin"));
    let hung_up = tokio::time::timeout(Duration::from_secs(1), attempt).await;
    assert!(hung_up.is_err());
    assert_eq!(
        handler.send(&layer, about("lin")).await.status,
        StatusCode::OK
    );
    assert_eq!((handler.calls(), handler.ended()), (2, 1));
}

#[tokio::test]
async fn an_early_answer_is_never_committed() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let inner = tower::service_fn(move |_: Request<RequestBody<String>>| {
        counter.fetch_add(1, Ordering::Relaxed);
        let mut response = Response::new(String::new());
        response.extensions_mut().insert(Deferred::new());
        async move { Ok::<_, Infallible>(response) }
    });
    let store = MemoryStore::new();
    let dedup = DedupLayer::new(store)
        .wait(Duration::ZERO)
        .lease(Duration::from_secs(2));
    let service = WeComLayer::new(config()).layer(dedup.layer(inner));
    let send = async || answer(service.clone(), about("lin")).await.status;
    assert_eq!(send().await, StatusCode::OK);
    // The work goes on. Until the lease ends, no copy may report success or start a second run.
    assert_eq!(send().await, StatusCode::SERVICE_UNAVAILABLE);
    tokio::time::sleep(Duration::from_millis(2_200)).await;
    assert_eq!(send().await, StatusCode::OK);
    assert_eq!(calls.load(Ordering::Relaxed), 2);
}

/// A memory store that can be switched to failing.
#[derive(Clone, Default)]
struct Shaky {
    memory: MemoryStore,
    claims_fail: Arc<AtomicBool>,
    commits_fail: Arc<AtomicBool>,
}

#[derive(Debug)]
pub struct Down;

impl fmt::Display for Down {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("down")
    }
}

impl std::error::Error for Down {}

fn up(is_down: &AtomicBool) -> Result<(), Down> {
    if is_down.load(Ordering::Relaxed) {
        return Err(Down);
    }
    Ok(())
}

fn sure<T>(result: Result<T, Infallible>) -> Result<T, Down> {
    result.map_err(|never| match never {})
}

impl Store for Shaky {
    type Error = Down;

    async fn claim(
        &self,
        key: DedupKey,
        token: ClaimToken,
        lease: Duration,
    ) -> Result<Claim, Down> {
        up(&self.claims_fail)?;
        sure(self.memory.claim(key, token, lease).await)
    }

    async fn renew(&self, key: DedupKey, token: ClaimToken, lease: Duration) -> Result<bool, Down> {
        up(&self.claims_fail)?;
        sure(self.memory.renew(key, token, lease).await)
    }

    async fn commit(
        &self,
        key: DedupKey,
        token: ClaimToken,
        answer: KeptAnswer,
        keep: Duration,
    ) -> Result<bool, Down> {
        up(&self.commits_fail)?;
        sure(self.memory.commit(key, token, answer, keep).await)
    }

    async fn release(&self, key: DedupKey, token: ClaimToken) -> Result<(), Down> {
        up(&self.claims_fail)?;
        sure(self.memory.release(key, token).await)
    }
}

#[tokio::test]
async fn without_its_store_a_callback_is_processed_and_counted() {
    let store = Shaky::default();
    let (layer, handler) = (DedupLayer::new(store.clone()), Handler::default());
    store.claims_fail.store(true, Ordering::Relaxed);
    for _ in 0..2 {
        assert_eq!(
            handler.send(&layer, about("lin")).await.status,
            StatusCode::OK
        );
    }
    assert_eq!(handler.calls(), 2);
    assert_eq!(handler.outcomes(), [DedupOutcome::Unprotected; 2]);
    store.claims_fail.store(false, Ordering::Relaxed);
    for _ in 0..2 {
        handler.send(&layer, about("lin")).await;
    }
    assert_eq!(handler.calls(), 3);
}

#[tokio::test]
async fn without_its_store_a_callback_is_rejected_if_so_configured() {
    let store = Shaky::default();
    let layer = DedupLayer::new(store.clone()).on_store_error(OnStoreError::Reject);
    let handler = Handler::default();
    store.claims_fail.store(true, Ordering::Relaxed);
    let answer = handler.send(&layer, about("lin")).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(handler.calls(), 0);
    assert_eq!(handler.outcomes(), [DedupOutcome::Rejected]);
}

#[tokio::test]
async fn a_success_that_could_not_be_kept_is_a_success() {
    let store = Shaky::default();
    let (layer, handler) = (DedupLayer::new(store.clone()), Handler::default());
    store.commits_fail.store(true, Ordering::Relaxed);
    assert_eq!(
        handler.send(&layer, about("lin")).await.status,
        StatusCode::OK
    );
    assert_eq!(handler.outcomes(), [DedupOutcome::NotKept]);
}

#[tokio::test]
async fn the_trace_names_what_may_run_twice_and_no_content() {
    let trace = Trace::start();
    let store = Shaky::default();
    let layer = DedupLayer::new(store.clone());
    let handler = Handler::doing([Act::Reply(tower_wecom::Reply::text("between us").unwrap())]);
    store.commits_fail.store(true, Ordering::Relaxed);
    handler.send(&layer, said_by("lin")).await;
    let text = trace.text();
    let line = text.lines().find(|line| line.contains("NotKept")).unwrap();
    for part in ["WARN", "error=down", "kind=\"message/text\"", "key="] {
        assert!(line.contains(part), "{part} is not in {line}");
    }
    assert!(
        !text.contains("between us") && !text.contains("UserID"),
        "{text}"
    );

    store.claims_fail.store(true, Ordering::Relaxed);
    handler.send(&layer, said_by("mei")).await;
    let text = trace.text();
    let line = text.lines().find(|line| line.contains("Unprotected"));
    assert!(line.unwrap().contains("error=down"), "{text}");
}
