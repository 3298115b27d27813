//! Without a tokio runtime, a copy cannot wait. Everything else works as usual.

use std::convert::Infallible;
use std::future::{Future, pending};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use http::{Request, Response, StatusCode};
use tower_wecom::dedup::{Claim, ClaimToken, DedupKey, KeptAnswer, MemoryStore, Store};
use tower_wecom::{DedupLayer, RequestBody, WeComLayer};

use super::{Handler, about};
use crate::support::{Answer, answer, config};

/// The output of a future that is ready at the first poll.
fn now<F: Future>(future: F) -> F::Output {
    let Poll::Ready(output) = pin!(future).poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("it has to wait")
    };
    output
}

fn never<S: Store>(layer: &DedupLayer<S>) -> impl Future<Output = Answer> {
    let inner = tower::service_fn(|_: Request<RequestBody<String>>| async {
        pending::<()>().await;
        Ok::<_, Infallible>(Response::new(String::new()))
    });
    answer(
        WeComLayer::new(config()).layer(layer.layer(inner)),
        about("lin"),
    )
}

/// Polls the future once and drops it, as when the peer hangs up.
fn give_up(future: impl Future) {
    let mut future = pin!(future);
    let polled = future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()));
    assert!(polled.is_pending());
}

#[test]
fn a_copy_of_what_has_succeeded_gets_its_answer() {
    let (layer, handler) = (DedupLayer::default(), Handler::default());
    for _ in 0..2 {
        let answer = now(handler.send(&layer, about("lin")));
        assert_eq!(answer.status, StatusCode::OK);
    }
    assert_eq!(handler.calls(), 1);
}

#[test]
fn a_copy_of_what_runs_gets_503_at_once_and_runs_when_that_was_given_up() {
    let (layer, handler) = (DedupLayer::default(), Handler::default());
    {
        let mut running = pin!(never(&layer));
        let polled = running
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        assert!(polled.is_pending());
        let copy = now(handler.send(&layer, about("lin")));
        assert_eq!(copy.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(handler.calls(), 0);
    }
    let next = now(handler.send(&layer, about("lin")));
    assert_eq!((next.status, handler.calls()), (StatusCode::OK, 1));
}

/// A memory store without `abandon`, whose commits never end.
#[derive(Clone, Default)]
struct Stuck(MemoryStore);

impl Store for Stuck {
    type Error = Infallible;

    async fn claim(
        &self,
        key: DedupKey,
        token: ClaimToken,
        lease: Duration,
    ) -> Result<Claim, Infallible> {
        self.0.claim(key, token, lease).await
    }

    async fn renew(
        &self,
        key: DedupKey,
        token: ClaimToken,
        lease: Duration,
    ) -> Result<bool, Infallible> {
        self.0.renew(key, token, lease).await
    }

    async fn commit(
        &self,
        _: DedupKey,
        _: ClaimToken,
        _: KeptAnswer,
        _: Duration,
    ) -> Result<bool, Infallible> {
        pending().await
    }

    async fn release(&self, key: DedupKey, token: ClaimToken) -> Result<(), Infallible> {
        self.0.release(key, token).await
    }
}

/// Without a runtime no task can release the claim. It ends with its lease.
#[test]
fn what_was_given_up_is_claimed_until_its_lease_ends() {
    for is_done in [false, true] {
        let (layer, handler) = (DedupLayer::new(Stuck::default()), Handler::default());
        if is_done {
            give_up(handler.send(&layer, about("lin")));
            assert_eq!(handler.ended(), 1);
        } else {
            give_up(never(&layer));
        }
        let copy = now(handler.send(&layer, about("lin")));
        assert_eq!(copy.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(handler.calls(), usize::from(is_done));
    }
}
