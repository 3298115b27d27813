//! The statements of PostgreSQL. Each is a transaction of its own, and names its schema, so that no
//! search path matters.
//!
//! A statement that must be durable sets that itself: what a connection sets at its start does not
//! pass through a pooler, and may be overruled for a role. One whose loss costs only a second run
//! does not wait for the disk.

pub(super) const SCHEMA: &str = include_str!("../../../sql/postgres.sql");

/// Two programs that start together make the tables one after the other.
pub(super) const LOCK: &str = "SELECT pg_advisory_xact_lock(7311146819304682)";

pub(super) const VERSION: &str = "SELECT version FROM tower_wecom_inbox.meta WHERE id = 1";

/// `off` and `local` would acknowledge what may be lost; what is stricter than `on` stays.
macro_rules! durable {
    () => {
        "(SELECT set_config('synchronous_commit', CASE current_setting('synchronous_commit') \
         WHEN 'off' THEN 'on' WHEN 'local' THEN 'on' ELSE current_setting('synchronous_commit') END, true)) \
         AS durable"
    };
}

macro_rules! relaxed {
    () => {
        "(SELECT set_config('synchronous_commit', 'off', true)) AS relaxed"
    };
}

/// In milliseconds since 1970, by the server's clock.
macro_rules! now {
    () => {
        "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"
    };
}

/// $1 queue, $2 keys, $3 tenants, $4 bodies.
pub(super) const PUSH: &str = concat!(
    "INSERT INTO tower_wecom_inbox.entries (queue, key, tenant, state, at, body) \
     SELECT $1, t.key, t.tenant, 'ready', ",
    now!(),
    ", t.body \
     FROM unnest($2::text[], $3::text[], $4::text[]) AS t(key, tenant, body), ",
    durable!(),
    " ON CONFLICT (queue, key) DO NOTHING"
);

/// $1 queue, $2 worker.
pub(super) const BEAT: &str = concat!(
    "INSERT INTO tower_wecom_inbox.workers (queue, name, beats) SELECT $1, $2, 1 FROM ",
    relaxed!(),
    " ON CONFLICT (queue, name) DO UPDATE SET beats = workers.beats + 1"
);

/// $1 queue, $2 worker. A worker that holds entries and is unknown is listed with 0 beats.
pub(super) const OTHERS: &str = "\
    SELECT name, beats FROM tower_wecom_inbox.workers WHERE queue = $1 AND name <> $2 \
    UNION ALL \
    SELECT DISTINCT holder, 0::bigint FROM tower_wecom_inbox.entries e \
    WHERE queue = $1 AND state IN ('claimed', 'alone') AND holder IS NOT NULL AND holder <> $2 \
    AND NOT EXISTS (SELECT 1 FROM tower_wecom_inbox.workers w WHERE w.queue = $1 AND w.name = e.holder)";

/// $1 queue.
pub(super) const HAS_SUSPECTS: &str = "\
    SELECT EXISTS (SELECT 1 FROM tower_wecom_inbox.entries WHERE queue = $1 AND state = 'suspect')";

/// $1 queue, $2 worker, $3 its beats, $4 after how many reclaims an entry is a suspect. The worker
/// is forgotten by the same statement.
pub(super) const RECLAIM: &str = concat!(
    "WITH gone AS (DELETE FROM tower_wecom_inbox.workers WHERE queue = $1 AND name = $2 AND beats = $3) \
     UPDATE tower_wecom_inbox.entries SET \
     state = CASE WHEN state = 'alone' OR reclaims + 1 >= $4 THEN 'suspect' ELSE 'ready' END, \
     reclaims = reclaims + CASE state WHEN 'claimed' THEN 1 ELSE 0 END, \
     crashes = crashes + CASE state WHEN 'alone' THEN 1 ELSE 0 END, holder = NULL \
     FROM ",
    durable!(),
    " WHERE queue = $1 AND state IN ('claimed', 'alone') AND holder = $2 AND NOT EXISTS \
     (SELECT 1 FROM tower_wecom_inbox.workers WHERE queue = $1 AND name = $2 AND beats <> $3)"
);

/// $1 queue, $2 worker, $3 at most, $4 horizon in milliseconds. Three lists, because each has a
/// range of the index.
pub(super) const CLAIM: &str = concat!(
    "WITH now AS MATERIALIZED (SELECT ",
    now!(),
    " AS now FROM ",
    relaxed!(),
    "), \
     ready AS MATERIALIZED (SELECT id, at FROM tower_wecom_inbox.entries \
     WHERE queue = $1 AND state = 'ready' ORDER BY at, id LIMIT $3 FOR UPDATE SKIP LOCKED), \
     due AS MATERIALIZED (SELECT id, at FROM tower_wecom_inbox.entries \
     WHERE queue = $1 AND state = 'delayed' AND at <= (SELECT now FROM now) \
     ORDER BY at, id LIMIT $3 FOR UPDATE SKIP LOCKED), \
     ahead AS MATERIALIZED (SELECT id, at FROM tower_wecom_inbox.entries \
     WHERE queue = $1 AND state = 'delayed' AND at > (SELECT now FROM now) + $4 \
     ORDER BY at, id LIMIT $3 FOR UPDATE SKIP LOCKED), \
     first AS (SELECT id FROM (SELECT * FROM ready UNION ALL SELECT * FROM due \
     UNION ALL SELECT * FROM ahead) AS a ORDER BY at, id LIMIT $3) \
     UPDATE tower_wecom_inbox.entries SET state = 'claimed', holder = $2 \
     WHERE id IN (SELECT id FROM first) \
     RETURNING id, convert_to(key, 'UTF8'), convert_to(COALESCE(body, ''), 'UTF8'), \
     attempts, deferrals, crashes"
);

/// $1 queue, $2 worker. Durable: a crash of the server and of the worker must not hide each other.
pub(super) const CLAIM_ALONE: &str = concat!(
    "UPDATE tower_wecom_inbox.entries SET state = 'alone', holder = $2 FROM ",
    durable!(),
    " WHERE id IN \
     (SELECT id FROM tower_wecom_inbox.entries WHERE queue = $1 AND state = 'suspect' \
     ORDER BY at, id LIMIT 1 FOR UPDATE SKIP LOCKED) \
     RETURNING id, convert_to(key, 'UTF8'), convert_to(COALESCE(body, ''), 'UTF8'), \
     attempts, deferrals, crashes"
);

/// $1 worker, $2 objects as JSON.
pub(super) const FINISH: &str = concat!(
    "UPDATE tower_wecom_inbox.entries AS e SET state = f.state, at = ",
    now!(),
    " + f.pause, holder = NULL, \
     attempts = COALESCE(f.attempts, e.attempts), deferrals = e.deferrals + f.deferrals, \
     reclaims = 0, crashes = 0, reason = f.reason, body = CASE WHEN f.state <> 'done' THEN e.body END, \
     tenant = CASE WHEN f.state <> 'done' THEN e.tenant ELSE '' END \
     FROM jsonb_to_recordset($2::text::jsonb) AS f(id bigint, state text, pause bigint, attempts bigint, \
     deferrals bigint, reason text), ",
    durable!(),
    " WHERE e.id = f.id AND (f.state = 'done' AND e.state <> 'done' \
     OR e.holder = $1 AND e.state IN ('claimed', 'alone'))"
);

/// $1 queue, $2 worker, $3 ids that it keeps.
pub(super) const RELEASE: &str = concat!(
    "UPDATE tower_wecom_inbox.entries SET state = CASE state WHEN 'alone' THEN 'suspect' ELSE 'ready' END, \
     holder = NULL FROM ",
    relaxed!(),
    " WHERE queue = $1 AND state IN ('claimed', 'alone') \
     AND holder = $2 AND NOT (id = ANY($3::bigint[]))"
);

/// $1 queue, $2 worker.
pub(super) const LEAVE: &str =
    "DELETE FROM tower_wecom_inbox.workers WHERE queue = $1 AND name = $2";

/// $1 queue, $2 for how long a key is kept, in milliseconds, $3 at most. What was done by a clock
/// that was ahead is removed too.
pub(super) const PURGE: &str = concat!(
    "WITH now AS MATERIALIZED (SELECT ",
    now!(),
    " AS now FROM ",
    relaxed!(),
    ") \
     DELETE FROM tower_wecom_inbox.entries WHERE id IN (SELECT id FROM tower_wecom_inbox.entries \
     WHERE queue = $1 AND state = 'done' AND (at < (SELECT now FROM now) - $2 \
     OR at > (SELECT now FROM now) + $2) LIMIT $3 FOR UPDATE SKIP LOCKED)"
);

/// $1 queue. The last column is the server's time.
pub(super) const COUNT: &str = "\
    SELECT state, COUNT(*), MIN(at), MAX(at) FROM tower_wecom_inbox.entries WHERE queue = $1 \
    AND state IN ('ready', 'delayed', 'claimed', 'suspect', 'alone', 'dead') GROUP BY state";

pub(super) const NOW: &str = concat!("SELECT ", now!());

/// $1 queue, $2 at most.
pub(super) const DEAD: &str = "\
    SELECT id, convert_to(COALESCE(body, ''), 'UTF8'), attempts, convert_to(COALESCE(reason, ''), 'UTF8'), at \
    FROM tower_wecom_inbox.entries WHERE queue = $1 AND state = 'dead' ORDER BY at, id LIMIT $2";

/// $1 queue, $2 id.
pub(super) const REVIVE: &str = concat!(
    "UPDATE tower_wecom_inbox.entries SET state = 'ready', at = ",
    now!(),
    ", attempts = 0, deferrals = 0, \
     reclaims = 0, crashes = 0, reason = NULL FROM ",
    durable!(),
    " WHERE queue = $1 AND id = $2 AND state = 'dead'"
);

/// $1 queue, $2 id. Its key is kept, so that a copy is recognised.
pub(super) const FORGET: &str = concat!(
    "UPDATE tower_wecom_inbox.entries SET state = 'done', at = ",
    now!(),
    ", body = NULL, tenant = '', \
     reason = NULL FROM ",
    durable!(),
    " WHERE queue = $1 AND id = $2 AND state = 'dead'"
);

pub(super) const CHECK: &str = concat!(
    "UPDATE tower_wecom_inbox.meta SET checked_at = now() FROM ",
    durable!(),
    " WHERE id = 1"
);
