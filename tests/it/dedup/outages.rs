//! Stores that are slow or fail for a short time, peers that hang up late, and replicas that die.

use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{Request, Response, StatusCode};
use tokio::time::{Instant, sleep, timeout};
use tower::{ServiceBuilder, ServiceExt};
use tower_wecom::dedup::{
    Claim, ClaimToken, DedupKey, DedupOutcome, KeptAnswer, MemoryStore, Store,
};
use tower_wecom::{
    AnswerBy, DeadlineLayer, DedupLayer, RequestBody, ResponseBody, WeComLayer, middleware,
    protocol,
};

use super::failures::Down;
use super::{Act, Handler, about, event};
use crate::support::{CORP, answer, config, platform};

const MS: Duration = Duration::from_millis(1);

/// A memory store that is slow, fails some claims, or dies with its claims.
#[derive(Clone, Default)]
struct Slow {
    memory: MemoryStore,
    claim: Duration,
    commit: Duration,
    /// The first claim that fails, counted from 1, and how many claims fail.
    fails: (usize, usize),
    claims: Arc<AtomicUsize>,
    is_mortal: bool,
    /// Another run has each claim by the time of its commit.
    has_lost: bool,
}

impl Store for Slow {
    type Error = Down;

    async fn claim(&self, key: DedupKey, by: ClaimToken, lease: Duration) -> Result<Claim, Down> {
        let number = self.claims.fetch_add(1, Ordering::Relaxed) + 1;
        if !self.claim.is_zero() {
            sleep(self.claim).await;
        }
        if number >= self.fails.0 && number < self.fails.0 + self.fails.1 {
            return Err(Down);
        }
        let Ok(claim) = self.memory.claim(key, by, lease).await;
        Ok(claim)
    }

    async fn claim_again(
        &self,
        key: DedupKey,
        by: ClaimToken,
        lease: Duration,
    ) -> Result<Claim, Down> {
        let Ok(claim) = self.memory.claim_again(key, by, lease).await;
        Ok(claim)
    }

    async fn renew(&self, key: DedupKey, by: ClaimToken, lease: Duration) -> Result<bool, Down> {
        let Ok(renewed) = self.memory.renew(key, by, lease).await;
        Ok(renewed)
    }

    async fn commit(
        &self,
        key: DedupKey,
        by: ClaimToken,
        answer: KeptAnswer,
        keep: Duration,
    ) -> Result<bool, Down> {
        if !self.commit.is_zero() {
            sleep(self.commit).await;
        }
        let by = if self.has_lost {
            ClaimToken::new(0)
        } else {
            by
        };
        let Ok(committed) = self.memory.commit(key, by, answer, keep).await;
        Ok(committed)
    }

    async fn release(&self, key: DedupKey, by: ClaimToken) -> Result<(), Down> {
        let Ok(()) = self.memory.release(key, by).await;
        Ok(())
    }

    fn abandon(&self, key: DedupKey, by: ClaimToken) {
        if !self.is_mortal {
            self.memory.abandon(key, by);
        }
    }
}

/// A member has changed, which can happen twice in a second.
fn change() -> Request<String> {
    let change = event("lin").replace("create_user", "update_user");
    platform().deliver_xml(change).unwrap()
}

/// A notice to a third-party app: WeCom waits one second.
fn notice() -> Request<String> {
    let notice = format!(
        "<xml><SuiteId>{CORP}</SuiteId><InfoType>cancel_auth</InfoType><TimeStamp>1</TimeStamp>\
         <AuthCorpId>c</AuthCorpId></xml>"
    );
    platform().deliver_xml(notice).unwrap()
}

#[tokio::test]
async fn a_slow_store_does_not_make_a_copy_miss_its_deadline() {
    let layer = DedupLayer::new(Slow {
        claim: 450 * MS,
        ..Slow::default()
    });
    let inner = tower::service_fn(|_: Request<RequestBody<String>>| async {
        sleep(3000 * MS).await;
        Ok::<_, Infallible>(Response::new(String::new()))
    });
    let service = ServiceBuilder::new()
        .layer(WeComLayer::new(config()))
        .layer(DeadlineLayer::new())
        .layer(layer)
        .service(inner);
    let copy = async {
        sleep(100 * MS).await;
        answer(service.clone(), notice()).await
    };
    let (first, copy) = tokio::join!(answer(service.clone(), notice()), copy);
    // `DeadlineLayer` has answered the first one, whose work goes on. So the copy gets 503.
    assert_eq!(first.status, StatusCode::OK);
    assert_eq!(copy.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn a_store_that_does_not_answer_at_all_is_given_up_before_the_deadline() {
    let outcomes: Arc<Mutex<Vec<DedupOutcome>>> = Arc::default();
    let seen = Arc::clone(&outcomes);
    let layer = DedupLayer::new(Slow {
        claim: 60_000 * MS,
        ..Slow::default()
    })
    .on_outcome(move |outcome, _| seen.lock().unwrap().push(outcome));
    let inner = tower::service_fn(|_: Request<RequestBody<String>>| async {
        Ok::<_, Infallible>(Response::new(String::new()))
    });
    let deadline = DeadlineLayer::new();
    let background = deadline.handle();
    let service = ServiceBuilder::new()
        .layer(WeComLayer::new(config()))
        .layer(deadline)
        .layer(layer)
        .service(inner);
    assert_eq!(answer(service, notice()).await.status, StatusCode::OK);
    assert_eq!(background.running(), 0);
    assert_eq!(*outcomes.lock().unwrap(), [DedupOutcome::Unprotected]);
}

/// `DeadlineLayer` has answered already, so the store has time.
#[tokio::test]
async fn a_store_that_is_slow_is_not_given_up_when_the_deadline_is_over() {
    let outcomes: Arc<Mutex<Vec<DedupOutcome>>> = Arc::default();
    let seen = Arc::clone(&outcomes);
    let layer = DedupLayer::new(Slow {
        claim: 200 * MS,
        ..Slow::default()
    })
    .on_outcome(move |outcome, _| seen.lock().unwrap().push(outcome));
    let inner = tower::service_fn(|_: Request<RequestBody<String>>| async {
        Ok::<_, Infallible>(Response::new(ResponseBody::<String>::default()))
    });
    let callback = protocol::restore(event("lin").into(), CORP, None, 0);
    let mut request = middleware::request_for::<String>(&callback, "/".parse().unwrap());
    let over = AnswerBy::new(std::time::Instant::now());
    request.extensions_mut().insert(over);
    let response = layer.layer(inner).oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(*outcomes.lock().unwrap(), [DedupOutcome::Committed]);
}

#[tokio::test]
async fn a_store_that_fails_once_while_a_copy_waits_starts_no_second_run() {
    let layer = DedupLayer::new(Slow {
        fails: (4, 1),
        ..Slow::default()
    });
    let handler = Handler::doing([Act::Sleep(1000 * MS)]);
    let copy = async {
        sleep(100 * MS).await;
        handler.send(&layer, about("lin")).await
    };
    let (first, copy) = tokio::join!(handler.send(&layer, about("lin")), copy);
    assert_eq!(
        (first.status, copy.status),
        (StatusCode::OK, StatusCode::OK)
    );
    assert_eq!(handler.calls(), 1);
    use DedupOutcome::{Committed, Replayed};
    assert_eq!(handler.outcomes(), [Committed, Replayed]);
}

/// The answer has not reached WeCom, so the next copy is WeCom's next attempt.
#[tokio::test]
async fn an_answer_to_a_peer_that_hung_up_is_not_in_time() {
    let layer = DedupLayer::new(Slow {
        commit: 300 * MS,
        ..Slow::default()
    });
    let handler = Handler::doing([Act::Sleep(200 * MS)]);
    let hung_up = timeout(350 * MS, handler.send(&layer, change())).await;
    assert!(hung_up.is_err());
    assert_eq!(handler.ended(), 1);
    sleep(500 * MS).await;
    let again = handler.send(&layer, change()).await;
    assert_eq!((again.status, handler.calls()), (StatusCode::OK, 1));
}

#[tokio::test]
async fn a_peer_that_hangs_up_during_the_commit_undoes_nothing() {
    let layer = DedupLayer::new(Slow {
        commit: 300 * MS,
        ..Slow::default()
    });
    let handler = Handler::doing([Act::Sleep(200 * MS)]);
    let hung_up = timeout(350 * MS, handler.send(&layer, about("lin"))).await;
    assert!(hung_up.is_err());
    assert_eq!(handler.ended(), 1);
    let copy = handler.send(&layer, about("lin")).await;
    assert_eq!(copy.status, StatusCode::OK);
    assert_eq!(handler.calls(), 1);
}

/// The lease has ended and another run has the callback. This run is a success, and the callback
/// may run twice.
#[tokio::test]
async fn a_run_that_has_lost_its_claim_is_answered_and_counted() {
    let layer = DedupLayer::new(Slow {
        has_lost: true,
        ..Slow::default()
    });
    let handler = Handler::default();
    let answer = handler.send(&layer, about("lin")).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(handler.outcomes(), [DedupOutcome::NotKept]);
}

#[tokio::test(start_paused = true)]
async fn a_copy_waits_for_a_store_that_takes_its_time() {
    let layer = DedupLayer::new(Slow {
        claim: 20 * MS,
        ..Slow::default()
    });
    let handler = Handler::doing([Act::Sleep(300 * MS)]);
    let copy = async {
        sleep(60 * MS).await;
        handler.send(&layer, about("lin")).await
    };
    let (first, copy) = tokio::join!(handler.send(&layer, about("lin")), copy);
    assert_eq!(
        (first.status, copy.status),
        (StatusCode::OK, StatusCode::OK)
    );
    assert_eq!(handler.calls(), 1);
}

#[tokio::test]
async fn what_ran_without_the_store_is_kept_when_the_store_is_back() {
    let layer = DedupLayer::new(Slow {
        fails: (1, 1),
        ..Slow::default()
    });
    let handler = Handler::default();
    handler.send(&layer, about("lin")).await;
    sleep(50 * MS).await;
    handler.send(&layer, about("lin")).await;
    assert_eq!(handler.calls(), 1);
    use DedupOutcome::{Replayed, Unprotected};
    assert_eq!(handler.outcomes(), [Unprotected, Replayed]);
}

#[tokio::test]
async fn what_ran_without_the_store_can_come_again_if_it_is_another_event() {
    let layer = DedupLayer::new(Slow {
        fails: (1, 1),
        ..Slow::default()
    });
    let handler = Handler::default();
    for _ in 0..2 {
        handler.send(&layer, change()).await;
        sleep(50 * MS).await;
    }
    assert_eq!(handler.calls(), 2);
}

#[tokio::test]
async fn what_failed_without_the_store_runs_again_when_the_store_is_back() {
    let layer = DedupLayer::new(Slow {
        fails: (1, 1),
        ..Slow::default()
    });
    let handler = Handler::doing([Act::Answer(StatusCode::INTERNAL_SERVER_ERROR)]);
    handler.send(&layer, about("lin")).await;
    sleep(50 * MS).await;
    handler.send(&layer, about("lin")).await;
    assert_eq!(handler.calls(), 2);
    use DedupOutcome::{Committed, Unprotected};
    assert_eq!(handler.outcomes(), [Unprotected, Committed]);
}

/// The first of four attempts dies with its process. Each later attempt starts when the one before
/// it was answered. Attempt `by`, or an earlier one, takes over.
async fn takes_over(request: fn() -> Request<String>, wait: Duration, by: u32) {
    let store = Slow {
        is_mortal: true,
        ..Slow::default()
    };
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let inner = tower::service_fn(move |_: Request<RequestBody<String>>| {
        let call = counter.fetch_add(1, Ordering::Relaxed);
        async move {
            if call == 0 {
                sleep(60_000 * MS).await;
            }
            Ok::<_, Infallible>(Response::new(String::new()))
        }
    });
    let service = ServiceBuilder::new()
        .layer(WeComLayer::new(config()))
        .layer(DeadlineLayer::new())
        .layer(DedupLayer::new(store))
        .service(inner);
    let dead = timeout(100 * MS, answer(service.clone(), request())).await;
    assert!(dead.is_err());
    for _ in 2..=by {
        let start = Instant::now();
        let attempt = answer(service.clone(), request()).await;
        if calls.load(Ordering::Relaxed) == 2 {
            assert_eq!(attempt.status, StatusCode::OK);
            return;
        }
        assert_eq!(attempt.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(start.elapsed() < wait, "{:?}", start.elapsed());
    }
    panic!("attempts 2 to {by} have met the claim of the dead process");
}

#[tokio::test]
async fn the_next_attempt_takes_over_from_a_dead_replica() {
    takes_over(|| about("lin"), 4500 * MS, 2).await;
}

#[tokio::test]
async fn one_of_four_attempts_of_a_notice_takes_over_from_a_dead_replica() {
    takes_over(notice, 900 * MS, 4).await;
}
