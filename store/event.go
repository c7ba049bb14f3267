package store

import (
	"cmp"
	"context"
	"slices"

	"github.com/neoagent/neo"
)

const eventColumns = `id, tenant_id, integration_id, class, remote_id, version, number, type, source,
	changed_by, changed_at, received_at, disposition, held_by, revision, unconfirmed, data`

func scanEvent(row Row) (e neo.Event, err error) {
	err = row.Scan(&e.ID, &e.TenantID, &e.Ticket.IntegrationID, &e.Ticket.Class, &e.Ticket.RemoteID, &e.Version, &e.Number, &e.Type, &e.Source,
		&e.ChangedBy, timeTo(&e.ChangedAt), timeTo(&e.ReceivedAt), &e.Disposition, &e.HeldBy, &e.Revision, &e.Unconfirmed, dataTo(&e.EventData))
	return e, err
}

// outcomeOf says how the history shows an event of that disposition.
func outcomeOf(d neo.Disposition) neo.Outcome {
	switch d {
	case neo.DispositionMatched:
		return neo.Success
	case neo.DispositionHeld:
		return neo.Pending
	case neo.DispositionRecorded:
		return outcomeRecorded
	}
	return neo.Skipped
}

// outcomeRecorded marks events that nobody decided about. The history leaves them
// out unless it is asked for a ticket: a backfill has thousands of them.
const outcomeRecorded neo.Outcome = "RECORDED"

// titleField is the field that people know a ticket by.
const titleField = "short_description"

const (
	insertEventsText = `INSERT INTO event (id, tenant_id, integration_id, class, remote_id, version, number, type, source, title,
	changed_by, changed_at, received_at, disposition, outcome, held_by, data) VALUES `
	insertEventsRow = `(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
)

var insertEvents = newBatch(insertEventsText, insertEventsRow, ` ON CONFLICT DO NOTHING`)

// insertEventsLate is insertEvents that says, for each that is new, whether the sweep had
// found a later version.
var insertEventsLate = newBatch(insertEventsText, insertEventsRow, ` ON CONFLICT DO NOTHING RETURNING id, EXISTS (SELECT 1 FROM event n WHERE n.remote_id = event.remote_id AND n.version > event.version
		AND n.class = event.class AND n.integration_id = event.integration_id AND n.source = 'sweep')`)

// AppendEvents stores the events whose versions are not stored yet, as the first
// revision of each, and says for each whether it was. An event whose ticket and version
// are stored already, or occur earlier in events, is not new and changes nothing
// (AppendRevision). The newest state of each ticket, as Ticket returns it, follows from
// its events. It sets Overtaken of those that are new.
func (db *DB) AppendEvents(ctx context.Context, tx neo.Tx, events []neo.Event) ([]bool, error) {
	order := sortedIndex(events, compareIdentity)
	var data []byte
	if err := db.addTickets(ctx, tx.(*Tx), events); err != nil {
		return nil, failed("store which tickets there are", err)
	}
	if err := db.addReplies(ctx, tx.(*Tx), events); err != nil {
		return nil, failed("store when customers wrote", err)
	}
	row := func(args []any, i int) (_ []any, err error) {
		e := &events[order[i]]
		if data, err = appendEventData(data[:0], &e.EventData); err != nil {
			return nil, err
		}
		return appendEvent(args, e, data), nil
	}
	var inserted []bool
	var err error
	if tx.(*Tx).lite != nil {
		if inserted, err = insertEvents.insertNew(ctx, tx.(*Tx), len(events), func(i int) string { return events[order[i]].ID }, row); err == nil {
			err = db.markOvertaken(ctx, tx.(*Tx), events)
		}
	} else {
		inserted, err = insertMarking(ctx, tx.(*Tx), events, order, row)
	}
	if err != nil {
		return nil, failed("store what happened to the tickets", err)
	}
	for i := range inserted {
		if e := &events[order[i]]; inserted[i] && e.Unconfirmed {
			if _, err := tx.(*Tx).Exec(ctx, `UPDATE event SET unconfirmed = TRUE WHERE id = $1`, e.ID); err != nil {
				return nil, failed("store what happened to the tickets", err)
			}
		}
	}
	return inOrderGiven(inserted, order), nil
}

// appendEvent appends the arguments of insertEvents for one event.
func appendEvent(args []any, e *neo.Event, data []byte) []any {
	return append(args, e.ID, e.TenantID, e.Ticket.IntegrationID, string(e.Ticket.Class), e.Ticket.RemoteID, e.Version, e.Number,
		string(e.Type), string(e.Source), e.Fields[titleField].String(), e.ChangedBy, millis(e.ChangedAt), millis(e.ReceivedAt),
		string(e.Disposition), string(outcomeOf(e.Disposition)), e.HeldBy, string(data))
}

// sortedIndex returns the indexes of all in the order of compare; equal ones in
// the order given. Transactions that lock the same rows in the same order do not
// wait for each other in a circle.
func sortedIndex[T any](all []T, compare func(a, b *T) int) []int {
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return compare(&all[a], &all[b]) })
	return order
}

// inOrderGiven undoes sortedIndex.
func inOrderGiven(sorted []bool, order []int) []bool {
	given := make([]bool, len(order))
	for i, at := range order {
		given[at] = sorted[i]
	}
	return given
}

func compareIdentity(a, b *neo.Event) int {
	return cmp.Or(compareRefs(a.Ticket, b.Ticket), cmp.Compare(a.Version, b.Version))
}

// compareRefs orders tickets as their indexes do.
func compareRefs(a, b neo.TicketRef) int {
	return cmp.Or(cmp.Compare(a.RemoteID, b.RemoteID), cmp.Compare(a.Class, b.Class), cmp.Compare(a.IntegrationID, b.IntegrationID))
}

// Event returns one event.
func (db *DB) Event(ctx context.Context, tenant, id string) (neo.Event, error) {
	e, err := scanEvent(db.read.QueryRow(ctx, `SELECT `+eventColumns+` FROM event WHERE id = $1 AND tenant_id = $2`, id, tenant))
	if noRows(err) {
		return e, missing("event")
	}
	return e, failed("read the event", err)
}

// EventRuns returns the runs that an event started, oldest first.
func (db *DB) EventRuns(ctx context.Context, tenant, eventID string) ([]neo.Run, error) {
	runs, err := collect(ctx, db.read, scanRun,
		`SELECT `+runColumns+` FROM run WHERE event_id = $1 AND tenant_id = $2 ORDER BY id`, eventID, tenant)
	return runs, failed("read the event's workflow runs", err)
}

// HeldEvents returns the events that wait for the write of a step, oldest version
// first. To miss none, the transaction must have moved the step out of WRITING
// before: that waits for deliveries that have seen it writing (see WritingSteps).
func (db *DB) HeldEvents(ctx context.Context, tx neo.Tx, stepID string) ([]neo.Event, error) {
	events, err := collect(ctx, tx.(*Tx), scanEvent,
		`SELECT `+eventColumns+` FROM event WHERE outcome = 'PENDING' AND held_by = $1 ORDER BY version, revision, id`, stepID)
	return events, failed("read the events that wait for a write", err)
}

// SetDisposition decides about an event. It is no longer held, unless d is
// neo.DispositionHeld, which keeps the step that holds it.
func (db *DB) SetDisposition(ctx context.Context, tx neo.Tx, eventID string, d neo.Disposition) error {
	n, err := tx.(*Tx).Exec(ctx, `UPDATE event SET disposition = $2, outcome = $3,
		held_by = CASE WHEN $3 = 'PENDING' THEN held_by ELSE '' END WHERE id = $1`, eventID, string(d), string(outcomeOf(d)))
	if err == nil && n == 0 {
		return missing("event")
	}
	return failed("store what was decided about an event", err)
}

// RecentEvents returns the newest events of an integration, newest first, of the
// newest limit events of its tenant.
func (db *DB) RecentEvents(ctx context.Context, tenant, integrationID string, limit int) ([]neo.Event, error) {
	events, err := collect(ctx, db.read, scanEvent, `SELECT `+eventColumns+` FROM event
		WHERE tenant_id = $1 AND integration_id = $2
			AND id >= COALESCE((SELECT id FROM event WHERE tenant_id = $1 ORDER BY id DESC LIMIT 1 OFFSET $3), '')
		ORDER BY id DESC LIMIT $4`, tenant, integrationID, limit-1, limit)
	return events, failed("read the newest changes", err)
}
