package store

import (
	"context"

	"github.com/neoagent/neo"
)

// Who saved a version: the name of that user, or what is stored where
// there is no such user; an id of somebody who is gone is nobody.
const versionColumns = `v.version, v.saved_at, CASE WHEN u.id IS NOT NULL THEN u.name WHEN length(v.saved_by) = 36 THEN '' ELSE v.saved_by END, v.definition,
	v.override_reason, CASE WHEN o.id IS NOT NULL THEN o.name ELSE '' END, v.override_at`

const versionTables = `workflow_version v LEFT JOIN neo_user u ON u.id = v.saved_by AND u.tenant_id = v.tenant_id
	LEFT JOIN neo_user o ON o.id = v.override_by AND o.tenant_id = v.tenant_id`

func scanVersion(row Row) (v neo.WorkflowVersion, err error) {
	err = row.Scan(&v.Version, timeTo(&v.SavedAt), &v.SavedBy, jsonTo(&v.Definition), &v.Override.Reason, &v.Override.By, timeTo(&v.Override.At))
	return v, err
}

// WorkflowVersions returns the saves of a workflow, newest first, at most limit of them. They
// stay when the workflow is deleted.
func (db *DB) WorkflowVersions(ctx context.Context, tenant, workflow string, limit int) ([]neo.WorkflowVersion, error) {
	all, err := collect(ctx, db.read, scanVersion, `SELECT `+versionColumns+` FROM `+versionTables+`
		WHERE v.workflow_id = $1 AND v.tenant_id = $2 ORDER BY v.version DESC LIMIT $3`, workflow, tenant, limit)
	if err == nil && len(all) == 0 {
		return nil, missing("workflow")
	}
	return all, failed("read the workflow's versions", err)
}

// SavedVersion returns one save of a workflow.
func (db *DB) SavedVersion(ctx context.Context, tenant, workflow string, version int64) (neo.WorkflowVersion, error) {
	v, err := scanVersion(db.read.QueryRow(ctx, `SELECT `+versionColumns+` FROM `+versionTables+`
		WHERE v.workflow_id = $1 AND v.tenant_id = $2 AND v.version = $3`, workflow, tenant, version))
	if noRows(err) {
		return v, missing("version of the workflow")
	}
	return v, failed("read the workflow's version", err)
}
