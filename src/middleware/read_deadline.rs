use std::future::Future;
use std::pin::Pin;
#[cfg(feature = "tokio")]
use std::pin::pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use pin_project::pin_project;

#[cfg(feature = "tokio")]
type Sleep = tokio::time::Sleep;
#[cfg(not(feature = "tokio"))]
type Sleep = std::future::Pending<()>;

/// The point in time at which reading a body is given up.
///
/// Without the feature `tokio`, or outside of its runtime, there is no deadline.
#[derive(Debug)]
#[pin_project]
pub(super) struct ReadDeadline {
    /// `None` once the timer was made, or if there is no deadline.
    end: Option<(Instant, Duration)>,
    #[pin]
    sleep: Option<Sleep>,
}

impl ReadDeadline {
    /// The time begins at `start`.
    pub(super) fn after(start: Instant, timeout: Option<Duration>) -> Self {
        Self {
            end: timeout.map(|timeout| (start, timeout)),
            sleep: None,
        }
    }

    pub(super) fn is_set(&self) -> bool {
        self.end.is_some() && is_possible()
    }

    /// Ready once the time has passed. The first poll makes the timer: most bodies are there at once
    /// and need none.
    pub(super) fn poll_passed(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        if let Some((start, timeout)) = this.end.take() {
            let rest = timeout.saturating_sub(start.elapsed());
            this.sleep.set(sleep(rest));
        }
        match this.sleep.as_pin_mut() {
            Some(sleep) => poll(sleep, cx),
            None => Poll::Pending,
        }
    }
}

/// Polls outside of tokio's budget for the task. A timer is subject to it, and the body that was
/// polled before may have used it up.
#[cfg(feature = "tokio")]
fn poll(sleep: Pin<&mut Sleep>, cx: &mut Context<'_>) -> Poll<()> {
    pin!(tokio::task::unconstrained(sleep)).poll(cx)
}

#[cfg(not(feature = "tokio"))]
fn poll(sleep: Pin<&mut Sleep>, cx: &mut Context<'_>) -> Poll<()> {
    sleep.poll(cx)
}

#[cfg(feature = "tokio")]
fn is_possible() -> bool {
    tokio::runtime::Handle::try_current().is_ok()
}

#[cfg(not(feature = "tokio"))]
fn is_possible() -> bool {
    false
}

#[cfg(feature = "tokio")]
fn sleep(timeout: Duration) -> Option<Sleep> {
    is_possible().then(|| tokio::time::sleep(timeout))
}

#[cfg(not(feature = "tokio"))]
fn sleep(_: Duration) -> Option<Sleep> {
    None
}
