package store

import (
	"context"
	"crypto/sha256"
	"time"
)

// Sessions keeps sign-in sessions. It has the methods of alexedwards/scs's Store
// and CtxStore. Only a SHA-256 of a token is stored: who can read the database
// cannot sign in with it.
type Sessions struct{ db *DB }

// Sessions returns the sign-in sessions.
func (db *DB) Sessions() *Sessions { return &Sessions{db} }

// FindCtx returns the data of a session that has not expired.
func (s *Sessions) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	err = s.db.read.QueryRow(ctx, `SELECT data FROM session WHERE token_hash = $1 AND expires_at > $2`,
		tokenHash(token), millis(s.db.now())).Scan(&data)
	if noRows(err) {
		return nil, false, nil
	}
	return data, err == nil, failed("read the session", err)
}

// CommitCtx stores a session, new or changed.
func (s *Sessions) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	_, err := s.db.write.Exec(ctx, `INSERT INTO session (token_hash, data, expires_at) VALUES ($1, $2, $3)
		ON CONFLICT (token_hash) DO UPDATE SET data = excluded.data, expires_at = excluded.expires_at`,
		tokenHash(token), notNull(data), millis(expiry))
	return failed("store the session", err)
}

// DeleteCtx ends a session. One that is not there is no error.
func (s *Sessions) DeleteCtx(ctx context.Context, token string) error {
	_, err := s.db.write.Exec(ctx, `DELETE FROM session WHERE token_hash = $1`, tokenHash(token))
	return failed("end the session", err)
}

// Find is FindCtx without a context, as scs's Store asks for.
func (s *Sessions) Find(token string) (data []byte, found bool, err error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is CommitCtx without a context.
func (s *Sessions) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

// Delete is DeleteCtx without a context.
func (s *Sessions) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }

// DeleteExpiredSessions removes the sessions that have expired by now.
func (db *DB) DeleteExpiredSessions(ctx context.Context, now time.Time) error {
	_, err := db.write.Exec(ctx, `DELETE FROM session WHERE expires_at <= $1`, millis(now))
	return failed("remove expired sessions", err)
}

func tokenHash(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
