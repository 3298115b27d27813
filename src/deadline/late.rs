use std::time::Duration;

use crate::protocol::Callback;

/// What has become of a callback whose inner service was too late.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LateOutcome {
    /// It has succeeded in the background.
    Finished,
    /// It has succeeded in the background, and its [`Reply`](crate::Reply) was dropped.
    ReplyDropped,
    /// It has failed in the background: a status that is no 2xx, or an error of the service. **The event is lost** unless the
    /// handler has kept it. So it is when `DedupLayer` refuses it because its store has failed.
    Failed,
    /// It did not run: a copy of it was running, and had not come to its end when [`DedupLayer`](crate::DedupLayer) stopped
    /// waiting for it. How that one ends is told of that one; **if it fails, the event is lost**, because this one was
    /// acknowledged. It takes something between the two layers that waits.
    Busy,
    /// It did not come to its end in the background: it has panicked, or the runtime was shut down. **The event is lost**
    /// likewise.
    Aborted,
    /// There was no room in the background: the work was dropped, 503. WeCom may try again.
    NoRoom,
}

/// A callback whose inner service was too late, as [`DeadlineLayer::on_late`](super::DeadlineLayer::on_late) is told.
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

    /// What has become of it.
    #[must_use]
    pub fn outcome(&self) -> LateOutcome {
        self.outcome
    }

    /// How long it took since its arrival.
    #[must_use]
    pub fn took(&self) -> Duration {
        self.took
    }
}
