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

/// $1 queue, $2 keys, $3 nonces, $4 tenants, $5 bodies. No key twice.
pub(super) const PUSH: &str = concat!(
    "WITH pushed AS MATERIALIZED (SELECT t.* FROM unnest($2::bytea[], $3::text[], $4::text[], $5::text[]) \
     AS t(key, nonce, tenant, body), ",
    durable!(),
    "), new AS (INSERT INTO tower_wecom_inbox.keys (queue, key) SELECT $1, key FROM pushed \
     ON CONFLICT DO NOTHING RETURNING key) \
     INSERT INTO tower_wecom_inbox.entries (queue, key, nonce, tenant, state, at, body) \
     SELECT $1, key, nonce, tenant, 'ready', ",
    now!(),
    ", body FROM pushed JOIN new USING (key)"
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
    WHERE queue = $1 AND state IN ('claimed', 'alone') AND state <> 'ready' AND holder IS NOT NULL AND holder <> $2 \
    AND NOT EXISTS (SELECT 1 FROM tower_wecom_inbox.workers w WHERE w.queue = $1 AND w.name = e.holder)";

/// $1 queue.
pub(super) const HAS_SUSPECTS: &str = "SELECT EXISTS \
    (SELECT 1 FROM tower_wecom_inbox.entries WHERE queue = $1 AND state = 'suspect' AND state <> 'ready')";

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
    " WHERE queue = $1 AND state IN ('claimed', 'alone') AND state <> 'ready' AND holder = $2 AND NOT EXISTS \
     (SELECT 1 FROM tower_wecom_inbox.workers WHERE queue = $1 AND name = $2 AND beats <> $3)"
);

/// $1 queue, $2 horizon in milliseconds, $3 at most. Two lists, because each has a range of the
/// index.
pub(super) const PROMOTE: &str = concat!(
    "WITH now AS MATERIALIZED (SELECT ",
    now!(),
    " AS now FROM ",
    relaxed!(),
    "), \
     due AS MATERIALIZED (SELECT id FROM tower_wecom_inbox.entries \
     WHERE queue = $1 AND state = 'delayed' AND state <> 'ready' AND at <= (SELECT now FROM now) \
     ORDER BY at, id LIMIT $3 FOR UPDATE SKIP LOCKED), \
     ahead AS MATERIALIZED (SELECT id FROM tower_wecom_inbox.entries \
     WHERE queue = $1 AND state = 'delayed' AND state <> 'ready' AND at > (SELECT now FROM now) + $2 \
     ORDER BY at, id LIMIT $3 FOR UPDATE SKIP LOCKED) \
     UPDATE tower_wecom_inbox.entries SET state = 'ready' \
     WHERE id IN (SELECT id FROM due UNION ALL SELECT id FROM ahead)"
);

/// $1 queue, $2 worker, $3 at most, $4 how many a tenant may hold, $5 tenants, $6 how many each of
/// them holds, $7 the tenant that had the last turn, $8 how many tenants are looked at.
///
/// `next` and `first` walk along the index from tenant to tenant, so what waits is never scanned.
/// Of those tenants the ones that hold the least come first, and then the ones whose turn it is.
pub(super) const CLAIM: &str = concat!(
    "WITH RECURSIVE next (tenant, turn) AS ( \
     SELECT (SELECT tenant FROM tower_wecom_inbox.entries WHERE queue = $1 AND state = 'ready' \
     AND tenant > $7 ORDER BY tenant LIMIT 1), 1::bigint \
     UNION ALL SELECT (SELECT e.tenant FROM tower_wecom_inbox.entries e WHERE queue = $1 AND state = 'ready' \
     AND e.tenant > next.tenant ORDER BY e.tenant LIMIT 1), turn + 1 \
     FROM next WHERE tenant IS NOT NULL AND turn < $8), \
     first (tenant, turn) AS ( \
     SELECT (SELECT tenant FROM tower_wecom_inbox.entries WHERE queue = $1 AND state = 'ready' \
     ORDER BY tenant LIMIT 1), $8 + 1 \
     UNION ALL SELECT (SELECT e.tenant FROM tower_wecom_inbox.entries e WHERE queue = $1 AND state = 'ready' \
     AND e.tenant > first.tenant ORDER BY e.tenant LIMIT 1), turn + 1 \
     FROM first WHERE tenant < $7 AND turn < 2 * $8), \
     tenants AS MATERIALIZED (SELECT tenant, turn FROM next WHERE tenant IS NOT NULL \
     UNION ALL SELECT tenant, turn FROM first WHERE tenant <= $7), \
     found AS MATERIALIZED (SELECT e.id, e.at, t.tenant, t.turn FROM tenants t CROSS JOIN LATERAL \
     (SELECT id, at FROM tower_wecom_inbox.entries WHERE queue = $1 AND state = 'ready' \
     AND tenant = t.tenant ORDER BY at, id LIMIT $3 FOR UPDATE SKIP LOCKED) AS e), \
     shares AS (SELECT f.id, f.turn, COALESCE(held, 0) \
     + ROW_NUMBER() OVER (PARTITION BY f.turn ORDER BY f.at, f.id) AS share \
     FROM found f LEFT JOIN unnest($5::text[], $6::bigint[]) AS b(tenant, held) ON b.tenant = f.tenant), \
     chosen AS (SELECT id FROM shares WHERE share <= $4 ORDER BY share, turn LIMIT $3) \
     UPDATE tower_wecom_inbox.entries SET state = 'claimed', holder = $2 FROM ",
    relaxed!(),
    " WHERE id IN (SELECT id FROM chosen) \
     RETURNING id, key, nonce, convert_to(tenant, 'UTF8'), convert_to(COALESCE(body, ''), 'UTF8'), \
     attempts, deferrals, crashes"
);

/// $1 queue, $2 worker. Durable: a crash of the server and of the worker must not hide each other.
pub(super) const CLAIM_ALONE: &str = concat!(
    "UPDATE tower_wecom_inbox.entries SET state = 'alone', holder = $2 FROM ",
    durable!(),
    " WHERE id IN \
     (SELECT id FROM tower_wecom_inbox.entries WHERE queue = $1 AND state = 'suspect' AND state <> 'ready' \
     ORDER BY at, id LIMIT 1 FOR UPDATE SKIP LOCKED) \
     RETURNING id, key, nonce, convert_to(tenant, 'UTF8'), convert_to(COALESCE(body, ''), 'UTF8'), \
     attempts, deferrals, crashes"
);

/// The keys of the entries that are deleted are kept, or not.
macro_rules! is_done {
    ($deleted:expr) => {
        concat!(
            "WITH done AS (DELETE FROM tower_wecom_inbox.entries ",
            $deleted,
            " RETURNING queue, key, nonce), \
             gone AS (DELETE FROM tower_wecom_inbox.keys k USING done d \
             WHERE d.nonce IS NOT NULL AND k.queue = d.queue AND k.key = d.key) \
             INSERT INTO tower_wecom_inbox.done (queue, at, key) SELECT queue, ",
            now!(),
            ", key FROM done WHERE nonce IS NULL ON CONFLICT DO NOTHING"
        )
    };
}

/// $1 ids. Done is done, even if another worker has the entry by now.
pub(super) const DONE: &str = is_done!(concat!(
    "USING ",
    relaxed!(),
    " WHERE id = ANY($1::bigint[])"
));

/// $1 worker, $2 objects as JSON.
pub(super) const FAILED: &str = concat!(
    "UPDATE tower_wecom_inbox.entries AS e SET state = f.state, at = ",
    now!(),
    " + f.pause, holder = NULL, \
     attempts = COALESCE(f.attempts, e.attempts), deferrals = e.deferrals + f.deferrals, \
     reclaims = 0, crashes = 0, reason = f.reason \
     FROM jsonb_to_recordset($2::text::jsonb) AS f(id bigint, state text, pause bigint, attempts bigint, \
     deferrals bigint, reason text), ",
    relaxed!(),
    " WHERE e.id = f.id AND e.holder = $1 AND e.state IN ('claimed', 'alone')"
);

/// $1 queue, $2 worker, $3 ids that it keeps.
pub(super) const RELEASE: &str = concat!(
    "UPDATE tower_wecom_inbox.entries SET state = CASE state WHEN 'alone' THEN 'suspect' ELSE 'ready' END, \
     holder = NULL FROM ",
    relaxed!(),
    " WHERE queue = $1 AND state IN ('claimed', 'alone') \
     AND state <> 'ready' AND holder = $2 AND NOT (id = ANY($3::bigint[]))"
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
    "), \
     old AS MATERIALIZED (SELECT at, key FROM tower_wecom_inbox.done \
     WHERE queue = $1 AND (at < (SELECT now FROM now) - $2 OR at > (SELECT now FROM now) + $2) \
     LIMIT $3 FOR UPDATE SKIP LOCKED), \
     gone AS (DELETE FROM tower_wecom_inbox.keys k USING old WHERE k.queue = $1 AND k.key = old.key) \
     DELETE FROM tower_wecom_inbox.done d USING old \
     WHERE d.queue = $1 AND d.at = old.at AND d.key = old.key"
);

/// $1 queue.
pub(super) const COUNT: &str = "\
    SELECT 'ready', COUNT(*), MIN(at), MAX(at) FROM tower_wecom_inbox.entries \
    WHERE queue = $1 AND state = 'ready' HAVING COUNT(*) > 0 \
    UNION ALL SELECT state, COUNT(*), MIN(at), MAX(at) FROM tower_wecom_inbox.entries \
    WHERE queue = $1 AND state <> 'ready' GROUP BY state";

pub(super) const NOW: &str = concat!("SELECT ", now!());

/// $1 queue, $2 at most.
pub(super) const DEAD: &str = "\
    SELECT id, convert_to(COALESCE(body, ''), 'UTF8'), attempts, convert_to(COALESCE(reason, ''), 'UTF8'), at \
    FROM tower_wecom_inbox.entries WHERE queue = $1 AND state = 'dead' AND state <> 'ready' ORDER BY at, id LIMIT $2";

/// $1 queue, $2 id.
pub(super) const REVIVE: &str = concat!(
    "UPDATE tower_wecom_inbox.entries SET state = 'ready', at = ",
    now!(),
    ", attempts = 0, deferrals = 0, \
     reclaims = 0, crashes = 0, reason = NULL FROM ",
    durable!(),
    " WHERE queue = $1 AND id = $2 AND state = 'dead'"
);

/// $1 queue, $2 id.
pub(super) const FORGET: &str = is_done!(concat!(
    "USING ",
    durable!(),
    " WHERE queue = $1 AND id = $2 AND state = 'dead'"
));

pub(super) const CHECK: &str = concat!(
    "UPDATE tower_wecom_inbox.meta SET checked_at = now() FROM ",
    durable!(),
    " WHERE id = 1"
);
