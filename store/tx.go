package store

import (
	"context"
	"database/sql"

	"github.com/jackc/pgx/v5"

	"github.com/neoagent/neo"
)

// Tx is an open transaction: BEGIN IMMEDIATE on SQLite, read committed on
// PostgreSQL. It is used by one goroutine at a time.
//
// Locks are taken in one order, whatever the transaction does, so that no two
// wait for each other: config epoch, run_step, ticket, event, run; and within a
// table by key. Batches are sorted here; the order of calls is the caller's.
type Tx struct {
	queryer
	lite  *sql.Tx // on SQLite
	pg    pgx.Tx  // on PostgreSQL
	hooks []func()
}

var _ neo.Tx = (*Tx)(nil)

// OnCommit implements neo.Tx. Hooks run in the order of their registration, in
// the goroutine that called InTx.
func (tx *Tx) OnCommit(f func()) { tx.hooks = append(tx.hooks, f) }

// Native implements neo.Tx.
func (tx *Tx) Native() any {
	if tx.pg != nil {
		return tx.pg
	}
	return tx.lite
}

// InTx calls f in a transaction and commits it when f returns nil. What f did is
// undone when f returns an error or panics, or when ctx ends, and InTx returns or
// repeats that. It never tries again. On SQLite calls that come at the same time
// share one commit (see group), and f must not use the DB for writing except
// through tx: the one writer is taken, and the call would wait for itself.
func (db *DB) InTx(ctx context.Context, f func(tx neo.Tx) error) error {
	err := db.transact(ctx, f)
	db.writability.note(err, db.now)
	return err
}

func (db *DB) transact(ctx context.Context, f func(tx neo.Tx) error) error {
	if db.pg == nil {
		return db.group.join(ctx, f)
	}
	tx, err := db.begin(ctx)
	if err != nil {
		return failed("begin to write to the database", err)
	}
	committed := false
	defer func() {
		if !committed {
			tx.rollback(ctx)
		}
	}()
	if err := f(tx); err != nil {
		return err
	}
	if err := tx.commit(ctx); err != nil {
		return failed("write to the database", err)
	}
	committed = true
	tx.committed()
	return nil
}

func (tx *Tx) committed() {
	for _, hook := range tx.hooks {
		hook()
	}
}

// inTx is InTx for this package.
func (db *DB) inTx(ctx context.Context, f func(tx *Tx) error) error {
	return db.InTx(ctx, func(tx neo.Tx) error { return f(tx.(*Tx)) })
}

func (db *DB) begin(ctx context.Context) (*Tx, error) {
	if db.pg != nil {
		native, err := db.pg.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.ReadCommitted})
		if err != nil {
			return nil, err
		}
		return &Tx{queryer: postgresQueryer{native}, pg: native}, nil
	}
	native, q, err := db.writer.begin(ctx)
	if err != nil {
		return nil, err
	}
	return &Tx{queryer: q, lite: native}, nil
}

func (tx *Tx) commit(ctx context.Context) error {
	if tx.pg != nil {
		return tx.pg.Commit(ctx)
	}
	return tx.lite.Commit()
}

// rollback has nothing to report: a transaction that cannot be rolled back ends
// with its connection, and the database undoes it.
func (tx *Tx) rollback(ctx context.Context) {
	if tx.pg != nil {
		_ = tx.pg.Rollback(context.WithoutCancel(ctx))
		return
	}
	_ = tx.lite.Rollback()
}

// locking returns the clause, such as FOR SHARE, on a database that locks rows.
// SQLite has one writer, so that whoever could be waited for has finished.
func (tx *Tx) locking(clause string) string {
	if tx.pg != nil {
		return " " + clause
	}
	return ""
}
