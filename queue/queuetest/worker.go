package queuetest

import (
	"context"
	"sync"
	"testing"
	"time"
)

// worker remembers what it was told, and when.
type worker struct {
	h      Harness
	mu     sync.Mutex
	told   map[string][]time.Time
	change chan struct{} // closed at the next telling
}

func newWorker(h Harness) *worker {
	return &worker{h: h, told: make(map[string][]time.Time), change: make(chan struct{})}
}

// tell notes a telling and returns how many there were of this run.
func (w *worker) tell(runID string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.told[runID] = append(w.told[runID], time.Now())
	close(w.change)
	w.change = make(chan struct{})
	return len(w.told[runID])
}

// work is a queue.Worker that finishes each run.
func (w *worker) work(_ context.Context, runID string) error {
	w.h.Finish(runID)
	w.tell(runID)
	return nil
}

// failing is a queue.Worker that fails with err the first n times of each run.
func (w *worker) failing(n int, err error) func(context.Context, string) error {
	return func(_ context.Context, runID string) error {
		if w.tell(runID) <= n {
			return err
		}
		return nil
	}
}

func (w *worker) count(runID string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.told[runID])
}

func (w *worker) at(runID string, i int) time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.told[runID][i]
}

// wait returns when the run has been told n times.
func (w *worker) wait(t *testing.T, runID string, n int) {
	t.Helper()
	end := time.NewTimer(Patience)
	defer end.Stop()
	for {
		w.mu.Lock()
		got, change := len(w.told[runID]), w.change
		w.mu.Unlock()
		if got >= n {
			return
		}
		select {
		case <-change:
		case <-end.C:
			t.Fatalf("%s was told %d times within %v, want %d", runID, got, Patience, n)
		}
	}
}
