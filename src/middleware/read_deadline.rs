use std::future::Future;
use std::pin::Pin;
#[cfg(feature = "tokio")]
use std::pin::pin;
use std::task::{Context, Poll};
use std::time::Duration;

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
    #[pin]
    sleep: Option<Sleep>,
}

impl ReadDeadline {
    pub(super) fn after(timeout: Option<Duration>) -> Self {
        Self {
            sleep: timeout.and_then(sleep),
        }
    }

    pub(super) fn is_set(&self) -> bool {
        self.sleep.is_some()
    }

    /// Ready once the time has passed. The first poll starts the timer, which may cost the runtime
    /// a system call.
    pub(super) fn poll_passed(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        match self.project().sleep.as_pin_mut() {
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
fn sleep(timeout: Duration) -> Option<Sleep> {
    tokio::runtime::Handle::try_current()
        .is_ok()
        .then(|| tokio::time::sleep(timeout))
}

#[cfg(not(feature = "tokio"))]
fn sleep(_: Duration) -> Option<Sleep> {
    None
}
