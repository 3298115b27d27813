use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::frame::{Ack, ReqId};

/// A waiter that has given up is forgotten after this time.
const LATE_MAX: Duration = Duration::from_secs(300);

/// The frames of one connection that have no ack yet.
///
/// A waiter that has given up stays for a while. So its late ack is taken for nothing else: a later
/// frame can have the same req_id, and an ack names only that.
#[derive(Default)]
pub(crate) struct Pending {
    waiting: Mutex<HashMap<ReqId, VecDeque<Waiter>>>,
    pings: Mutex<Vec<ReqId>>,
}

struct Waiter {
    ack: oneshot::Sender<Ack>,
    since: Instant,
}

impl Pending {
    pub(crate) fn expect(&self, req_id: ReqId, ack: oneshot::Sender<Ack>) {
        let since = Instant::now();
        let mut waiting = lock(&self.waiting);
        let waiters = waiting.entry(req_id).or_default();
        waiters.push_back(Waiter { ack, since });
    }

    /// Gives an ack to the oldest frame with this req_id. Returns whether there is one.
    pub(crate) fn resolve(&self, req_id: &str, ack: Ack) -> bool {
        if self.resolve_ping(req_id) {
            return true;
        }
        let mut waiting = lock(&self.waiting);
        let Some(waiters) = waiting.get_mut(req_id) else {
            return false;
        };
        let waiter = waiters.pop_front();
        if waiters.is_empty() {
            waiting.remove(req_id);
        }
        // If it has given up, the ack is late, and for nothing else.
        waiter.is_some_and(|waiter| waiter.ack.send(ack).is_ok())
    }

    pub(crate) fn expect_ping(&self, req_id: ReqId) {
        lock(&self.pings).push(req_id);
    }

    pub(crate) fn unanswered_pings(&self) -> usize {
        lock(&self.pings).len()
    }

    /// An answer shows that the connection lives, so the pings before it do not matter either.
    fn resolve_ping(&self, req_id: &str) -> bool {
        let mut pings = lock(&self.pings);
        let is_ping = pings.iter().any(|ping| **ping == *req_id);
        if is_ping {
            pings.clear();
        }
        is_ping
    }

    /// Whether no caller waits for an ack.
    pub(crate) fn is_idle(&self) -> bool {
        let waiting = lock(&self.waiting);
        let mut all = waiting.values().flatten();
        all.all(|waiter| waiter.ack.is_closed())
    }

    /// Forgets the waiters that gave up long ago.
    pub(crate) fn sweep(&self) {
        lock(&self.waiting).retain(|_, waiters| {
            waiters.retain(|it| !it.ack.is_closed() || it.since.elapsed() < LATE_MAX);
            !waiters.is_empty()
        });
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ack(errcode: i64) -> Ack {
        let (errmsg, body) = (String::new(), None);
        Ack {
            errcode,
            errmsg,
            body,
        }
    }

    #[test]
    fn a_late_ack_answers_nothing_else() {
        let pending = Pending::default();
        let (first, given_up) = oneshot::channel();
        pending.expect("r".into(), first);
        drop(given_up);
        let (second, mut waits) = oneshot::channel();
        pending.expect("r".into(), second);
        assert!(!pending.resolve("r", ack(1)));
        assert!(waits.try_recv().is_err());
        assert!(pending.resolve("r", ack(2)));
        assert_eq!(waits.try_recv().unwrap().errcode, 2);
        assert!(!pending.resolve("r", ack(3)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_never_acks_costs_no_memory_for_ever() {
        let pending = Pending::default();
        for _ in 0..100 {
            pending.expect("r".into(), oneshot::channel().0);
        }
        pending.sweep();
        assert_eq!(lock(&pending.waiting).len(), 1);
        tokio::time::advance(LATE_MAX).await;
        pending.sweep();
        assert!(lock(&pending.waiting).is_empty());
        assert!(pending.is_idle());
    }
}
