package store

import (
	"context"
	"slices"

	"github.com/neoagent/neo"
)

var upsertTickets = newBatch(`INSERT INTO ticket (integration_id, class, remote_id, tenant_id, number, number_key, version, updated_at, fields) VALUES `,
	`(?, ?, ?, ?, ?, ?, ?, ?, ?)`,
	` ON CONFLICT (remote_id, class, integration_id) DO UPDATE SET number = excluded.number, number_key = excluded.number_key,
		version = excluded.version, updated_at = excluded.updated_at, fields = excluded.fields
	WHERE excluded.version > ticket.version`)

// UpsertTickets keeps, for each ticket, the state with the highest version of
// those given and the one stored. Of equal versions the stored one stays.
func (db *DB) UpsertTickets(ctx context.Context, tx neo.Tx, tickets []neo.Ticket) error {
	t := tx.(*Tx)
	newest := newestStates(tickets)
	var fields []byte
	err := upsertTickets.each(t, len(newest), func(args []any, i int) ([]any, error) {
		k := newest[i]
		fields = appendFields(fields[:0], k.Fields)
		return append(args, k.IntegrationID, string(k.Class), k.RemoteID, k.TenantID, k.Number, numberKey(k.Number),
			k.Version, millis(k.UpdatedAt), string(fields)), nil
	}, func(query string, args []any, _, _ int) error {
		_, err := t.Exec(ctx, query, args...)
		return err
	})
	return failed("store the newest state of the tickets", err)
}

// newestStates returns one state for each ticket, in the order of the tickets'
// index: one statement may not change a row twice, and two transactions must not
// lock the same rows in different orders.
func newestStates(tickets []neo.Ticket) []*neo.Ticket {
	states := make([]*neo.Ticket, len(tickets))
	for i := range tickets {
		states[i] = &tickets[i]
	}
	slices.SortStableFunc(states, func(a, b *neo.Ticket) int {
		if c := compareRefs(a.TicketRef, b.TicketRef); c != 0 {
			return c
		}
		return int(min(max(b.Version-a.Version, -1), 1)) // newest first
	})
	return slices.CompactFunc(states, func(a, b *neo.Ticket) bool { return a.TicketRef == b.TicketRef })
}

// numberKey is what a ticket's number is found by, without regard to case.
func numberKey(number string) []byte { return []byte(upper(number)) }

// upper is SQL's upper() on SQLite: ASCII letters only.
func upper(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'a' <= c && c <= 'z' {
			b[i] = c - 'a' + 'A'
		}
	}
	return string(b)
}

// Ticket returns the newest known state of a ticket.
func (db *DB) Ticket(ctx context.Context, tenant string, ref neo.TicketRef) (neo.Ticket, error) {
	t := neo.Ticket{TicketRef: ref, TenantID: tenant}
	err := db.read.QueryRow(ctx, `SELECT number, version, updated_at, fields FROM ticket
		WHERE remote_id = $1 AND class = $2 AND integration_id = $3 AND tenant_id = $4`,
		ref.RemoteID, string(ref.Class), ref.IntegrationID, tenant).
		Scan(&t.Number, &t.Version, timeTo(&t.UpdatedAt), jsonTo(&t.Fields))
	if noRows(err) {
		return neo.Ticket{}, missing("ticket")
	}
	return t, failed("read the ticket", err)
}
