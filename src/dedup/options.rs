use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::Extensions;

use crate::event::EventKind;
use crate::extensions::AnswerBy;
use crate::extensions::Arrival;
use crate::hook;
use crate::protocol::Callback;

const LEASE: Duration = Duration::from_secs(3);
/// A lease is not made shorter than this because an answer is due: the store has to renew it in time.
const LEAST_LEASE: Duration = Duration::from_millis(500);
const KEEP: Duration = Duration::from_secs(2 * 60 * 60);
const WAIT: Duration = Duration::from_secs(4);
/// How long before `DeadlineLayer` answers a duplicate has to have an answer of its own.
const MARGIN: Duration = Duration::from_millis(100);

type Hook = Arc<dyn Fn(DedupOutcome, &Callback) + Send + Sync>;
type Predicate = Arc<dyn Fn(&Callback) -> bool + Send + Sync>;

/// What a layer and its services are set to.
#[derive(Clone)]
pub(super) struct Options {
    pub(super) lease: Duration,
    pub(super) keep: Duration,
    pub(super) wait: Duration,
    pub(super) on_store_error: OnStoreError,
    pub(super) exempt: Predicate,
    pub(super) on_outcome: Option<Hook>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            lease: LEASE,
            keep: KEEP,
            wait: WAIT,
            on_store_error: OnStoreError::Process,
            exempt: Arc::new(repeats_on_purpose),
            on_outcome: None,
        }
    }
}

impl Options {
    /// Until when this callback may wait, and for what.
    pub(super) fn limits(&self, extensions: &Extensions) -> Limits {
        let now = Instant::now();
        let arrival = extensions.get::<Arrival>().map_or(now, |it| it.instant());
        let answer_by = extensions.get::<AnswerBy>();
        let answer_by = answer_by.and_then(|by| by.instant().checked_sub(MARGIN));
        Limits {
            lease: self.lease_for(extensions),
            wait_until: arrival
                .checked_add(self.wait)
                .into_iter()
                .chain(answer_by)
                .min(),
            // If it is over already, somebody else has answered, and there is no more hurry.
            claim_until: answer_by.filter(|until| *until > now),
        }
    }

    /// Where answers are due soon, WeCom's attempts follow each other soon: one of them is to find the claim of a process
    /// that has died over.
    fn lease_for(&self, extensions: &Extensions) -> Duration {
        let Some(answer_by) = extensions.get::<AnswerBy>() else {
            return self.lease;
        };
        let longest = answer_by.remaining().saturating_mul(2).max(LEAST_LEASE);
        self.lease.min(longest)
    }

    pub(super) fn tell(&self, outcome: DedupOutcome, callback: &Callback) {
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

/// For how long a callback is claimed, and until when it may wait. `None` is for as long as it takes.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    pub(super) lease: Duration,
    /// For the copy of it that is running: for some time since its arrival, and in any case until a little before somebody
    /// else answers in its place.
    pub(super) wait_until: Option<Instant>,
    /// For the store to say for the first time whose it is.
    pub(super) claim_until: Option<Instant>,
}

/// What happens to a callback when the store cannot be asked about it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnStoreError {
    /// It is processed, and duplicates of it may be so too. For handlers that can live with that.
    #[default]
    Process,
    /// 503, and WeCom may try again, or not: while the store is down, events are lost. For handlers that must not run twice.
    Reject,
}

/// What has become of a callback in [`DedupLayer`](super::DedupLayer), for counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DedupOutcome {
    /// It ran, succeeded, and its answer is kept.
    Committed,
    /// It ran and failed; the next attempt runs again.
    Released,
    /// It has succeeded before and gets the same answer again.
    Replayed,
    /// It is still running elsewhere: 503. Behind a `DeadlineLayer` that has answered already, `LateOutcome::Busy`.
    Busy,
    /// It ran and succeeded, but that is not kept: the store has failed, or the lease was over and another run has claimed
    /// it. It may run twice.
    NotKept,
    /// The store has failed before it ran; it ran all the same. It may run twice. If it succeeds, the layer still tries once
    /// to have its answer kept.
    Unprotected,
    /// The store has failed before it ran: 503.
    Rejected,
    /// It was answered before the work was done ([`Deferred`](crate::extensions::Deferred)): this layer is outside
    /// `DeadlineLayer` and cannot see what comes of it. The claim ends with its lease.
    Deferred,
}

/// Whether WeCom sends callbacks of this kind again and again with the same content, and means each of them: a bot's
/// request for the next part of a streamed answer, and the nudges of WeChat customer service and of the chat archive to
/// fetch what is new.
///
/// They are exempt unless [`DedupLayer::exempt`](super::DedupLayer::exempt) says otherwise.
#[must_use]
pub fn repeats_on_purpose(callback: &Callback) -> bool {
    let kind = callback.kind();
    kind == EventKind::BOT_STREAM
        || kind == EventKind::KF_MSG_OR_EVENT
        || kind == EventKind::MSGAUDIT_NOTIFY
}
