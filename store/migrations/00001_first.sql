-- The schema, in SQL that SQLite and PostgreSQL both read.
--
-- Ids are UUIDv7 as TEXT, so ordering by id is ordering by time. Times are BIGINT
-- milliseconds since 1970, 0 for "not yet". JSON is TEXT. Sealed and hashed bytes
-- are BYTEA (SQLite takes the name and stores a blob). Every row of a tenant has a
-- tenant_id; config_epoch, setup_token, session and meta belong to the installation.
--
-- Indexes are few on purpose: event is written thousands of times a second, and
-- each index there costs as much as the row.

-- +goose Up

CREATE TABLE event (
    id             TEXT   NOT NULL PRIMARY KEY,
    tenant_id      TEXT   NOT NULL,
    integration_id TEXT   NOT NULL,
    class          TEXT   NOT NULL,
    remote_id      TEXT   NOT NULL,
    version        BIGINT NOT NULL,
    number         TEXT   NOT NULL,
    type           TEXT   NOT NULL,
    source         TEXT   NOT NULL,
    title          TEXT   NOT NULL,
    changed_by     TEXT   NOT NULL,
    changed_at     BIGINT NOT NULL,
    received_at    BIGINT NOT NULL,
    disposition    TEXT   NOT NULL,
    outcome        TEXT   NOT NULL, -- derived from disposition, for the history
    held_by        TEXT   NOT NULL, -- run_step.id, or ''
    data           TEXT   NOT NULL
);
-- The identity of an event. Also leads from a ticket to its events.
CREATE UNIQUE INDEX event_identity ON event (remote_id, version, class, integration_id);
-- The history, newest first; holds what it filters by, so that only shown rows are read.
CREATE INDEX event_history ON event (tenant_id, id, outcome, type, number);
CREATE INDEX event_pending ON event (held_by) WHERE outcome = 'PENDING';

-- The tickets there are. The state of a ticket is its event with the highest version.
CREATE TABLE ticket (
    integration_id TEXT   NOT NULL,
    class          TEXT   NOT NULL,
    remote_id      TEXT   NOT NULL,
    tenant_id      TEXT   NOT NULL,
    number         TEXT   NOT NULL,
    number_key     BYTEA  NOT NULL, -- the number in upper case; bytes sort alike on both databases
    PRIMARY KEY (remote_id, class, integration_id)
);
CREATE INDEX ticket_number ON ticket (tenant_id, number_key);

CREATE TABLE run (
    id               TEXT   NOT NULL PRIMARY KEY,
    tenant_id        TEXT   NOT NULL,
    workflow_id      TEXT   NOT NULL,
    workflow_version BIGINT NOT NULL,
    workflow_name    TEXT   NOT NULL,
    event_id         TEXT   NOT NULL,
    integration_id   TEXT   NOT NULL,
    class            TEXT   NOT NULL,
    remote_id        TEXT   NOT NULL,
    number           TEXT   NOT NULL,
    outcome          TEXT   NOT NULL,
    message          TEXT   NOT NULL,
    attempt          BIGINT NOT NULL,
    due_at           BIGINT NOT NULL,
    created_at       BIGINT NOT NULL,
    started_at       BIGINT NOT NULL,
    finished_at      BIGINT NOT NULL,
    once_key         TEXT,            -- NULL: may run any number of times
    lease_owner      TEXT   NOT NULL, -- '' when nobody holds the run
    lease_until      BIGINT NOT NULL
);
CREATE UNIQUE INDEX run_event ON run (event_id, workflow_id);
CREATE UNIQUE INDEX run_once ON run (workflow_id, once_key) WHERE once_key IS NOT NULL;
CREATE INDEX run_history ON run (tenant_id, id);
CREATE INDEX run_outcome ON run (tenant_id, outcome, id);
CREATE INDEX run_stats ON run (tenant_id, workflow_id, outcome, created_at);
CREATE INDEX run_unfinished ON run (id) WHERE outcome IN ('PENDING', 'RUNNING');

CREATE TABLE run_step (
    id             TEXT   NOT NULL PRIMARY KEY,
    tenant_id      TEXT   NOT NULL,
    run_id         TEXT   NOT NULL,
    position       BIGINT NOT NULL,
    action         TEXT   NOT NULL,
    state          TEXT   NOT NULL,
    integration_id TEXT   NOT NULL,
    class          TEXT   NOT NULL,
    remote_id      TEXT   NOT NULL,
    message        TEXT   NOT NULL,
    started_at     BIGINT NOT NULL,
    finished_at    BIGINT NOT NULL,
    data           TEXT   NOT NULL
);
CREATE UNIQUE INDEX run_step_position ON run_step (run_id, position);
-- One write of Neo's to a ticket at a time.
CREATE UNIQUE INDEX run_step_writing ON run_step (remote_id, class, integration_id) WHERE state = 'WRITING';

-- The versions of tickets that Neo's own writes produced.
CREATE TABLE own_version (
    integration_id TEXT   NOT NULL,
    class          TEXT   NOT NULL,
    remote_id      TEXT   NOT NULL,
    version        BIGINT NOT NULL,
    tenant_id      TEXT   NOT NULL,
    step_id        TEXT   NOT NULL,
    PRIMARY KEY (remote_id, version, class, integration_id)
);

CREATE TABLE workflow (
    id         TEXT    NOT NULL PRIMARY KEY,
    tenant_id  TEXT    NOT NULL,
    enabled    BOOLEAN NOT NULL,
    version    BIGINT  NOT NULL,
    created_at BIGINT  NOT NULL,
    updated_at BIGINT  NOT NULL
);
CREATE INDEX workflow_tenant ON workflow (tenant_id, id);

-- Every version ever saved: a run finishes with the definition it began with, even
-- after its workflow was changed or deleted.
CREATE TABLE workflow_version (
    workflow_id TEXT   NOT NULL,
    version     BIGINT NOT NULL,
    tenant_id   TEXT   NOT NULL,
    definition  TEXT   NOT NULL,
    saved_by    TEXT   NOT NULL,
    saved_at    BIGINT NOT NULL,
    PRIMARY KEY (workflow_id, version)
);

-- One row. Rises with every change of a workflow or an integration.
CREATE TABLE config_epoch (
    id    BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    epoch BIGINT NOT NULL
);
INSERT INTO config_epoch (id, epoch) VALUES (1, 1);

CREATE TABLE integration (
    id                     TEXT    NOT NULL PRIMARY KEY,
    tenant_id              TEXT    NOT NULL,
    kind                   TEXT    NOT NULL,
    instance_url           TEXT    NOT NULL,
    simulated              BOOLEAN NOT NULL,
    state                  TEXT    NOT NULL,
    message                TEXT    NOT NULL,
    client_id              TEXT    NOT NULL,
    identity               TEXT    NOT NULL,
    checks                 TEXT    NOT NULL,
    connected_at           BIGINT  NOT NULL,
    created_at             BIGINT  NOT NULL,
    updated_at             BIGINT  NOT NULL,
    sealed_client_secret   BYTEA,
    sealed_tokens          BYTEA,
    sealed_callback_secret BYTEA,
    callback_hash          BYTEA
);
CREATE UNIQUE INDEX integration_instance ON integration (tenant_id, instance_url);

CREATE TABLE connect_attempt (
    id                   TEXT   NOT NULL PRIMARY KEY,
    tenant_id            TEXT   NOT NULL,
    integration_id       TEXT   NOT NULL,
    instance_url         TEXT   NOT NULL,
    client_id            TEXT   NOT NULL,
    sealed_client_secret BYTEA,
    sealed_verifier      BYTEA,
    state_hash           BYTEA  NOT NULL,
    session_hash         BYTEA  NOT NULL,
    outcome              TEXT   NOT NULL,
    message              TEXT   NOT NULL,
    created_at           BIGINT NOT NULL,
    expires_at           BIGINT NOT NULL,
    used_at              BIGINT NOT NULL
);
CREATE UNIQUE INDEX connect_attempt_state ON connect_attempt (state_hash);

CREATE TABLE neo_user (
    id            TEXT   NOT NULL PRIMARY KEY,
    tenant_id     TEXT   NOT NULL,
    email         TEXT   NOT NULL,
    name          TEXT   NOT NULL,
    role          TEXT   NOT NULL,
    password_hash TEXT   NOT NULL,
    created_at    BIGINT NOT NULL
);
CREATE UNIQUE INDEX neo_user_email ON neo_user (email);

CREATE TABLE setup_token (
    token_hash BYTEA  NOT NULL PRIMARY KEY,
    expires_at BIGINT NOT NULL
);

CREATE TABLE session (
    token_hash BYTEA  NOT NULL PRIMARY KEY,
    data       BYTEA  NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX session_expiry ON session (expires_at);

CREATE TABLE meta (
    key   TEXT  NOT NULL PRIMARY KEY,
    value BYTEA NOT NULL
);
