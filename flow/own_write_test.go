package flow_test

import (
	"testing"

	"github.com/neoagent/neo"
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
