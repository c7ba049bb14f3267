package storetest

import (
	"testing"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/store"
)

func work(number string, at time.Time) neo.ScheduledWork {
	return neo.ScheduledWork{
		ID: newID(), TenantID: ours, WorkflowID: "w1", WorkflowName: "Name of w1", Ticket: ref(number), Number: "INC" + number, At: at,
		State: neo.WorkPending, Note: "Please.", RequestedBy: "Ann", CreatedAt: noon, UpdatedAt: noon,
	}
}

func addWork(t testing.TB, db *store.DB, all ...neo.ScheduledWork) {
	t.Helper()
	inTx(t, db, func(tx neo.Tx) error {
		for _, w := range all {
			if err := db.AddWork(t.Context(), tx, w); err != nil {
				return err
			}
		}
		return nil
	})
}

func begin(t testing.TB, db *store.DB, id, runID, message string) (ours bool) {
	t.Helper()
	inTx(t, db, func(tx neo.Tx) (err error) {
		ours, err = db.BeginWork(t.Context(), tx, id, runID, message)
		return err
	})
	return ours
}

var scheduleTests = []test{
	{"fire once, and once for all that was missed", func(t *testing.T, db *store.DB) {
		f := neo.NextFiring{WorkflowID: "w1", TenantID: ours, Version: 2, At: noon}
		noError(t, db.PutSchedule(t.Context(), f))
		late := f
		late.At = noon.Add(time.Hour) // another replica that is late
		noError(t, db.PutSchedule(t.Context(), late))
		equal(t, "next", must[[]neo.NextFiring](t)(db.Schedules(t.Context())), []neo.NextFiring{f})

		fire := func() (ours bool) {
			inTx(t, db, func(tx neo.Tx) (err error) {
				ours, err = db.Fire(t.Context(), tx, f, noon.Add(2*time.Hour), noon.Add(time.Minute))
				return err
			})
			return ours
		}
		equal(t, "first", fire(), true)
		equal(t, "second", fire(), false)
		f.At, f.LastAt = noon.Add(2*time.Hour), noon.Add(time.Minute)
		equal(t, "next", must[[]neo.NextFiring](t)(db.Schedules(t.Context())), []neo.NextFiring{f})

		f.Version, f.At = 3, noon.Add(time.Second)
		noError(t, db.PutSchedule(t.Context(), f))
		equal(t, "after a save", must[[]neo.NextFiring](t)(db.Schedules(t.Context())), []neo.NextFiring{f})

		f.TimeZone, f.At = "Europe/Berlin", noon.Add(3*time.Hour)
		noError(t, db.PutSchedule(t.Context(), f))
		late = f
		late.At = noon.Add(4 * time.Hour)
		noError(t, db.PutSchedule(t.Context(), late))
		equal(t, "fault 14: in another time zone", must[[]neo.NextFiring](t)(db.Schedules(t.Context())), []neo.NextFiring{f})
		noError(t, db.DropSchedule(t.Context(), "w1"))
		equal(t, "after it was dropped", len(must[[]neo.NextFiring](t)(db.Schedules(t.Context()))), 0)
	}},
	{"hold work that is pending until its time", func(t *testing.T, db *store.DB) {
		now, later, foreign := work("1", noon), work("2", noon.Add(time.Hour)), work("3", noon)
		foreign.TenantID = theirs
		addWork(t, db, now, later, foreign)
		equal(t, "all", must[[]neo.ScheduledWork](t)(db.ScheduledWork(t.Context(), ours, "", 10)), []neo.ScheduledWork{later, now})
		equal(t, "page", must[[]neo.ScheduledWork](t)(db.ScheduledWork(t.Context(), ours, later.ID, 10)), []neo.ScheduledWork{now})
		equal(t, "due", must[[]neo.ScheduledWork](t)(db.DueWork(t.Context(), noon, 1)), []neo.ScheduledWork{now})
		_, err := db.Work(t.Context(), theirs, now.ID)
		fails(t, err, neo.CodeNotFound)

		later.At, later.Note = noon.Add(2*time.Hour), "Later."
		noError(t, db.ChangeWork(t.Context(), later, false))
		changed := must[neo.ScheduledWork](t)(db.Work(t.Context(), ours, later.ID))
		equal(t, "changed", []any{changed.At, changed.Note, changed.State}, []any{later.At, "Later.", neo.WorkPending})
		noError(t, db.ChangeWork(t.Context(), later, true))
		equal(t, "cancelled", must[neo.ScheduledWork](t)(db.Work(t.Context(), ours, later.ID)).State, neo.WorkCancelled)
		fails(t, db.ChangeWork(t.Context(), later, false), neo.CodeConflict)
		equal(t, "begun though cancelled", begin(t, db, later.ID, "r", ""), false)
		foreign.TenantID = ours
		fails(t, db.ChangeWork(t.Context(), foreign, true), neo.CodeNotFound)
	}},
	{"show work as its run stands", func(t *testing.T, db *store.DB) {
		w := work("1", noon)
		addWork(t, db, w)
		r := run("w1", event("1", 1))
		equal(t, "begun", begin(t, db, w.ID, r.ID, ""), true)
		equal(t, "begun twice", begin(t, db, w.ID, "another", ""), false)
		for outcome, want := range map[neo.Outcome]neo.WorkState{
			neo.Waiting: neo.WorkProcessing, neo.Success: neo.WorkCompleted, neo.Skipped: neo.WorkCompleted, neo.Failure: neo.WorkFailed, neo.Cancelled: neo.WorkCancelled,
		} {
			w, r := work("1", noon), run("w1", event("1", 1))
			r.EventID, r.Outcome, r.Message = "", outcome, "As it went."
			addWork(t, db, w)
			begin(t, db, w.ID, r.ID, "")
			insertRuns(t, db, r)
			got := must[neo.ScheduledWork](t)(db.Work(t.Context(), ours, w.ID))
			equal(t, string(outcome), []any{got.State, got.Message}, []any{want, "As it went."})
		}
		gone := work("2", noon)
		addWork(t, db, gone)
		begin(t, db, gone.ID, "", "The workflow is gone.")
		equal(t, "without a run", must[neo.ScheduledWork](t)(db.Work(t.Context(), ours, gone.ID)).State, neo.WorkFailed)
	}},
	{"show requests in the history", func(t *testing.T, db *store.DB) {
		w := work("1", noon)
		addWork(t, db, w)
		for _, f := range []neo.HistoryFilter{{}, {Type: neo.TriggerRequested}, {Outcome: neo.Pending}, {Ticket: "inc1"}} {
			got := must[[]neo.HistoryEntry](t)(db.History(t.Context(), ours, f))
			equal(t, "history", got, []neo.HistoryEntry{{ID: w.ID, Type: neo.TriggerRequested, At: noon, Ticket: w.Ticket, Number: w.Number,
				WorkflowID: "w1", WorkflowName: "Name of w1", Outcome: neo.Pending, Message: "Requested by Ann: Please."}})
		}
		equal(t, "of other outcomes", len(must[[]neo.HistoryEntry](t)(db.History(t.Context(), ours, neo.HistoryFilter{Outcome: neo.Success}))), 0)
	}},
}
