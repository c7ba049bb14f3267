package store

import (
	"context"
	"database/sql"
	"log/slog"
	"net/url"
	"time"
)

// checkpoints moves what was committed from SQLite's write-ahead log into the
// database file, on a connection of its own beside the writer. Left to the writer,
// each 64 MB of log would stop all commits for some 50 ms; so little is left to it.
type checkpoints struct {
	db     *sql.DB
	log    *slog.Logger
	wanted chan struct{} // holds an element when something was committed
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
		if err != nil && ctx.Err() == nil {
			c.log.Warn("a checkpoint of the database did not succeed; the next one will do its work", "err", err)
		}
	}
}

func (c *checkpoints) close() error {
	c.stop()
	<-c.ended
	return c.db.Close()
}
