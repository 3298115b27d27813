//! A Redis server.

use std::collections::BTreeMap;
use std::time::Duration;

use apalis_core::task::builder::TaskBuilder;
use apalis_core::worker::context::WorkerContext;
use apalis_redis::{Config, queries};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, Script, ScriptInvocation};

use super::face::{Answer, Counts, Engine, Fate, Finished, Letters, Taken};
use super::limits::Limits;
use super::redis_memory::Memory;
use super::redis_scripts::{FINISH, FORGET, GIVE_BACK, HEARTBEAT, REVIVE, TAKE, TAKE_OVER};
use crate::clock;
use crate::entry::Push;
use crate::error::InboxError;

/// So that no script keeps others waiting for long.
const AT_ONCE: usize = 1_000;
/// How long a key stands when its entry is never done. Once that is done it stands for as long as it is kept.
const BACKLOG: Duration = Duration::from_secs(30 * 24 * 60 * 60);

pub(crate) struct RedisEngine {
    connection: ConnectionManager,
    config: Config,
    limits: Limits,
    memory: Memory,
}

impl RedisEngine {
    pub(crate) async fn open(url: &str, limits: Limits) -> Result<Self, InboxError> {
        let client = Client::open(url).map_err(InboxError::storage)?;
        let config = ConnectionManagerConfig::new()
            .set_response_timeout(Some(limits.patience))
            .set_connection_timeout(Some(Duration::from_secs(1)))
            .set_max_delay(Duration::from_millis(500));
        let connection = client
            .get_connection_manager_with_config(config)
            .await
            .map_err(InboxError::storage)?;
        let config = Config::default()
            .queue(&limits.queue)
            .emit_events(false)
            .idempotency_ttl(Some(limits.keep.max(BACKLOG)));
        let memory = Memory::watch(connection.clone(), limits.memory).await;
        let engine = Self {
            connection,
            config,
            limits,
            memory,
        };
        engine.warn().await;
        Ok(engine)
    }

    /// What only the server's administrator can change, where the server tells it at all.
    async fn warn(&self) {
        for (name, wanted, otherwise) in [
            (
                "appendonly",
                "yes",
                "a restart of Redis loses what was acknowledged",
            ),
            (
                "appendfsync",
                "always",
                "a power cut loses up to a second or two of what was acknowledged",
            ),
            (
                "maxmemory-policy",
                "noeviction",
                "Redis may evict what was acknowledged",
            ),
        ] {
            let mut connection = self.connection.clone();
            let found: Result<Vec<String>, _> = redis::cmd("CONFIG")
                .arg("GET")
                .arg(name)
                .query_async(&mut connection)
                .await;
            let found = found.ok().and_then(|pair| pair.into_iter().nth(1));
            if found.is_some_and(|found| found != wanted) {
                tracing::warn!("Redis does not run with {name} {wanted}: {otherwise}");
            }
        }
    }

    fn held_by(&self, worker: &str) -> String {
        self.config.inflight_set_for(&WorkerContext::new(worker))
    }

    fn keep(&self) -> u64 {
        self.limits.keep.as_secs().max(1)
    }

    async fn run<T: redis::FromRedisValue>(
        &self,
        script: ScriptInvocation<'_>,
    ) -> Result<T, InboxError> {
        let mut connection = self.connection.clone();
        let answer = script.invoke_async(&mut connection).await;
        answer.map_err(InboxError::storage)
    }
}

/// A script with its keys.
fn with_keys<'a>(script: &'a Script, keys: &[String]) -> ScriptInvocation<'a> {
    let mut invocation = script.prepare_invoke();
    for key in keys {
        invocation.key(key);
    }
    invocation
}

impl Engine for RedisEngine {
    fn push(&self, pushes: Vec<Push>) -> Answer<'_, ()> {
        let mut connection = self.connection.clone();
        Box::pin(async move {
            if self.memory.is_full() {
                return Err(InboxError::full());
            }
            let build = |push: Push| {
                TaskBuilder::new(push.body)
                    .idempotency_key(push.key)
                    .max_attempts(i32::MAX.try_into().unwrap_or(usize::MAX))
                    .build()
            };
            let tasks: Vec<_> = pushes.into_iter().map(build).collect();
            // One script.
            queries::push_tasks(&mut connection, &self.config, &tasks)
                .await
                .map_err(InboxError::storage)?;
            Ok(())
        })
    }

    fn heartbeat<'a>(&'a self, worker: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            let mut script = with_keys(&HEARTBEAT, &[self.config.workers_set()]);
            script.arg(worker);
            self.run(script).await
        })
    }

    fn take_over(&self) -> Answer<'_, ()> {
        Box::pin(async move {
            let keys = [
                self.config.workers_set(),
                self.config.inflight_jobs_set(),
                self.config.job_meta_hash(),
                self.config.scheduled_jobs_set(),
            ];
            let mut script = with_keys(&TAKE_OVER, &keys);
            script
                .arg(clock::now())
                .arg(self.limits.take_over.as_secs());
            self.run(script).await
        })
    }

    fn take<'a>(&'a self, worker: &'a str, at_most: usize) -> Answer<'a, Vec<Taken>> {
        Box::pin(async move {
            let keys = [
                self.config.active_jobs_list(),
                self.config.scheduled_jobs_set(),
                self.held_by(worker),
                self.config.job_data_hash(),
                self.config.job_meta_hash(),
                self.config.workers_set(),
            ];
            let mut script = with_keys(&TAKE, &keys);
            script.arg(clock::now()).arg(at_most.min(AT_ONCE));
            script.arg(worker);
            let taken: Vec<(String, Vec<u8>, u32)> = self.run(script).await?;
            let taken = taken.into_iter().map(|(id, body, taken_back)| Taken {
                id,
                body,
                taken_back,
            });
            Ok(taken.collect())
        })
    }

    fn finish<'a>(&'a self, worker: &'a str, finished: Vec<Finished>) -> Answer<'a, ()> {
        Box::pin(async move {
            let keys = [
                self.held_by(worker),
                self.config.job_data_hash(),
                self.config.job_meta_hash(),
                self.config.scheduled_jobs_set(),
                self.config.dead_jobs_set(),
                self.config.idempotency_key_set(),
            ];
            let mut script = with_keys(&FINISH, &keys);
            script.arg(self.keep());
            for Finished { id, fate } in finished {
                let (name, at, body) = match fate {
                    Fate::Done => ("done", 0, Vec::new()),
                    Fate::Again { run_at, body } => ("again", run_at, body),
                    Fate::Later { run_at } => ("later", run_at, Vec::new()),
                    Fate::Dead { body } => ("dead", 0, body),
                };
                script.arg(id).arg(name).arg(at).arg(body);
            }
            self.run(script).await
        })
    }

    fn give_back<'a>(&'a self, worker: &'a str, but: Vec<String>) -> Answer<'a, ()> {
        Box::pin(async move {
            let keys = [self.held_by(worker), self.config.scheduled_jobs_set()];
            let mut script = with_keys(&GIVE_BACK, &keys);
            script.arg(clock::now());
            for id in but {
                script.arg(id);
            }
            self.run(script).await
        })
    }

    fn leave<'a>(&'a self, worker: &'a str) -> Answer<'a, ()> {
        let mut connection = self.connection.clone();
        Box::pin(async move {
            let mut leave = redis::cmd("ZREM");
            leave.arg(self.config.workers_set()).arg(worker);
            let left = leave.query_async(&mut connection).await;
            left.map_err(InboxError::storage)
        })
    }

    /// What is done is gone at once, and its key expires by itself.
    fn sweep(&self) -> Answer<'_, bool> {
        Box::pin(async { Ok(false) })
    }

    fn count(&self) -> Answer<'_, Counts> {
        let mut connection = self.connection.clone();
        Box::pin(async move {
            let (all, done, dead, first): (u64, u64, u64, Vec<(String, u64)>) = redis::pipe()
                .cmd("HLEN")
                .arg(self.config.job_data_hash())
                // apalis's own workers leave there what they have done.
                .cmd("SCARD")
                .arg(self.config.done_jobs_set())
                .cmd("SCARD")
                .arg(self.config.dead_jobs_set())
                .cmd("ZRANGE")
                .arg(self.config.scheduled_jobs_set())
                .arg(0)
                .arg(0)
                .arg("WITHSCORES")
                .query_async(&mut connection)
                .await
                .map_err(InboxError::storage)?;
            let due = first.into_iter().map(|(_, due)| due).next();
            Ok(Counts {
                waiting: all.saturating_sub(done).saturating_sub(dead),
                dead,
                due_since: due.filter(|due| *due <= clock::now()).and_then(clock::at),
            })
        })
    }

    /// The set is apalis's: what its own workers have given up stands there as well.
    fn dead(&self, at_most: u32) -> Answer<'_, Letters> {
        let mut connection = self.connection.clone();
        Box::pin(async move {
            // SSCAN may show one of them twice. The ids are ULIDs, so the oldest come first.
            let (mut cursor, mut found) = (0_u64, BTreeMap::new());
            let at_most = usize::try_from(at_most).unwrap_or(usize::MAX);
            while found.len() < at_most {
                let (next, ids): (u64, Vec<String>) = redis::cmd("SSCAN")
                    .arg(self.config.dead_jobs_set())
                    .arg(cursor)
                    .arg("COUNT")
                    .arg(100)
                    .query_async(&mut connection)
                    .await
                    .map_err(InboxError::storage)?;
                for id in ids {
                    if let Some(body) = self.dead_one(&id).await? {
                        found.insert(id, body);
                    }
                }
                cursor = next;
                if cursor == 0 {
                    break;
                }
            }
            Ok(found.into_iter().take(at_most).collect())
        })
    }

    fn dead_one<'a>(&'a self, id: &'a str) -> Answer<'a, Option<Vec<u8>>> {
        let mut connection = self.connection.clone();
        Box::pin(async move {
            let (is_dead, body): (bool, Option<Vec<u8>>) = redis::pipe()
                .atomic()
                .cmd("SISMEMBER")
                .arg(self.config.dead_jobs_set())
                .arg(id)
                .cmd("HGET")
                .arg(self.config.job_data_hash())
                .arg(id)
                .query_async(&mut connection)
                .await
                .map_err(InboxError::storage)?;
            Ok(body.filter(|_| is_dead))
        })
    }

    fn revive<'a>(&'a self, id: &'a str, body: Vec<u8>) -> Answer<'a, bool> {
        Box::pin(async move {
            let keys = [
                self.config.dead_jobs_set(),
                self.config.job_data_hash(),
                self.config.job_meta_hash(),
                self.config.scheduled_jobs_set(),
            ];
            let mut script = with_keys(&REVIVE, &keys);
            script.arg(id).arg(body).arg(clock::now());
            self.run(script).await
        })
    }

    fn forget<'a>(&'a self, id: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            let keys = [
                self.config.dead_jobs_set(),
                self.config.job_data_hash(),
                self.config.job_meta_hash(),
                self.config.idempotency_key_set(),
            ];
            let mut script = with_keys(&FORGET, &keys);
            script.arg(id).arg(self.keep());
            self.run(script).await
        })
    }
}
