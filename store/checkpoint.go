package store

import (
	"context"
	"database/sql"
	"log/slog"
	"net/url"
	"sync/atomic"
	"time"
)

// checkpoints moves what was committed from SQLite's write-ahead log into the
// database file, on a connection of its own beside the writer. Left to the writer,
// each 64 MB of log would stop all commits for some 50 ms; so little is left to it.
type checkpoints struct {
	db     *sql.DB
	log    *slog.Logger
	wanted chan struct{}         // holds an element when something was committed
	failed atomic.Pointer[error] // why the newest one did not succeed; nil: it did
	stop   context.CancelFunc
	ended  chan struct{}
}

// checkpointEvery is the least time between two checkpoints. An idle database has none.
const checkpointEvery = 250 * time.Millisecond

func startCheckpoints(dir string, log *slog.Logger) (*checkpoints, error) {
	file, err := sqliteFile(dir)
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", sqliteDSN(file, url.Values{"_pragma": {"busy_timeout(10000)", "synchronous(FULL)"}}))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	ctx, stop := context.WithCancel(context.Background())
	c := &checkpoints{db: db, log: log, wanted: make(chan struct{}, 1), stop: stop, ended: make(chan struct{})}
	go c.run(ctx)
	return c, nil
}

// due says that something was committed.
func (c *checkpoints) due() {
	select {
	case c.wanted <- struct{}{}:
	default:
	}
}

func (c *checkpoints) run(ctx context.Context) {
	defer close(c.ended)
	pause := time.NewTicker(checkpointEvery)
	defer pause.Stop()
	for {
		select {
		case <-c.wanted:
		case <-ctx.Done():
			return
		}
		select {
		case <-pause.C:
		case <-ctx.Done():
			return
		}
		var busy, pages, moved int64
		err := c.db.QueryRowContext(ctx, `PRAGMA wal_checkpoint(PASSIVE)`).Scan(&busy, &pages, &moved)
		if ctx.Err() == nil {
			c.note(err)
		}
	}
}

// note keeps how a checkpoint ended, and logs when that changes.
func (c *checkpoints) note(err error) {
	if err == nil {
		if c.failed.Swap(nil) != nil {
			c.log.Info("checkpoints of the database succeed again")
		}
		return
	}
	if c.failed.Swap(&err) == nil {
		c.log.Warn("a checkpoint of the database did not succeed; until one does, its log grows", "err", err)
	}
}

// err is why the newest checkpoint did not succeed: what is committed then is safe in the
// log, which has a bound where the disk is full.
func (c *checkpoints) err() error {
	if err := c.failed.Load(); err != nil {
		return *err
	}
	return nil
}

func (c *checkpoints) close() error {
	c.stop()
	<-c.ended
	return c.db.Close()
}
