package flow_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/flow"
)

// Neo's account made the change, and yet only the very version that Neo's write
// produced is its own.
func TestOwnWrites(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.save(on("urgency", note)) // would answer Neo's own change of urgency
		w.save(on("state", raise))
		e := w.start(w.store)
		w.submit(w.change(id(1), "state", "2", "beth.anglin"))
		w.work(e) // sets urgency: version 2

		own := neo.FieldChange{Field: "urgency", From: neo.Value{Value: "3"}, To: neo.Value{Value: "1"}}
		w.submit(report(w.system.ticket(id(1)), own, account))
		if got := w.disposition(id(1), 2); got != neo.DispositionOwn {
			t.Errorf("the version that Neo wrote is %s, want %s", got, neo.DispositionOwn)
		}
		w.submit(w.change(id(1), "urgency", "2", account)) // somebody signed in as Neo's account
		if got := w.disposition(id(1), 3); got != neo.DispositionMatched {
			t.Errorf("a later change by the same account is %s, want %s", got, neo.DispositionMatched)
		}
	})
}

// The delivery about Neo's own write often comes before the answer to that write.
func TestOwnWriteIsReportedBeforeItsAnswer(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.save(on("urgency", note))
		w.save(on("state", raise))
		e := w.start(w.store)
		w.submit(w.change(id(1), "state", "2", "beth.anglin"))
		w.system.after = func() error {
			w.system.mu.Lock()
			reported := report(w.system.ticket(id(1)), neo.FieldChange{Field: "urgency", To: neo.Value{Value: "1"}}, account)
			w.system.after = nil
			w.system.mu.Unlock()
			w.submit(reported) // version 2, Neo's
			if got := w.disposition(id(1), 2); got != neo.DispositionHeld {
				t.Errorf("while the answer is not known the event is %s, want %s", got, neo.DispositionHeld)
			}
			// A person who uses the same account, in the same moment: version 3. The
			// answer to Neo's write was made before.
			return nil
		}
		w.work(e)
		if got := w.disposition(id(1), 2); got != neo.DispositionOwn {
			t.Errorf("when the answer is known the event is %s, want %s", got, neo.DispositionOwn)
		}
		if n := len(w.history(neo.HistoryFilter{Type: neo.WorkflowExecution})); n != 1 {
			t.Errorf("there are %d runs, want 1: Neo has answered itself", n)
		}
	})
}

// An event held for a write that turns out not to be its cause starts its workflows.
func TestHeldEventOfSomebodyElseIsMatched(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.save(on("urgency", note))
		w.save(on("state", raise))
		e := w.start(w.store)
		w.submit(w.change(id(1), "state", "2", "beth.anglin"))
		w.system.before = func() error { // before Neo's write a person changes urgency as Neo's account
			w.system.before = nil
			w.system.mu.Unlock()
			defer w.system.mu.Lock()
			w.submit(w.change(id(1), "urgency", "2", account))
			return nil
		}
		w.work(e)
		if got := w.disposition(id(1), 2); got != neo.DispositionMatched {
			t.Errorf("the person's change is %s, want %s", got, neo.DispositionMatched)
		}
		if n := len(w.history(neo.HistoryFilter{Type: neo.WorkflowExecution, Outcome: neo.Success})); n != 2 {
			t.Errorf("%d runs succeeded, want 2", n)
		}
	})
}

// When a write is given up, what was held for it goes on.
func TestHeldEventOfAFailedWriteIsMatched(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.save(on("urgency", note))
		w.save(on("state", raise))
		e := w.start(w.store)
		w.submit(w.change(id(1), "state", "2", "beth.anglin"))
		w.system.before = func() error {
			w.system.before = nil
			w.system.mu.Unlock()
			defer w.system.mu.Lock()
			w.submit(w.change(id(1), "urgency", "2", account))
			return neo.Errorf(neo.CodeRefused, "Data Policy Exception: no.")
		}
		w.work(e)
		if got := w.disposition(id(1), 2); got != neo.DispositionMatched {
			t.Errorf("the person's change is %s, want %s", got, neo.DispositionMatched)
		}
	})
}

// Two workflows that start for one event write to its ticket in turn, and each
// knows its own version.
func TestRunsWriteToATicketInTurn(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.save(on("state", raise, note))
		w.save(on("state", note, spec(neo.ActionUpdateTicket, `{"fields":{"impact":"1"}}`)))
		w.save(on("urgency", note))
		w.save(on("impact", note))
		first, second := w.start(w.store), w.start(w.store)
		w.submit(w.change(id(1), "state", "2", "beth.anglin"))
		var at atomic.Int32
		w.system.before = func() error {
			if at.Add(1) > 1 {
				t.Error("two writes to one ticket are under way")
			}
			return nil
		}
		w.system.after = func() error { at.Add(-1); return nil }
		runs := w.unfinished()
		var workers sync.WaitGroup
		for i, e := range []*flow.Engine{first, second} {
			workers.Go(func() {
				if err := e.Work(t.Context(), runs[i]); err != nil {
					t.Error(err)
				}
			})
		}
		workers.Wait()
		if w.system.writes != 4 {
			t.Errorf("%d writes took effect, want 4", w.system.writes)
		}
		for version := int64(2); version <= 5; version++ {
			e := report(w.system.ticket(id(1)), neo.FieldChange{Field: "urgency"}, account)
			e.Version = version
			w.submit(e)
			if got := w.disposition(id(1), version); got != neo.DispositionOwn {
				t.Errorf("version %d is %s, want %s", version, got, neo.DispositionOwn)
			}
		}
	})
}

// A write whose answer was lost did not arrive, and is not needed any more: what
// was held for it goes on.
func TestHeldEventOfAWriteThatIsNotRepeatedIsMatched(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.save(on("urgency", note))
		w.save(on("state", raise))
		e := w.start(w.store)
		w.submit(w.change(id(1), "state", "2", "beth.anglin"))
		w.system.before = func() error { // somebody, as Neo's account, does what Neo wanted to do
			w.system.before = nil
			w.system.mu.Unlock()
			defer w.system.mu.Lock()
			w.submit(w.change(id(1), "urgency", "4", account))
			w.submit(w.change(id(1), "urgency", "1", account))
			w.submit(w.change(id(1), "short_description", "x", account))
			return errLost
		}
		w.work(e)
		for version := int64(2); version <= 4; version++ {
			if got := w.disposition(id(1), version); got == neo.DispositionHeld {
				t.Errorf("version %d is still %s", version, got)
			}
		}
	})
}

// TestTimeEntryThatMakesAVersionIsOwn: some instances add the time to the ticket.
func TestTimeEntryThatMakesAVersionIsOwn(t *testing.T) {
	for timer, want := range map[int64]neo.Disposition{1: neo.DispositionOwn, 2: neo.DispositionMatched} {
		w := newWorld(t, sqlite(t))
		w.system.timer = timer // with 2, somebody else has changed the ticket at the same time
		d := on("", spec(neo.ActionLogTime, `{"minutes":5,"text":"Looked."}`))
		d.RunOnlyOncePerEntity = true
		w.save(d)
		e := w.start(w.store)
		w.submit(w.change(id(1), "state", "2", "beth.anglin"))
		w.work(e)
		last := w.system.ticket(id(1))
		w.submit(report(last, neo.FieldChange{Field: "time_worked", To: neo.Value{Value: "1970-01-01 00:05:00"}}, account))
		if got := w.disposition(id(1), last.Version); got != want {
			t.Errorf("after a time entry and %d versions the last is %s, want %s", timer, got, want)
		}
	}
}
