package store

import (
	"context"

	"github.com/neoagent/neo"
)

// AddOwnVersion remembers that a step's write produced this version of a ticket.
func (db *DB) AddOwnVersion(ctx context.Context, tx neo.Tx, ref neo.TicketRef, version int64, stepID string) error {
	_, err := tx.(*Tx).Exec(ctx, `INSERT INTO own_version (integration_id, class, remote_id, version, tenant_id, step_id)
		VALUES ($1, $2, $3, $4, (SELECT tenant_id FROM run_step WHERE id = $5), $5) ON CONFLICT DO NOTHING`,
		ref.IntegrationID, string(ref.Class), ref.RemoteID, version, stepID)
	return failed("remember what Neo itself wrote", err)
}

var ownVersions = newBatch(`WITH wanted (n, integration_id, class, remote_id, version) AS (VALUES `, `(CAST(? AS BIGINT), ?, ?, ?, CAST(? AS BIGINT))`,
	`) SELECT w.n FROM wanted w CROSS JOIN own_version o
	WHERE o.remote_id = w.remote_id AND o.version = w.version AND o.class = w.class AND o.integration_id = w.integration_id`)

// OwnVersions says for each event whether its version is one that Neo's own write
// produced.
func (db *DB) OwnVersions(ctx context.Context, tx neo.Tx, events []neo.Event) ([]bool, error) {
	t := tx.(*Tx)
	own := make([]bool, len(events))
	err := ownVersions.each(t, len(events), func(args []any, i int) ([]any, error) {
		e := &events[i]
		return append(args, int64(i), e.Ticket.IntegrationID, string(e.Ticket.Class), e.Ticket.RemoteID, e.Version), nil
	}, func(query string, args []any, _, _ int) error {
		found, err := collect(ctx, t, func(row Row) (i int, err error) { return i, row.Scan(&i) }, query, args...)
		for _, i := range found {
			own[i] = true
		}
		return err
	})
	return own, failed("tell Neo's own writes from others", err)
}

// OwnVersionsFrom returns which of the ticket's versions from first to last Neo's own
// writes produced, in order.
func (db *DB) OwnVersionsFrom(ctx context.Context, ref neo.TicketRef, first, last int64) ([]int64, error) {
	versions, err := collect(ctx, db.read, func(row Row) (v int64, err error) { return v, row.Scan(&v) },
		`SELECT version FROM own_version WHERE remote_id = $1 AND class = $2 AND integration_id = $3 AND version >= $4 AND version <= $5 ORDER BY version`,
		ref.RemoteID, string(ref.Class), ref.IntegrationID, first, last)
	return versions, failed("tell Neo's own writes from others", err)
}
