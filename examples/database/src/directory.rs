//! Finds tenants in a database, with a cache in front of it.

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

/// The settings of the cache.
///
/// The directory queries a tenant, and the list of all tenants, at most once in these times,
/// however many callbacks come. After a failure it queries again.
#[derive(Clone, Copy, Debug)]
#[allow(clippy::exhaustive_structs, reason = "an example has no next release")]
pub struct Settings {
    /// How many tenants are cached.
    pub capacity: u64,
    /// How long a tenant is cached. A change that another program makes takes effect after this
    /// time.
    pub tenant_ttl: Duration,
    /// How long the list of tenant ids is cached. A tenant that was added without
    /// [`Directory::put`] is found after this time.
    pub ids_ttl: Duration,
    /// How long the database may take for one callback. WeCom waits one second for a URL check and
    /// five seconds for a delivery.
    pub timeout: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            capacity: 10_000,
            tenant_ttl: Duration::from_secs(60),
            ids_ttl: Duration::from_secs(5),
            timeout: Duration::from_millis(500),
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
    /// The previous Token and EncodingAESKey.
    pub previous: Option<(String, String)>,
}

/// Finds the tenant for a path. Cheap to clone: all clones share the cache.
#[derive(Clone, Debug)]
pub struct Directory {
    pool: SqlitePool,
    cache: Cache<Key, Option<Config>>,
    /// The ids of all tenants. There is no query for an id that is not in this list, so an invented
    /// id costs one lookup here. Thousands of ids are a query of milliseconds. With
    /// millions, query in batches or keep a filter.
    ids: Cache<(), Arc<HashSet<Key>>>,
    settings: Settings,
    queries: Arc<AtomicU64>,
}

/// The parts of the path. They are the key of the table.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    corp: String,
    agent: u32,
}

impl Key {
    /// Parses `/wecom/{corp}/{agent}`. A path that cannot be a tenant takes no cache entry and no
    /// query.
    fn of_path(path: &str) -> Option<Self> {
        let (corp, agent) = path.strip_prefix("/wecom/")?.split_once('/')?;
        let is_id = |c: u8| c.is_ascii_alphanumeric() || b"_-".contains(&c);
        // Each number has one spelling, so that a tenant has one cache entry.
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
    /// Opens a database, such as `sqlite::memory:` or `sqlite:tenants.db?mode=rwc`, and creates the
    /// table if it is missing.
    ///
    /// # Errors
    ///
    /// If the database cannot be opened.
    pub async fn open(url: &str, settings: Settings) -> Result<Self, sqlx::Error> {
        // A database in memory belongs to its connection, so there is one connection, and it must
        // not close.
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
            .time_to_live(settings.tenant_ttl)
            .build();
        let ids = Cache::builder().time_to_live(settings.ids_ttl).build();
        Ok(Self {
            pool,
            cache,
            ids,
            settings,
            queries: Arc::default(),
        })
    }

    /// Returns the configuration of the tenant with this path, if there is one.
    ///
    /// Callbacks that come at the same time share one query. If it fails, all of them get the
    /// error, which becomes a 503. A failure is not cached, and cached tenants are served in the
    /// meantime.
    ///
    /// # Errors
    ///
    /// If the database failed or took too long, or the row is not a valid configuration.
    pub async fn find(&self, path: &str) -> Result<Option<Config>, Arc<LookupError>> {
        let Some(key) = Key::of_path(path) else {
            return Ok(None);
        };
        if let Some(cached) = self.cache.get(&key).await {
            return Ok(cached);
        }
        let found = timeout(self.settings.timeout, self.look_up(key)).await;
        found.unwrap_or_else(|_| Err(Arc::new(LookupError::Slow)))
    }

    /// Adds or replaces a tenant. The next callback sees the change.
    ///
    /// **Before you save a new Token or key in WeCom's console**, put it here with the old pair as
    /// `previous`. The console signs its URL check with the new pair, while callbacks with the old
    /// pair are still on their way. Other replicas see the change after [`Settings::tenant_ttl`]:
    /// wait that long, or notify them.
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

    /// Removes a tenant and the list of ids from the cache, so that the next callback sees the
    /// state of the database.
    ///
    /// A query that runs at this moment may still put the old state back into the cache.
    pub async fn forget(&self, corp: &str, agent: u32) {
        let corp = corp.to_owned();
        self.ids.invalidate(&()).await;
        self.cache.invalidate(&Key { corp, agent }).await;
    }

    /// The connection pool.
    #[must_use]
    pub const fn pool(&self) -> &SqlitePool {
        &self.pool
    }

    /// The number of queries: a counter for your metrics.
    #[must_use]
    pub fn queries(&self) -> u64 {
        self.queries.load(Ordering::Relaxed)
    }

    async fn look_up(&self, key: Key) -> Result<Option<Config>, Arc<LookupError>> {
        let ids = self.ids.try_get_with((), self.load_ids()).await?;
        // Compared byte for byte, even if the database ignores case: the key continues exactly as
        // the row has it.
        if !ids.contains(&key) {
            return Ok(None);
        }
        let load = self.load(key.clone());
        self.cache.try_get_with(key, load).await
    }

    async fn load_ids(&self) -> Result<Arc<HashSet<Key>>, LookupError> {
        self.queries.fetch_add(1, Ordering::Relaxed);
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
        self.queries.fetch_add(1, Ordering::Relaxed);
        let sql = "SELECT token, aes_key, previous_token, previous_aes_key FROM tenant WHERE corp = $1 AND agent = $2";
        let row = sqlx::query_as(sql).bind(&key.corp).bind(key.agent);
        let row = row.fetch_optional(&self.pool).await;
        let row: Option<Row> = row.map_err(LookupError::Database)?;
        let Some((token, aes_key, previous_token, previous_key)) = row else {
            return Ok(None);
        };
        let Key { corp, agent } = key;
        let name = format!("{corp}/{agent}");
        let invalid_row = |error: BoxError| LookupError::Row(name.clone(), error);
        let (token, aes_key) = pair(&token, &aes_key).map_err(invalid_row)?;
        let mut config = Config::new(token, aes_key, ReceiveId::exact(corp)).name(&name);
        if let (Some(token), Some(key)) = (previous_token, previous_key) {
            let (token, key) = pair(&token, &key).map_err(invalid_row)?;
            config = config.previous(token, key);
        }
        Ok(Some(config))
    }
}

type BoxError = Box<dyn Error + Send + Sync>;

fn pair(token: &str, key: &str) -> Result<(Token, EncodingAesKey), BoxError> {
    Ok((token.parse()?, key.parse()?))
}

/// Why a lookup failed. Contains no secret.
#[derive(Debug)]
#[non_exhaustive]
pub enum LookupError {
    /// The database failed.
    Database(sqlx::Error),
    /// The row of this tenant contains an invalid Token or key.
    Row(String, BoxError),
    /// The database took too long.
    Slow,
}

impl fmt::Display for LookupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Database(_) => f.write_str("the database failed"),
            Self::Row(tenant, _) => write!(f, "the row of {tenant} is not a valid configuration"),
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
