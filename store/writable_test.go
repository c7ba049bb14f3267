package store

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/neoagent/neo"
)

// A database that cannot grow says so, to those who ask how it is and to those who write;
// it can be read meanwhile, sessions included; and it is well again when it is.
func TestFault22DatabaseThatCannotBeWritten(t *testing.T) {
	now := time.Now()
	db, err := Open(t.Context(), Config{DataDir: t.TempDir(), Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	ctx := t.Context()
	limit := func(pages string) {
		t.Helper()
		var n int64
		if err := db.writer.QueryRow(ctx, `PRAGMA max_page_count = `+pages).Scan(&n); err != nil {
			t.Fatal(err)
		}
	}
	wants := func(what string, err error, full bool) {
		t.Helper()
		if full != (err != nil && strings.Contains(neo.MessageOf(err), "disk is full")) || !full && err != nil {
			t.Fatalf("%s: %v; disk full: want %v", what, err, full)
		}
	}
	sessions := db.Sessions()
	if err := sessions.Commit("a", []byte("data"), now.Add(7*24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	wants("at first", db.Writable(ctx), false)

	limit("1") // of what is there: it cannot grow
	write := func() error {
		return db.InTx(ctx, func(tx neo.Tx) error {
			_, err := tx.(*Tx).Exec(ctx, `INSERT INTO meta (key, value) VALUES ($1, $2)`, "big", make([]byte, 1<<20))
			return failed("write", err)
		})
	}
	wants("a large write", write(), true)
	wants("at once, since a write has failed", db.Writable(ctx), true)
	if err := db.Ping(ctx); err != nil {
		t.Error(err)
	}
	for hours := range 3 {
		now = now.Add(2 * time.Hour)
		if _, found, err := sessions.FindCtx(context.Background(), "a"); !found || err != nil {
			t.Errorf("the session after %d hours: %v, %v", 2*hours, found, err)
		}
	}
	fullErr := write()
	limit("1000000")
	now = now.Add(writableFor)
	wants("with space", db.Writable(ctx), false)
	wants("the same write", write(), false)

	// The log has room, and what is in it does not get into the database.
	db.checkpoints.note(fullErr)
	wants("while checkpoints do not succeed", db.Writable(ctx), true)
	db.checkpoints.note(nil)
	wants("when they do", db.Writable(ctx), false)

	// Without traffic the next who asks finds out; however many ask, once in five seconds.
	if _, err := db.write.Exec(ctx, `DELETE FROM meta WHERE key = $1`, writableKey); err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		if err := db.Writable(ctx); err != nil {
			t.Fatal(err)
		}
		if _, found, _ := db.Meta(ctx, writableKey); found {
			t.Fatalf("it was written again when asked for the %s time", fmt.Sprint(i+1))
		}
	}
	if _, err := db.write.Exec(ctx, `PRAGMA query_only = 1`); err != nil {
		t.Fatal(err)
	}
	now = now.Add(writableFor)
	if err := db.Writable(ctx); err == nil || !strings.Contains(neo.MessageOf(err), "can only be read") {
		t.Errorf("a database that can only be read: %v", err)
	}
}
