package store

import (
	"cmp"
	"context"

	"github.com/neoagent/neo"
)

const runColumns = `id, tenant_id, workflow_id, workflow_version, workflow_name, event_id, integration_id, class, remote_id,
	number, outcome, message, attempt, due_at, created_at, started_at, finished_at, COALESCE(once_key, ''),
	cause, COALESCE(start_key, ''), parent_id, depth, after_id, lane, shadow, cancel_requested, away, requested_by`

func scanRun(row Row) (r neo.Run, err error) {
	err = row.Scan(runDest(&r)...)
	return r, err
}

func runDest(r *neo.Run) []any {
	return []any{&r.ID, &r.TenantID, &r.WorkflowID, &r.WorkflowVersion, &r.WorkflowName, &r.EventID,
		&r.Ticket.IntegrationID, &r.Ticket.Class, &r.Ticket.RemoteID, &r.Number, &r.Outcome, &r.Message, &r.Attempt,
		timeTo(&r.DueAt), timeTo(&r.CreatedAt), timeTo(&r.StartedAt), timeTo(&r.FinishedAt), &r.OnceKey,
		&r.Cause, &r.StartKey, &r.ParentID, &r.Depth, &r.AfterID, &r.Lane, &r.Shadow, &r.CancelRequested, &r.Away, &r.RequestedBy}
}

var insertRuns = newBatch(`INSERT INTO run (id, tenant_id, workflow_id, workflow_version, workflow_name, event_id, integration_id, class, remote_id,
	number, outcome, message, attempt, due_at, created_at, started_at, finished_at, once_key, cause, start_key, parent_id, depth, after_id, lane, shadow, requested_by, lease_owner, lease_until) VALUES `,
	`(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', 0)`,
	` ON CONFLICT DO NOTHING`)

// InsertRuns stores the runs that may be made and says for each whether it was: a
// workflow runs once for an event, for a StartKey, and for a OnceKey that is not empty.
func (db *DB) InsertRuns(ctx context.Context, tx neo.Tx, runs []neo.Run) ([]bool, error) {
	order := sortedIndex(runs, func(a, b *neo.Run) int {
		return cmp.Or(cmp.Compare(a.WorkflowID, b.WorkflowID), cmp.Compare(a.OnceKey, b.OnceKey), cmp.Compare(a.EventID, b.EventID), cmp.Compare(a.StartKey, b.StartKey))
	})
	inserted, err := insertRuns.insertNew(ctx, tx.(*Tx), len(runs),
		func(i int) string { return runs[order[i]].ID },
		func(args []any, i int) ([]any, error) {
			r := &runs[order[i]]
			return append(args, r.ID, r.TenantID, r.WorkflowID, r.WorkflowVersion, r.WorkflowName, r.EventID,
				r.Ticket.IntegrationID, string(r.Ticket.Class), r.Ticket.RemoteID, r.Number, string(r.Outcome), r.Message, r.Attempt,
				millis(r.DueAt), millis(r.CreatedAt), millis(r.StartedAt), millis(r.FinishedAt), nullIfEmpty(r.OnceKey),
				string(cmp.Or(r.Cause, neo.CauseEvent)), nullIfEmpty(r.StartKey), r.ParentID, r.Depth, r.AfterID, r.Lane, r.Shadow, r.RequestedBy), nil
		})
	if err != nil {
		return nil, failed("store the workflow runs", err)
	}
	return inOrderGiven(inserted, order), nil
}

func nullIfEmpty(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// Run returns one run.
func (db *DB) Run(ctx context.Context, tenant, id string) (neo.Run, error) {
	r, err := scanRun(db.read.QueryRow(ctx, `SELECT `+runColumns+` FROM run WHERE id = $1 AND tenant_id = $2`, id, tenant))
	if noRows(err) {
		return r, missing("workflow run")
	}
	return r, failed("read the workflow run", err)
}

// UpdateRun writes how a run stands: Outcome, Message, Attempt, DueAt, FinishedAt, Away.
// The owner must hold its lease, else neo.CodeConflict: somebody else has taken
// over, and this transaction must not commit. The lease is given up unless
// Outcome is neo.Running.
func (db *DB) UpdateRun(ctx context.Context, tx neo.Tx, r neo.Run, owner string) error {
	n, err := tx.(*Tx).Exec(ctx, `UPDATE run SET outcome = $3, message = $4, attempt = $5, due_at = $6, finished_at = $7, away = $8,
		lease_owner = CASE WHEN $3 = 'RUNNING' THEN lease_owner ELSE '' END,
		lease_until = CASE WHEN $3 = 'RUNNING' THEN lease_until ELSE 0 END
		WHERE id = $1 AND lease_owner = $2 AND lease_owner <> ''`,
		r.ID, owner, string(r.Outcome), r.Message, r.Attempt, millis(r.DueAt), millis(r.FinishedAt), r.Away)
	if err == nil && n == 0 {
		return neo.Errorf(neo.CodeConflict, "Another worker has taken over this workflow run. Nothing needs to be done.")
	}
	return failed("store how the workflow run stands", err)
}

// UnfinishedRuns returns up to limit runs of all tenants that are not over, by
// id, beginning after the given one ("" for the first).
func (db *DB) UnfinishedRuns(ctx context.Context, after string, limit int) ([]neo.Job, error) {
	jobs, err := collect(ctx, db.read, func(row Row) (j neo.Job, err error) {
		return j, row.Scan(&j.RunID, timeTo(&j.At))
	}, `SELECT id, CASE WHEN cancel_requested THEN 0 ELSE due_at END FROM run WHERE outcome IN ('PENDING', 'RUNNING', 'WAITING') AND id > $1 ORDER BY id LIMIT $2`, after, limit)
	return jobs, failed("read the unfinished workflow runs", err)
}
