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
		equal(t, "stats", must[map[string]neo.WorkflowStats](t)(db.WorkflowStats(t.Context(), ours)), map[string]neo.WorkflowStats{
			"w1": {Runs: 6, Successes: 2, Failures: 1, LastRunAt: noon},
			"w2": {Runs: 1, LastRunAt: noon},
		})
	}},
}
