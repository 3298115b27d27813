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

CREATE TABLE IF NOT EXISTS tower_wecom_inbox.entries (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    queue text NOT NULL,
    -- One entry for each key.
    key text NOT NULL,
    tenant text NOT NULL,
    -- ready, delayed, claimed, suspect, alone, done, dead
    state text NOT NULL,
    -- In milliseconds since 1970. delayed: when it is due; done, dead: since when; otherwise for the order.
    at bigint NOT NULL,
    -- The worker that has claimed it.
    holder text,
    attempts bigint NOT NULL DEFAULT 0,
    deferrals bigint NOT NULL DEFAULT 0,
    reclaims bigint NOT NULL DEFAULT 0,
    crashes bigint NOT NULL DEFAULT 0,
    -- Why it is dead.
    reason text,
    -- The callback as JSON; NULL once it is done.
    body text,
    UNIQUE (queue, key)
);

CREATE INDEX IF NOT EXISTS entries_state ON tower_wecom_inbox.entries (queue, state, at, id);

CREATE TABLE IF NOT EXISTS tower_wecom_inbox.workers (
    queue text NOT NULL,
    name text NOT NULL,
    beats bigint NOT NULL,
    PRIMARY KEY (queue, name)
);

INSERT INTO tower_wecom_inbox.meta (id, version) VALUES (1, 1) ON CONFLICT DO NOTHING;
