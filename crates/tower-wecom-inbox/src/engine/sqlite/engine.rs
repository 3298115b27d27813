use std::path::Path;

use futures_util::TryFutureExt;

use super::file;
use super::link::Link;
use super::statements as sql;
use crate::clock;
use crate::engine::backend::{
    Answer, Backend, Beat, Claimed, Counts, DeadRow, Finished, Pulse, Push, Room, SUSPECT_AFTER,
    Wanted,
};
use crate::engine::limits::{Limits, millis};
use crate::engine::rows;
use crate::error::InboxError;

/// So that a claim keeps nothing waiting for long.
const PROMOTE_AT_ONCE: i64 = 1_000;
/// So that a purge keeps nothing waiting for long.
const PURGE_AT_ONCE: i64 = 1_000;
/// How often the file shrinks in one look when the disk is nearly full.
const SHRINKS: u32 = 8;
/// How many unused pages are left for what comes next: 4 MiB.
const SPARE: i64 = 1_024;

pub(crate) struct SqliteEngine {
    link: Link,
    limits: Limits,
}

impl SqliteEngine {
    pub(crate) async fn open(path: &Path, limits: Limits) -> Result<Self, InboxError> {
        let link = Link::open(path, limits.patience).await?;
        Ok(Self { link, limits })
    }

    fn is_nearly_full(&self) -> bool {
        file::free(&self.link.path).is_some_and(|free| free < self.limits.reserve)
    }
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
            self.link.durable(query).await?;
            self.link.same_file()
        })
    }

    /// What is done gives its room back to the file, and here to the disk.
    fn room(&self) -> Answer<'_, Room> {
        Box::pin(async move {
            if self.link.same_file().is_err() {
                return Ok(Room::Replaced);
            }
            if !self.is_nearly_full() {
                return Ok(Room::Enough);
            }
            for _ in 0..SHRINKS {
                if !self.link.shrink(0).await? {
                    break;
                }
            }
            self.link.checkpoint().await?;
            if self.is_nearly_full() {
                return Ok(Room::Full("the disk of the inbox is nearly full"));
            }
            Ok(Room::Enough)
        })
    }

    fn check(&self) -> Answer<'_, ()> {
        Box::pin(async move {
            let query = sqlx::query(sql::CHECK).bind(clock::now());
            self.link.durable(query).await?;
            self.link.same_file()
        })
    }

    fn heartbeat<'a>(&'a self, worker: &'a str) -> Answer<'a, Pulse> {
        Box::pin(async move {
            let queue = &self.limits.queue;
            let beat = sqlx::query(sql::BEAT).bind(queue).bind(worker);
            self.link.relaxed(beat).await?;
            let others = sqlx::query_as(sql::OTHERS).bind(queue).bind(worker);
            let others: Vec<(String, i64)> = self.link.read(others).await?;
            let suspects = sqlx::query_as(sql::HAS_SUSPECTS).bind(queue);
            let suspects: Vec<(bool,)> = self.link.read(suspects).await?;
            let others = others.into_iter();
            Ok(Pulse {
                others: others
                    .map(|(worker, beats)| Beat { worker, beats })
                    .collect(),
                has_suspects: suspects.iter().any(|found| found.0),
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
                    self.link.relaxed(query).await?;
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
            self.link.relaxed(promote).await?;
            let query = sqlx::query_as(sql::CLAIM)
                .bind(&self.limits.queue)
                .bind(worker)
                .bind(rows::number(wanted.at_most))
                .bind(rows::number(wanted.per_tenant))
                .bind(serde_json::json!(wanted.held).to_string())
                .bind(&wanted.after)
                .bind(rows::number(wanted.tenants()));
            self.link.claim(query).await
        })
    }

    fn claim_alone<'a>(&'a self, worker: &'a str) -> Answer<'a, Option<Claimed>> {
        let query = sqlx::query_as(sql::CLAIM_ALONE)
            .bind(&self.limits.queue)
            .bind(worker);
        Box::pin(self.link.claim(query).map_ok(|mut claimed| claimed.pop()))
    }

    fn finish<'a>(&'a self, worker: &'a str, finished: Vec<Finished>) -> Answer<'a, ()> {
        Box::pin(async move {
            let (done, failed) = rows::by_end(finished);
            if !done.is_empty() {
                let ids = serde_json::Value::from(done).to_string();
                let query = sqlx::query(sql::DONE).bind(ids);
                self.link.relaxed(query).await?;
            }
            if !failed.is_empty() {
                let query = sqlx::query(sql::FAILED)
                    .bind(worker)
                    .bind(rows::finished(&failed))
                    .bind(clock::now());
                self.link.relaxed(query).await?;
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
            self.link.relaxed(query).await.map(drop)
        })
    }

    fn leave<'a>(&'a self, worker: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            let query = sqlx::query(sql::LEAVE)
                .bind(&self.limits.queue)
                .bind(worker);
            self.link.relaxed(query).await?;
            self.link.checkpoint().await
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
            let done = self.link.relaxed(query).await?;
            let has_old = i64::try_from(done.rows_affected()).unwrap_or(i64::MAX) >= PURGE_AT_ONCE;
            let has_more = self.link.shrink(SPARE).await? || has_old;
            if !has_more {
                self.link.tidy_log().await?;
            }
            Ok(has_more)
        })
    }

    fn count(&self) -> Answer<'_, Counts> {
        Box::pin(async move {
            let query = sqlx::query_as(sql::COUNT).bind(&self.limits.queue);
            let rows: Vec<rows::StateRow> = self.link.read(query).await?;
            Ok(rows::counts(&rows, clock::now()))
        })
    }

    fn dead(&self, at_most: u32) -> Answer<'_, Vec<DeadRow>> {
        Box::pin(async move {
            let query = sqlx::query_as(sql::DEAD)
                .bind(&self.limits.queue)
                .bind(at_most);
            let rows: Vec<rows::DeadTuple> = self.link.read(query).await?;
            Ok(rows.into_iter().map(rows::dead).collect())
        })
    }

    fn revive<'a>(&'a self, id: &'a str) -> Answer<'a, bool> {
        Box::pin(async move {
            let query = sqlx::query(sql::REVIVE)
                .bind(&self.limits.queue)
                .bind(rows::id(id))
                .bind(clock::now());
            let done = self.link.durable(query).await?;
            Ok(done.rows_affected() > 0)
        })
    }

    fn forget<'a>(&'a self, id: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            let query = sqlx::query(sql::FORGET)
                .bind(&self.limits.queue)
                .bind(rows::id(id));
            self.link.durable(query).await.map(drop)
        })
    }
}
