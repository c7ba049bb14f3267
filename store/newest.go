package store

import (
	"context"

	"github.com/neoagent/neo"
)

// newestEvents are how many events the newest tickets are looked for in.
const newestEvents = 5_000

// NewestTickets returns, for each of the tickets about which Neo heard last, the event
// with its newest state; the ticket with the newest event comes first.
func (db *DB) NewestTickets(ctx context.Context, tenant string, limit int) ([]neo.Event, error) {
	all, err := collect(ctx, db.read, scanEvent, `WITH heard AS (
			SELECT remote_id, class, integration_id, max(id) AS last FROM
				(SELECT id, remote_id, class, integration_id FROM event WHERE tenant_id = $1 ORDER BY id DESC LIMIT $2) AS newest
			GROUP BY remote_id, class, integration_id ORDER BY last DESC LIMIT $3)
		SELECT e.id, e.tenant_id, e.integration_id, e.class, e.remote_id, e.version, e.number, e.type, e.source,
			e.changed_by, e.changed_at, e.received_at, e.disposition, e.held_by, e.revision, e.unconfirmed, e.data
		FROM heard h CROSS JOIN event e
		WHERE e.remote_id = h.remote_id AND e.class = h.class AND e.integration_id = h.integration_id
		AND e.id = (`+newestOf(`h`)+`)
		ORDER BY h.last DESC`, tenant, newestEvents, limit)
	return all, failed("read the newest tickets", err)
}
