use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sqlx::sqlite::{
    SqliteArguments, SqliteAutoVacuum, SqliteConnectOptions, SqliteConnection, SqliteJournalMode,
    SqliteQueryResult, SqliteRow, SqliteSynchronous,
};
use sqlx::{Connection, FromRow};
use tokio::sync::Mutex;

use super::file::{self, Identity};
use super::statements as sql;
use crate::engine::backend::Claimed;
use crate::engine::rows;
use crate::engine::slot::{Lease, Slot};
use crate::error::InboxError;

/// How long a checkpoint waits for readers. It is tried again with the next purge.
const CHECKPOINT_PATIENCE: Duration = Duration::from_millis(100);
/// How many pages one step gives back to the file system.
const SHRINK_AT_ONCE: i64 = 256;
/// To how many bytes SQLite cuts the log when it begins it anew, about every 4 MB.
const LOG_LIMIT: u64 = 8 * 1024 * 1024;
/// So many steps between two checkpoints overwrite the whole log with their own pages.
const OVERWRITES_LOG: u64 = 2_000;
/// But not its end, if that was longer once: each sixth time it is emptied all the same.
const EMPTIES_LOG: u64 = 6;

/// Three connections. SQLite writes one step at a time, so the two that write take turns: steps
/// wait in order and not by polling.
pub(super) struct Link {
    pub(super) path: PathBuf,
    patience: Duration,
    /// Of the file that was opened.
    identity: Option<Identity>,
    turn: Mutex<()>,
    /// Each of its steps is on the disk before it returns.
    durable: Slot<SqliteConnection>,
    /// Its steps reach the disk with the next durable one, or with a checkpoint within ten seconds.
    /// If a power cut loses a claim or a report, the entry is claimed again.
    relaxed: Slot<SqliteConnection>,
    reader: Slot<SqliteConnection>,
    /// Steps that have written since the log was looked at, and how often it was looked at.
    steps: AtomicU64,
    looks: AtomicU64,
}

impl Link {
    pub(super) async fn open(path: &Path, patience: Duration) -> Result<Self, InboxError> {
        file::prepare(path)?;
        let mut link = Self {
            path: path.to_owned(),
            patience,
            identity: None,
            turn: Mutex::new(()),
            durable: Slot::new(),
            relaxed: Slot::new(),
            reader: Slot::new(),
            steps: AtomicU64::new(0),
            looks: AtomicU64::new(0),
        };
        link.set_up().await?;
        link.identity = Identity::of(path);
        file::inspect(path)?;
        Ok(link)
    }

    /// Makes the tables if they are not there. An older program goes on with a newer schema.
    async fn set_up(&self) -> Result<(), InboxError> {
        let mut lease = self
            .durable
            .lease(self.dial(SqliteSynchronous::Full))
            .await?;
        verify(&mut lease.connection).await?;
        let version = "SELECT version FROM wecom_inbox_meta WHERE id = 1";
        let found: Result<i64, _> = sqlx::query_scalar(version)
            .fetch_one(&mut lease.connection)
            .await;
        if found.is_err() {
            let script = format!("BEGIN IMMEDIATE;\n{}\nCOMMIT;", sql::SCHEMA);
            sqlx::raw_sql(sqlx::AssertSqlSafe(script))
                .execute(&mut lease.connection)
                .await
                .map_err(InboxError::storage)?;
        }
        lease.keep();
        Ok(())
    }

    async fn dial(&self, synchronous: SqliteSynchronous) -> Result<SqliteConnection, InboxError> {
        self.dial_with(synchronous, self.patience).await
    }

    async fn dial_with(
        &self,
        synchronous: SqliteSynchronous,
        busy: Duration,
    ) -> Result<SqliteConnection, InboxError> {
        self.same_file()?;
        let options = SqliteConnectOptions::new()
            .filename(&self.path)
            .auto_vacuum(SqliteAutoVacuum::Incremental)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(synchronous)
            // The same on macOS, where a plain fsync does not empty the disk's own cache.
            .pragma("fullfsync", "ON")
            .pragma("checkpoint_fullfsync", "ON")
            .pragma("journal_size_limit", LOG_LIMIT.to_string())
            // What is emptied or removed is overwritten with zeros, and not left in a free page.
            .pragma("secure_delete", "ON")
            .busy_timeout(busy);
        let connection = SqliteConnection::connect_with(&options)
            .await
            .map_err(InboxError::storage)?;
        self.same_file()?;
        Ok(connection)
    }

    /// A callback that is written into a file which has no name any more would be lost.
    pub(super) fn same_file(&self) -> Result<(), InboxError> {
        if file::is_replaced(&self.path, self.identity) {
            return Err(InboxError::replaced());
        }
        Ok(())
    }

    pub(super) async fn durable(&self, query: Query<'_>) -> Result<SqliteQueryResult, InboxError> {
        self.execute(&self.durable, SqliteSynchronous::Full, query)
            .await
    }

    pub(super) async fn relaxed(&self, query: Query<'_>) -> Result<SqliteQueryResult, InboxError> {
        self.execute(&self.relaxed, SqliteSynchronous::Normal, query)
            .await
    }

    async fn execute(
        &self,
        slot: &Slot<SqliteConnection>,
        synchronous: SqliteSynchronous,
        query: Query<'_>,
    ) -> Result<SqliteQueryResult, InboxError> {
        let _turn = self.turn.lock().await;
        let mut lease = slot.lease(self.dial(synchronous)).await?;
        let done = query.execute(&mut lease.connection).await;
        let done = done.map_err(InboxError::storage)?;
        lease.keep();
        if done.rows_affected() > 0 {
            self.steps.fetch_add(1, Ordering::Relaxed);
        }
        Ok(done)
    }

    pub(super) async fn read<'q, T>(&self, query: QueryAs<'q, T>) -> Result<Vec<T>, InboxError>
    where
        T: for<'r> FromRow<'r, SqliteRow> + Send + Unpin + 'q,
    {
        let dial = self.dial_with(SqliteSynchronous::Full, CHECKPOINT_PATIENCE);
        let lease = self.reader.lease(dial).await?;
        fetch(lease, query).await
    }

    pub(super) async fn claim(
        &self,
        query: QueryAs<'_, rows::ClaimedRow>,
    ) -> Result<Vec<Claimed>, InboxError> {
        let _turn = self.turn.lock().await;
        let dial = self.dial(SqliteSynchronous::Normal);
        let lease = self.relaxed.lease(dial).await?;
        let rows = fetch(lease, query).await?;
        Ok(rows.into_iter().map(rows::claimed).collect())
    }

    /// Empties the log, unless it is overwritten all the time anyway: a commit that makes the log
    /// longer takes several times as long as one that overwrites it.
    pub(super) async fn tidy_log(&self) -> Result<(), InboxError> {
        let is_busy = self.steps.swap(0, Ordering::Relaxed) >= OVERWRITES_LOG;
        let looks = self.looks.fetch_add(1, Ordering::Relaxed);
        let is_left = is_busy && looks.checked_rem(EMPTIES_LOG) != Some(0);
        if is_left && file::log_length(&self.path) <= LOG_LIMIT {
            return Ok(());
        }
        self.checkpoint().await
    }

    /// Puts the log back into the file and empties it: what was removed stays readable in it
    /// otherwise, and a long reader makes it grow.
    pub(super) async fn checkpoint(&self) -> Result<(), InboxError> {
        let _turn = self.turn.lock().await;
        let found: Vec<(i64, i64, i64)> = self
            .read(sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)"))
            .await?;
        if found.iter().any(|found| found.0 != 0) {
            tracing::debug!("a reader keeps the inbox's log from being emptied");
        }
        Ok(())
    }

    /// Gives unused pages back to the file system. Returns whether there may be more.
    pub(super) async fn shrink(&self, spare: i64) -> Result<bool, InboxError> {
        let unused: Vec<(i64,)> = self.read(sqlx::query_as("PRAGMA freelist_count")).await?;
        let unused = unused.first().map_or(0, |unused| unused.0);
        let pages = unused.saturating_sub(spare);
        if pages <= 0 {
            return Ok(false);
        }
        let text = format!("PRAGMA incremental_vacuum({})", pages.min(SHRINK_AT_ONCE));
        let query = sqlx::query(sqlx::AssertSqlSafe(text)).persistent(false);
        self.relaxed(query).await?;
        Ok(pages > SHRINK_AT_ONCE)
    }
}

type Query<'q> = sqlx::query::Query<'q, sqlx::Sqlite, SqliteArguments>;
type QueryAs<'q, T> = sqlx::query::QueryAs<'q, sqlx::Sqlite, T, SqliteArguments>;

async fn fetch<'q, T>(
    mut lease: Lease<'_, SqliteConnection>,
    query: QueryAs<'q, T>,
) -> Result<Vec<T>, InboxError>
where
    T: for<'r> FromRow<'r, SqliteRow> + Send + Unpin + 'q,
{
    let rows = query.fetch_all(&mut lease.connection).await;
    let rows = rows.map_err(InboxError::storage)?;
    lease.keep();
    Ok(rows)
}

/// A file system may not be able to do what was asked.
async fn verify(connection: &mut SqliteConnection) -> Result<(), InboxError> {
    let journal: String = sqlx::query_scalar("PRAGMA journal_mode")
        .fetch_one(&mut *connection)
        .await
        .map_err(InboxError::storage)?;
    let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous")
        .fetch_one(&mut *connection)
        .await
        .map_err(InboxError::storage)?;
    if journal != "wal" || synchronous < 2 {
        return Err(InboxError::not_durable(
            "SQLite does not keep a write-ahead log, or does not sync it",
        ));
    }
    Ok(())
}
