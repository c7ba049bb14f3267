package bench

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	_ "modernc.org/sqlite" // the database of the floor
)

// measureFloor measures the least that a durable answer costs on this machine.
func measureFloor(ctx context.Context, o Options) (sample, error) {
	if err := claim(ctx, o); err != nil {
		return sample{}, err
	}
	dir, err := os.MkdirTemp("", "neo-floor-*")
	if err != nil {
		return sample{}, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	address, err := freeAddress()
	if err != nil {
		return sample{}, err
	}
	p, err := startProcess(ctx, o, "http://"+address+"/", "bench", "floor", "--listen", address, "--data-dir", dir, "--database-url", o.DatabaseURL)
	if err != nil {
		return sample{}, err
	}
	defer p.stop()
	perWorker := inventTickets(o.Connections)
	return load(ctx, o, "http://"+address+"/", func(worker int) func() ([]byte, func(error)) {
		d := newDeliveries(o.Seed, worker, perWorker)
		return func() ([]byte, func(error)) { return d.next(), nil }
	}), nil
}

// ServeFloor is the floor itself: it stores the body of each POST as one row,
// together with those that arrive while the transaction before is being committed,
// and answers when it is on disk. It does nothing else.
func ServeFloor(ctx context.Context, listen, dir, databaseURL string) error {
	insert, closeDB, err := openFloor(ctx, dir, databaseURL)
	if err != nil {
		return err
	}
	defer closeDB()
	type row struct {
		body []byte
		done chan error
	}
	rows := make(chan row, 256)
	go func() {
		for first := range rows {
			batch := []row{first}
		more:
			for len(batch) < cap(rows) {
				select {
				case r := <-rows:
					batch = append(batch, r)
				default:
					break more
				}
			}
			bodies := make([][]byte, len(batch))
			for i, r := range batch {
				bodies[i] = r.body
			}
			err := insert(bodies)
			for _, r := range batch {
				r.done <- err
			}
		}
	}()
	server := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			return
		}
		body, err := io.ReadAll(r.Body)
		if err == nil {
			one := row{body, make(chan error, 1)}
			rows <- one
			err = <-one.done
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})}
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, func() { _ = server.Close() })
	if err := server.Serve(l); ctx.Err() == nil {
		return err
	}
	return nil
}

func openFloor(ctx context.Context, dir, databaseURL string) (insert func([][]byte) error, closeDB func(), err error) {
	const table = `CREATE TABLE IF NOT EXISTS neo_bench_floor (id TEXT PRIMARY KEY, body TEXT NOT NULL)`
	const row = `INSERT INTO neo_bench_floor (id, body) VALUES ($1, $2)`
	n := time.Now().UnixNano()
	id := func() string { n++; return fmt.Sprintf("%036d", n) }
	if databaseURL != "" {
		conn, err := pgx.Connect(ctx, databaseURL)
		if err != nil {
			return nil, nil, err
		}
		if _, err := conn.Exec(ctx, table); err != nil {
			return nil, nil, err
		}
		return func(bodies [][]byte) error {
				var batch pgx.Batch
				for _, b := range bodies {
					batch.Queue(row, id(), string(b))
				}
				return conn.SendBatch(ctx, &batch).Close() // one transaction, one round trip
			}, func() {
				_, _ = conn.Exec(context.WithoutCancel(ctx), `DROP TABLE IF EXISTS neo_bench_floor`)
				_ = conn.Close(context.WithoutCancel(ctx))
			}, nil
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "floor.db")+"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate")
	if err != nil {
		return nil, nil, err
	}
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, table); err != nil {
		return nil, nil, err
	}
	stmt, err := db.PrepareContext(ctx, row)
	if err != nil {
		return nil, nil, err
	}
	return func(bodies [][]byte) error {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		insert := tx.StmtContext(ctx, stmt)
		for _, b := range bodies {
			if _, err := insert.ExecContext(ctx, id(), string(b)); err != nil {
				_ = tx.Rollback()
				return err
			}
		}
		return tx.Commit()
	}, func() { _ = db.Close() }, nil
}
