-- +goose Up

-- In which time zone next_at was worked out; when another one counts, it is worked out
-- again. Of rows from before that is not known.
ALTER TABLE workflow_schedule ADD COLUMN time_zone TEXT NOT NULL DEFAULT '';
