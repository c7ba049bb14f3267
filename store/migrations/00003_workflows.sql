-- What workflows need beyond answering events: schedules, requests, approvals,
-- permissions, and endpoints for messages.

-- +goose Up

ALTER TABLE run ADD COLUMN cause TEXT NOT NULL DEFAULT 'EVENT';
ALTER TABLE run ADD COLUMN start_key TEXT;                     -- NULL: the event's id says it (run_event)
ALTER TABLE run ADD COLUMN parent_id TEXT NOT NULL DEFAULT '';
ALTER TABLE run ADD COLUMN depth BIGINT NOT NULL DEFAULT 0;
ALTER TABLE run ADD COLUMN after_id TEXT NOT NULL DEFAULT '';  -- this run must be over first
ALTER TABLE run ADD COLUMN lane TEXT NOT NULL DEFAULT '';      -- runs of a lane go one by one
ALTER TABLE run ADD COLUMN shadow BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE run ADD COLUMN cancel_requested BOOLEAN NOT NULL DEFAULT FALSE;

DROP INDEX run_event;
CREATE UNIQUE INDEX run_event ON run (event_id, workflow_id) WHERE event_id <> '';
CREATE UNIQUE INDEX run_start ON run (workflow_id, start_key) WHERE start_key IS NOT NULL;
CREATE INDEX run_after ON run (after_id) WHERE after_id <> '';
CREATE INDEX run_lane ON run (lane, id) WHERE lane <> '' AND outcome IN ('PENDING', 'RUNNING', 'WAITING');
CREATE INDEX run_parent ON run (parent_id) WHERE parent_id <> '';
CREATE INDEX run_shadow ON run (workflow_id, id) WHERE shadow;
CREATE INDEX run_alone ON run (remote_id, id) WHERE event_id = ''; -- the history of a ticket; run_event leads to the others
CREATE INDEX run_waiting ON run (remote_id) WHERE outcome = 'WAITING';
DROP INDEX run_unfinished;
CREATE INDEX run_unfinished ON run (id) WHERE outcome IN ('PENDING', 'RUNNING', 'WAITING');

-- Who wrote which field of a ticket last: two workflows that fight are found by it.
CREATE INDEX run_step_ticket ON run_step (remote_id, id);

-- When customers wrote, for the time since their last reply.
CREATE TABLE customer_reply (
    integration_id TEXT   NOT NULL,
    class          TEXT   NOT NULL,
    remote_id      TEXT   NOT NULL,
    at             BIGINT NOT NULL,
    tenant_id      TEXT   NOT NULL,
    PRIMARY KEY (remote_id, at, class, integration_id)
);

-- Connections made before there were permission groups keep what they could do.
ALTER TABLE integration ADD COLUMN permissions TEXT NOT NULL DEFAULT '{}';
UPDATE integration SET permissions = '{"TICKETS":{"level":"READ_WRITE"},"WORK_NOTES":{"level":"READ_WRITE"},"EMAIL":{"level":"READ_WRITE"}}';

-- Why Neo has switched a workflow off, and since which run its failures are counted.
ALTER TABLE workflow ADD COLUMN paused TEXT NOT NULL DEFAULT '';
ALTER TABLE workflow ADD COLUMN failures BIGINT NOT NULL DEFAULT 0; -- in a row

-- When a scheduled workflow fires next.
CREATE TABLE workflow_schedule (
    workflow_id TEXT   NOT NULL PRIMARY KEY,
    tenant_id   TEXT   NOT NULL,
    version     BIGINT NOT NULL, -- of the workflow, whose schedule this is
    next_at     BIGINT NOT NULL,
    fired_at    BIGINT NOT NULL
);
CREATE INDEX workflow_schedule_next ON workflow_schedule (next_at);

-- Work that a person asked for: at once, or at a time. How it stands follows from its run.
CREATE TABLE scheduled_work (
    id             TEXT    NOT NULL PRIMARY KEY,
    tenant_id      TEXT    NOT NULL,
    workflow_id    TEXT    NOT NULL,
    workflow_name  TEXT    NOT NULL,
    integration_id TEXT    NOT NULL,
    class          TEXT    NOT NULL,
    remote_id      TEXT    NOT NULL,
    number         TEXT    NOT NULL,
    at             BIGINT  NOT NULL,
    note           TEXT    NOT NULL,
    run_id         TEXT    NOT NULL, -- '' until it began
    cancelled      BOOLEAN NOT NULL,
    message        TEXT    NOT NULL, -- why it could not begin
    requested_by   TEXT    NOT NULL,
    created_at     BIGINT  NOT NULL,
    updated_at     BIGINT  NOT NULL
);
CREATE INDEX scheduled_work_tenant ON scheduled_work (tenant_id, id);
CREATE INDEX scheduled_work_due ON scheduled_work (at) WHERE run_id = '' AND NOT cancelled AND message = '';

CREATE TABLE approval (
    id            TEXT   NOT NULL PRIMARY KEY,
    tenant_id     TEXT   NOT NULL,
    run_id        TEXT   NOT NULL,
    step_id       TEXT   NOT NULL,
    workflow_id   TEXT   NOT NULL,
    workflow_name TEXT   NOT NULL,
    integration_id TEXT  NOT NULL,
    class         TEXT   NOT NULL,
    remote_id     TEXT   NOT NULL,
    number        TEXT   NOT NULL,
    title         TEXT   NOT NULL,
    gate          TEXT   NOT NULL, -- the permission group that asks, or ''
    state         TEXT   NOT NULL,
    data          TEXT   NOT NULL, -- question, what is planned, what is there now
    comment       TEXT   NOT NULL,
    decided_by    TEXT   NOT NULL,
    decided_at    BIGINT NOT NULL,
    created_at    BIGINT NOT NULL
);
CREATE INDEX approval_tenant ON approval (tenant_id, state, id);
CREATE INDEX approval_run ON approval (run_id);

-- The next number of each rota, and the one that each run was given.
CREATE TABLE rota (
    key     TEXT   NOT NULL PRIMARY KEY, -- workflow and position
    tenant_id TEXT NOT NULL,
    next    BIGINT NOT NULL
);
CREATE TABLE rota_turn (
    run_id   TEXT   NOT NULL,
    position BIGINT NOT NULL,
    turn     BIGINT NOT NULL,
    PRIMARY KEY (run_id, position)
);

CREATE TABLE tenant_settings (
    tenant_id TEXT NOT NULL PRIMARY KEY,
    data      TEXT NOT NULL
);

CREATE TABLE endpoint (
    id         TEXT   NOT NULL PRIMARY KEY,
    tenant_id  TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    kind       TEXT   NOT NULL,
    host       TEXT   NOT NULL,
    sealed     BYTEA  NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX endpoint_name ON endpoint (tenant_id, name);

CREATE TABLE api_key (
    id           TEXT   NOT NULL PRIMARY KEY,
    tenant_id    TEXT   NOT NULL,
    user_id      TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    hash         BYTEA  NOT NULL,
    hint         TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL
);
CREATE UNIQUE INDEX api_key_hash ON api_key (hash);

-- A draft tried on recorded events.
CREATE TABLE backtest (
    id         TEXT   NOT NULL PRIMARY KEY,
    tenant_id  TEXT   NOT NULL,
    state      TEXT   NOT NULL, -- RUNNING, DONE, FAILED, CANCELLED
    definition TEXT   NOT NULL,
    days       BIGINT NOT NULL,
    progress   BIGINT NOT NULL, -- events looked at
    total      BIGINT NOT NULL,
    result     TEXT   NOT NULL, -- JSON, '' until it is done
    message    TEXT   NOT NULL,
    created_by TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX backtest_tenant ON backtest (tenant_id, id);
