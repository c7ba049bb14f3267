package app_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/app"
	"github.com/neoagent/neo/store/postgrestest"
	"github.com/neoagent/neo/visitor"
)

// A PostgreSQL that Neo cannot work with is refused with a sentence, at the first start
// as at later ones, whatever of Neo it stopped.
func TestFault20PostgresThatNeoCannotWorkWith(t *testing.T) {
	with := func(database, setting string) string {
		if strings.Contains(database, "?") {
			return database + "&" + setting
		}
		return database + "?" + setting
	}
	for _, tt := range []struct {
		name string
		url  func(t *testing.T) string
		says string
	}{
		{"PgBouncer in transaction mode", func(t *testing.T) string { return postgrestest.Pooled(t, postgrestest.URL(t)) }, "pool_mode = session"},
		{"PgBouncer in transaction mode, exec", func(t *testing.T) string {
			return with(postgrestest.Pooled(t, postgrestest.URL(t)), "default_query_exec_mode=exec")
		}, "pool_mode = session"},
		{"one connection", func(t *testing.T) string { return postgrestest.Limited(t, postgrestest.URL(t), 1) }, "CONNECTION LIMIT"},
		{"two connections", func(t *testing.T) string { return postgrestest.Limited(t, postgrestest.URL(t), 2) }, "CONNECTION LIMIT"},
		{"three connections", func(t *testing.T) string { return postgrestest.Limited(t, postgrestest.URL(t), 3) }, "CONNECTION LIMIT"},
		{"a pool that is too small", func(t *testing.T) string { return with(postgrestest.URL(t), "pool_max_conns=2") }, "at least"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := config(t, &log{})
			c.DatabaseURL = tt.url(t)
			for range 2 {
				a, err := app.New(t.Context(), c)
				if err == nil {
					err = a.Start(t.Context())
					a.Stop(context.Background())
				}
				if err == nil {
					t.Fatal("it started")
				}
				if neo.CodeOf(err) == neo.CodeInternal || !strings.Contains(neo.MessageOf(err), tt.says) {
					t.Errorf("it says %q, want %q in it", err, tt.says)
				}
			}
		})
	}
}

func TestFault20EveryWayToAskPostgres(t *testing.T) {
	for _, mode := range []string{"exec", "simple_protocol"} {
		t.Run(mode, func(t *testing.T) {
			c := config(t, &log{})
			c.DatabaseURL = postgrestest.URL(t) + "&default_query_exec_mode=" + mode
			for range 2 {
				a, err := app.New(t.Context(), c)
				if err == nil {
					err = a.Start(t.Context())
				}
				if err != nil {
					t.Fatal(err)
				}
				a.Stop(context.Background())
			}
		})
	}
}

// A lock that nobody gives back keeps Neo from starting, but not without a word.
func TestFault20LockThatStays(t *testing.T) {
	l := &log{}
	c := config(t, l)
	c.DatabaseURL = postgrestest.URL(t)
	conn, err := pgx.Connect(t.Context(), c.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), `SELECT pg_advisory_lock(x) FROM (VALUES ($1::bigint)) AS v(x)`, int64(0x6e656f_0001)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		a, err := app.New(ctx, c)
		if err == nil {
			a.Stop(context.Background())
		}
		ended <- err
	}()
	err = visitor.Until(t.Context(), func() (bool, error) { return strings.Contains(l.String(), "waiting for another Neo"), nil })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), `SELECT pg_advisory_unlock($1)`, int64(0x6e656f_0001)); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Errorf("it did not start once the lock was free: %v", err)
	}
}
