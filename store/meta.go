package store

import "context"

// Meta returns a value that the installation as a whole keeps, and whether there is one.
func (db *DB) Meta(ctx context.Context, key string) (value []byte, found bool, err error) {
	err = db.read.QueryRow(ctx, `SELECT value FROM meta WHERE key = $1`, key).Scan(&value)
	if noRows(err) {
		return nil, false, nil
	}
	return value, err == nil, failed("read its settings", err)
}

// SetMeta stores a value; nil is stored as the empty one.
func (db *DB) SetMeta(ctx context.Context, key string, value []byte) error {
	_, err := db.write.Exec(ctx, `INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, key, notNull(value))
	return failed("store its settings", err)
}
