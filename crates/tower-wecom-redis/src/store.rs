use std::fmt;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use redis::aio::{ConnectionLike, ConnectionManager};
use redis::{IntoConnectionInfo, Script, ScriptInvocation};
use tower_wecom::dedup::{Claim, ClaimToken, DedupKey, KeptAnswer, Store};

use crate::error::RedisStoreError;
use crate::steps::{RedisSteps, millis};

const PREFIX: &str = "tower-wecom:dedup";

/// Claims the key if it is free or already claimed by this token; otherwise returns its value.
static CLAIM: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local found = redis.call('GET', KEYS[1])
        if found and found ~= ARGV[1] then return found end
        redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
        return false",
    )
});

/// Claims the key unless it is claimed by another token; otherwise returns its value.
static CLAIM_AGAIN: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local found = redis.call('GET', KEYS[1])
        if found and found ~= ARGV[1] and string.sub(found, 1, 1) ~= ARGV[3] then return found end
        redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
        return false",
    )
});

/// Writes a new value if the key is free or claimed by this token.
static REPLACE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local found = redis.call('GET', KEYS[1])
        if found and found ~= ARGV[1] and found ~= ARGV[2] then return 0 end
        redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
        return 1",
    )
});

/// Deletes the key if it is claimed by this token.
static RELEASE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
        return 1",
    )
});

/// A [`Store`] in Redis, shared by all replicas that use the same Redis and the same prefix.
///
/// Cheap to clone.
///
/// See the [crate's page](crate) for an example and for the limits of the guarantee.
#[derive(Clone)]
pub struct RedisStore<C = ConnectionManager> {
    steps: RedisSteps<C>,
    prefix: Arc<str>,
}

impl RedisStore {
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

impl<C: Clone> RedisStore<C> {
    /// A store that uses your connection: a [`ConnectionManager`] with other settings, or a
    /// connection to a cluster.
    ///
    /// The connection must be multiplexed, because its clones are used at the same time. Its own
    /// settings apply: when it reconnects, and its response timeout, which is 500 ms by default.
    pub fn new(connection: C) -> Self {
        Self::of(RedisSteps::new(connection))
    }

    fn of(steps: RedisSteps<C>) -> Self {
        let prefix = PREFIX.into();
        Self { steps, prefix }
    }

    /// Sets the prefix of the keys. The default is `tower-wecom:dedup`.
    ///
    /// Do not use braces in it: Redis Cluster would take them for the hash tag.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into().into();
        self
    }

    /// Sets the timeout of a step. The default is 500 ms.
    ///
    /// WeCom waits 5 seconds for the whole answer, or 1 second for notices to third-party apps and
    /// devices.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.steps.timeout = timeout;
        self
    }

    fn key(&self, key: DedupKey) -> String {
        format!("{}:{{{key}}}", self.prefix)
    }
}

impl<C: ConnectionLike + Clone + Send + Sync> RedisStore<C> {
    /// Runs a script that returns the value of the key if it has not claimed the key.
    async fn claim_by(
        &self,
        key: DedupKey,
        script: &ScriptInvocation<'_>,
    ) -> Result<Claim, RedisStoreError> {
        let found: Option<Vec<u8>> = self.steps.run(script).await?;
        match found.as_deref() {
            None => Ok(Claim::Granted),
            Some([RUNNING, ..]) => Ok(Claim::Running),
            Some([FINISHED, answer @ ..]) => {
                Ok(Claim::Finished(KeptAnswer::from_bytes_or_ack(key, answer)))
            }
            Some(_) => Err(RedisStoreError::VALUE),
        }
    }

    async fn replace(
        &self,
        key: DedupKey,
        token: ClaimToken,
        new: &[u8],
        expiry: Duration,
    ) -> Result<bool, RedisStoreError> {
        let mut script = REPLACE.key(self.key(key));
        script.arg(running(token)).arg(new).arg(millis(expiry));
        self.steps.run(&script).await
    }
}

impl<C> Store for RedisStore<C>
where
    C: ConnectionLike + Clone + Send + Sync + 'static,
{
    type Error = RedisStoreError;

    async fn claim(
        &self,
        key: DedupKey,
        token: ClaimToken,
        lease: Duration,
    ) -> Result<Claim, RedisStoreError> {
        let mut script = CLAIM.key(self.key(key));
        script.arg(running(token)).arg(millis(lease));
        self.claim_by(key, &script).await
    }

    async fn claim_again(
        &self,
        key: DedupKey,
        token: ClaimToken,
        lease: Duration,
    ) -> Result<Claim, RedisStoreError> {
        let mut script = CLAIM_AGAIN.key(self.key(key));
        script
            .arg(running(token))
            .arg(millis(lease))
            .arg(&[FINISHED]);
        self.claim_by(key, &script).await
    }

    async fn renew(
        &self,
        key: DedupKey,
        token: ClaimToken,
        lease: Duration,
    ) -> Result<bool, RedisStoreError> {
        self.replace(key, token, running(token).as_bytes(), lease)
            .await
    }

    async fn commit(
        &self,
        key: DedupKey,
        token: ClaimToken,
        answer: KeptAnswer,
        keep: Duration,
    ) -> Result<bool, RedisStoreError> {
        let finished = [&[FINISHED], answer.to_bytes().as_slice()].concat();
        self.replace(key, token, &finished, keep).await
    }

    async fn release(&self, key: DedupKey, token: ClaimToken) -> Result<(), RedisStoreError> {
        let mut script = RELEASE.key(self.key(key));
        script.arg(running(token));
        let _: i64 = self.steps.run(&script).await?;
        Ok(())
    }
}

/// The first byte of a value.
const RUNNING: u8 = b'r';
const FINISHED: u8 = b'f';

fn running(token: ClaimToken) -> String {
    format!("{}{token}", char::from(RUNNING))
}

impl<C> fmt::Debug for RedisStore<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The connection is left out: it contains the password.
        f.debug_struct("RedisStore")
            .field("prefix", &self.prefix)
            .field("timeout", &self.steps.timeout)
            .finish_non_exhaustive()
    }
}
