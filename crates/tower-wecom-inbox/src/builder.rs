#[cfg(feature = "sqlite")]
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::engine::Limits;
#[cfg(feature = "postgres")]
use crate::engine::postgres::PostgresEngine;
#[cfg(feature = "redis")]
use crate::engine::redis::RedisEngine;
#[cfg(feature = "sqlite")]
use crate::engine::sqlite::SqliteEngine;
use crate::error::InboxError;
use crate::inbox::Inbox;

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

    /// For how long a callback is remembered after it is done, so that it is not stored again: 2 hours unless set. Only its key
    /// is kept, and nothing of its payload.
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

    /// How much of its `maxmemory` Redis may use when a callback is stored, in percent: 80 unless set, 100 for no limit. Beyond that
    /// callbacks are answered 503, and what is there is worked off. Looked at once a second.
    #[cfg(feature = "redis")]
    pub fn redis_memory(mut self, percent: u8) -> Self {
        self.limits.memory = percent;
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
        let engine = SqliteEngine::open(path, self.limits.clone()).await?;
        Ok(Inbox::new(Arc::new(engine), self.limits))
    }

    /// Opens it on a Redis server. See [`Inbox::redis`].
    ///
    /// # Errors
    ///
    /// If the URL is none, or nobody answers.
    #[cfg(feature = "redis")]
    pub async fn redis(self, url: &str) -> Result<Inbox, InboxError> {
        let engine = RedisEngine::open(url, self.limits.clone()).await?;
        Ok(Inbox::new(Arc::new(engine), self.limits))
    }

    /// Opens it on a PostgreSQL server. See [`Inbox::postgres`].
    ///
    /// # Errors
    ///
    /// If the URL is none, nobody answers, or the schema cannot be made.
    #[cfg(feature = "postgres")]
    pub async fn postgres(self, url: &str) -> Result<Inbox, InboxError> {
        let engine = PostgresEngine::open(url, self.limits.clone()).await?;
        Ok(Inbox::new(Arc::new(engine), self.limits))
    }
}
