package store

import (
	"context"
	"slices"

	"github.com/neoagent/neo"
)

const stepColumns = `id, tenant_id, run_id, position, action, state, integration_id, class, remote_id, message, started_at, finished_at, data`

func scanStep(row Row) (s neo.Step, err error) {
	err = row.Scan(&s.ID, &s.TenantID, &s.RunID, &s.Position, &s.Action, &s.State, &s.Ticket.IntegrationID, &s.Ticket.Class, &s.Ticket.RemoteID,
		&s.Message, timeTo(&s.StartedAt), timeTo(&s.FinishedAt), jsonTo(&s.StepData))
	return s, err
}

// PutStep stores a step, new or changed. A run has one step at each position, and a
// ticket one step that is WRITING to it; another one is neo.CodeConflict.
func (db *DB) PutStep(ctx context.Context, tx neo.Tx, s neo.Step) error {
	data, err := jsonText(&s.StepData)
	if err != nil {
		return failed("store a step of the workflow run", err)
	}
	_, err = tx.(*Tx).Exec(ctx, `INSERT INTO run_step (`+stepColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
		ON CONFLICT (id) DO UPDATE SET state = excluded.state, message = excluded.message,
			started_at = excluded.started_at, finished_at = excluded.finished_at, data = excluded.data`,
		s.ID, s.TenantID, s.RunID, s.Position, string(s.Action), string(s.State), s.Ticket.IntegrationID, string(s.Ticket.Class), s.Ticket.RemoteID,
		s.Message, millis(s.StartedAt), millis(s.FinishedAt), data)
	return failed("store a step of the workflow run", err)
}

// Steps returns the steps of a run in their order; none for a run of another tenant.
func (db *DB) Steps(ctx context.Context, tenant, runID string) ([]neo.Step, error) {
	steps, err := collect(ctx, db.read, scanStep,
		`SELECT `+stepColumns+` FROM run_step WHERE run_id = $1 AND tenant_id = $2 ORDER BY position`, runID, tenant)
	return steps, failed("read the steps of the workflow run", err)
}

// StepsForRun is Steps for the worker that holds the run.
func (db *DB) StepsForRun(ctx context.Context, runID string) ([]neo.Step, error) {
	steps, err := collect(ctx, db.read, scanStep,
		`SELECT `+stepColumns+` FROM run_step WHERE run_id = $1 ORDER BY position`, runID)
	return steps, failed("read the steps of the workflow run", err)
}

var writingSteps = newBatch(`WITH wanted (integration_id, class, remote_id) AS (VALUES `, `(?, ?, ?)`,
	`) SELECT s.integration_id, s.class, s.remote_id, s.id FROM wanted w CROSS JOIN run_step s
	WHERE s.remote_id = w.remote_id AND s.class = w.class AND s.integration_id = w.integration_id AND s.state = 'WRITING'
	ORDER BY s.id`) // all lock in the same order

// WritingSteps returns, for those of the tickets to which a write of Neo's is
// under way, the step that writes. Until the transaction ends those steps cannot leave WRITING: an event that it stores as
// held by one is seen by whoever finishes the step.
//
// A step that has just left WRITING is not returned; what it wrote is then found
// by OwnVersions, if called after.
func (db *DB) WritingSteps(ctx context.Context, tx neo.Tx, tickets []neo.TicketRef) (map[neo.TicketRef]string, error) {
	t := tx.(*Tx)
	refs := slices.Clone(tickets)
	slices.SortFunc(refs, compareRefs)
	refs = slices.Compact(refs)

	type found struct {
		ref neo.TicketRef
		id  string
	}
	writing := map[neo.TicketRef]string{}
	err := writingSteps.each(t, len(refs), func(args []any, i int) ([]any, error) {
		return append(args, refs[i].IntegrationID, string(refs[i].Class), refs[i].RemoteID), nil
	}, func(query string, args []any, _, _ int) error {
		steps, err := collect(ctx, t, func(row Row) (f found, err error) {
			return f, row.Scan(&f.ref.IntegrationID, &f.ref.Class, &f.ref.RemoteID, &f.id)
		}, query+t.locking("FOR SHARE OF s"), args...)
		for _, s := range steps {
			writing[s.ref] = s.id
		}
		return err
	})
	return writing, failed("look for writes that are under way", err)
}
