//! The scripts of Redis. Each is one step, which happens as a whole or not at all.
//!
//! At `maxmemory`, Redis refuses a script whose *first* writing command may need memory, and lets
//! the others through. So each script that takes work or ends it frees something first: a Redis
//! that is full is worked off, and has room then.
//!
//! | key | what |
//! |---|---|
//! | `e:ID` | an entry: the length of the tenant, when it arrived, the tenant and the body. When it is done: nothing, until the key expires |
//! | `u:KEY` | a key that is blocked until the entry with it is done |
//! | `blocks` | of the entries whose key is not kept: the key that each blocks, or nothing |
//! | `counts` | of the entries that were not done at the first attempt: attempts, deferrals, reclaims, crashes |
//! | `why` | why an entry is dead |
//! | `r:TENANT` | ids that are ready, by the time since when |
//! | `tenants` | the tenants that have ready ones |
//! | `suspect`, `dead` | ids, by the time since when |
//! | `delayed` | ids, by the time when they are due |
//! | `holders` | the holder of each claimed id: `c` or, if it is run alone, `a`, and the worker |
//! | `workers` | how often each has beaten |
//!
//! A call from a script costs about as much as what it does, so what many entries need is one call.
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
local function within(text, most, otherwise)
  local found = tonumber(text or nil)
  if found and found >= 0 and found <= most then return math.floor(found) end
  return otherwise
end
-- The tenant, and when it arrived. What cannot be read is not there.
local function head(id)
  local value = redis.pcall('GET', p .. 'e:' .. id)
  if type(value) ~= 'string' then value = '' end
  local _, last, length, arrived = string.find(value, '^(%d+) (%S*) ')
  if not last then return '', now() end
  return string.sub(value, last + 1, last + within(length, #value, 0)), within(arrived, 1e14, now())
end
local function counts(id)
  local text, found = redis.call('HGET', p .. 'counts', id) or '', {}
  for count in string.gmatch(text, '%S+') do table.insert(found, within(count, 4294967295, 0)) end
  return found[1] or 0, found[2] or 0, found[3] or 0, found[4] or 0
end
local function count(id, attempts, deferrals, reclaims, crashes)
  local text = string.format('%.0f %.0f %.0f %.0f', attempts, deferrals, reclaims, crashes)
  redis.call('HSET', p .. 'counts', id, text)
end
local function ready(id, tenant, time)
  redis.call('ZADD', p .. 'r:' .. tenant, number(time), id)
  redis.call('ZADD', p .. 'tenants', 0, tenant)
end
local function tidy(tenant)
  if redis.call('EXISTS', p .. 'r:' .. tenant) == 0 then redis.call('ZREM', p .. 'tenants', tenant) end
end
local function back(id, holder)
  local tenant, arrived = head(id)
  redis.call('HDEL', p .. 'holders', id)
  if string.sub(holder, 1, 1) == 'a' then
    redis.call('ZADD', p .. 'suspect', number(arrived), id)
  else
    ready(id, tenant, arrived)
  end
end
-- For each id what is stored, and the counts.
local function entries(ids)
  local keys, found = {}, {}
  for i, id in ipairs(ids) do keys[i] = p .. 'e:' .. id end
  local values, numbers = redis.call('MGET', unpack(keys)), redis.call('HMGET', p .. 'counts', unpack(ids))
  for i, id in ipairs(ids) do found[i] = {id, values[i] or '', numbers[i] or ''} end
  return found
end
-- Takes ids out of a list.
local function claim(from, ids, mark)
  redis.call('ZREM', p .. from, unpack(ids))
  local held = {}
  for _, id in ipairs(ids) do
    table.insert(held, id)
    table.insert(held, mark .. ARGV[2])
  end
  redis.call('HSET', p .. 'holders', unpack(held))
  return entries(ids)
end
-- A late report must not end the next entry of the same key: that has another id.
local function done(ids, keep, is_held)
  local blocks = redis.call('HMGET', p .. 'blocks', unpack(ids))
  for i, id in ipairs(ids) do
    local e = p .. 'e:' .. id
    if not is_held[i] then
      local tenant = head(id)
      for _, name in ipairs({'r:' .. tenant, 'delayed', 'suspect', 'dead'}) do
        redis.call('ZREM', p .. name, id)
      end
      tidy(tenant)
    end
    if blocks[i] then
      redis.call('DEL', e, p .. 'u:' .. blocks[i])
    else
      redis.call('SET', e, '', 'PX', keep)
    end
  end
  for _, name in ipairs({'blocks', 'counts', 'why'}) do redis.call('HDEL', p .. name, unpack(ids)) end
end
";

fn script(body: &str) -> Script {
    Script::new(&format!("{HEAD}{body}"))
}

/// ARGV: key, whether it is kept, nonce, tenant and body of each.
pub(super) static PUSH: LazyLock<Script> = LazyLock::new(|| {
    script(
        r"
local time, new = number(now()), {}
for i = 2, #ARGV, 5 do
  local key, nonce, tenant = ARGV[i], ARGV[i + 2], ARGV[i + 3]
  local id, e = key .. nonce, p .. 'e:' .. key .. nonce
  local value = #tenant .. ' ' .. time .. ' ' .. tenant .. ARGV[i + 4]
  local is_new
  if nonce == '' then
    is_new = redis.call('SET', e, value, 'NX')
  else
    is_new = redis.call('SET', p .. 'u:' .. key, '', 'NX')
    if is_new then redis.call('SET', e, value) end
  end
  if is_new then
    if ARGV[i + 1] == '0' then redis.call('HSET', p .. 'blocks', id, nonce ~= '' and key or '') end
    new[tenant] = new[tenant] or {}
    table.insert(new[tenant], time)
    table.insert(new[tenant], id)
  end
end
for tenant, scores in pairs(new) do
  redis.call('ZADD', p .. 'r:' .. tenant, unpack(scores))
  redis.call('ZADD', p .. 'tenants', 0, tenant)
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
    local attempts, deferrals, reclaims, crashes = counts(id)
    if string.sub(holder, 1, 1) == 'a' then
      crashes = crashes + 1
    else
      reclaims = reclaims + 1
      if reclaims >= tonumber(ARGV[4]) then holder = 'a' end
    end
    back(id, holder)
    count(id, attempts, deferrals, reclaims, crashes)
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
    local tenant = head(due[i])
    ready(due[i], tenant, due[i + 1])
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
local chosen, claimed = {}, {}
for i = 1, math.min(most, #found) do
  local tenant = found[i][4]
  chosen[tenant] = chosen[tenant] or {}
  table.insert(chosen[tenant], found[i][3])
end
for tenant, ids in pairs(chosen) do
  for _, row in ipairs(claim('r:' .. tenant, ids, 'c')) do table.insert(claimed, row) end
  tidy(tenant)
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
return claim('suspect', found, 'a')",
    )
});

/// ARGV: worker, for how long a key is kept, and then for each entry its id, its state, the pause,
/// the attempts if they change, and the reason.
pub(super) static FINISH: LazyLock<Script> = LazyLock::new(|| {
    script(
        r"
local time, ids = now(), {}
for i = 4, #ARGV, 5 do table.insert(ids, ARGV[i]) end
local holders = redis.call('HMGET', p .. 'holders', unpack(ids))
local ended, ours, is_held = {}, {}, {}
for i, id in ipairs(ids) do
  local holder = holders[i]
  if ARGV[5 * i] == 'done' then
    table.insert(ended, id)
    table.insert(is_held, holder)
  elseif holder and string.sub(holder, 2) == ARGV[2] then
    table.insert(ours, i)
  end
end
if #ended > 0 then
  redis.call('HDEL', p .. 'holders', unpack(ended))
  done(ended, ARGV[3], is_held)
end
for _, i in ipairs(ours) do
  local id, state, pause, new_attempts, reason = unpack(ARGV, 5 * i - 1, 5 * i + 3)
  redis.call('HDEL', p .. 'holders', id)
  local attempts, deferrals = counts(id)
  if new_attempts == '' then
    deferrals = deferrals + 1
  else
    attempts = new_attempts
  end
  count(id, attempts, deferrals, 0, 0)
  if state == 'dead' then redis.call('HSET', p .. 'why', id, reason) end
  redis.call('ZADD', p .. state, number(time + pause), id)
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
local found = redis.call('ZRANGE', p .. 'dead', ARGV[2], ARGV[2] + ARGV[3] - 1, 'WITHSCORES')
local ids = {}
for i = 1, #found, 2 do table.insert(ids, found[i]) end
if #ids == 0 then return {} end
local letters, reasons = entries(ids), redis.call('HMGET', p .. 'why', unpack(ids))
for i, letter in ipairs(letters) do
  table.insert(letter, reasons[i] or '')
  table.insert(letter, math.floor(tonumber(found[2 * i])))
end
return letters",
    )
});

/// ARGV: id.
pub(super) static REVIVE: LazyLock<Script> = LazyLock::new(|| {
    script(
        r"
if redis.call('ZREM', p .. 'dead', ARGV[2]) == 0 then return 0 end
for _, name in ipairs({'counts', 'why'}) do redis.call('HDEL', p .. name, ARGV[2]) end
local tenant = head(ARGV[2])
ready(ARGV[2], tenant, now())
return 1",
    )
});

/// ARGV: id, for how long its key is kept.
pub(super) static FORGET: LazyLock<Script> = LazyLock::new(|| {
    script(
        "if redis.call('ZREM', p .. 'dead', ARGV[2]) == 1 then done({ARGV[2]}, ARGV[3], {true}) end",
    )
});
