-- What people are told of workflows: what an alert leads to, who asked for a run, drafts,
-- and why a workflow was switched on although something that it needs was missing.

-- +goose Up

ALTER TABLE alert ADD COLUMN workflow_id TEXT NOT NULL DEFAULT '';
ALTER TABLE alert ADD COLUMN run_id TEXT NOT NULL DEFAULT '';           -- the last run that met the condition
ALTER TABLE alert ADD COLUMN permission_group TEXT NOT NULL DEFAULT ''; -- the group that refused it, or ''
ALTER TABLE alert ADD COLUMN permission_level TEXT NOT NULL DEFAULT ''; -- what it would have to be set to
UPDATE alert SET workflow_id = substr(key, 17) WHERE key LIKE 'workflow-paused/%';
CREATE INDEX alert_workflow ON alert (tenant_id, workflow_id) WHERE workflow_id <> '' AND resolved_at = 0;

-- The name of the person who asked for the run, or for the undo; '' for others.
ALTER TABLE run ADD COLUMN requested_by TEXT NOT NULL DEFAULT '';
UPDATE run SET requested_by = COALESCE((SELECT w.requested_by FROM scheduled_work w WHERE w.id = substr(run.start_key, 6)), '') WHERE cause = 'REQUEST';
-- Runs that only planned are no successes.
CREATE INDEX run_shadow_stats ON run (tenant_id, workflow_id, outcome) WHERE shadow;

-- Saved unfinished: it cannot be switched on before its mistakes are corrected.
ALTER TABLE workflow ADD COLUMN draft BOOLEAN NOT NULL DEFAULT FALSE;

ALTER TABLE workflow_version ADD COLUMN override_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE workflow_version ADD COLUMN override_by TEXT NOT NULL DEFAULT ''; -- neo_user.id
ALTER TABLE workflow_version ADD COLUMN override_at BIGINT NOT NULL DEFAULT 0;
