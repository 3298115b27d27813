//! When a worker looks for tasks.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use apalis_core::backend::ext::poll_strategy::{PollSnapshot, PollStrategy};
use tokio::sync::Notify;
use tokio::sync::futures::OwnedNotified;
use tokio::time::{Interval, MissedTickBehavior, interval};

/// For what other machines have pushed, and for second attempts that are due.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Wakes a worker when this process has pushed something, and from time to time.
///
/// apalis's storages look for tasks when they are woken, and by themselves only at a heartbeat.
pub(super) struct Wake {
    pushed: Arc<Notify>,
    next: Pin<Box<OwnedNotified>>,
    tick: Interval,
}

impl Wake {
    pub(super) fn new(pushed: Arc<Notify>) -> Self {
        let mut tick = interval(LOOK_AGAIN);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            next: Box::pin(Arc::clone(&pushed).notified_owned()),
            pushed,
            tick,
        }
    }
}

impl PollStrategy for Wake {
    fn poll_drive(&mut self, cx: &mut Context<'_>, _: &PollSnapshot) -> Poll<Option<()>> {
        let mut is_time = false;
        while self.next.as_mut().poll(cx).is_ready() {
            self.next = Box::pin(Arc::clone(&self.pushed).notified_owned());
            is_time = true;
        }
        while self.tick.poll_tick(cx).is_ready() {
            is_time = true;
        }
        if is_time {
            // The look that follows may have begun before the push.
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }
}

impl fmt::Debug for Wake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wake").finish_non_exhaustive()
    }
}
