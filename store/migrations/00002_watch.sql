-- Looking after integrations: the sweep, the backfill, inspections, alerts.

-- +goose Up

-- One row for each integration that was ever connected. data is neo.WatchData.
CREATE TABLE watch (
    integration_id  TEXT    NOT NULL PRIMARY KEY,
    tenant_id       TEXT    NOT NULL,
    data            TEXT    NOT NULL,
    sweep_asked     BOOLEAN NOT NULL,
    inspect_asked   BOOLEAN NOT NULL,
    backfill_paused BOOLEAN NOT NULL,
    backfill_days   BIGINT  NOT NULL,
    lease_owner     TEXT    NOT NULL, -- '' when nobody holds it
    lease_until     BIGINT  NOT NULL
);

-- How changes came, minute by minute (minutes since 1970), kept for two days.
CREATE TABLE delivery_minute (
    integration_id TEXT   NOT NULL,
    minute         BIGINT NOT NULL,
    webhook        BIGINT NOT NULL,
    sweep          BIGINT NOT NULL,
    refused        BIGINT NOT NULL,
    PRIMARY KEY (integration_id, minute)
);

-- The last delivery of each integration.
CREATE TABLE delivery_last (
    integration_id TEXT   NOT NULL PRIMARY KEY,
    at             BIGINT NOT NULL
);

CREATE TABLE alert (
    id             TEXT   NOT NULL PRIMARY KEY,
    tenant_id      TEXT   NOT NULL,
    integration_id TEXT   NOT NULL, -- '' when it is not about one
    key            TEXT   NOT NULL,
    level          TEXT   NOT NULL,
    title          TEXT   NOT NULL,
    message        TEXT   NOT NULL,
    occurrences    BIGINT NOT NULL,
    first_at       BIGINT NOT NULL,
    last_at        BIGINT NOT NULL,
    read_at        BIGINT NOT NULL,
    resolved_at    BIGINT NOT NULL
);
-- A condition has one open alert.
CREATE UNIQUE INDEX alert_open ON alert (tenant_id, key) WHERE resolved_at = 0;
CREATE INDEX alert_tenant ON alert (tenant_id, id);

ALTER TABLE connect_attempt ADD COLUMN checks TEXT NOT NULL DEFAULT 'null';
ALTER TABLE connect_attempt ADD COLUMN backfill_days BIGINT NOT NULL DEFAULT 0;
