package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/store"
)

func backtest() neo.Backtest {
	return neo.Backtest{
		ID: newID(), TenantID: ours, State: neo.BacktestRunning, Definition: workflow("Draft").Definition, Days: 30,
		CreatedBy: "Ada", CreatedAt: noon, UpdatedAt: noon,
	}
}

var backtestTests = []test{
	{"are read as they were stored, to their end", func(t *testing.T, db *store.DB) {
		b := backtest()
		noError(t, db.AddBacktest(t.Context(), b))
		equal(t, "begun", must[neo.Backtest](t)(db.Backtest(t.Context(), ours, b.ID)), b)

		b.Progress, b.Total, b.UpdatedAt = 10, 100, noon.Add(time.Second)
		equal(t, "goes on", must[bool](t)(db.BacktestProgress(t.Context(), b.ID, b.Progress, b.Total, b.UpdatedAt)), true)
		equal(t, "under way", must[neo.Backtest](t)(db.Backtest(t.Context(), ours, b.ID)), b)

		b.State, b.Progress, b.UpdatedAt = neo.BacktestDone, 100, noon.Add(time.Minute)
		b.Result = &neo.BacktestResult{Events: 1, Tickets: 1, Compared: 1, Fields: []neo.Agreement{{Field: "state", Cases: 1}}, Cases: []neo.Case{{
			EventID: "e", Ticket: ref("1"), Number: "INC1", Title: "<Printer>", At: noon, Also: []string{"Add work note"},
			Changes: []neo.Comparison{{Field: "state", Before: text("1"), Would: neo.Value{Value: "2", Display: "In Progress"}, Became: text("3")}},
		}}}
		equal(t, "ended", must[bool](t)(db.EndBacktest(t.Context(), b)), true)
		equal(t, "done", must[neo.Backtest](t)(db.Backtest(t.Context(), ours, b.ID)), b)
	}},
	{"end once", func(t *testing.T, db *store.DB) {
		b := backtest()
		noError(t, db.AddBacktest(t.Context(), b))
		cancelled, done := b, b
		cancelled.State, done.State = neo.BacktestCancelled, neo.BacktestDone
		equal(t, "cancelled", must[bool](t)(db.EndBacktest(t.Context(), cancelled)), true)
		equal(t, "done after all", must[bool](t)(db.EndBacktest(t.Context(), done)), false)
		equal(t, "goes on", must[bool](t)(db.BacktestProgress(t.Context(), b.ID, 1, 2, noon.Add(time.Second))), false)
		equal(t, "state", must[neo.Backtest](t)(db.Backtest(t.Context(), ours, b.ID)), cancelled)
	}},
	{"belong to their tenant", func(t *testing.T, db *store.DB) {
		b := backtest()
		noError(t, db.AddBacktest(t.Context(), b))
		_, err := db.Backtest(t.Context(), theirs, b.ID)
		fails(t, err, neo.CodeNotFound)
		foreign := b
		foreign.TenantID, foreign.State = theirs, neo.BacktestCancelled
		equal(t, "cancelled by another tenant", must[bool](t)(db.EndBacktest(t.Context(), foreign)), false)
	}},
	{"are forgotten after a while", func(t *testing.T, db *store.DB) {
		old, running, foreign := backtest(), backtest(), backtest()
		foreign.TenantID = theirs
		for _, b := range []neo.Backtest{old, running, foreign} {
			noError(t, db.AddBacktest(t.Context(), b))
		}
		for _, b := range []neo.Backtest{old, foreign} {
			b.State = neo.BacktestDone
			equal(t, "ended", must[bool](t)(db.EndBacktest(t.Context(), b)), true)
		}
		later := backtest()
		later.CreatedAt = noon.AddDate(0, 0, 31)
		noError(t, db.AddBacktest(t.Context(), later))
		_, err := db.Backtest(t.Context(), ours, old.ID)
		fails(t, err, neo.CodeNotFound)
		must[neo.Backtest](t)(db.Backtest(t.Context(), ours, running.ID))
		must[neo.Backtest](t)(db.Backtest(t.Context(), theirs, foreign.ID))
	}},
}

// recorded returns the remote ids of the events that a scan finds.
func recorded(t *testing.T, db *store.DB, want neo.EventScan) []string {
	t.Helper()
	ends, total, err := db.EventPages(t.Context(), ours, time.Time{}, 3)
	noError(t, err)
	after, found, n := "", []string{}, 0
	for _, end := range ends {
		for _, e := range must[[]neo.Event](t)(db.RecordedEvents(t.Context(), ours, after, end, want)) {
			found = append(found, e.Ticket.RemoteID)
			equal(t, "event", e, must[neo.Event](t)(db.Event(t.Context(), ours, e.ID)))
		}
		after, n = end, n+1
	}
	if n != (total+2)/3 {
		t.Errorf("%d pages of 3 for %d events", n, total)
	}
	return found
}

var recordedTests = []test{
	{"are found by what started them", func(t *testing.T, db *store.DB) {
		var events []neo.Event
		add := func(name string, change func(e *neo.Event)) {
			e := event(name, 1)
			e.Changes, e.Journal = nil, nil
			change(&e)
			events = append(events, e)
		}
		add("created", func(e *neo.Event) { e.Type = neo.EntityCreated })
		add("nothing", func(*neo.Event) {})
		add("state", func(e *neo.Event) { e.Changes = []neo.FieldChange{{Field: "state", To: text("2")}} })
		add("text", func(e *neo.Event) {
			e.Changes = []neo.FieldChange{{Field: "description", To: text(`"field":"priority"`)}}
			e.Fields["description"] = text("priority")
		})
		add("note", func(e *neo.Event) { e.Journal = []neo.JournalEntry{{Element: "comments", Text: "state"}} })
		add("resolved", func(e *neo.Event) { e.Kinds = []neo.ChangeType{neo.StateChanged, neo.Resolved} })
		add("own", func(e *neo.Event) {
			e.Changes = []neo.FieldChange{{Field: "state", To: text("3")}}
			e.Disposition = neo.DispositionOwn
		})
		add("backfill", func(e *neo.Event) { e.Source, e.Disposition = neo.SourceBackfill, neo.DispositionRecorded })
		add("foreign", func(e *neo.Event) { e.TenantID = theirs })
		appendEvents(t, db, events...)
		for _, c := range []struct {
			name string
			want neo.EventScan
			ids  []string
		}{
			{"nothing", neo.EventScan{}, []string{}},
			{"created", neo.EventScan{Created: true}, []string{"created"}},
			{"updates", neo.EventScan{Updated: true}, []string{"nothing", "state", "text", "note", "resolved"}},
			{"a field", neo.EventScan{Fields: []string{"state"}}, []string{"state"}},
			{"a field or Neo", neo.EventScan{Fields: []string{"state"}, Own: true}, []string{"state", "own"}},
			{"a value is not a field", neo.EventScan{Fields: []string{"priority"}}, []string{}},
			{"a note", neo.EventScan{Fields: []string{"comments"}}, []string{"note"}},
			{"a kind", neo.EventScan{Kinds: []neo.ChangeType{neo.Resolved}}, []string{"resolved"}},
			{"several", neo.EventScan{Created: true, Fields: []string{"state"}, Kinds: []neo.ChangeType{neo.Resolved}}, []string{"created", "state", "resolved"}},
		} {
			equal(t, c.name, recorded(t, db, c.want), c.ids)
		}
	}},
	{"are counted from a time on", func(t *testing.T, db *store.DB) {
		old, young := event("1", 1), event("2", 1)
		old.ID, young.ID = neo.FirstID(noon.Add(-time.Hour)), neo.FirstID(noon)
		appendEvents(t, db, old, young)
		ends, total, err := db.EventPages(t.Context(), ours, noon, 10)
		noError(t, err)
		equal(t, "events", total, 1)
		equal(t, "ends", ends, []string{young.ID})
		ends, total, err = db.EventPages(t.Context(), ours, noon.Add(time.Hour), 10)
		noError(t, err)
		equal(t, "no events", total, 0)
		equal(t, "no ends", len(ends), 0)
	}},
	{"lead to the newest tickets", func(t *testing.T, db *store.DB) {
		appendEvents(t, db, event("a", 5), event("b", 1), event("c", 1))
		late := event("a", 4)
		again := event("b", 2)
		foreign := event("d", 1)
		foreign.TenantID = theirs
		appendEvents(t, db, again, late, foreign)
		got := must[[]neo.Event](t)(db.NewestTickets(t.Context(), ours, 2))
		names := []string{}
		for _, e := range got {
			names = append(names, e.Ticket.RemoteID)
		}
		equal(t, "tickets", names, []string{"b", "a"})
		equal(t, "newest state of the one that came late", got[1].Version, int64(5))
		equal(t, "in full", got[0], must[neo.Event](t)(db.Event(t.Context(), ours, again.ID)))
	}},
}

var shadowTests = []test{
	{"are read with their steps", func(t *testing.T, db *store.DB) {
		shadow := func(workflow, ticket string, outcome neo.Outcome) neo.Run {
			r := run(workflow, event(ticket, 1))
			r.Shadow, r.Outcome, r.Cause = true, outcome, neo.CauseEvent
			return r
		}
		first, second, open := shadow("w1", "1", neo.Success), shadow("w1", "2", neo.Skipped), shadow("w1", "3", neo.Running)
		live, other, foreign := shadow("w1", "4", neo.Success), shadow("w2", "5", neo.Success), shadow("w1", "6", neo.Success)
		live.Shadow, foreign.TenantID = false, theirs
		insertRuns(t, db, first, second, open, live, other, foreign)
		one, two, three := step(first, 0, neo.StepPlanned), step(first, 1, neo.StepSkipped), step(second, 0, neo.StepPlanned)
		putSteps(t, db, two, one, three, step(live, 0, neo.StepDone), step(open, 0, neo.StepPlanned))

		runs, steps, err := db.ShadowRuns(t.Context(), ours, "w1", 10)
		noError(t, err)
		equal(t, "runs", runs, []neo.Run{second, first})
		equal(t, "steps", steps, map[string][]neo.Step{first.ID: {one, two}, second.ID: {three}})
		runs, steps, err = db.ShadowRuns(t.Context(), ours, "w1", 1)
		noError(t, err)
		equal(t, "newest run", runs, []neo.Run{second})
		equal(t, "its steps", steps, map[string][]neo.Step{second.ID: {three}})
		runs, steps, err = db.ShadowRuns(t.Context(), ours, "w9", 1)
		noError(t, err)
		equal(t, "no runs", len(runs)+len(steps), 0)
	}},
}

var versionTests = []test{
	{"are listed with who saved them", func(t *testing.T, db *store.DB) {
		ada := user("ada@acme.example")
		ada.Name = "Ada"
		noError(t, db.CreateUser(t.Context(), ada))
		w := workflow("First")
		saveAs := func(by string) {
			inTx(t, db, func(tx neo.Tx) error { return db.SaveWorkflow(t.Context(), tx, &w, by) })
		}
		saveAs(ada.ID)
		first := w
		w.Name = "Second"
		saveAs(newID()) // somebody who is gone
		w.Name = "Third"
		saveAs("Grace Hopper") // as names were stored once

		all := must[[]neo.WorkflowVersion](t)(db.WorkflowVersions(t.Context(), ours, w.ID, 10))
		names := []string{}
		for _, v := range all {
			names = append(names, v.SavedBy)
		}
		equal(t, "who", names, []string{"Grace Hopper", "", "Ada"})
		slices.Reverse(all)
		equal(t, "first", all[0], neo.WorkflowVersion{Version: 1, SavedAt: first.UpdatedAt, SavedBy: "Ada", Definition: first.Definition})
		equal(t, "one", must[neo.WorkflowVersion](t)(db.SavedVersion(t.Context(), ours, w.ID, 1)), all[0])
		equal(t, "newest", len(must[[]neo.WorkflowVersion](t)(db.WorkflowVersions(t.Context(), ours, w.ID, 2))), 2)
		_, err := db.SavedVersion(t.Context(), ours, w.ID, 9)
		fails(t, err, neo.CodeNotFound)
		_, err = db.SavedVersion(t.Context(), theirs, w.ID, 1)
		fails(t, err, neo.CodeNotFound)
		_, err = db.WorkflowVersions(t.Context(), theirs, w.ID, 10)
		fails(t, err, neo.CodeNotFound)
	}},
}
