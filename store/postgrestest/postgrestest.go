// Package postgrestest gives tests PostgreSQL databases of their own.
//
// With NEO_TEST_DATABASE_URL set they are made on that server. Otherwise the
// first test that asks starts a private server from the installed binaries, on a
// socket in a temporary directory and with fsync on, which ends with the process.
package postgrestest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Main runs the tests of a package and ends the process. Call it in TestMain of
// every package that calls URL; with goleak, call goleak.VerifyTestMain(Tests(m)).
func Main(m *testing.M) { os.Exit(Tests(m).Run()) }

// Tests returns m with the end of the private server added to its Run.
func Tests(m *testing.M) interface{ Run() int } { return tests{m} }

type tests struct{ m *testing.M }

func (t tests) Run() int {
	code := t.m.Run()
	if err := private.stop(); err != nil {
		fmt.Fprintln(os.Stderr, "postgrestest:", err)
	}
	return code
}

var databases atomic.Int64

// URL returns the URL of a new, empty database that is dropped when t ends. It
// skips t when PostgreSQL is not installed, but fails it where CI is set.
func URL(t testing.TB) string {
	t.Helper()
	server := os.Getenv("NEO_TEST_DATABASE_URL")
	if server == "" {
		var err error
		if server, err = private.start(); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatal(err)
			}
			t.Skip(err)
		}
	}
	name := fmt.Sprintf("neo_test_%d_%d", os.Getpid(), databases.Add(1))
	run(t, server, `CREATE DATABASE `+name)
	t.Cleanup(func() { run(t, server, `DROP DATABASE `+name+` WITH (FORCE)`) })

	u, err := url.Parse(server)
	if err != nil {
		t.Fatal("NEO_TEST_DATABASE_URL is not a URL") // the error would quote its password
	}
	u.Path = "/" + name
	return u.String()
}

func run(t testing.TB, server, query string) {
	t.Helper()
	ctx := context.Background() // t.Context has ended when this drops a database
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		t.Fatalf("%s: %v", strings.Fields(query)[0], err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, query); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}
