//! Time, where there is a runtime for it.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};

/// Ready after this time. Without the feature `tokio`, or outside of its runtime, never.
pub(super) async fn sleep(duration: Duration) {
    #[cfg(feature = "tokio")]
    if is_running() {
        return tokio::time::sleep(duration).await;
    }
    let _ = duration;
    std::future::pending().await
}

/// Ready at this moment, by the rules of `sleep`.
pub(super) async fn sleep_until(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep(moment.saturating_duration_since(Instant::now())).await,
        None => std::future::pending().await,
    }
}

/// `None` when this is ready.
pub(super) async fn none<T>(future: impl Future<Output = ()>) -> Option<T> {
    future.await;
    None
}

/// Whether `sleep` ever ends.
pub(super) fn is_running() -> bool {
    #[cfg(feature = "tokio")]
    return tokio::runtime::Handle::try_current().is_ok();
    #[cfg(not(feature = "tokio"))]
    return false;
}

/// The output of whichever is ready first, as long as the first one has nothing to say.
///
/// The second one is not touched before the first one has to wait: a handler that is done at once pays for no timer. And it is
/// asked whatever the first one has used up of tokio's budget for the task: a busy handler must not lose its lease.
pub(super) async fn first<T>(work: impl Future<Output = T>, other: impl Future<Output = T>) -> T {
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
        let done = timeout(Duration::from_secs(60), first(greedy, other)).await;
        assert_eq!(done, Ok(true));
    }
}
