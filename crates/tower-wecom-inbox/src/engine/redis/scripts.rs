//! The scripts of Redis. Each is one step, which happens as a whole or not at all.
//!
//! At `maxmemory`, Redis refuses a script whose *first* writing command may need memory, and lets
//! the others through. So each script that takes work or ends it frees something first: a Redis
//! that is full is worked off, and has room then.
//!
//! | key | what |
//! |---|---|
//! | `e:KEY` | an entry: `b`ody, `t`enant, `a`rrived at, `n` attempts, `d`eferrals, `r`eclaims, `c`rashes, `w`hy it is dead |
//! | `k:KEY` | the key of what is done, until it expires |
//! | `ready`, `suspect`, `dead` | keys, by the time since when |
//! | `delayed` | keys, by the time when they are due |
//! | `holders` | the holder of each claimed key: `c` or, if it is run alone, `a`, and the worker |
//! | `workers` | how often each has beaten |
//!
//! ARGV[1] of each script is what the names begin with.

use redis::Script;
use std::sync::LazyLock;

/// Before each script: times are in milliseconds, by the server's clock.
const HEAD: &str = r"
local p = ARGV[1]
local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function number(text) return string.format('%.0f', text) end
local function field(id, name)
  local found = redis.pcall('HGET', p .. 'e:' .. id, name)
  if type(found) == 'table' then return false end
  return found
end
-- What another program has spoiled is made anew.
local function set(id, ...)
  local done = redis.pcall('HSET', p .. 'e:' .. id, ...)
  if type(done) == 'table' then
    redis.call('DEL', p .. 'e:' .. id)
    redis.call('HSET', p .. 'e:' .. id, ...)
  end
end
local function within(text, most, otherwise)
  local found = tonumber(text or nil)
  if found and found >= 0 and found <= most then return math.floor(found) end
  return otherwise
end
local function count(id, name) return within(field(id, name), 4294967295, 0) end
local function arrived(id) return within(field(id, 'a'), 1e14, now()) end
local function back(id, holder)
  redis.call('HDEL', p .. 'holders', id)
  local name = string.sub(holder, 1, 1) == 'a' and 'suspect' or 'ready'
  redis.call('ZADD', p .. name, number(arrived(id)), id)
end
local function claim(from, id, mark)
  redis.call('ZREM', p .. from, id)
  redis.call('HSET', p .. 'holders', id, mark .. ARGV[2])
  return {id, field(id, 'b') or '', count(id, 'n'), count(id, 'd'), count(id, 'c')}
end
local function done(id, keep)
  redis.call('HDEL', p .. 'holders', id)
  redis.call('DEL', p .. 'e:' .. id)
  for _, name in ipairs({'ready', 'delayed', 'suspect', 'dead'}) do
    redis.call('ZREM', p .. name, id)
  end
  redis.call('SET', p .. 'k:' .. id, '', 'PX', keep)
end
";

fn script(body: &str) -> Script {
    Script::new(&format!("{HEAD}{body}"))
}

/// ARGV: key, tenant and body of each.
pub(super) static PUSH: LazyLock<Script> = LazyLock::new(|| {
    script(
        r"
local time = number(now())
for i = 2, #ARGV, 3 do
  local id = ARGV[i]
  if redis.call('EXISTS', p .. 'e:' .. id, p .. 'k:' .. id) == 0 then
    redis.call('HSET', p .. 'e:' .. id, 't', ARGV[i + 1], 'b', ARGV[i + 2], 'a', time)
    redis.call('ZADD', p .. 'ready', time, id)
  end
end",
    )
});

/// Needs memory, as a push does.
pub(super) static CHECK: LazyLock<Script> =
    LazyLock::new(|| script("redis.call('SET', p .. 'check', number(now()))"));

/// ARGV: worker. Returns the number of suspects, and then the name and the beats of each other
/// worker. A worker that holds entries and is unknown has 0.
pub(super) static HEARTBEAT: LazyLock<Script> = LazyLock::new(|| {
    script(
        r"
local beats = tonumber(redis.call('HGET', p .. 'workers', ARGV[2])) or 0
redis.call('HDEL', p .. 'workers', ARGV[2])
redis.call('HSET', p .. 'workers', ARGV[2], number(beats + 1))
local known = redis.call('HGETALL', p .. 'workers')
local answer, seen = {redis.call('ZCARD', p .. 'suspect')}, {[ARGV[2]] = true}
for i = 1, #known, 2 do
  if not seen[known[i]] then
    seen[known[i]] = true
    table.insert(answer, known[i])
    table.insert(answer, known[i + 1])
  end
end
for _, holder in ipairs(redis.call('HVALS', p .. 'holders')) do
  local name = string.sub(holder, 2)
  if not seen[name] then
    seen[name] = true
    table.insert(answer, name)
    table.insert(answer, '0')
  end
end
return answer",
    )
});

/// ARGV: worker, its beats, after how many reclaims an entry is a suspect.
pub(super) static RECLAIM: LazyLock<Script> = LazyLock::new(|| {
    script(
        r"
local beats = redis.call('HGET', p .. 'workers', ARGV[2])
if beats and beats ~= ARGV[3] then return end
redis.call('HDEL', p .. 'workers', ARGV[2])
local held = redis.call('HGETALL', p .. 'holders')
for i = 1, #held, 2 do
  local id, holder = held[i], held[i + 1]
  if string.sub(holder, 2) == ARGV[2] then
    local name = 'c'
    if string.sub(holder, 1, 1) == 'c' then name = 'r' end
    local times = count(id, name) + 1
    if name == 'r' and times >= tonumber(ARGV[4]) then holder = 'a' end
    back(id, holder)
    set(id, name, times)
  end
end",
    )
});

/// ARGV: worker, at most, horizon.
pub(super) static CLAIM: LazyLock<Script> = LazyLock::new(|| {
    script(
        r"
local time, most, found = now(), tonumber(ARGV[3]), {}
local function add(from, list)
  for i = 1, #list, 2 do table.insert(found, {tonumber(list[i + 1]), list[i], from}) end
end
add('ready', redis.call('ZRANGE', p .. 'ready', 0, most - 1, 'WITHSCORES'))
add('delayed', redis.call('ZRANGEBYSCORE', p .. 'delayed', '-inf', number(time), 'WITHSCORES', 'LIMIT', 0, most))
add('delayed', redis.call('ZRANGEBYSCORE', p .. 'delayed', '(' .. number(time + ARGV[4]), '+inf', 'WITHSCORES', 'LIMIT', 0, most))
table.sort(found, function(a, b) return a[1] < b[1] end)
local claimed = {}
for i = 1, math.min(most, #found) do
  table.insert(claimed, claim(found[i][3], found[i][2], 'c'))
end
return claimed",
    )
});

/// ARGV: worker.
pub(super) static CLAIM_ALONE: LazyLock<Script> = LazyLock::new(|| {
    script(
        r"
local found = redis.call('ZRANGE', p .. 'suspect', 0, 0)
if not found[1] then return {} end
return {claim('suspect', found[1], 'a')}",
    )
});

/// ARGV: worker, for how long a key is kept, and then for each entry its id, its state, the pause,
/// the attempts if they change, and the reason.
pub(super) static FINISH: LazyLock<Script> = LazyLock::new(|| {
    script(
        r"
local time = now()
for i = 4, #ARGV, 5 do
  local id, state, pause, attempts, reason = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4]
  local holder = redis.call('HGET', p .. 'holders', id)
  if state == 'done' then
    done(id, ARGV[3])
  elseif holder and string.sub(holder, 2) == ARGV[2] then
    redis.call('HDEL', p .. 'holders', id)
    if attempts == '' then
      set(id, 'd', count(id, 'd') + 1)
    else
      set(id, 'n', attempts, 'w', reason)
    end
    redis.call('HDEL', p .. 'e:' .. id, 'r', 'c')
    redis.call('ZADD', p .. state, number(time + pause), id)
  end
end",
    )
});

/// ARGV: worker, ids that it keeps.
pub(super) static RELEASE: LazyLock<Script> = LazyLock::new(|| {
    script(
        r"
local keep = {}
for i = 3, #ARGV do keep[ARGV[i]] = true end
local held = redis.call('HGETALL', p .. 'holders')
for i = 1, #held, 2 do
  if string.sub(held[i + 1], 2) == ARGV[2] and not keep[held[i]] then back(held[i], held[i + 1]) end
end",
    )
});

/// ARGV: worker.
pub(super) static LEAVE: LazyLock<Script> =
    LazyLock::new(|| script("redis.call('HDEL', p .. 'workers', ARGV[2])"));

/// Numbers of ready, delayed, claimed, suspect and dead ones; the first that is ready, the first
/// and the last that is delayed, and the time.
pub(super) static COUNT: LazyLock<Script> = LazyLock::new(|| {
    script(
        r"
local function score(name, place)
  local found = redis.call('ZRANGE', p .. name, place, place, 'WITHSCORES')
  return math.floor(tonumber(found[2] or -1))
end
return {
  redis.call('ZCARD', p .. 'ready'), redis.call('ZCARD', p .. 'delayed'),
  redis.call('HLEN', p .. 'holders'), redis.call('ZCARD', p .. 'suspect'),
  redis.call('ZCARD', p .. 'dead'),
  score('ready', 0), score('delayed', 0), score('delayed', -1), now()
}",
    )
});

/// ARGV: how many are skipped, at most.
pub(super) static DEAD: LazyLock<Script> = LazyLock::new(|| {
    script(
        r"
local letters = {}
local found = redis.call('ZRANGE', p .. 'dead', ARGV[2], ARGV[2] + ARGV[3] - 1, 'WITHSCORES')
for i = 1, #found, 2 do
  local id = found[i]
  table.insert(letters, {
    id, field(id, 'b') or '', count(id, 'n'), field(id, 'w') or '', math.floor(tonumber(found[i + 1]))
  })
end
return letters",
    )
});

/// ARGV: id.
pub(super) static REVIVE: LazyLock<Script> = LazyLock::new(|| {
    script(
        r"
if redis.call('ZREM', p .. 'dead', ARGV[2]) == 0 then return 0 end
redis.call('HDEL', p .. 'e:' .. ARGV[2], 'n', 'd', 'r', 'c', 'w')
redis.call('ZADD', p .. 'ready', number(now()), ARGV[2])
return 1",
    )
});

/// ARGV: id, for how long its key is kept.
pub(super) static FORGET: LazyLock<Script> = LazyLock::new(|| {
    script("if redis.call('ZSCORE', p .. 'dead', ARGV[2]) then done(ARGV[2], ARGV[3]) end")
});
