//! One task, from the storage's point of view.

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use apalis_core::task::Task;
use futures_util::future::BoxFuture;
use serde_json::Value;
use tokio::time::sleep;
use tower::Service;

use crate::delivery::Delivery;
use crate::engine::{Engine, Queue};
use crate::entry::{DeadEntry, Entry, Push};
use crate::error::InboxError;
use crate::retry::Retry;
use crate::stored::StoredCallback;

/// How often a callback may be taken back from workers without an end, at least. The storages count a clean stop as well, of a
/// worker that had taken it and not begun.
const TAKEN_BACK_MAX: u32 = 20;
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// What is done with a callback: nothing, if it went well, or a reason.
pub(crate) type Handle =
    Arc<dyn Fn(StoredCallback, Delivery) -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// The service that apalis's workers run.
#[derive(Clone)]
pub(crate) struct Job(Arc<Desk>);

struct Desk {
    engine: Arc<dyn Engine>,
    handle: Handle,
    retry: Retry,
}

impl Job {
    pub(crate) fn new(engine: Arc<dyn Engine>, handle: Handle, retry: Retry) -> Self {
        Self(Arc::new(Desk {
            engine,
            handle,
            retry,
        }))
    }
}

impl Service<Task<Vec<u8>>> for Job {
    type Response = ();
    type Error = InboxError;
    type Future = BoxFuture<'static, Result<(), InboxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    /// `Ok` is what lets the storage forget the task: it was done, or it stands somewhere else now. So a second attempt is
    /// another task, with its own time, and a crash between the two leaves a key that is there already.
    fn call(&mut self, task: Task<Vec<u8>>) -> Self::Future {
        let desk = Arc::clone(&self.0);
        let id = task.task_id().map(ToString::to_string);
        let taken_over = u32::try_from(task.attempt()).unwrap_or(u32::MAX);
        Box::pin(async move {
            desk.work(&task.args, id.unwrap_or_default(), taken_over)
                .await
        })
    }
}

impl Desk {
    async fn work(&self, body: &[u8], id: String, taken_over: u32) -> Result<(), InboxError> {
        let mut entry: Entry = match serde_json::from_slice(body) {
            Ok(entry) => entry,
            Err(error) => {
                let entry = Entry {
                    key: id,
                    revivals: 0,
                    attempts: 0,
                    callback: Value::from(String::from_utf8_lossy(body)),
                };
                return self.give_up(entry, format!("no entry: {error}")).await;
            }
        };
        let callback = match StoredCallback::from_json(&entry.callback) {
            Ok(callback) => callback,
            Err(error) => return self.give_up(entry, error.to_string()).await,
        };
        // Whoever held it gave it back or died, each time. Perhaps of it.
        if taken_over >= self.retry.attempts.max(TAKEN_BACK_MAX) {
            let reason = format!("it was taken back {taken_over} times and never ended");
            return self.give_up(entry, reason).await;
        }
        let attempt = entry.attempts.saturating_add(1);
        let delivery = Delivery::new(&entry.key, attempt, callback.arrived_at());
        let kind = callback.kind().to_owned();
        let Err(reason) = (self.handle)(callback, delivery).await else {
            return Ok(());
        };
        entry.attempts = attempt;
        if attempt >= self.retry.attempts {
            return self.give_up(entry, reason).await;
        }
        let pause = self.retry.pause(attempt);
        tracing::warn!(kind, attempt, reason, again_in = ?pause, "a callback from the inbox failed");
        let run_at = now().saturating_add(pause.as_secs());
        let push = entry.to_push(Some(run_at)).map_err(InboxError::storage)?;
        self.push(Queue::Waiting, push).await
    }

    /// Stores what becomes of a task, however long that takes: an error would make the storage run the task again, at once and
    /// without an end. If this worker dies over it, another one takes the task.
    async fn push(&self, queue: Queue, push: Push) -> Result<(), InboxError> {
        let mut pause = FIRST_PAUSE;
        while let Err(error) = self.engine.push(queue, vec![push.clone()]).await {
            tracing::warn!(%error, again_in = ?pause, "what becomes of a callback cannot be stored");
            sleep(pause).await;
            pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
        }
        Ok(())
    }

    async fn give_up(&self, entry: Entry, reason: String) -> Result<(), InboxError> {
        tracing::error!(
            key = entry.key,
            attempts = entry.attempts,
            reason,
            "a callback is given up and becomes a dead letter"
        );
        let dead = DeadEntry {
            key: entry.key,
            revivals: entry.revivals,
            attempts: entry.attempts,
            died_at: now(),
            reason,
            callback: entry.callback,
        };
        let push = dead.to_push().map_err(InboxError::storage)?;
        self.push(Queue::Dead, push).await
    }
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
