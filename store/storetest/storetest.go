// Package storetest holds every database to the same behaviour.
package storetest

import (
	"context"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/store"
)

type test struct {
	name string
	f    func(t *testing.T, db *store.DB)
}

// Run runs the conformance suite. open returns an open, empty database, and closes
// it when its t ends.
func Run(t *testing.T, open func(t *testing.T) *store.DB) {
	for _, group := range []struct {
		name  string
		tests []test
	}{
		{"Tx", txTests},
		{"Events", eventTests},
		{"Tickets", ticketTests},
		{"Runs", runTests},
		{"Order", orderTests},
		{"Leases", leaseTests},
		{"Steps", stepTests},
		{"Workflows", workflowTests},
		{"Schedules", scheduleTests},
		{"Approvals", approvalTests},
		{"Desk", deskTests},
		{"Versions", versionTests},
		{"Shadow runs", shadowTests},
		{"Recorded events", recordedTests},
		{"Backtests", backtestTests},
		{"Config", configTests},
		{"Dictionaries", dictionaryTests},
		{"Integrations", integrationTests},
		{"Permissions", permissionTests},
		{"Attempts", attemptTests},
		{"Settings", settingsTests},
		{"Endpoints", endpointTests},
		{"Watches", watchTests},
		{"Alerts", alertTests},
		{"History", historyTests},
		{"Users", userTests},
		{"Sessions", sessionTests},
		{"Known sources", knownSourceTests},
		{"APIKeys", apiKeyTests},
		{"Meta", metaTests},
		{"Tenants", tenantTests},
	} {
		t.Run(group.name, func(t *testing.T) {
			for _, test := range group.tests {
				t.Run(test.name, func(t *testing.T) { test.f(t, open(t)) })
			}
		})
	}
}

const (
	ours   = neo.DefaultTenant
	theirs = "00000000-0000-7000-8000-000000000002"
)

// noon is a time that both databases keep exactly.
var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// lastID makes ids that sort in the order in which they were made.
var lastID atomic.Int64

func newID() string {
	n := strconv.FormatInt(lastID.Add(1), 10)
	return "00000000-0000-7000-8000-000000000000"[:36-len(n)] + n
}

func text(s string) neo.Value { return neo.Value{Value: s} }

func ref(remoteID string) neo.TicketRef {
	return neo.TicketRef{IntegrationID: "integration-1", Class: neo.Incident, RemoteID: remoteID}
}

// event is a version of the ticket with that remote id.
func event(remoteID string, version int64) neo.Event {
	return neo.Event{
		ID: newID(), TenantID: ours, Ticket: ref(remoteID), Number: "INC" + remoteID, Version: version,
		Type: neo.EntityUpdated, Source: neo.SourceWebhook, ChangedBy: "beth.anglin", ChangedAt: noon, ReceivedAt: noon.Add(time.Second),
		EventData: neo.EventData{
			Changes: []neo.FieldChange{{Field: "state", From: neo.Value{Value: "1", Display: "New"}, To: neo.Value{Value: "2", Display: "In Progress"}}},
			Journal: []neo.JournalEntry{{ID: "7e5b1d", Element: "work_notes", Text: "Looking at it <now> & \"soon\"\n\u2028\x01é😀", Author: "beth.anglin", Technician: true}},
			Kinds:   []neo.ChangeType{neo.StateChanged, neo.WorkNoteAdded}, PreviousAt: time.Date(2026, 11, 23, 18, 5, 7, 0, time.UTC), PreviousBy: "fred.luddy",
			Fields: map[string]neo.Value{"short_description": text("Printer " + remoteID + " on fire"), "state": {Value: "2", Display: "In Progress"}},
		},
		Disposition: neo.DispositionUnmatched,
	}
}

func ticket(remoteID string, version int64) neo.Ticket {
	e := event(remoteID, version)
	return neo.Ticket{TicketRef: e.Ticket, TenantID: e.TenantID, Number: e.Number, Version: e.Version, Fields: e.Fields, UpdatedAt: e.ChangedAt}
}

// run is a run of a workflow for an event.
func run(workflow string, e neo.Event) neo.Run {
	return neo.Run{
		ID: newID(), TenantID: e.TenantID, WorkflowID: workflow, WorkflowVersion: 3, WorkflowName: "Name of " + workflow, EventID: e.ID,
		Ticket: e.Ticket, Number: e.Number, Outcome: neo.Pending, DueAt: noon.Add(time.Minute), CreatedAt: noon, Cause: neo.CauseEvent,
	}
}

func step(r neo.Run, position int, state neo.StepState) neo.Step {
	return neo.Step{
		ID: newID(), TenantID: r.TenantID, RunID: r.ID, Position: position, Action: neo.ActionAddWorkNote, State: state, Ticket: r.Ticket,
		Message: "Added a work note.", StartedAt: noon, FinishedAt: noon.Add(time.Second),
		StepData: neo.StepData{
			Plan: neo.Plan{Write: neo.Write{Fields: map[string]string{"state": "2"}, WorkNote: "Hello"}}, Before: map[string]neo.Value{"state": text("1")},
			After: map[string]neo.Value{"state": text("2")}, BeforeVersion: 4, AfterVersion: 5,
		},
	}
}

// The rest says what to do in few words; each ends the test when it fails.

func inTx(t testing.TB, db *store.DB, f func(tx neo.Tx) error) {
	t.Helper()
	if err := db.InTx(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

func appendEvents(t testing.TB, db *store.DB, events ...neo.Event) (isNew []bool) {
	t.Helper()
	inTx(t, db, func(tx neo.Tx) (err error) {
		isNew, err = db.AppendEvents(t.Context(), tx, events)
		return err
	})
	return isNew
}

// stateEvents are the events that report these states.
func stateEvents(tickets ...neo.Ticket) []neo.Event {
	events := make([]neo.Event, len(tickets))
	for i, k := range tickets {
		events[i] = neo.Event{
			ID: newID(), TenantID: k.TenantID, Ticket: k.TicketRef, Number: k.Number, Version: k.Version, ChangedAt: k.UpdatedAt,
			Type: neo.EntityUpdated, Source: neo.SourceWebhook, Disposition: neo.DispositionUnmatched, EventData: neo.EventData{Fields: k.Fields},
		}
	}
	return events
}

func appendStates(t testing.TB, db *store.DB, tickets ...neo.Ticket) {
	t.Helper()
	appendEvents(t, db, stateEvents(tickets...)...)
}

func insertRuns(t testing.TB, db *store.DB, runs ...neo.Run) (isNew []bool) {
	t.Helper()
	inTx(t, db, func(tx neo.Tx) (err error) {
		isNew, err = db.InsertRuns(t.Context(), tx, runs)
		return err
	})
	return isNew
}

func putSteps(t testing.TB, db *store.DB, steps ...neo.Step) {
	t.Helper()
	inTx(t, db, func(tx neo.Tx) error {
		for _, s := range steps {
			if err := db.PutStep(t.Context(), tx, s); err != nil {
				return err
			}
		}
		return nil
	})
}

// must returns what a call returned without an error.
func must[T any](t testing.TB) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func noError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal(t testing.TB, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// fails checks that an error has a code and a sentence.
func fails(t testing.TB, err error, code neo.Code) {
	t.Helper()
	if neo.CodeOf(err) != code {
		t.Fatalf("error is %v, want one with code %q", err, code)
	}
	if message := neo.MessageOf(err); message == "" || message[len(message)-1] != '.' {
		t.Errorf("%q is not a sentence", message)
	}
}

// lockWaited returns when a connection to PostgreSQL waits for a lock. Elsewhere
// it returns at once: nobody can tell whether someone waits.
func lockWaited(t testing.TB, db *store.DB) {
	t.Helper()
	if db.Postgres() == nil {
		return
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for waiting := 0; waiting == 0; {
		err := db.Postgres().QueryRow(ctx, `SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&waiting)
		if err != nil {
			t.Fatalf("nobody waits for a lock: %v", err)
		}
	}
}
