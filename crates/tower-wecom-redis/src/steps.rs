use std::sync::Arc;
use std::time::Duration;

use redis::aio::{ConnectionLike, ConnectionManager, ConnectionManagerConfig};
use redis::io::tcp::TcpSettings;
use redis::io::tcp::socket2::TcpKeepalive;
use redis::{
    Client, ErrorKind, FromRedisValue, IntoConnectionInfo, RedisError, RedisResult,
    ScriptInvocation,
};

use crate::connection::{Connection, ReplaceableConnection};
use crate::error::RedisStoreError;

const TIMEOUT: Duration = Duration::from_millis(500);
/// The longest pause between two attempts to reconnect.
const RECONNECT_PAUSE: Duration = Duration::from_millis(500);
/// Redis rejects an expiry that overflows when it is added to the current time.
const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// Runs scripts on a Redis, with a timeout.
#[derive(Clone)]
pub(crate) struct RedisSteps<C> {
    connection: ReplaceableConnection<C>,
    pub(crate) timeout: Duration,
}

impl RedisSteps<ConnectionManager> {
    /// Connects, and reconnects in the background.
    pub(crate) async fn connect(server: impl IntoConnectionInfo) -> Result<Self, RedisStoreError> {
        let client = client(server)?;
        let connection = ConnectionManager::new_with_config(client.clone(), settings()).await?;
        Ok(Self::new(connection).reconnecting(client))
    }

    /// As [`connect`](Self::connect), without waiting for Redis.
    pub(crate) fn connect_lazily(server: impl IntoConnectionInfo) -> Result<Self, RedisStoreError> {
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

impl<C: Clone> RedisSteps<C> {
    pub(crate) fn new(connection: C) -> Self {
        Self {
            connection: ReplaceableConnection::fixed(connection),
            timeout: TIMEOUT,
        }
    }
}

impl<C: ConnectionLike + Clone + Send + Sync> RedisSteps<C> {
    /// Runs a script.
    pub(crate) async fn run<T: FromRedisValue>(
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

/// At least 1, because Redis rejects an expiry of 0.
pub(crate) fn millis(duration: Duration) -> u64 {
    let millis = duration.min(LONGEST).as_millis().max(1);
    u64::try_from(millis).unwrap_or(u64::MAX)
}

/// Without the response timeout of `redis`, which is 500 ms: [`RedisSteps::timeout`] replaces it.
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
