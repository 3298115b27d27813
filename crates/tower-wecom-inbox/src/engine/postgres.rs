//! A PostgreSQL server.

use std::time::Duration;

use apalis_postgres::{PostgresStorage, queries};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use ulid::Ulid;

use super::face::{Answer, Counts, Engine, Finished, Letters, Taken};
use super::limits::Limits;
use super::sql::{shared_methods, shared_sql};
use crate::entry::Push;
use crate::error::InboxError;

/// So that nobody waits long for a sweep.
const SWEEP_AT_ONCE: u16 = 5_000;
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
}

shared_sql! {
    PostgresEngine,
    jobs: "apalis.jobs",
    workers: "apalis.workers",
    list: "SELECT jsonb_array_elements_text($1::jsonb)",
    now: "now()",
    ago: "now() - $2 * interval '1 second'",
    time: "to_timestamp($3)",
    seconds: "EXTRACT(EPOCH FROM MIN(run_at))::bigint"
}

impl Engine for PostgresEngine {
    /// apalis's own push fails, and all that goes with it, where one of the keys is there already.
    fn push(&self, mut pushes: Vec<Push>) -> Answer<'_, ()> {
        Box::pin(async move {
            // Two machines that push the same keys must not wait for each other.
            pushes.sort_by(|one, other| one.key.cmp(&other.key));
            let ids: Vec<String> = pushes
                .iter()
                .map(|_| Ulid::generate().to_string())
                .collect();
            let (keys, bodies): (Vec<_>, Vec<_>) =
                pushes.into_iter().map(|push| (push.key, push.body)).unzip();
            sqlx::query(
                "INSERT INTO apalis.jobs \
                 (id, job_type, job, status, attempts, max_attempts, run_at, priority, idempotency_key) \
                 SELECT id, $2, job, 'Pending', 0, $5, now(), 0, key \
                 FROM unnest($1::text[], $3::bytea[], $4::text[]) AS t(id, job, key) \
                 ON CONFLICT (job_type, idempotency_key) DO NOTHING",
            )
            .bind(ids)
            .bind(&self.limits.queue)
            .bind(bodies)
            .bind(keys)
            // It is this crate that counts attempts.
            .bind(i32::MAX)
            .execute(&self.pool)
            .await
            .map_err(InboxError::storage)?;
            Ok(())
        })
    }

    fn take_over(&self) -> Answer<'_, ()> {
        Box::pin(async move {
            let mut connection = self.pool.acquire().await.map_err(InboxError::storage)?;
            let silence = self.limits.take_over.as_secs();
            queries::reenqueue_orphaned(&mut *connection, &self.limits.queue, silence)
                .await
                .map_err(InboxError::storage)?;
            Ok(())
        })
    }

    /// By apalis's function. Its rows are read here, because one that apalis cannot read fails all that are taken with it.
    fn take<'a>(&'a self, worker: &'a str, at_most: usize) -> Answer<'a, Vec<Taken>> {
        Box::pin(async move {
            let text = "SELECT id, job, attempts FROM apalis.get_jobs($1, $2, $3)";
            let rows: Vec<(String, Vec<u8>, i32)> = sqlx::query_as(text)
                .bind(worker)
                .bind(&self.limits.queue)
                .bind(i32::try_from(at_most).unwrap_or(i32::MAX))
                .fetch_all(&self.pool)
                .await
                .map_err(InboxError::storage)?;
            let taken = |(id, body, attempts): (String, _, i32)| Taken {
                id,
                body,
                taken_back: u32::try_from(attempts).unwrap_or_default(),
            };
            Ok(rows.into_iter().map(taken).collect())
        })
    }

    shared_methods!();
}
