package flow_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/flow"
	"github.com/neoagent/neo/queue/local"
)

// scheduler is that of one replica.
func (w *world) scheduler() *flow.Scheduler {
	w.t.Helper()
	log := slog.New(slog.DiscardHandler)
	m, err := flow.NewMatcher(w.t.Context(), w.store, log)
	w.must(err)
	return flow.NewScheduler(m, w.store, local.New(local.Options{Unfinished: w.store.UnfinishedRuns, Log: log}), w.clock, func() {}, log)
}

// hourly is a workflow that looks each hour for tickets in state 2.
func hourly() neo.Definition {
	return neo.Definition{
		Name: "Hourly", TriggerType: neo.Scheduled, Schedule: &neo.Schedule{Every: neo.EveryHours, Count: 1}, Actions: []neo.ActionSpec{note},
		Conditions: &neo.Rule{Combinator: neo.And, Rules: []neo.Rule{{Field: "state", Operator: neo.OpEqual, Value: "2"}}},
	}
}

func TestScheduleFiresOnceForTheTicketsThatMatch(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.save(hourly())
		e := w.start(w.store)
		w.submit(w.change(id(1), "state", "2", "beth.anglin"))
		w.submit(w.change(id(2), "state", "6", "beth.anglin"))
		w.submit(w.change(id(3), "state", "2", "beth.anglin"))
		replicas := []*flow.Scheduler{w.scheduler(), w.scheduler()}
		tick := func() {
			for _, s := range replicas {
				w.must(s.Tick(t.Context()))
			}
		}
		tick()
		if n := len(w.unfinished()); n != 0 {
			t.Fatalf("%d runs before the first hour was over", n)
		}
		w.pass(61 * time.Minute)
		tick()
		tick()
		if n := len(w.unfinished()); n != 2 {
			t.Fatalf("%d runs, want one for each ticket in state 2", n)
		}
		// One of them is resolved in the instance, which Neo has not heard yet.
		w.system.ticket(id(3)).Fields["state"] = neo.Value{Value: "6"}
		runs := w.unfinished()
		w.tell(e)
		var outcomes []neo.Outcome
		for _, r := range runs {
			outcomes = append(outcomes, w.run(r).Outcome)
		}
		slices.Sort(outcomes)
		if !slices.Equal(outcomes, []neo.Outcome{neo.Skipped, neo.Success}) {
			t.Errorf("the runs are %v, want one skipped: its ticket no longer matches", outcomes)
		}

		// Nobody runs for a day: what was missed is one firing.
		w.pass(24 * time.Hour)
		tick()
		if n := len(w.unfinished()); n != 2 {
			t.Errorf("%d runs after a day, want one for each of the two tickets that Neo believes to match", n)
		}
		tick()
		w.tell(e)
		tick()
		if n := len(w.unfinished()); n != 0 {
			t.Errorf("%d runs more", n)
		}
	})
}

// TestFault14NewTimeZoneCountsAtOnce: what was to be 08:00 in one zone is 08:00 in the
// other, and what is due already is not lost.
func TestFault14NewTimeZoneCountsAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		d := hourly()
		d.Schedule = &neo.Schedule{Every: neo.EveryDay, At: "08:00"}
		w.save(d)
		w.start(w.store)
		s := w.scheduler()
		w.must(s.Tick(t.Context()))
		next := func() time.Time {
			t.Helper()
			all, err := w.store.Schedules(t.Context())
			w.must(err)
			if len(all) != 1 {
				t.Fatalf("%d schedules, want 1", len(all))
			}
			return all[0].At
		}
		in := func(zone string) {
			settings := neo.DefaultSettings()
			settings.TimeZone = zone
			w.must(w.store.SaveSettings(t.Context(), neo.DefaultTenant, settings))
		}
		for _, zone := range []string{"Asia/Tokyo", "America/New_York", "UTC"} {
			in(zone)
			w.must(s.Tick(t.Context()))
			where, err := time.LoadLocation(zone)
			w.must(err)
			if at := next().In(where).Format("15:04"); at != "08:00" {
				t.Errorf("in %s it fires at %s", zone, at)
			}
		}
		w.submit(w.change(id(1), "state", "2", "beth.anglin"))
		w.pass(24 * time.Hour)
		in("Asia/Tokyo")
		w.must(s.Tick(t.Context()))
		if n := len(w.unfinished()); n != 1 {
			t.Errorf("%d runs, want the one that was due when the zone changed", n)
		}
	})
}

// TestScheduleWithManyTickets: two replicas fire at the same time, in portions.
func TestScheduleWithManyTickets(t *testing.T) {
	w := newWorld(t, sqlite(t))
	w.save(hourly())
	const many = 2_500
	var events []neo.Event
	for n := range many {
		e := w.change(id(n+1), "state", "2", "beth.anglin")
		e.ID = neo.NewID()
		events = append(events, e)
	}
	w.must(w.store.InTx(t.Context(), func(tx neo.Tx) error {
		_, err := w.store.AppendEvents(t.Context(), tx, events)
		return err
	}))
	a, b := w.scheduler(), w.scheduler()
	w.must(a.Tick(t.Context()))
	w.pass(61 * time.Minute)
	done := make(chan error)
	go func() { done <- a.Tick(t.Context()) }()
	w.must(b.Tick(t.Context()))
	w.must(<-done)
	runs := 0
	for after := ""; ; {
		jobs, err := w.store.UnfinishedRuns(t.Context(), after, 1000)
		w.must(err)
		if len(jobs) == 0 {
			break
		}
		runs, after = runs+len(jobs), jobs[len(jobs)-1].RunID
	}
	if runs != many {
		t.Errorf("%d runs for %d tickets", runs, many)
	}
}

func TestScheduleOfAWorkflowThatIsOffIsForgotten(t *testing.T) {
	w := newWorld(t, sqlite(t))
	f := w.save(hourly())
	w.start(w.store)
	w.submit(w.change(id(1), "state", "2", "beth.anglin"))
	s := w.scheduler()
	w.must(s.Tick(t.Context()))
	w.must(w.store.SetWorkflowEnabled(t.Context(), neo.DefaultTenant, f.ID, false))
	w.pass(3 * time.Hour)
	w.must(s.Tick(t.Context()))
	w.must(w.store.SetWorkflowEnabled(t.Context(), neo.DefaultTenant, f.ID, true))
	w.must(s.Tick(t.Context()))
	if n := len(w.unfinished()); n != 0 {
		t.Errorf("%d runs for the time in which it was off", n)
	}
	w.pass(time.Hour)
	w.must(s.Tick(t.Context()))
	if n := len(w.unfinished()); n != 1 {
		t.Errorf("%d runs an hour after it is on again, want 1", n)
	}
}

func TestScheduledWork(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		f := w.save(neo.Definition{Name: "By hand", TriggerType: neo.OnRequest, Actions: []neo.ActionSpec{note}})
		e := w.start(w.store)
		w.submit(w.change(id(1), "state", "2", "beth.anglin"))
		number := "INC" + id(1)
		ask := func(at time.Time) neo.ScheduledWork {
			t.Helper()
			work, err := w.requests().Ask(t.Context(), boss, f.ID, []string{number, number}, at, "Please.")
			w.must(err)
			if len(work) != 1 {
				t.Fatalf("%d pieces of work for one ticket", len(work))
			}
			return work[0]
		}
		state := func(id string) neo.WorkState {
			t.Helper()
			got, err := w.store.Work(t.Context(), neo.DefaultTenant, id)
			w.must(err)
			return got.State
		}
		now := ask(time.Time{})
		if now.State != neo.WorkProcessing || now.RunID == "" {
			t.Errorf("work for now is %+v", now)
		}
		w.tell(e)
		if state(now.ID) != neo.WorkCompleted {
			t.Errorf("done work is %s", state(now.ID))
		}

		later := ask(w.clock().Add(time.Hour))
		moved, note := w.clock().Add(2*time.Hour), "Not so early."
		_, err := w.requests().ChangeWork(t.Context(), neo.DefaultTenant, later.ID, &moved, &note, false)
		w.must(err)
		replicas := []*flow.Scheduler{w.scheduler(), w.scheduler()}
		w.pass(61 * time.Minute)
		for _, s := range replicas {
			w.must(s.Tick(t.Context()))
		}
		if state(later.ID) != neo.WorkPending {
			t.Errorf("before its time it is %s", state(later.ID))
		}
		w.pass(time.Hour)
		for _, s := range replicas {
			w.must(s.Tick(t.Context()))
		}
		if state(later.ID) != neo.WorkProcessing || len(w.unfinished()) != 1 {
			t.Errorf("at its time it is %s, with %d runs", state(later.ID), len(w.unfinished()))
		}
		if _, err := w.requests().ChangeWork(t.Context(), neo.DefaultTenant, later.ID, nil, nil, true); neo.CodeOf(err) != neo.CodeConflict {
			t.Errorf("cancelling work that has begun: %v", err)
		}
		w.tell(e)
		if n := len(w.system.notes[id(1)]); n != 2 {
			t.Errorf("%d notes, want 2", n)
		}

		gone := ask(w.clock().Add(time.Hour))
		w.must(w.store.DeleteWorkflow(t.Context(), neo.DefaultTenant, f.ID))
		w.pass(2 * time.Hour)
		w.must(replicas[0].Tick(t.Context()))
		if state(gone.ID) != neo.WorkFailed {
			t.Errorf("work of a deleted workflow is %s", state(gone.ID))
		}
	})
}

func TestRequestsAreRefusedWithASentence(t *testing.T) {
	w := newWorld(t, sqlite(t))
	f := w.save(neo.Definition{Name: "By hand", TriggerType: neo.OnRequest, Actions: []neo.ActionSpec{note}})
	w.start(w.store)
	w.submit(w.change(id(1), "state", "2", "beth.anglin"))
	number := "INC" + id(1)
	many := make([]string, 201)
	for i := range many {
		many[i] = fmt.Sprint(i)
	}
	for _, test := range []struct {
		name    string
		id      string
		numbers []string
		at      time.Time
		code    neo.Code
	}{
		{"no ticket", f.ID, nil, time.Time{}, neo.CodeInvalid},
		{"an unknown ticket", f.ID, []string{number, "INC9"}, time.Time{}, neo.CodeNotFound},
		{"an empty number", f.ID, []string{" "}, time.Time{}, neo.CodeInvalid},
		{"too many", f.ID, many, time.Time{}, neo.CodeInvalid},
		{"the past", f.ID, []string{number}, w.clock().Add(-time.Hour), neo.CodeInvalid},
		{"a far future", f.ID, []string{number}, w.clock().Add(3 * 365 * 24 * time.Hour), neo.CodeInvalid},
		{"an unknown workflow", "nothing", []string{number}, time.Time{}, neo.CodeNotFound},
	} {
		if _, err := w.requests().Ask(context.Background(), boss, test.id, test.numbers, test.at, ""); neo.CodeOf(err) != test.code {
			t.Errorf("%s: %v, want %s", test.name, err, test.code)
		}
	}
	if work, err := w.store.ScheduledWork(t.Context(), neo.DefaultTenant, "", 10); err != nil || len(work) != 0 {
		t.Errorf("of what was refused %d pieces are stored, %v", len(work), err)
	}
}
