-- A version of a ticket can be reported with different states: scripts that change a
-- ticket without counting, instances that were restored or cloned over.

-- +goose Up

-- Which of the states reported under one version: 0 the first, 1 the next.
ALTER TABLE event ADD COLUMN revision BIGINT NOT NULL DEFAULT 0;
-- The instance does not have this state, or it is not known yet that it has: it is not
-- the ticket's newest.
ALTER TABLE event ADD COLUMN unconfirmed BOOLEAN NOT NULL DEFAULT FALSE;

DROP INDEX event_identity;
CREATE UNIQUE INDEX event_identity ON event (remote_id, version, revision, class, integration_id);
