package store

import (
	"context"
	"time"

	"github.com/neoagent/neo"
)

var storedUnder = newBatch(`WITH wanted (n, integration_id, class, remote_id, version) AS (VALUES `, `(CAST(? AS BIGINT), ?, ?, ?, CAST(? AS BIGINT))`,
	`) SELECT w.n, e.id, e.tenant_id, e.integration_id, e.class, e.remote_id, e.version, e.number, e.type, e.source,
		e.changed_by, e.changed_at, e.received_at, e.disposition, e.held_by, e.revision, e.unconfirmed, e.data
	FROM wanted w CROSS JOIN event e
	WHERE e.remote_id = w.remote_id AND e.version = w.version AND e.class = w.class AND e.integration_id = w.integration_id ORDER BY w.n, e.revision`)

// Revisions returns, for each event, what is stored under its ticket and version, the
// first revision first.
func (db *DB) Revisions(ctx context.Context, tx neo.Tx, events []neo.Event) ([][]neo.Event, error) {
	type found struct {
		n     int
		event neo.Event
	}
	t := tx.(*Tx)
	stored := make([][]neo.Event, len(events))
	err := storedUnder.each(t, len(events), func(args []any, i int) ([]any, error) {
		e := &events[i]
		return append(args, int64(i), e.Ticket.IntegrationID, string(e.Ticket.Class), e.Ticket.RemoteID, e.Version), nil
	}, func(query string, args []any, _, _ int) error {
		all, err := collect(ctx, t, func(row Row) (f found, err error) {
			e := &f.event
			return f, row.Scan(&f.n, &e.ID, &e.TenantID, &e.Ticket.IntegrationID, &e.Ticket.Class, &e.Ticket.RemoteID, &e.Version, &e.Number, &e.Type, &e.Source,
				&e.ChangedBy, timeTo(&e.ChangedAt), timeTo(&e.ReceivedAt), &e.Disposition, &e.HeldBy, &e.Revision, &e.Unconfirmed, dataTo(&e.EventData))
		}, query, args...)
		for _, f := range all {
			stored[f.n] = append(stored[f.n], f.event)
		}
		return err
	})
	return stored, failed("read what is known of these versions", err)
}

var insertRevision = newBatch(`INSERT INTO event (id, tenant_id, integration_id, class, remote_id, version, number, type, source, title,
	changed_by, changed_at, received_at, disposition, outcome, held_by, data, revision, unconfirmed) VALUES `,
	`(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
	` ON CONFLICT DO NOTHING`)

// AppendRevision stores another state under a version that is known; isNew is false
// when that revision is stored already: somebody was faster.
func (db *DB) AppendRevision(ctx context.Context, tx neo.Tx, e neo.Event) (isNew bool, err error) {
	const doing = "store what happened to a ticket"
	data, err := appendEventData(nil, &e.EventData)
	if err != nil {
		return false, failed(doing, err)
	}
	if err := db.addReplies(ctx, tx.(*Tx), []neo.Event{e}); err != nil {
		return false, failed(doing, err)
	}
	if newest, known := db.swept.newest(e.Ticket); known && e.Source == neo.SourceSweep {
		db.swept.found(e.Ticket, max(newest, e.Version))
	}
	inserted, err := insertRevision.insertNew(ctx, tx.(*Tx), 1, func(int) string { return e.ID }, func(args []any, _ int) ([]any, error) {
		return append(appendEvent(args, &e, data), e.Revision, e.Unconfirmed), nil
	})
	return err == nil && inserted[0], failed(doing, err)
}

// Confirm makes an event its ticket's newest state: it was read from the instance at
// readAt. What Neo had been told before that of later versions, or later of the same
// version, the instance does not have.
func (db *DB) Confirm(ctx context.Context, tx neo.Tx, e neo.Event, readAt time.Time) error {
	_, err := tx.(*Tx).Exec(ctx, `UPDATE event SET unconfirmed = (version > $4 OR revision > $5)
		WHERE remote_id = $1 AND class = $2 AND integration_id = $3 AND version >= $4 AND (version > $4 OR revision >= $5)
		AND (received_at < $6 OR version = $4 AND revision = $5)`,
		e.Ticket.RemoteID, string(e.Ticket.Class), e.Ticket.IntegrationID, e.Version, e.Revision, millis(readAt))
	return failed("store what the instance has", err)
}

// Disbelieve marks an event of which the instance knows nothing.
func (db *DB) Disbelieve(ctx context.Context, tx neo.Tx, eventID string) error {
	_, err := tx.(*Tx).Exec(ctx, `UPDATE event SET unconfirmed = TRUE WHERE id = $1`, eventID)
	return failed("store what the instance does not have", err)
}

// EventsAfter returns the other events of the ticket of that version and later ones,
// oldest first, those left out that are unconfirmed.
func (db *DB) EventsAfter(ctx context.Context, e neo.Event, limit int) ([]neo.Event, error) {
	events, err := collect(ctx, db.read, scanEvent, `SELECT `+eventColumns+` FROM event
		WHERE remote_id = $1 AND class = $2 AND integration_id = $3 AND version >= $4 AND id <> $5 AND NOT unconfirmed
		ORDER BY version, revision LIMIT $6`, e.Ticket.RemoteID, string(e.Ticket.Class), e.Ticket.IntegrationID, e.Version, e.ID, limit)
	return events, failed("read what happened to the ticket since", err)
}

// EventBefore returns the event of the ticket before that version and revision, if
// there is one, those left out that are unconfirmed.
func (db *DB) EventBefore(ctx context.Context, e neo.Event) (before neo.Event, known bool, err error) {
	before, err = scanEvent(db.read.QueryRow(ctx, `SELECT `+eventColumns+` FROM event
		WHERE remote_id = $1 AND class = $2 AND integration_id = $3 AND version <= $4 AND (version < $4 OR revision < $5) AND NOT unconfirmed
		ORDER BY version DESC, revision DESC LIMIT 1`, e.Ticket.RemoteID, string(e.Ticket.Class), e.Ticket.IntegrationID, e.Version, e.Revision))
	if noRows(err) {
		return neo.Event{}, false, nil
	}
	return before, err == nil, failed("read what happened to the ticket before", err)
}

// around is how many versions before an event EventsAround looks at, mostAround how many
// events it returns.
const around, mostAround = 50, 200

// EventsAround returns other events of the ticket, from some versions before that of e
// on, in their order, those left out that are unconfirmed.
func (db *DB) EventsAround(ctx context.Context, tx neo.Tx, e neo.Event) ([]neo.Event, error) {
	events, err := collect(ctx, tx.(*Tx), scanEvent, `SELECT `+eventColumns+` FROM event
		WHERE remote_id = $1 AND class = $2 AND integration_id = $3 AND version >= $4 AND id <> $5 AND NOT unconfirmed
		ORDER BY version, revision LIMIT $6`, e.Ticket.RemoteID, string(e.Ticket.Class), e.Ticket.IntegrationID, e.Version-around, e.ID, mostAround)
	return events, failed("read what happened to the ticket around that time", err)
}

// LockTicket waits for other transactions that have locked the ticket: what they stored
// can be read then. Several are locked in the order of their refs, after all other locks.
func (db *DB) LockTicket(ctx context.Context, tx neo.Tx, ref neo.TicketRef) error {
	t := tx.(*Tx)
	if t.pg == nil {
		return nil // one transaction writes at a time
	}
	_, err := t.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, advisoryKey("ticket:"+ref.IntegrationID+"/"+string(ref.Class)+"/"+ref.RemoteID))
	return failed("wait for another change of the ticket", err)
}

// Retell stores what is left of an event as news, and what was decided about it.
func (db *DB) Retell(ctx context.Context, tx neo.Tx, e neo.Event) error {
	const doing = "store what happened to a ticket"
	data, err := appendEventData(nil, &e.EventData)
	if err != nil {
		return failed(doing, err)
	}
	_, err = tx.(*Tx).Exec(ctx, `UPDATE event SET type = $2, data = $3, disposition = $4, outcome = $5 WHERE id = $1`,
		e.ID, string(e.Type), string(data), string(e.Disposition), string(outcomeOf(e.Disposition)))
	return failed(doing, err)
}

// TrimEvent leaves of an event what the instance confirms.
func (db *DB) TrimEvent(ctx context.Context, eventID string, d neo.EventData) error {
	const doing = "store what the instance confirms"
	data, err := appendEventData(nil, &d)
	if err != nil {
		return failed(doing, err)
	}
	_, err = db.write.Exec(ctx, `UPDATE event SET data = $2 WHERE id = $1`, eventID, string(data))
	return failed(doing, err)
}
