-- By which meaning of comparisons each version of a workflow was saved; 0: by that
-- before values were compared as what they are.

-- +goose Up

ALTER TABLE workflow_version ADD COLUMN meaning BIGINT NOT NULL DEFAULT 0;
