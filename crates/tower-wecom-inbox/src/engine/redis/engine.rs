use std::error::Error;

use redis::{ErrorKind, IntoConnectionInfo, RedisError, Script, ScriptInvocation, ServerErrorKind};

use super::advice;
use super::link::Link;
use super::scripts::{
    CHECK, CLAIM, CLAIM_ALONE, COUNT, DEAD, FINISH, FORGET, HEARTBEAT, LEAVE, PUSH, RECLAIM,
    RELEASE, REVIVE,
};
use crate::clock;
use crate::engine::backend::{
    Answer, Backend, Beat, Claimed, Counts, DeadRow, Disposition, Finished, Pulse, Push, Room,
    SUSPECT_AFTER, Wanted,
};
use crate::engine::limits::{Limits, millis, opened};
use crate::error::InboxError;

/// So that no script keeps others waiting for long.
const AT_ONCE: usize = 1_000;

pub(crate) struct RedisEngine {
    link: Link,
    limits: Limits,
    prefix: String,
}

impl RedisEngine {
    pub(crate) async fn open(url: &str, limits: Limits) -> Result<Self, InboxError> {
        let link = Link::new(url, limits.sentinels.clone(), limits.patience);
        let engine = Self {
            link: link.map_err(InboxError::storage)?,
            prefix: format!("wecom-inbox:{{{}}}:", limits.queue),
            limits,
        };
        let info = url.into_connection_info().map_err(InboxError::storage)?;
        opened(|| Box::pin(engine.look()), is_starting)
            .await
            .map_err(|error| error.at(format!("Redis at {}", info.addr())))?;
        Ok(engine)
    }

    async fn look(&self) -> Result<(), InboxError> {
        let mut connection = self.link.connection().await?;
        advice::refuse_cluster(&mut connection).await?;
        let mut probe = self.script(&LEAVE);
        let probed: Result<(), RedisError> = probe.arg("").invoke_async(&mut connection).await;
        if let Err(error) = probed {
            if error.kind() == ErrorKind::Server(ServerErrorKind::NoPerm) {
                return Err(InboxError::setup(
                    "the user may not run scripts or reach the inbox's keys: it needs the commands EVALSHA and SCRIPT LOAD, \
                     those for strings, hashes and sorted sets, TIME, and the keys wecom-inbox:*",
                ));
            }
            return Err(InboxError::storage(error));
        }
        advice::warn(&mut connection).await;
        Ok(())
    }

    fn script<'a>(&self, script: &'a Script) -> ScriptInvocation<'a> {
        let mut invocation = script.prepare_invoke();
        invocation.arg(&self.prefix);
        invocation
    }

    /// Redis knows no expiry of 0.
    fn keep(&self) -> i64 {
        self.limits.keep_millis().max(1)
    }
}

/// Whether the server is not there yet, or still reads its data.
fn is_starting(error: &InboxError) -> bool {
    let error = error.source().and_then(|error| error.downcast_ref());
    error.is_some_and(|error: &RedisError| {
        error.is_connection_refusal()
            || error.kind() == ErrorKind::Server(ServerErrorKind::BusyLoading)
    })
}

/// id, what is stored, counts.
type ClaimedRow = (String, Vec<u8>, String);

/// The id is the handler's key.
fn claimed((id, value, counts): ClaimedRow) -> Claimed {
    let (tenant, body) = split(value);
    let [attempts, deferrals, _, crashes] = numbers(&counts);
    Claimed {
        key: id.clone(),
        id,
        tenant,
        body,
        attempts,
        deferrals,
        crashes,
    }
}

/// id, what is stored, counts, reason, since when.
type DeadTuple = (String, Vec<u8>, String, Vec<u8>, i64);

fn dead((id, value, counts, reason, died_at): DeadTuple) -> DeadRow {
    let [attempts, ..] = numbers(&counts);
    DeadRow {
        id,
        body: split(value).1,
        attempts,
        reason: String::from_utf8_lossy(&reason).into_owned(),
        died_at,
    }
}

/// The tenant and the body. What another program has spoiled is a body that nobody can read.
fn split(mut value: Vec<u8>) -> (String, Vec<u8>) {
    let Some((tenant, body)) = places(&value) else {
        return (String::new(), value);
    };
    let name = value.get(tenant..body).unwrap_or_default();
    let tenant = String::from_utf8_lossy(name).into_owned();
    value.drain(..body);
    (tenant, value)
}

/// Where the tenant and the body begin.
fn places(value: &[u8]) -> Option<(usize, usize)> {
    let mut spaces = value.iter().enumerate().filter(|(_, byte)| **byte == b' ');
    let ((first, _), (second, _)) = (spaces.next()?, spaces.next()?);
    let length: usize = std::str::from_utf8(value.get(..first)?)
        .ok()?
        .parse()
        .ok()?;
    let tenant = second.checked_add(1)?;
    let body = tenant.checked_add(length)?;
    (body <= value.len()).then_some((tenant, body))
}

/// attempts, deferrals, reclaims, crashes. What is not a number is 0.
fn numbers(counts: &str) -> [u32; 4] {
    let mut counts = counts.split(' ').map(|count| count.parse().unwrap_or(0));
    std::array::from_fn(|_| counts.next().unwrap_or(0))
}

impl Backend for RedisEngine {
    fn steps_at_once(&self) -> usize {
        2
    }

    fn push(&self, pushes: Vec<Push>) -> Answer<'_, ()> {
        Box::pin(async move {
            let mut script = self.script(&PUSH);
            for push in &pushes {
                script.arg(&push.key).arg(i32::from(push.nonce.is_none()));
                let nonce = push.nonce.as_deref().unwrap_or_default();
                script.arg(nonce).arg(&push.tenant).arg(&push.body);
            }
            self.link.run(&script).await
        })
    }

    fn room(&self) -> Answer<'_, Room> {
        Box::pin(async move {
            let info = self.link.info().await?;
            let percent = self.limits.memory;
            // A server that does not show its memory has no limit here.
            if percent < 100 && advice::is_over(&info, percent) == Some(true) {
                return Ok(Room::Full("Redis is nearly full"));
            }
            Ok(Room::Enough)
        })
    }

    fn check(&self) -> Answer<'_, ()> {
        Box::pin(async move { self.link.run(&self.script(&CHECK)).await })
    }

    fn heartbeat<'a>(&'a self, worker: &'a str) -> Answer<'a, Pulse> {
        Box::pin(async move {
            let mut script = self.script(&HEARTBEAT);
            let answer: Vec<String> = self.link.run(script.arg(worker)).await?;
            let mut answer = answer.into_iter();
            let suspects = answer.next();
            let mut others = Vec::new();
            while let (Some(worker), Some(beats)) = (answer.next(), answer.next()) {
                let beats = beats.parse().unwrap_or_default();
                others.push(Beat { worker, beats });
            }
            Ok(Pulse {
                others,
                has_suspects: suspects.is_some_and(|suspects| suspects != "0"),
            })
        })
    }

    fn reclaim(&self, silent: Vec<Beat>) -> Answer<'_, ()> {
        Box::pin(async move {
            for Beat { worker, beats } in &silent {
                let mut script = self.script(&RECLAIM);
                script.arg(worker).arg(beats).arg(SUSPECT_AFTER);
                self.link.run::<()>(&script).await?;
            }
            Ok(())
        })
    }

    fn claim<'a>(&'a self, worker: &'a str, wanted: &'a Wanted) -> Answer<'a, Vec<Claimed>> {
        Box::pin(async move {
            let mut script = self.script(&CLAIM);
            script.arg(worker).arg(wanted.at_most.min(AT_ONCE));
            script.arg(millis(wanted.horizon)).arg(wanted.per_tenant);
            script.arg(&wanted.after).arg(wanted.tenants());
            for (tenant, held) in &wanted.held {
                script.arg(tenant).arg(held);
            }
            let rows: Vec<ClaimedRow> = self.link.run(&script).await?;
            Ok(rows.into_iter().map(claimed).collect())
        })
    }

    fn claim_alone<'a>(&'a self, worker: &'a str) -> Answer<'a, Option<Claimed>> {
        Box::pin(async move {
            let mut script = self.script(&CLAIM_ALONE);
            let rows: Vec<ClaimedRow> = self.link.run(script.arg(worker)).await?;
            Ok(rows.into_iter().map(claimed).next())
        })
    }

    fn finish<'a>(&'a self, worker: &'a str, finished: Vec<Finished>) -> Answer<'a, ()> {
        Box::pin(async move {
            let mut script = self.script(&FINISH);
            script.arg(worker).arg(self.keep());
            for Finished { id, disposition } in finished {
                let (state, pause, attempts, reason) = match disposition {
                    Disposition::Done => ("done", 0, None, String::new()),
                    Disposition::Retry { attempts, pause } => {
                        ("delayed", millis(pause), Some(attempts), String::new())
                    }
                    Disposition::Defer { pause } => ("delayed", millis(pause), None, String::new()),
                    Disposition::Dead { attempts, reason } => ("dead", 0, Some(attempts), reason),
                };
                let attempts = attempts.map_or_else(String::new, |attempts| attempts.to_string());
                script
                    .arg(id)
                    .arg(state)
                    .arg(pause)
                    .arg(attempts)
                    .arg(reason);
            }
            self.link.run(&script).await
        })
    }

    fn release<'a>(&'a self, worker: &'a str, except: Vec<String>) -> Answer<'a, ()> {
        Box::pin(async move {
            let mut script = self.script(&RELEASE);
            script.arg(worker);
            for id in except {
                script.arg(id);
            }
            self.link.run(&script).await
        })
    }

    fn leave<'a>(&'a self, worker: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            let mut script = self.script(&LEAVE);
            self.link.run(script.arg(worker)).await
        })
    }

    /// What is done is gone at once, and its key expires by itself.
    fn purge(&self) -> Answer<'_, bool> {
        Box::pin(async { Ok(false) })
    }

    fn count(&self) -> Answer<'_, Counts> {
        Box::pin(async move {
            let found: [i64; 9] = self.link.run(&self.script(&COUNT)).await?;
            let [
                ready,
                delayed,
                claimed,
                suspect,
                dead,
                first,
                due,
                last,
                now,
            ] = found;
            let number = |count| u64::try_from(count).unwrap_or_default();
            let first = Some(first.min(now)).filter(|first| *first >= 0);
            let due = Some(due).filter(|due| (0..=now).contains(due));
            Ok(Counts {
                waiting: [ready, delayed, claimed, suspect].map(number).iter().sum(),
                delayed: number(delayed),
                claimed: number(claimed),
                suspect: number(suspect),
                dead: number(dead),
                due_since: first.into_iter().chain(due).min().and_then(clock::at),
                last_due: clock::at(last),
            })
        })
    }

    fn dead(&self, at_most: u32) -> Answer<'_, Vec<DeadRow>> {
        Box::pin(async move {
            let at_most = usize::try_from(at_most).unwrap_or(usize::MAX);
            let mut letters = Vec::new();
            while letters.len() < at_most {
                let part = at_most.saturating_sub(letters.len()).min(AT_ONCE);
                let mut script = self.script(&DEAD);
                script.arg(letters.len()).arg(part);
                let rows: Vec<DeadTuple> = self.link.run(&script).await?;
                let is_last = rows.len() < part;
                letters.extend(rows.into_iter().map(dead));
                if is_last {
                    break;
                }
            }
            Ok(letters)
        })
    }

    fn revive<'a>(&'a self, id: &'a str) -> Answer<'a, bool> {
        Box::pin(async move {
            let mut script = self.script(&REVIVE);
            self.link.run(script.arg(id)).await
        })
    }

    fn forget<'a>(&'a self, id: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            let mut script = self.script(&FORGET);
            self.link.run(script.arg(id).arg(self.keep())).await
        })
    }
}
