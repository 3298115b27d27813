//! A PostgreSQL server.

use std::time::Duration;

use apalis_postgres::{Config, PostgresStorage};
use futures_util::future::BoxFuture;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use ulid::Ulid;

use super::limits::{HEARTBEATS, Limits, Queue};
use super::run::{Engine, Letters, Shift, run_worker};
use crate::entry::Push;
use crate::error::InboxError;

/// So that nobody waits long for a sweep.
const SWEEP_AT_ONCE: i64 = 5_000;
const CONNECTIONS: u32 = 8;

pub(crate) struct PostgresEngine {
    pool: PgPool,
    limits: Limits,
}

impl PostgresEngine {
    pub(crate) async fn open(url: &str, limits: Limits) -> Result<Self, InboxError> {
        let options: PgConnectOptions = url.parse().map_err(InboxError::storage)?;
        // Whatever the server's or the role's default is: `off` would acknowledge what may be lost.
        let options = options.options([("synchronous_commit", "on")]);
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(limits.patience)
            .idle_timeout(Duration::from_secs(600))
            .connect_with(options)
            .await
            .map_err(InboxError::storage)?;
        PostgresStorage::setup(&pool)
            .await
            .map_err(InboxError::storage)?;
        let engine = Self { pool, limits };
        engine.check().await?;
        engine.warn().await;
        engine.index().await;
        Ok(engine)
    }

    /// A pooler between us and the server may drop what a connection asks for.
    async fn check(&self) -> Result<(), InboxError> {
        let commits: String = sqlx::query_scalar("SHOW synchronous_commit")
            .fetch_one(&self.pool)
            .await
            .map_err(InboxError::storage)?;
        if commits == "off" {
            return Err(InboxError::not_durable(
                "PostgreSQL commits without waiting for the disk: synchronous_commit is off, and our connections cannot set it",
            ));
        }
        Ok(())
    }

    /// Without it each sweep looks at all that was done within the time for which it is kept.
    async fn index(&self) {
        let index = sqlx::query(
            "CREATE INDEX IF NOT EXISTS wecom_done ON apalis.jobs (job_type, done_at) WHERE status = 'Done'",
        );
        // Two replicas that start together may both make it. One of them fails, and it is there.
        if let Err(error) = index.execute(&self.pool).await {
            tracing::debug!(%error, "the index for sweeping was not made");
        }
    }

    /// What only the server's administrator can change.
    async fn warn(&self) {
        let fsync: Result<String, _> = sqlx::query_scalar("SHOW fsync").fetch_one(&self.pool).await;
        if fsync.is_ok_and(|fsync| fsync != "on") {
            tracing::warn!(
                "PostgreSQL runs with fsync = off: a power cut may lose what was acknowledged"
            );
        }
    }

    fn storage(&self, batch: usize) -> PostgresStorage<Vec<u8>> {
        let config = Config::default()
            .queue(self.limits.name(Queue::Waiting))
            .batch_size(batch.max(1))
            .heartbeat_interval(self.limits.heartbeat())
            .missed_heartbeats(usize::try_from(HEARTBEATS).unwrap_or(1))
            // A task that was taken is locked already.
            .lock_tasks(false);
        PostgresStorage::new(&self.pool).with_config(config)
    }
}

impl Engine for PostgresEngine {
    /// apalis's own push fails, and all that goes with it, where one of the keys is there already.
    fn push(&self, queue: Queue, mut pushes: Vec<Push>) -> BoxFuture<'_, Result<(), InboxError>> {
        Box::pin(async move {
            // Two machines that push the same keys must not wait for each other.
            pushes.sort_by(|one, other| one.key.cmp(&other.key));
            let ids: Vec<String> = pushes
                .iter()
                .map(|_| Ulid::generate().to_string())
                .collect();
            let (mut keys, mut bodies, mut times) = (Vec::new(), Vec::new(), Vec::new());
            for push in pushes {
                keys.push(push.key);
                bodies.push(push.body);
                times.push(push.run_at.and_then(|seconds| i64::try_from(seconds).ok()));
            }
            sqlx::query(
                "INSERT INTO apalis.jobs \
                 (id, job_type, job, status, attempts, max_attempts, run_at, priority, idempotency_key) \
                 SELECT id, $2, job, 'Pending', 0, $6, COALESCE(to_timestamp(seconds), now()), 0, key \
                 FROM unnest($1::text[], $3::bytea[], $4::bigint[], $5::text[]) AS t(id, job, seconds, key) \
                 ON CONFLICT (job_type, idempotency_key) DO NOTHING",
            )
            .bind(ids)
            .bind(self.limits.name(queue))
            .bind(bodies)
            .bind(times)
            .bind(keys)
            // It is this crate that counts attempts.
            .bind(i32::MAX)
            .execute(&self.pool)
            .await
            .map_err(InboxError::storage)?;
            Ok(())
        })
    }

    fn work(&self, shift: Shift) -> BoxFuture<'static, Result<(), InboxError>> {
        run_worker!(self.storage(shift.concurrency), shift)
    }

    fn heartbeat<'a>(&'a self, worker: &'a str) -> BoxFuture<'a, Result<(), InboxError>> {
        Box::pin(async move {
            sqlx::query("UPDATE apalis.workers SET last_seen = now() WHERE id = $1")
                .bind(worker)
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
                "DELETE FROM apalis.jobs WHERE id IN (SELECT id FROM apalis.jobs WHERE job_type = $1 \
                 AND status = 'Done' AND done_at < now() - $2 * interval '1 second' LIMIT $3)",
            )
            .bind(self.limits.name(Queue::Waiting))
            .bind(keep)
            .bind(SWEEP_AT_ONCE)
            .execute(&self.pool)
            .await
            .map_err(InboxError::storage)?;
            // Each start has workers of new names.
            sqlx::query(
                "DELETE FROM apalis.workers w WHERE worker_type = $1 AND last_seen < now() - interval '1 day' \
                 AND NOT EXISTS (SELECT 1 FROM apalis.jobs j WHERE j.lock_by = w.id)",
            )
            .bind(self.limits.name(Queue::Waiting))
            .execute(&self.pool)
            .await
            .map_err(InboxError::storage)?;
            Ok(done.rows_affected() >= SWEEP_AT_ONCE.unsigned_abs())
        })
    }

    fn count(&self) -> BoxFuture<'_, Result<(u64, u64), InboxError>> {
        Box::pin(async move {
            let text = "SELECT COUNT(*) FROM apalis.jobs WHERE job_type = $1 \
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
            sqlx::query_as(
                "SELECT id, job FROM apalis.jobs WHERE job_type = $1 ORDER BY id LIMIT $2",
            )
            .bind(self.limits.name(Queue::Dead))
            .bind(i64::from(at_most))
            .fetch_all(&self.pool)
            .await
            .map_err(InboxError::storage)
        })
    }

    fn dead_one<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, InboxError>> {
        Box::pin(async move {
            sqlx::query_scalar("SELECT job FROM apalis.jobs WHERE job_type = $1 AND id = $2")
                .bind(self.limits.name(Queue::Dead))
                .bind(id)
                .fetch_optional(&self.pool)
                .await
                .map_err(InboxError::storage)
        })
    }

    fn bury<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<(), InboxError>> {
        Box::pin(async move {
            sqlx::query("DELETE FROM apalis.jobs WHERE job_type = $1 AND id = $2")
                .bind(self.limits.name(Queue::Dead))
                .bind(id)
                .execute(&self.pool)
                .await
                .map_err(InboxError::storage)?;
            Ok(())
        })
    }
}
