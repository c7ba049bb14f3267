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
		if _, err := tx.Exec(ctx, `INSERT INTO delivery_minute (integration_id, minute, webhook, sweep, refused) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (integration_id, minute) DO UPDATE SET webhook = delivery_minute.webhook + excluded.webhook,
				sweep = delivery_minute.sweep + excluded.sweep, refused = delivery_minute.refused + excluded.refused`,
			integrationID, minuteOf(at), d.Webhook, d.Sweep, d.Refused); err != nil {
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

// Deliveries returns how changes came since a time, to the minute.
func (db *DB) Deliveries(ctx context.Context, integrationID string, since time.Time) (d neo.Deliveries, err error) {
	err = db.read.QueryRow(ctx, `SELECT COALESCE(CAST(sum(webhook) AS BIGINT), 0), COALESCE(CAST(sum(sweep) AS BIGINT), 0),
		COALESCE(CAST(sum(refused) AS BIGINT), 0), (SELECT COALESCE(max(at), 0) FROM delivery_last WHERE integration_id = $1)
		FROM delivery_minute WHERE integration_id = $1 AND minute >= $2`, integrationID, minuteOf(since)).
		Scan(&d.Webhook, &d.Sweep, &d.Refused, timeTo(&d.Last))
	return d, failed("read how changes were delivered", err)
}
