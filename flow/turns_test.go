package flow_test

import (
	"strings"
	"testing"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/flow"
)

// River may tell two workers of one replica about one run at the same time.
func TestTwoWorkersOfAProcessDoNotShareARun(t *testing.T) {
	w := newWorld(t, sqlite(t))
	w.save(on("state", note))
	e := w.start(w.store)
	w.submit(w.change(id(1), "state", "2", "beth.anglin"))
	run := w.unfinished()[0]
	w.system.before = func() error {
		w.system.before = nil
		w.system.mu.Unlock()
		defer w.system.mu.Lock()
		if err := e.Work(t.Context(), run); neo.CodeOf(err) != neo.CodeUnavailable {
			t.Errorf("the second worker got %v, want to be told again later", err)
		}
		return nil
	}
	w.must(e.Work(t.Context(), run))
	if n := len(w.system.notes[id(1)]); n != 1 {
		t.Errorf("the note is there %d times, want once", n)
	}
}

// sequential begins a workflow that goes one by one on n tickets; only the last of its
// runs is told, so that it waits for its turn.
func (w *world) sequential(n int) (*flow.Engine, []string) {
	w.t.Helper()
	d := on("state", note)
	d.ProcessEntitiesSequentially = true
	w.save(d)
	e := w.start(w.store)
	for i := range n {
		w.submit(w.change(id(i+1), "state", "2", "beth.anglin"))
	}
	runs := w.unfinished()
	w.must(e.Work(w.t.Context(), runs[n-1]))
	w.stands(runs[n-1], neo.Pending, "Waits for the run before it")
	return e, runs
}

func TestWhoIsRungForItsTurnBeginsAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		e, runs := w.sequential(2)
		w.must(e.Work(t.Context(), runs[0]))
		w.must(e.Work(t.Context(), runs[1])) // no time has passed
		w.stands(runs[1], neo.Success, "Added a work note")
	})
}

func TestRunThatWaitsForItsTurnIsCancelled(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		e, runs := w.sequential(2)
		w.must(w.requests().Cancel(t.Context(), neo.DefaultTenant, runs[1]))
		w.must(e.Work(t.Context(), runs[1]))
		w.stands(runs[1], neo.Cancelled, "Cancelled.")
	})
}

// What is not made, since it was done once on this ticket, must not break the row.
func TestOrderSurvivesARunThatIsNotMade(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		no := false
		for order, once := range []bool{false, true, false} {
			d := on("state", note)
			d.Name, d.ExecutionOrder, d.IgnoreExecutionOrder, d.RunOnlyOncePerEntity = strings.Repeat("I", order+1), order, &no, once
			w.save(d)
		}
		e := w.start(w.store)
		w.submit(w.change(id(1), "state", "2", "beth.anglin"))
		w.work(e)
		w.submit(w.change(id(1), "state", "3", "beth.anglin"))
		runs := w.unfinished()
		if len(runs) != 2 {
			t.Fatalf("%d runs, want the first and the third workflow's", len(runs))
		}
		w.must(e.Work(t.Context(), runs[1]))
		w.stands(runs[1], neo.Pending, "Waits for the run before it")
		w.must(e.Work(t.Context(), runs[0]))
		w.must(e.Work(t.Context(), runs[1]))
		w.stands(runs[1], neo.Success, "Added a work note")
	})
}

// The queue of one process is filled from the rows: after a restart they must say that
// somebody has answered, or wants the run to stop.
func TestAnswersAndCancelsOutliveTheProcess(t *testing.T) {
	due := func(w *world, run string) time.Time {
		jobs, err := w.store.UnfinishedRuns(w.t.Context(), "", 10)
		w.must(err)
		if len(jobs) != 1 || jobs[0].RunID != run {
			w.t.Fatalf("the unfinished runs are %v", jobs)
		}
		return jobs[0].At
	}
	for name, then := range map[string]func(w *world, run string) error{
		"answer": func(w *world, _ string) error {
			return w.requests().Decide(w.t.Context(), boss, w.question().ID, neo.ApprovalApproved, "")
		},
		"cancel": func(w *world, run string) error {
			return w.requests().Cancel(w.t.Context(), neo.DefaultTenant, run)
		},
	} {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, w *world) {
				_, run := w.begin(on("state", spec(neo.ActionAskApproval, `{"text":"May I?"}`)))
				if at := due(w, run); !at.After(w.clock()) {
					t.Fatalf("it looks again at %v, before anything has happened", at)
				}
				w.must(then(w, run))
				if at := due(w, run); at.After(w.clock()) {
					t.Errorf("it looks again at %v, want at once", at)
				}
			})
		})
	}
}
