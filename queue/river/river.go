// Package river is the queue of many replicas: River on the PostgreSQL database
// that holds the rows. Jobs are inserted in the transaction that makes their runs.
// It is the only importer of River.
package river

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	riverqueue "github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/queue"
)

// DefaultWorkers is how many runs one replica works on at once: work is mostly
// waiting for the ticket system to answer.
const DefaultWorkers = 64

const (
	// fetchCooldown is the least time between two fetches, and between two
	// notifications of one replica: less than a commit takes, so that it swallows
	// only those of transactions that run side by side.
	fetchCooldown = time.Millisecond
	// fetchPoll bounds how late a job is told when its notification was swallowed by
	// the cooldown, and how late one with a time is told after its time: nobody is
	// notified of the clock.
	fetchPoll = 50 * time.Millisecond
	// River's rescuer is the last resort, for a job that a living replica has lost,
	// such as one whose fetch was answered into a broken connection. It looks every
	// 30 s, which cannot be set. The jobs of dead replicas are taken back by replica.go.
	rescueAfter = 2 * queue.Timeout
	// A completed job is of no use to anybody: the run's row has the history.
	keepCompleted = time.Minute
)

// Options of New.
type Options struct {
	// Pool is of the database that holds the rows. Started, the queue takes a
	// connection for LISTEN from it for good, and up to three for moments; one more
	// is made beside it. The caller closes it after Stop.
	Pool    *pgxpool.Pool
	Workers int          // of this replica; 0: DefaultWorkers
	Log     *slog.Logger // nil: none
	// Lock waits for the lock under which tables are upgraded; nil: without a word.
	Lock Lock
}

// Lock takes an advisory lock of conn's session.
type Lock func(ctx context.Context, conn *pgx.Conn, key int64, log *slog.Logger) error

func silentLock(ctx context.Context, conn *pgx.Conn, key int64, _ *slog.Logger) error {
	_, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", key)
	return err
}

// Queue is a queue.Queue on PostgreSQL; one replica of it.
type Queue struct {
	client  *riverqueue.Client[pgx.Tx]
	replica *replica
	log     *slog.Logger

	mu      sync.Mutex
	work    queue.Worker // set before the client starts
	started bool
	stopped bool
}

var _ queue.Queue = (*Queue)(nil)

// New brings River's tables up to date and returns a queue on them, which takes
// jobs, and tells them once it is started.
func New(ctx context.Context, opts Options) (*Queue, error) {
	if opts.Workers <= 0 {
		opts.Workers = DefaultWorkers
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if opts.Lock == nil {
		opts.Lock = silentLock
	}
	if err := migrate(ctx, opts.Pool, opts.Lock, opts.Log); err != nil {
		return nil, err
	}
	id := neo.NewID()
	q := &Queue{log: opts.Log, replica: newReplica(id, opts.Pool, opts.Log)}
	workers := riverqueue.NewWorkers()
	riverqueue.AddWorker(workers, &worker{queue: q})
	client, err := riverqueue.NewClient(riverpgxv5.New(opts.Pool), &riverqueue.Config{
		ID:                          id,
		Logger:                      opts.Log,
		Workers:                     workers,
		Queues:                      map[string]riverqueue.QueueConfig{riverqueue.QueueDefault: {MaxWorkers: opts.Workers}},
		FetchCooldown:               fetchCooldown,
		FetchPollInterval:           fetchPoll,
		JobTimeout:                  queue.Timeout,
		RescueStuckJobsAfter:        rescueAfter,
		CompletedJobRetentionPeriod: keepCompleted,
		MaxAttempts:                 math.MaxInt16, // the run's row decides when to give up
	})
	if err != nil {
		return nil, fmt.Errorf("queue/river: %w", err)
	}
	q.client = client
	return q, nil
}

// Add implements queue.Queue. tx must be of the database of the pool.
func (q *Queue) Add(ctx context.Context, tx neo.Tx, jobs ...neo.Job) error {
	if len(jobs) == 0 {
		return nil
	}
	native, ok := tx.Native().(pgx.Tx)
	if !ok {
		return fmt.Errorf("queue/river: the transaction is a %T, not one of PostgreSQL", tx.Native())
	}
	now := time.Now()
	inserts := make([]riverqueue.InsertManyParams, len(jobs))
	for i, job := range jobs {
		if job.RunID == "" {
			return errors.New("queue/river: a job without a run")
		}
		inserts[i].Args = telling{RunID: job.RunID}
		if job.At.After(now) { // River notifies nobody of a job that has a time
			inserts[i].InsertOpts = &riverqueue.InsertOpts{ScheduledAt: job.At}
		}
	}
	if _, err := q.client.InsertManyFastTx(ctx, native, inserts); err != nil {
		return fmt.Errorf("queue/river: adding %d jobs: %w", len(jobs), err)
	}
	return nil
}

// Start implements queue.Queue.
func (q *Queue) Start(ctx context.Context, work queue.Worker) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.started || q.stopped {
		return errors.New("queue/river: started twice, or after Stop")
	}
	q.started = true
	q.work = work
	// Heard of before it takes its first job, or another replica would take that back.
	if err := q.replica.start(ctx); err != nil {
		return fmt.Errorf("queue/river: %w", err)
	}
	if err := q.client.Start(context.WithoutCancel(ctx)); err != nil {
		q.replica.stop()
		return fmt.Errorf("queue/river: %w", err)
	}
	return nil
}

// Stop implements queue.Queue.
func (q *Queue) Stop(ctx context.Context) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.stopped || !q.started {
		q.stopped = true
		return nil
	}
	q.stopped = true
	// Last, since what this replica still runs is its own until then.
	defer q.replica.stop()

	err := q.client.Stop(ctx)
	if err == nil || ctx.Err() == nil {
		return err
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), queue.Grace)
	defer cancel()
	if late := q.client.StopAndCancel(grace); late != nil {
		return fmt.Errorf("queue/river: a worker ignores that its context has ended: %w", err)
	}
	return err
}
