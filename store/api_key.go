package store

import (
	"context"
	"time"

	"github.com/neoagent/neo"
)

const apiKeyColumns = `id, tenant_id, user_id, name, hash, hint, created_at, last_used_at, expires_at`

func scanAPIKey(row Row) (k neo.APIKey, err error) {
	err = row.Scan(&k.ID, &k.TenantID, &k.UserID, &k.Name, &k.Hash, &k.Hint, timeTo(&k.CreatedAt), timeTo(&k.LastUsedAt), timeTo(&k.ExpiresAt))
	return k, err
}

// CreateAPIKey stores a key that a person has made.
func (db *DB) CreateAPIKey(ctx context.Context, k neo.APIKey) error {
	_, err := db.write.Exec(ctx, `INSERT INTO api_key (`+apiKeyColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		k.ID, k.TenantID, k.UserID, k.Name, notNull(k.Hash), k.Hint, millis(k.CreatedAt), millis(k.LastUsedAt), millis(k.ExpiresAt))
	return failed("store the API key", err)
}

// APIKeys returns the keys of a tenant, oldest first, with those that have expired.
func (db *DB) APIKeys(ctx context.Context, tenant string) ([]neo.APIKey, error) {
	all, err := collect(ctx, db.read, scanAPIKey, `SELECT `+apiKeyColumns+` FROM api_key WHERE tenant_id = $1 ORDER BY id`, tenant)
	return all, failed("read the API keys", err)
}

// APIKeyByHash returns the key with that SHA-256, of any tenant, also when it has
// expired.
func (db *DB) APIKeyByHash(ctx context.Context, hash []byte) (neo.APIKey, error) {
	k, err := scanAPIKey(db.read.QueryRow(ctx, `SELECT `+apiKeyColumns+` FROM api_key WHERE hash = $1`, notNull(hash)))
	if noRows(err) {
		return k, missing("API key")
	}
	return k, failed("read the API key", err)
}

// APIKeyUsed remembers when a key was last used. A time that is not later than the
// one it has changes nothing.
func (db *DB) APIKeyUsed(ctx context.Context, id string, at time.Time) error {
	_, err := db.write.Exec(ctx, `UPDATE api_key SET last_used_at = $2 WHERE id = $1 AND last_used_at < $2`, id, millis(at))
	return failed("remember the use of an API key", err)
}

// DeleteAPIKey makes a key worthless.
func (db *DB) DeleteAPIKey(ctx context.Context, tenant, id string) error {
	n, err := db.write.Exec(ctx, `DELETE FROM api_key WHERE id = $1 AND tenant_id = $2`, id, tenant)
	if err == nil && n == 0 {
		return missing("API key")
	}
	return failed("delete the API key", err)
}
