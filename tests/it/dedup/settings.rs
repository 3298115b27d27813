//! How settings and the request's extensions change the calls that the layer makes to its store.

use std::collections::HashSet;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use http::{Request, Response, StatusCode};
use tokio::time::sleep;
use tower::{Service, ServiceExt, service_fn};
use tower_wecom::dedup::{
    Claim, ClaimToken, DedupKey, DedupOutcome, KeptAnswer, MemoryStore, Store,
};
use tower_wecom::{AnswerBy, Arrival, DedupLayer, RequestBody, ResponseBody, middleware, protocol};

use super::{Act, Handler, about, event, said_by};
use crate::support::{CORP, Trace, platform};

const MS: Duration = Duration::from_millis(1);

/// A memory store that records the token and the lease of each claim and the time of each answer,
/// and can corrupt kept answers.
#[derive(Clone, Default)]
struct Witness {
    memory: MemoryStore,
    claimed_by: Arc<Mutex<Vec<ClaimToken>>>,
    leases: Arc<Mutex<Vec<Duration>>>,
    kept_for: Arc<Mutex<Vec<Duration>>>,
    is_spoilt: bool,
}

impl Store for Witness {
    type Error = Infallible;

    async fn claim(
        &self,
        key: DedupKey,
        by: ClaimToken,
        lease: Duration,
    ) -> Result<Claim, Infallible> {
        self.claimed_by.lock().unwrap().push(by);
        self.leases.lock().unwrap().push(lease);
        match self.memory.claim(key, by, lease).await? {
            Claim::Finished(_) if self.is_spoilt => {
                let answer = KeptAnswer::from_bytes_or_ack(key, b"zbetween us");
                Ok(Claim::Finished(answer))
            }
            claim => Ok(claim),
        }
    }

    async fn renew(
        &self,
        key: DedupKey,
        by: ClaimToken,
        lease: Duration,
    ) -> Result<bool, Infallible> {
        self.leases.lock().unwrap().push(lease);
        self.memory.renew(key, by, lease).await
    }

    async fn commit(
        &self,
        key: DedupKey,
        by: ClaimToken,
        answer: KeptAnswer,
        keep: Duration,
    ) -> Result<bool, Infallible> {
        self.kept_for.lock().unwrap().push(keep);
        self.memory.commit(key, by, answer, keep).await
    }

    async fn release(&self, key: DedupKey, by: ClaimToken) -> Result<(), Infallible> {
        self.memory.release(key, by).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_lease_of_zero_is_a_short_one_and_no_storm_of_renewals() {
    let store = Witness::default();
    let layer = DedupLayer::new(store.clone()).lease(Duration::ZERO);
    let handler = Handler::doing([Act::Sleep(1000 * MS)]);
    handler.send(&layer, about("lin")).await;
    let leases = store.leases.lock().unwrap().clone();
    assert!(leases.iter().all(|lease| *lease == 100 * MS), "{leases:?}");
    // One claim, and a renewal every 33 ms.
    assert!((20..=31).contains(&leases.len()), "{}", leases.len());
    assert_eq!(handler.outcomes(), [DedupOutcome::Committed]);
}

#[test]
fn the_settings_and_nothing_else_are_shown() {
    let layer = DedupLayer::default();
    let settings = "lease: 3s, keep: 7200s, wait: 4s, on_store_error: Process, ..";
    assert_eq!(format!("{layer:?}"), format!("DedupLayer {{ {settings} }}"));
    let service = layer.layer(());
    assert_eq!(format!("{service:?}"), format!("Dedup {{ {settings} }}"));
    assert_eq!(
        format!("{:?}", MemoryStore::new()),
        "MemoryStore { len: 0, .. }"
    );
    let inner = |_: Request<()>| async move { Ok::<_, Infallible>(Response::new(String::new())) };
    let future = layer.layer(service_fn(inner)).call(Request::new(()));
    assert_eq!(format!("{future:?}"), "DedupFuture { .. }");
}

/// `Witness` has no `abandon` of its own.
#[tokio::test(start_paused = true)]
async fn what_is_abandoned_is_released_by_any_store() {
    let layer = DedupLayer::new(Witness::default()).wait(Duration::ZERO);
    let handler = Handler::doing([Act::Sleep(60_000 * MS)]);
    let sent = handler.send(&layer, about("lin"));
    assert!(tokio::time::timeout(500 * MS, sent).await.is_err());
    sleep(MS).await;
    let answer = handler.send(&layer, about("lin")).await;
    assert_eq!((answer.status, handler.calls()), (StatusCode::OK, 2));
}

/// Two layers on one store, like two replicas.
#[tokio::test]
async fn no_two_runs_of_two_layers_on_one_store_have_the_same_token() {
    let store = Witness::default();
    for _ in 0..2 {
        let layer = DedupLayer::new(store.clone());
        for member in ["lin", "mei"] {
            Handler::default().send(&layer, about(member)).await;
        }
    }
    let tokens = store.claimed_by.lock().unwrap().clone();
    assert_eq!(tokens.len(), 4);
    let different = tokens.iter().collect::<HashSet<_>>();
    assert_eq!(different.len(), 4, "{tokens:?}");
}

#[tokio::test]
async fn what_is_kept_for_no_time_runs_again() {
    let layer = DedupLayer::default().keep(Duration::ZERO);
    let handler = Handler::default();
    for _ in 0..2 {
        let answer = handler.send(&layer, about("lin")).await;
        assert_eq!(answer.status, StatusCode::OK);
    }
    assert_eq!(handler.calls(), 2);
    assert_eq!(handler.outcomes(), [DedupOutcome::Committed; 2]);
}

/// Later copies are other events. A late answer is for WeCom's next attempts, as any other.
#[tokio::test(start_paused = true)]
async fn an_answer_in_time_to_what_can_come_again_is_kept_for_ten_seconds() {
    let (second, hour) = (1000 * MS, 3_600_000 * MS);
    let update = event("lin").replace("create_user", "update_user");
    for (payload, keep, takes, expected) in [
        (&update, 2 * hour, second, 10 * second),
        (&update, 7 * second, second, 7 * second),
        (&update, 2 * hour, 6 * second, 2 * hour),
        (&event("lin"), 2 * hour, second, 2 * hour),
    ] {
        let store = Witness::default();
        let layer = DedupLayer::new(store.clone()).keep(keep);
        let request = platform().deliver_xml(payload.as_str()).unwrap();
        let handler = Handler::doing([Act::Sleep(takes)]);
        handler.send(&layer, request).await;
        assert_eq!(*store.kept_for.lock().unwrap(), [expected], "{takes:?}");
    }
}

#[tokio::test]
async fn a_kept_answer_that_cannot_be_read_is_the_acknowledgement_and_a_warning() {
    let trace = Trace::start();
    let store = Witness {
        is_spoilt: true,
        ..Witness::default()
    };
    let layer = DedupLayer::new(store);
    let reply = tower_wecom::Reply::text("between us").unwrap();
    let handler = Handler::doing([Act::Reply(reply)]);
    handler.send(&layer, said_by("lin")).await;
    let copy = handler.send(&layer, said_by("lin")).await;
    assert_eq!((copy.status, copy.text()), (StatusCode::OK, ""));
    assert_eq!(handler.calls(), 1);
    use DedupOutcome::{Committed, Replayed};
    assert_eq!(handler.outcomes(), [Committed, Replayed]);
    let text = trace.text();
    let line = text
        .lines()
        .find(|line| line.contains("without the reply that was kept"))
        .unwrap();
    assert!(line.contains("WARN") && line.contains("key="), "{line}");
    assert!(!text.contains("between us"), "{text}");
    assert_eq!(
        KeptAnswer::from_bytes_or_ack(DedupKey::from_bytes([0; 32]), b"u"),
        KeptAnswer::from_bytes(b"u").unwrap()
    );
    assert_eq!(KeptAnswer::from_bytes(b"a"), Ok(KeptAnswer::ack()));
}

/// This is how third-party middleware is tested: alone, with the extensions that the outer layers
/// would have inserted.
#[tokio::test]
async fn the_extensions_of_a_request_decide_how_long_a_copy_waits() {
    let layer = DedupLayer::default();
    let inner = service_fn(|_: Request<RequestBody<String>>| async move {
        sleep(1500 * MS).await;
        Ok::<_, Infallible>(Response::new(ResponseBody::<String>::default()))
    });
    let service = layer.layer(inner);
    let request = || {
        let callback = protocol::restore(event("lin").into(), CORP, None, 0);
        middleware::request_for::<String>(&callback, "/".parse().unwrap())
    };
    let first = tokio::spawn(service.clone().oneshot(request()));
    sleep(50 * MS).await;
    let (mut due_soon, mut came_long_ago) = (request(), request());
    let now = Instant::now();
    // 100 ms of this are reserved for the answer's way back.
    due_soon
        .extensions_mut()
        .insert(AnswerBy::new(now + 500 * MS));
    came_long_ago
        .extensions_mut()
        .insert(Arrival::new(now - 3800 * MS));
    for (copy, least) in [(came_long_ago, 150 * MS), (due_soon, 350 * MS)] {
        let response = service.clone().oneshot(copy).await.unwrap();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        let waited = now.elapsed();
        assert!(
            waited > least && waited < 2 * least + 100 * MS,
            "{waited:?}"
        );
    }
    let first = first.await.unwrap().unwrap();
    assert_eq!(first.status(), StatusCode::OK);
}

/// A process that dies leaves its claim. The claim has to end before WeCom's last attempt.
#[tokio::test]
async fn a_claim_is_shorter_if_the_answer_is_due_sooner() {
    let store = Witness::default();
    let layer = DedupLayer::new(store.clone());
    let inner = service_fn(|_: Request<RequestBody<String>>| async {
        Ok::<_, Infallible>(Response::new(ResponseBody::<String>::default()))
    });
    let service = layer.layer(inner);
    for (number, due, expected) in [
        (0, None, 3000 * MS),
        (1, Some(4500 * MS), 3000 * MS),
        (2, Some(900 * MS), 1800 * MS),
        // The lease is long enough for the store to renew it.
        (3, Some(100 * MS), 500 * MS),
    ] {
        let callback = protocol::restore(event(&format!("u{number}")).into(), CORP, None, 0);
        let mut request = middleware::request_for::<String>(&callback, "/".parse().unwrap());
        if let Some(due) = due {
            let by = AnswerBy::new(Instant::now() + due);
            request.extensions_mut().insert(by);
        }
        service.clone().oneshot(request).await.unwrap();
        let lease = store.leases.lock().unwrap().pop().unwrap();
        let is_as_expected = lease <= expected && lease > expected - 100 * MS;
        assert!(is_as_expected, "{due:?}: {lease:?}");
    }
}

#[test]
fn the_inner_service_can_be_reached_and_the_settings_are_shown() {
    let mut service = DedupLayer::default()
        .keep(Duration::from_secs(7))
        .layer("inner");
    assert_eq!(service.get_ref(), &"inner");
    *service.get_mut() = "another";
    let shown = format!("{service:?}");
    assert!(
        shown.starts_with("Dedup {") && shown.contains("keep: 7s"),
        "{shown}"
    );
    assert_eq!(service.into_inner(), "another");
}
