use std::fmt;
#[cfg(feature = "sqlite")]
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::timeout;
use tower_wecom::Callback;

use crate::batch::{self, Waiting};
use crate::dead::DeadLetter;
use crate::engine::{Engine, Limits, Queue};
use crate::entry::{DeadEntry, Entry};
use crate::error::InboxError;
use crate::key;
use crate::kinds::is_alike_on_purpose;
use crate::layer::InboxLayer;
use crate::stored::StoredCallback;

/// How many callbacks may wait to be stored. Those beyond wait as well, without a place in the line.
const LINE: usize = 1024;

/// A durable inbox. Cheap to clone; to be opened within a tokio runtime.
///
/// See the [crate's page](crate) for an example.
#[derive(Clone)]
pub struct Inbox(Arc<Inner>);

struct Inner {
    engine: Arc<dyn Engine>,
    line: mpsc::Sender<Waiting>,
    pushed: Arc<Notify>,
    limits: Limits,
}

impl Inbox {
    /// An inbox with other settings than the default ones.
    pub fn builder() -> InboxBuilder {
        InboxBuilder::default()
    }

    /// An inbox in an SQLite file, which is made if it is not there.
    ///
    /// # Errors
    ///
    /// If the file cannot be opened, or its file system cannot hold a write-ahead log.
    #[cfg(feature = "sqlite")]
    pub async fn sqlite(path: impl AsRef<Path>) -> Result<Self, InboxError> {
        Self::builder().sqlite(path).await
    }

    /// An inbox on a Redis server: `redis://[user:password@]host[:port][/database]`.
    ///
    /// # Errors
    ///
    /// If the URL is none, or nobody answers.
    #[cfg(feature = "redis")]
    pub async fn redis(url: &str) -> Result<Self, InboxError> {
        Self::builder().redis(url).await
    }

    /// An inbox on a PostgreSQL server: `postgres://[user:password@]host[:port]/database`. It makes a schema `apalis` and,
    /// if it is not there, the extension `hstore`.
    ///
    /// # Errors
    ///
    /// If the URL is none, nobody answers, or the schema cannot be made.
    #[cfg(feature = "postgres")]
    pub async fn postgres(url: &str) -> Result<Self, InboxError> {
        Self::builder().postgres(url).await
    }

    fn new(engine: Arc<dyn Engine>, limits: Limits) -> Self {
        let (line, waiting) = mpsc::channel(LINE);
        let pushed = Arc::new(Notify::new());
        tokio::spawn(batch::store_together(
            Arc::clone(&engine),
            waiting,
            Arc::clone(&pushed),
            limits.patience,
        ));
        Self(Arc::new(Inner {
            engine,
            line,
            pushed,
            limits,
        }))
    }

    /// The layer that stores callbacks before they are acknowledged.
    #[must_use]
    pub fn layer(&self) -> InboxLayer {
        InboxLayer::new(self.clone())
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
        let push = Entry::new(key, &StoredCallback::new(callback, path))
            .and_then(|entry| entry.to_push(None))
            .map_err(InboxError::storage)?;
        let (stored, is_stored) = oneshot::channel();
        let store = async {
            let waiting = Waiting { push, stored };
            let sent = self.0.line.send(waiting).await;
            sent.map_err(|_| InboxError::closed())?;
            is_stored.await.map_err(|_| InboxError::closed())?
        };
        timeout(self.0.limits.patience, store)
            .await
            .unwrap_or_else(|_| Err(InboxError::timed_out()))
    }

    /// How many callbacks wait or are being worked on, and how many are dead letters.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub async fn counts(&self) -> Result<Counts, InboxError> {
        let (waiting, dead) = self.0.engine.count().await?;
        Ok(Counts { waiting, dead })
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
        let body = self.0.engine.dead_one(id).await?;
        let body = body.ok_or(InboxError::dead_letter("there is no such dead letter"))?;
        let dead: DeadEntry = serde_json::from_slice(&body)
            .map_err(|_| InboxError::dead_letter("the dead letter cannot be read"))?;
        let entry = Entry {
            key: dead.key,
            // So a second call, before the letter is gone, makes no second entry.
            revivals: dead.revivals.saturating_add(1),
            attempts: 0,
            callback: dead.callback,
        };
        let push = entry.to_push(None).map_err(InboxError::storage)?;
        self.0.engine.push(Queue::Waiting, vec![push]).await?;
        self.0.pushed.notify_waiters();
        self.0.engine.bury(id).await
    }

    /// Forgets a dead letter.
    ///
    /// # Errors
    ///
    /// If the storage fails.
    pub async fn forget(&self, id: &str) -> Result<(), InboxError> {
        self.0.engine.bury(id).await
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

/// What an inbox holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Callbacks that wait for their first or a further attempt, or are being worked on.
    pub waiting: u64,
    /// Dead letters.
    pub dead: u64,
}

/// The settings of an inbox.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct InboxBuilder {
    limits: Limits,
}

impl InboxBuilder {
    /// The name of the queue, `wecom-inbox` unless set. Inboxes of the same storage and queue share their callbacks.
    pub fn queue(mut self, name: impl Into<String>) -> Self {
        self.limits.queue = name.into();
        self
    }

    /// For how long a callback is remembered after its first attempt, so that it is not stored again: 2 hours unless set.
    /// On Redis the time begins when it is stored.
    pub fn keep(mut self, time: Duration) -> Self {
        self.limits.keep = time;
        self
    }

    /// After which silence a worker counts as dead and its callbacks are given to others: 30 seconds unless set. Counted in
    /// whole seconds, 3 at least.
    pub fn take_over_after(mut self, time: Duration) -> Self {
        self.limits.take_over = time.max(Duration::from_secs(3));
        self
    }

    /// How long the storage may take to store a callback before WeCom is told to send it again: 4 seconds unless set, for
    /// WeCom waits for 5.
    pub fn patience(mut self, time: Duration) -> Self {
        self.limits.patience = time;
        self
    }

    /// Opens it in an SQLite file. See [`Inbox::sqlite`].
    ///
    /// # Errors
    ///
    /// If the file cannot be opened, or its file system cannot hold a write-ahead log.
    #[cfg(feature = "sqlite")]
    pub async fn sqlite(self, path: impl AsRef<Path>) -> Result<Inbox, InboxError> {
        let path = path.as_ref();
        let engine = crate::engine::sqlite::SqliteEngine::open(path, self.limits.clone()).await?;
        Ok(Inbox::new(Arc::new(engine), self.limits))
    }

    /// Opens it on a Redis server. See [`Inbox::redis`].
    ///
    /// # Errors
    ///
    /// If the URL is none, or nobody answers.
    #[cfg(feature = "redis")]
    pub async fn redis(self, url: &str) -> Result<Inbox, InboxError> {
        let engine = crate::engine::redis::RedisEngine::open(url, self.limits.clone()).await?;
        Ok(Inbox::new(Arc::new(engine), self.limits))
    }

    /// Opens it on a PostgreSQL server. See [`Inbox::postgres`].
    ///
    /// # Errors
    ///
    /// If the URL is none, nobody answers, or the schema cannot be made.
    #[cfg(feature = "postgres")]
    pub async fn postgres(self, url: &str) -> Result<Inbox, InboxError> {
        let engine =
            crate::engine::postgres::PostgresEngine::open(url, self.limits.clone()).await?;
        Ok(Inbox::new(Arc::new(engine), self.limits))
    }
}
