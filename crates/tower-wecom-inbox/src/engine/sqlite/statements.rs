//! The statements of SQLite. Each is a transaction of its own.
//!
//! What another program may have spoiled is cast, so that one row that cannot be read never fails
//! the others.

pub(super) const SCHEMA: &str = include_str!("../../../sql/sqlite.sql");

/// $1 queue, $2 rows as JSON, $3 now.
pub(super) const PUSH: &str = "\
    INSERT INTO wecom_inbox_entries (queue, key, nonce, tenant, state, at, body) \
    SELECT $1, unhex(value ->> 0), value ->> 1, value ->> 2, 'ready', $3, value ->> 3 FROM json_each($2)";

/// $1 queue, $2 worker.
pub(super) const BEAT: &str = "\
    INSERT INTO wecom_inbox_workers (queue, name, beats) VALUES ($1, $2, 1) \
    ON CONFLICT (queue, name) DO UPDATE SET beats = beats + 1";

/// $1 queue, $2 worker. A worker that holds entries and is unknown is listed with 0 beats.
pub(super) const OTHERS: &str = "\
    SELECT name, beats FROM wecom_inbox_workers WHERE queue = $1 AND name <> $2 \
    UNION ALL \
    SELECT DISTINCT holder, 0 FROM wecom_inbox_entries \
    WHERE queue = $1 AND state IN ('claimed', 'alone') AND state <> 'ready' AND holder IS NOT NULL AND holder <> $2 \
    AND NOT EXISTS (SELECT 1 FROM wecom_inbox_workers w WHERE w.queue = $1 AND w.name = holder)";

/// $1 queue.
pub(super) const HAS_SUSPECTS: &str = "SELECT EXISTS \
    (SELECT 1 FROM wecom_inbox_entries WHERE queue = $1 AND state = 'suspect' AND state <> 'ready')";

/// $1 queue, $2 worker, $3 its beats, $4 after how many reclaims an entry is a suspect.
pub(super) const RECLAIM: &str = "\
    UPDATE wecom_inbox_entries SET \
    state = CASE WHEN state = 'alone' OR reclaims + 1 >= $4 THEN 'suspect' ELSE 'ready' END, \
    reclaims = reclaims + (state = 'claimed'), crashes = crashes + (state = 'alone'), holder = NULL \
    WHERE queue = $1 AND state IN ('claimed', 'alone') AND state <> 'ready' AND holder = $2 \
    AND NOT EXISTS (SELECT 1 FROM wecom_inbox_workers WHERE queue = $1 AND name = $2 AND beats <> $3)";

/// $1 queue, $2 worker, $3 its beats.
pub(super) const FORGET_WORKER: &str = "\
    DELETE FROM wecom_inbox_workers WHERE queue = $1 AND name = $2 AND beats = $3";

/// $1 queue, $2 now, $3 what is due after this is due now, $4 at most.
pub(super) const PROMOTE: &str = "\
    UPDATE wecom_inbox_entries SET state = 'ready' WHERE id IN (SELECT id FROM ( \
    SELECT id FROM wecom_inbox_entries \
    WHERE queue = $1 AND state = 'delayed' AND state <> 'ready' AND at <= $2 \
    UNION ALL SELECT id FROM wecom_inbox_entries \
    WHERE queue = $1 AND state = 'delayed' AND state <> 'ready' AND at > $3) LIMIT $4)";

/// $1 queue, $2 worker, $3 at most, $4 how many a tenant may hold, $5 how many each tenant holds,
/// as JSON, $6 the tenant that had the last turn, $7 how many tenants are looked at.
///
/// `next` and `first` walk along the index from tenant to tenant, so what waits is never scanned.
/// Of those tenants the ones that hold the least come first, and then the ones whose turn it is.
pub(super) const CLAIM: &str = "\
    WITH RECURSIVE next (tenant, turn) AS ( \
    SELECT (SELECT MIN(tenant) FROM wecom_inbox_entries \
    WHERE queue = $1 AND state = 'ready' AND tenant > $6), 1 \
    UNION ALL SELECT (SELECT MIN(tenant) FROM wecom_inbox_entries \
    WHERE queue = $1 AND state = 'ready' AND tenant > next.tenant), turn + 1 \
    FROM next WHERE tenant IS NOT NULL AND turn < $7), \
    first (tenant, turn) AS ( \
    SELECT (SELECT MIN(tenant) FROM wecom_inbox_entries WHERE queue = $1 AND state = 'ready'), $7 + 1 \
    UNION ALL SELECT (SELECT MIN(tenant) FROM wecom_inbox_entries \
    WHERE queue = $1 AND state = 'ready' AND tenant > first.tenant), turn + 1 \
    FROM first WHERE tenant < $6 AND turn < 2 * $7), \
    tenants AS MATERIALIZED (SELECT tenant, turn FROM next WHERE tenant IS NOT NULL \
    UNION ALL SELECT tenant, turn FROM first WHERE tenant <= $6), \
    busy AS MATERIALIZED (SELECT value ->> 0 AS tenant, value ->> 1 AS held FROM json_each($5)), \
    found AS (SELECT e.id, e.at, t.turn, COALESCE((SELECT held FROM busy b WHERE b.tenant = t.tenant), 0) \
    + ROW_NUMBER() OVER (PARTITION BY t.turn ORDER BY e.at, e.id) AS share \
    FROM tenants t CROSS JOIN wecom_inbox_entries e ON e.id IN (SELECT id FROM wecom_inbox_entries \
    WHERE queue = $1 AND state = 'ready' AND tenant = t.tenant ORDER BY at, id LIMIT $3)) \
    UPDATE wecom_inbox_entries SET state = 'claimed', holder = $2 WHERE id IN ( \
    SELECT id FROM found WHERE share <= $4 ORDER BY share, turn LIMIT $3) \
    RETURNING id, CAST(key AS BLOB), nonce, CAST(tenant AS BLOB), COALESCE(CAST(body AS BLOB), x''), \
    attempts, deferrals, crashes";

/// $1 queue, $2 worker.
pub(super) const CLAIM_ALONE: &str = "\
    UPDATE wecom_inbox_entries SET state = 'alone', holder = $2 WHERE id IN (SELECT id FROM wecom_inbox_entries \
    WHERE queue = $1 AND state = 'suspect' AND state <> 'ready' ORDER BY at, id LIMIT 1) \
    RETURNING id, CAST(key AS BLOB), nonce, CAST(tenant AS BLOB), COALESCE(CAST(body AS BLOB), x''), \
    attempts, deferrals, crashes";

/// $1 ids as JSON. Done is done, even if another worker has the entry by now.
pub(super) const DONE: &str = "\
    DELETE FROM wecom_inbox_entries WHERE id IN (SELECT value FROM json_each($1))";

/// $1 worker, $2 objects as JSON, $3 now.
pub(super) const FAILED: &str = "\
    UPDATE wecom_inbox_entries AS e SET state = f.state, at = $3 + f.pause, holder = NULL, \
    attempts = COALESCE(f.attempts, e.attempts), deferrals = e.deferrals + f.deferrals, \
    reclaims = 0, crashes = 0, reason = f.reason \
    FROM (SELECT CAST(value ->> 'id' AS INTEGER) AS row, value ->> 'state' AS state, \
    value ->> 'pause' AS pause, value ->> 'attempts' AS attempts, value ->> 'deferrals' AS deferrals, \
    value ->> 'reason' AS reason FROM json_each($2)) AS f \
    WHERE e.id = f.row AND e.holder = $1 AND e.state IN ('claimed', 'alone')";

/// $1 queue, $2 worker, $3 ids that it keeps, as JSON.
pub(super) const RELEASE: &str = "\
    UPDATE wecom_inbox_entries SET state = CASE state WHEN 'alone' THEN 'suspect' ELSE 'ready' END, \
    holder = NULL WHERE queue = $1 AND state IN ('claimed', 'alone') AND state <> 'ready' AND holder = $2 \
    AND id NOT IN (SELECT CAST(value AS INTEGER) FROM json_each($3))";

/// $1 queue, $2 worker.
pub(super) const LEAVE: &str = "DELETE FROM wecom_inbox_workers WHERE queue = $1 AND name = $2";

/// $1 queue, $2 what was done before this is removed, $3 at most, $4 and what was done after this,
/// by a clock that was ahead.
pub(super) const PURGE: &str = "\
    DELETE FROM wecom_inbox_done WHERE (queue, at, key) IN (SELECT * FROM ( \
    SELECT queue, at, key FROM wecom_inbox_done WHERE queue = $1 AND at < $2 \
    UNION ALL SELECT queue, at, key FROM wecom_inbox_done WHERE queue = $1 AND at > $4) LIMIT $3)";

/// $1 queue.
pub(super) const COUNT: &str = "\
    SELECT 'ready', COUNT(*), MIN(at), MAX(at) FROM wecom_inbox_entries WHERE queue = $1 AND state = 'ready' \
    HAVING COUNT(*) > 0 UNION ALL SELECT state, COUNT(*), MIN(at), MAX(at) FROM wecom_inbox_entries \
    WHERE queue = $1 AND state <> 'ready' GROUP BY state";

/// $1 queue, $2 at most.
pub(super) const DEAD: &str = "\
    SELECT id, COALESCE(CAST(body AS BLOB), x''), attempts, COALESCE(CAST(reason AS BLOB), x''), at \
    FROM wecom_inbox_entries WHERE queue = $1 AND state = 'dead' AND state <> 'ready' ORDER BY at, id LIMIT $2";

/// $1 queue, $2 id, $3 now.
pub(super) const REVIVE: &str = "\
    UPDATE wecom_inbox_entries SET state = 'ready', at = $3, attempts = 0, deferrals = 0, reclaims = 0, \
    crashes = 0, reason = NULL WHERE queue = $1 AND id = $2 AND state = 'dead'";

/// $1 queue, $2 id.
pub(super) const FORGET: &str =
    "DELETE FROM wecom_inbox_entries WHERE queue = $1 AND id = $2 AND state = 'dead'";

/// $1 now.
pub(super) const CHECK: &str = "UPDATE wecom_inbox_meta SET checked_at = $1 WHERE id = 1";
