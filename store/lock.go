package store

import (
	"context"
	"hash/fnv"
	"sync"

	"github.com/jackc/pgx/v5"
)

// WithIntegrationLock calls f while no other call for the same integration runs,
// in this process or, on PostgreSQL, in any replica. f may take its time and use
// the database: no lock that others need is held. Calls for one integration do
// not nest. If a replica loses its connection to PostgreSQL while f runs, another
// may begin; f must bear that.
func (db *DB) WithIntegrationLock(ctx context.Context, id string, f func(ctx context.Context) error) error {
	unlock, err := db.held.lock(ctx, id)
	if err != nil {
		return failed("wait for the integration", err)
	}
	defer unlock()
	if db.pg == nil {
		return f(ctx)
	}
	// Advisory, not a lock of the row: f writes that row through another connection.
	tx, err := db.locks.BeginTx(ctx, pgx.TxOptions{})
	if err != nil {
		return failed("wait for the integration", err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, advisoryKey("integration:"+id)); err != nil {
		return failed("wait for the integration", err)
	}
	return f(ctx)
}

func advisoryKey(name string) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name))
	return int64(h.Sum64())
}

// keyedMutex is a mutex for each key. Its zero value is ready.
type keyedMutex struct {
	mu   sync.Mutex
	keys map[string]*keyedLock
}

type keyedLock struct {
	held  chan struct{} // full while somebody has the lock
	users int           // holder and waiters; the entry goes with the last
}

// lock waits until it has the lock of key, or until ctx ends.
func (m *keyedMutex) lock(ctx context.Context, key string) (unlock func(), err error) {
	m.mu.Lock()
	if m.keys == nil {
		m.keys = map[string]*keyedLock{}
	}
	l := m.keys[key]
	if l == nil {
		l = &keyedLock{held: make(chan struct{}, 1)}
		m.keys[key] = l
	}
	l.users++
	m.mu.Unlock()

	leave := func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		if l.users--; l.users == 0 {
			delete(m.keys, key)
		}
	}
	select {
	case l.held <- struct{}{}:
		return func() { <-l.held; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}
