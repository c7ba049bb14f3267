package store

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/neoagent/neo"
)

// Connections, unless the URL says pool_max_conns. The second pool is for those
// that only hold a lock while other work goes on: were they in the first, the
// work could wait for a connection that the locks have taken.
const (
	poolConns = 20
	lockConns = 8
)

// Keys of advisory locks, which PostgreSQL keeps per database. Locks of
// integrations have keys from a hash; see lock.go.
const (
	lockMigrate int64 = 0x6e656f_0001
	lockEpoch   int64 = 0x6e656f_0002
)

func openPostgres(ctx context.Context, url string) (pool, locks *pgxpool.Pool, err error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, nil, err
	}
	if !strings.Contains(url, "pool_max_conns") {
		config.MaxConns = poolConns
	}
	if config.MaxConns < leastConns {
		return nil, nil, neo.Errorf(neo.CodeInvalid, "pool_max_conns=%d in NEO_DATABASE_URL is too small: Neo needs at least %d connections.", config.MaxConns, leastConns)
	}
	if config.ConnConfig.RuntimeParams["application_name"] == "" {
		config.ConnConfig.RuntimeParams["application_name"] = "neo"
	}
	pool, err = pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, nil, err
	}
	config = config.Copy()
	config.MinConns, config.MaxConns = 0, lockConns
	locks, err = pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		pool.Close()
		return nil, nil, err
	}
	if err := checkSessions(ctx, pool); err != nil {
		locks.Close()
		pool.Close()
		return nil, nil, err
	}
	return pool, locks, nil
}

// postgresQueryer implements queryer over a pool or a transaction. pgx prepares
// and keeps statements by itself.
type postgresQueryer struct {
	native interface {
		Exec(ctx context.Context, query string, args ...any) (pgconn.CommandTag, error)
		Query(ctx context.Context, query string, args ...any) (pgx.Rows, error)
		QueryRow(ctx context.Context, query string, args ...any) pgx.Row
	}
}

func (q postgresQueryer) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	tag, err := q.native.Exec(ctx, query, storable(args)...)
	return tag.RowsAffected(), err
}

func (q postgresQueryer) Query(ctx context.Context, query string, args ...any) (Rows, error) {
	return q.native.Query(ctx, query, storable(args)...)
}

func (q postgresQueryer) QueryRow(ctx context.Context, query string, args ...any) Row {
	return q.native.QueryRow(ctx, query, storable(args)...)
}
