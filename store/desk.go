package store

import (
	"context"
	"time"

	"github.com/neoagent/neo"
)

// Permissions returns what Neo may do in an instance.
func (db *DB) Permissions(ctx context.Context, integrationID string) (p neo.Permissions, err error) {
	err = db.read.QueryRow(ctx, `SELECT permissions FROM integration WHERE id = $1`, integrationID).Scan(jsonTo(&p))
	if noRows(err) {
		return p, missing("integration")
	}
	return p, failed("read what Neo may do", err)
}

const newestState = `SELECT e.integration_id, e.class, e.remote_id, e.tenant_id, e.number, e.version, e.changed_at, e.data FROM ticket t CROSS JOIN event e
	WHERE e.remote_id = t.remote_id AND e.class = t.class AND e.integration_id = t.integration_id
	AND e.version = (SELECT max(n.version) FROM event n WHERE n.remote_id = t.remote_id AND n.class = t.class AND n.integration_id = t.integration_id)`

func scanState(row Row) (t neo.Ticket, err error) {
	var data neo.EventData
	err = row.Scan(&t.IntegrationID, &t.Class, &t.RemoteID, &t.TenantID, &t.Number, &t.Version, timeTo(&t.UpdatedAt), dataTo(&data))
	t.Fields = data.Fields
	return t, err
}

// TicketsNumbered returns the newest known states of the tickets with that number,
// without regard to case: usually one.
func (db *DB) TicketsNumbered(ctx context.Context, tenant, number string) ([]neo.Ticket, error) {
	all, err := collect(ctx, db.read, scanState, newestState+` AND t.tenant_id = $1 AND t.number_key = $2 ORDER BY t.remote_id LIMIT 10`, tenant, numberKey(number))
	return all, failed("read the ticket", err)
}

// LastReply returns when the customer last wrote on a ticket, up to a time; zero if
// never.
func (db *DB) LastReply(ctx context.Context, ticket neo.TicketRef, until time.Time) (at time.Time, err error) {
	err = db.read.QueryRow(ctx, `SELECT COALESCE(max(at), 0) FROM customer_reply WHERE remote_id = $1 AND class = $2 AND integration_id = $3 AND at <= $4`,
		ticket.RemoteID, string(ticket.Class), ticket.IntegrationID, millis(until)).Scan(timeTo(&at))
	return at, failed("look when the customer last wrote", err)
}
