use std::fmt;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use redis::aio::{ConnectionLike, ConnectionManager, ConnectionManagerConfig};
use redis::io::tcp::TcpSettings;
use redis::io::tcp::socket2::TcpKeepalive;
use redis::{
    Client, ErrorKind, FromRedisValue, IntoConnectionInfo, RedisError, RedisResult, Script,
    ScriptInvocation,
};
use tower_wecom::dedup::{Claim, ClaimToken, DedupKey, KeptAnswer, Store};

use crate::connection::{Connection, ReplaceableConnection};
use crate::error::RedisStoreError;

const PREFIX: &str = "tower-wecom:dedup";
const TIMEOUT: Duration = Duration::from_millis(500);
/// The longest pause between two attempts to reconnect.
const RECONNECT_PAUSE: Duration = Duration::from_millis(500);
/// Redis rejects an expiry that overflows when it is added to the current time.
const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

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
    connection: ReplaceableConnection<C>,
    prefix: Arc<str>,
    timeout: Duration,
}

impl RedisStore {
    /// Connects to a Redis, `redis://[user:password@]host[:port][/database]`, and stays connected:
    /// it reconnects in the background.
    ///
    /// # Errors
    ///
    /// If the URL is invalid, or Redis cannot be reached.
    pub async fn connect(server: impl IntoConnectionInfo) -> Result<Self, RedisStoreError> {
        let client = client(server)?;
        let connection = ConnectionManager::new_with_config(client.clone(), settings()).await?;
        Ok(Self::new(connection).reconnecting(client))
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
    /// A store that uses your connection: a [`ConnectionManager`] with other settings, or a
    /// connection to a cluster.
    ///
    /// The connection must be multiplexed, because its clones are used at the same time. Its own
    /// settings apply: when it reconnects, and its response timeout, which is 500 ms by default.
    pub fn new(connection: C) -> Self {
        Self {
            connection: ReplaceableConnection::fixed(connection),
            prefix: PREFIX.into(),
            timeout: TIMEOUT,
        }
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
        match tokio::time::timeout(self.timeout, self.invoke(script, &connection)).await {
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

    /// A connection that the server or a balancer has closed while it was idle is noticed when it
    /// is used, and a server that has become a replica when it is written to. So the step is tried
    /// once more over a new connection. Every script may run twice.
    async fn invoke<T: FromRedisValue>(
        &self,
        script: &ScriptInvocation<'_>,
        connection: &Arc<Connection<C>>,
    ) -> RedisResult<T> {
        let result = script.invoke_async(&mut connection.handle()).await;
        match result {
            Err(error) if is_elsewhere(&error) => self.connection.replace(connection),
            Err(error) if error.is_connection_dropped() => {}
            result => return result,
        }
        let mut again = self.connection.current().handle();
        script.invoke_async(&mut again).await
    }

    /// Runs a script that returns the value of the key if it has not claimed the key.
    async fn claim_by(
        &self,
        key: DedupKey,
        script: &ScriptInvocation<'_>,
    ) -> Result<Claim, RedisStoreError> {
        let found: Option<Vec<u8>> = self.run(script).await?;
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
        let _: i64 = self.run(&script).await?;
        Ok(())
    }
}

/// Whether the server is not the master, or not any more: after a switch-over the address leads to
/// another one.
fn is_elsewhere(error: &RedisError) -> bool {
    use redis::ServerErrorKind as Server;

    matches!(
        error.kind(),
        ErrorKind::Server(
            Server::ReadOnly | Server::MasterDown | Server::Moved | Server::BusyLoading
        )
    )
}

/// The first byte of a value.
const RUNNING: u8 = b'r';
const FINISHED: u8 = b'f';

fn running(token: ClaimToken) -> String {
    format!("{}{token}", char::from(RUNNING))
}

/// At least 1, because Redis rejects an expiry of 0.
fn millis(duration: Duration) -> u64 {
    let millis = duration.min(LONGEST).as_millis().max(1);
    u64::try_from(millis).unwrap_or(u64::MAX)
}

/// Without the response timeout of `redis`, which is 500 ms: [`RedisStore::timeout`] replaces it.
fn settings() -> ConnectionManagerConfig {
    ConnectionManagerConfig::new()
        .set_max_delay(RECONNECT_PAUSE)
        .set_response_timeout(None)
}

/// Adds TCP settings that detect a dead peer, unless the caller has set some.
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
        // The connection is left out: it contains the password.
        f.debug_struct("RedisStore")
            .field("prefix", &self.prefix)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}
