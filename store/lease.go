package store

import (
	"context"
	"time"

	"github.com/neoagent/neo"
)

// TakeRun leases a run to owner until a time, and marks it as running; Alerted says
// whether an alert about its workflow is open. It takes a
// run that is not over and that nobody holds, whose lease has ended by now, or
// that owner holds already. When it does not, taken is false, and the run says
// why: it is over, or somebody holds it until leasedUntil.
func (db *DB) TakeRun(ctx context.Context, id, owner string, now, until time.Time) (run neo.Run, taken bool, leasedUntil time.Time, err error) {
	err = db.single(ctx, func(q queryer) error {
		err = q.QueryRow(ctx, `UPDATE run SET outcome = 'RUNNING', lease_owner = $2, lease_until = $3,
			started_at = CASE WHEN started_at = 0 THEN $4 ELSE started_at END
			WHERE id = $1 AND outcome IN ('PENDING', 'RUNNING', 'WAITING') AND (lease_until <= $4 OR lease_owner = $2)
			RETURNING `+runColumns+`, EXISTS (SELECT 1 FROM alert WHERE alert.tenant_id = run.tenant_id AND alert.workflow_id = run.workflow_id
				AND alert.workflow_id <> '' AND alert.resolved_at = 0)`, id, owner, millis(until), millis(now)).
			Scan(append(runDest(&run), &run.Alerted)...)
		if taken = err == nil; taken {
			leasedUntil = until
			return nil
		}
		if !noRows(err) {
			return failed("take the workflow run", err)
		}
		err = q.QueryRow(ctx, `SELECT `+runColumns+`, lease_until FROM run WHERE id = $1`, id).
			Scan(append(runDest(&run), timeTo(&leasedUntil))...)
		if noRows(err) {
			return missing("workflow run")
		}
		return failed("read the workflow run", err)
	})
	return run, taken && err == nil, leasedUntil, err
}

// RenewLease prolongs the lease of a run and reports whether owner still had it.
func (db *DB) RenewLease(ctx context.Context, id, owner string, until time.Time) (bool, error) {
	var n int64
	err := db.single(ctx, func(q queryer) (err error) {
		n, err = q.Exec(ctx, `UPDATE run SET lease_until = $3 WHERE id = $1 AND lease_owner = $2 AND lease_owner <> ''
			AND outcome IN ('PENDING', 'RUNNING', 'WAITING')`, id, owner, millis(until))
		return err
	})
	return n == 1 && err == nil, failed("keep the workflow run", err)
}

// ReleaseLeases ends every lease. It is for the start of the one process of an
// embedded database: whoever held one is dead.
func (db *DB) ReleaseLeases(ctx context.Context) error {
	_, err := db.write.Exec(ctx, `UPDATE run SET lease_owner = '', lease_until = 0
		WHERE outcome IN ('PENDING', 'RUNNING', 'WAITING') AND lease_owner <> ''`)
	if err == nil {
		_, err = db.write.Exec(ctx, `UPDATE watch SET lease_owner = '', lease_until = 0`)
	}
	return failed("free the workflow runs of the last start", err)
}
