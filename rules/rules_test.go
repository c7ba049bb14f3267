package rules

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/neoagent/neo"
)

// vpn is the event that the tables ask about.
func vpn() *neo.Event {
	return &neo.Event{
		Type: neo.EntityUpdated, Ticket: neo.TicketRef{Class: neo.Incident}, ChangedBy: "beth.anglin",
		EventData: neo.EventData{
			Changes: []neo.FieldChange{
				{Field: "state", From: neo.Value{Value: "1", Display: "New"}, To: neo.Value{Value: "2", Display: "In Progress"}},
				{Field: "assigned_to", To: neo.Value{Value: "46d4", Display: "Beth Anglin"}},
			},
			Journal: []neo.JournalEntry{{Element: "comments", Text: "Still broken"}},
			Fields: map[string]neo.Value{
				"state": {Value: "2", Display: "In Progress"}, "priority": {Value: "1", Display: "1 - Critical"},
				"short_description": {Value: "VPN drops"}, "assignment_group": {}, "reassignment_count": {Value: "10"},
				"close_notes": {Value: "Zu kleine Größe"}, "opened_at": {Value: "2026-11-20 08:14:05"}, "assigned_to": {Value: "46d4", Display: "Beth Anglin"},
			},
		},
	}
}

func TestConditions(t *testing.T) {
	for _, c := range []struct {
		rule string
		want bool
	}{
		{`{"combinator":"and","rules":[]}`, true},
		{`{"combinator":"or","rules":[]}`, false},
		{`{"combinator":"and","not":true,"rules":[]}`, false},
		{`{"field":"priority","operator":"=","value":"1"}`, true},
		{`{"field":"priority","operator":"=","value":"1 - critical"}`, true},
		{`{"field":"priority","operator":"!=","value":"1 - Critical"}`, false},
		{`{"field":"priority","operator":"in","value":"2, 1"}`, true},
		{`{"field":"priority","operator":"notIn","value":"2, 3"}`, true},
		{`{"field":"short_description","operator":"contains","value":"vpn"}`, true},
		{`{"field":"short_description","operator":"doesNotContain","value":"VPN"}`, false},
		{`{"field":"short_description","operator":"beginsWith","value":"vpn d"}`, true},
		{`{"field":"short_description","operator":"endsWith","value":"DROPS"}`, true},
		{`{"field":"assigned_to","operator":"contains","value":"anglin"}`, true},
		{`{"field":"short_description","operator":"contains","value":""}`, false},
		{`{"field":"short_description","operator":"contains","value":"VPN drops often"}`, false},
		{`{"field":"close_notes","operator":"contains","value":"GRÖßE"}`, true},
		{`{"field":"close_notes","operator":"beginsWith","value":"zu"}`, true},
		{`{"field":"close_notes","operator":"endsWith","value":"Größe"}`, true},
		{`{"field":"assignment_group","operator":"null"}`, true},
		{`{"field":"no_such_field","operator":"null"}`, true},
		{`{"field":"assigned_to","operator":"notNull"}`, true},
		{`{"field":"reassignment_count","operator":">","value":"9"}`, true},
		{`{"field":"reassignment_count","operator":"<=","value":"9"}`, false},
		{`{"field":"reassignment_count","operator":">=","value":"10"}`, true},
		{`{"field":"opened_at","operator":"<","value":"2026-11-21 00:00:00"}`, true},
		{`{"field":"assignment_group","operator":"<","value":"5"}`, false},
		{`{"field":"state","operator":"changed"}`, true},
		{`{"field":"priority","operator":"changed"}`, false},
		{`{"field":"comments","operator":"changed"}`, true},
		{`{"field":"ticket_type","operator":"in","value":"incident,change_request"}`, true},
		{`{"field":"changed_by","operator":"=","value":"BETH.ANGLIN"}`, true},
		{`{"combinator":"and","rules":[{"field":"priority","operator":"=","value":"1"},{"combinator":"or","rules":[
			{"field":"state","operator":"=","value":"7"},{"combinator":"and","not":true,"rules":[{"field":"state","operator":"=","value":"6"}]}]}]}`, true},
	} {
		var rule neo.Rule
		if err := json.Unmarshal([]byte(c.rule), &rule); err != nil {
			t.Fatalf("%s: %v", c.rule, err)
		}
		w, err := Compile(workflow(neo.TargetChange{ChangeType: neo.FieldUpdated}, &rule), Context{})
		if err != nil {
			t.Errorf("%s: %v", c.rule, err)
			continue
		}
		if got := w.Matches(vpn()); got != c.want {
			t.Errorf("%s is %v, want %v", c.rule, got, c.want)
		}
	}
}

func workflow(c neo.TargetChange, rule *neo.Rule) *neo.Workflow {
	return &neo.Workflow{Definition: neo.Definition{TriggerType: neo.Triggered, Changes: []neo.TargetChange{c}, Conditions: rule}}
}

func TestTriggers(t *testing.T) {
	text := func(s string) *string { return &s }
	created := vpn()
	created.Type, created.Changes, created.Journal = neo.EntityCreated, nil, nil
	for _, c := range []struct {
		name   string
		change neo.TargetChange
		event  *neo.Event
		want   bool
	}{
		{"created", neo.TargetChange{ChangeType: neo.TicketCreated}, created, true},
		{"created, at an update", neo.TargetChange{ChangeType: neo.TicketCreated}, vpn(), false},
		{"any update", neo.TargetChange{ChangeType: neo.FieldUpdated}, vpn(), true},
		{"any update, at creation", neo.TargetChange{ChangeType: neo.FieldUpdated}, created, false},
		{"the field", neo.TargetChange{ChangeType: neo.FieldUpdated, Field: "state"}, vpn(), true},
		{"another field", neo.TargetChange{ChangeType: neo.FieldUpdated, Field: "priority"}, vpn(), false},
		{"from", neo.TargetChange{ChangeType: neo.FieldUpdated, Field: "state", From: text("1")}, vpn(), true},
		{"from another value", neo.TargetChange{ChangeType: neo.FieldUpdated, Field: "state", From: text("3")}, vpn(), false},
		{"to, as shown", neo.TargetChange{ChangeType: neo.FieldUpdated, Field: "state", To: text("in progress")}, vpn(), true},
		{"from empty", neo.TargetChange{ChangeType: neo.FieldUpdated, Field: "assigned_to", From: text("")}, vpn(), true},
		{"from and to", neo.TargetChange{ChangeType: neo.FieldUpdated, Field: "state", From: text("New"), To: text("6")}, vpn(), false},
		{"a journal", neo.TargetChange{ChangeType: neo.FieldUpdated, Field: "comments"}, vpn(), true},
		{"another journal", neo.TargetChange{ChangeType: neo.FieldUpdated, Field: "work_notes"}, vpn(), false},
	} {
		w, err := Compile(workflow(c.change, nil), Context{})
		if err != nil {
			t.Fatal(err)
		}
		if got := w.Matches(c.event); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
		if got := len(NewIndex([]*Compiled{w}).Match(c.event)) == 1; got != c.want {
			t.Errorf("%s: the index says %v, want %v", c.name, got, c.want)
		}
	}
}

func TestWhatIsWrongIsNamed(t *testing.T) {
	deep := strings.Repeat(`{"combinator":"and","rules":[`, 30) + `]}` + strings.Repeat(`]}`, 29)
	wide := `{"combinator":"or","rules":[` + strings.TrimSuffix(strings.Repeat(`{"field":"a","operator":"null"},`, 600), ",") + `]}`
	for _, c := range []struct{ rule, want string }{
		{`{"combinator":"xor","rules":[]}`, `"xor"`},
		{`{"field":"a","operator":"~"}`, `conditions.operator: "~" is not known`},
		{`{"combinator":"and","rules":[{"field":"a","operator":"~"}]}`, `conditions.rules[0].operator: "~"`},
		{`{"combinator":"and","rules":[{}]}`, "conditions.rules[0].field: There is neither"},
		{`{"combinator":"and","field":"a","operator":"=","rules":[]}`, "a group and a comparison at once"},
		{`{"rules":[{"field":"a","operator":"="}]}`, "no combinator"},
		{`{"field":"a","operator":"in","value":" , "}`, "at least one value"},
		{`{"field":"a","operator":"=","not":true}`, "opposite operator"},
		{`{"field":"a","operator":"=","value":"` + strings.Repeat("x", 5000) + `"}`, "4000 are allowed"},
		{deep, "nest deeper"},
		{wide, "more than 500"},
	} {
		var rule neo.Rule
		if err := json.Unmarshal([]byte(c.rule), &rule); err != nil {
			t.Fatal(err)
		}
		_, err := Compile(workflow(neo.TargetChange{ChangeType: neo.FieldUpdated}, &rule), Context{})
		if neo.CodeOf(err) != neo.CodeInvalid || !strings.Contains(neo.MessageOf(err), c.want) {
			t.Errorf("%.60s: %v, want %q", c.rule, err, c.want)
		}
	}
	for _, c := range []struct {
		change neo.TargetChange
		want   string
	}{
		{neo.TargetChange{ChangeType: "CREATE"}, "target_changes[0]"},
		{neo.TargetChange{ChangeType: neo.TicketCreated, Field: "state"}, "use conditions"},
		{neo.TargetChange{ChangeType: neo.FieldUpdated, To: new(string)}, "need a target_field"},
	} {
		if _, err := Compile(workflow(c.change, nil), Context{}); !strings.Contains(neo.MessageOf(err), c.want) {
			t.Errorf("%+v: %v, want %q", c.change, err, c.want)
		}
	}
}
