package store

import (
	"context"

	"github.com/neoagent/neo"
)

// ConfigEpoch returns the epoch of the configuration and keeps it from rising
// until tx ends: what tx stores was decided under the configuration of this
// epoch. It must be the first thing that tx does. A save waits for it, and no
// stream of transactions can keep a save waiting: later ones queue behind it.
func (db *DB) ConfigEpoch(ctx context.Context, tx neo.Tx) (int64, error) {
	t := tx.(*Tx)
	if t.pg != nil {
		// An advisory lock, because a row locked FOR SHARE by one transaction after
		// another never becomes free for an UPDATE. The epoch is read by a statement of
		// its own, whose snapshot is taken after the lock is held.
		if _, err := t.Exec(ctx, `SELECT pg_advisory_xact_lock_shared($1)`, lockEpoch); err != nil {
			return 0, failed("read its configuration", err)
		}
	}
	epoch, err := readEpoch(ctx, t)
	return epoch, failed("read its configuration", err)
}

func readEpoch(ctx context.Context, q queryer) (epoch int64, err error) {
	err = q.QueryRow(ctx, `SELECT epoch FROM config_epoch WHERE id = 1`).Scan(&epoch)
	return epoch, err
}

// raiseEpoch is done first by every transaction that changes the configuration. It
// waits for those that hold the epoch.
func (tx *Tx) raiseEpoch(ctx context.Context) error {
	if tx.pg != nil {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, lockEpoch); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `UPDATE config_epoch SET epoch = epoch + 1 WHERE id = 1`)
	return err
}

// LoadConfig returns the configuration of all tenants: every integration
// with its dictionary, the settings, and the enabled workflows. In a transaction that holds the epoch it is exactly that
// epoch's. With a nil tx it may be newer than the epoch it names, never older.
func (db *DB) LoadConfig(ctx context.Context, tx neo.Tx) (neo.Config, error) {
	q := db.read
	if tx != nil {
		q = tx.(*Tx)
	}
	var c neo.Config
	var err error
	if c.Epoch, err = readEpoch(ctx, q); err != nil { // first: see above
		return c, failed("read its configuration", err)
	}
	c.Workflows, err = collect(ctx, q, scanWorkflow, `SELECT `+workflowColumns+` FROM `+workflowTables+` WHERE w.enabled ORDER BY w.id`)
	if err != nil {
		return c, failed("read its workflows", err)
	}
	if c.Settings, err = readSettings(ctx, q); err != nil {
		return c, failed("read its settings", err)
	}
	if c.Dictionaries, err = db.readDictionaries(ctx, q); err != nil {
		return c, failed("read what instances say about their fields", err)
	}
	c.Integrations, err = collect(ctx, q, scanIntegration, `SELECT `+integrationColumns+reachColumns+` FROM integration ORDER BY id`)
	return c, failed("read its integrations", err)
}
