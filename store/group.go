package store

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/neoagent/neo"
)

// group lets transactions that are wanted at the same time on SQLite share one
// commit: making a commit durable costs the same whatever is in it. Whoever comes
// while no transaction is open leads: it opens one, lets everybody who waits do
// their part, each behind a savepoint of its own, and commits.
type group struct {
	db   *DB
	turn chan struct{} // holds an element while somebody leads

	mu      sync.Mutex
	waiting []*member
}

// member is one call of InTx.
type member struct {
	ctx  context.Context
	f    func(tx neo.Tx) error
	tx   *Tx
	err  error
	oops any           // what f panicked with
	done chan struct{} // closed when the other fields are final
}

func newGroup(db *DB) *group { return &group{db: db, turn: make(chan struct{}, 1)} }

// join does f's part in the next transaction and returns when it is committed.
func (g *group) join(ctx context.Context, f func(tx neo.Tx) error) error {
	m := &member{ctx: ctx, f: f, done: make(chan struct{})}
	g.mu.Lock()
	g.waiting = append(g.waiting, m)
	g.mu.Unlock()

	select {
	case <-m.done:
	case g.turn <- struct{}{}:
		g.lead()
		<-m.done // by this turn or, when it came late, by the one before
	case <-ctx.Done():
		if g.leave(m) {
			return failed("begin to write to the database", ctx.Err())
		}
		<-m.done
	}
	if m.oops != nil {
		panic(m.oops)
	}
	if m.err == nil {
		m.tx.committed()
	}
	return m.err
}

// leave takes m out of those who wait, unless its part is being done.
func (g *group) leave(m *member) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := slices.Index(g.waiting, m)
	if i < 0 {
		return false
	}
	g.waiting = slices.Delete(g.waiting, i, i+1)
	return true
}

// lead carries out and commits the parts of all who wait now, and ends the turn.
func (g *group) lead() {
	defer func() { <-g.turn }()
	g.mu.Lock()
	members := g.waiting
	g.waiting = nil
	g.mu.Unlock()
	if len(members) == 0 {
		return // the turn before has done it all
	}
	// Until the commit has returned, nobody's part is stored: also not when this
	// goroutine ends on the way, by a panic of the driver or a test's FailNow.
	err := errAbandoned
	defer func() {
		for _, m := range members {
			if err != nil && m.err == nil && m.oops == nil {
				m.err = failed("write to the database", err)
			}
			close(m.done)
		}
	}()
	err = g.commit(members)
}

var errAbandoned = errors.New("the transaction was abandoned")

// commit does the members' parts in one transaction. Its error is of the
// transaction; what goes wrong in a part is that member's.
func (g *group) commit(members []*member) error {
	ctx := context.Background() // the members' contexts bound their own parts
	tx, err := g.db.begin(ctx)
	if err != nil {
		return err
	}
	committed := false
	defer func() {
		if !committed {
			tx.rollback(ctx)
		}
	}()
	shared := len(members) > 1
	for _, m := range members {
		m.tx = &Tx{queryer: tx.queryer, lite: tx.lite}
		if err := m.part(ctx, shared); err != nil {
			return err
		}
	}
	if !shared && (members[0].err != nil || members[0].oops != nil) {
		return nil
	}
	if err := tx.commit(ctx); err != nil {
		return err
	}
	committed = true
	g.db.checkpoints.due()
	return nil
}

// part calls f. When others share the transaction, a failure undoes f's part
// alone. The error is of the transaction and not of f.
func (m *member) part(ctx context.Context, shared bool) error {
	if shared {
		if _, err := m.tx.Exec(ctx, `SAVEPOINT part`); err != nil {
			return err
		}
	}
	m.call()
	if !shared {
		return nil
	}
	if m.err != nil || m.oops != nil {
		if _, err := m.tx.Exec(ctx, `ROLLBACK TO part`); err != nil {
			return err
		}
	}
	_, err := m.tx.Exec(ctx, `RELEASE part`)
	return err
}

func (m *member) call() {
	defer func() { m.oops = recover() }()
	if m.err = m.ctx.Err(); m.err == nil {
		m.err = m.f(m.tx)
	}
	if m.err == nil {
		m.err = m.ctx.Err()
	}
}
