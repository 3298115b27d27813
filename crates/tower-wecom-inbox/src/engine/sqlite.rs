//! One SQLite file.

use std::path::Path;
use std::time::Duration;

use apalis_core::task::builder::TaskBuilder;
use apalis_sqlite::{Config, SqliteStorage, queries};
use futures_util::future::BoxFuture;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

use super::limits::{HEARTBEATS, Limits, Queue};
use super::run::{Engine, Letters, Shift, run_worker};
use crate::entry::Push;
use crate::error::InboxError;

/// So that nobody waits long for a sweep.
const SWEEP_AT_ONCE: u32 = 1_000;

/// One connection for all: SQLite writes one at a time anyway, and here they wait in a line and not by trying again.
pub(crate) struct SqliteEngine {
    pool: SqlitePool,
    limits: Limits,
}

impl SqliteEngine {
    pub(crate) async fn open(path: &Path, limits: Limits) -> Result<Self, InboxError> {
        create_for_us_alone(path)?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // Each commit is on the disk before it returns. In a write-ahead log, NORMAL is not.
            .synchronous(SqliteSynchronous::Full)
            // The same on macOS, where a plain fsync does not empty the disk's own cache. Elsewhere it says nothing.
            .pragma("fullfsync", "ON")
            .pragma("checkpoint_fullfsync", "ON")
            .busy_timeout(Duration::from_secs(10));
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .min_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options)
            .await
            .map_err(InboxError::storage)?;
        // Not `SqliteStorage::setup`, which would set `synchronous` to OFF.
        SqliteStorage::migrations()
            .run(&pool)
            .await
            .map_err(InboxError::storage)?;
        let engine = Self { pool, limits };
        engine.check().await?;
        engine.tidy().await.map_err(InboxError::storage)?;
        Ok(engine)
    }

    /// A file system may not be able to do what was asked.
    async fn check(&self) -> Result<(), InboxError> {
        let journal: String = sqlx::query_scalar("PRAGMA journal_mode")
            .fetch_one(&self.pool)
            .await
            .map_err(InboxError::storage)?;
        let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous")
            .fetch_one(&self.pool)
            .await
            .map_err(InboxError::storage)?;
        if journal != "wal" || synchronous < 2 {
            return Err(InboxError::not_durable(
                "SQLite does not keep a write-ahead log, or does not sync it",
            ));
        }
        Ok(())
    }

    /// What apalis leaves to its users.
    async fn tidy(&self) -> Result<(), sqlx::Error> {
        // SQLite would acknowledge by it, looking through all that a worker has ever done: slower from task to task.
        let drop = sqlx::query("DROP INDEX IF EXISTS LIdx");
        drop.execute(&self.pool).await?;
        // Without it each sweep looks at all that was done within the time for which it is kept.
        let index = sqlx::query(
            "CREATE INDEX IF NOT EXISTS wecom_done ON Jobs (job_type, done_at) WHERE status = 'Done'",
        );
        index.execute(&self.pool).await?;
        // Each start has workers of new names.
        sqlx::query(
            "DELETE FROM Workers WHERE last_seen < strftime('%s', 'now') - 86400 \
             AND id NOT IN (SELECT lock_by FROM Jobs WHERE lock_by IS NOT NULL)",
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    fn storage(&self, batch: usize) -> SqliteStorage<Vec<u8>> {
        let config = Config::default()
            .queue(self.limits.name(Queue::Waiting))
            .batch_size(batch.max(1))
            .heartbeat_interval(self.limits.heartbeat())
            .missed_heartbeats(usize::try_from(HEARTBEATS).unwrap_or(1))
            // A task that was taken is locked already.
            .lock_tasks(false);
        SqliteStorage::new(&self.pool).with_config(config)
    }
}

impl Engine for SqliteEngine {
    fn push(&self, queue: Queue, pushes: Vec<Push>) -> BoxFuture<'_, Result<(), InboxError>> {
        Box::pin(async move {
            let tasks: Vec<_> = pushes
                .into_iter()
                .map(|push| {
                    let task = TaskBuilder::new(push.body)
                        .idempotency_key(push.key)
                        // It is this crate that counts attempts.
                        .max_attempts(i32::MAX.try_into().unwrap_or(usize::MAX));
                    match push.run_at {
                        Some(seconds) => task.run_at_timestamp(seconds).build(),
                        None => task.build(),
                    }
                })
                .collect();
            let mut transaction = self.pool.begin().await.map_err(InboxError::storage)?;
            queries::push_tasks(&mut *transaction, &self.limits.name(queue), &tasks)
                .await
                .map_err(InboxError::storage)?;
            transaction.commit().await.map_err(InboxError::storage)
        })
    }

    fn work(&self, shift: Shift) -> BoxFuture<'static, Result<(), InboxError>> {
        run_worker!(self.storage(shift.concurrency), shift)
    }

    fn heartbeat<'a>(&'a self, worker: &'a str) -> BoxFuture<'a, Result<(), InboxError>> {
        Box::pin(async move {
            let text = "UPDATE Workers SET last_seen = strftime('%s', 'now') WHERE id = ?1";
            let query = sqlx::query(text).bind(worker);
            query
                .execute(&self.pool)
                .await
                .map_err(InboxError::storage)?;
            Ok(())
        })
    }

    fn tick(&self) -> BoxFuture<'_, Result<(), InboxError>> {
        Box::pin(async { Ok(()) })
    }

    fn sweep(&self) -> BoxFuture<'_, Result<bool, InboxError>> {
        Box::pin(async move {
            let keep = i64::try_from(self.limits.keep.as_secs()).unwrap_or(i64::MAX);
            let done = sqlx::query(
                "DELETE FROM Jobs WHERE rowid IN (SELECT rowid FROM Jobs WHERE job_type = ?1 \
                 AND status = 'Done' AND done_at < strftime('%s', 'now') - ?2 LIMIT ?3)",
            )
            .bind(self.limits.name(Queue::Waiting))
            .bind(keep)
            .bind(SWEEP_AT_ONCE)
            .execute(&self.pool)
            .await
            .map_err(InboxError::storage)?;
            Ok(done.rows_affected() >= u64::from(SWEEP_AT_ONCE))
        })
    }

    fn count(&self) -> BoxFuture<'_, Result<(u64, u64), InboxError>> {
        Box::pin(async move {
            let text = "SELECT COUNT(*) FROM Jobs WHERE job_type = ?1 \
                        AND status IN ('Pending', 'Queued', 'Running', 'Failed')";
            let mut counts = [0_u64; 2];
            for (count, queue) in counts.iter_mut().zip([Queue::Waiting, Queue::Dead]) {
                let query = sqlx::query_scalar(text).bind(self.limits.name(queue));
                let rows: i64 = query
                    .fetch_one(&self.pool)
                    .await
                    .map_err(InboxError::storage)?;
                *count = u64::try_from(rows).unwrap_or_default();
            }
            Ok(counts.into())
        })
    }

    fn dead(&self, at_most: u32) -> BoxFuture<'_, Result<Letters, InboxError>> {
        Box::pin(async move {
            sqlx::query_as("SELECT id, job FROM Jobs WHERE job_type = ?1 ORDER BY id LIMIT ?2")
                .bind(self.limits.name(Queue::Dead))
                .bind(at_most)
                .fetch_all(&self.pool)
                .await
                .map_err(InboxError::storage)
        })
    }

    fn dead_one<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, InboxError>> {
        Box::pin(async move {
            sqlx::query_scalar("SELECT job FROM Jobs WHERE job_type = ?1 AND id = ?2")
                .bind(self.limits.name(Queue::Dead))
                .bind(id)
                .fetch_optional(&self.pool)
                .await
                .map_err(InboxError::storage)
        })
    }

    fn bury<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<(), InboxError>> {
        Box::pin(async move {
            sqlx::query("DELETE FROM Jobs WHERE job_type = ?1 AND id = ?2")
                .bind(self.limits.name(Queue::Dead))
                .bind(id)
                .execute(&self.pool)
                .await
                .map_err(InboxError::storage)?;
            Ok(())
        })
    }
}

/// Personal data will stand in it. SQLite gives its log and its index the same rights.
fn create_for_us_alone(path: &Path) -> Result<(), InboxError> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(InboxError::storage)?;
    Ok(())
}
