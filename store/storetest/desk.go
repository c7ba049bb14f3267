package storetest

import (
	"testing"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/store"
)

var deskTests = []test{
	{"gives each run its turn", func(t *testing.T, db *store.DB) {
		a, b := run("w1", event("1", 1)), run("w1", event("2", 1))
		turn := func(r neo.Run, position int) int { return must[int](t)(db.Turn(t.Context(), r, position)) }
		equal(t, "turns", []int{turn(a, 0), turn(b, 0), turn(a, 0), turn(a, 1)}, []int{0, 1, 0, 0})
	}},
	{"knows the newest states of tickets", func(t *testing.T, db *store.DB) {
		appendStates(t, db, ticket("1", 1), ticket("2", 4), ticket("1", 3), ticket("3", 1))
		foreign := ticket("4", 1)
		foreign.TenantID = theirs
		appendStates(t, db, foreign)
		first := must[[]neo.Ticket](t)(db.TicketsAfter(t.Context(), ours, neo.TicketRef{}, 2))
		equal(t, "first page", first, []neo.Ticket{ticket("1", 3), ticket("2", 4)})
		equal(t, "second page", must[[]neo.Ticket](t)(db.TicketsAfter(t.Context(), ours, first[1].TicketRef, 2)), []neo.Ticket{ticket("3", 1)})
		equal(t, "by number", must[[]neo.Ticket](t)(db.TicketsNumbered(t.Context(), ours, "inc1")), []neo.Ticket{ticket("1", 3)})
		equal(t, "of others", len(must[[]neo.Ticket](t)(db.TicketsNumbered(t.Context(), ours, "INC4"))), 0)
		equal(t, "recent", must[[]neo.Ticket](t)(db.RecentTickets(t.Context(), ours, "integration-1", neo.Incident, time.Time{}, 2)),
			[]neo.Ticket{ticket("3", 1), ticket("1", 3)})
		equal(t, "of another class", len(must[[]neo.Ticket](t)(db.RecentTickets(t.Context(), ours, "integration-1", neo.Problem, time.Time{}, 2))), 0)
	}},
	{"knows when customers wrote", func(t *testing.T, db *store.DB) {
		for version, at := range []time.Time{noon, noon.Add(time.Hour)} {
			e := event("1", int64(version))
			e.Kinds, e.ChangedAt = []neo.ChangeType{neo.WorkNoteAdded, neo.CustomerReplied}, at
			appendEvents(t, db, e, e)
			equal(t, "kinds", must[neo.Event](t)(db.Event(t.Context(), ours, e.ID)).Kinds, e.Kinds)
		}
		for until, want := range map[time.Time]time.Time{
			noon.Add(-time.Second): {}, noon: noon, noon.Add(time.Minute): noon, noon.Add(2 * time.Hour): noon.Add(time.Hour),
		} {
			equal(t, "last reply", must[time.Time](t)(db.LastReply(t.Context(), ref("1"), until)), want)
		}
		equal(t, "of another ticket", must[time.Time](t)(db.LastReply(t.Context(), ref("2"), noon)), time.Time{})
	}},
	{"knows who did what", func(t *testing.T, db *store.DB) {
		a, b, undo := run("w1", event("1", 1)), run("w2", event("1", 2)), run("w1", event("1", 3))
		undo.Cause = neo.CauseUndo
		insertRuns(t, db, a, b, undo)
		putSteps(t, db, step(a, 0, neo.StepDone), step(a, 1, neo.StepFailed), step(b, 0, neo.StepDone), step(undo, 0, neo.StepDone))
		want := []neo.PastStep{
			{RunID: a.ID, WorkflowID: "w1", WorkflowName: "Name of w1", Fields: map[string]string{"state": "2"}, Effects: []neo.Effect{neo.EffectFields, neo.EffectWorkNote}},
			{RunID: b.ID, WorkflowID: "w2", WorkflowName: "Name of w2", Fields: map[string]string{"state": "2"}, Effects: []neo.Effect{neo.EffectFields, neo.EffectWorkNote}},
		}
		equal(t, "writes", must[[]neo.PastStep](t)(db.PastSteps(t.Context(), ref("1"), noon)), want)
		equal(t, "later", len(must[[]neo.PastStep](t)(db.PastSteps(t.Context(), ref("1"), noon.Add(time.Second)))), 0)
	}},
	{"knows what Neo may do", func(t *testing.T, db *store.DB) {
		i := integration("one")
		saveIntegration(t, db, i)
		equal(t, "new", must[neo.Permissions](t)(db.Permissions(t.Context(), i.ID)).Of(neo.GroupTickets).Level, neo.ReadOnly)
		want := neo.Permissions{neo.GroupTickets: {Level: neo.ReadWrite, AskFirst: true}}
		noError(t, db.SavePermissions(t.Context(), ours, i.ID, want))
		saveIntegration(t, db, i) // reconnecting keeps them
		equal(t, "saved", must[neo.Permissions](t)(db.Permissions(t.Context(), i.ID)), want)
		fails(t, db.SavePermissions(t.Context(), theirs, i.ID, want), neo.CodeNotFound)
		_, err := db.Permissions(t.Context(), "nobody")
		fails(t, err, neo.CodeNotFound)
	}},
}
