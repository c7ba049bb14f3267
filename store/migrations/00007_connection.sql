-- Whether an instance answers, and what waits until it does.

-- +goose Up

ALTER TABLE integration ADD COLUMN silent_since BIGINT NOT NULL DEFAULT 0;  -- 0: it answers, as far as Neo knows
ALTER TABLE integration ADD COLUMN answers_since BIGINT NOT NULL DEFAULT 0; -- when it last came back
-- How many days of older tickets to read, as chosen at a connect that has not come that far.
ALTER TABLE integration ADD COLUMN backfill_days BIGINT NOT NULL DEFAULT 0;

-- The run waits until its ticket system answers; due_at is only the latest look.
ALTER TABLE run ADD COLUMN away BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX run_away ON run (integration_id, id) WHERE away;

-- Of the changes that were found by looking, those made while Neo could have taken a delivery.
ALTER TABLE delivery_minute ADD COLUMN missed BIGINT NOT NULL DEFAULT 0;
