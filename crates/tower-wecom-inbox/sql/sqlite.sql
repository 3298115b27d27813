-- The tables of tower-wecom-inbox in SQLite, version 1.
CREATE TABLE IF NOT EXISTS wecom_inbox_meta (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL,
    -- `Inbox::check` writes here.
    checked_at INTEGER NOT NULL DEFAULT 0
) STRICT;

-- What waits, what a worker holds, and dead letters.
CREATE TABLE IF NOT EXISTS wecom_inbox_entries (
    -- No id is used twice, so that a late report ends no other entry.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    queue TEXT NOT NULL,
    key BLOB NOT NULL,
    -- NULL if the key is kept when the entry is done. Otherwise the rest of the handler's key, which
    -- distinguishes the entry from the next one of the same key.
    nonce TEXT,
    tenant TEXT NOT NULL,
    -- ready, delayed, claimed, suspect, alone, dead
    state TEXT NOT NULL,
    -- In milliseconds since 1970. delayed: when it is due; dead: since when; otherwise for the order.
    at INTEGER NOT NULL,
    -- The worker that has claimed it.
    holder TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    deferrals INTEGER NOT NULL DEFAULT 0,
    reclaims INTEGER NOT NULL DEFAULT 0,
    crashes INTEGER NOT NULL DEFAULT 0,
    -- Why it is dead.
    reason TEXT,
    -- The callback as JSON.
    body TEXT
) STRICT;

CREATE INDEX IF NOT EXISTS wecom_inbox_ready ON wecom_inbox_entries (queue, tenant, at, state) WHERE state = 'ready';
CREATE INDEX IF NOT EXISTS wecom_inbox_others ON wecom_inbox_entries (queue, state, at) WHERE state <> 'ready';

-- The keys of all entries, and of what was done lately. One entry for each key.
CREATE TABLE IF NOT EXISTS wecom_inbox_keys (
    queue TEXT NOT NULL,
    key BLOB NOT NULL,
    PRIMARY KEY (queue, key)
) STRICT, WITHOUT ROWID;

-- What was done lately, by time.
CREATE TABLE IF NOT EXISTS wecom_inbox_done (
    queue TEXT NOT NULL,
    -- In milliseconds since 1970.
    at INTEGER NOT NULL,
    key BLOB NOT NULL,
    PRIMARY KEY (queue, at, key)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER IF NOT EXISTS wecom_inbox_is_known BEFORE INSERT ON wecom_inbox_entries
WHEN EXISTS (SELECT 1 FROM wecom_inbox_keys WHERE queue = new.queue AND key = new.key) BEGIN
    SELECT RAISE(IGNORE);
END;

CREATE TRIGGER IF NOT EXISTS wecom_inbox_is_new AFTER INSERT ON wecom_inbox_entries BEGIN
    INSERT INTO wecom_inbox_keys (queue, key) VALUES (new.queue, new.key);
END;

-- An entry that is done is deleted, which gives its room back.
CREATE TRIGGER IF NOT EXISTS wecom_inbox_keeps_key AFTER DELETE ON wecom_inbox_entries WHEN old.nonce IS NULL BEGIN
    INSERT OR IGNORE INTO wecom_inbox_done (queue, at, key)
    VALUES (old.queue, 1000 * CAST(strftime('%s', 'now') AS INTEGER), old.key);
END;

CREATE TRIGGER IF NOT EXISTS wecom_inbox_drops_key AFTER DELETE ON wecom_inbox_entries WHEN old.nonce IS NOT NULL BEGIN
    DELETE FROM wecom_inbox_keys WHERE queue = old.queue AND key = old.key;
END;

CREATE TRIGGER IF NOT EXISTS wecom_inbox_forgets_key AFTER DELETE ON wecom_inbox_done BEGIN
    DELETE FROM wecom_inbox_keys WHERE queue = old.queue AND key = old.key;
END;

CREATE TABLE IF NOT EXISTS wecom_inbox_workers (
    queue TEXT NOT NULL,
    name TEXT NOT NULL,
    beats INTEGER NOT NULL,
    PRIMARY KEY (queue, name)
) STRICT;

INSERT INTO wecom_inbox_meta (id, version) VALUES (1, 1) ON CONFLICT DO NOTHING;
