package store

import (
	"context"
	"time"

	"github.com/neoagent/neo"
)

// RingAway makes runs due that wait until an instance answers, at most limit of them,
// the oldest first, and returns the jobs to ring for.
func (db *DB) RingAway(ctx context.Context, tx neo.Tx, integrationID string, now time.Time, limit int) ([]neo.Job, error) {
	jobs, err := collect(ctx, tx.(*Tx), func(row Row) (j neo.Job, err error) { return j, row.Scan(&j.RunID) },
		`UPDATE run SET away = FALSE, due_at = $2 WHERE away AND outcome = 'PENDING' AND id IN
			(SELECT id FROM run WHERE integration_id = $1 AND away AND outcome = 'PENDING' ORDER BY id LIMIT $3) RETURNING id`,
		integrationID, millis(now), int64(limit))
	return jobs, failed("ring for the workflow runs that waited for an instance", err)
}

// CountAway returns how many runs wait until an instance answers.
func (db *DB) CountAway(ctx context.Context, integrationID string) (n int64, err error) {
	err = db.read.QueryRow(ctx, `SELECT count(*) FROM run WHERE integration_id = $1 AND away AND outcome IN ('PENDING', 'RUNNING', 'WAITING')`, integrationID).Scan(&n)
	return n, failed("count the workflow runs that wait for an instance", err)
}
