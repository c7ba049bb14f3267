package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/neoagent/neo"
)

// leastConns is with how many connections Neo can work: the queue holds one for
// LISTEN, and takes up to three for moments; a save and a delivery need one each.
const leastConns = 6

// checkSessions refuses a database behind a pooler that hands each transaction to
// another session: advisory locks then stay behind in sessions that nobody owns, so
// that the next start waits for ever, and LISTEN hears nothing. It is seen by the
// process at the server's end: a session has one, and it has it alone.
func checkSessions(ctx context.Context, pool *pgxpool.Pool) error {
	a, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer a.Release()
	b, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer b.Release()
	conns := []*pgxpool.Conn{a, b}
	shared, err := sessionsShared(func(i int) (pid int32, err error) {
		err = conns[i].QueryRow(ctx, `SELECT pg_backend_pid()`, pgx.QueryExecModeSimpleProtocol).Scan(&pid)
		return pid, err
	})
	if err != nil {
		return err
	}
	if shared {
		return neo.Errorf(neo.CodeInvalid, "NEO_DATABASE_URL leads to a pooler, such as PgBouncer in transaction mode, that lets connections share sessions. "+
			"Neo needs sessions of its own, for locks and notifications: connect to PostgreSQL directly, or set pool_mode = session.")
	}
	return nil
}

// sessionsShared asks two connections in turn which process serves them. A pooler
// gives an idle session to whoever asks next: to both, or to each in turn.
func sessionsShared(pid func(connection int) (int32, error)) (bool, error) {
	var first [2]int32
	for round := range 4 {
		for i := range first {
			p, err := pid(i)
			if err != nil {
				return false, err
			}
			if round == 0 {
				first[i] = p
			} else if first[i] != p {
				return true, nil
			}
		}
	}
	return first[0] == first[1], nil
}

// tooManyConnections reports whether PostgreSQL has no connection left for Neo.
func tooManyConnections(err error) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && e.Code == "53300"
}
