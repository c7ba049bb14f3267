package store

import (
	"context"
	"time"

	"github.com/neoagent/neo"
)

// Schedules returns when each scheduled workflow fires next.
func (db *DB) Schedules(ctx context.Context) ([]neo.NextFiring, error) {
	all, err := collect(ctx, db.read, func(row Row) (f neo.NextFiring, err error) {
		return f, row.Scan(&f.WorkflowID, &f.TenantID, &f.Version, &f.TimeZone, timeTo(&f.At), timeTo(&f.LastAt))
	}, `SELECT workflow_id, tenant_id, version, time_zone, next_at, fired_at FROM workflow_schedule`)
	return all, failed("read when workflows fire", err)
}

// PutSchedule sets when a workflow fires next, unless another process has done so
// for this version of it and this time zone.
func (db *DB) PutSchedule(ctx context.Context, f neo.NextFiring) error {
	_, err := db.write.Exec(ctx, `INSERT INTO workflow_schedule (workflow_id, tenant_id, version, next_at, fired_at, time_zone) VALUES ($1, $2, $3, $4, 0, $5)
		ON CONFLICT (workflow_id) DO UPDATE SET version = excluded.version, next_at = excluded.next_at, time_zone = excluded.time_zone
		WHERE workflow_schedule.version <> excluded.version OR workflow_schedule.time_zone <> excluded.time_zone`,
		f.WorkflowID, f.TenantID, f.Version, millis(f.At), f.TimeZone)
	return failed("store when a workflow fires", err)
}

// DropSchedule forgets when a workflow fires: it is off, or not scheduled (any more).
func (db *DB) DropSchedule(ctx context.Context, workflowID string) error {
	_, err := db.write.Exec(ctx, `DELETE FROM workflow_schedule WHERE workflow_id = $1`, workflowID)
	return failed("forget when a workflow fires", err)
}

// Fire takes the firing that was due for this process: it reports whether nobody
// else did, and sets the next one.
func (db *DB) Fire(ctx context.Context, tx neo.Tx, due neo.NextFiring, next, now time.Time) (bool, error) {
	n, err := tx.(*Tx).Exec(ctx, `UPDATE workflow_schedule SET next_at = $4, fired_at = $5 WHERE workflow_id = $1 AND version = $2 AND next_at = $3`,
		due.WorkflowID, due.Version, millis(due.At), millis(next), millis(now))
	return n == 1, failed("store that a workflow fires", err)
}

// UnfinishedTickets returns the tickets on which a run of the workflow is not over.
func (db *DB) UnfinishedTickets(ctx context.Context, tenant, workflowID string) (map[neo.TicketRef]bool, error) {
	refs, err := collect(ctx, db.read, func(row Row) (r neo.TicketRef, err error) {
		return r, row.Scan(&r.IntegrationID, &r.Class, &r.RemoteID)
	}, `SELECT integration_id, class, remote_id FROM run WHERE tenant_id = $1 AND workflow_id = $2 AND outcome IN ('PENDING', 'RUNNING', 'WAITING')`, tenant, workflowID)
	unfinished := make(map[neo.TicketRef]bool, len(refs))
	for _, r := range refs {
		unfinished[r] = true
	}
	return unfinished, failed("look where the workflow is at work", err)
}

const workColumns = `w.id, w.tenant_id, w.workflow_id, w.workflow_name, w.integration_id, w.class, w.remote_id, w.number, w.at, w.note, w.run_id,
	w.requested_by, w.created_at, w.updated_at, w.cancelled, COALESCE(r.outcome, ''), CASE WHEN r.id IS NULL THEN w.message ELSE r.message END`

const workTables = `scheduled_work w LEFT JOIN run r ON r.id = w.run_id`

func scanWork(row Row) (w neo.ScheduledWork, err error) {
	var cancelled bool
	var outcome neo.Outcome
	err = row.Scan(&w.ID, &w.TenantID, &w.WorkflowID, &w.WorkflowName, &w.Ticket.IntegrationID, &w.Ticket.Class, &w.Ticket.RemoteID, &w.Number,
		timeTo(&w.At), &w.Note, &w.RunID, &w.RequestedBy, timeTo(&w.CreatedAt), timeTo(&w.UpdatedAt), &cancelled, &outcome, &w.Message)
	switch {
	case cancelled || outcome == neo.Cancelled:
		w.State = neo.WorkCancelled
	case outcome == neo.Failure || outcome == "" && w.Message != "":
		w.State = neo.WorkFailed
	case outcome == "":
		w.State = neo.WorkPending
	case outcome.Final():
		w.State = neo.WorkCompleted
	default:
		w.State = neo.WorkProcessing
	}
	return w, err
}

// AddWork stores what a person wants to be carried out.
func (db *DB) AddWork(ctx context.Context, tx neo.Tx, w neo.ScheduledWork) error {
	_, err := tx.(*Tx).Exec(ctx, `INSERT INTO scheduled_work (id, tenant_id, workflow_id, workflow_name, integration_id, class, remote_id, number,
		at, note, run_id, cancelled, message, requested_by, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, FALSE, '', $12, $13, $13)`,
		w.ID, w.TenantID, w.WorkflowID, w.WorkflowName, w.Ticket.IntegrationID, string(w.Ticket.Class), w.Ticket.RemoteID, w.Number,
		millis(w.At), w.Note, w.RunID, w.RequestedBy, millis(w.CreatedAt))
	return failed("store the scheduled work", err)
}

// Work returns one piece of scheduled work.
func (db *DB) Work(ctx context.Context, tenant, id string) (neo.ScheduledWork, error) {
	w, err := scanWork(db.read.QueryRow(ctx, `SELECT `+workColumns+` FROM `+workTables+` WHERE w.id = $1 AND w.tenant_id = $2`, id, tenant))
	if noRows(err) {
		return w, missing("scheduled work")
	}
	return w, failed("read the scheduled work", err)
}

// ScheduledWork returns work, newest first, with ids smaller than before ("": from
// the newest on).
func (db *DB) ScheduledWork(ctx context.Context, tenant, before string, limit int) ([]neo.ScheduledWork, error) {
	if before == "" {
		before = lastID
	}
	all, err := collect(ctx, db.read, scanWork, `SELECT `+workColumns+` FROM `+workTables+`
		WHERE w.tenant_id = $1 AND w.id < $2 ORDER BY w.id DESC LIMIT $3`, tenant, before, limit)
	return all, failed("read the scheduled work", err)
}

// DueWork returns work of all tenants whose time has come, the oldest first.
func (db *DB) DueWork(ctx context.Context, now time.Time, limit int) ([]neo.ScheduledWork, error) {
	all, err := collect(ctx, db.read, scanWork, `SELECT `+workColumns+` FROM `+workTables+`
		WHERE w.run_id = '' AND NOT w.cancelled AND w.message = '' AND w.at <= $1 ORDER BY w.at LIMIT $2`, millis(now), limit)
	return all, failed("look for work that is due", err)
}

// BeginWork gives pending work its run, or, without one, says why there is none. It
// reports whether the work was still pending.
func (db *DB) BeginWork(ctx context.Context, tx neo.Tx, id, runID, message string) (bool, error) {
	n, err := tx.(*Tx).Exec(ctx, `UPDATE scheduled_work SET run_id = $2, message = $3 WHERE id = $1 AND run_id = '' AND NOT cancelled AND message = ''`, id, runID, message)
	return n == 1, failed("begin the scheduled work", err)
}

// ChangeWork sets time, note, and whether it is cancelled, of work that is pending;
// neo.CodeConflict: it is not (any more).
func (db *DB) ChangeWork(ctx context.Context, w neo.ScheduledWork, cancel bool) error {
	n, err := db.write.Exec(ctx, `UPDATE scheduled_work SET at = $3, note = $4, cancelled = $5, updated_at = $6
		WHERE id = $1 AND tenant_id = $2 AND run_id = '' AND NOT cancelled AND message = ''`,
		w.ID, w.TenantID, millis(w.At), w.Note, cancel, millis(db.now()))
	if err == nil && n == 0 {
		if _, err := db.Work(ctx, w.TenantID, w.ID); err != nil {
			return err
		}
		return neo.Errorf(neo.CodeConflict, "This work has begun, or was cancelled: it can no longer be changed.")
	}
	return failed("change the scheduled work", err)
}
