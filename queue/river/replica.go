package river

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	riverqueue "github.com/riverqueue/river"
)

// How long a job of a replica that was killed waits for another one: River alone
// needs 60 to 110 s. Its rescuer goes by how long a job has been running, which is
// no proof of death before our 30 s for a telling are over; it looks every 30 s; and
// it runs in the elected leader only, whose death is noticed after 15 to 21 s (5 s
// interval + 10 s padding, + the 5 to 6 s in which a follower bids). None of these
// but the first can be set in v0.51.1. The leader also moves jobs with a time to
// where they can be fetched, every 5 s, so that they wait for a new leader as well.
//
// So each replica keeps a row alive, and each does both for all: it takes back the
// jobs of those whose row has gone stale, and moves jobs whose time has come. Both
// are one indexed statement, skip what somebody else has locked, and need no leader.
const (
	// beatEvery is how often a replica shows that it lives, and looks after the others.
	beatEvery = 500 * time.Millisecond
	// deadAfter is how long it must have been silent to be taken for dead. A replica
	// that was only slow goes on with its work while another one is told the same.
	deadAfter = 5 * time.Second
	// beatTimeout bounds one beat, so that a dead connection is noticed and replaced.
	beatTimeout = 2 * time.Second
	// ahead is by how much a job is moved before its time. River fetches it on time.
	ahead = 2 * beatEvery
)

// ANY(ARRAY(…)) rather than IN, and the order of River's index for fetching: the
// planner thinks that many jobs are due, and would read the whole table to find a
// few. Both take under a millisecond beside a million other jobs.
const (
	beatSQL = `
		INSERT INTO queue_replica (id, seen_at) VALUES ($1, now())
		ON CONFLICT (id) DO UPDATE SET seen_at = now()`

	dueSQL = `
		UPDATE river_job SET state = 'available' WHERE id = ANY(ARRAY(
			SELECT id FROM river_job
			WHERE state = 'scheduled' AND queue = $1 AND priority = 1 AND scheduled_at <= now() + $2::interval
			ORDER BY scheduled_at, id LIMIT 5000
			FOR UPDATE SKIP LOCKED))`

	// The last of attempted_by is the replica that runs the job. No row is as good as
	// a stale one: it was removed by Stop.
	takeBackSQL = `
		UPDATE river_job SET state = 'available', scheduled_at = now() WHERE id = ANY(ARRAY(
			SELECT id FROM river_job
			WHERE state = 'running' AND queue = $1
			AND NOT EXISTS (
				SELECT 1 FROM queue_replica
				WHERE queue_replica.id = river_job.attempted_by[array_upper(river_job.attempted_by, 1)]
				AND seen_at > now() - $2::interval)
			FOR UPDATE SKIP LOCKED))`

	forgetSQL = `DELETE FROM queue_replica WHERE id = $1 OR seen_at < now() - interval '1 hour'`
)

// replica shows the others that this one lives, and does for dead ones what they
// can no longer do. It has a connection of its own: a busy pool must not look like
// death.
type replica struct {
	id     string
	config *pgx.ConnConfig
	log    *slog.Logger

	conn  *pgx.Conn // nil when broken
	since time.Time // the first beat of a series without a gap
	last  time.Time // the latest beat

	cancel context.CancelFunc
	done   chan struct{}
}

func newReplica(id string, pool *pgxpool.Pool, log *slog.Logger) *replica {
	return &replica{id: id, config: pool.Config().ConnConfig, log: log}
}

// start returns after the first beat, and goes on beating until stop.
func (r *replica) start(ctx context.Context) error {
	if err := r.beat(ctx); err != nil {
		r.disconnect()
		return err
	}
	ctx, r.cancel = context.WithCancel(context.WithoutCancel(ctx))
	r.done = make(chan struct{})
	go r.run(ctx)
	return nil
}

// stop removes the row, so that the others need not wait for it to go stale.
func (r *replica) stop() {
	r.cancel()
	<-r.done
	ctx, cancel := context.WithTimeout(context.Background(), beatTimeout)
	defer cancel()
	if r.conn != nil {
		if _, err := r.conn.Exec(ctx, forgetSQL, r.id); err != nil {
			r.log.WarnContext(ctx, "The queue could not sign off; the other replicas will notice in a few seconds.", "error", err)
		}
	}
	r.disconnect()
}

func (r *replica) run(ctx context.Context) {
	defer close(r.done)
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := r.beat(ctx); err != nil && ctx.Err() == nil {
			r.log.WarnContext(ctx, "The queue cannot reach its database and will try again.", "error", err)
			r.disconnect()
		}
	}
}

func (r *replica) beat(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, beatTimeout)
	defer cancel()
	if r.conn == nil {
		conn, err := pgx.ConnectConfig(ctx, r.config)
		if err != nil {
			return err
		}
		r.conn = conn
	}
	now := time.Now()
	if now.Sub(r.last) >= deadAfter {
		r.since = now
	}
	// Whoever comes back from a time without the database finds that nobody has been
	// heard of. It judges only after the others have had their time to come back too.
	trusted := now.Sub(r.since) >= deadAfter

	var batch pgx.Batch // one round trip, one transaction
	batch.Queue(beatSQL, r.id)
	batch.Queue(dueSQL, riverqueue.QueueDefault, ahead)
	if trusted {
		batch.Queue(takeBackSQL, riverqueue.QueueDefault, deadAfter)
	}
	results := r.conn.SendBatch(ctx, &batch)
	var taken int64
	for i := range batch.Len() {
		tag, err := results.Exec()
		if err != nil {
			_ = results.Close()
			return fmt.Errorf("beat: %w", err)
		}
		if i == 2 {
			taken = tag.RowsAffected()
		}
	}
	if err := results.Close(); err != nil {
		return fmt.Errorf("beat: %w", err)
	}
	r.last = now
	if taken > 0 {
		r.log.WarnContext(ctx, "A replica died; its runs are told to the others.", "runs", taken)
	}
	return nil
}

func (r *replica) disconnect() {
	if r.conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = r.conn.Close(ctx)
	r.conn = nil
}
