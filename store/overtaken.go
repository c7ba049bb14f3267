package store

import (
	"context"
	"slices"
	"sync"

	"github.com/neoagent/neo"
)

// insertMarking inserts events in that order with one statement for many, which says as
// well which of them the sweep has overtaken: replicas do not know of each other's.
func insertMarking(ctx context.Context, tx *Tx, events []neo.Event, order []int, row func(args []any, i int) ([]any, error)) ([]bool, error) {
	type answer struct {
		id        string
		overtaken bool
	}
	byID := make(map[string]int, len(events)) // place in the order
	for i, at := range slices.Backward(order) {
		byID[events[at].ID] = i
	}
	inserted := make([]bool, len(events))
	err := insertEventsLate.each(tx, len(events), row, func(query string, args []any, _, _ int) error {
		rows, err := collect(ctx, tx, func(r Row) (a answer, err error) { return a, r.Scan(&a.id, &a.overtaken) }, query, args...)
		for _, a := range rows {
			i := byID[a.id]
			inserted[i], events[order[i]].Overtaken = true, a.overtaken
		}
		return err
	})
	return inserted, err
}

// swept remembers, for one process that owns its database, the newest version of each
// ticket that the sweep found, -1 for none. It may say too much, when a transaction was
// undone, and never too little. It forgets everything when it is full.
type swept struct {
	mu       sync.Mutex
	versions map[neo.TicketRef]int64
}

func (s *swept) found(ref neo.TicketRef, version int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.versions == nil || len(s.versions) >= maxKnownTickets {
		s.versions = map[neo.TicketRef]int64{}
	}
	s.versions[ref] = version
}

func (s *swept) newest(ref neo.TicketRef) (version int64, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	version, known = s.versions[ref]
	return version, known
}

// markOvertaken says which of the events the sweep has overtaken. The database is asked
// once for a ticket.
func (db *DB) markOvertaken(ctx context.Context, tx *Tx, events []neo.Event) error {
	for i := range events {
		e := &events[i]
		newest, known := db.swept.newest(e.Ticket)
		if !known {
			if err := tx.QueryRow(ctx, `SELECT COALESCE(max(version), -1) FROM event
				WHERE remote_id = $1 AND class = $2 AND integration_id = $3 AND source = 'sweep'`,
				e.Ticket.RemoteID, string(e.Ticket.Class), e.Ticket.IntegrationID).Scan(&newest); err != nil {
				return err
			}
			db.swept.found(e.Ticket, newest)
		}
		if e.Source == neo.SourceSweep {
			newest = max(newest, e.Version)
			db.swept.found(e.Ticket, newest)
		}
		e.Overtaken = newest > e.Version
	}
	return nil
}
