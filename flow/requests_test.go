package flow_test

import (
	"log/slog"
	"testing"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/flow"
	"github.com/neoagent/neo/queue/local"
)

var boss = neo.User{ID: "u1", TenantID: neo.DefaultTenant, Name: "Ann Boss", Email: "ann@example.com"}

func (w *world) requests() *flow.Requests {
	q := local.New(local.Options{Unfinished: w.store.UnfinishedRuns, Log: slog.New(slog.DiscardHandler)})
	return flow.NewRequests(w.store, q, w.clock, func() {})
}

func TestCancel(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		e, run := w.begin(on("state", note, spec(neo.ActionAskApproval, `{"text":"May I?"}`), raise))
		q := w.question()
		w.must(w.requests().Cancel(t.Context(), neo.DefaultTenant, run))
		w.tell(e)
		w.stands(run, neo.Cancelled, "Added a work note. Cancelled.")
		a, err := w.store.Approval(t.Context(), neo.DefaultTenant, q.ID)
		w.must(err)
		if a.State != neo.ApprovalCancelled {
			t.Errorf("the question is %s", a.State)
		}
		if err := w.requests().Cancel(t.Context(), neo.DefaultTenant, run); neo.CodeOf(err) != neo.CodeConflict {
			t.Errorf("cancelling twice: %v", err)
		}

		w.must(w.requests().Retry(t.Context(), neo.DefaultTenant, run))
		w.tell(e)
		w.stands(run, neo.Waiting, "Waits for a technician")
		w.must(w.requests().Decide(t.Context(), boss, w.question().ID, neo.ApprovalApproved, ""))
		w.tell(e)
		w.stands(run, neo.Success, "Urgency")
		if n := len(w.system.notes[id(1)]); n != 1 {
			t.Errorf("%d notes, want 1", n)
		}
	})
}

func TestUndoRestoresWhatNobodyChanged(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		e, run := w.begin(on("state", spec(neo.ActionUpdateTicket, `{"fields":{"urgency":"1","short_description":"Fixed"}}`), note, spec(neo.ActionUpdateTicket, `{"fields":{"urgency":"2"}}`)))
		w.stands(run, neo.Success, "Urgency")
		w.submit(w.change(id(1), "short_description", "Mine", "beth.anglin"))

		undo, err := w.requests().Undo(t.Context(), neo.User{TenantID: neo.DefaultTenant, Name: "Ana Admin"}, run)
		w.must(err)
		w.work(e)
		w.stands(undo.ID, neo.Success, "Short description stayed: somebody has changed it since")
		is := w.system.ticket(id(1)).Fields
		if is["urgency"].Value != "3" || is["short_description"].Value != "Mine" {
			t.Errorf("the ticket is %v, want urgency as it was and the title as somebody made it", is)
		}
		if _, err := w.requests().Undo(t.Context(), neo.User{TenantID: neo.DefaultTenant, Name: "Ana Admin"}, run); neo.CodeOf(err) != neo.CodeConflict {
			t.Errorf("undoing twice: %v", err)
		}
		if _, err := w.requests().Undo(t.Context(), neo.User{TenantID: neo.DefaultTenant, Name: "Ana Admin"}, undo.ID); neo.CodeOf(err) != neo.CodeConflict {
			t.Errorf("undoing an undo: %v", err)
		}
	})
}

// TestGivenUpWriteIsLookedForBeforeItIsRepeated: a person retries a run of which
// nobody knows whether its note arrived. It had.
func TestGivenUpWriteIsLookedForBeforeItIsRepeated(t *testing.T) {
	w := newWorld(t, sqlite(t))
	w.system.after = func() error { return errLost }
	e, run := w.begin(on("state", note))
	w.must(w.requests().Cancel(t.Context(), neo.DefaultTenant, run))
	w.system.notes[id(1)] = nil // it seems not to have arrived
	w.tell(e)
	w.stands(run, neo.Cancelled, "Cancelled.")
	if s := w.steps(run)[0]; s.State != neo.StepFailed || !s.Unsure {
		t.Fatalf("the step is %+v", s)
	}
	w.system.after = nil
	w.system.notes[id(1)] = []string{w.steps(run)[0].Write.WorkNote} // it comes late
	w.must(w.requests().Retry(t.Context(), neo.DefaultTenant, run))
	w.tell(e)
	w.stands(run, neo.Success, "Added a work note")
	if n := len(w.system.notes[id(1)]); n != 1 {
		t.Errorf("%d notes, want 1", n)
	}
}
