package storetest

import (
	"testing"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/store"
)

// end stores that a run is over.
func end(t testing.TB, db *store.DB, r neo.Run, outcome neo.Outcome) neo.Run {
	t.Helper()
	r = take(t, db, r.ID, "worker-1", noon)
	r.Outcome, r.FinishedAt = outcome, noon
	inTx(t, db, func(tx neo.Tx) error { return db.UpdateRun(t.Context(), tx, r, "worker-1") })
	return r
}

func runsAfter(t testing.TB, db *store.DB, r neo.Run) (ids []string) {
	t.Helper()
	inTx(t, db, func(tx neo.Tx) error {
		jobs, err := db.RunsAfter(t.Context(), tx, r)
		for _, j := range jobs {
			ids = append(ids, j.RunID)
		}
		return err
	})
	return ids
}

var orderTests = []test{
	{"are made once for a start key", func(t *testing.T, db *store.DB) {
		started := func(workflow, key string) neo.Run {
			r := run(workflow, event("1", 1))
			r.EventID, r.Cause, r.StartKey = "", neo.CauseSchedule, key
			return r
		}
		want := started("w1", "a")
		want.ParentID, want.Depth, want.Shadow = "parent", 2, true
		equal(t, "new", insertRuns(t, db, want, started("w1", "a"), started("w1", "b"), started("w2", "a")), []bool{true, false, true, true})
		equal(t, "new", insertRuns(t, db, started("w1", "b"), started("w1", ""), started("w1", "")), []bool{false, true, true})
		equal(t, "run", must[neo.Run](t)(db.Run(t.Context(), ours, want.ID)), want)
		equal(t, "child", must[neo.Run](t)(db.ChildRun(t.Context(), ours, "parent", neo.CauseSchedule)), want)
		_, err := db.ChildRun(t.Context(), ours, "parent", neo.CauseUndo)
		fails(t, err, neo.CodeNotFound)
	}},
	{"come after the run that they name", func(t *testing.T, db *store.DB) {
		first, second := run("w1", event("1", 1)), run("w2", event("1", 1))
		second.AfterID = first.ID
		insertRuns(t, db, first, second)
		equal(t, "before the first", must[string](t)(db.RunBefore(t.Context(), first)), "")
		equal(t, "before the second", must[string](t)(db.RunBefore(t.Context(), second)), first.ID)
		take(t, db, second.ID, "worker-2", noon) // who looks whether it may begin has found the first unfinished
		first = end(t, db, first, neo.Failure)
		equal(t, "after the first", runsAfter(t, db, first), []string{second.ID})
		equal(t, "before the second", must[string](t)(db.RunBefore(t.Context(), second)), "")
	}},
	{"go one by one in a lane", func(t *testing.T, db *store.DB) {
		var lane []neo.Run
		for version := range int64(3) {
			r := run("w1", event("1", version))
			r.Lane = "w1"
			lane = append(lane, r)
		}
		other := run("w2", event("1", 7))
		other.Lane = "w2"
		insertRuns(t, db, append(lane, other)...)
		equal(t, "before the last", must[string](t)(db.RunBefore(t.Context(), lane[2])), lane[0].ID)
		equal(t, "before another lane", must[string](t)(db.RunBefore(t.Context(), other)), "")
		equal(t, "after the first", runsAfter(t, db, end(t, db, lane[0], neo.Success)), []string{lane[1].ID})
		equal(t, "before the last", must[string](t)(db.RunBefore(t.Context(), lane[2])), lane[1].ID)
	}},
	{"that wait are found by their tickets", func(t *testing.T, db *store.DB) {
		waits, pending, elsewhere := run("w1", event("1", 1)), run("w2", event("1", 1)), run("w1", event("2", 1))
		waits.Outcome, elsewhere.Outcome = neo.Waiting, neo.Waiting
		equal(t, "any", must[bool](t)(db.AnyRunWaits(t.Context())), false)
		insertRuns(t, db, waits, pending, elsewhere)
		equal(t, "any", must[bool](t)(db.AnyRunWaits(t.Context())), true)
		equal(t, "waiting", must[[]neo.Job](t)(db.WaitingRuns(t.Context(), []neo.TicketRef{ref("1"), ref("3")})), []neo.Job{{RunID: waits.ID}})
	}},
	{"are cancelled while they are not over, and tried again when they are", func(t *testing.T, db *store.DB) {
		r := run("w1", event("1", 1))
		insertRuns(t, db, r)
		cancel := func(tenant string) error {
			return db.InTx(t.Context(), func(tx neo.Tx) error { return db.RequestCancel(t.Context(), tx, tenant, r.ID) })
		}
		retry := func(tenant string) error {
			return db.InTx(t.Context(), func(tx neo.Tx) error { return db.RetryRun(t.Context(), tx, tenant, r.ID, noon) })
		}
		fails(t, cancel(theirs), neo.CodeNotFound)
		fails(t, retry(ours), neo.CodeConflict)
		noError(t, cancel(ours))
		equal(t, "requested", must[bool](t)(db.CancelRequested(t.Context(), r.ID)), true)
		end(t, db, r, neo.Cancelled)
		fails(t, cancel(ours), neo.CodeConflict)
		fails(t, retry(theirs), neo.CodeNotFound)
		noError(t, retry(ours))
		again := must[neo.Run](t)(db.Run(t.Context(), ours, r.ID))
		equal(t, "again", []any{again.Outcome, again.CancelRequested, again.FinishedAt.IsZero(), again.DueAt}, []any{neo.Pending, false, true, noon})
	}},
}
