-- Where people have signed in from, and sessions whose use is not written each time.

-- +goose Up

-- A source is a browser, by the hash of its cookie, or an address.
CREATE TABLE known_source (
    user_id     TEXT   NOT NULL,
    source_hash BYTEA  NOT NULL,
    seen_at     BIGINT NOT NULL,
    PRIMARY KEY (user_id, source_hash)
);

-- expires_at moves as a session is used; it ends at ends_at in any case.
ALTER TABLE session ADD COLUMN ends_at BIGINT NOT NULL DEFAULT 0;
UPDATE session SET ends_at = expires_at;
