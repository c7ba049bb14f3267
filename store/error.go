package store

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/neoagent/neo"
)

// failed turns what a database said into the error that leaves this package.
// doing completes the sentence "Neo could not …". A neo.Error and nil pass.
func failed(doing string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*neo.Error](err); ok {
		return err
	}
	switch {
	case duplicate(err):
		return &neo.Error{Code: neo.CodeConflict, Cause: err,
			Message: "Neo could not " + doing + ": it exists already. Load the page again to see it."}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return &neo.Error{Code: neo.CodeUnavailable, Cause: err,
			Message: "Neo could not " + doing + " in time. Try again."}
	case full(err):
		return &neo.Error{Code: neo.CodeUnavailable, Cause: err,
			Message: "Neo could not " + doing + ": the database's disk is full. Free some space, then try again."}
	case damaged(err):
		return &neo.Error{Code: neo.CodeInternal, Cause: err,
			Message: "Neo could not " + doing + ": the database is damaged. Stop Neo, keep a copy of its files, and restore the database from your backup. The server log says what was found."}
	case tooManyConnections(err):
		return &neo.Error{Code: neo.CodeUnavailable, Cause: err,
			Message: fmt.Sprintf("Neo could not %s: PostgreSQL refuses more connections. Raise the role's CONNECTION LIMIT or the server's max_connections: each Neo uses up to %d, "+
				"or pool_max_conns of NEO_DATABASE_URL and %d more.", doing, poolConns+lockConns+2, lockConns+2)}
	case readOnly(err):
		return &neo.Error{Code: neo.CodeUnavailable, Cause: err,
			Message: "Neo could not " + doing + ": the database can only be read. Check that its files and its disk can be written, or that the server is no standby."}
	case unreachable(err):
		return &neo.Error{Code: neo.CodeUnavailable, Cause: err,
			Message: "Neo could not " + doing + ": the database is not answering. Try again; the server log says what it reported."}
	}
	return &neo.Error{Code: neo.CodeInternal, Cause: err,
		Message: "Neo could not " + doing + ". The server log has the details."}
}

// Failed is failed for packages that use the same database: the queue.
func Failed(doing string, err error) error { return failed(doing, err) }

// damaged reports whether what the database holds cannot be read.
func damaged(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code == "XX001" || e.Code == "XX002"
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code()&0xff == sqlite3.SQLITE_CORRUPT || e.Code()&0xff == sqlite3.SQLITE_NOTADB
	}
	return false
}

// missing is the error for a row that is not there, or is another tenant's.
func missing(what string) error {
	return neo.Errorf(neo.CodeNotFound, "There is no such %s. It may have been deleted; go back to the list.", what)
}

// duplicate reports whether err is the violation of a unique index.
func duplicate(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code == "23505"
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
	}
	return false
}

func full(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code == "53100"
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code()&0xff == sqlite3.SQLITE_FULL
	}
	return false
}

// readOnly reports whether the database lets nobody write now.
func readOnly(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code == "25006"
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code()&0xff == sqlite3.SQLITE_READONLY
	}
	return false
}

// unreachable reports whether the database itself is in trouble, rather than what
// it was asked.
func unreachable(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch e.Code[:2] {
		case "08", "40", "53", "57", "58": // connection, serialization or deadlock, resources, operator, system
			return true
		}
		return false
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		switch e.Code() & 0xff {
		case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN:
			return true
		}
		return false
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	return pgconn.SafeToRetry(err)
}
