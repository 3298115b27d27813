use std::fmt;
use std::sync::Arc;

use tokio::sync::Notify;
use tokio::time::timeout;
use tower_wecom::Callback;

use crate::dead::DeadLetter;
use crate::engine::{Counts, Engine, Limits};
use crate::entry::{Entry, Push, revived};
use crate::error::InboxError;
use crate::key;
use crate::kinds::is_alike_on_purpose;
use crate::line::Line;
use crate::stored::StoredCallback;

/// A durable inbox. Cheap to clone; to be opened within a tokio runtime.
///
/// See the [crate's page](crate) for an example.
#[derive(Clone)]
pub struct Inbox(Arc<Inner>);

struct Inner {
    engine: Arc<dyn Engine>,
    line: Line<Push>,
    pushed: Arc<Notify>,
    limits: Limits,
}

impl Inbox {
    pub(crate) fn new(engine: Arc<dyn Engine>, limits: Limits) -> Self {
        let pushed = Arc::new(Notify::new());
        let (storage, wake) = (Arc::clone(&engine), Arc::clone(&pushed));
        let line = Line::new(limits.patience, move |pushes| {
            let (storage, wake) = (Arc::clone(&storage), Arc::clone(&wake));
            Box::pin(async move {
                storage.push(pushes).await?;
                wake.notify_waiters();
                Ok(())
            })
        });
        Self(Arc::new(Inner {
            engine,
            line,
            pushed,
            limits,
        }))
    }

    /// Stores a callback that has come in a request to this path. Once it returns `Ok`, the callback is safe.
    ///
    /// A callback that was stored already is not stored again, and that is no error. Nudges, which are alike on purpose, are.
    ///
    /// # Errors
    ///
    /// If the storage fails or takes too long. It may be stored all the same, so it has to be sent again.
    pub async fn store(&self, callback: &Callback, path: &str) -> Result<(), InboxError> {
        let key = if is_alike_on_purpose(callback) {
            key::unique(callback)
        } else {
            key::digest(callback)
        };
        let entry = Entry::new(key, &StoredCallback::new(callback, path));
        let entry = entry.map_err(|_| InboxError::json())?;
        let body = entry.body().map_err(|_| InboxError::json())?;
        let push = Push {
            key: entry.key,
            body,
        };
        timeout(self.0.limits.patience, self.0.line.send(push))
            .await
            .unwrap_or_else(|_| Err(InboxError::timed_out()))
    }

    /// How many callbacks wait or are being worked on, how many are dead letters, and how far the workers are behind.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub async fn counts(&self) -> Result<Counts, InboxError> {
        self.0.engine.count().await
    }

    /// Some dead letters: callbacks that failed too often, or could not be read.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub async fn dead_letters(&self, at_most: u32) -> Result<Vec<DeadLetter>, InboxError> {
        let found = self.0.engine.dead(at_most).await?;
        let letters = found
            .into_iter()
            .map(|(id, body)| DeadLetter::new(id, &body));
        Ok(letters.collect())
    }

    /// Gives a dead letter to the workers again, with all its attempts before it.
    ///
    /// # Errors
    ///
    /// If the storage fails, or has no such dead letter.
    pub async fn revive(&self, id: &str) -> Result<(), InboxError> {
        const NONE: &str = "there is no such dead letter";
        let letter = self.0.engine.dead_one(id).await?;
        let letter = letter.ok_or(InboxError::dead_letter(NONE))?;
        // Somebody else may have been faster.
        if !self.0.engine.revive(id, revived(&letter)).await? {
            return Err(InboxError::dead_letter(NONE));
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
        self.0.engine.forget(id).await
    }

    pub(crate) fn engine(&self) -> &Arc<dyn Engine> {
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
        f.debug_struct("Inbox")
            .field("limits", &self.0.limits)
            .finish_non_exhaustive()
    }
}
