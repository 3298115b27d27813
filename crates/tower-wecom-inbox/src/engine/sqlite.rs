//! One SQLite file.

use std::path::Path;
use std::time::Duration;

use apalis_core::backend::WorkerFilter;
use apalis_core::task::builder::TaskBuilder;
use apalis_sqlite::{SqliteStorage, queries};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

use super::face::{Answer, Counts, Engine, Finished, Letters, Taken};
use super::limits::Limits;
use super::sql::{shared_methods, shared_sql};
use crate::entry::Push;
use crate::error::InboxError;

/// So that nobody waits long for a sweep.
const SWEEP_AT_ONCE: u16 = 1_000;

/// What has failed in the hands of apalis's own workers is taken as well. Two lists, because each has an index of its own.
/// `run_at IS NULL` is never so, and keeps SQLite from an index by which it would sort all that is due each time.
const TAKE: &str = "UPDATE Jobs SET status = 'Queued', lock_by = $1, lock_at = strftime('%s', 'now') WHERE rowid IN ( \
    SELECT row FROM ( \
        SELECT * FROM (SELECT rowid AS row, priority, run_at, id FROM Jobs WHERE job_type = $2 AND status = 'Pending' \
            AND lock_by IS NULL AND (run_at IS NULL OR run_at <= CAST(strftime('%s', 'now') AS INTEGER)) \
            ORDER BY priority DESC, run_at, id LIMIT $3) \
        UNION ALL \
        SELECT * FROM (SELECT rowid AS row, priority, run_at, id FROM Jobs WHERE job_type = $2 AND status = 'Failed' \
            AND attempts < max_attempts AND (run_at IS NULL OR run_at <= CAST(strftime('%s', 'now') AS INTEGER)) \
            ORDER BY priority DESC, run_at, id LIMIT $3) \
    ) ORDER BY priority DESC, run_at, id LIMIT $3 \
) RETURNING id, job, attempts";

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
            // What is emptied or removed is overwritten with zeros, and not left in a free page.
            .pragma("secure_delete", "ON")
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
        for text in [
            // An entry that is done is held by nobody, and needs no place in an index of who holds what.
            "DROP INDEX IF EXISTS LIdx",
            "CREATE INDEX IF NOT EXISTS wecom_held ON Jobs (lock_by) WHERE lock_by IS NOT NULL",
            // Without it each sweep looks at all that was done within the time for which it is kept.
            "CREATE INDEX IF NOT EXISTS wecom_done ON Jobs (job_type, done_at) WHERE status = 'Done'",
        ] {
            sqlx::query(text).execute(&self.pool).await?;
        }
        Ok(())
    }
}

shared_sql! {
    SqliteEngine,
    jobs: "Jobs",
    workers: "Workers",
    list: "SELECT value FROM json_each($1)",
    now: "CAST(strftime('%s', 'now') AS INTEGER)",
    ago: "CAST(strftime('%s', 'now') AS INTEGER) - $2",
    time: "$3",
    seconds: "MIN(run_at)"
}

impl Engine for SqliteEngine {
    fn push(&self, pushes: Vec<Push>) -> Answer<'_, ()> {
        Box::pin(async move {
            let build = |push: Push| {
                TaskBuilder::new(push.body)
                    .idempotency_key(push.key)
                    // It is this crate that counts attempts.
                    .max_attempts(i32::MAX.try_into().unwrap_or(usize::MAX))
                    .build()
            };
            let tasks: Vec<_> = pushes.into_iter().map(build).collect();
            let mut transaction = self.pool.begin().await.map_err(InboxError::storage)?;
            queries::push_tasks(&mut *transaction, &self.limits.queue, &tasks)
                .await
                .map_err(InboxError::storage)?;
            transaction.commit().await.map_err(InboxError::storage)
        })
    }

    fn take_over(&self) -> Answer<'_, ()> {
        Box::pin(async move {
            let silence = i64::try_from(self.limits.take_over.as_secs()).unwrap_or(i64::MAX);
            let (queue, everybody) = (&self.limits.queue, WorkerFilter::None);
            queries::reenqueue_orphaned(&self.pool, silence, queue, &everybody)
                .await
                .map_err(InboxError::storage)?;
            Ok(())
        })
    }

    /// As apalis does it. Its rows are read here, because one that apalis cannot read fails all that are taken with it.
    fn take<'a>(&'a self, worker: &'a str, at_most: usize) -> Answer<'a, Vec<Taken>> {
        Box::pin(async move {
            let mut transaction = self.pool.begin().await.map_err(InboxError::storage)?;
            let rows: Vec<(String, Vec<u8>, i64)> = sqlx::query_as(TAKE)
                .bind(worker)
                .bind(&self.limits.queue)
                .bind(i64::try_from(at_most).unwrap_or(i64::MAX))
                .fetch_all(&mut *transaction)
                .await
                .map_err(InboxError::storage)?;
            transaction.commit().await.map_err(InboxError::storage)?;
            let taken = |(id, body, attempts): (String, _, i64)| Taken {
                id,
                body,
                taken_back: u32::try_from(attempts).unwrap_or_default(),
            };
            Ok(rows.into_iter().map(taken).collect())
        })
    }

    shared_methods!();
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
