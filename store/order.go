package store

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/neoagent/neo"
)

// RunBefore returns the run that has to be over before r may begin: the one that r
// comes after, or the oldest unfinished run of its lane. "" when there is none.
func (db *DB) RunBefore(ctx context.Context, r neo.Run) (id string, err error) {
	if r.AfterID == "" && r.Lane == "" {
		return "", nil
	}
	const doing = "look whose turn it is"
	if r.AfterID != "" {
		err = db.read.QueryRow(ctx, `SELECT id FROM run WHERE id = $1 AND outcome IN ('PENDING', 'RUNNING', 'WAITING')`, r.AfterID).Scan(&id)
		if !noRows(err) {
			return id, failed(doing, err)
		}
	}
	if r.Lane == "" {
		return "", nil
	}
	err = db.read.QueryRow(ctx, `SELECT id FROM run WHERE lane = $1 AND lane <> '' AND outcome IN ('PENDING', 'RUNNING', 'WAITING') AND id < $2
		ORDER BY id LIMIT 1`, r.Lane, r.ID).Scan(&id)
	if noRows(err) {
		return "", nil
	}
	return id, failed(doing, err)
}

// RunsAfter returns the runs that may have waited for r, which tx has ended: those
// that come after it, and the next of its lane. Also one that is just being looked at:
// whoever looks may have found r unfinished.
func (db *DB) RunsAfter(ctx context.Context, tx neo.Tx, r neo.Run) ([]neo.Job, error) {
	jobs, err := collect(ctx, tx.(*Tx), func(row Row) (j neo.Job, err error) {
		return j, row.Scan(&j.RunID, timeTo(&j.At))
	}, `SELECT id, 0 FROM run WHERE after_id = $1 AND after_id <> '' AND outcome IN ('PENDING', 'RUNNING')
		UNION ALL SELECT id, 0 FROM (SELECT id FROM run WHERE lane = $2 AND lane <> '' AND outcome IN ('PENDING', 'RUNNING', 'WAITING') AND id > $1
			ORDER BY id LIMIT 1) AS next_of_lane`, r.ID, r.Lane)
	return jobs, failed("look which workflow runs waited", err)
}

// PutAfter says which run has to be over before one begins that tx has stored.
func (db *DB) PutAfter(ctx context.Context, tx neo.Tx, id, afterID string) error {
	_, err := tx.(*Tx).Exec(ctx, `UPDATE run SET after_id = $2 WHERE id = $1`, id, afterID)
	return failed("store the order of the workflow runs", err)
}

// WaitingRuns returns the runs that wait, on these tickets.
func (db *DB) WaitingRuns(ctx context.Context, tickets []neo.TicketRef) ([]neo.Job, error) {
	if len(tickets) == 0 {
		return nil, nil
	}
	type waiting struct {
		id     string
		ticket neo.TicketRef
	}
	args, list := make([]any, len(tickets)), make([]string, len(tickets))
	for i, t := range tickets {
		args[i], list[i] = t.RemoteID, "$"+strconv.Itoa(i+1)
	}
	all, err := collect(ctx, db.read, func(row Row) (w waiting, err error) {
		return w, row.Scan(&w.id, &w.ticket.IntegrationID, &w.ticket.Class, &w.ticket.RemoteID)
	}, `SELECT id, integration_id, class, remote_id FROM run WHERE outcome = 'WAITING' AND remote_id IN (`+strings.Join(list, ", ")+`)`, args...)
	var jobs []neo.Job
	for _, w := range all {
		if slices.Contains(tickets, w.ticket) {
			jobs = append(jobs, neo.Job{RunID: w.id})
		}
	}
	return jobs, failed("look which workflow runs wait", err)
}

// AnyRunWaits reports whether there is a run that waits.
func (db *DB) AnyRunWaits(ctx context.Context) (any bool, err error) {
	err = db.read.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM run WHERE outcome = 'WAITING')`).Scan(&any)
	return any, failed("look whether workflow runs wait", err)
}

// RequestCancel asks that a run stops before its next step, and makes it due. neo.CodeConflict: it is
// over.
func (db *DB) RequestCancel(ctx context.Context, tx neo.Tx, tenant, id string) error {
	n, err := tx.(*Tx).Exec(ctx, `UPDATE run SET cancel_requested = TRUE, due_at = 0 WHERE id = $1 AND tenant_id = $2
		AND outcome IN ('PENDING', 'RUNNING', 'WAITING')`, id, tenant)
	if err != nil || n > 0 {
		return failed("cancel the workflow run", err)
	}
	return db.notSo(ctx, tx.(*Tx), tenant, id, "This run is over: there is nothing to cancel.")
}

// CancelRequested reports whether somebody wants the run to stop.
func (db *DB) CancelRequested(ctx context.Context, id string) (requested bool, err error) {
	err = db.read.QueryRow(ctx, `SELECT cancel_requested FROM run WHERE id = $1`, id).Scan(&requested)
	return requested, failed("read the workflow run", err)
}

// RetryRun lets a run that has failed, or was cancelled, go on where it stopped, due
// now. neo.CodeConflict: it has not failed.
func (db *DB) RetryRun(ctx context.Context, tx neo.Tx, tenant, id string, now time.Time) error {
	n, err := tx.(*Tx).Exec(ctx, `UPDATE run SET outcome = 'PENDING', attempt = 0, due_at = $3, finished_at = 0, cancel_requested = FALSE, away = FALSE
		WHERE id = $1 AND tenant_id = $2 AND outcome IN ('FAILURE', 'CANCELLED')`, id, tenant, millis(now))
	if err != nil || n > 0 {
		return failed("try the workflow run again", err)
	}
	return db.notSo(ctx, tx.(*Tx), tenant, id, "Only a run that has failed or was cancelled can be tried again.")
}

// notSo says why a run was not changed: there is none, or the sentence.
func (db *DB) notSo(ctx context.Context, tx *Tx, tenant, id, why string) error {
	var outcome string
	err := tx.QueryRow(ctx, `SELECT outcome FROM run WHERE id = $1 AND tenant_id = $2`, id, tenant).Scan(&outcome)
	switch {
	case noRows(err):
		return missing("workflow run")
	case err != nil:
		return failed("read the workflow run", err)
	}
	return neo.Errorf(neo.CodeConflict, "%s", why)
}

// ChildRun returns the newest run that another one started or that undoes it;
// neo.CodeNotFound when there is none.
func (db *DB) ChildRun(ctx context.Context, tenant, parent string, cause neo.RunCause) (neo.Run, error) {
	r, err := scanRun(db.read.QueryRow(ctx, `SELECT `+runColumns+` FROM run WHERE parent_id = $1 AND tenant_id = $2 AND cause = $3 ORDER BY id DESC LIMIT 1`,
		parent, tenant, string(cause)))
	if noRows(err) {
		return r, missing("workflow run")
	}
	return r, failed("read the workflow run", err)
}
