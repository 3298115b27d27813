//! The statements of SQLite. Each is a transaction of its own.
//!
//! What another program may have spoiled is cast, so that one row that cannot be read never fails
//! the others.

pub(super) const SCHEMA: &str = include_str!("../../../sql/sqlite.sql");

/// $1 queue, $2 rows as JSON, $3 now.
pub(super) const PUSH: &str = "\
    INSERT INTO wecom_inbox_entries (queue, key, tenant, state, at, body) \
    SELECT $1, value ->> 0, value ->> 1, 'ready', $3, value ->> 2 FROM json_each($2) \
    WHERE NOT EXISTS (SELECT 1 FROM wecom_inbox_done d WHERE d.queue = $1 AND d.key = value ->> 0) \
    ON CONFLICT (queue, key) DO NOTHING";

/// $1 queue, $2 worker.
pub(super) const BEAT: &str = "\
    INSERT INTO wecom_inbox_workers (queue, name, beats) VALUES ($1, $2, 1) \
    ON CONFLICT (queue, name) DO UPDATE SET beats = beats + 1";

/// $1 queue, $2 worker. A worker that holds entries and is unknown is listed with 0 beats.
pub(super) const OTHERS: &str = "\
    SELECT name, beats FROM wecom_inbox_workers WHERE queue = $1 AND name <> $2 \
    UNION ALL \
    SELECT DISTINCT holder, 0 FROM wecom_inbox_entries \
    WHERE queue = $1 AND state IN ('claimed', 'alone') AND holder IS NOT NULL AND holder <> $2 \
    AND NOT EXISTS (SELECT 1 FROM wecom_inbox_workers w WHERE w.queue = $1 AND w.name = holder)";

/// $1 queue.
pub(super) const HAS_SUSPECTS: &str = "\
    SELECT EXISTS (SELECT 1 FROM wecom_inbox_entries WHERE queue = $1 AND state = 'suspect')";

/// $1 queue, $2 worker, $3 its beats, $4 after how many reclaims an entry is a suspect.
pub(super) const RECLAIM: &str = "\
    UPDATE wecom_inbox_entries SET \
    state = CASE WHEN state = 'alone' OR reclaims + 1 >= $4 THEN 'suspect' ELSE 'ready' END, \
    reclaims = reclaims + (state = 'claimed'), crashes = crashes + (state = 'alone'), holder = NULL \
    WHERE queue = $1 AND state IN ('claimed', 'alone') AND holder = $2 \
    AND NOT EXISTS (SELECT 1 FROM wecom_inbox_workers WHERE queue = $1 AND name = $2 AND beats <> $3)";

/// $1 queue, $2 worker, $3 its beats.
pub(super) const FORGET_WORKER: &str = "\
    DELETE FROM wecom_inbox_workers WHERE queue = $1 AND name = $2 AND beats = $3";

/// $1 queue, $2 worker, $3 at most, $4 now, $5 what is due after this is due now. Three lists,
/// because each has a range of the index.
pub(super) const CLAIM: &str = "\
    UPDATE wecom_inbox_entries SET state = 'claimed', holder = $2 WHERE id IN (SELECT id FROM ( \
    SELECT * FROM (SELECT id, at FROM wecom_inbox_entries WHERE queue = $1 AND state = 'ready' \
    ORDER BY at, id LIMIT $3) \
    UNION ALL \
    SELECT * FROM (SELECT id, at FROM wecom_inbox_entries WHERE queue = $1 AND state = 'delayed' \
    AND at <= $4 ORDER BY at, id LIMIT $3) \
    UNION ALL \
    SELECT * FROM (SELECT id, at FROM wecom_inbox_entries WHERE queue = $1 AND state = 'delayed' \
    AND at > $5 ORDER BY at, id LIMIT $3) \
    ) ORDER BY at, id LIMIT $3) \
    RETURNING id, CAST(key AS BLOB), COALESCE(CAST(body AS BLOB), x''), attempts, deferrals, crashes";

/// $1 queue, $2 worker.
pub(super) const CLAIM_ALONE: &str = "\
    UPDATE wecom_inbox_entries SET state = 'alone', holder = $2 WHERE id IN ( \
    SELECT id FROM wecom_inbox_entries WHERE queue = $1 AND state = 'suspect' ORDER BY at, id LIMIT 1) \
    RETURNING id, CAST(key AS BLOB), COALESCE(CAST(body AS BLOB), x''), attempts, deferrals, crashes";

/// $1 ids as JSON. Done is done, even if another worker has the entry by now.
pub(super) const DONE: &str = "\
    DELETE FROM wecom_inbox_entries WHERE id IN (SELECT CAST(value AS INTEGER) FROM json_each($1))";

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
    holder = NULL WHERE queue = $1 AND state IN ('claimed', 'alone') AND holder = $2 \
    AND id NOT IN (SELECT CAST(value AS INTEGER) FROM json_each($3))";

/// $1 queue, $2 worker.
pub(super) const LEAVE: &str = "DELETE FROM wecom_inbox_workers WHERE queue = $1 AND name = $2";

/// $1 queue, $2 what was done before this is removed, $3 at most, $4 and what was done after this,
/// by a clock that was ahead.
pub(super) const PURGE: &str = "\
    DELETE FROM wecom_inbox_done WHERE (queue, key) IN (SELECT queue, key FROM wecom_inbox_done \
    WHERE queue = $1 AND (at < $2 OR at > $4) LIMIT $3)";

/// $1 queue.
pub(super) const COUNT: &str = "\
    SELECT state, COUNT(*), MIN(at), MAX(at) FROM wecom_inbox_entries WHERE queue = $1 \
    GROUP BY state";

/// $1 queue, $2 at most.
pub(super) const DEAD: &str = "\
    SELECT id, COALESCE(CAST(body AS BLOB), x''), attempts, COALESCE(CAST(reason AS BLOB), x''), at \
    FROM wecom_inbox_entries WHERE queue = $1 AND state = 'dead' ORDER BY at, id LIMIT $2";

/// $1 queue, $2 id, $3 now.
pub(super) const REVIVE: &str = "\
    UPDATE wecom_inbox_entries SET state = 'ready', at = $3, attempts = 0, deferrals = 0, reclaims = 0, \
    crashes = 0, reason = NULL WHERE queue = $1 AND id = $2 AND state = 'dead'";

/// $1 queue, $2 id.
pub(super) const FORGET: &str =
    "DELETE FROM wecom_inbox_entries WHERE queue = $1 AND id = $2 AND state = 'dead'";

/// $1 now.
pub(super) const CHECK: &str = "UPDATE wecom_inbox_meta SET checked_at = $1 WHERE id = 1";
