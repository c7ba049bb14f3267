-- What an alert about a workflow leads to; why a workflow was switched on although
-- something that it needs was missing.

-- +goose Up

ALTER TABLE alert ADD COLUMN workflow_id TEXT NOT NULL DEFAULT '';
ALTER TABLE alert ADD COLUMN run_id TEXT NOT NULL DEFAULT '';           -- the last run that met the condition
ALTER TABLE alert ADD COLUMN permission_group TEXT NOT NULL DEFAULT ''; -- the group that refused it, or ''
ALTER TABLE alert ADD COLUMN permission_level TEXT NOT NULL DEFAULT ''; -- what it would have to be set to
UPDATE alert SET workflow_id = substr(key, 17) WHERE key LIKE 'workflow-paused/%';
CREATE INDEX alert_workflow ON alert (tenant_id, workflow_id) WHERE workflow_id <> '' AND resolved_at = 0;

-- Saved unfinished: it cannot be switched on before its mistakes are corrected.
ALTER TABLE workflow ADD COLUMN draft BOOLEAN NOT NULL DEFAULT FALSE;

ALTER TABLE workflow_version ADD COLUMN override_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE workflow_version ADD COLUMN override_by TEXT NOT NULL DEFAULT ''; -- neo_user.id
ALTER TABLE workflow_version ADD COLUMN override_at BIGINT NOT NULL DEFAULT 0;
