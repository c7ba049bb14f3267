package store

import (
	"context"
	"time"
)

const (
	// knownFor is how long a source is known after the last sign-in from there.
	knownFor = 180 * 24 * time.Hour
	// maxKnown bounds the sources of one person; the one used longest ago goes.
	maxKnown = 50
)

// KnownSource reports whether a person has signed in from a source lately. hash is of
// the browser's secret or of the address.
func (db *DB) KnownSource(ctx context.Context, userID string, hash []byte) (bool, error) {
	var one int
	err := db.read.QueryRow(ctx, `SELECT 1 FROM known_source WHERE user_id = $1 AND source_hash = $2 AND seen_at > $3`,
		userID, hash, millis(db.now().Add(-knownFor))).Scan(&one)
	if noRows(err) {
		return false, nil
	}
	return err == nil, failed("look up where you signed in before", err)
}

// RememberSources notes that a person has signed in from these sources now.
func (db *DB) RememberSources(ctx context.Context, userID string, now time.Time, hashes ...[]byte) error {
	const doing = "remember where you signed in"
	return db.inTx(ctx, func(tx *Tx) error {
		for _, hash := range hashes {
			if _, err := tx.Exec(ctx, `INSERT INTO known_source (user_id, source_hash, seen_at) VALUES ($1, $2, $3)
				ON CONFLICT (user_id, source_hash) DO UPDATE SET seen_at = excluded.seen_at`, userID, hash, millis(now)); err != nil {
				return failed(doing, err)
			}
		}
		_, err := tx.Exec(ctx, `DELETE FROM known_source WHERE user_id = $1 AND source_hash NOT IN
			(SELECT source_hash FROM known_source WHERE user_id = $1 ORDER BY seen_at DESC, source_hash LIMIT $2)`, userID, maxKnown)
		return failed(doing, err)
	})
}
