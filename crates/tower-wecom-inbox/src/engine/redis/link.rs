use std::sync::PoisonError;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, ErrorKind, FromRedisValue,
    IntoConnectionInfo, RedisError, RedisResult, ScriptInvocation, ServerErrorKind, Value,
};
use tokio::sync::Mutex;

use super::advice;
use crate::error::InboxError;

const FILE_IS_MISSING: &str = "the append-only file of Redis does not have its data yet, as after a \
     switch-over: a kill of Redis would lose what it stores now";

/// A connection to the master, which is made anew after every error.
///
/// After a switch-over the address leads to another server, or the same server has become a
/// replica: each error may mean that, and a new connection looks.
pub(super) struct Link {
    server: ConnectionInfo,
    sentinels: Option<(String, Vec<Client>)>,
    patience: Duration,
    current: Mutex<Option<Numbered>>,
    /// The last master whose file had all of its data. It goes on to have it.
    written: std::sync::Mutex<Option<Term>>,
}

/// The replication id of a master. It has another one after each promotion and each start.
type Term = String;

#[derive(Clone)]
struct Numbered {
    connection: MultiplexedConnection,
    number: u64,
    term: Option<Term>,
}

impl Link {
    pub(super) fn new(
        url: &str,
        sentinels: Option<(String, Vec<String>)>,
        patience: Duration,
    ) -> RedisResult<Self> {
        let sentinels = sentinels
            .map(|(name, urls)| {
                let clients = urls.into_iter().map(Client::open);
                clients
                    .collect::<RedisResult<_>>()
                    .map(|clients| (name, clients))
            })
            .transpose()?;
        Ok(Self {
            server: url.into_connection_info()?,
            sentinels,
            patience,
            current: Mutex::new(None),
            written: std::sync::Mutex::default(),
        })
    }

    /// A closed connection is only noticed when it is used, so a step over one that has been there
    /// is tried once more. Every script may run twice.
    pub(super) async fn run<T: FromRedisValue>(
        &self,
        script: &ScriptInvocation<'_>,
    ) -> Result<T, InboxError> {
        let (mut current, is_new) = self.get().await?;
        let result = script.invoke_async(&mut current.connection).await;
        let result = match result {
            Err(error) if error.is_connection_dropped() && !is_new => {
                self.forget(current.number).await;
                current = self.get().await?.0;
                script.invoke_async(&mut current.connection).await
            }
            result => result,
        };
        if result.is_err() {
            self.forget(current.number).await;
        }
        result.map_err(InboxError::storage)
    }

    /// What `INFO` shows, or nothing if it is forbidden or renamed. Redis does not close a connection
    /// when it is demoted and promoted again in the meantime, so this does.
    pub(super) async fn info(&self) -> Result<String, InboxError> {
        let mut current = self.get().await?.0;
        let found = match info(&mut current.connection).await {
            Err(error) if is_hidden(&error) => Ok(String::new()),
            found => found,
        };
        let is_same = found.as_ref().is_ok_and(|info| term(info) == current.term);
        if !is_same {
            self.forget(current.number).await;
        }
        found.map_err(InboxError::storage)
    }

    /// For what is asked once.
    pub(super) async fn connection(&self) -> Result<MultiplexedConnection, InboxError> {
        Ok(self.get().await?.0.connection)
    }

    /// Returns whether the connection is new.
    async fn get(&self) -> Result<(Numbered, bool), InboxError> {
        let mut place = self.current.lock().await;
        if let Some(current) = &*place {
            return Ok((current.clone(), false));
        }
        let (connection, term) = self.dial().await?;
        let number = crate::key::random();
        let numbered = Numbered {
            connection,
            number,
            term,
        };
        *place = Some(numbered.clone());
        Ok((numbered, true))
    }

    async fn forget(&self, number: u64) {
        let mut place = self.current.lock().await;
        place.take_if(|current| current.number == number);
    }

    async fn dial(&self) -> Result<(MultiplexedConnection, Option<Term>), InboxError> {
        let server = match &self.sentinels {
            None => self.server.clone(),
            Some((name, sentinels)) => {
                let (host, port) = self.master(name, sentinels).await?;
                self.server
                    .clone()
                    .set_addr(moved(self.server.addr(), host, port))
            }
        };
        let client = Client::open(server).map_err(InboxError::storage)?;
        let connection = self.connect(&client).await;
        let mut connection = connection.map_err(InboxError::storage)?;
        // One that may not be asked is found out by the first write.
        let role: RedisResult<Vec<Value>> = redis::cmd("ROLE").query_async(&mut connection).await;
        let role = role.ok().and_then(|role| role.into_iter().next());
        let role = role.and_then(|role| String::from_redis_value(role).ok());
        if role.is_some_and(|role| role != "master") {
            return Err(InboxError::setup(
                "the Redis server is a replica, and the inbox needs the master",
            ));
        }
        let info = info(&mut connection).await.unwrap_or_default();
        let term = term(&info);
        self.check_file(&info, term.as_ref())?;
        Ok((connection, term))
    }

    fn check_file(&self, info: &str, term: Option<&Term>) -> Result<(), InboxError> {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let was_written = term.is_some() && written.as_ref() == term;
        if advice::may_lack_data(info) && !was_written {
            let kind = ErrorKind::Server(ServerErrorKind::BusyLoading);
            return Err(InboxError::storage(RedisError::from((
                kind,
                FILE_IS_MISSING,
            ))));
        }
        *written = term.cloned();
        Ok(())
    }

    async fn connect(&self, client: &Client) -> RedisResult<MultiplexedConnection> {
        // Less than a step's own time, so that a connection that is silent is given up by `run`.
        let response = self.patience.mul_f32(0.75);
        let config = AsyncConnectionConfig::new()
            .set_response_timeout(Some(response))
            .set_connection_timeout(Some(Duration::from_secs(1)));
        client
            .get_multiplexed_async_connection_with_config(&config)
            .await
    }

    /// The master that the first Sentinel names which answers.
    async fn master(&self, name: &str, sentinels: &[Client]) -> Result<(String, u16), InboxError> {
        let mut last: Option<RedisError> = None;
        for sentinel in sentinels {
            let asked = async {
                let mut connection = self.connect(sentinel).await?;
                redis::cmd("SENTINEL")
                    .arg("get-master-addr-by-name")
                    .arg(name)
                    .query_async::<Option<(String, u16)>>(&mut connection)
                    .await
            };
            match asked.await {
                Ok(Some(address)) => return Ok(address),
                Ok(None) => {}
                Err(error) => last = Some(error),
            }
        }
        Err(last.map_or(
            InboxError::setup("no Sentinel knows a master of this name"),
            InboxError::storage,
        ))
    }
}

async fn info(connection: &mut MultiplexedConnection) -> RedisResult<String> {
    redis::cmd("INFO").query_async(connection).await
}

fn is_hidden(error: &RedisError) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Server(ServerErrorKind::NoPerm | ServerErrorKind::ResponseError)
    )
}

fn term(info: &str) -> Option<Term> {
    advice::field(info, "master_replid").map(str::to_owned)
}

/// The same kind of address at another place.
fn moved(old: &ConnectionAddr, host: String, port: u16) -> ConnectionAddr {
    match old.clone() {
        ConnectionAddr::TcpTls {
            insecure,
            tls_params,
            ..
        } => ConnectionAddr::TcpTls {
            host,
            port,
            insecure,
            tls_params,
        },
        _ => ConnectionAddr::Tcp(host, port),
    }
}
