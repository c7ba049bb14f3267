// Package store keeps everything that Neo knows: in one SQLite file for one
// process, or in PostgreSQL for many. It is the only package with SQL in it. Each
// query is written once, for both databases, beside the Go that uses it; storetest
// holds them to the same behaviour.
//
// Errors are neo.Error. Methods that read for a person take a tenant and report a
// row of another tenant as neo.CodeNotFound. Methods without a tenant are for the
// machinery, which goes by ids that it found in rows.
package store

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/neoagent/neo"
)

// Config says where the data is.
type Config struct {
	DataDir     string // for neo.db; made if missing. Used when DatabaseURL is empty
	DatabaseURL string // postgres://…
	Purpose     Purpose
	Log         *slog.Logger
	Now         func() time.Time // nil: time.Now
}

// DB is an open database. It is safe for concurrent use.
type DB struct {
	log *slog.Logger
	now func() time.Time

	read, write queryer // outside a transaction

	writer, readers *sqliteHandle // on SQLite
	group           *group
	checkpoints     *checkpoints
	pg, locks       *pgxpool.Pool // on PostgreSQL

	held    keyedMutex // integrations that this process has locked
	tickets knownTickets
	swept   swept

	dictionaries knownDictionaries
	writability  writability
}

// Open opens the database and brings its schema up to date. It refuses one that
// a newer neo has upgraded, and one that was made for another purpose. On SQLite the caller makes sure that no other process
// has the same directory open.
func Open(ctx context.Context, c Config) (*DB, error) {
	db := &DB{log: c.Log, now: c.Now}
	if db.log == nil {
		db.log = slog.New(slog.DiscardHandler)
	}
	if db.now == nil {
		db.now = time.Now
	}
	if err := db.open(ctx, c); err != nil {
		return nil, err
	}
	err := db.checkPurpose(ctx, c.Purpose)
	if err == nil {
		err = failed("bring the database's schema up to date", db.migrate(ctx))
	}
	if err == nil {
		err = db.setPurpose(ctx, c.Purpose)
	}
	if err != nil {
		_ = db.Close()
		return nil, err
	}
	return db, nil
}

func (db *DB) open(ctx context.Context, c Config) (err error) {
	if c.DatabaseURL != "" {
		if db.pg, db.locks, err = openPostgres(ctx, c.DatabaseURL); err != nil {
			if _, said := errors.AsType[*neo.Error](err); said || tooManyConnections(err) {
				return failed("connect to PostgreSQL", err)
			}
			// The cause may quote the URL, which holds a password; pgx masks it.
			return &neo.Error{Code: neo.CodeUnavailable, Cause: err,
				Message: "Neo could not connect to PostgreSQL. Check NEO_DATABASE_URL and that the server accepts connections."}
		}
		db.read, db.write = postgresQueryer{db.pg}, postgresQueryer{db.pg}
		return nil
	}
	if c.DataDir == "" {
		return neo.Errorf(neo.CodeInvalid, "Neo needs a place for its data: set NEO_DATA_DIR to a directory or NEO_DATABASE_URL to a PostgreSQL database.")
	}
	if db.writer, db.readers, err = openSQLite(c.DataDir, db.log); err != nil {
		if damaged(err) {
			return failed("open its database in "+c.DataDir, err)
		}
		return &neo.Error{Code: neo.CodeUnavailable, Cause: err,
			Message: "Neo could not open its database in " + c.DataDir + ". Check that the directory is writable and its disk not full."}
	}
	db.read, db.write = db.readers, db.writer
	db.group = newGroup(db)
	if db.checkpoints, err = startCheckpoints(c.DataDir, db.log); err != nil {
		_ = db.readers.close()
		_ = db.writer.close()
		return err
	}
	return nil
}

// Close waits for what is running and closes the database.
func (db *DB) Close() error {
	if db.pg != nil {
		db.locks.Close()
		db.pg.Close()
		return nil
	}
	return errors.Join(db.checkpoints.close(), db.readers.close(), db.writer.close())
}

// Ping reports whether the database answers.
func (db *DB) Ping(ctx context.Context) error {
	var one int64
	return failed("reach its database", db.read.QueryRow(ctx, `SELECT 1`).Scan(&one))
}

// Postgres returns the pool of connections, or nil when the database is SQLite.
func (db *DB) Postgres() *pgxpool.Pool { return db.pg }

// single does one statement that is a transaction by itself; on SQLite it shares
// the commit of those that come at the same time.
func (db *DB) single(ctx context.Context, f func(q queryer) error) error {
	if db.pg != nil {
		return f(db.write)
	}
	return db.inTx(ctx, func(tx *Tx) error { return f(tx) })
}
