// Package queuetest is the behaviour that every queue.Queue has: the contract in
// package queue as tests. Each implementation calls Run.
//
// Nothing in it sleeps or measures speed: a test waits for what must happen, with a
// deadline so generous that only a lost job misses it.
package queuetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/queue"
)

// Patience is how long a test waits for what must happen.
const Patience = 60 * time.Second

// Harness is one fresh database with queues on it.
type Harness struct {
	// New returns another queue on the database, not started. Each is a replica, or
	// the next life of the process. The harness stops what the test leaves running,
	// when the test ends and its workers have been let go.
	New func(t *testing.T) queue.Queue
	// Begin opens a transaction. Save in it writes the rows of runs, as the store does.
	Begin func(t *testing.T) Tx
	// Finish marks the run as finished in its row.
	Finish func(runID string)
	// Crash ends the queue as kill -9 of its process would: from here on it does
	// nothing to the database and calls no worker. Work that is running stays away.
	Crash func(t *testing.T, q queue.Queue)
}

// Tx is a transaction of a Harness.
type Tx interface {
	neo.Tx
	Save(jobs ...neo.Job) error
	Commit(ctx context.Context) error
	Rollback(ctx context.Context) error
}

// Run runs the suite. newHarness is called once for each test.
func Run(t *testing.T, newHarness func(t *testing.T) Harness) {
	for _, tt := range []struct {
		name string
		test func(t *testing.T, h Harness)
	}{
		{"a committed job is told", delivery},
		{"a rolled back job is not told", rollback},
		{"nothing is lost under concurrency", concurrency},
		{"1,000 jobs in one transaction", manyInOne},
		{"no jobs are no error", noJobs},
		{"a job without a run is refused", noRun},
		{"not before its time", schedule},
		{"an error is told again, later", retry},
		{"a wait that was asked for is kept", retryAfter},
		{"a panic is an error", panics},
		{"work has a deadline", deadline},
		{"rung again while it runs, told again", rungAgain},
		{"stop waits for running work", stopWaits},
		{"stop cancels when its time is up", stopCancels},
		{"stop without start, stop twice", stopAnyway},
		{"started once", startedOnce},
		{"restart tells what was left", restart},
		{"a crash loses nothing", crash},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.test(t, newHarness(t)) })
	}
}

func delivery(t *testing.T, h Harness) {
	q, w := h.New(t), newWorker(h)
	start(t, q, w.work)
	add(t, h, q, neo.Job{RunID: "run-1"})
	w.wait(t, "run-1", 1)
	add(t, h, q, neo.Job{RunID: "run-2"}, neo.Job{RunID: "run-3"})
	w.wait(t, "run-2", 1)
	w.wait(t, "run-3", 1)
}

func rollback(t *testing.T, h Harness) {
	q, w := h.New(t), newWorker(h)
	start(t, q, w.work)
	tx := h.Begin(t)
	check(t, tx.Save(neo.Job{RunID: "undone"}))
	check(t, q.Add(t.Context(), tx, neo.Job{RunID: "undone"}))
	check(t, tx.Rollback(t.Context()))
	add(t, h, q, neo.Job{RunID: "done"})
	w.wait(t, "done", 1)
	check(t, q.Stop(t.Context()))

	// Nor does the next life of the process know it.
	q = h.New(t)
	start(t, q, w.work)
	add(t, h, q, neo.Job{RunID: "done-too"})
	w.wait(t, "done-too", 1)
	check(t, q.Stop(t.Context()))
	if n := w.count("undone"); n > 0 {
		t.Errorf("a job that was rolled back was told %d times", n)
	}
}

func concurrency(t *testing.T, h Harness) {
	q, w := h.New(t), newWorker(h)
	start(t, q, w.work)
	const writers, each = 8, 40
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			for j := range each {
				add(t, h, q, neo.Job{RunID: fmt.Sprintf("run-%d-%d", i, j)})
			}
		})
	}
	wg.Wait()
	for i := range writers {
		for j := range each {
			w.wait(t, fmt.Sprintf("run-%d-%d", i, j), 1)
		}
	}
}

func manyInOne(t *testing.T, h Harness) {
	q, w := h.New(t), newWorker(h)
	start(t, q, w.work)
	jobs := make([]neo.Job, 1000)
	for i := range jobs {
		jobs[i] = neo.Job{RunID: fmt.Sprintf("run-%04d", i)}
	}
	tx := h.Begin(t)
	check(t, tx.Save(jobs...))
	check(t, q.Add(t.Context(), tx, jobs...))
	want := jobs[0]
	jobs[0].RunID = "reused" // the slice is the caller's again
	check(t, tx.Commit(t.Context()))
	jobs[0] = want
	for _, job := range jobs {
		w.wait(t, job.RunID, 1)
	}
}

func noJobs(t *testing.T, h Harness) {
	q := h.New(t)
	tx := h.Begin(t)
	check(t, q.Add(t.Context(), tx))
	check(t, tx.Commit(t.Context()))
}

func noRun(t *testing.T, h Harness) {
	q := h.New(t)
	tx := h.Begin(t)
	if err := q.Add(t.Context(), tx, neo.Job{}); err == nil {
		t.Error("a job without a run was taken")
	}
	check(t, tx.Rollback(t.Context()))
}

func schedule(t *testing.T, h Harness) {
	q, w := h.New(t), newWorker(h)
	start(t, q, w.work)
	now := time.Now()
	jobs := []neo.Job{
		{RunID: "far", At: now.Add(time.Hour)},
		{RunID: "second", At: now.Add(2500 * time.Millisecond)},
		{RunID: "first", At: now.Add(300 * time.Millisecond)},
		{RunID: "past", At: now.Add(-time.Hour)},
	}
	add(t, h, q, jobs...)
	for _, job := range jobs[1:] {
		w.wait(t, job.RunID, 1)
		// The clock is that of the database, which may tick more coarsely than ours.
		if at := w.at(job.RunID, 0); at.Before(job.At.Add(-time.Millisecond)) {
			t.Errorf("%s was told %v before its time", job.RunID, job.At.Sub(at))
		}
	}
	check(t, q.Stop(t.Context()))
	if w.count("far") > 0 {
		t.Error("a job of the next hour was told now")
	}
}

func retry(t *testing.T, h Harness) {
	q, w := h.New(t), newWorker(h)
	start(t, q, w.failing(2, errors.New("connection reset")))
	add(t, h, q, neo.Job{RunID: "run-1"})
	w.wait(t, "run-1", 3)
	first, second := w.at("run-1", 1).Sub(w.at("run-1", 0)), w.at("run-1", 2).Sub(w.at("run-1", 1))
	if first < time.Second || second < 2*time.Second {
		t.Errorf("told again after %v and then %v, want at least 1 s and 2 s", first, second)
	}
}

func retryAfter(t *testing.T, h Harness) {
	q, w := h.New(t), newWorker(h)
	limited := &neo.Error{Code: neo.CodeRateLimited, Message: "Slow down.", RetryAfter: 3 * time.Second}
	start(t, q, w.failing(1, fmt.Errorf("update ticket: %w", limited)))
	add(t, h, q, neo.Job{RunID: "run-1"})
	w.wait(t, "run-1", 2)
	if wait := w.at("run-1", 1).Sub(w.at("run-1", 0)); wait < limited.RetryAfter {
		t.Errorf("told again after %v, although asked to wait %v", wait, limited.RetryAfter)
	}
}

func panics(t *testing.T, h Harness) {
	q, w := h.New(t), newWorker(h)
	start(t, q, func(ctx context.Context, runID string) error {
		if w.tell(runID) == 1 {
			panic("a fault in an action")
		}
		return nil
	})
	add(t, h, q, neo.Job{RunID: "run-1"})
	w.wait(t, "run-1", 2)
}

func deadline(t *testing.T, h Harness) {
	q, w := h.New(t), newWorker(h)
	left := make(chan time.Duration, 1)
	start(t, q, func(ctx context.Context, runID string) error {
		end, _ := ctx.Deadline()
		left <- time.Until(end)
		return w.work(ctx, runID)
	})
	add(t, h, q, neo.Job{RunID: "run-1"})
	w.wait(t, "run-1", 1)
	if d := <-left; d <= 0 || d > queue.Timeout {
		t.Errorf("work has %v left, want at most %v", d, queue.Timeout)
	}
}

func rungAgain(t *testing.T, h Harness) {
	q, w := h.New(t), newWorker(h)
	var once sync.Once
	inside, leave := make(chan struct{}), make(chan struct{})
	start(t, q, func(ctx context.Context, runID string) error {
		w.tell(runID)
		once.Do(func() {
			close(inside)
			<-leave
		})
		return nil
	})
	add(t, h, q, neo.Job{RunID: "run-1"})
	receive(t, inside, "the first telling")
	add(t, h, q, neo.Job{RunID: "run-1"})
	close(leave)
	w.wait(t, "run-1", 2)
}

func stopWaits(t *testing.T, h Harness) {
	q, w := h.New(t), newWorker(h)
	inside, leave := make(chan struct{}), make(chan struct{})
	finished := false
	start(t, q, func(ctx context.Context, runID string) error {
		close(inside)
		<-leave
		if ctx.Err() != nil {
			t.Error("work was cancelled although Stop had time")
		}
		finished = true
		return w.work(ctx, runID)
	})
	add(t, h, q, neo.Job{RunID: "run-1"})
	receive(t, inside, "the telling")
	waiting := &watched{Context: t.Context(), asked: make(chan struct{})}
	go func() {
		<-waiting.asked // Stop waits, and would return when this context ended
		close(leave)
	}()
	check(t, q.Stop(waiting))
	if !finished {
		t.Error("Stop returned before running work did")
	}

	// What is added to a queue that has stopped waits for the next one.
	add(t, h, q, neo.Job{RunID: "run-2"})
	next := h.New(t)
	start(t, next, w.work)
	w.wait(t, "run-2", 1)
	check(t, next.Stop(t.Context()))
	if n := w.count("run-1"); n != 1 {
		t.Errorf("finished work was told %d times", n)
	}
}

func stopCancels(t *testing.T, h Harness) {
	q, w := h.New(t), newWorker(h)
	inside := make(chan struct{})
	start(t, q, func(ctx context.Context, runID string) error {
		close(inside)
		<-ctx.Done()
		return ctx.Err()
	})
	add(t, h, q, neo.Job{RunID: "run-1"})
	receive(t, inside, "the telling")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := q.Stop(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Stop = %v, want that its context ended", err)
	}
	next := h.New(t)
	start(t, next, w.work)
	w.wait(t, "run-1", 1)
}

func stopAnyway(t *testing.T, h Harness) {
	q := h.New(t)
	check(t, q.Stop(t.Context()))
	check(t, q.Stop(t.Context()))
	q = h.New(t)
	start(t, q, newWorker(h).work)
	check(t, q.Stop(t.Context()))
	check(t, q.Stop(t.Context()))
}

func startedOnce(t *testing.T, h Harness) {
	q, w := h.New(t), newWorker(h)
	start(t, q, w.work)
	if q.Start(t.Context(), w.work) == nil {
		t.Error("a queue was started twice")
	}
	check(t, q.Stop(t.Context()))
	if q.Start(t.Context(), w.work) == nil {
		t.Error("a queue was started after it had stopped")
	}
}

func restart(t *testing.T, h Harness) {
	q, w := h.New(t), newWorker(h)
	add(t, h, q, neo.Job{RunID: "run-1"}, neo.Job{RunID: "run-2", At: time.Now().Add(500 * time.Millisecond)})
	check(t, q.Stop(t.Context()))
	next := h.New(t)
	start(t, next, w.work)
	w.wait(t, "run-1", 1)
	w.wait(t, "run-2", 1)
}

func crash(t *testing.T, h Harness) {
	q, w := h.New(t), newWorker(h)
	inside, leave := make(chan struct{}), make(chan struct{})
	start(t, q, func(ctx context.Context, runID string) error {
		if runID == "running" {
			close(inside)
			<-leave
		}
		return errors.New("dead")
	})
	defer close(leave)
	add(t, h, q, neo.Job{RunID: "running"})
	receive(t, inside, "the telling")
	add(t, h, q, neo.Job{RunID: "waiting", At: time.Now().Add(2 * time.Second)}, neo.Job{RunID: "failing"})
	h.Crash(t, q)
	tx := h.Begin(t) // the process died between its commit and ringing anybody
	check(t, tx.Save(neo.Job{RunID: "late"}))
	next := h.New(t)
	check(t, next.Add(t.Context(), tx, neo.Job{RunID: "late"}))
	check(t, tx.Commit(t.Context()))

	start(t, next, w.work)
	for _, runID := range []string{"running", "waiting", "failing", "late"} {
		w.wait(t, runID, 1)
	}
}

// add saves the rows of jobs and adds them, in one transaction.
func add(t *testing.T, h Harness, q queue.Queue, jobs ...neo.Job) {
	t.Helper()
	tx := h.Begin(t)
	check(t, tx.Save(jobs...))
	check(t, q.Add(t.Context(), tx, jobs...))
	check(t, tx.Commit(t.Context()))
}

func start(t *testing.T, q queue.Queue, work queue.Worker) {
	t.Helper()
	check(t, q.Start(t.Context(), work))
}

// check fails the test from any goroutine.
func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

func receive(t *testing.T, c <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(Patience):
		t.Fatalf("%s did not happen within %v", what, Patience)
	}
}

// watched is a context that tells when somebody begins to wait for its end.
type watched struct {
	context.Context
	once  sync.Once
	asked chan struct{}
}

func (w *watched) Done() <-chan struct{} {
	w.once.Do(func() { close(w.asked) })
	return w.Context.Done()
}
