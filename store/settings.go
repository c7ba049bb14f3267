package store

import (
	"context"

	"github.com/neoagent/neo"
)

// readSettings returns the settings that were saved, by tenant.
func readSettings(ctx context.Context, q queryer) (map[string]neo.Settings, error) {
	type saved struct {
		tenant string
		neo.Settings
	}
	all, err := collect(ctx, q, func(row Row) (s saved, err error) {
		return s, row.Scan(&s.tenant, jsonTo(&s.Settings))
	}, `SELECT tenant_id, data FROM tenant_settings`)
	if len(all) == 0 {
		return nil, err
	}
	settings := make(map[string]neo.Settings, len(all))
	for _, s := range all {
		settings[s.tenant] = s.Settings
	}
	return settings, err
}

// Settings returns the settings of a tenant.
func (db *DB) Settings(ctx context.Context, tenant string) (neo.Settings, error) {
	s := neo.DefaultSettings()
	err := db.read.QueryRow(ctx, `SELECT data FROM tenant_settings WHERE tenant_id = $1`, tenant).Scan(jsonTo(&s))
	if noRows(err) {
		err = nil
	}
	return s, failed("read the settings", err)
}

// SaveSettings stores the settings of a tenant. Workflows are matched with them from
// the next event on.
func (db *DB) SaveSettings(ctx context.Context, tenant string, s neo.Settings) error {
	const doing = "save the settings"
	text, err := jsonText(s)
	if err != nil {
		return failed(doing, err)
	}
	return db.inTx(ctx, func(tx *Tx) error {
		if err := tx.raiseEpoch(ctx); err != nil {
			return failed(doing, err)
		}
		_, err := tx.Exec(ctx, `INSERT INTO tenant_settings (tenant_id, data) VALUES ($1, $2)
			ON CONFLICT (tenant_id) DO UPDATE SET data = excluded.data`, tenant, text)
		return failed(doing, err)
	})
}
