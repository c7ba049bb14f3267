package store

import (
	"context"
	"database/sql"
	"embed"
	"io/fs"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
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
	if err := AwaitLock(ctx, conn.Conn(), lockMigrate, db.log); err != nil {
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

// lockTold is how long a lock is waited for before the log says so, and how often again.
const lockTold = 3 * time.Second

// AwaitLock takes an advisory lock of the session for upgrading a schema. While
// somebody else has it, the log says who: one that nobody gives back keeps Neo from
// starting.
func AwaitLock(ctx context.Context, conn *pgx.Conn, key int64, log *slog.Logger) error {
	retry := time.NewTicker(100 * time.Millisecond)
	defer retry.Stop()
	told := time.Now()
	for {
		var taken bool
		if err := conn.QueryRow(ctx, `SELECT pg_try_advisory_lock($1)`, key).Scan(&taken); err != nil || taken {
			return err
		}
		if time.Since(told) >= lockTold {
			told = time.Now()
			var holder string
			err := conn.QueryRow(ctx, `SELECT COALESCE(string_agg(format('process %s of %s at %s', a.pid, a.application_name, COALESCE(a.client_addr::text, 'a socket')), ', '), 'unknown')
				FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
				WHERE l.locktype = 'advisory' AND l.granted AND l.classid::bigint = $1 AND l.objid::bigint = $2`, key>>32, key&0xffffffff).Scan(&holder)
			if err != nil {
				return err
			}
			log.Warn("waiting for another Neo that is upgrading the database. If none is, end the session that holds the lock", "held by", holder)
		}
		select {
		case <-retry.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
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
