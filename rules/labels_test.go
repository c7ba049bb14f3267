package rules

import (
	"slices"
	"testing"

	"github.com/neoagent/neo"
)

// TestFault6Labels: a rule that names a label matches the stored value, in whatever
// language the person had who saved the ticket, and each instance by its own choices.
func TestFault6Labels(t *testing.T) {
	of := func(onHold string, labels map[string]string) *neo.Dictionary {
		return &neo.Dictionary{Classes: map[neo.TicketClass]map[string]neo.FieldEntry{
			neo.Incident: {"state": {Type: neo.ChoiceField, Choices: []neo.Choice{{Value: "1", Label: "New"}, {Value: onHold, Label: "On Hold"}}, Labels: labels}},
			neo.Problem:  {"state": {Type: neo.ChoiceField, Choices: []neo.Choice{{Value: "3", Label: "Assess"}}}},
		}}
	}
	x := Context{Settings: neo.DefaultSettings(), Dictionaries: map[string]*neo.Dictionary{"i": of("3", map[string]string{"Angehalten": "3"}), "j": of("30", nil), "k": nil}}
	for _, c := range []struct {
		name, integration string
		class             neo.TicketClass
		value             neo.Value
		wanted            string
		holds             bool
	}{
		{"fault 6: by an English user", "i", neo.Incident, neo.Value{Value: "3", Display: "On Hold"}, "On Hold", true},
		{"fault 6: by a German user", "i", neo.Incident, neo.Value{Value: "3", Display: "Angehalten"}, "On Hold", true},
		{"fault 6: by a French user, whose labels nobody knows", "i", neo.Incident, neo.Value{Value: "3", Display: "En attente"}, "on  hold", true},
		{"fault 6: a rule by a German user", "i", neo.Incident, neo.Value{Value: "3", Display: "On Hold"}, "Angehalten", true},
		{"fault 6: without a display", "i", neo.Incident, neo.Value{Value: "3"}, "On Hold", true},
		{"fault 6: another value", "i", neo.Incident, neo.Value{Value: "1", Display: "New"}, "On Hold", false},
		{"fault 6: the same value of another class", "i", neo.Problem, neo.Value{Value: "3", Display: "Assess"}, "On Hold", false},
		{"fault 6: of another instance", "j", neo.Incident, neo.Value{Value: "30", Display: "Angehalten"}, "On Hold", true},
		{"fault 6: the value of the other instance", "j", neo.Incident, neo.Value{Value: "3"}, "On Hold", false},
		{"fault 6: an instance that was not asked", "k", neo.Incident, neo.Value{Value: "3", Display: "On Hold"}, "On Hold", true},
		{"fault 6: a label that nobody has", "i", neo.Incident, neo.Value{Value: "3", Display: "On Hold"}, "Paused", false},
	} {
		e := holding("state", c.value)
		e.Ticket.IntegrationID, e.Ticket.Class = c.integration, c.class
		for _, r := range []struct {
			rule neo.Rule
			want bool
		}{
			{neo.Rule{Field: "state", Operator: neo.OpEqual, Value: c.wanted}, c.holds},
			{neo.Rule{Field: "state", Operator: neo.OpNotEqual, Value: c.wanted}, !c.holds},
			{neo.Rule{Field: "state", Operator: neo.OpIn, Value: "Nothing, " + c.wanted}, c.holds},
			{neo.Rule{Field: "state", Operator: neo.OpNotIn, Value: c.wanted}, !c.holds},
			{neo.Rule{Field: "state", Operator: neo.OpChangedTo, Value: c.wanted}, c.holds},
		} {
			if got := asked(t, workflow(neo.TargetChange{ChangeType: neo.FieldUpdated}, &r.rule), e, x); got != r.want {
				t.Errorf("%s: %s %q: %v", c.name, r.rule.Operator, c.wanted, got)
			}
		}
		for _, change := range []neo.TargetChange{{ChangeType: neo.StateChanged, To: &c.wanted}, {ChangeType: neo.FieldUpdated, Field: "state", To: &c.wanted}} {
			if got := asked(t, workflow(change, nil), e, x); got != c.holds {
				t.Errorf("%s: %s to %q: %v", c.name, change.ChangeType, c.wanted, got)
			}
		}
	}
}

func TestJoinList(t *testing.T) {
	for _, list := range [][]string{{"a"}, {"a", "b c"}, {"Software, licences", `say "x"`, "y"}} {
		if got := Values(&neo.Rule{Operator: neo.OpIn, Value: JoinList(list)}); !slices.Equal(got, list) {
			t.Errorf("%q became %q", list, got)
		}
	}
}
