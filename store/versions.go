package store

import (
	"context"

	"github.com/neoagent/neo"
)

var knownVersions = newBatch(`WITH wanted (integration_id, class, remote_id) AS (VALUES `, `(?, ?, ?)`,
	`) SELECT v.integration_id, v.class, v.remote_id, v.oldest, v.newest, v.known, (SELECT n.changed_at FROM event n
		WHERE n.remote_id = v.remote_id AND n.class = v.class AND n.integration_id = v.integration_id AND n.version = v.newest AND NOT n.unconfirmed
		ORDER BY n.revision DESC LIMIT 1)
	FROM (SELECT w.integration_id, w.class, w.remote_id, min(e.version) AS oldest, max(e.version) AS newest, count(DISTINCT e.version) AS known
		FROM wanted w CROSS JOIN event e
		WHERE e.remote_id = w.remote_id AND e.class = w.class AND e.integration_id = w.integration_id AND NOT e.unconfirmed
		GROUP BY w.integration_id, w.class, w.remote_id) AS v`)

// newestOf selects the id of the event with the newest state of the ticket that the
// columns of that table name.
func newestOf(table string) string {
	return `SELECT n.id FROM event n WHERE n.remote_id = ` + table + `.remote_id AND n.class = ` + table + `.class AND n.integration_id = ` + table + `.integration_id
		AND NOT n.unconfirmed ORDER BY n.version DESC, n.revision DESC LIMIT 1`
}

// Versions returns which versions of the tickets are stored; tickets without any
// are missing from the answer. Unconfirmed ones do not count.
func (db *DB) Versions(ctx context.Context, refs []neo.TicketRef) (map[neo.TicketRef]neo.Versions, error) {
	type found struct {
		ref neo.TicketRef
		v   neo.Versions
	}
	known := make(map[neo.TicketRef]neo.Versions, len(refs))
	err := db.inTx(ctx, func(tx *Tx) error {
		return knownVersions.each(tx, len(refs), func(args []any, i int) ([]any, error) {
			return append(args, refs[i].IntegrationID, string(refs[i].Class), refs[i].RemoteID), nil
		}, func(query string, args []any, _, _ int) error {
			all, err := collect(ctx, tx, func(row Row) (f found, err error) {
				return f, row.Scan(&f.ref.IntegrationID, &f.ref.Class, &f.ref.RemoteID, &f.v.First, &f.v.Newest, &f.v.Known, timeTo(&f.v.ChangedAt))
			}, query, args...)
			for _, f := range all {
				known[f.ref] = f.v
			}
			return err
		})
	})
	return known, failed("look which versions are known", err)
}

// NewestEvents returns the events of the ticket's newest versions, newest first, those
// left out that are unconfirmed.
func (db *DB) NewestEvents(ctx context.Context, ref neo.TicketRef, limit int) ([]neo.Event, error) {
	events, err := collect(ctx, db.read, scanEvent, `SELECT `+eventColumns+` FROM event
		WHERE remote_id = $1 AND class = $2 AND integration_id = $3 AND NOT unconfirmed
		ORDER BY version DESC, revision DESC LIMIT $4`,
		ref.RemoteID, string(ref.Class), ref.IntegrationID, limit)
	return events, failed("read the newest events of a ticket", err)
}

// MissedBefore returns how many versions just before that of e were never reported.
// Versions before the first one that Neo knows do not count, nor those before one that
// is unconfirmed.
func (db *DB) MissedBefore(ctx context.Context, e neo.Event) (missed int64, err error) {
	if e.Unconfirmed || e.Revision > 0 {
		return 0, nil
	}
	var before int64
	err = db.read.QueryRow(ctx, `SELECT COALESCE(max(version), -1) FROM event
		WHERE remote_id = $1 AND class = $2 AND integration_id = $3 AND version < $4 AND NOT unconfirmed`,
		e.Ticket.RemoteID, string(e.Ticket.Class), e.Ticket.IntegrationID, e.Version).Scan(&before)
	if err == nil && before >= 0 {
		missed = e.Version - before - 1
	}
	return missed, failed("look which versions are known", err)
}
