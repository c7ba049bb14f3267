package store

import (
	"context"
	"database/sql"
	"log/slog"
	"net/url"
	"os"
	"runtime"
	"sync"

	_ "modernc.org/sqlite" // registers the driver "sqlite"
)

// openSQLite opens neo.db in dir twice: one handle with a single connection that
// writes, and a pool that only reads. WAL lets them work at the same time;
// synchronous FULL makes a returned COMMIT survive a power cut.
func openSQLite(dir string, log *slog.Logger) (writer, readers *sqliteHandle, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, nil, err
	}
	file, err := sqliteFile(dir)
	if err != nil {
		return nil, nil, err
	}
	if err := makePrivate(file, log); err != nil {
		return nil, nil, err
	}
	writer, err = openSQLiteHandle(file, 1, url.Values{
		"_txlock": {"immediate"},
		"_pragma": {
			"busy_timeout(10000)", // first: the others may have to wait
			"journal_mode(WAL)",
			"synchronous(FULL)",
			"cache_size(-65536)",        // KiB
			"wal_autocheckpoint(16000)", // pages of 4 KiB: twenty full batches of events
			"journal_size_limit(67108864)",
		},
	})
	if err != nil {
		return nil, nil, err
	}
	// The readers open the file on first use, after the writer has made it.
	readers, err = openSQLiteHandle(file, max(4, runtime.NumCPU()), url.Values{
		"_pragma": {"busy_timeout(10000)", "query_only(1)", "cache_size(-16384)"},
	})
	if err != nil {
		_ = writer.db.Close()
		return nil, nil, err
	}
	return writer, readers, nil
}

func sqliteDSN(file string, options url.Values) string {
	dsn := url.URL{Scheme: "file", Path: file, RawQuery: options.Encode()}
	return dsn.String()
}

func openSQLiteHandle(file string, conns int, options url.Values) (*sqliteHandle, error) {
	db, err := sql.Open("sqlite", sqliteDSN(file, options))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return &sqliteHandle{db: db, stmts: map[string]*sql.Stmt{}}, nil
}

// sqliteHandle is a pool of connections and the statements prepared on it. All
// texts come from this package, so there is a bounded number of them and none is
// ever dropped.
type sqliteHandle struct {
	db *sql.DB

	mu     sync.RWMutex
	stmts  map[string]*sql.Stmt
	wanted []string // first used inside a transaction; see begin
}

// begin opens a transaction. A statement cannot be prepared for later while the
// only connection is inside a transaction; those that one missed are prepared
// before the next.
func (h *sqliteHandle) begin(ctx context.Context) (*sql.Tx, queryer, error) {
	h.mu.Lock()
	wanted := h.wanted
	h.wanted = nil
	h.mu.Unlock()
	for _, query := range wanted {
		if _, err := h.prepared(ctx, query); err != nil {
			return nil, nil, err
		}
	}
	tx, err := h.db.BeginTx(ctx, nil)
	if err != nil {
		return nil, nil, err
	}
	return tx, &sqliteTx{handle: h, tx: tx, stmts: map[string]*sql.Stmt{}}, nil
}

func (h *sqliteHandle) lookup(query string) *sql.Stmt {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.stmts[query]
}

func (h *sqliteHandle) prepared(ctx context.Context, query string) (*sql.Stmt, error) {
	if stmt := h.lookup(query); stmt != nil {
		return stmt, nil
	}
	stmt, err := h.db.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if other := h.stmts[query]; other != nil {
		_ = stmt.Close()
		return other, nil
	}
	h.stmts[query] = stmt
	return stmt, nil
}

func (h *sqliteHandle) want(query string) {
	h.mu.Lock()
	h.wanted = append(h.wanted, query)
	h.mu.Unlock()
}

func (h *sqliteHandle) close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, stmt := range h.stmts {
		_ = stmt.Close()
	}
	return h.db.Close()
}

// Exec implements queryer outside a transaction.
func (h *sqliteHandle) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	stmt, err := h.prepared(ctx, query)
	if err != nil {
		return 0, err
	}
	return affected(stmt.ExecContext(ctx, storable(args)...))
}

func (h *sqliteHandle) Query(ctx context.Context, query string, args ...any) (Rows, error) {
	stmt, err := h.prepared(ctx, query)
	if err != nil {
		return nil, err
	}
	return wrapRows(stmt.QueryContext(ctx, storable(args)...))
}

func (h *sqliteHandle) QueryRow(ctx context.Context, query string, args ...any) Row {
	stmt, err := h.prepared(ctx, query)
	if err != nil {
		return failedRow{err}
	}
	return stmt.QueryRowContext(ctx, storable(args)...)
}

// sqliteTx implements queryer in a transaction. Its statements do not watch the
// context: each takes microseconds, and the driver would start a goroutine for
// every one. The transaction as a whole still ends with its context.
type sqliteTx struct {
	handle *sqliteHandle
	tx     *sql.Tx
	stmts  map[string]*sql.Stmt // nil value: not prepared yet
}

func (t *sqliteTx) stmt(query string) *sql.Stmt {
	if stmt, known := t.stmts[query]; known {
		return stmt
	}
	var stmt *sql.Stmt
	if prepared := t.handle.lookup(query); prepared != nil {
		stmt = t.tx.StmtContext(context.Background(), prepared)
	} else {
		t.handle.want(query)
	}
	t.stmts[query] = stmt
	return stmt
}

func (t *sqliteTx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	if stmt := t.stmt(query); stmt != nil {
		return affected(stmt.ExecContext(context.WithoutCancel(ctx), storable(args)...))
	}
	return affected(t.tx.ExecContext(context.WithoutCancel(ctx), query, storable(args)...))
}

func (t *sqliteTx) Query(ctx context.Context, query string, args ...any) (Rows, error) {
	if stmt := t.stmt(query); stmt != nil {
		return wrapRows(stmt.QueryContext(context.WithoutCancel(ctx), storable(args)...))
	}
	return wrapRows(t.tx.QueryContext(context.WithoutCancel(ctx), query, storable(args)...))
}

func (t *sqliteTx) QueryRow(ctx context.Context, query string, args ...any) Row {
	if stmt := t.stmt(query); stmt != nil {
		return stmt.QueryRowContext(context.WithoutCancel(ctx), storable(args)...)
	}
	return t.tx.QueryRowContext(context.WithoutCancel(ctx), query, storable(args)...)
}

func affected(r sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

func wrapRows(rows *sql.Rows, err error) (Rows, error) {
	if err != nil {
		return nil, err
	}
	return sqliteRows{rows}, nil
}

type sqliteRows struct{ *sql.Rows }

func (r sqliteRows) Close() { _ = r.Rows.Close() }

type failedRow struct{ err error }

func (r failedRow) Scan(...any) error { return r.err }
