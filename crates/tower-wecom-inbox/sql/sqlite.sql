-- The tables of tower-wecom-inbox in SQLite, version 1.
CREATE TABLE IF NOT EXISTS wecom_inbox_meta (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL,
    -- `Inbox::check` writes here.
    checked_at INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE IF NOT EXISTS wecom_inbox_entries (
    -- No id is used twice, so that a late report ends no other entry.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    queue TEXT NOT NULL,
    -- One entry for each key.
    key TEXT NOT NULL,
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
    body TEXT,
    UNIQUE (queue, key)
) STRICT;

CREATE INDEX IF NOT EXISTS wecom_inbox_state ON wecom_inbox_entries (queue, state, at);

-- The keys of what is done.
CREATE TABLE IF NOT EXISTS wecom_inbox_done (
    queue TEXT NOT NULL,
    key TEXT NOT NULL,
    -- In milliseconds since 1970.
    at INTEGER NOT NULL,
    PRIMARY KEY (queue, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS wecom_inbox_done_at ON wecom_inbox_done (queue, at);

-- An entry that is done is deleted, which gives its room back. Its key stays, so that a copy is recognised.
CREATE TRIGGER IF NOT EXISTS wecom_inbox_is_done AFTER DELETE ON wecom_inbox_entries BEGIN
    INSERT OR REPLACE INTO wecom_inbox_done (queue, key, at)
    VALUES (old.queue, old.key, CAST(unixepoch('subsec') * 1000 AS INTEGER));
END;

CREATE TABLE IF NOT EXISTS wecom_inbox_workers (
    queue TEXT NOT NULL,
    name TEXT NOT NULL,
    beats INTEGER NOT NULL,
    PRIMARY KEY (queue, name)
) STRICT;

INSERT INTO wecom_inbox_meta (id, version) VALUES (1, 1) ON CONFLICT DO NOTHING;
