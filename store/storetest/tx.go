package storetest

import (
	"context"
	"database/sql"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/store"
)

var txTests = []test{
	{"commits and then calls hooks in order", func(t *testing.T, db *store.DB) {
		var calls []string
		inTx(t, db, func(tx neo.Tx) error {
			tx.OnCommit(func() {
				// Committed: others see it, and the writer is free.
				if _, err := db.Ticket(t.Context(), ours, ref("1")); err != nil {
					t.Error(err)
				}
				noError(t, db.SetMeta(t.Context(), "hook", []byte("ran")))
				calls = append(calls, "first")
			})
			tx.OnCommit(func() { calls = append(calls, "second") })
			_, err := db.AppendEvents(t.Context(), tx, stateEvents(ticket("1", 1)))
			return err
		})
		equal(t, "hooks", calls, []string{"first", "second"})
	}},
	{"rolls back on error, calls no hook", func(t *testing.T, db *store.DB) {
		broken := errors.New("broken")
		err := db.InTx(t.Context(), func(tx neo.Tx) error {
			tx.OnCommit(func() { t.Error("hook called") })
			_, err := db.AppendEvents(t.Context(), tx, stateEvents(ticket("1", 1)))
			noError(t, err)
			return broken
		})
		if err != broken {
			t.Errorf("error is %v", err)
		}
		_, err = db.Ticket(t.Context(), ours, ref("1"))
		fails(t, err, neo.CodeNotFound)
	}},
	{"rolls back on panic", func(t *testing.T, db *store.DB) {
		func() {
			defer func() {
				if recover() != "oh" {
					t.Error("the panic was lost")
				}
			}()
			_ = db.InTx(t.Context(), func(tx neo.Tx) error {
				_, err := db.AppendEvents(t.Context(), tx, stateEvents(ticket("1", 1)))
				noError(t, err)
				panic("oh")
			})
		}()
		appendStates(t, db, ticket("2", 1)) // the writer is free again
		_, err := db.Ticket(t.Context(), ours, ref("1"))
		fails(t, err, neo.CodeNotFound)
	}},
	{"rolls back when its context ends", func(t *testing.T, db *store.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		err := db.InTx(ctx, func(tx neo.Tx) error {
			_, err := db.AppendEvents(ctx, tx, stateEvents(ticket("1", 1)))
			noError(t, err)
			cancel()
			return nil
		})
		if !errors.Is(err, context.Canceled) && !errors.Is(err, sql.ErrTxDone) {
			t.Errorf("error is %v", err)
		}
		_, err = db.Ticket(t.Context(), ours, ref("1"))
		fails(t, err, neo.CodeNotFound)
	}},
	{"gives the driver's transaction", func(t *testing.T, db *store.DB) {
		inTx(t, db, func(tx neo.Tx) error {
			switch tx.Native().(type) {
			case *sql.Tx:
				if db.Postgres() != nil {
					t.Error("*sql.Tx on PostgreSQL")
				}
			case pgx.Tx:
				if db.Postgres() == nil {
					t.Error("pgx.Tx on SQLite")
				}
			default:
				t.Errorf("native is %T", tx.Native())
			}
			return nil
		})
	}},
	{"answers a ping", func(t *testing.T, db *store.DB) { noError(t, db.Ping(t.Context())) }},
}
