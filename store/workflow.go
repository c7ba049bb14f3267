package store

import (
	"context"
	"slices"
	"time"

	"github.com/neoagent/neo"
)

const (
	workflowColumns = `w.id, w.tenant_id, w.enabled, w.version, w.created_at, w.updated_at, w.paused, w.draft, v.definition, v.meaning`
	workflowTables  = `workflow w JOIN workflow_version v ON v.workflow_id = w.id AND v.version = w.version`
)

func scanWorkflow(row Row) (w neo.Workflow, err error) {
	err = row.Scan(&w.ID, &w.TenantID, &w.Enabled, &w.Version, timeTo(&w.CreatedAt), timeTo(&w.UpdatedAt), &w.Paused, &w.Draft, jsonTo(&w.Definition), &w.Meaning)
	return w, err
}

// SaveWorkflow stores a workflow: a new one if Version is 0, else the version
// after Version, which must be the stored one (neo.CodeConflict otherwise: someone
// else has saved). Enabled is stored too. It sets Version, CreatedAt and UpdatedAt.
// savedBy is the id of the user. It must be the first thing that tx does.
func (db *DB) SaveWorkflow(ctx context.Context, tx neo.Tx, w *neo.Workflow, savedBy string) error {
	const doing = "save the workflow"
	t := tx.(*Tx)
	definition, err := jsonText(&w.Definition)
	if err != nil {
		return &neo.Error{Code: neo.CodeInvalid, Cause: err, Message: "A setting of one of the workflow's actions is not valid JSON. Correct it and save again."}
	}
	if err := t.raiseEpoch(ctx); err != nil {
		return failed(doing, err)
	}
	now := fromMillis(millis(db.now()))
	version, created := w.Version+1, w.CreatedAt
	if w.Version == 0 {
		created = now
		_, err = t.Exec(ctx, `INSERT INTO workflow (id, tenant_id, enabled, version, created_at, updated_at, draft) VALUES ($1, $2, $3, $4, $5, $5, $6)`,
			w.ID, w.TenantID, w.Enabled, version, millis(now), w.Draft)
	} else {
		err = t.QueryRow(ctx, `UPDATE workflow SET enabled = $4, version = version + 1, updated_at = $5, failures = 0, draft = $6,
			paused = CASE WHEN $4 THEN '' ELSE paused END
			WHERE id = $1 AND tenant_id = $2 AND version = $3 RETURNING created_at`,
			w.ID, w.TenantID, w.Version, w.Enabled, millis(now), w.Draft).Scan(timeTo(&created))
		if noRows(err) {
			return workflowChanged(ctx, t, w)
		}
	}
	if err != nil {
		return failed(doing, err)
	}
	_, err = t.Exec(ctx, `INSERT INTO workflow_version (workflow_id, version, tenant_id, definition, saved_by, saved_at, meaning) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		w.ID, version, w.TenantID, definition, savedBy, millis(now), neo.Meaning)
	if err != nil {
		return failed(doing, err)
	}
	w.Version, w.CreatedAt, w.UpdatedAt, w.Meaning = version, created, now, neo.Meaning
	return nil
}

// workflowChanged says why there is no workflow of the version that was to be replaced.
func workflowChanged(ctx context.Context, q queryer, w *neo.Workflow) error {
	var version int64
	err := q.QueryRow(ctx, `SELECT version FROM workflow WHERE id = $1 AND tenant_id = $2`, w.ID, w.TenantID).Scan(&version)
	switch {
	case noRows(err):
		return missing("workflow")
	case err != nil:
		return failed("save the workflow", err)
	}
	return neo.Errorf(neo.CodeConflict, "Someone else has saved this workflow in the meantime (it is at version %d, you started from %d). "+
		"Load it again and repeat your change.", version, w.Version)
}

// SetWorkflowEnabled switches a workflow on or off. That is not a new version.
func (db *DB) SetWorkflowEnabled(ctx context.Context, tenant, id string, enabled bool) error {
	return db.changeWorkflow(ctx, "switch the workflow", `UPDATE workflow SET enabled = $3, updated_at = $4, paused = '', failures = 0 WHERE id = $1 AND tenant_id = $2`,
		id, tenant, enabled, millis(db.now()))
}

// PutOverride records that a person switches a version of a workflow on in spite of
// what it lacks. o.By is the id of the user.
func (db *DB) PutOverride(ctx context.Context, tx neo.Tx, tenant, workflow string, version int64, o neo.Override) error {
	_, err := tx.(*Tx).Exec(ctx, `UPDATE workflow_version SET override_reason = $4, override_by = $5, override_at = $6
		WHERE workflow_id = $1 AND tenant_id = $2 AND version = $3`, workflow, tenant, version, o.Reason, o.By, millis(o.At))
	return failed("store why the workflow is switched on", err)
}

// DeleteWorkflow removes a workflow. Its runs and the versions they use stay.
func (db *DB) DeleteWorkflow(ctx context.Context, tenant, id string) error {
	return db.changeWorkflow(ctx, "delete the workflow", `DELETE FROM workflow WHERE id = $1 AND tenant_id = $2`, id, tenant)
}

func (db *DB) changeWorkflow(ctx context.Context, doing, query string, args ...any) error {
	return db.inTx(ctx, func(tx *Tx) error {
		if err := tx.raiseEpoch(ctx); err != nil {
			return failed(doing, err)
		}
		n, err := tx.Exec(ctx, query, args...)
		if err == nil && n == 0 {
			return missing("workflow")
		}
		return failed(doing, err)
	})
}

// Workflows returns all workflows of a tenant, oldest first.
func (db *DB) Workflows(ctx context.Context, tenant string) ([]neo.Workflow, error) {
	all, err := collect(ctx, db.read, scanWorkflow,
		`SELECT `+workflowColumns+` FROM `+workflowTables+` WHERE w.tenant_id = $1 ORDER BY w.id`, tenant)
	return all, failed("read the workflows", err)
}

// Workflow returns one workflow.
func (db *DB) Workflow(ctx context.Context, tenant, id string) (neo.Workflow, error) {
	w, err := scanWorkflow(db.read.QueryRow(ctx,
		`SELECT `+workflowColumns+` FROM `+workflowTables+` WHERE w.id = $1 AND w.tenant_id = $2`, id, tenant))
	if noRows(err) {
		return w, missing("workflow")
	}
	return w, failed("read the workflow", err)
}

// WorkflowVersion returns a workflow as it was saved, even after it was deleted.
func (db *DB) WorkflowVersion(ctx context.Context, id string, version int64) (d neo.Definition, err error) {
	err = db.read.QueryRow(ctx, `SELECT definition FROM workflow_version WHERE workflow_id = $1 AND version = $2`, id, version).Scan(jsonTo(&d))
	if noRows(err) {
		return d, missing("version of the workflow")
	}
	return d, failed("read the workflow", err)
}

// WorkflowStats returns the statistics of a tenant's workflows by id; none for a
// workflow that never ran. It is answered from one index, without reading a run.
func (db *DB) WorkflowStats(ctx context.Context, tenant string) (map[string]neo.WorkflowStats, error) {
	type count struct {
		workflow string
		outcome  neo.Outcome
		n        int
		last     time.Time
	}
	counts, err := collect(ctx, db.read, func(row Row) (c count, err error) {
		return c, row.Scan(&c.workflow, &c.outcome, &c.n, timeTo(&c.last))
	}, `SELECT workflow_id, outcome, count(*), max(created_at) FROM run WHERE tenant_id = $1 GROUP BY workflow_id, outcome`, tenant)
	stats, ended := map[string]neo.WorkflowStats{}, map[string][]count{}
	for _, c := range counts {
		s := stats[c.workflow]
		s.Runs += c.n
		switch c.outcome {
		case neo.Success:
			s.Successes += c.n
		case neo.Failure:
			s.Failures += c.n
		}
		if c.last.After(s.LastRunAt) {
			s.LastRunAt = c.last
		}
		stats[c.workflow] = s
		if c.outcome == neo.Success || c.outcome == neo.Failure {
			ended[c.workflow] = append(ended[c.workflow], c)
		}
	}
	for id, of := range ended {
		s := stats[id]
		s.LastFailed = slices.MaxFunc(of, func(a, b count) int { return a.last.Compare(b.last) }).outcome == neo.Failure
		stats[id] = s
	}
	if err == nil {
		err = db.addShadow(ctx, tenant, stats)
	}
	if err == nil {
		err = db.addDays(ctx, tenant, stats)
	}
	return stats, failed("read the workflows' statistics", err)
}

// addShadow counts the runs that only planned, and takes them out of the successes.
func (db *DB) addShadow(ctx context.Context, tenant string, stats map[string]neo.WorkflowStats) error {
	type count struct {
		workflow string
		outcome  neo.Outcome
		n        int
	}
	counts, err := collect(ctx, db.read, func(row Row) (c count, err error) {
		return c, row.Scan(&c.workflow, &c.outcome, &c.n)
	}, `SELECT workflow_id, outcome, count(*) FROM run WHERE tenant_id = $1 AND shadow GROUP BY workflow_id, outcome`, tenant)
	for _, c := range counts {
		s := stats[c.workflow]
		s.Shadow += c.n
		if c.outcome == neo.Success {
			s.Successes = max(0, s.Successes-c.n)
		}
		stats[c.workflow] = s
	}
	return err
}

// statsDays is for how many days runs are counted day by day.
const statsDays = 14

// addDays counts the runs of the last days, oldest first, with days without any.
func (db *DB) addDays(ctx context.Context, tenant string, stats map[string]neo.WorkflowStats) error {
	const day = 24 * time.Hour
	first := db.now().UTC().Truncate(day).Add(-(statsDays - 1) * day)
	type count struct {
		workflow       string
		day, runs, bad int64
	}
	counts, err := collect(ctx, db.read, func(row Row) (c count, err error) {
		return c, row.Scan(&c.workflow, &c.day, &c.runs, &c.bad)
	}, `SELECT workflow_id, created_at / 86400000, count(*), sum(CASE WHEN outcome = 'FAILURE' THEN 1 ELSE 0 END) FROM run
		WHERE tenant_id = $1 AND created_at >= $2 GROUP BY workflow_id, created_at / 86400000`, tenant, millis(first))
	if err != nil {
		return err
	}
	for id, s := range stats {
		s.Days = make([]neo.RunsOfDay, statsDays)
		for i := range s.Days {
			s.Days[i].Day = first.Add(time.Duration(i) * day).Format(time.DateOnly)
		}
		stats[id] = s
	}
	for _, c := range counts {
		s, counted := stats[c.workflow] // not if its first run was made just now
		if i := c.day - first.UnixMilli()/day.Milliseconds(); counted && i >= 0 && i < statsDays {
			s.Days[i].Runs, s.Days[i].Failures = int(c.runs), int(c.bad)
		}
	}
	return nil
}

// WorkflowAt returns a workflow with the definition that was its newest at a time;
// neo.CodeNotFound when it did not exist yet.
func (db *DB) WorkflowAt(ctx context.Context, tenant, id string, at time.Time) (neo.Workflow, error) {
	w := neo.Workflow{ID: id, TenantID: tenant}
	err := db.read.QueryRow(ctx, `SELECT version, definition FROM workflow_version
		WHERE workflow_id = $1 AND tenant_id = $2 AND saved_at <= $3 ORDER BY version DESC LIMIT 1`, id, tenant, millis(at)).
		Scan(&w.Version, jsonTo(&w.Definition))
	if noRows(err) {
		return w, missing("workflow")
	}
	return w, failed("read the workflow as it was", err)
}
