use std::fmt;
use std::future::Future;
use std::sync::Arc;

use tokio::sync::Notify;
use tokio::time::timeout;
use tower_wecom::Callback;
use tower_wecom::dedup::{Recurrence, recurrence};

use crate::batcher::Batcher;
use crate::dead::DeadLetter;
use crate::engine::{Backend, Counts, Limits, Push};
use crate::error::InboxError;
use crate::key;
use crate::room::Gauge;
use crate::stored::StoredCallback;

/// A durable inbox. Cheap to clone; to be opened within a tokio runtime.
///
/// See the [crate's page](crate) for an example.
#[derive(Clone)]
pub struct Inbox(Arc<Inner>);

struct Inner {
    engine: Arc<dyn Backend>,
    batcher: Batcher<Push>,
    gauge: Arc<Gauge>,
    pushed: Arc<Notify>,
    limits: Limits,
}

impl Inbox {
    pub(crate) fn new(engine: Arc<dyn Backend>, limits: Limits) -> Self {
        let pushed = Arc::new(Notify::new());
        let (storage, wake) = (Arc::clone(&engine), Arc::clone(&pushed));
        let batcher = Batcher::new(limits.patience, engine.steps_at_once(), move |pushes| {
            let (storage, wake) = (Arc::clone(&storage), Arc::clone(&wake));
            Box::pin(async move {
                storage.push(pushes).await?;
                wake.notify_waiters();
                Ok(())
            })
        });
        let gauge = Gauge::watch(Arc::clone(&engine), limits.clone());
        Self(Arc::new(Inner {
            engine,
            batcher,
            gauge,
            pushed,
            limits,
        }))
    }

    /// Stores a callback that has come in a request to this path. Once it returns `Ok`, the
    /// callback is safe.
    ///
    /// A callback that was stored already is not stored again, and that is no error. What
    /// [`recurrence`] allows is: at once, or when the first one is done.
    ///
    /// # Errors
    ///
    /// If the storage fails, is full or takes too long. It may be stored all the same, so it has
    /// to be sent again.
    pub async fn store(&self, callback: &Callback, path: &str) -> Result<(), InboxError> {
        self.0.gauge.admit()?;
        let digest = key::digest(callback);
        // Two genuine events have two keys for their handlers.
        let (key, nonce) = match recurrence(callback) {
            Recurrence::Always => (digest + &key::nonce(), Some(String::new())),
            Recurrence::AfterSuccess => (digest, Some(key::nonce())),
            _ => (digest, None),
        };
        let stored = StoredCallback::new(callback, path);
        let push = Push {
            key,
            nonce,
            tenant: callback.tenant().unwrap_or_default().to_owned(),
            body: serde_json::to_string(&stored).map_err(|_| InboxError::json())?,
        };
        self.ask(self.0.batcher.send(push)).await
    }

    /// Whether the inbox can store callbacks now: for a readiness probe. It writes to the storage
    /// as a callback would, and leaves nothing there.
    ///
    /// # Errors
    ///
    /// If a callback would not be stored.
    pub async fn check(&self) -> Result<(), InboxError> {
        self.0.gauge.admit()?;
        self.ask(self.0.engine.check()).await
    }

    /// How many callbacks wait or are being worked on, how many are dead letters, and how far the
    /// workers are behind.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub async fn counts(&self) -> Result<Counts, InboxError> {
        self.ask(self.0.engine.count()).await
    }

    /// Some dead letters, the oldest first: callbacks that failed too often, or cannot be read.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub async fn dead_letters(&self, at_most: u32) -> Result<Vec<DeadLetter>, InboxError> {
        let rows = self.ask(self.0.engine.dead(at_most)).await?;
        Ok(rows.into_iter().map(DeadLetter::new).collect())
    }

    /// Gives a dead letter to the workers again, with all its attempts before it.
    ///
    /// # Errors
    ///
    /// If the storage fails, or has no such dead letter.
    pub async fn revive(&self, id: &str) -> Result<(), InboxError> {
        if !self.ask(self.0.engine.revive(id)).await? {
            return Err(InboxError::no_dead_letter());
        }
        self.0.pushed.notify_waiters();
        Ok(())
    }

    /// Forgets a dead letter.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub async fn forget(&self, id: &str) -> Result<(), InboxError> {
        self.ask(self.0.engine.forget(id)).await
    }

    /// Gives the storage its time, and no more.
    pub(crate) async fn ask<T>(
        &self,
        step: impl Future<Output = Result<T, InboxError>>,
    ) -> Result<T, InboxError> {
        timeout(self.0.limits.patience, step)
            .await
            .unwrap_or_else(|_| Err(InboxError::timed_out()))
    }

    pub(crate) fn engine(&self) -> &Arc<dyn Backend> {
        &self.0.engine
    }

    pub(crate) fn pushed(&self) -> &Arc<Notify> {
        &self.0.pushed
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.0.limits
    }
}

impl fmt::Debug for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The limits contain addresses of Sentinels, which may contain a password.
        f.debug_struct("Inbox")
            .field("queue", &self.0.limits.queue)
            .finish_non_exhaustive()
    }
}
