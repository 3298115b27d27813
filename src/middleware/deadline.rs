use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project::pin_project;

use crate::callback::Arrival;

#[cfg(feature = "tokio")]
type Sleep = tokio::time::Sleep;
#[cfg(not(feature = "tokio"))]
type Sleep = std::future::Pending<()>;

/// An absolute point in time after which nobody waits any more.
///
/// Its timer begins with the first poll: what is there at once needs none, and a runtime that sleeps or is about to may pay a
/// system call for each. Without the feature `tokio`, or outside of its runtime, there is none.
#[derive(Debug)]
#[pin_project]
pub(super) struct Deadline {
    arrival: Arrival,
    /// Taken by the first poll.
    timeout: Option<Duration>,
    #[pin]
    sleep: Option<Sleep>,
}

impl Deadline {
    pub(super) const fn after(arrival: Arrival, timeout: Option<Duration>) -> Self {
        Self {
            arrival,
            timeout,
            sleep: None,
        }
    }

    /// Ready once the time has passed.
    pub(super) fn poll_passed(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        if let Some(timeout) = this.timeout.take() {
            let left = timeout.saturating_sub(this.arrival.instant().elapsed());
            this.sleep.set(sleep(left));
        }
        match this.sleep.as_pin_mut() {
            Some(sleep) => sleep.poll(cx),
            None => Poll::Pending,
        }
    }
}

#[cfg(feature = "tokio")]
fn sleep(timeout: Duration) -> Option<Sleep> {
    tokio::runtime::Handle::try_current()
        .is_ok()
        .then(|| tokio::time::sleep(timeout))
}

#[cfg(not(feature = "tokio"))]
fn sleep(_: Duration) -> Option<Sleep> {
    None
}
