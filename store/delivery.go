package store

import (
	"context"
	"time"

	"github.com/neoagent/neo"
)

func minuteOf(t time.Time) int64 { return t.Unix() / 60 }

// deliveriesKept is how long counts are kept.
const deliveriesKept = 48 * time.Hour

// AddDeliveries adds to the counts of the minute in which at is. d.Last, when it is
// later than what is stored, becomes the time of the last delivery.
func (db *DB) AddDeliveries(ctx context.Context, integrationID string, at time.Time, d neo.Deliveries) error {
	err := db.inTx(ctx, func(tx *Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO delivery_minute (integration_id, minute, webhook, sweep, missed, refused) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (integration_id, minute) DO UPDATE SET webhook = delivery_minute.webhook + excluded.webhook,
				sweep = delivery_minute.sweep + excluded.sweep, missed = delivery_minute.missed + excluded.missed, refused = delivery_minute.refused + excluded.refused`,
			integrationID, minuteOf(at), d.Webhook, d.Sweep, d.Missed, d.Refused); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM delivery_minute WHERE integration_id = $1 AND minute < $2`,
			integrationID, minuteOf(at.Add(-deliveriesKept))); err != nil || d.Last.IsZero() {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO delivery_last (integration_id, at) VALUES ($1, $2)
			ON CONFLICT (integration_id) DO UPDATE SET at = excluded.at WHERE delivery_last.at < excluded.at`, integrationID, millis(d.Last))
		return err
	})
	return failed("count deliveries", err)
}

// Deliveries returns how changes came since a time, to the minute, and how the newest
// of them did.
func (db *DB) Deliveries(ctx context.Context, integrationID string, since time.Time) (d neo.Deliveries, err error) {
	const doing = "read how changes were delivered"
	minutes, err := collect(ctx, db.read, func(row Row) (m neo.Deliveries, err error) {
		return m, row.Scan(&m.Webhook, &m.Sweep, &m.Missed, &m.Refused)
	}, `SELECT webhook, sweep, missed, refused FROM delivery_minute WHERE integration_id = $1 AND minute >= $2 ORDER BY minute DESC`,
		integrationID, minuteOf(since))
	if err != nil {
		return d, failed(doing, err)
	}
	for _, m := range minutes {
		d.Webhook, d.Sweep, d.Missed, d.Refused = d.Webhook+m.Webhook, d.Sweep+m.Sweep, d.Missed+m.Missed, d.Refused+m.Refused
		if d.Newest.Webhook+d.Newest.Missed < neo.NewestChanges {
			d.Newest.Webhook, d.Newest.Missed = d.Newest.Webhook+m.Webhook, d.Newest.Missed+m.Missed
		}
	}
	err = db.read.QueryRow(ctx, `SELECT COALESCE(max(at), 0) FROM delivery_last WHERE integration_id = $1`, integrationID).Scan(timeTo(&d.Last))
	return d, failed(doing, err)
}
