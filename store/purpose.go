package store

import (
	"context"

	"github.com/neoagent/neo"
)

// Purpose is what a database is for. One for real work never becomes one of the
// others, whose administrators have published passwords, nor the other way round.
type Purpose string

// The purposes.
const (
	ForWork      Purpose = ""
	ForDemo      Purpose = "demo"
	ForBenchmark Purpose = "benchmark"
)

const purposeKey = "purpose"

// checkPurpose refuses a database that was made for something else. It comes before
// anything is changed there.
func (db *DB) checkPurpose(ctx context.Context, wanted Purpose) error {
	used, err := db.used(ctx)
	if err != nil || !used {
		return failed("read what its database is for", err)
	}
	made, _, err := db.Meta(ctx, purposeKey)
	if err != nil || Purpose(made) == wanted {
		return err
	}
	switch {
	case wanted == ForWork:
		return neo.Errorf(neo.CodeConflict, "This database was made by the %s of Neo, whose administrator has a published password. Start Neo with a database or a data directory of its own.", made)
	case len(made) == 0:
		return neo.Errorf(neo.CodeConflict, "This database is in use for real work. The %s would add an administrator with a published password: give it an empty database or directory of its own.", wanted)
	}
	return neo.Errorf(neo.CodeConflict, "This database was made by the %s, and not for the %s. Give it an empty database or directory of its own.", made, wanted)
}

// used reports whether a Neo has set the database up.
func (db *DB) used(ctx context.Context) (bool, error) {
	var n int64
	if db.pg != nil {
		// As the tables themselves are looked up: by the search path.
		err := db.read.QueryRow(ctx, `SELECT count(*) FROM pg_catalog.pg_class WHERE oid = to_regclass('meta')`).Scan(&n)
		return n > 0, err
	}
	err := db.read.QueryRow(ctx, `SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'meta'`).Scan(&n)
	return n > 0, err
}

// setPurpose stores what a new database is for.
func (db *DB) setPurpose(ctx context.Context, p Purpose) error {
	if p == ForWork {
		return nil
	}
	return db.SetMeta(ctx, purposeKey, []byte(p))
}
