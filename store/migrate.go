package store

import (
	"context"
	"database/sql"
	"embed"
	"io/fs"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"github.com/neoagent/neo"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the schema to the version of this binary. Replicas that start
// together do it one after the other.
func (db *DB) migrate(ctx context.Context) error {
	if db.pg == nil {
		return migrate(ctx, goose.DialectSQLite3, db.writer.db)
	}
	// A session lock, not a transaction: a later migration may contain CREATE INDEX
	// CONCURRENTLY, which waits for open transactions.
	conn, err := db.locks.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock($1)`, lockMigrate); err != nil {
		return err
	}
	defer func() {
		if _, err := conn.Exec(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, lockMigrate); err != nil {
			_ = conn.Conn().Close(context.WithoutCancel(ctx)) // gives the lock up as well
		}
	}()
	handle := stdlib.OpenDBFromPool(db.pg)
	defer handle.Close()
	return migrate(ctx, goose.DialectPostgres, handle)
}

func migrate(ctx context.Context, dialect goose.Dialect, handle *sql.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(dialect, handle, files)
	if err != nil {
		return err
	}
	found, known, err := provider.GetVersions(ctx)
	if err != nil {
		return err
	}
	if found > known {
		return neo.Errorf(neo.CodeConflict, "The database has schema version %d, but this neo knows only up to version %d: "+
			"a newer neo has upgraded it. Start that newer neo, or restore the backup from before the upgrade.", found, known)
	}
	_, err = provider.Up(ctx)
	return err
}
