use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use http::Extensions;

use super::identity::Identity;
use super::key::DedupKey;
use super::recurrence::{Recurrence, recurrence};
use super::timer;
use crate::extensions::AnswerBy;
use crate::extensions::Arrival;
use crate::hook;
use crate::protocol::{ANSWER_URGENT_WITHIN, ANSWER_WITHIN, Callback, is_urgent};

const LEASE: Duration = Duration::from_secs(3);
/// The shortest lease that an answer due soon can lead to. The store has to renew it in time.
const MIN_SHORTENED_LEASE: Duration = Duration::from_millis(500);
const KEEP: Duration = Duration::from_secs(2 * 60 * 60);
const WAIT: Duration = Duration::from_secs(4);
/// How long before `DeadlineLayer` answers a duplicate stops waiting.
const MARGIN: Duration = Duration::from_millis(100);

type Hook = Arc<dyn Fn(DedupOutcome, &Callback) + Send + Sync>;
type RecurrenceOf = Arc<dyn Fn(&Callback) -> Recurrence + Send + Sync>;
type KeyOf = Arc<dyn Fn(&Callback) -> DedupKey + Send + Sync>;

/// The settings that a layer shares with its services.
#[derive(Clone)]
pub(super) struct Options {
    pub(super) lease: Duration,
    pub(super) keep: Duration,
    pub(super) wait: Duration,
    pub(super) on_store_error: OnStoreError,
    pub(super) recurrence: RecurrenceOf,
    pub(super) key: KeyOf,
    pub(super) on_outcome: Option<Hook>,
    pub(super) identity: Arc<Identity>,
    /// Whether this layer has warned that it is outside of `DeadlineLayer`.
    pub(super) has_warned: Arc<AtomicBool>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            lease: LEASE,
            keep: KEEP,
            wait: WAIT,
            on_store_error: OnStoreError::Process,
            recurrence: Arc::new(recurrence),
            key: Arc::new(DedupKey::of),
            on_outcome: None,
            identity: Arc::new(Identity::new()),
            has_warned: Arc::default(),
        }
    }
}

impl Options {
    /// The time limits for a callback with these request extensions.
    pub(super) fn limits(
        &self,
        callback: &Callback,
        recurrence: Recurrence,
        extensions: &Extensions,
    ) -> Limits {
        let arrival = extensions.get().copied().unwrap_or_else(Arrival::now);
        let arrival = arrival.instant();
        let answer_by = extensions.get::<AnswerBy>().copied();
        let early_answer = answer_by.map(AnswerBy::instant);
        let just_before = early_answer.and_then(|by| by.checked_sub(MARGIN));
        Limits {
            lease: answer_by.map_or(self.lease, |by| self.lease_for(by)),
            in_time_until: match recurrence {
                Recurrence::AfterSuccess => in_time_until(callback, arrival, early_answer),
                _ => None,
            },
            wait_until: arrival
                .checked_add(self.wait)
                .into_iter()
                .chain(just_before)
                .min(),
            // If it has passed, `DeadlineLayer` has answered already, and there is no more hurry.
            claim_until: just_before.filter(|until| *until > Instant::now()),
        }
    }

    /// The lease where an answer is due. It is shorter where that is soon, because WeCom's attempts
    /// then follow each other sooner. One of them must come after the lease of a dead process.
    fn lease_for(&self, answer_by: AnswerBy) -> Duration {
        let longest = answer_by
            .remaining()
            .saturating_mul(2)
            .max(MIN_SHORTENED_LEASE);
        self.lease.min(longest)
    }

    pub(super) fn call_hook(&self, outcome: DedupOutcome, callback: &Callback) {
        if let Some(hook) = &self.on_outcome {
            hook::call("on_outcome", || hook(outcome, callback));
        }
    }

    pub(super) fn fmt_as(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(name)
            .field("lease", &self.lease)
            .field("keep", &self.keep)
            .field("wait", &self.wait)
            .field("on_store_error", &self.on_store_error)
            .finish_non_exhaustive()
    }
}

/// The time limits of one callback. `None` is no limit.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    pub(super) lease: Duration,
    /// Until when it waits for a running copy. This is a time since its arrival, but always a
    /// little before `DeadlineLayer` answers.
    pub(super) wait_until: Option<Instant>,
    /// Until when it waits for the store's response to its first claim.
    pub(super) claim_until: Option<Instant>,
    /// Until when its answer reaches WeCom in time, by the clock of the timers. Only for the kinds
    /// for which this matters.
    pub(super) in_time_until: Option<Instant>,
}

/// The end of the time within which WeCom takes the answer. `None` if the answer is always in time:
/// because `DeadlineLayer` acknowledges in time, or because nothing waits for it.
///
/// The time is shorter than that of WeCom, whose clock began before the request arrived here. An
/// answer that is sent in between counts as late. The copy after it is then WeCom's next attempt,
/// and it gets the same answer.
fn in_time_until(
    callback: &Callback,
    arrival: Instant,
    early_answer: Option<Instant>,
) -> Option<Instant> {
    if callback.is_restored() {
        return None;
    }
    let within = if is_urgent(callback) {
        ANSWER_URGENT_WITHIN
    } else {
        ANSWER_WITHIN
    };
    let until = arrival.checked_add(within)?;
    match early_answer {
        Some(early_answer) if early_answer <= until => None,
        _ => timer::now().checked_add(until.saturating_duration_since(Instant::now())),
    }
}

/// What [`DedupLayer`](super::DedupLayer) does with a callback when its store fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnStoreError {
    /// Calls the inner service. Duplicates may then run as well. For handlers that tolerate this.
    #[default]
    Process,
    /// Answers 503. WeCom may try again or give up, so events are lost while the store is down. For
    /// handlers that must not run twice.
    Reject,
}

/// The result of a callback in [`DedupLayer`](super::DedupLayer), for counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DedupOutcome {
    /// The inner service succeeded, and its answer is kept.
    Committed,
    /// The inner service failed. The next attempt runs again.
    Released,
    /// The callback has succeeded before, or while this copy waited. This copy got the same answer.
    Replayed,
    /// Another copy was still running at the end of the time to wait. This copy got 503. If a
    /// `DeadlineLayer` had answered already, it reports `LateOutcome::Busy`.
    Busy,
    /// The inner service succeeded, but its answer is not kept: the store failed, or the lease was
    /// over and another run has claimed the callback. It may run twice.
    NotKept,
    /// The store failed before the inner service was called, and it was called without a claim. The
    /// callback may run twice. If it succeeds, the layer tries once to commit its answer.
    Unprotected,
    /// The store failed before the inner service was called, and the answer was 503.
    Rejected,
    /// The response was sent before the work was done ([`Deferred`](crate::extensions::Deferred)),
    /// so the result of the work is unknown. This happens if this layer is outside `DeadlineLayer`.
    /// The claim ends with its lease. The first time is a warning in the trace.
    Deferred,
}
