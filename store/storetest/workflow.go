package storetest

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/store"
)

func workflow(name string) neo.Workflow {
	to := "1"
	return neo.Workflow{
		ID: newID(), TenantID: ours, Enabled: true,
		Definition: neo.Definition{
			Name: name, Description: "What it is for", TriggerType: neo.Triggered,
			Changes:    []neo.TargetChange{{ChangeType: neo.FieldUpdated, Field: "priority", To: &to}},
			Conditions: &neo.Rule{Combinator: neo.And, Rules: []neo.Rule{{Field: "category", Operator: neo.OpEqual, Value: "network"}}},
			Actions:    []neo.ActionSpec{{Type: neo.ActionAddWorkNote, Config: json.RawMessage(`{"text":"<b>Hello</b>"}`)}},
		},
	}
}

// save stores a workflow as the next version of itself.
func save(t testing.TB, db *store.DB, w *neo.Workflow) {
	t.Helper()
	inTx(t, db, func(tx neo.Tx) error { return db.SaveWorkflow(t.Context(), tx, w, "user-1") })
}

var workflowTests = []test{
	{"are read as they were saved, each version", func(t *testing.T, db *store.DB) {
		before := time.Now().Truncate(time.Millisecond)
		w := workflow("First name")
		first := w.Definition
		save(t, db, &w)
		equal(t, "version", w.Version, int64(1))
		if w.CreatedAt.Before(before) || !w.UpdatedAt.Equal(w.CreatedAt) {
			t.Errorf("created at %v, updated at %v, saved after %v", w.CreatedAt, w.UpdatedAt, before)
		}
		equal(t, "workflow", must[neo.Workflow](t)(db.Workflow(t.Context(), ours, w.ID)), w)

		w.Name, w.Enabled, w.Conditions = "Second name", false, nil
		created := w.CreatedAt
		w.CreatedAt = time.Time{} // not the caller's business
		save(t, db, &w)
		equal(t, "version", w.Version, int64(2))
		equal(t, "created", w.CreatedAt, created)
		equal(t, "workflow", must[neo.Workflow](t)(db.Workflow(t.Context(), ours, w.ID)), w)

		other := workflow("Other")
		save(t, db, &other)
		equal(t, "workflows", must[[]neo.Workflow](t)(db.Workflows(t.Context(), ours)), []neo.Workflow{w, other})

		equal(t, "version 1", must[neo.Definition](t)(db.WorkflowVersion(t.Context(), w.ID, 1)), first)
		equal(t, "version 2", must[neo.Definition](t)(db.WorkflowVersion(t.Context(), w.ID, 2)), w.Definition)
		_, err := db.WorkflowVersion(t.Context(), w.ID, 3)
		fails(t, err, neo.CodeNotFound)
	}},
	{"are not saved over each other", func(t *testing.T, db *store.DB) {
		w := workflow("Mine")
		save(t, db, &w)
		mine, yours := w, w
		save(t, db, &mine)
		saveAgain := func(w neo.Workflow) error {
			return db.InTx(t.Context(), func(tx neo.Tx) error { return db.SaveWorkflow(t.Context(), tx, &w, "user-1") })
		}
		fails(t, saveAgain(yours), neo.CodeConflict)
		yours.Version = 0
		fails(t, saveAgain(yours), neo.CodeConflict)
		unknown := workflow("Unknown")
		unknown.Version = 3
		fails(t, saveAgain(unknown), neo.CodeNotFound)
		equal(t, "workflow", must[neo.Workflow](t)(db.Workflow(t.Context(), ours, w.ID)), mine)
	}},
	{"are switched and deleted", func(t *testing.T, db *store.DB) {
		w := workflow("Name")
		save(t, db, &w)
		noError(t, db.SetWorkflowEnabled(t.Context(), ours, w.ID, false))
		got := must[neo.Workflow](t)(db.Workflow(t.Context(), ours, w.ID))
		equal(t, "enabled", got.Enabled, false)
		equal(t, "version", got.Version, int64(1))

		noError(t, db.DeleteWorkflow(t.Context(), ours, w.ID))
		_, err := db.Workflow(t.Context(), ours, w.ID)
		fails(t, err, neo.CodeNotFound)
		equal(t, "definition of its runs", must[neo.Definition](t)(db.WorkflowVersion(t.Context(), w.ID, 1)), w.Definition)
		fails(t, db.SetWorkflowEnabled(t.Context(), ours, w.ID, true), neo.CodeNotFound)
		fails(t, db.DeleteWorkflow(t.Context(), ours, w.ID), neo.CodeNotFound)
	}},
	{"count their runs", func(t *testing.T, db *store.DB) {
		for i, outcome := range []neo.Outcome{neo.Success, neo.Success, neo.Failure, neo.Skipped, neo.Pending, neo.Running} {
			r := run("w1", event("1", int64(i)))
			r.Outcome, r.CreatedAt = outcome, noon.Add(-time.Duration(i)*time.Hour)
			insertRuns(t, db, r)
		}
		insertRuns(t, db, run("w2", event("1", 1)))
		foreign := run("w1", event("1", 9))
		foreign.TenantID = theirs
		insertRuns(t, db, foreign)
		stats := must[map[string]neo.WorkflowStats](t)(db.WorkflowStats(t.Context(), ours))
		for id, s := range stats {
			s.Days = nil // noon is long ago
			stats[id] = s
		}
		equal(t, "stats", stats, map[string]neo.WorkflowStats{
			"w1": {Runs: 6, Successes: 2, Failures: 1, LastRunAt: noon},
			"w2": {Runs: 1, LastRunAt: noon},
		})
	}},
	{"are counted day by day", func(t *testing.T, db *store.DB) {
		now := time.Now().UTC()
		for i, outcome := range []neo.Outcome{neo.Success, neo.Failure, neo.Pending} {
			r := run("w1", event("1", int64(i)))
			r.Outcome, r.CreatedAt = outcome, now
			if outcome == neo.Pending {
				r.CreatedAt = now.AddDate(0, 0, -1)
			}
			insertRuns(t, db, r)
		}
		days := must[map[string]neo.WorkflowStats](t)(db.WorkflowStats(t.Context(), ours))["w1"].Days
		if len(days) != 14 {
			t.Fatalf("%d days, want 14", len(days))
		}
		if after := time.Now().UTC(); after.Day() != now.Day() {
			return // midnight came in between
		}
		equal(t, "yesterday and today", days[12:], []neo.RunsOfDay{
			{Day: now.AddDate(0, 0, -1).Format(time.DateOnly), Runs: 1}, {Day: now.Format(time.DateOnly), Runs: 2, Failures: 1},
		})
	}},
	{"are paused, and are on again when somebody switches them on", func(t *testing.T, db *store.DB) {
		w := workflow("Fails")
		save(t, db, &w)
		for want := 1; want <= 3; want++ {
			equal(t, "failures in a row", must[int](t)(db.CountFailure(t.Context(), w.ID, w.Version, true)), want)
		}
		equal(t, "after a success", must[int](t)(db.CountFailure(t.Context(), w.ID, w.Version, false)), 0)
		equal(t, "of one that is gone", must[int](t)(db.CountFailure(t.Context(), "nobody", 1, true)), 0)
		equal(t, "of an older version", must[int](t)(db.CountFailure(t.Context(), w.ID, w.Version-1, true)), 0)
		fails(t, db.PauseWorkflow(t.Context(), ours, w.ID, w.Version-1, "It failed too often."), neo.CodeNotFound)
		noError(t, db.PauseWorkflow(t.Context(), ours, w.ID, w.Version, "It failed too often."))
		paused := must[neo.Workflow](t)(db.Workflow(t.Context(), ours, w.ID))
		equal(t, "paused", []any{paused.Enabled, paused.Paused}, []any{false, "It failed too often."})
		noError(t, db.SetWorkflowEnabled(t.Context(), ours, w.ID, true))
		equal(t, "why it is paused", must[neo.Workflow](t)(db.Workflow(t.Context(), ours, w.ID)).Paused, "")
	}},
	{"are found by name or id", func(t *testing.T, db *store.DB) {
		a, b, c := workflow("One"), workflow("Twice"), workflow("Twice")
		save(t, db, &a)
		save(t, db, &b)
		save(t, db, &c)
		equal(t, "by name", must[neo.Workflow](t)(db.WorkflowNamed(t.Context(), ours, "One")).ID, a.ID)
		equal(t, "by id", must[neo.Workflow](t)(db.WorkflowNamed(t.Context(), ours, c.ID)).ID, c.ID)
		_, err := db.WorkflowNamed(t.Context(), ours, "Twice")
		fails(t, err, neo.CodeInvalid)
		_, err = db.WorkflowNamed(t.Context(), theirs, "One")
		fails(t, err, neo.CodeNotFound)
	}},
}
