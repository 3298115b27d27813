//! Timers, if there is a runtime for them.

use std::future::{Future, poll_fn};
use std::pin::Pin;
#[cfg(feature = "tokio")]
use std::pin::pin;
use std::task::{Context, Poll};
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

/// The output of the future that `make` makes at the first poll. It is in a box, so that what is
/// rarely needed does not make the future around it large.
pub(super) async fn lazily<T, F: Future<Output = T>>(make: impl FnOnce() -> F) -> T {
    Box::pin(make()).await
}

/// The output of the work, or `None` if the deadline completes first.
pub(super) fn with_deadline<T>(
    mut work: Pin<&mut impl Future<Output = T>>,
    mut deadline: Pin<&mut impl Future<Output = ()>>,
) -> impl Future<Output = Option<T>> {
    poll_fn(move |cx| match work.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => poll_unconstrained(deadline.as_mut(), cx).map(|()| None),
    })
}

/// The output of the future that completes first. Both are polled each time, `work` before `other`.
///
/// `other` is not polled before `work` is pending, so work that completes at once costs no timer.
/// It is polled outside of tokio's budget for the task, which `work` may have used up: a busy
/// handler must not lose its lease.
pub(super) fn first_ready<T>(
    mut work: Pin<&mut impl Future<Output = T>>,
    mut other: Pin<&mut impl Future<Output = T>>,
) -> impl Future<Output = T> {
    poll_fn(move |cx| match work.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(output),
        Poll::Pending => poll_unconstrained(other.as_mut(), cx),
    })
}

fn poll_unconstrained<T>(
    future: Pin<&mut impl Future<Output = T>>,
    cx: &mut Context<'_>,
) -> Poll<T> {
    #[cfg(feature = "tokio")]
    return pin!(tokio::task::unconstrained(future)).poll(cx);
    #[cfg(not(feature = "tokio"))]
    return future.poll(cx);
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
        let done = timeout(
            Duration::from_secs(60),
            first_ready(pin!(greedy), pin!(other)),
        )
        .await;
        assert_eq!(done, Ok(true));
    }
}
