//! Tenants out of a database, with a cache before it.

use std::collections::HashSet;
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use moka::future::Cache;
use sqlx::sqlite::{SqlitePool, SqlitePoolOptions};
use tokio::time::timeout;
use tower_wecom::{Config, EncodingAesKey, ReceiveId, Token};

/// How the cache behaves. The database is asked about a tenant, and which tenants there are, at most once in these times, however
/// many callbacks come and for whomever. What fails is asked again.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::exhaustive_structs, reason = "an example has no next release")]
pub struct Settings {
    /// How many tenants are remembered.
    pub capacity: u64,
    /// How long a tenant is remembered. That long it takes until a change is seen of which nobody tells the directory.
    pub remember_found: Duration,
    /// How long the list of the tenants' ids is remembered. That long it takes until a tenant is known that was added without
    /// [`Directory::put`].
    pub remember_ids: Duration,
    /// How long the database may take for one callback. WeCom waits a second for a URL check and five for a delivery.
    pub patience: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            capacity: 10_000,
            remember_found: Duration::from_secs(60),
            remember_ids: Duration::from_secs(5),
            patience: Duration::from_millis(500),
        }
    }
}

/// A row of the table.
#[derive(Clone)]
#[allow(clippy::exhaustive_structs, reason = "an example has no next release")]
pub struct Tenant {
    /// The corp.
    pub corp: String,
    /// The app.
    pub agent: u32,
    /// Its Token.
    pub token: String,
    /// Its EncodingAESKey.
    pub key: String,
    /// Token and EncodingAESKey that were in force before.
    pub previous: Option<(String, String)>,
}

/// Finds the tenant of a path. Cheap to clone; clones share the cache.
#[derive(Clone, Debug)]
pub struct Directory {
    pool: SqlitePool,
    cache: Cache<Key, Option<Config>>,
    /// All tenants that there are: what is not among them is not asked for, so that a stranger who makes up ids costs nothing
    /// but a look into this. Thousands of them are a query of milliseconds; with millions, ask in batches or keep a filter.
    ids: Cache<(), Arc<HashSet<Key>>>,
    settings: Settings,
    asked: Arc<AtomicU64>,
}

/// The parts of the path, and the key of the table.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    corp: String,
    agent: u32,
}

impl Key {
    /// `/wecom/{corp}/{agent}`. What cannot be a tenant costs neither a place in the cache nor a query.
    fn of_path(path: &str) -> Option<Self> {
        let (corp, agent) = path.strip_prefix("/wecom/")?.split_once('/')?;
        let is_id = |c: u8| c.is_ascii_alphanumeric() || b"_-".contains(&c);
        // One spelling for each number, so that one tenant is one entry.
        let is_number =
            agent.bytes().all(|c| c.is_ascii_digit()) && (agent == "0" || !agent.starts_with('0'));
        if corp.is_empty() || corp.len() > 64 || !corp.bytes().all(is_id) || !is_number {
            return None;
        }
        Some(Self {
            corp: corp.to_owned(),
            agent: agent.parse().ok()?,
        })
    }
}

impl Directory {
    /// Opens a database, such as `sqlite::memory:` or `sqlite:tenants.db?mode=rwc`, and makes its table if it is missing.
    ///
    /// # Errors
    ///
    /// If it cannot be opened.
    pub async fn open(url: &str, settings: Settings) -> Result<Self, sqlx::Error> {
        // A database in memory is its connection's own, so there is one, and it must not end.
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect(url)
            .await?;
        let table = "CREATE TABLE IF NOT EXISTS tenant (
            corp TEXT NOT NULL, agent BIGINT NOT NULL, token TEXT NOT NULL, aes_key TEXT NOT NULL,
            previous_token TEXT, previous_aes_key TEXT, PRIMARY KEY (corp, agent))";
        sqlx::query(table).execute(&pool).await?;
        let cache = Cache::builder()
            .max_capacity(settings.capacity)
            .time_to_live(settings.remember_found)
            .build();
        let ids = Cache::builder().time_to_live(settings.remember_ids).build();
        Ok(Self {
            pool,
            cache,
            ids,
            settings,
            asked: Arc::default(),
        })
    }

    /// The configuration of the tenant that has this path, if there is one.
    ///
    /// Callbacks that come at the same time ask the database once. A failure is told to all of them, which is a 503, and is not
    /// remembered; tenants that are remembered are served all the while.
    ///
    /// # Errors
    ///
    /// If the database failed or took too long, or the row is no configuration.
    pub async fn find(&self, path: &str) -> Result<Option<Config>, Arc<LookupError>> {
        let Some(key) = Key::of_path(path) else {
            return Ok(None);
        };
        if let Some(remembered) = self.cache.get(&key).await {
            return Ok(remembered);
        }
        let found = timeout(self.settings.patience, self.look_up(key)).await;
        found.unwrap_or_else(|_| Err(Arc::new(LookupError::Slow)))
    }

    /// Adds or replaces a tenant, and lets the next callback see it.
    ///
    /// **Before a new Token or key is saved in WeCom's console**, put it here with the old pair as `previous`: the console's
    /// check of the URL is signed with the new pair, and callbacks under the old one are still on their way. Other replicas
    /// see the change after [`Settings::remember_found`]; wait that long, or tell them.
    ///
    /// # Errors
    ///
    /// If the database failed.
    pub async fn put(&self, tenant: &Tenant) -> Result<(), sqlx::Error> {
        let sql = "INSERT INTO tenant (corp, agent, token, aes_key, previous_token, previous_aes_key)
            VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (corp, agent) DO UPDATE SET token = excluded.token, aes_key = excluded.aes_key,
                previous_token = excluded.previous_token, previous_aes_key = excluded.previous_aes_key";
        let (token, key) = tenant.previous.clone().unzip();
        sqlx::query(sql)
            .bind(&tenant.corp)
            .bind(tenant.agent)
            .bind(&tenant.token)
            .bind(&tenant.key)
            .bind(token)
            .bind(key)
            .execute(&self.pool)
            .await?;
        self.forget(&tenant.corp, tenant.agent).await;
        Ok(())
    }

    /// Forgets what is remembered of a tenant, and which tenants there are, so that the next callback sees what the database
    /// has. A query that is under way
    /// at this moment may still bring back what was there before, for as long as it is remembered.
    pub async fn forget(&self, corp: &str, agent: u32) {
        let corp = corp.to_owned();
        self.ids.invalidate(&()).await;
        self.cache.invalidate(&Key { corp, agent }).await;
    }

    /// The database itself.
    #[must_use]
    pub const fn pool(&self) -> &SqlitePool {
        &self.pool
    }

    /// How often the database was asked: a counter for your metrics.
    #[must_use]
    pub fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }

    async fn look_up(&self, key: Key) -> Result<Option<Config>, Arc<LookupError>> {
        let ids = self.ids.try_get_with((), self.load_ids()).await?;
        // Compared byte for byte, whatever the database thinks of upper and lower case: what goes on is as the row has it.
        if !ids.contains(&key) {
            return Ok(None);
        }
        let load = self.load(key.clone());
        self.cache.try_get_with(key, load).await
    }

    async fn load_ids(&self) -> Result<Arc<HashSet<Key>>, LookupError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let rows = sqlx::query_as("SELECT corp, agent FROM tenant").fetch_all(&self.pool);
        let rows: Vec<(String, i64)> = rows.await.map_err(LookupError::Database)?;
        let key = |(corp, agent): (String, i64)| {
            let agent = u32::try_from(agent).ok()?;
            Some(Key { corp, agent })
        };
        Ok(Arc::new(rows.into_iter().filter_map(key).collect()))
    }

    async fn load(&self, key: Key) -> Result<Option<Config>, LookupError> {
        type Row = (String, String, Option<String>, Option<String>);
        self.asked.fetch_add(1, Ordering::Relaxed);
        let sql = "SELECT token, aes_key, previous_token, previous_aes_key FROM tenant WHERE corp = $1 AND agent = $2";
        let row = sqlx::query_as(sql).bind(&key.corp).bind(key.agent);
        let row = row.fetch_optional(&self.pool).await;
        let row: Option<Row> = row.map_err(LookupError::Database)?;
        let Some((token, aes_key, previous_token, previous_key)) = row else {
            return Ok(None);
        };
        let Key { corp, agent } = key;
        let name = format!("{corp}/{agent}");
        let row_is_bad = |error: BoxError| LookupError::Row(name.clone(), error);
        let (token, aes_key) = pair(&token, &aes_key).map_err(row_is_bad)?;
        let mut config = Config::new(token, aes_key, ReceiveId::exact(corp)).name(&name);
        if let (Some(token), Some(key)) = (previous_token, previous_key) {
            let (token, key) = pair(&token, &key).map_err(row_is_bad)?;
            config = config.previous(token, key);
        }
        Ok(Some(config))
    }
}

type BoxError = Box<dyn Error + Send + Sync>;

fn pair(token: &str, key: &str) -> Result<(Token, EncodingAesKey), BoxError> {
    Ok((token.parse()?, key.parse()?))
}

/// Why the database could not say whether there is a tenant. No secret stands in it.
#[derive(Debug)]
#[non_exhaustive]
pub enum LookupError {
    /// The database failed.
    Database(sqlx::Error),
    /// The row of this tenant has a Token or key that is none.
    Row(String, BoxError),
    /// The database took too long.
    Slow,
}

impl fmt::Display for LookupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database(_) => f.write_str("the database failed"),
            Self::Row(tenant, _) => write!(f, "the row of {tenant} is no configuration"),
            Self::Slow => f.write_str("the database took too long"),
        }
    }
}

impl Error for LookupError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Database(error) => Some(error),
            Self::Row(_, error) => Some(error.as_ref()),
            Self::Slow => None,
        }
    }
}

impl fmt::Debug for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tenant")
            .field("corp", &self.corp)
            .field("agent", &self.agent)
            .finish_non_exhaustive()
    }
}
