package store

import (
	"context"
	"time"

	"github.com/neoagent/neo"
)

const attemptColumns = `id, tenant_id, integration_id, instance_url, client_id, sealed_client_secret, sealed_verifier,
	state_hash, session_hash, outcome, message, created_at, expires_at, checks, backfill_days`

func scanAttempt(row Row) (a neo.ConnectAttempt, err error) {
	err = row.Scan(&a.ID, &a.TenantID, &a.IntegrationID, &a.InstanceURL, &a.ClientID, &a.ClientSecret, &a.Verifier,
		&a.StateHash, &a.SessionHash, &a.Outcome, &a.Message, timeTo(&a.CreatedAt), timeTo(&a.ExpiresAt),
		jsonTo(&a.Checks), &a.BackfillDays)
	return a, err
}

// attemptsKept is how long an attempt can be looked at after it has expired.
const attemptsKept = 24 * time.Hour

// CreateAttempt stores a new attempt to connect, and forgets those that expired
// more than a day before.
func (db *DB) CreateAttempt(ctx context.Context, a neo.ConnectAttempt) error {
	err := db.inTx(ctx, func(tx *Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM connect_attempt WHERE expires_at < $1`, millis(a.CreatedAt.Add(-attemptsKept))); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO connect_attempt (`+attemptColumns+`, used_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0)`,
			a.ID, a.TenantID, a.IntegrationID, a.InstanceURL, a.ClientID, a.ClientSecret, a.Verifier,
			a.StateHash, a.SessionHash, string(a.Outcome), a.Message, millis(a.CreatedAt), millis(a.ExpiresAt), `null`, int64(a.BackfillDays))
		return err
	})
	return failed("begin to connect", err)
}

// Attempt returns one attempt.
func (db *DB) Attempt(ctx context.Context, tenant, id string) (neo.ConnectAttempt, error) {
	a, err := scanAttempt(db.read.QueryRow(ctx, `SELECT `+attemptColumns+` FROM connect_attempt WHERE id = $1 AND tenant_id = $2`, id, tenant))
	if noRows(err) {
		return a, missing("attempt to connect")
	}
	return a, failed("read the attempt to connect", err)
}

// TakeAttempt returns the attempt that began with an OAuth state, by the SHA-256 of
// the state. It does so once, and not after the attempt has expired; then, as for
// a state that never was, it returns neo.CodeNotFound.
func (db *DB) TakeAttempt(ctx context.Context, stateHash []byte, now time.Time) (neo.ConnectAttempt, error) {
	// Anybody can ask for attempts that are not there: that is not worth the writer.
	var one int
	if err := db.read.QueryRow(ctx, `SELECT 1 FROM connect_attempt WHERE state_hash = $1`, stateHash).Scan(&one); noRows(err) {
		return neo.ConnectAttempt{}, errNoAttempt
	}
	a, err := scanAttempt(db.write.QueryRow(ctx, `UPDATE connect_attempt SET used_at = $2
		WHERE state_hash = $1 AND used_at = 0 AND expires_at > $2 RETURNING `+attemptColumns, stateHash, millis(now)))
	if noRows(err) {
		return a, errNoAttempt
	}
	return a, failed("find the attempt to connect", err)
}

var errNoAttempt = neo.Errorf(neo.CodeNotFound, "This attempt to connect has ended or was used already. Start it again from the integration's page.")

// SaveAttempt stores how far the checks of an attempt have come, and of which
// integration it is.
func (db *DB) SaveAttempt(ctx context.Context, a neo.ConnectAttempt) error {
	checks, err := jsonText(a.Checks)
	if err == nil {
		_, err = db.write.Exec(ctx, `UPDATE connect_attempt SET outcome = $2, message = $3, integration_id = $4, checks = $5 WHERE id = $1`,
			a.ID, string(a.Outcome), a.Message, a.IntegrationID, checks)
	}
	return failed("store how the attempt to connect goes", err)
}

// FinishAttempt stores how an attempt ended, and forgets its sealed secrets.
func (db *DB) FinishAttempt(ctx context.Context, id string, outcome neo.Outcome, message string) error {
	n, err := db.write.Exec(ctx, `UPDATE connect_attempt SET outcome = $2, message = $3, sealed_client_secret = NULL, sealed_verifier = NULL
		WHERE id = $1`, id, string(outcome), message)
	if err == nil && n == 0 {
		return missing("attempt to connect")
	}
	return failed("store how the attempt to connect ended", err)
}
