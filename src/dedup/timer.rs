//! Timers, if there is a runtime for them.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};

/// Completes after this time. Without the feature `tokio`, or outside of its runtime, it never
/// completes.
pub(super) async fn sleep(duration: Duration) {
    #[cfg(feature = "tokio")]
    if is_running() {
        return tokio::time::sleep(duration).await;
    }
    let _ = duration;
    std::future::pending().await
}

/// Completes at this moment, by the rules of `sleep`. `None` never comes.
pub(super) async fn sleep_until(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep(moment.saturating_duration_since(Instant::now())).await,
        None => std::future::pending().await,
    }
}

/// The time by the clock of the timers, which tests can pause.
pub(super) fn now() -> Instant {
    #[cfg(feature = "tokio")]
    return tokio::time::Instant::now().into_std();
    #[cfg(not(feature = "tokio"))]
    return Instant::now();
}

/// Whether `sleep` can complete here.
pub(super) fn is_running() -> bool {
    #[cfg(feature = "tokio")]
    return tokio::runtime::Handle::try_current().is_ok();
    #[cfg(not(feature = "tokio"))]
    return false;
}

/// The output of the work, or `None` if the deadline completes first.
pub(super) async fn with_deadline<T>(
    work: impl Future<Output = T>,
    deadline: impl Future<Output = ()>,
) -> Option<T> {
    let has_passed = async {
        deadline.await;
        None
    };
    first_ready(async { Some(work.await) }, has_passed).await
}

/// The output of the future that completes first. Both are polled each time, `work` before `other`.
///
/// `other` is not polled before `work` is pending, so work that completes at once costs no timer.
/// It is polled outside of tokio's budget for the task, which `work` may have used up: a busy
/// handler must not lose its lease.
pub(super) async fn first_ready<T>(
    work: impl Future<Output = T>,
    other: impl Future<Output = T>,
) -> T {
    let (mut work, mut other) = (pin!(work), pin!(unconstrained(other)));
    poll_fn(|cx| match work.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(output),
        Poll::Pending => other.as_mut().poll(cx),
    })
    .await
}

#[cfg(feature = "tokio")]
fn unconstrained<T>(future: impl Future<Output = T>) -> impl Future<Output = T> {
    tokio::task::unconstrained(future)
}

#[cfg(not(feature = "tokio"))]
fn unconstrained<T>(future: impl Future<Output = T>) -> impl Future<Output = T> {
    future
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;
    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn work_that_spends_the_tasks_budget_does_not_keep_the_other_waiting() {
        let (sender, mut receiver) = mpsc::unbounded_channel();
        let greedy = poll_fn(|cx| {
            loop {
                sender.send(()).unwrap();
                if receiver.poll_recv(cx).is_pending() {
                    return Poll::Pending::<bool>;
                }
            }
        });
        let other = async {
            sleep(Duration::from_millis(50)).await;
            true
        };
        let done = timeout(Duration::from_secs(60), first_ready(greedy, other)).await;
        assert_eq!(done, Ok(true));
    }
}
