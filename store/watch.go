package store

import (
	"context"
	"time"

	"github.com/neoagent/neo"
)

const watchColumns = `integration_id, tenant_id, data, sweep_asked, inspect_asked, backfill_paused, backfill_days, lease_owner, lease_until`

func scanWatch(row Row) (w neo.Watch, err error) {
	err = row.Scan(&w.IntegrationID, &w.TenantID, jsonTo(&w.WatchData), &w.SweepAsked, &w.InspectAsked, &w.BackfillPaused, &w.BackfillDays,
		&w.LeaseOwner, timeTo(&w.LeaseUntil))
	return w, err
}

// Watch returns what is kept about looking after an integration; neo.CodeNotFound
// when it was never connected.
func (db *DB) Watch(ctx context.Context, integrationID string) (neo.Watch, error) {
	w, err := scanWatch(db.read.QueryRow(ctx, `SELECT `+watchColumns+` FROM watch WHERE integration_id = $1`, integrationID))
	if noRows(err) {
		return w, missing("watch")
	}
	return w, failed("read how an integration is looked after", err)
}

// StartWatch stores a new watch. One that is there already stays as it is.
func (db *DB) StartWatch(ctx context.Context, w neo.Watch) error {
	data, err := jsonText(&w.WatchData)
	if err == nil {
		_, err = db.write.Exec(ctx, `INSERT INTO watch (`+watchColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, '', 0) ON CONFLICT DO NOTHING`,
			w.IntegrationID, w.TenantID, data, w.SweepAsked, w.InspectAsked, w.BackfillPaused, w.BackfillDays)
	}
	return failed("begin to look after an integration", err)
}

// AskWatch asks whoever has the watch, or takes it next, for a sweep or an
// inspection.
func (db *DB) AskWatch(ctx context.Context, integrationID string, sweep, inspect bool) error {
	_, err := db.write.Exec(ctx, `UPDATE watch SET sweep_asked = (sweep_asked OR $2), inspect_asked = (inspect_asked OR $3) WHERE integration_id = $1`,
		integrationID, sweep, inspect)
	return failed("ask for a look at an integration", err)
}

// AskBackfill asks for a backfill over days, when that is positive, or for the
// one there is to pause or to go on.
func (db *DB) AskBackfill(ctx context.Context, integrationID string, days int, paused bool) error {
	n, err := db.write.Exec(ctx, `UPDATE watch SET backfill_paused = $3, backfill_days = CASE WHEN $2 > 0 THEN $2 ELSE backfill_days END
		WHERE integration_id = $1`, integrationID, int64(days), paused)
	if err == nil && n == 0 {
		return missing("watch")
	}
	return failed("ask for older tickets", err)
}

// TakeWatch leases a watch to owner, unless somebody else holds it at now.
func (db *DB) TakeWatch(ctx context.Context, integrationID, owner string, now, until time.Time) (w neo.Watch, taken bool, err error) {
	err = db.single(ctx, func(q queryer) error {
		w, err = scanWatch(q.QueryRow(ctx, `UPDATE watch SET lease_owner = $2, lease_until = $3
			WHERE integration_id = $1 AND (lease_until <= $4 OR lease_owner = $2) RETURNING `+watchColumns,
			integrationID, owner, millis(until), millis(now)))
		taken = err == nil
		if noRows(err) {
			return nil
		}
		return failed("take over the care for an integration", err)
	})
	return w, taken && err == nil, err
}

// SaveWatch stores what the owner of the lease found, renews the lease until a time
// (zero: gives it up), and crosses off what w says was asked. It reports whether
// w.LeaseOwner still had it; if not, nothing is stored.
func (db *DB) SaveWatch(ctx context.Context, w neo.Watch, until time.Time) (bool, error) {
	data, err := jsonText(&w.WatchData)
	if err != nil {
		return false, failed("store how an integration does", err)
	}
	var n int64
	err = db.single(ctx, func(q queryer) (err error) {
		n, err = q.Exec(ctx, `UPDATE watch SET data = $3, lease_until = $4,
			sweep_asked = (sweep_asked AND NOT $5), inspect_asked = (inspect_asked AND NOT $6),
			backfill_days = CASE WHEN backfill_days = $7 THEN 0 ELSE backfill_days END
			WHERE integration_id = $1 AND lease_owner = $2`,
			w.IntegrationID, w.LeaseOwner, data, millis(until), w.SweepAsked, w.InspectAsked, int64(w.BackfillDays))
		return err
	})
	return n == 1 && err == nil, failed("store how an integration does", err)
}

// DropWatch forgets a watch and the counts of its deliveries.
func (db *DB) DropWatch(ctx context.Context, integrationID string) error {
	err := db.inTx(ctx, func(tx *Tx) error {
		for _, table := range []string{"watch", "delivery_minute", "delivery_last"} {
			if _, err := tx.Exec(ctx, `DELETE FROM `+table+` WHERE integration_id = $1`, integrationID); err != nil {
				return err
			}
		}
		return nil
	})
	return failed("forget how an integration was looked after", err)
}

// AllIntegrations returns the integrations of all tenants.
func (db *DB) AllIntegrations(ctx context.Context) ([]neo.Integration, error) {
	all, err := collect(ctx, db.read, scanIntegration, `SELECT `+integrationColumns+reachColumns+` FROM integration ORDER BY id`)
	return all, failed("read the integrations", err)
}
