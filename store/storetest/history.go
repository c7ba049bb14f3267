package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/store"
)

// ids returns what identifies entries.
func ids(entries []neo.HistoryEntry) []string {
	var all []string
	for _, e := range entries {
		all = append(all, e.ID)
	}
	return all
}

var historyTests = []test{
	{"shows changes and executions", func(t *testing.T, db *store.DB) {
		e := event("1", 1)
		e.Disposition = neo.DispositionMatched
		r := run("w1", e)
		r.Outcome, r.Message, r.StartedAt, r.FinishedAt = neo.Failure, "No such group.", noon.Add(time.Second), noon.Add(3*time.Second)
		running := run("w2", e)
		running.Outcome, running.StartedAt = neo.Running, noon
		appendEvents(t, db, e)
		insertRuns(t, db, r, running)

		got := must[[]neo.HistoryEntry](t)(db.History(t.Context(), ours, neo.HistoryFilter{Limit: 10}))
		equal(t, "history", got, []neo.HistoryEntry{
			{ID: running.ID, Type: neo.WorkflowExecution, At: noon, Ticket: ref("1"), Number: "INC1", Title: "Printer 1 on fire",
				WorkflowID: "w2", WorkflowName: "Name of w2", Outcome: neo.Running, Cause: neo.CauseEvent},
			{ID: r.ID, Type: neo.WorkflowExecution, At: noon, Ticket: ref("1"), Number: "INC1", Title: "Printer 1 on fire",
				WorkflowID: "w1", WorkflowName: "Name of w1", Outcome: neo.Failure, Message: "No such group.", Duration: 2 * time.Second, Cause: neo.CauseEvent},
			{ID: e.ID, Type: neo.EntityUpdated, At: e.ReceivedAt, Ticket: ref("1"), Number: "INC1", Title: "Printer 1 on fire",
				Outcome: neo.Success, Message: "At least one workflow matches this change.", Source: neo.SourceWebhook},
		})
	}},
	{"is filtered and paged", func(t *testing.T, db *store.DB) {
		all := fillHistory(t, db)
		slices.Reverse(all)
		for _, filter := range []neo.HistoryFilter{
			{},
			{Type: neo.EntityCreated},
			{Type: neo.EntityUpdated},
			{Type: neo.WorkflowExecution},
			{Outcome: neo.Success},
			{Outcome: neo.Skipped},
			{Outcome: neo.Pending},
			{Outcome: neo.Failure},
			{Outcome: neo.Running},
			{Ticket: "INC1"},
			{Ticket: " inc12 "},
			{Ticket: "%"},
			{Ticket: "INC1", Type: neo.WorkflowExecution, Outcome: neo.Success},
			{Ticket: "INC1", Type: neo.EntityUpdated, Outcome: neo.Skipped},
			{Type: neo.EntityCreated, Outcome: neo.Failure},
		} {
			var want []string
			for _, e := range all {
				if matches(e, filter) {
					want = append(want, e.ID)
				}
			}
			for _, limit := range []int{7, 200} {
				filter.Limit = limit
				var got []string
				for filter.Before = ""; ; filter.Before = got[len(got)-1] {
					page := must[[]neo.HistoryEntry](t)(db.History(t.Context(), ours, filter))
					if len(page) == 0 {
						break
					}
					if len(page) > limit {
						t.Fatalf("%d entries on a page of %d", len(page), limit)
					}
					got = append(got, ids(page)...)
				}
				equal(t, fmt.Sprintf("%+v", filter), got, want)
			}
		}
		equal(t, "default limit", len(must[[]neo.HistoryEntry](t)(db.History(t.Context(), ours, neo.HistoryFilter{}))), 50)
	}},
	{"finds numbers that very many tickets begin with", func(t *testing.T, db *store.DB) {
		var events []neo.Event
		for n := range 700 {
			events = append(events, event(fmt.Sprintf("%05d", n), 1))
		}
		other := event("x", 1)
		other.Number = "RITM1"
		r := run("w1", events[0])
		appendEvents(t, db, append(events, other)...)
		insertRuns(t, db, r)
		got := must[[]neo.HistoryEntry](t)(db.History(t.Context(), ours, neo.HistoryFilter{Ticket: "inc0", Limit: 3}))
		equal(t, "newest", ids(got), []string{r.ID, events[699].ID, events[698].ID})
		got = must[[]neo.HistoryEntry](t)(db.History(t.Context(), ours, neo.HistoryFilter{Ticket: "inc00000", Limit: 3}))
		equal(t, "one ticket", ids(got), []string{r.ID, events[0].ID})
	}},
}

// fillHistory stores events of 20 tickets and runs for some, and returns all
// entries, oldest first, with what they can be filtered by.
func fillHistory(t *testing.T, db *store.DB) []neo.HistoryEntry {
	dispositions := []neo.Disposition{neo.DispositionUnmatched, neo.DispositionMatched, neo.DispositionOwn, neo.DispositionHeld}
	outcomes := map[neo.Disposition]neo.Outcome{neo.DispositionUnmatched: neo.Skipped, neo.DispositionMatched: neo.Success,
		neo.DispositionOwn: neo.Skipped, neo.DispositionHeld: neo.Pending}
	runOutcomes := []neo.Outcome{neo.Pending, neo.Running, neo.Success, neo.Failure, neo.Skipped}
	var all []neo.HistoryEntry
	for n := range 80 {
		e := event(fmt.Sprint(n%20), int64(n/20))
		e.Disposition = dispositions[n%4]
		if n < 20 {
			e.Type = neo.EntityCreated
		}
		appendEvents(t, db, e)
		all = append(all, neo.HistoryEntry{ID: e.ID, Type: e.Type, Number: e.Number, Outcome: outcomes[e.Disposition]})
		if n%3 == 0 {
			r := run("w1", e)
			r.Outcome = runOutcomes[n%5]
			insertRuns(t, db, r)
			all = append(all, neo.HistoryEntry{ID: r.ID, Type: neo.WorkflowExecution, Number: r.Number, Outcome: r.Outcome})
		}
	}
	foreign := event("1", 100)
	foreign.TenantID, foreign.Ticket.IntegrationID = theirs, "integration-2"
	appendEvents(t, db, foreign)
	insertRuns(t, db, run("w1", foreign))
	return all
}

func matches(e neo.HistoryEntry, f neo.HistoryFilter) bool {
	number := map[string]string{"": "", "INC1": "INC1", " inc12 ": "INC12", "%": "%"}[f.Ticket]
	return (f.Type == "" || e.Type == f.Type) && (f.Outcome == "" || e.Outcome == f.Outcome) &&
		len(e.Number) >= len(number) && e.Number[:len(number)] == number
}
