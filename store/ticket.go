package store

import (
	"context"
	"slices"
	"sync"

	"github.com/neoagent/neo"
)

// A ticket's newest state is its event with the highest version and revision that is
// not unconfirmed: it is stored once. The row in ticket only says that the ticket
// exists, and leads from a number to it.
var insertTickets = newBatch(`INSERT INTO ticket (integration_id, class, remote_id, tenant_id, number, number_key) VALUES `,
	`(?, ?, ?, ?, ?, ?)`,
	` ON CONFLICT DO NOTHING`)

// addTickets makes sure that the tickets of the events have their rows.
func (db *DB) addTickets(ctx context.Context, tx *Tx, events []neo.Event) error {
	var missing []*neo.Event
	for i := range events {
		if !db.tickets.has(events[i].Ticket) {
			missing = append(missing, &events[i])
		}
	}
	if len(missing) == 0 {
		return nil
	}
	slices.SortStableFunc(missing, func(a, b *neo.Event) int { return compareRefs(a.Ticket, b.Ticket) })
	missing = slices.CompactFunc(missing, func(a, b *neo.Event) bool { return a.Ticket == b.Ticket })
	tx.OnCommit(func() {
		for _, e := range missing {
			db.tickets.add(e.Ticket)
		}
	})
	return insertTickets.each(tx, len(missing), func(args []any, i int) ([]any, error) {
		e := missing[i]
		return append(args, e.Ticket.IntegrationID, string(e.Ticket.Class), e.Ticket.RemoteID, e.TenantID, e.Number, numberKey(e.Number)), nil
	}, func(query string, args []any, _, _ int) error {
		_, err := tx.Exec(ctx, query, args...)
		return err
	})
}

// knownTickets remembers tickets that certainly have their row: rows of tickets
// are never deleted. It forgets everything when it is full.
type knownTickets struct {
	mu  sync.RWMutex
	set map[neo.TicketRef]struct{}
}

const maxKnownTickets = 20_000 // about 4 MB

func (k *knownTickets) has(ref neo.TicketRef) bool {
	k.mu.RLock()
	defer k.mu.RUnlock()
	_, ok := k.set[ref]
	return ok
}

func (k *knownTickets) add(ref neo.TicketRef) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.set == nil || len(k.set) >= maxKnownTickets {
		k.set = make(map[neo.TicketRef]struct{})
	}
	k.set[ref] = struct{}{}
}

// numberKey is what a ticket's number is found by, without regard to case.
func numberKey(number string) []byte { return []byte(upper(storableText(number))) }

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
	var data neo.EventData
	err := db.read.QueryRow(ctx, `SELECT number, version, changed_at, data FROM event
		WHERE remote_id = $1 AND class = $2 AND integration_id = $3 AND tenant_id = $4 AND NOT unconfirmed
		ORDER BY version DESC, revision DESC LIMIT 1`,
		ref.RemoteID, string(ref.Class), ref.IntegrationID, tenant).
		Scan(&t.Number, &t.Version, timeTo(&t.UpdatedAt), dataTo(&data))
	if noRows(err) {
		return neo.Ticket{}, missing("ticket")
	}
	t.Fields = data.Fields
	return t, failed("read the ticket", err)
}
