//! What is said to Redis. Each script is one step that happens as a whole or not at all.
//!
//! At `maxmemory`, Redis refuses a script whose *first* writing command may need memory, and lets the others through. So
//! each script that takes work or ends it frees something first, if only a name that is written again: a Redis that is full is worked
//! off, and has room then.

use std::sync::LazyLock;

use redis::Script;

/// By the server's clock: the workers' own may differ, and then one who lives looks silent to another.
///
/// KEYS: workers. ARGV: worker.
pub(super) static HEARTBEAT: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local now = redis.call('TIME')[1]
         redis.call('ZREM', KEYS[1], ARGV[1])
         redis.call('ZADD', KEYS[1], now, ARGV[1])",
    )
});

/// KEYS: workers, sets of who holds what, meta, due. ARGV: now, how long a worker may be silent.
pub(super) static TAKE_OVER: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local silent = tonumber(redis.call('TIME')[1]) - tonumber(ARGV[2])
         for _, worker in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], 0, silent)) do
           local held = KEYS[2] .. ':' .. worker
           local ids = redis.call('SMEMBERS', held)
           redis.call('ZREM', KEYS[1], worker)
           redis.call('DEL', held)
           for _, id in ipairs(ids) do
             redis.call('ZADD', KEYS[4], ARGV[1], id)
             if redis.call('EXISTS', KEYS[3] .. ':' .. id) == 1 then
               redis.call('HINCRBY', KEYS[3] .. ':' .. id, 'attempts', 1)
             end
           end
         end",
    )
});

/// Entries that apalis's own tools have put into its list, and what is due. To a worker that is known alone: what another one holds
/// is taken over by nobody when it dies.
///
/// KEYS: list, due, held by this worker, bodies, meta, workers. ARGV: now, at most, worker.
pub(super) static TAKE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if not redis.call('ZSCORE', KEYS[6], ARGV[3]) then
           return redis.error_reply('UNKNOWN this worker is not known any more')
         end
         local most = tonumber(ARGV[2])
         local ids = redis.call('LRANGE', KEYS[1], 0, most - 1)
         if #ids > 0 then redis.call('LTRIM', KEYS[1], #ids, -1) end
         if #ids < most then
           local due = redis.call('ZRANGEBYSCORE', KEYS[2], 0, ARGV[1], 'LIMIT', 0, most - #ids)
           if #due > 0 then redis.call('ZREM', KEYS[2], unpack(due)) end
           for _, id in ipairs(due) do table.insert(ids, id) end
         end
         local taken = {}
         for _, id in ipairs(ids) do
           local body = redis.call('HGET', KEYS[4], id)
           if body then
             redis.call('SADD', KEYS[3], id)
             local back = redis.call('HGET', KEYS[5] .. ':' .. id, 'attempts')
             table.insert(taken, {id, body, back or '0'})
           end
         end
         return taken",
    )
});

/// KEYS: held by this worker, bodies, meta, due, dead, keys. ARGV: for how long a key is kept, and then for each entry its id, what
/// became of it, when it is due, its body.
pub(super) static FINISH: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "for i = 2, #ARGV, 4 do
           local id, fate, at, body = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
           local meta = KEYS[3] .. ':' .. id
           local held = redis.call('SREM', KEYS[1], id)
           if fate == 'done' then
             local key = redis.call('HGET', meta, 'idempotency_key')
             redis.call('HDEL', KEYS[2], id)
             redis.call('DEL', meta)
             redis.call('ZREM', KEYS[4], id)
             redis.call('SREM', KEYS[5], id)
             if key then redis.call('EXPIRE', KEYS[6] .. ':' .. key, ARGV[1]) end
           elseif held == 1 and redis.call('HEXISTS', KEYS[2], id) == 1 then
             if fate == 'later' then
               redis.call('HINCRBY', meta, 'attempts', 1)
             else
               redis.call('HSET', KEYS[2], id, body)
               redis.call('HSET', meta, 'attempts', 0)
             end
             if fate == 'dead' then
               redis.call('SADD', KEYS[5], id)
             else
               redis.call('ZADD', KEYS[4], at, id)
             end
           end
         end",
    )
});

/// KEYS: held by this worker, due. ARGV: now, the ids that it keeps.
pub(super) static GIVE_BACK: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local keep = {}
         for i = 2, #ARGV do keep[ARGV[i]] = true end
         for _, id in ipairs(redis.call('SMEMBERS', KEYS[1])) do
           if not keep[id] then
             redis.call('SREM', KEYS[1], id)
             redis.call('ZADD', KEYS[2], ARGV[1], id)
           end
         end",
    )
});

/// KEYS: dead, bodies, meta, due. ARGV: id, body, now.
pub(super) static REVIVE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if redis.call('SREM', KEYS[1], ARGV[1]) == 0 then return 0 end
         redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
         redis.call('HSET', KEYS[3] .. ':' .. ARGV[1], 'attempts', 0)
         redis.call('ZADD', KEYS[4], ARGV[3], ARGV[1])
         return 1",
    )
});

/// KEYS: dead, bodies, meta, keys. ARGV: id, for how long its key is kept.
pub(super) static FORGET: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if redis.call('SREM', KEYS[1], ARGV[1]) == 0 then return end
         local meta = KEYS[3] .. ':' .. ARGV[1]
         local key = redis.call('HGET', meta, 'idempotency_key')
         redis.call('HDEL', KEYS[2], ARGV[1])
         redis.call('DEL', meta)
         if key then redis.call('EXPIRE', KEYS[4] .. ':' .. key, ARGV[2]) end",
    )
});
