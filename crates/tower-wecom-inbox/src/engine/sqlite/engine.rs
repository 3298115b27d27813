use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::TryFutureExt;
use sqlx::Connection;
use sqlx::sqlite::{
    SqliteAutoVacuum, SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteQueryResult,
    SqliteSynchronous,
};
use tokio::sync::{Mutex, MutexGuard};

use super::file::{self, Identity};
use super::statements as sql;
use crate::clock;
use crate::engine::backend::{
    Answer, Backend, Beat, Claimed, Counts, DeadRow, Finished, Pulse, Push, Room, SUSPECT_AFTER,
    Wanted,
};
use crate::engine::limits::{Limits, millis};
use crate::engine::rows;
use crate::engine::slot::{Lease, Slot};
use crate::error::InboxError;

/// So that a claim keeps nothing waiting for long.
const PROMOTE_AT_ONCE: i64 = 1_000;
/// So that a purge keeps nothing waiting for long.
const PURGE_AT_ONCE: i64 = 1_000;
/// How long a checkpoint waits for readers. It is tried again with the next purge.
const CHECKPOINT_PATIENCE: Duration = Duration::from_millis(100);
/// How many pages one step gives back to the file system.
const SHRINK_AT_ONCE: i64 = 256;
/// How many such steps follow each other when the disk is nearly full.
const SHRINKS: u32 = 8;
/// How many unused pages are left for what comes next: 4 MiB.
const SPARE: i64 = 1_024;
/// To how many bytes the log is cut when it has been put back into the file.
const LOG_LIMIT: &str = "4194304";

/// Three connections. SQLite writes one step at a time, so the two that write take turns: steps
/// wait in order and not by polling.
pub(crate) struct SqliteEngine {
    path: PathBuf,
    limits: Limits,
    /// Of the file that was opened.
    identity: Option<Identity>,
    turn: Mutex<()>,
    /// Each of its steps is on the disk before it returns.
    durable: Slot<SqliteConnection>,
    /// Its steps reach the disk with the next durable one, or with a checkpoint within ten seconds.
    /// If a power cut loses a claim or a report, the entry is claimed again.
    relaxed: Slot<SqliteConnection>,
    reader: Slot<SqliteConnection>,
}

impl SqliteEngine {
    pub(crate) async fn open(path: &Path, limits: Limits) -> Result<Self, InboxError> {
        file::prepare(path)?;
        let mut engine = Self {
            path: path.to_owned(),
            limits,
            identity: None,
            turn: Mutex::new(()),
            durable: Slot::new(),
            relaxed: Slot::new(),
            reader: Slot::new(),
        };
        engine.set_up().await?;
        engine.identity = Identity::of(path);
        file::inspect(path)?;
        Ok(engine)
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
        self.dial_with(synchronous, self.limits.patience).await
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
            .pragma("journal_size_limit", LOG_LIMIT)
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
    fn same_file(&self) -> Result<(), InboxError> {
        if file::is_replaced(&self.path, self.identity) {
            return Err(InboxError::replaced());
        }
        Ok(())
    }

    async fn durable(&self) -> Result<Turn<'_>, InboxError> {
        let turn = self.turn.lock().await;
        let lease = self
            .durable
            .lease(self.dial(SqliteSynchronous::Full))
            .await?;
        Ok(Turn { _turn: turn, lease })
    }

    async fn relaxed(&self) -> Result<Turn<'_>, InboxError> {
        let turn = self.turn.lock().await;
        let lease = self
            .relaxed
            .lease(self.dial(SqliteSynchronous::Normal))
            .await?;
        Ok(Turn { _turn: turn, lease })
    }

    async fn reader(&self) -> Result<Lease<'_, SqliteConnection>, InboxError> {
        let dial = self.dial_with(SqliteSynchronous::Full, CHECKPOINT_PATIENCE);
        self.reader.lease(dial).await
    }

    /// Puts the log back into the file and empties it: what was removed stays readable in it
    /// otherwise, and a long reader makes it grow.
    async fn checkpoint(&self) -> Result<(), InboxError> {
        let _turn = self.turn.lock().await;
        let mut lease = self.reader().await?;
        let found: (i64, i64, i64) = sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)")
            .fetch_one(&mut lease.connection)
            .await
            .map_err(InboxError::storage)?;
        lease.keep();
        if found.0 != 0 {
            tracing::debug!("a reader keeps the inbox's log from being emptied");
        }
        Ok(())
    }

    /// Gives unused pages back to the file system. Returns whether there may be more.
    async fn shrink(&self, spare: i64) -> Result<bool, InboxError> {
        let mut lease = self.reader().await?;
        let unused: i64 = sqlx::query_scalar("PRAGMA freelist_count")
            .fetch_one(&mut lease.connection)
            .await
            .map_err(InboxError::storage)?;
        lease.keep();
        let pages = unused.saturating_sub(spare);
        if pages <= 0 {
            return Ok(false);
        }
        let text = format!("PRAGMA incremental_vacuum({})", pages.min(SHRINK_AT_ONCE));
        let query = sqlx::query(sqlx::AssertSqlSafe(text)).persistent(false);
        self.relaxed().await?.execute(query).await?;
        Ok(pages > SHRINK_AT_ONCE)
    }

    fn is_nearly_full(&self) -> bool {
        file::free(&self.path).is_some_and(|free| free < self.limits.reserve)
    }

    async fn claim_by<'q>(
        &'q self,
        query: sqlx::query::QueryAs<
            'q,
            sqlx::Sqlite,
            rows::ClaimedRow,
            sqlx::sqlite::SqliteArguments,
        >,
    ) -> Result<Vec<Claimed>, InboxError> {
        let mut turn = self.relaxed().await?;
        let rows = query.fetch_all(&mut turn.lease.connection).await;
        let rows = rows.map_err(InboxError::storage)?;
        turn.lease.keep();
        Ok(rows.into_iter().map(rows::claimed).collect())
    }
}

/// A connection that writes, while no other one does.
struct Turn<'a> {
    lease: Lease<'a, SqliteConnection>,
    _turn: MutexGuard<'a, ()>,
}

type Query<'q> = sqlx::query::Query<'q, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>;

impl Turn<'_> {
    async fn execute(mut self, query: Query<'_>) -> Result<SqliteQueryResult, InboxError> {
        let done = query.execute(&mut self.lease.connection).await;
        let done = done.map_err(InboxError::storage)?;
        self.lease.keep();
        Ok(done)
    }
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

impl Backend for SqliteEngine {
    fn push(&self, pushes: Vec<Push>) -> Answer<'_, ()> {
        Box::pin(async move {
            let rows: Vec<_> = pushes
                .iter()
                .map(|push| (&push.key, &push.nonce, &push.tenant, &push.body))
                .collect();
            let rows = serde_json::to_string(&rows).map_err(|_| InboxError::json())?;
            let query = sqlx::query(sql::PUSH)
                .bind(&self.limits.queue)
                .bind(rows)
                .bind(clock::now());
            self.durable().await?.execute(query).await?;
            self.same_file()
        })
    }

    /// What is done gives its room back to the file, and here to the disk.
    fn room(&self) -> Answer<'_, Room> {
        Box::pin(async move {
            if self.same_file().is_err() {
                return Ok(Room::Replaced);
            }
            if !self.is_nearly_full() {
                return Ok(Room::Enough);
            }
            for _ in 0..SHRINKS {
                if !self.shrink(0).await? {
                    break;
                }
            }
            self.checkpoint().await?;
            if self.is_nearly_full() {
                return Ok(Room::Full("the disk of the inbox is nearly full"));
            }
            Ok(Room::Enough)
        })
    }

    fn check(&self) -> Answer<'_, ()> {
        Box::pin(async move {
            let query = sqlx::query(sql::CHECK).bind(clock::now());
            self.durable().await?.execute(query).await?;
            self.same_file()
        })
    }

    fn heartbeat<'a>(&'a self, worker: &'a str) -> Answer<'a, Pulse> {
        Box::pin(async move {
            let queue = &self.limits.queue;
            let beat = sqlx::query(sql::BEAT).bind(queue).bind(worker);
            self.relaxed().await?.execute(beat).await?;
            let mut lease = self.reader().await?;
            let others: Vec<(String, i64)> = sqlx::query_as(sql::OTHERS)
                .bind(queue)
                .bind(worker)
                .fetch_all(&mut lease.connection)
                .await
                .map_err(InboxError::storage)?;
            let has_suspects = sqlx::query_scalar(sql::HAS_SUSPECTS)
                .bind(queue)
                .fetch_one(&mut lease.connection)
                .await
                .map_err(InboxError::storage)?;
            lease.keep();
            let others = others.into_iter();
            Ok(Pulse {
                others: others
                    .map(|(worker, beats)| Beat { worker, beats })
                    .collect(),
                has_suspects,
            })
        })
    }

    fn reclaim(&self, silent: Vec<Beat>) -> Answer<'_, ()> {
        Box::pin(async move {
            for Beat { worker, beats } in &silent {
                for text in [sql::RECLAIM, sql::FORGET_WORKER] {
                    let query = sqlx::query(text)
                        .bind(&self.limits.queue)
                        .bind(worker)
                        .bind(beats)
                        .bind(SUSPECT_AFTER);
                    self.relaxed().await?.execute(query).await?;
                }
            }
            Ok(())
        })
    }

    fn claim<'a>(&'a self, worker: &'a str, wanted: &'a Wanted) -> Answer<'a, Vec<Claimed>> {
        Box::pin(async move {
            let now = clock::now();
            let promote = sqlx::query(sql::PROMOTE)
                .bind(&self.limits.queue)
                .bind(now)
                .bind(now.saturating_add(millis(wanted.horizon)))
                .bind(PROMOTE_AT_ONCE);
            self.relaxed().await?.execute(promote).await?;
            let query = sqlx::query_as(sql::CLAIM)
                .bind(&self.limits.queue)
                .bind(worker)
                .bind(rows::number(wanted.at_most))
                .bind(rows::number(wanted.per_tenant))
                .bind(serde_json::json!(wanted.held).to_string())
                .bind(&wanted.after)
                .bind(rows::number(wanted.tenants()));
            self.claim_by(query).await
        })
    }

    fn claim_alone<'a>(&'a self, worker: &'a str) -> Answer<'a, Option<Claimed>> {
        let query = sqlx::query_as(sql::CLAIM_ALONE)
            .bind(&self.limits.queue)
            .bind(worker);
        Box::pin(self.claim_by(query).map_ok(|mut claimed| claimed.pop()))
    }

    fn finish<'a>(&'a self, worker: &'a str, finished: Vec<Finished>) -> Answer<'a, ()> {
        Box::pin(async move {
            let (done, failed) = rows::by_end(finished);
            if !done.is_empty() {
                let ids = serde_json::Value::from(done).to_string();
                let query = sqlx::query(sql::DONE).bind(ids);
                self.relaxed().await?.execute(query).await?;
            }
            if !failed.is_empty() {
                let query = sqlx::query(sql::FAILED)
                    .bind(worker)
                    .bind(rows::finished(&failed))
                    .bind(clock::now());
                self.relaxed().await?.execute(query).await?;
            }
            Ok(())
        })
    }

    fn release<'a>(&'a self, worker: &'a str, except: Vec<String>) -> Answer<'a, ()> {
        Box::pin(async move {
            let query = sqlx::query(sql::RELEASE)
                .bind(&self.limits.queue)
                .bind(worker)
                .bind(serde_json::Value::from(except).to_string());
            self.relaxed().await?.execute(query).await.map(drop)
        })
    }

    fn leave<'a>(&'a self, worker: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            let query = sqlx::query(sql::LEAVE)
                .bind(&self.limits.queue)
                .bind(worker);
            self.relaxed().await?.execute(query).await?;
            self.checkpoint().await
        })
    }

    fn purge(&self) -> Answer<'_, bool> {
        Box::pin(async move {
            let (now, keep) = (clock::now(), self.limits.keep_millis());
            let query = sqlx::query(sql::PURGE)
                .bind(&self.limits.queue)
                .bind(now.saturating_sub(keep))
                .bind(PURGE_AT_ONCE)
                .bind(now.saturating_add(keep));
            let done = self.relaxed().await?.execute(query).await?;
            let has_old = i64::try_from(done.rows_affected()).unwrap_or(i64::MAX) >= PURGE_AT_ONCE;
            let has_more = self.shrink(SPARE).await? || has_old;
            if !has_more {
                self.checkpoint().await?;
            }
            Ok(has_more)
        })
    }

    fn count(&self) -> Answer<'_, Counts> {
        Box::pin(async move {
            let mut lease = self.reader().await?;
            let rows: Vec<rows::StateRow> = sqlx::query_as(sql::COUNT)
                .bind(&self.limits.queue)
                .fetch_all(&mut lease.connection)
                .await
                .map_err(InboxError::storage)?;
            lease.keep();
            Ok(rows::counts(&rows, clock::now()))
        })
    }

    fn dead(&self, at_most: u32) -> Answer<'_, Vec<DeadRow>> {
        Box::pin(async move {
            let mut lease = self.reader().await?;
            let rows: Vec<rows::DeadTuple> = sqlx::query_as(sql::DEAD)
                .bind(&self.limits.queue)
                .bind(at_most)
                .fetch_all(&mut lease.connection)
                .await
                .map_err(InboxError::storage)?;
            lease.keep();
            Ok(rows.into_iter().map(rows::dead).collect())
        })
    }

    fn revive<'a>(&'a self, id: &'a str) -> Answer<'a, bool> {
        Box::pin(async move {
            let query = sqlx::query(sql::REVIVE)
                .bind(&self.limits.queue)
                .bind(rows::id(id))
                .bind(clock::now());
            let done = self.durable().await?.execute(query).await?;
            Ok(done.rows_affected() > 0)
        })
    }

    fn forget<'a>(&'a self, id: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            let query = sqlx::query(sql::FORGET)
                .bind(&self.limits.queue)
                .bind(rows::id(id));
            self.durable().await?.execute(query).await.map(drop)
        })
    }
}
