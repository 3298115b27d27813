use std::time::Duration;

use crate::protocol::Callback;

/// The result of a callback whose inner service did not answer before the deadline.
///
/// All variants but [`NoRoom`](Self::NoRoom) are about a callback that was acknowledged at the
/// deadline, so WeCom does not send it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LateOutcome {
    /// The inner service succeeded in the background.
    Finished,
    /// The inner service succeeded in the background, and its [`Reply`](crate::Reply) was dropped,
    /// because the acknowledgement had been sent.
    ReplyDropped,
    /// The inner service failed in the background: it returned an error or a status other than 2xx.
    /// **The event is lost**, unless the handler has stored it.
    ///
    /// A [`DedupLayer`](crate::DedupLayer) that rejects the callback because its store failed
    /// counts as a failure too.
    Failed,
    /// [`DedupLayer`](crate::DedupLayer) did not run this copy, because another copy of the
    /// callback was still running when it stopped waiting.
    ///
    /// The outcome of that run is reported separately. **If it fails, the event is lost**, because
    /// this copy was acknowledged. This happens only if something between the two layers waits,
    /// such as a concurrency limit.
    Busy,
    /// The inner service did not finish in the background: it panicked, or the runtime was shut
    /// down. **The event is lost**, unless the handler has stored it.
    Aborted,
    /// The background was full or draining, or the tenant had its
    /// [share](super::DeadlineLayer::tenant_share) of it. The work was dropped and the answer was
    /// 503, so WeCom may try again.
    NoRoom,
}

/// A callback whose inner service did not answer before the deadline: the argument of
/// [`DeadlineLayer::on_late`](super::DeadlineLayer::on_late).
#[derive(Clone, Debug)]
pub struct Late {
    pub(super) callback: Callback,
    pub(super) outcome: LateOutcome,
    pub(super) took: Duration,
}

impl Late {
    /// The callback.
    #[must_use]
    pub fn callback(&self) -> &Callback {
        &self.callback
    }

    /// The result of its work.
    #[must_use]
    pub fn outcome(&self) -> LateOutcome {
        self.outcome
    }

    /// The time from its arrival to the end of its work.
    #[must_use]
    pub fn took(&self) -> Duration {
        self.took
    }
}
