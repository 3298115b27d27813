use std::fmt;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use redis::aio::{ConnectionLike, ConnectionManager};
use redis::{IntoConnectionInfo, Script};
use tower_wecom_aibot::{Lease, LeaseHolder};

use crate::error::RedisStoreError;
use crate::steps::{RedisSteps, millis};

const PREFIX: &str = "tower-wecom:aibot";

/// Takes the lease if it is free or this holder's already.
static ACQUIRE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local found = redis.call('GET', KEYS[1])
        if found and found ~= ARGV[1] then return 0 end
        redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
        return 1",
    )
});

/// Deletes the lease if it is this holder's.
static RELEASE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
        return 1",
    )
});

/// A [`Lease`] in Redis: several processes take turns at the long connection of an AI bot. Feature
/// `aibot`.
///
/// All processes need the same Redis and the same prefix. A fail-over of Redis can lose a lease;
/// then a second process connects, and WeCom displaces the first. Cheap to clone.
///
/// ```no_run
/// use tower_wecom::EventRouter;
/// use tower_wecom_aibot::Bot;
/// use tower_wecom_redis::RedisLease;
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let lease = RedisLease::connect("redis://127.0.0.1:6379/0").await?;
/// let bot = Bot::new("the bot's id", "the-Secret".parse()?).lease(lease);
/// bot.serve(EventRouter::new()).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RedisLease<C = ConnectionManager> {
    steps: RedisSteps<C>,
    prefix: Arc<str>,
}

impl RedisLease {
    /// Connects to a Redis, `redis://[user:password@]host[:port][/database]`, and stays connected:
    /// it reconnects in the background.
    ///
    /// # Errors
    ///
    /// If the URL is invalid, or Redis cannot be reached.
    pub async fn connect(server: impl IntoConnectionInfo) -> Result<Self, RedisStoreError> {
        Ok(Self::of(RedisSteps::connect(server).await?))
    }

    /// Like [`connect`](Self::connect), but does not wait for Redis: it may start later.
    ///
    /// # Errors
    ///
    /// If the URL is invalid.
    ///
    /// # Panics
    ///
    /// If it is called outside of a tokio runtime.
    pub fn connect_lazily(server: impl IntoConnectionInfo) -> Result<Self, RedisStoreError> {
        Ok(Self::of(RedisSteps::connect_lazily(server)?))
    }
}

impl<C: Clone> RedisLease<C> {
    /// A lease that uses your connection. See [`RedisStore::new`](crate::RedisStore::new).
    pub fn new(connection: C) -> Self {
        Self::of(RedisSteps::new(connection))
    }

    fn of(steps: RedisSteps<C>) -> Self {
        let prefix = PREFIX.into();
        Self { steps, prefix }
    }

    /// Sets the prefix of the keys. The default is `tower-wecom:aibot`.
    ///
    /// Do not use braces in it: Redis Cluster would take them for the hash tag.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into().into();
        self
    }

    fn key(&self, bot: &str) -> String {
        format!("{}:{{{bot}}}", self.prefix)
    }
}

impl<C> Lease for RedisLease<C>
where
    C: ConnectionLike + Clone + Send + Sync + 'static,
{
    type Error = RedisStoreError;

    async fn acquire(
        &self,
        bot: &str,
        holder: LeaseHolder,
        duration: Duration,
    ) -> Result<bool, RedisStoreError> {
        let mut script = ACQUIRE.key(self.key(bot));
        script.arg(holder.to_string()).arg(millis(duration));
        let granted: i64 = self.steps.run(&script).await?;
        Ok(granted == 1)
    }

    async fn release(&self, bot: &str, holder: LeaseHolder) -> Result<(), RedisStoreError> {
        let mut script = RELEASE.key(self.key(bot));
        script.arg(holder.to_string());
        let _: i64 = self.steps.run(&script).await?;
        Ok(())
    }
}

impl<C> fmt::Debug for RedisLease<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisLease")
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}
