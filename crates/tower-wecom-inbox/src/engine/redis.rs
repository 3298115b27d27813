//! A Redis server.

use std::sync::LazyLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use apalis_core::task::builder::TaskBuilder;
use apalis_redis::{Config, RedisStorage, queries};
use futures_util::future::BoxFuture;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, Script};

use super::limits::{HEARTBEATS, Limits, Queue};
use super::run::{Engine, Letters, Shift, run_worker};
use crate::entry::Push;
use crate::error::InboxError;

/// Lua cannot unpack 8,000 values or more.
const AT_ONCE: usize = 1_000;

/// Moves due entries to the list of the active ones. apalis's own script does that with all of them at once, and fails for
/// good where they are 8,000 or more.
static MAKE_READY: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local due = redis.call('ZRANGEBYSCORE', KEYS[1], 0, ARGV[1], 'LIMIT', 0, ARGV[2])
         if #due > 0 then
           redis.call('RPUSH', KEYS[2], unpack(due))
           redis.call('ZREM', KEYS[1], unpack(due))
         end
         return #due",
    )
});

/// Forgets entries that are done. Their keys have a time to live of their own.
static SWEEP: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local done = redis.call('SPOP', KEYS[1], ARGV[1])
         if #done > 0 then
           redis.call('HDEL', KEYS[2], unpack(done))
           for _, id in ipairs(done) do redis.call('DEL', KEYS[3] .. ':' .. id) end
         end
         return #done",
    )
});

pub(crate) struct RedisEngine {
    connection: ConnectionManager,
    limits: Limits,
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
        let engine = Self { connection, limits };
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

    fn config(&self, queue: Queue, batch: usize) -> Config {
        Config::default()
            .queue(self.limits.name(queue))
            .batch_size(batch.max(1))
            .heartbeat_interval(self.limits.heartbeat())
            .missed_heartbeats(usize::try_from(HEARTBEATS).unwrap_or(1))
            // A task that was taken is locked already.
            .lock_tasks(false)
            .emit_events(false)
            // Without it, apalis gives the keys a time to live of 0: none would be known again.
            .idempotency_ttl(Some(self.limits.keep.max(Duration::from_secs(1))))
    }
}

impl Engine for RedisEngine {
    fn push(&self, queue: Queue, pushes: Vec<Push>) -> BoxFuture<'_, Result<(), InboxError>> {
        let config = self.config(queue, 1);
        let mut connection = self.connection.clone();
        Box::pin(async move {
            let tasks: Vec<_> = pushes
                .into_iter()
                .map(|push| {
                    let task = TaskBuilder::new(push.body)
                        .idempotency_key(push.key)
                        .max_attempts(i32::MAX.try_into().unwrap_or(usize::MAX));
                    match push.run_at {
                        Some(seconds) => task.run_at_timestamp(seconds).build(),
                        None => task.build(),
                    }
                })
                .collect();
            // One script.
            queries::push_tasks(&mut connection, &config, &tasks)
                .await
                .map_err(InboxError::storage)?;
            Ok(())
        })
    }

    fn work(&self, shift: Shift) -> BoxFuture<'static, Result<(), InboxError>> {
        let config = self.config(Queue::Waiting, shift.concurrency);
        let storage: RedisStorage<Vec<u8>> =
            RedisStorage::new(self.connection.clone()).with_config(config);
        run_worker!(storage, shift)
    }

    fn heartbeat<'a>(&'a self, worker: &'a str) -> BoxFuture<'a, Result<(), InboxError>> {
        let mut connection = self.connection.clone();
        Box::pin(async move {
            redis::cmd("ZADD")
                .arg(self.config(Queue::Waiting, 1).workers_set())
                // Not one that was given up.
                .arg("XX")
                .arg(now())
                .arg(worker)
                .query_async::<()>(&mut connection)
                .await
                .map_err(InboxError::storage)
        })
    }

    fn tick(&self) -> BoxFuture<'_, Result<(), InboxError>> {
        let config = self.config(Queue::Waiting, 1);
        let mut connection = self.connection.clone();
        Box::pin(async move {
            loop {
                let moved: usize = MAKE_READY
                    .key(config.scheduled_jobs_set())
                    .key(config.active_jobs_list())
                    .arg(now())
                    .arg(AT_ONCE)
                    .invoke_async(&mut connection)
                    .await
                    .map_err(InboxError::storage)?;
                if moved < AT_ONCE {
                    return Ok(());
                }
            }
        })
    }

    fn sweep(&self) -> BoxFuture<'_, Result<bool, InboxError>> {
        let config = self.config(Queue::Waiting, 1);
        let mut connection = self.connection.clone();
        Box::pin(async move {
            let gone: i64 = SWEEP
                .key(config.done_jobs_set())
                .key(config.job_data_hash())
                .key(config.job_meta_hash())
                .arg(AT_ONCE)
                .invoke_async(&mut connection)
                .await
                .map_err(InboxError::storage)?;
            Ok(gone > 0)
        })
    }

    fn count(&self) -> BoxFuture<'_, Result<(u64, u64), InboxError>> {
        let (waiting, dead) = (self.config(Queue::Waiting, 1), self.config(Queue::Dead, 1));
        let mut connection = self.connection.clone();
        Box::pin(async move {
            let (all, done, dead): (u64, u64, u64) = redis::pipe()
                .cmd("HLEN")
                .arg(waiting.job_data_hash())
                .cmd("SCARD")
                .arg(waiting.done_jobs_set())
                .cmd("HLEN")
                .arg(dead.job_data_hash())
                .query_async(&mut connection)
                .await
                .map_err(InboxError::storage)?;
            Ok((all.saturating_sub(done), dead))
        })
    }

    fn dead(&self, at_most: u32) -> BoxFuture<'_, Result<Letters, InboxError>> {
        let key = self.config(Queue::Dead, 1).job_data_hash();
        let mut connection = self.connection.clone();
        Box::pin(async move {
            let (mut cursor, mut found) = (0_u64, Vec::new());
            let at_most = usize::try_from(at_most).unwrap_or(usize::MAX);
            loop {
                let (next, some): (u64, Vec<(String, Vec<u8>)>) = redis::cmd("HSCAN")
                    .arg(&key)
                    .arg(cursor)
                    .arg("COUNT")
                    .arg(100)
                    .query_async(&mut connection)
                    .await
                    .map_err(InboxError::storage)?;
                found.extend(some);
                cursor = next;
                if cursor == 0 || found.len() >= at_most {
                    // ULIDs, so the oldest first.
                    found.sort_by(|one, other| one.0.cmp(&other.0));
                    found.truncate(at_most);
                    return Ok(found);
                }
            }
        })
    }

    fn dead_one<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, InboxError>> {
        let mut connection = self.connection.clone();
        Box::pin(async move {
            redis::cmd("HGET")
                .arg(self.config(Queue::Dead, 1).job_data_hash())
                .arg(id)
                .query_async(&mut connection)
                .await
                .map_err(InboxError::storage)
        })
    }

    fn bury<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<(), InboxError>> {
        let config = self.config(Queue::Dead, 1);
        let mut connection = self.connection.clone();
        Box::pin(async move {
            redis::pipe()
                .atomic()
                .cmd("HDEL")
                .arg(config.job_data_hash())
                .arg(id)
                .cmd("ZREM")
                .arg(config.scheduled_jobs_set())
                .arg(id)
                .cmd("DEL")
                .arg(format!("{}:{id}", config.job_meta_hash()))
                .query_async::<()>(&mut connection)
                .await
                .map_err(InboxError::storage)
        })
    }
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
