//! Many words to the storage, one commit.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Duration, timeout};

use crate::error::InboxError;

/// How many may wait. Those beyond wait as well, without a place in the line.
const LENGTH: usize = 1024;
/// How many go into one transaction. WeCom's own connections are far fewer.
const AT_ONCE: usize = 256;

/// Where what is to be written waits for its turn.
pub(crate) struct Line<T>(mpsc::Sender<Waiting<T>>);

struct Waiting<T> {
    one: T,
    /// Answered after the commit.
    answer: oneshot::Sender<Result<(), InboxError>>,
}

impl<T: Send + 'static> Line<T> {
    /// A line whose end writes all that waits at once. It ends with the last sender.
    pub(crate) fn new(
        patience: Duration,
        write: impl FnMut(Vec<T>) -> BoxFuture<'static, Result<(), InboxError>> + Send + 'static,
    ) -> Self {
        let (line, waiting) = mpsc::channel(LENGTH);
        tokio::spawn(write_together(waiting, patience, write));
        Self(line)
    }

    /// Waits until it is written, or may have failed.
    pub(crate) async fn send(&self, one: T) -> Result<(), InboxError> {
        let (answer, answered) = oneshot::channel();
        let sent = self.0.send(Waiting { one, answer }).await;
        sent.map_err(|_| InboxError::closed())?;
        answered.await.map_err(|_| InboxError::closed())?
    }
}

/// While one transaction is on its way to the disk, the next one gathers; nobody waits for company.
async fn write_together<T: Send + 'static>(
    mut waiting: mpsc::Receiver<Waiting<T>>,
    patience: Duration,
    mut write: impl FnMut(Vec<T>) -> BoxFuture<'static, Result<(), InboxError>>,
) {
    let mut batch = Vec::with_capacity(AT_ONCE);
    while waiting.recv_many(&mut batch, AT_ONCE).await > 0 {
        // Who has gone wants it no more.
        let (all, senders): (Vec<_>, Vec<_>) = batch
            .drain(..)
            .filter(|waiting| !waiting.answer.is_closed())
            .map(|waiting| (waiting.one, waiting.answer))
            .unzip();
        if all.is_empty() {
            continue;
        }
        // A panic, of a driver for instance, must not close the line for ever.
        let written = AssertUnwindSafe(async { write(all).await }).catch_unwind();
        let result = match timeout(patience, written).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(InboxError::panicked()),
            Err(_) => Err(InboxError::timed_out()),
        };
        for sender in senders {
            // Who has gone in the meantime needs no answer.
            let _ = sender.send(result.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn a_panic_fails_one_batch_and_the_line_stays_open() {
        let runs = Arc::new(AtomicU32::new(0));
        let line = Line::new(Duration::from_secs(1), move |_: Vec<u32>| {
            let run = runs.fetch_add(1, Ordering::SeqCst);
            Box::pin(async move {
                assert!(run != 0, "a bug of a driver");
                Ok(())
            })
        });
        assert!(line.send(1).await.is_err());
        line.send(2).await.unwrap();
    }

    #[tokio::test]
    async fn what_waits_together_is_written_together() {
        let batches = Arc::new(AtomicU32::new(0));
        let seen = Arc::clone(&batches);
        let line = Line::new(Duration::from_secs(1), move |_: Vec<u32>| {
            seen.fetch_add(1, Ordering::SeqCst);
            Box::pin(async { Ok(()) })
        });
        let all = futures_util::future::join_all((0..200).map(|number| line.send(number))).await;
        assert!(all.iter().all(Result::is_ok));
        let batches = batches.load(Ordering::SeqCst);
        assert!(batches < 20, "{batches}");
    }
}
