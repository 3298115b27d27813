//! Many callbacks, one commit.

use std::sync::Arc;

use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::{Duration, timeout};

use crate::engine::{Engine, Queue};
use crate::entry::Push;
use crate::error::InboxError;

/// How many go into one transaction. WeCom's own connections are far fewer.
const AT_ONCE: usize = 256;

/// A callback that waits to be stored.
pub(crate) struct Waiting {
    pub(crate) push: Push,
    /// Answered after the commit.
    pub(crate) stored: oneshot::Sender<Result<(), InboxError>>,
}

/// Stores what waits, all that waits in one transaction, until nobody can send any more.
///
/// While one transaction is on its way to the disk, the next one gathers; nobody waits for company.
pub(crate) async fn store_together(
    engine: Arc<dyn Engine>,
    mut waiting: mpsc::Receiver<Waiting>,
    pushed: Arc<Notify>,
    patience: Duration,
) {
    let mut batch = Vec::with_capacity(AT_ONCE);
    while waiting.recv_many(&mut batch, AT_ONCE).await > 0 {
        // Who has gone has answered 503.
        let (pushes, senders): (Vec<_>, Vec<_>) = batch
            .drain(..)
            .filter(|waiting| !waiting.stored.is_closed())
            .map(|waiting| (waiting.push, waiting.stored))
            .unzip();
        if pushes.is_empty() {
            continue;
        }
        let result = timeout(patience, engine.push(Queue::Waiting, pushes))
            .await
            .unwrap_or_else(|_| Err(InboxError::timed_out()));
        if result.is_ok() {
            pushed.notify_waiters();
        }
        for sender in senders {
            // Who has gone in the meantime needs no answer.
            let _ = sender.send(result.clone());
        }
    }
}
