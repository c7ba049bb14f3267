package store

import (
	"context"
	"strings"

	"github.com/neoagent/neo"
)

// ShadowRuns returns the newest finished shadow runs of a workflow, newest first, and
// their steps, by run, in order.
func (db *DB) ShadowRuns(ctx context.Context, tenant, workflow string, limit int) ([]neo.Run, map[string][]neo.Step, error) {
	const doing = "read the workflow's shadow runs"
	const newest = ` FROM run WHERE workflow_id = $1 AND tenant_id = $2 AND shadow AND outcome IN ('SUCCESS', 'FAILURE', 'SKIPPED', 'CANCELLED')
		ORDER BY id DESC LIMIT $3`
	runs, err := collect(ctx, db.read, scanRun, `SELECT `+runColumns+newest, workflow, tenant, limit)
	if err != nil || len(runs) == 0 {
		return nil, nil, failed(doing, err)
	}
	all, err := collect(ctx, db.read, scanStep, `SELECT s.`+strings.ReplaceAll(stepColumns, ", ", ", s.")+`
		FROM (SELECT id`+newest+`) AS r CROSS JOIN run_step s WHERE s.run_id = r.id ORDER BY s.run_id, s.position`, workflow, tenant, limit)
	steps := map[string][]neo.Step{}
	for _, s := range all {
		steps[s.RunID] = append(steps[s.RunID], s)
	}
	return runs, steps, failed(doing, err)
}
