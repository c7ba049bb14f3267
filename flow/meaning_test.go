package flow_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/flow"
	"github.com/neoagent/neo/rules"
)

func leaf(field string, op neo.Operator, value string) neo.Rule {
	return neo.Rule{Field: field, Operator: op, Value: value}
}

// Comparisons that say something else than when they were saved are told, each with
// what it did and does.
func TestFault9Shifts(t *testing.T) {
	x := rules.Context{Dictionaries: map[string]*neo.Dictionary{"i": {Classes: map[neo.TicketClass]map[string]neo.FieldEntry{neo.Incident: {
		"u_people": {Type: neo.ListField}, "due_date": {Type: neo.TimeField}, "assigned_to": {Type: neo.ReferenceField}}}}}}
	for _, c := range []struct {
		rule neo.Rule
		want string // part of the sentence; "": it says what it said
	}{
		{leaf("u_seats", ">", "10,000"), `conditions (u_seats > "10,000") was compared by the alphabet; now it is compared as a number.`},
		{leaf("u_seats", ">", "10"), ""},
		{leaf("time_worked", ">", "4h"), "by the alphabet; now it is compared as a duration."},
		{leaf("due_date", "<", "24.12.2026"), "by the alphabet; now it is compared as a time."},
		{leaf("due_date", "<", "2026-12-24"), ""},
		{leaf("due_date", "<", "soon"), "was compared by the alphabet; now it holds for nothing. due_date is a time"},
		{leaf("u_a", "<", "alpha"), `now it holds for nothing. "alpha" has no order`},
		{leaf("due_date", "=", "2026-12-24"), "was compared as text, letter by letter; now it is compared as a time."},
		{leaf("due_date", "=", "soon"), "was compared as text; it still is. due_date is a time"},
		{leaf("u_cost", "in", "1, 12.5"), "letter by letter; now it is compared as a number."},
		{leaf("u_cost", "changedTo", "$5"), "letter by letter; now it is compared as an amount of money."},
		{leaf("priority", "in", "1, 2"), ""},
		{leaf("category", "=", "network "), "counted the blank at the end"},
		{leaf("category", "=", "network"), ""},
		{leaf("short_description", "=", "problem: printer jams"), "was taken for a value of one ticket type; now it is compared as text."},
		{leaf("state", "=", "problem:3"), ""},
		{leaf("short_description", "contains", ""), "held for every ticket; now it holds for nothing. There is no text"},
		{leaf("u_people", "contains", "Ann Lee"), "now it looks for an element of the list."},
		{leaf("u_people", "in", "Ann Lee"), "now it is compared with each element."},
		{leaf("assigned_to", "contains", "Ann Lee"), ""},
		{leaf("age", ">", "4h"), ""},
		{leaf("hour", "between", "8, 17"), ""},
	} {
		d := neo.Definition{Conditions: &c.rule}
		got := ""
		for _, s := range flow.Shifts(d, 0, x) {
			got += s.Sentence()
		}
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%+v: %q, want %q", c.rule, got, c.want)
		}
		for _, s := range flow.Shifts(d, neo.Meaning, x) {
			if !s.Futile {
				t.Errorf("%+v was saved as it is meant now: %s", c.rule, s.Sentence())
			}
		}
	}
	value := "12.50"
	group, err := json.Marshal(neo.Rule{Combinator: neo.And, Rules: []neo.Rule{leaf("u_a", "<", "alpha")}})
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, s := range flow.Shifts(neo.Definition{
		Changes:    []neo.TargetChange{{ChangeType: neo.FieldUpdated, Field: "u_cost", To: &value}, {ChangeType: neo.StateChanged, To: &value}},
		Conditions: &neo.Rule{Combinator: neo.Or, Rules: []neo.Rule{leaf("a", "null", ""), {Combinator: neo.And, Rules: []neo.Rule{leaf("u_a", ">", "b")}}}},
		Actions: []neo.ActionSpec{
			spec(neo.ActionContinueIf, `{"conditions":`+string(group)+`}`), spec(neo.ActionWait, `{"until_rule":`+string(group)+`,"for_minutes":5}`), spec(neo.ActionWait, `"`),
		},
	}, 0, x) {
		paths = append(paths, s.Path)
	}
	if diff := cmp.Diff([]string{"target_changes[0].target_value", "target_changes[1].target_value", "conditions.rules[1].rules[0]",
		"actions[0].config.conditions.rules[0]", "actions[1].config.until_rule.rules[0]"}, paths); diff != "" {
		t.Errorf("places (-want +got):\n%s", diff)
	}
}

// reviewed is a configuration and the alerts about it.
type reviewed struct {
	flow.Store
	config neo.Config
	alerts map[string]neo.Alert
}

func (r *reviewed) LoadConfig(context.Context, neo.Tx) (neo.Config, error) { return r.config, nil }

func (r *reviewed) Alerts(context.Context, string) (all []neo.Alert, err error) {
	for _, a := range r.alerts {
		all = append(all, a)
	}
	return all, nil
}

func (r *reviewed) RaiseAlert(_ context.Context, a neo.Alert) error {
	r.alerts[a.Key] = a
	return nil
}

func (r *reviewed) ResolveAlert(_ context.Context, _, key string, now time.Time) (bool, error) {
	a := r.alerts[key]
	a.ResolvedAt = now
	r.alerts[key] = a
	return true, nil
}

// A workflow that was saved before has one alert, which names it and the condition and
// ends when it is saved again; it goes on meanwhile.
func TestFault9StoredWorkflowsAreReviewed(t *testing.T) {
	workflow := func(id, name string, meaning int64, r neo.Rule) neo.Workflow {
		return neo.Workflow{ID: id, TenantID: neo.DefaultTenant, Enabled: true, Meaning: meaning, Definition: neo.Definition{
			Name: name, TriggerType: neo.Triggered, Changes: []neo.TargetChange{{ChangeType: neo.TicketCreated}}, Conditions: &r, Actions: []neo.ActionSpec{note}}}
	}
	store := &reviewed{alerts: map[string]neo.Alert{}, config: neo.Config{Epoch: 1, Integrations: []neo.Integration{{ID: "i", TenantID: neo.DefaultTenant}}, Workflows: []neo.Workflow{
		workflow("w1", "Many seats", 0, leaf("u_seats", ">", "10,000")), workflow("w2", "By name", 0, leaf("u_name", ">", "m")),
		workflow("w3", "New", neo.Meaning, leaf("u_seats", ">", "10,000")), workflow("w4", "Same", 0, leaf("priority", "=", "1")),
	}}}
	look := func() {
		t.Helper()
		store.config.Epoch++
		m, err := flow.NewMatcher(t.Context(), store, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		if err := flow.NewReview(m, store, time.Now, slog.New(slog.DiscardHandler)).Look(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	open := func() (found []string) {
		for _, id := range []string{"w1", "w2", "w3", "w4"} {
			if a, ok := store.alerts[neo.MeaningAlert(id)]; ok && a.ResolvedAt.IsZero() {
				found = append(found, string(a.Level)+": "+a.Title)
			}
		}
		return found
	}
	look()
	want := []string{"warning: “Many seats” compares otherwise than when it was saved", "problem: “By name” has a condition that cannot hold"}
	if diff := cmp.Diff(want, open()); diff != "" {
		t.Errorf("alerts (-want +got):\n%s", diff)
	}
	if m := store.alerts[neo.MeaningAlert("w1")].Message; !strings.HasPrefix(m, `conditions (u_seats > "10,000") was compared by the alphabet; now it is compared as a number.`) {
		t.Errorf("the alert says %q", m)
	}
	// Saved again; and the instance says that the list of seats is a text.
	store.config.Workflows[0].Meaning = neo.Meaning
	store.config.Workflows[1].Conditions.Value = "10"
	store.config.Dictionaries = map[string]*neo.Dictionary{"i": {Classes: map[neo.TicketClass]map[string]neo.FieldEntry{neo.Incident: {"priority": {Type: neo.BooleanField}}}}}
	store.config.Workflows[3].Conditions.Operator = neo.OpGreater
	look()
	if diff := cmp.Diff([]string{"problem: “Same” has a condition that cannot hold"}, open()); diff != "" {
		t.Errorf("alerts (-want +got):\n%s", diff)
	}
}
