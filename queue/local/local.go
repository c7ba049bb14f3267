// Package local is the queue of a single process: everything that waits is in
// memory, beside rows that say the same and from which it is filled again at Start.
//
// Nothing is polled. A run starts within microseconds of the commit that made it.
// It holds as long as one process owns the database; two processes would each
// tell only what they added themselves. For those there is package river.
package local

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/queue"
)

// DefaultWorkers is how many runs are worked on at once: work is mostly waiting
// for the ticket system to answer.
const DefaultWorkers = 32

const (
	pageSize = 5000
	// longestNap bounds how late a run can be when the machine's clock is set forward
	// while the queue sleeps.
	longestNap = time.Minute
)

// Options of New.
type Options struct {
	Workers int // 0: DefaultWorkers
	// Unfinished pages over the runs that are not finished, ordered by RunID: up to
	// limit of those with RunID > after. Nil when there is nothing to fill from.
	Unfinished func(ctx context.Context, after string, limit int) ([]neo.Job, error)
	Log        *slog.Logger // nil: none
}

// Queue is a queue.Queue in the memory of one process.
type Queue struct {
	opts Options

	mu       sync.Mutex
	wake     *sync.Cond // a bell is in due, or stopping
	due      line       // to be told now, in order of arrival
	later    heap       // to be told at a time
	timer    *time.Timer
	running  map[string]bool // runs being worked on; true: rung again meanwhile
	work     queue.Worker
	started  bool
	stopping bool

	workers    sync.WaitGroup
	workCtx    context.Context
	cancelWork context.CancelCauseFunc
}

var _ queue.Queue = (*Queue)(nil)

// New returns a queue that takes jobs, and tells them once it is started.
func New(opts Options) *Queue {
	if opts.Workers <= 0 {
		opts.Workers = DefaultWorkers
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	q := &Queue{opts: opts, running: make(map[string]bool)}
	q.wake = sync.NewCond(&q.mu)
	return q
}

// Add implements queue.Queue.
func (q *Queue) Add(_ context.Context, tx neo.Tx, jobs ...neo.Job) error {
	if len(jobs) == 0 {
		return nil
	}
	for _, job := range jobs {
		if job.RunID == "" {
			return errors.New("queue/local: a job without a run")
		}
	}
	jobs = append([]neo.Job(nil), jobs...) // the caller may reuse its slice before the commit
	tx.OnCommit(func() { q.push(jobs) })
	return nil
}

// Start implements queue.Queue. It returns when every unfinished run is queued.
func (q *Queue) Start(ctx context.Context, work queue.Worker) error {
	q.mu.Lock()
	if q.started || q.stopping {
		q.mu.Unlock()
		return errors.New("queue/local: started twice, or after Stop")
	}
	q.started = true
	q.work = work
	q.workCtx, q.cancelWork = context.WithCancelCause(context.WithoutCancel(ctx))
	q.mu.Unlock()

	// A run that is added and committed meanwhile may be queued twice. That is
	// allowed, and cheaper than remembering which.
	filled, err := q.fill(ctx)
	if err != nil {
		return err
	}

	q.mu.Lock()
	defer q.mu.Unlock()
	if q.stopping {
		return errors.New("queue/local: stopped while it was starting")
	}
	for range q.opts.Workers {
		q.workers.Go(q.loop)
	}
	q.arm()
	q.opts.Log.InfoContext(ctx, "The queue is running.", "workers", q.opts.Workers, "unfinished", filled)
	return nil
}

// fill queues what the rows say is unfinished.
func (q *Queue) fill(ctx context.Context) (n int, err error) {
	if q.opts.Unfinished == nil {
		return 0, nil
	}
	for after := ""; ; {
		page, err := q.opts.Unfinished(ctx, after, pageSize)
		if err != nil {
			return n, fmt.Errorf("queue/local: reading the unfinished runs: %w", err)
		}
		if len(page) == 0 {
			return n, nil
		}
		last := page[len(page)-1].RunID
		if last <= after {
			return n, fmt.Errorf("queue/local: the page of unfinished runs after %q ends with %q", after, last)
		}
		q.push(page)
		n, after = n+len(page), last
	}
}

// Stop implements queue.Queue.
func (q *Queue) Stop(ctx context.Context) error {
	q.mu.Lock()
	q.stopping = true
	q.due, q.later = line{}, nil // the rows remember
	if q.timer != nil {
		q.timer.Stop()
	}
	q.wake.Broadcast()
	cancel := q.cancelWork
	q.mu.Unlock()
	if cancel == nil { // never started
		return nil
	}

	idle := make(chan struct{})
	go func() {
		q.workers.Wait()
		close(idle)
	}()
	select {
	case <-idle:
		cancel(nil)
		return nil
	case <-ctx.Done():
	}

	cancel(errors.New("queue/local: stopping"))
	grace := time.NewTimer(queue.Grace)
	defer grace.Stop()
	select {
	case <-idle:
		return ctx.Err()
	case <-grace.C:
		return fmt.Errorf("queue/local: a worker ignores that its context has ended: %w", ctx.Err())
	}
}

// push queues jobs whose rows are committed.
func (q *Queue) push(jobs []neo.Job) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.stopping {
		return
	}
	now, rang := time.Now(), 0
	first := q.later.first()
	for _, job := range jobs {
		if job.At.After(now) {
			q.later.push(timedBell{at: job.At.UnixNano(), bell: bell{run: job.RunID}})
			continue
		}
		q.due.push(bell{run: job.RunID})
		rang++
	}
	q.signal(rang)
	if q.later.first() != first {
		q.arm()
	}
}

// signal wakes as many workers as there are new bells. q.mu is held.
func (q *Queue) signal(n int) {
	if n >= q.opts.Workers {
		q.wake.Broadcast()
		return
	}
	for range n {
		q.wake.Signal()
	}
}

// arm sets the timer to the first time in later. q.mu is held.
func (q *Queue) arm() {
	if !q.started || q.stopping || len(q.later) == 0 {
		return
	}
	nap := min(max(time.Until(time.Unix(0, q.later.first())), 0), longestNap)
	if q.timer == nil {
		q.timer = time.AfterFunc(nap, q.ring)
		return
	}
	q.timer.Reset(nap)
}

// ring moves what has become due from later to due.
func (q *Queue) ring() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.stopping {
		return
	}
	now, rang := time.Now().UnixNano(), 0
	for len(q.later) > 0 && q.later.first() <= now {
		q.due.push(q.later.pop().bell)
		rang++
	}
	q.signal(rang)
	q.arm()
}

// loop is one worker.
func (q *Queue) loop() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for {
		for !q.stopping && q.due.len() == 0 {
			q.wake.Wait()
		}
		if q.stopping {
			return
		}
		b := q.due.pop()
		if _, busy := q.running[b.run]; busy {
			q.running[b.run] = true
			continue
		}
		q.running[b.run] = false

		q.mu.Unlock()
		err := queue.Tell(q.workCtx, q.opts.Log, q.work, b.run)
		q.mu.Lock()

		again := q.running[b.run]
		delete(q.running, b.run)
		if q.stopping {
			return
		}
		b.tries++
		if err == nil {
			b.tries = 0
		}
		switch {
		case again: // whoever rang again is owed a telling now, whatever became of this one
			q.due.push(b)
		case err != nil:
			wait := queue.Backoff(int(b.tries), err)
			q.opts.Log.Info("A run could not be carried out and will be told again.", "run", b.run, "tries", b.tries, "wait", wait, "error", err)
			q.later.push(timedBell{at: time.Now().Add(wait).UnixNano(), bell: b})
			q.arm()
		}
	}
}
