package river

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

// migrateLock is the advisory lock under which one replica at a time migrates: the
// first 8 bytes of "neoqueue".
const migrateLock = 0x6e656f7175657565

const replicaTable = `
	CREATE TABLE IF NOT EXISTS queue_replica (
		id      text        PRIMARY KEY,
		seen_at timestamptz NOT NULL
	)`

// migrate brings River's tables up to date, and makes ours beside them. Replicas
// that start together wait for each other.
func migrate(ctx context.Context, pool *pgxpool.Pool, lock Lock, log *slog.Logger) error {
	// The lock belongs to a session, so it is taken on a connection of its own: River
	// takes what it needs from the pool, which may have one connection only.
	conn, err := pgx.ConnectConfig(ctx, pool.Config().ConnConfig)
	if err != nil {
		return fmt.Errorf("queue/river: connecting to migrate: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx)) // and with it the lock
	if err := lock(ctx, conn, migrateLock, log); err != nil {
		return fmt.Errorf("queue/river: locking to migrate: %w", err)
	}
	migrator, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Logger: log})
	if err != nil {
		return fmt.Errorf("queue/river: %w", err)
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("queue/river: migrating: %w", err)
	}
	if _, err := conn.Exec(ctx, replicaTable); err != nil {
		return fmt.Errorf("queue/river: migrating: %w", err)
	}
	return nil
}
