-- The tables of tower-wecom-inbox in PostgreSQL, version 1. Whoever owns the database runs this file once:
--   psql -f postgres.sql
-- A role that uses the inbox needs no more than:
--   GRANT USAGE ON SCHEMA tower_wecom_inbox TO my_role;
--   GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA tower_wecom_inbox TO my_role;
CREATE SCHEMA IF NOT EXISTS tower_wecom_inbox;

CREATE TABLE IF NOT EXISTS tower_wecom_inbox.meta (
    id integer PRIMARY KEY CHECK (id = 1),
    version integer NOT NULL,
    -- `Inbox::check` writes here.
    checked_at timestamptz NOT NULL DEFAULT now()
);

-- What waits, what a worker holds, and dead letters.
CREATE TABLE IF NOT EXISTS tower_wecom_inbox.entries (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    queue text COLLATE "C" NOT NULL,
    key bytea NOT NULL,
    -- NULL if the key is kept when the entry is done. Otherwise the rest of the handler's key, which
    -- distinguishes the entry from the next one of the same key.
    nonce text,
    tenant text COLLATE "C" NOT NULL,
    -- ready, delayed, claimed, suspect, alone, dead
    state text COLLATE "C" NOT NULL,
    -- In milliseconds since 1970. delayed: when it is due; dead: since when; otherwise for the order.
    at bigint NOT NULL,
    -- The worker that has claimed it.
    holder text,
    attempts bigint NOT NULL DEFAULT 0,
    deferrals bigint NOT NULL DEFAULT 0,
    reclaims bigint NOT NULL DEFAULT 0,
    crashes bigint NOT NULL DEFAULT 0,
    -- Why it is dead.
    reason text,
    -- The callback as JSON.
    body text
);

CREATE INDEX IF NOT EXISTS entries_ready ON tower_wecom_inbox.entries (queue, tenant, at, id) WHERE state = 'ready';
CREATE INDEX IF NOT EXISTS entries_others ON tower_wecom_inbox.entries (queue, state, at, id) WHERE state <> 'ready';

-- The keys of all entries, and of what was done lately. One entry for each key.
CREATE TABLE IF NOT EXISTS tower_wecom_inbox.keys (
    queue text COLLATE "C" NOT NULL,
    key bytea NOT NULL,
    PRIMARY KEY (queue, key)
);

-- What was done lately, by time. An entry that is done is deleted.
CREATE TABLE IF NOT EXISTS tower_wecom_inbox.done (
    queue text COLLATE "C" NOT NULL,
    -- In milliseconds since 1970.
    at bigint NOT NULL,
    key bytea NOT NULL,
    PRIMARY KEY (queue, at, key)
);

CREATE TABLE IF NOT EXISTS tower_wecom_inbox.workers (
    queue text NOT NULL,
    name text NOT NULL,
    beats bigint NOT NULL,
    PRIMARY KEY (queue, name)
);

INSERT INTO tower_wecom_inbox.meta (id, version) VALUES (1, 1) ON CONFLICT DO NOTHING;
