//! The scripts of Redis. Each is one step, which happens as a whole or not at all.
//!
//! At `maxmemory`, Redis refuses a script whose *first* writing command may need memory, and lets
//! the others through. So each script that takes work or ends it frees something first: a Redis
//! that is full is worked off, and has room then.
//!
//! | key | what |
//! |---|---|
//! | `e:ID` | an entry: `b`ody, `t`enant, `a`rrived at, `n` attempts, `d`eferrals, `r`eclaims, `c`rashes, `w`hy it is dead; `u` if its key is not kept: the key that it blocks, or nothing |
//! | `k:KEY` | the key of what is done, until it expires |
//! | `u:KEY` | a key that is blocked until the entry with it is done |
//! | `r:TENANT` | ids that are ready, by the time since when |
//! | `tenants` | the tenants that have ready ones |
//! | `suspect`, `dead` | ids, by the time since when |
//! | `delayed` | ids, by the time when they are due |
//! | `holders` | the holder of each claimed id: `c` or, if it is run alone, `a`, and the worker |
//! | `workers` | how often each has beaten |
//!
//! The id of an entry is its key and its nonce. ARGV[1] of each script is what the names begin with.

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
-- What cannot be read is not there.
local function fields(id, ...)
  local found = redis.pcall('HMGET', p .. 'e:' .. id, ...)
  if found.err then return {} end
  return found
end
local function field(id, name) return fields(id, name)[1] end
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
local function number_of(text) return within(text, 4294967295, 0) end
local function count(id, name) return number_of(field(id, name)) end
local function arrived(id) return within(field(id, 'a'), 1e14, now()) end
local function ready(id, time)
  local tenant = field(id, 't') or ''
  redis.call('ZADD', p .. 'r:' .. tenant, number(time), id)
  redis.call('ZADD', p .. 'tenants', 0, tenant)
end
local function tidy(tenant)
  if redis.call('EXISTS', p .. 'r:' .. tenant) == 0 then redis.call('ZREM', p .. 'tenants', tenant) end
end
local function back(id, holder)
  redis.call('HDEL', p .. 'holders', id)
  if string.sub(holder, 1, 1) == 'a' then
    redis.call('ZADD', p .. 'suspect', number(arrived(id)), id)
  else
    ready(id, arrived(id))
  end
end
local function claim(from, id, mark)
  redis.call('ZREM', p .. from, id)
  redis.call('HSET', p .. 'holders', id, mark .. ARGV[2])
  local found = fields(id, 't', 'b', 'n', 'd', 'c')
  return {id, found[1] or '', found[2] or '', number_of(found[3]), number_of(found[4]), number_of(found[5])}
end
-- A late report must not end the next entry of the same key: that has another id.
local function done(id, keep)
  local is_held = redis.call('HDEL', p .. 'holders', id) == 1
  local found = fields(id, 't', 'u')
  if redis.call('DEL', p .. 'e:' .. id) == 0 then return end
  local tenant, blocks = found[1] or '', found[2]
  if not is_held then
    for _, name in ipairs({'r:' .. tenant, 'delayed', 'suspect', 'dead'}) do
      redis.call('ZREM', p .. name, id)
    end
    tidy(tenant)
  end
  if blocks then
    redis.call('DEL', p .. 'u:' .. blocks)
  else
    redis.call('SET', p .. 'k:' .. id, '', 'PX', keep)
  end
end
";

fn script(body: &str) -> Script {
    Script::new(&format!("{HEAD}{body}"))
}

/// ARGV: key, whether it is kept, nonce, tenant and body of each.
pub(super) static PUSH: LazyLock<Script> = LazyLock::new(|| {
    script(
        r"
local time = number(now())
for i = 2, #ARGV, 5 do
  local key, nonce = ARGV[i], ARGV[i + 2]
  local id, e = key .. nonce, p .. 'e:' .. key .. nonce
  local is_new
  if nonce ~= '' then
    is_new = redis.call('SET', p .. 'u:' .. key, '', 'NX')
  else
    is_new = redis.call('EXISTS', e, p .. 'k:' .. id) == 0
  end
  if is_new then
    redis.call('HSET', e, 't', ARGV[i + 3], 'b', ARGV[i + 4], 'a', time)
    if ARGV[i + 1] == '0' then redis.call('HSET', e, 'u', nonce ~= '' and key or '') end
    redis.call('ZADD', p .. 'r:' .. ARGV[i + 3], time, id)
    redis.call('ZADD', p .. 'tenants', 0, ARGV[i + 3])
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

/// ARGV: worker, at most, horizon, how many a tenant may hold, the tenant that had the last turn,
/// how many tenants are looked at, and then tenants and how many each of them holds. Those that
/// hold the least come first, and then those whose turn it is.
pub(super) static CLAIM: LazyLock<Script> = LazyLock::new(|| {
    script(
        r"
local time, most, limit, after = now(), tonumber(ARGV[3]), tonumber(ARGV[5]), ARGV[6]
local function promote(from, to)
  local due = redis.call('ZRANGEBYSCORE', p .. 'delayed', from, to, 'WITHSCORES', 'LIMIT', 0, 1000)
  for i = 1, #due, 2 do
    redis.call('ZREM', p .. 'delayed', due[i])
    ready(due[i], due[i + 1])
  end
end
promote('-inf', number(time))
promote('(' .. number(time + ARGV[4]), '+inf')
local held, found, turn = {}, {}, 0
for i = 8, #ARGV, 2 do held[ARGV[i]] = tonumber(ARGV[i + 1]) end
local function look(from, to)
  for _, tenant in ipairs(redis.call('ZRANGEBYLEX', p .. 'tenants', from, to, 'LIMIT', 0, ARGV[7])) do
    local share = held[tenant] or 0
    turn = turn + 1
    tidy(tenant)
    if share < limit then
      for _, id in ipairs(redis.call('ZRANGE', p .. 'r:' .. tenant, 0, math.min(most, limit - share) - 1)) do
        share = share + 1
        table.insert(found, {share, turn, id, tenant})
      end
    end
  end
end
look('(' .. after, '+')
look('-', '[' .. after)
table.sort(found, function(a, b)
  if a[1] == b[1] then return a[2] < b[2] end
  return a[1] < b[1]
end)
local claimed, touched = {}, {}
for i = 1, math.min(most, #found) do
  local tenant = found[i][4]
  touched[tenant] = true
  table.insert(claimed, claim('r:' .. tenant, found[i][3], 'c'))
end
for tenant in pairs(touched) do tidy(tenant) end
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
local number, first = 0, -1
for _, tenant in ipairs(redis.call('ZRANGE', p .. 'tenants', 0, -1)) do
  number = number + redis.call('ZCARD', p .. 'r:' .. tenant)
  local its = score('r:' .. tenant, 0)
  if its >= 0 and (first < 0 or its < first) then first = its end
end
return {
  number, redis.call('ZCARD', p .. 'delayed'),
  redis.call('HLEN', p .. 'holders'), redis.call('ZCARD', p .. 'suspect'),
  redis.call('ZCARD', p .. 'dead'), first, score('delayed', 0), score('delayed', -1), now()
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
ready(ARGV[2], now())
return 1",
    )
});

/// ARGV: id, for how long its key is kept.
pub(super) static FORGET: LazyLock<Script> = LazyLock::new(|| {
    script("if redis.call('ZSCORE', p .. 'dead', ARGV[2]) then done(ARGV[2], ARGV[3]) end")
});
