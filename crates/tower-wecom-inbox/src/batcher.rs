//! Many steps, one commit.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::time::{Duration, timeout};

use crate::error::InboxError;

/// How many may wait in the channel. Those beyond wait for a place in it.
const LENGTH: usize = 1024;
/// How many go into one step. WeCom's own connections are far fewer.
const AT_ONCE: usize = 256;

/// Collects what is to be written, and writes it together.
pub(crate) struct Batcher<T>(mpsc::Sender<Waiting<T>>);

struct Waiting<T> {
    item: T,
    /// Answered after the commit.
    answer: oneshot::Sender<Result<(), InboxError>>,
}

impl<T: Send + 'static> Batcher<T> {
    /// Starts the tasks that write, as many as there may be steps at once. They end with the last
    /// sender.
    pub(crate) fn new(
        patience: Duration,
        at_once: usize,
        write: impl Fn(Vec<T>) -> BoxFuture<'static, Result<(), InboxError>>
        + Clone
        + Send
        + Sync
        + 'static,
    ) -> Self {
        let (sender, waiting) = mpsc::channel(LENGTH);
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..at_once {
            let waiting = Arc::clone(&waiting);
            tokio::spawn(write_together(waiting, patience, write.clone()));
        }
        Self(sender)
    }

    /// Waits until it is written, or may have failed.
    pub(crate) async fn send(&self, item: T) -> Result<(), InboxError> {
        let (answer, answered) = oneshot::channel();
        let sent = self.0.send(Waiting { item, answer }).await;
        sent.map_err(|_| InboxError::closed())?;
        answered.await.map_err(|_| InboxError::closed())?
    }
}

/// While one step is on its way to the disk, the next one gathers. Nothing waits for company.
async fn write_together<T: Send + 'static>(
    waiting: Arc<Mutex<mpsc::Receiver<Waiting<T>>>>,
    patience: Duration,
    write: impl Fn(Vec<T>) -> BoxFuture<'static, Result<(), InboxError>>,
) {
    let mut batch = Vec::with_capacity(AT_ONCE);
    while waiting.lock().await.recv_many(&mut batch, AT_ONCE).await > 0 {
        // A caller that has gone no longer wants it.
        let (items, answers): (Vec<_>, Vec<_>) = batch
            .drain(..)
            .filter(|waiting| !waiting.answer.is_closed())
            .map(|waiting| (waiting.item, waiting.answer))
            .unzip();
        if items.is_empty() {
            continue;
        }
        // A panic, of a driver for instance, must not end this task.
        let written = AssertUnwindSafe(async { write(items).await }).catch_unwind();
        let result = match timeout(patience, written).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(InboxError::panicked()),
            Err(_) => Err(InboxError::timed_out()),
        };
        for answer in answers {
            // A caller that has gone in the meantime needs no answer.
            let _ = answer.send(result.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn a_panic_fails_one_batch_and_the_next_one_is_written() {
        let runs = Arc::new(AtomicU32::new(0));
        let batcher = Batcher::new(Duration::from_secs(1), 1, move |_: Vec<u32>| {
            let run = runs.fetch_add(1, Ordering::SeqCst);
            Box::pin(async move {
                assert!(run != 0, "a bug of a driver");
                Ok(())
            })
        });
        assert!(batcher.send(1).await.is_err());
        batcher.send(2).await.unwrap();
    }

    #[tokio::test]
    async fn what_waits_together_is_written_together() {
        let batches = Arc::new(AtomicU32::new(0));
        let seen = Arc::clone(&batches);
        let batcher = Batcher::new(Duration::from_secs(1), 1, move |_: Vec<u32>| {
            seen.fetch_add(1, Ordering::SeqCst);
            Box::pin(async { Ok(()) })
        });
        let all = (0..200).map(|number| batcher.send(number));
        let all = futures_util::future::join_all(all).await;
        assert!(all.iter().all(Result::is_ok));
        let batches = batches.load(Ordering::SeqCst);
        assert!(batches < 20, "{batches}");
    }
}
