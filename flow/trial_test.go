package flow_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/flow"
)

// trialSystem is the system in memory with what only trying asks for. A write to it
// ends the test.
type trialSystem struct {
	*system
	t testing.TB
}

func (trialSystem) Choices(_ context.Context, _ neo.TicketClass, field, _ string, _ int) ([]neo.Choice, error) {
	if field == "urgency" {
		return []neo.Choice{{Value: "1", Label: "1 - High"}, {Value: "3", Label: "3 - Low"}}, nil
	}
	return nil, nil
}

func (trialSystem) Fields(context.Context, neo.TicketClass) ([]neo.Field, error) { return nil, nil }

func (s trialSystem) Write(context.Context, neo.TicketRef, neo.Write) (neo.Ticket, error) {
	s.t.Error("a trial has written to the ticket system")
	return neo.Ticket{}, nil
}

func (s trialSystem) Create(context.Context, neo.NewTicket) (neo.Ticket, error) {
	s.t.Error("a trial has created a ticket")
	return neo.Ticket{}, nil
}

func knownSystem(t testing.TB, s *system) flow.TicketSystems {
	return func(context.Context, string) (flow.TicketSystem, error) { return trialSystem{s, t}, nil }
}

// trials are those of one process.
func (w *world) trials(through flow.TrialStore) *flow.Trials {
	w.t.Helper()
	trials := flow.NewTrials(flow.TrialOptions{
		Store: through, Systems: knownSystem(w.t, w.system), Now: w.clock, Log: slog.New(slog.DiscardHandler),
	})
	w.t.Cleanup(trials.Stop)
	return trials
}

// record stores events as deliveries that started nothing.
func (w *world) record(events ...neo.Event) {
	w.t.Helper()
	for i := range events {
		e := &events[i]
		e.ID, e.ReceivedAt, e.Disposition = neo.NewID(), w.clock(), neo.DispositionUnmatched
		if e.ChangedAt.IsZero() {
			e.ChangedAt = w.clock()
		}
	}
	w.must(w.store.InTx(w.t.Context(), func(tx neo.Tx) error {
		_, err := w.store.AppendEvents(w.t.Context(), tx, events)
		return err
	}))
}

func TestTrialIsPlayedOnACopy(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.must(w.store.SavePermissions(t.Context(), neo.DefaultTenant, integrationID, neo.FullAccess()))
		w.record(w.change(id(1), "category", "network", "beth"))
		d := on("category", raise, raise, spec(neo.ActionAssign, `{"group":"Network"}`), note,
			spec(neo.ActionNotify, `{"mode":"EMAIL","subject":"S","text":"T"}`), spec(neo.ActionAssign, `{"group":"Nobody"}`), note)
		trial, err := w.trials(w.store).Test(t.Context(), neo.DefaultTenant, d, "inc"+id(1))
		w.must(err)
		var said []string
		for _, s := range trial.Steps {
			said = append(said, strings.TrimSpace(s.Message+" "+s.Error))
		}
		want := []string{
			"Would set Urgency to 1 - High.",
			"Nothing to do.",
			"Would set Assignment group to Network.",
			"Would add a work note.",
			"Would send an email to caller@example.com.",
			`Would fail. There is no group "Nobody" in the instance.`,
		}
		if diff := cmp.Diff(want, said); diff != "" {
			t.Errorf("the steps (-want +got):\n%s", diff)
		}
		if !trial.Matches || trial.Number != "INC"+id(1) {
			t.Errorf("the trial: %+v", trial)
		}
		if live, err := w.system.Read(t.Context(), ref(id(1))); err != nil || live.Fields["urgency"].Value != "3" || live.Version != 1 {
			t.Errorf("the ticket is now %+v, %v", live, err)
		}
	})
}

// A workflow that no change starts is asked about its conditions alone.
func TestTrialOfAScheduledWorkflow(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.record(w.change(id(1), "category", "network", "beth"))
		for value, matches := range map[string]bool{"network": true, "hardware": false} {
			d := neo.Definition{Name: "Stale", TriggerType: neo.Scheduled, Actions: []neo.ActionSpec{note},
				Conditions: &neo.Rule{Combinator: neo.And, Rules: []neo.Rule{{Field: "category", Operator: neo.OpEqual, Value: value}}}}
			trial, err := w.trials(w.store).Test(t.Context(), neo.DefaultTenant, d, "INC"+id(1))
			w.must(err)
			if trial.Matches != matches || len(trial.Explanation.Triggers) != 0 {
				t.Errorf("%s: %+v", value, trial)
			}
			n, err := w.trials(w.store).Count(t.Context(), neo.DefaultTenant, d)
			w.must(err)
			if n.Of != 1 || (n.Matched == 1) != matches {
				t.Errorf("%s: %+v", value, n)
			}
		}
	})
}

// ended returns a backtest that is over.
func (w *world) ended(trials *flow.Trials, id string) neo.Backtest {
	w.t.Helper()
	deadline := time.After(30 * time.Second)
	for {
		b, err := trials.Backtest(w.t.Context(), neo.DefaultTenant, id)
		w.must(err)
		if b.State != neo.BacktestRunning {
			return b
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-deadline:
			w.t.Fatal("the backtest does not end")
		}
	}
}

func TestBacktestSaysWhatWouldHaveBeen(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		// Neo may only read, as after a first connect: a draft is tried all the same.
		w.must(w.store.SavePermissions(t.Context(), neo.DefaultTenant, integrationID, neo.Permissions{}))
		first := w.change(id(1), "category", "network", "beth")
		again := w.change(id(1), "category", "network", "beth")
		other := w.change(id(2), "category", "hardware", "beth")
		raised := w.change(id(1), "urgency", "1", "beth")
		own := w.change(id(3), "category", "network", account)
		w.record(first, again, other, raised)
		own.ID, own.Disposition, own.ChangedAt = neo.NewID(), neo.DispositionOwn, w.clock()
		w.must(w.store.InTx(t.Context(), func(tx neo.Tx) error {
			_, err := w.store.AppendEvents(t.Context(), tx, []neo.Event{own})
			return err
		}))

		d := on("category", raise, note, spec(neo.ActionAssign, `{"group":"Nobody"}`))
		d.Conditions = &neo.Rule{Combinator: neo.And, Rules: []neo.Rule{{Field: "category", Operator: neo.OpEqual, Value: "network"}}}
		trials := w.trials(w.store)
		result := func(d neo.Definition) *neo.BacktestResult {
			b, err := trials.StartBacktest(t.Context(), neo.DefaultTenant, "Ada", d, 1)
			w.must(err)
			b = w.ended(trials, b.ID)
			if b.State != neo.BacktestDone || b.Progress != 5 || b.Total != 5 {
				t.Fatalf("%+v", b)
			}
			return b.Result
		}
		got := result(d)
		if got.Events != 2 || got.Tickets != 1 || got.Compared != 2 || got.Agreed != 2 {
			t.Errorf("%+v", got)
		}
		c := got.Cases[0]
		if diff := cmp.Diff([]string{"Add work note", `Assign ticket: would fail. There is no group "Nobody" in the instance.`}, c.Also); diff != "" {
			t.Errorf("also (-want +got):\n%s", diff)
		}
		want := neo.Comparison{Field: "urgency", Before: neo.Value{Value: "3", Display: "3 - Low"}, Would: neo.Value{Value: "1", Display: "1 - High"},
			Became: neo.Value{Value: "1"}, Agreed: true}
		if diff := cmp.Diff([]neo.Comparison{want}, c.Changes); diff != "" {
			t.Errorf("changes (-want +got):\n%s", diff)
		}
		d.RunOnlyOncePerEntity = true
		if got := result(d); got.Events != 1 || len(got.Cases) != 1 {
			t.Errorf("once per ticket: %+v", got)
		}
		d.RunOnlyOncePerEntity, d.TriggerOnOwnChanges = false, true
		if got := result(d); got.Events != 3 || got.Tickets != 2 {
			t.Errorf("also by Neo's own changes: %+v", got)
		}
	})
}

// stuck is a store whose events take for ever, until the reading is ended.
type stuck struct {
	flow.TrialStore
	begun, ended chan struct{}
}

func (s stuck) RecordedEvents(ctx context.Context, _, _, _ string, _ neo.EventScan) ([]neo.Event, error) {
	close(s.begun)
	<-ctx.Done()
	close(s.ended)
	return nil, ctx.Err()
}

func TestBacktestIsCancelledByAnotherProcess(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.record(w.change(id(1), "category", "network", "beth"))
		s := stuck{w.store, make(chan struct{}), make(chan struct{})}
		working, other := w.trials(s), w.trials(w.store)
		b, err := working.StartBacktest(t.Context(), neo.DefaultTenant, "Ada", on("category", note), 1)
		w.must(err)
		<-s.begun
		cancelled, err := other.CancelBacktest(t.Context(), neo.DefaultTenant, b.ID)
		w.must(err)
		if cancelled.State != neo.BacktestCancelled {
			t.Errorf("%+v", cancelled)
		}
		<-s.ended
		if _, err := other.CancelBacktest(t.Context(), neo.DefaultTenant, b.ID); neo.CodeOf(err) != neo.CodeConflict {
			t.Errorf("cancelled twice: %v", err)
		}
		working.Stop()
		if b := w.ended(other, b.ID); b.State != neo.BacktestCancelled || b.Result != nil {
			t.Errorf("in the end %+v", b)
		}
	})
}

func TestBacktestIsInterrupted(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.record(w.change(id(1), "category", "network", "beth"))
		s := stuck{w.store, make(chan struct{}), make(chan struct{})}
		stopping := w.trials(s)
		b, err := stopping.StartBacktest(t.Context(), neo.DefaultTenant, "Ada", on("category", note), 1)
		w.must(err)
		<-s.begun
		stopping.Stop()
		if b := w.ended(stopping, b.ID); b.State != neo.BacktestFailed || !strings.Contains(b.Message, "interrupted") {
			t.Errorf("after a stop: %+v", b)
		}
		if _, err := stopping.StartBacktest(t.Context(), neo.DefaultTenant, "Ada", on("category", note), 1); neo.CodeOf(err) != neo.CodeUnavailable {
			t.Errorf("begun while stopping: %v", err)
		}

		// A process that was killed says nothing.
		lost := neo.Backtest{ID: neo.NewID(), TenantID: neo.DefaultTenant, State: neo.BacktestRunning, Definition: on("category", note), Days: 1,
			CreatedAt: w.clock(), UpdatedAt: w.clock()}
		w.must(w.store.AddBacktest(t.Context(), lost))
		trials := w.trials(w.store)
		w.pass(29 * time.Second)
		got, err := trials.Backtest(t.Context(), neo.DefaultTenant, lost.ID)
		w.must(err)
		if got.State != neo.BacktestRunning {
			t.Errorf("after 29 s: %+v", got)
		}
		w.pass(2 * time.Second)
		got, err = trials.Backtest(t.Context(), neo.DefaultTenant, lost.ID)
		w.must(err)
		if got.State != neo.BacktestFailed || !strings.Contains(got.Message, "Start it again") {
			t.Errorf("after 31 s: %+v", got)
		}
	})
}

func TestBacktestEndsWithTheTicketSystem(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.record(w.change(id(1), "category", "network", "beth"))
		trials := flow.NewTrials(flow.TrialOptions{Store: w.store, Now: w.clock, Log: slog.New(slog.DiscardHandler),
			Systems: func(context.Context, string) (flow.TicketSystem, error) {
				return nil, neo.Errorf(neo.CodeUnavailable, "The instance does not answer.")
			}})
		t.Cleanup(trials.Stop)
		b, err := trials.StartBacktest(t.Context(), neo.DefaultTenant, "Ada", on("category", spec(neo.ActionAssign, `{"group":"Network"}`)), 1)
		w.must(err)
		if b = w.ended(trials, b.ID); b.State != neo.BacktestFailed || b.Message != "The instance does not answer." {
			t.Errorf("%+v", b)
		}
	})
}

func TestShadowStatistics(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		plan := func(ticket string, write map[string]string, version int64) neo.Run {
			r := neo.Run{ID: neo.NewID(), TenantID: neo.DefaultTenant, WorkflowID: "w1", WorkflowVersion: 1, WorkflowName: "W", EventID: neo.NewID(),
				Ticket: ref(ticket), Number: "INC" + ticket, Outcome: neo.Success, CreatedAt: w.clock(), Shadow: true, Cause: neo.CauseEvent}
			s := neo.Step{ID: neo.NewID(), TenantID: r.TenantID, RunID: r.ID, Action: neo.ActionUpdateTicket, State: neo.StepPlanned, Ticket: r.Ticket,
				StepData: neo.StepData{Plan: neo.Plan{Write: neo.Write{Fields: write}}, BeforeVersion: version,
					Before: map[string]neo.Value{"urgency": {Value: "3"}, "impact": {Value: "3"}}}}
			w.must(w.store.InTx(t.Context(), func(tx neo.Tx) error {
				if _, err := w.store.InsertRuns(t.Context(), tx, []neo.Run{r}); err != nil {
					return err
				}
				return w.store.PutStep(t.Context(), tx, s)
			}))
			return r
		}
		for n, urgency := range map[int]string{1: "1", 2: "2", 3: "3"} {
			w.record(w.change(id(n), "urgency", urgency, "beth"))
		}
		same := plan(id(1), map[string]string{"urgency": "1"}, 0)
		differs := plan(id(2), map[string]string{"urgency": "1", "impact": "1"}, 0)
		plan(id(3), map[string]string{"urgency": "1"}, 1) // nobody has changed it since
		plan(id(1), map[string]string{}, 0)               // a note alone
		plan(id(1), map[string]string{"urgency": "3"}, 0) // as it was
		stats, err := w.trials(w.store).Shadow(t.Context(), neo.DefaultTenant, "w1")
		w.must(err)
		if stats.Cases != 2 || stats.Open != 1 || stats.Agreed != 1 || len(stats.Recent) != 2 {
			t.Fatalf("%+v", stats)
		}
		if c := stats.Recent[1]; c.RunID != same.ID || !c.Agreed() || c.Changes[0].Became.Value != "1" {
			t.Errorf("the same: %+v", c)
		}
		if c := stats.Recent[0]; c.RunID != differs.ID || c.Agreed() || len(c.Changes) != 2 || c.Changes[1].Became.Value != "2" {
			t.Errorf("another: %+v", c)
		}
	})
}

func TestDifferences(t *testing.T) {
	base := func() neo.Definition {
		return neo.Definition{
			Name: "Route", TriggerType: neo.Triggered, Changes: []neo.TargetChange{{ChangeType: neo.TicketCreated}},
			Conditions: &neo.Rule{Combinator: neo.And, Rules: []neo.Rule{
				{Field: "category", Operator: neo.OpEqual, Value: "network"}, {Field: "priority", Operator: neo.OpLess, Value: "3"}}},
			Actions: []neo.ActionSpec{spec(neo.ActionAssign, `{"group":"Network"}`), note, raise},
		}
	}
	for _, c := range []struct {
		name   string
		change func(d *neo.Definition)
		want   []string // path: text
	}{
		{"nothing", func(*neo.Definition) {}, nil},
		{"a name", func(d *neo.Definition) { d.Name = "Route all" }, []string{"name: Name: “Route” → “Route all”."}},
		{"switches", func(d *neo.Definition) { d.Shadow, d.DelaySeconds = true, 60 },
			[]string{"delay_seconds: Delay in seconds: 60 was added.", "shadow: Shadow mode: off → on."}},
		{"an action in between", func(d *neo.Definition) {
			d.Actions = slices.Insert(d.Actions, 1, spec(neo.ActionAddWorkNote, `{"text":"Hm."}`))
		},
			[]string{"actions[1]: Action 2 (Add work note) was added."}},
		{"an action less", func(d *neo.Definition) { d.Actions = d.Actions[1:] }, []string{"actions[0]: Action 1 (Assign ticket) was removed."}},
		{"another action", func(d *neo.Definition) { d.Actions[1] = spec(neo.ActionAssign, `{"group":"Hardware"}`) },
			[]string{"actions[1]: Action 2 (Add work note) was removed.", "actions[1]: Action 2 (Assign ticket) was added."}},
		{"a setting, after a new action", func(d *neo.Definition) {
			d.Actions[0] = spec(neo.ActionAssign, `{"group":"Hardware"}`)
			d.Actions = slices.Insert(d.Actions, 0, note)
		}, []string{"actions[0]: Action 1 (Add work note) was added.", "actions[1].config.group: Action 2 (Assign ticket), group: “Network” → “Hardware”."}},
		{"a rule", func(d *neo.Definition) { d.Conditions.Rules[1].Value = "2" },
			[]string{"conditions.rules[1].value: Conditions, rule 2, value: “3” → “2”."}},
		{"a rule more", func(d *neo.Definition) {
			d.Conditions.Rules = append([]neo.Rule{{Field: "state", Operator: neo.OpEqual, Value: "1"}}, d.Conditions.Rules...)
		}, []string{"conditions.rules[0]: Conditions, rule 1: state = 1 was added."}},
		{"a trigger", func(d *neo.Definition) {
			d.Changes = append(d.Changes, neo.TargetChange{ChangeType: neo.FieldUpdated, Field: "state"})
		},
			[]string{"target_changes[1]: Trigger: FIELD_UPDATED state was added."}},
		{"no conditions", func(d *neo.Definition) { d.Conditions = nil }, []string{
			`conditions: Conditions: {"combinator":"and","rules":[{"field":"category","operator":"=","value":"networ… was removed.`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			after := base()
			c.change(&after)
			var got []string
			for _, d := range flow.Differences(base(), after) {
				got = append(got, d.Path+": "+d.Text)
				if _, err := json.Marshal(d); err != nil {
					t.Error(err)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("differences (-want +got):\n%s", diff)
			}
		})
	}
}
