use std::fmt;
#[cfg(feature = "sqlite")]
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::engine::Limits;
#[cfg(feature = "postgres")]
use crate::engine::postgres::{PostgresEngine, PostgresServer};
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
    /// If the URL is invalid, or no master answers within 10 seconds.
    #[cfg(feature = "redis")]
    pub async fn redis(url: &str) -> Result<Self, InboxError> {
        Self::builder().redis(url).await
    }

    /// An inbox on a PostgreSQL server: a URL,
    /// `postgres://[user:password@]host[:port][,host[:port]…]/database`, or sqlx's
    /// `PgConnectOptions`. Its tables are in the schema `tower_wecom_inbox`, which is made if it is
    /// not there; where the role may not do that, `sql/postgres.sql` has it.
    ///
    /// # Errors
    ///
    /// If the URL is invalid, no server answers within 10 seconds, or the tables cannot be made.
    #[cfg(feature = "postgres")]
    pub async fn postgres(server: impl Into<PostgresServer>) -> Result<Self, InboxError> {
        Self::builder().postgres(server).await
    }
}

/// The settings of an inbox.
#[derive(Clone, Default)]
#[must_use]
pub struct InboxBuilder {
    limits: Limits,
}

impl InboxBuilder {
    /// The name of the queue, `wecom-inbox` unless set. Inboxes of the same storage and queue
    /// share their callbacks.
    pub fn queue(mut self, name: impl Into<String>) -> Self {
        self.limits.queue = name.into();
        self
    }

    /// How long a callback is remembered after it is done, so that it is not stored again: 2 hours
    /// unless set. Only its key is kept, and nothing of its payload.
    pub fn keep(mut self, time: Duration) -> Self {
        self.limits.keep = time;
        self
    }

    /// After which silence a worker counts as dead and its callbacks are given to others: 30
    /// seconds unless set, 3 at least.
    pub fn take_over_after(mut self, time: Duration) -> Self {
        self.limits.take_over = time.max(Duration::from_secs(3));
        self
    }

    /// How long the storage may take to store a callback. After that the answer is 503, so that WeCom
    /// sends it again. The default is 4 seconds, because WeCom waits for 5.
    pub fn patience(mut self, time: Duration) -> Self {
        self.limits.patience = time;
        self
    }

    /// How many callbacks may wait: 1,000,000 unless set. Beyond that callbacks are answered 503,
    /// and the workers make room. Looked at once a second, so somewhat more may be stored.
    pub fn max_waiting(mut self, callbacks: u64) -> Self {
        self.limits.max_waiting = callbacks;
        self
    }

    /// How many free bytes of the file system are kept for the workers: 64 MiB unless set, 0 for no
    /// limit. Below that callbacks are answered 503, and the workers make room. Looked at once a
    /// second.
    #[cfg(feature = "sqlite")]
    pub fn sqlite_reserve(mut self, bytes: u64) -> Self {
        self.limits.reserve = bytes;
        self
    }

    /// How much of its `maxmemory` Redis may use when a callback is stored, in percent: 80 unless
    /// set, 100 for no limit. Beyond that callbacks are answered 503, and the workers make room.
    /// Looked at once a second.
    #[cfg(feature = "redis")]
    pub fn redis_memory(mut self, percent: u8) -> Self {
        self.limits.memory = percent;
        self
    }

    /// Asks Sentinels, `redis://host:port` each, which server is the master of this name. The URL
    /// that is opened gives the user, the password and the database.
    #[cfg(feature = "redis")]
    pub fn redis_sentinels(
        mut self,
        master: impl Into<String>,
        sentinels: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        let sentinels = sentinels.into_iter().map(Into::into).collect();
        self.limits.sentinels = Some((master.into(), sentinels));
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
    /// If the URL is invalid, or no master answers within 10 seconds.
    #[cfg(feature = "redis")]
    pub async fn redis(self, url: &str) -> Result<Inbox, InboxError> {
        let engine = RedisEngine::open(url, self.limits.clone()).await?;
        Ok(Inbox::new(Arc::new(engine), self.limits))
    }

    /// Opens it on a PostgreSQL server. See [`Inbox::postgres`].
    ///
    /// # Errors
    ///
    /// If the URL is invalid, no server answers within 10 seconds, or the tables cannot be made.
    #[cfg(feature = "postgres")]
    pub async fn postgres(self, server: impl Into<PostgresServer>) -> Result<Inbox, InboxError> {
        let engine = PostgresEngine::open(server.into(), self.limits.clone()).await?;
        Ok(Inbox::new(Arc::new(engine), self.limits))
    }
}

impl fmt::Debug for InboxBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The addresses of Sentinels may contain a password.
        f.debug_struct("InboxBuilder")
            .field("queue", &self.limits.queue)
            .finish_non_exhaustive()
    }
}
