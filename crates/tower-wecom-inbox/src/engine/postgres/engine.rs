use futures_util::{FutureExt, TryFutureExt};
use sqlx::postgres::PgConnection;

use super::link::{Link, is_starting};
use super::server::{PostgresServer, names};
use super::statements as sql;
use crate::engine::backend::{
    Answer, Backend, Beat, Claimed, Counts, DeadRow, Finished, Pulse, Push, Room, SUSPECT_AFTER,
    Wanted,
};
use crate::engine::limits::{Limits, millis, opened};
use crate::engine::rows;
use crate::engine::slot::{Pair, Slot};
use crate::error::InboxError;
use crate::key;

/// So that a claim keeps nothing waiting for long.
const PROMOTE_AT_ONCE: i64 = 1_000;
/// So that a purge keeps nothing waiting for long.
const PURGE_AT_ONCE: i64 = 5_000;

/// Six connections, so that no kind of step waits for another.
pub(crate) struct PostgresEngine {
    link: Link,
    limits: Limits,
    push: Pair<PgConnection>,
    claim: Slot<PgConnection>,
    finish: Pair<PgConnection>,
    other: Slot<PgConnection>,
}

impl PostgresEngine {
    pub(crate) async fn open(server: PostgresServer, limits: Limits) -> Result<Self, InboxError> {
        let servers = server.options()?;
        let hosts = names(&servers);
        let patience = limits.patience;
        let open = || Link::open(servers.clone(), patience).boxed();
        let link = opened(open, is_starting)
            .await
            .map_err(|error| error.at(format!("PostgreSQL at {hosts}")))?;
        Ok(Self {
            link,
            limits,
            push: Pair::new(),
            claim: Slot::new(),
            finish: Pair::new(),
            other: Slot::new(),
        })
    }

    fn queue(&self) -> &str {
        &self.limits.queue
    }
}

impl Backend for PostgresEngine {
    fn steps_at_once(&self) -> usize {
        2
    }

    fn push(&self, mut pushes: Vec<Push>) -> Answer<'_, ()> {
        Box::pin(async move {
            // Two machines that push the same keys must not wait for each other in a ring.
            pushes.sort_by(|one, other| one.key.cmp(&other.key));
            pushes.dedup_by(|one, other| one.key == other.key);
            let keys: Vec<_> = pushes.iter().map(|it| key::to_bytes(&it.key)).collect();
            let nonces: Vec<_> = pushes.iter().map(|it| it.nonce.clone()).collect();
            // PostgreSQL stores no NUL.
            let tenant = |it: &Push| it.tenant.replace('\0', "");
            let tenants: Vec<_> = pushes.iter().map(tenant).collect();
            let bodies: Vec<_> = pushes.into_iter().map(|it| it.body).collect();
            let query = sqlx::query(sql::PUSH)
                .bind(self.queue())
                .bind(keys)
                .bind(nonces)
                .bind(tenants)
                .bind(bodies);
            self.link.execute(self.push.either(), query).await.map(drop)
        })
    }

    fn room(&self) -> Answer<'_, Room> {
        Box::pin(std::future::ready(Ok(Room::Enough)))
    }

    fn check(&self) -> Answer<'_, ()> {
        let query = sqlx::query(sql::CHECK);
        Box::pin(self.link.execute(&self.other, query).map_ok(drop))
    }

    fn heartbeat<'a>(&'a self, worker: &'a str) -> Answer<'a, Pulse> {
        Box::pin(async move {
            let beat = sqlx::query(sql::BEAT).bind(self.queue()).bind(worker);
            self.link.execute(&self.other, beat).await?;
            let others = sqlx::query_as(sql::OTHERS).bind(self.queue()).bind(worker);
            let others: Vec<(String, i64)> = self.link.fetch(&self.other, others).await?;
            let suspects = sqlx::query_as(sql::HAS_SUSPECTS).bind(self.queue());
            let suspects: Vec<(bool,)> = self.link.fetch(&self.other, suspects).await?;
            let beat = |(worker, beats)| Beat { worker, beats };
            Ok(Pulse {
                others: others.into_iter().map(beat).collect(),
                has_suspects: suspects.iter().any(|found| found.0),
            })
        })
    }

    fn reclaim(&self, silent: Vec<Beat>) -> Answer<'_, ()> {
        Box::pin(async move {
            for Beat { worker, beats } in &silent {
                let query = sqlx::query(sql::RECLAIM)
                    .bind(self.queue())
                    .bind(worker)
                    .bind(beats)
                    .bind(i64::from(SUSPECT_AFTER));
                self.link.execute(&self.other, query).await?;
            }
            Ok(())
        })
    }

    fn claim<'a>(&'a self, worker: &'a str, wanted: &'a Wanted) -> Answer<'a, Vec<Claimed>> {
        Box::pin(async move {
            let promote = sqlx::query(sql::PROMOTE)
                .bind(self.queue())
                .bind(millis(wanted.horizon))
                .bind(PROMOTE_AT_ONCE);
            self.link.execute(&self.claim, promote).await?;
            let held = wanted.held.iter().cloned();
            let (tenants, numbers): (Vec<_>, Vec<_>) = held
                .map(|(tenant, held)| (tenant, rows::number(held)))
                .unzip();
            let query = sqlx::query_as(sql::CLAIM)
                .bind(self.queue())
                .bind(worker)
                .bind(rows::number(wanted.at_most))
                .bind(rows::number(wanted.per_tenant))
                .bind(tenants)
                .bind(numbers)
                .bind(&wanted.after)
                .bind(rows::number(wanted.tenants()));
            let rows = self.link.fetch(&self.claim, query).await?;
            Ok(rows.into_iter().map(rows::claimed).collect())
        })
    }

    fn claim_alone<'a>(&'a self, worker: &'a str) -> Answer<'a, Option<Claimed>> {
        let query = sqlx::query_as(sql::CLAIM_ALONE)
            .bind(self.queue())
            .bind(worker);
        let rows = self.link.fetch(&self.claim, query);
        Box::pin(rows.map_ok(|rows| rows.into_iter().map(rows::claimed).next()))
    }

    fn finish<'a>(&'a self, worker: &'a str, finished: Vec<Finished>) -> Answer<'a, ()> {
        Box::pin(async move {
            let (done, failed) = rows::by_end(finished);
            if !done.is_empty() {
                let query = sqlx::query(sql::DONE).bind(done);
                self.link.execute(self.finish.either(), query).await?;
            }
            if !failed.is_empty() {
                let query = sqlx::query(sql::FAILED)
                    .bind(worker)
                    .bind(rows::finished(&failed));
                self.link.execute(self.finish.either(), query).await?;
            }
            Ok(())
        })
    }

    fn release<'a>(&'a self, worker: &'a str, except: Vec<String>) -> Answer<'a, ()> {
        let except: Vec<i64> = except.iter().map(|id| rows::id(id)).collect();
        let query = sqlx::query(sql::RELEASE)
            .bind(self.queue())
            .bind(worker)
            .bind(except);
        Box::pin(self.link.execute(&self.claim, query).map_ok(drop))
    }

    fn leave<'a>(&'a self, worker: &'a str) -> Answer<'a, ()> {
        let query = sqlx::query(sql::LEAVE).bind(self.queue()).bind(worker);
        Box::pin(self.link.execute(&self.other, query).map_ok(drop))
    }

    fn purge(&self) -> Answer<'_, bool> {
        Box::pin(async move {
            let query = sqlx::query(sql::PURGE)
                .bind(self.queue())
                .bind(self.limits.keep_millis())
                .bind(PURGE_AT_ONCE);
            let done = self.link.execute(&self.other, query).await?;
            Ok(i64::try_from(done.rows_affected()).unwrap_or(i64::MAX) >= PURGE_AT_ONCE)
        })
    }

    fn count(&self) -> Answer<'_, Counts> {
        Box::pin(async move {
            let now: Vec<(i64,)> = self
                .link
                .fetch(&self.other, sqlx::query_as(sql::NOW))
                .await?;
            let rows = sqlx::query_as(sql::COUNT).bind(self.queue());
            let rows: Vec<rows::StateRow> = self.link.fetch(&self.other, rows).await?;
            Ok(rows::counts(&rows, now.first().map_or(0, |now| now.0)))
        })
    }

    fn dead(&self, at_most: u32) -> Answer<'_, Vec<DeadRow>> {
        let query = sqlx::query_as(sql::DEAD)
            .bind(self.queue())
            .bind(i64::from(at_most));
        let rows = self.link.fetch(&self.other, query);
        Box::pin(rows.map_ok(|rows| rows.into_iter().map(rows::dead).collect()))
    }

    fn revive<'a>(&'a self, id: &'a str) -> Answer<'a, bool> {
        let query = sqlx::query(sql::REVIVE)
            .bind(self.queue())
            .bind(rows::id(id));
        let done = self.link.execute(&self.other, query);
        Box::pin(done.map_ok(|done| done.rows_affected() > 0))
    }

    fn forget<'a>(&'a self, id: &'a str) -> Answer<'a, ()> {
        let query = sqlx::query(sql::FORGET)
            .bind(self.queue())
            .bind(rows::id(id));
        Box::pin(self.link.execute(&self.other, query).map_ok(drop))
    }
}
