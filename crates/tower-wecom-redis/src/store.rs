use std::fmt;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use redis::aio::{ConnectionLike, ConnectionManager, ConnectionManagerConfig};
use redis::io::tcp::TcpSettings;
use redis::io::tcp::socket2::TcpKeepalive;
use redis::{Client, FromRedisValue, IntoConnectionInfo, RedisResult, Script, ScriptInvocation};
use tower_wecom::dedup::{Claim, ClaimToken, DedupKey, KeptAnswer, Store};

use crate::connection::ReplaceableConnection;
use crate::error::RedisStoreError;

const PREFIX: &str = "tower-wecom:dedup";
const TIMEOUT: Duration = Duration::from_millis(500);
/// How long a broken connection is left alone between two attempts, at most.
const RECONNECT_PAUSE: Duration = Duration::from_millis(500);
/// Redis refuses an expiry that it cannot add to the time.
const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// Free, or what the claimant has made of it: makes it that, anew. Otherwise tells what it is.
static CLAIM: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local found = redis.call('GET', KEYS[1])
        if found and found ~= ARGV[1] then return found end
        redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
        return false",
    )
});

/// Free, or what the claimant has made of it: puts something else in its place.
static REPLACE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local found = redis.call('GET', KEYS[1])
        if found and found ~= ARGV[1] then return 0 end
        redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
        return 1",
    )
});

/// What the claimant has made of it: makes it free.
static RELEASE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
        return 1",
    )
});

/// A [`Store`] in Redis, shared by all replicas that have the same Redis and the same prefix. Cheap to clone.
///
/// See the [crate's page](crate) for an example and for what it does not promise.
#[derive(Clone)]
pub struct RedisStore<C = ConnectionManager> {
    connection: ReplaceableConnection<C>,
    prefix: Arc<str>,
    timeout: Duration,
}

impl RedisStore {
    /// Connects to a Redis, `redis://[user:password@]host[:port][/database]`, and stays connected: what breaks is repaired in
    /// the background.
    ///
    /// # Errors
    ///
    /// If the URL is none, or Redis cannot be reached.
    pub async fn connect(server: impl IntoConnectionInfo) -> Result<Self, RedisStoreError> {
        let client = client(server)?;
        let connection = ConnectionManager::new_with_config(client.clone(), settings()).await?;
        Ok(Self::new(connection).reconnecting(client))
    }

    /// The same without waiting: Redis may come up later.
    ///
    /// # Errors
    ///
    /// If the URL is none.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn connect_lazily(server: impl IntoConnectionInfo) -> Result<Self, RedisStoreError> {
        let client = client(server)?;
        let connection = ConnectionManager::new_lazy_with_config(client.clone(), settings())?;
        Ok(Self::new(connection).reconnecting(client))
    }

    fn reconnecting(mut self, client: Client) -> Self {
        self.connection = self.connection.with_reconnect(move || {
            ConnectionManager::new_lazy_with_config(client.clone(), settings()).ok()
        });
        self
    }
}

impl<C: Clone> RedisStore<C> {
    /// A store over a connection of one's own: a [`ConnectionManager`] with other settings, or one to a cluster. It has to be
    /// multiplexed: its clones are used at the same time. Its own settings hold: when it connects again, and its response
    /// timeout, which is 500 ms in redis unless set.
    pub fn new(connection: C) -> Self {
        Self {
            connection: ReplaceableConnection::fixed(connection),
            prefix: PREFIX.into(),
            timeout: TIMEOUT,
        }
    }

    /// What the keys begin with: `tower-wecom:dedup` unless set. Braces in it would take the place of the hash tag.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into().into();
        self
    }

    /// After what time a step is given up. 500 ms unless set. WeCom waits 5 seconds, or 1, for all of it.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    fn key(&self, key: DedupKey) -> String {
        format!("{}:{{{key}}}", self.prefix)
    }
}

impl<C: ConnectionLike + Clone + Send + Sync> RedisStore<C> {
    async fn run<T: FromRedisValue>(
        &self,
        script: &ScriptInvocation<'_>,
    ) -> Result<T, RedisStoreError> {
        let connection = self.connection.current();
        let mut handle = connection.handle();
        let step = script.invoke_async(&mut handle);
        match tokio::time::timeout(self.timeout, step).await {
            Ok(result) => {
                connection.answered();
                Ok(result?)
            }
            Err(_) => {
                self.connection.timed_out(&connection);
                Err(RedisStoreError::TIMED_OUT)
            }
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
        self.run(&script).await
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
        let found: Option<Vec<u8>> = self.run(&script).await?;
        match found.as_deref() {
            None => Ok(Claim::Granted),
            Some([RUNNING, ..]) => Ok(Claim::Running),
            Some([FINISHED, answer @ ..]) => {
                Ok(Claim::Finished(KeptAnswer::from_bytes_or_ack(key, answer)))
            }
            Some(_) => Err(RedisStoreError::VALUE),
        }
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
        let _: i64 = self.run(&script).await?;
        Ok(())
    }
}

/// With what a value begins.
const RUNNING: u8 = b'r';
const FINISHED: u8 = b'f';

fn running(token: ClaimToken) -> String {
    format!("{}{token}", char::from(RUNNING))
}

/// Redis knows no expiry of 0.
fn millis(duration: Duration) -> u64 {
    let millis = duration.min(LONGEST).as_millis().max(1);
    u64::try_from(millis).unwrap_or(u64::MAX)
}

/// Without redis's own response timeout of 500 ms: ours is the one that can be set.
fn settings() -> ConnectionManagerConfig {
    ConnectionManagerConfig::new()
        .set_max_delay(RECONNECT_PAUSE)
        .set_response_timeout(None)
}

/// With TCP settings that notice a peer that is gone, unless there are some already.
fn client(server: impl IntoConnectionInfo) -> RedisResult<Client> {
    let info = server.into_connection_info()?;
    if info.tcp_settings().keepalive().is_some() {
        return Client::open(info);
    }
    let keepalive = TcpKeepalive::new()
        .with_time(Duration::from_secs(10))
        .with_interval(Duration::from_secs(3));
    #[cfg(unix)]
    let keepalive = keepalive.with_retries(3);
    let settings = TcpSettings::default()
        .set_nodelay(true)
        .set_keepalive(keepalive);
    #[cfg(target_os = "linux")]
    let settings = settings.set_user_timeout(Duration::from_secs(2));
    Client::open(info.set_tcp_settings(settings))
}

impl<C> fmt::Debug for RedisStore<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The connection knows the password.
        f.debug_struct("RedisStore")
            .field("prefix", &self.prefix)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}
