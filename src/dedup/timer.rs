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
/// The second one is not touched before the first one has to wait: a handler that is done at once pays for no timer.
pub(super) async fn first<T>(work: impl Future<Output = T>, other: impl Future<Output = T>) -> T {
    let (mut work, mut other) = (pin!(work), pin!(other));
    poll_fn(|cx| match work.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(output),
        Poll::Pending => other.as_mut().poll(cx),
    })
    .await
}
