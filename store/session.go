package store

import (
	"context"
	"crypto/sha256"
	"sync/atomic"
	"time"
)

// Sessions keeps sign-in sessions. It has the methods of alexedwards/scs's Store
// and CtxStore. Only a SHA-256 of a token is stored: who can read the database
// cannot sign in with it.
//
// A session ends when it is not used for SessionIdle, and at its expiry in any case.
// Using it is written down at most once in sessionTouched, beside what it was used for:
// reading goes on when nothing can be written.
type Sessions struct {
	db *DB
	// pause is until when (Unix milliseconds) no use is written, since it failed.
	pause atomic.Int64
}

const (
	// SessionIdle is how long a session lasts that nobody uses.
	SessionIdle    = 24 * time.Hour
	sessionTouched = time.Hour
	touchTime      = time.Second // for which a reader waits at most while the use is written
	touchPause     = time.Minute // after a use that could not be written
)

// Sessions returns the sign-in sessions.
func (db *DB) Sessions() *Sessions { return &Sessions{db: db} }

// FindCtx returns the data of a session that has not expired.
func (s *Sessions) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	var expires, ends int64
	now := s.db.now()
	err = s.db.read.QueryRow(ctx, `SELECT data, expires_at, ends_at FROM session WHERE token_hash = $1 AND expires_at > $2`,
		tokenHash(token), millis(now)).Scan(&data, &expires, &ends)
	if noRows(err) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, failed("read the session", err)
	}
	later := min(millis(now.Add(SessionIdle)), ends)
	if later-expires >= sessionTouched.Milliseconds() && millis(now) >= s.pause.Load() {
		s.touch(ctx, token, later)
	}
	return data, true, nil
}

// touch lets a session live on. One that has been ended meanwhile stays ended.
func (s *Sessions) touch(ctx context.Context, token string, expires int64) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), touchTime)
	defer cancel()
	if _, err := s.db.write.Exec(ctx, `UPDATE session SET expires_at = $1 WHERE token_hash = $2`, expires, tokenHash(token)); err != nil {
		s.pause.Store(millis(s.db.now().Add(touchPause)))
		s.db.log.Debug("the use of a session was not written down; it is tried again at the next", "err", err)
	}
}

// CommitCtx stores a session, new or changed.
func (s *Sessions) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	_, err := s.db.write.Exec(ctx, `INSERT INTO session (token_hash, data, expires_at, ends_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (token_hash) DO UPDATE SET data = excluded.data, expires_at = excluded.expires_at, ends_at = excluded.ends_at`,
		tokenHash(token), notNull(data), min(millis(s.db.now().Add(SessionIdle)), millis(expiry)), millis(expiry))
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
