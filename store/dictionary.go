package store

import (
	"context"
	"sync"

	"github.com/neoagent/neo"
)

// knownDictionaries keeps what was read: a dictionary is some hundred kilobytes, and
// the configuration is read anew with each change of it. Its zero value is ready.
type knownDictionaries struct {
	mu  sync.Mutex
	all map[string]knownDictionary // by integration
}

type knownDictionary struct {
	version int64
	*neo.Dictionary
}

func (k *knownDictionaries) get(integrationID string, version int64) (*neo.Dictionary, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	d, ok := k.all[integrationID]
	return d.Dictionary, ok && d.version == version
}

func (k *knownDictionaries) put(integrationID string, version int64, d *neo.Dictionary) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.all == nil {
		k.all = map[string]knownDictionary{}
	}
	k.all[integrationID] = knownDictionary{version, d}
}

// Dictionary returns what an instance says about the fields of its tickets; nil until
// it has been asked. Callers do not change it.
func (db *DB) Dictionary(ctx context.Context, integrationID string) (*neo.Dictionary, error) {
	var version int64
	err := db.read.QueryRow(ctx, `SELECT version FROM dictionary WHERE integration_id = $1`, integrationID).Scan(&version)
	if noRows(err) {
		return nil, nil
	}
	if err != nil {
		return nil, failed("read what an instance says about its fields", err)
	}
	d, err := db.dictionary(ctx, db.read, integrationID, version)
	return d, failed("read what an instance says about its fields", err)
}

// dictionary returns the dictionary of that version, or a newer one.
func (db *DB) dictionary(ctx context.Context, q queryer, integrationID string, version int64) (*neo.Dictionary, error) {
	if d, ok := db.dictionaries.get(integrationID, version); ok {
		return d, nil
	}
	d := &neo.Dictionary{}
	err := q.QueryRow(ctx, `SELECT version, data FROM dictionary WHERE integration_id = $1`, integrationID).Scan(&version, jsonTo(d))
	if err != nil {
		return nil, err
	}
	db.dictionaries.put(integrationID, version, d)
	return d, nil
}

// readDictionaries returns those of all integrations.
func (db *DB) readDictionaries(ctx context.Context, q queryer) (map[string]*neo.Dictionary, error) {
	type row struct {
		integration string
		version     int64
	}
	rows, err := collect(ctx, q, func(r Row) (d row, err error) { return d, r.Scan(&d.integration, &d.version) },
		`SELECT integration_id, version FROM dictionary`)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	all := make(map[string]*neo.Dictionary, len(rows))
	for _, r := range rows {
		if all[r.integration], err = db.dictionary(ctx, q, r.integration, r.version); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// SaveDictionary stores what an instance says about the fields of its tickets, and
// reports whether that is another than before. Only then is it a change of the
// configuration.
func (db *DB) SaveDictionary(ctx context.Context, tenant, integrationID string, d *neo.Dictionary) (changed bool, err error) {
	const doing = "store what an instance says about its fields"
	text, err := jsonText(d)
	if err != nil {
		return false, failed(doing, err)
	}
	same := func(q queryer) (bool, error) {
		var stored string
		err := q.QueryRow(ctx, `SELECT data FROM dictionary WHERE integration_id = $1`, integrationID).Scan(&stored)
		if noRows(err) {
			return false, nil
		}
		return err == nil && stored == text, err
	}
	if known, err := same(db.read); err != nil || known {
		return false, failed(doing, err)
	}
	err = db.inTx(ctx, func(tx *Tx) error {
		if err := tx.raiseEpoch(ctx); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO dictionary (integration_id, tenant_id, version, data, saved_at) VALUES ($1, $2, 1, $3, $4)
			ON CONFLICT (integration_id) DO UPDATE SET version = dictionary.version + 1, data = excluded.data, saved_at = excluded.saved_at`,
			integrationID, tenant, text, millis(db.now()))
		return err
	})
	return err == nil, failed(doing, err)
}
