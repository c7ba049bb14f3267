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
	got, err := Explain(w, e, Context{})
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
	rapid.Check(t, func(r *rapid.T) {
		w, e := anyWorkflow(r, "0"), anyEvent(r)
		c, err := Compile(w, Context{})
		if err != nil {
			r.Fatal(err)
		}
		got, err := Explain(w, e, Context{})
		if err != nil {
			r.Fatal(err)
		}
		open := got.BusinessHours == nil || got.BusinessHours.Holds
		want := got.Triggered && !got.OwnChange && open && (got.Conditions == nil || got.Conditions.Holds)
		if got.Matches != want || got.Matches != c.Matches(e) {
			r.Fatalf("explained as %+v, decided as %v", got, c.Matches(e))
		}
		if m := got.Conditions.Missing(); m != nil && (m.Holds || m.Combinator != "" || got.Conditions.Holds) {
			r.Fatalf("the reason %+v", m)
		}
		if !agrees(got.Conditions) {
			r.Fatalf("the comparisons do not give what the groups say: %+v", got.Conditions)
		}
	})
}

// agrees works the groups out from what is said about their comparisons.
func agrees(x *neo.RuleExplanation) bool {
	if x == nil || x.Combinator == "" {
		return true
	}
	holds := x.Combinator == neo.And
	for i := range x.Rules {
		if !agrees(&x.Rules[i]) {
			return false
		}
		if x.Rules[i].Holds != (x.Combinator == neo.And) {
			holds = x.Combinator != neo.And
		}
	}
	return x.Holds == (holds != x.Not)
}
