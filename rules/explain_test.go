package rules

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/neoagent/neo"
)

func TestExplain(t *testing.T) {
	var rule neo.Rule
	err := json.Unmarshal([]byte(`{"combinator":"and","rules":[
		{"field":"ticket_type","operator":"=","value":"incident"},
		{"combinator":"or","not":true,"rules":[{"field":"priority","operator":"=","value":"9"}]},
		{"field":"state","operator":"=","value":"7"},
		{"field":"no_such","operator":"notNull"}]}`), &rule)
	if err != nil {
		t.Fatal(err)
	}
	w := workflow(neo.TargetChange{ChangeType: neo.TicketCreated}, &rule)
	w.Changes = append(w.Changes, neo.TargetChange{ChangeType: neo.FieldUpdated, Field: "state"})
	e := vpn()
	got, err := Explain(w, e)
	if err != nil {
		t.Fatal(err)
	}
	if !got.Triggered || got.Matches || got.Triggers[0].Happened || !got.Triggers[1].Happened {
		t.Errorf("the triggers: %+v", got)
	}
	holds := []bool{}
	for _, r := range got.Conditions.Rules {
		holds = append(holds, r.Holds)
	}
	if diff := cmp.Diff([]bool{true, true, false, false}, holds); diff != "" {
		t.Errorf("what holds (-want +got):\n%s", diff)
	}
	missing := got.Conditions.Missing()
	if missing == nil || missing.Field != "state" || missing.Wanted != "7" || missing.Found != e.Fields["state"] {
		t.Errorf("the reason is %+v", missing)
	}
}

// What is explained is what was decided.
func TestExplainAgrees(t *testing.T) {
	fields, values := []string{"state", "priority", "short_description", "ticket_type"}, []string{"1", "2", "incident", "vpn", ""}
	operators := []neo.Operator{neo.OpEqual, neo.OpNotEqual, neo.OpContains, neo.OpEmpty, neo.OpNotEmpty, neo.OpGreater, neo.OpChanged}
	var tree func(r *rapid.T, depth int) neo.Rule
	tree = func(r *rapid.T, depth int) neo.Rule {
		if depth == 0 || rapid.Bool().Draw(r, "leaf") {
			return neo.Rule{Field: rapid.SampledFrom(fields).Draw(r, "field"), Operator: rapid.SampledFrom(operators).Draw(r, "operator"),
				Value: rapid.SampledFrom(values).Draw(r, "value")}
		}
		group := neo.Rule{Combinator: rapid.SampledFrom([]neo.Combinator{neo.And, neo.Or}).Draw(r, "combinator"), Not: rapid.Bool().Draw(r, "not")}
		for range rapid.IntRange(0, 3).Draw(r, "rules") {
			group.Rules = append(group.Rules, tree(r, depth-1))
		}
		return group
	}
	rapid.Check(t, func(r *rapid.T) {
		rule := tree(r, 3)
		w := workflow(neo.TargetChange{ChangeType: neo.FieldUpdated}, &rule)
		c, err := Compile(w)
		if err != nil {
			r.Fatal(err)
		}
		e := vpn()
		got, err := Explain(w, e)
		if err != nil || got.Matches != c.Matches(e) || got.Matches != (got.Triggered && got.Conditions.Holds) {
			r.Fatalf("explained as %+v (%v), decided as %v", got, err, c.Matches(e))
		}
		if m := got.Conditions.Missing(); m != nil && (m.Holds || m.Combinator != "" || got.Conditions.Holds) {
			r.Fatalf("the reason %+v", m)
		}
	})
}
