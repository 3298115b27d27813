CREATE TABLE member (
    user_id TEXT PRIMARY KEY,
    name TEXT,
    is_member BOOLEAN NOT NULL,
    -- When the API was asked, in microseconds.
    asked_at BIGINT NOT NULL
);
