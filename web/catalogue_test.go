package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/neoagent/neo"
)

// dictionary is a ticket system's catalogue as a test writes it: class → name → field.
type dictionary struct {
	fields  map[neo.TicketClass][]neo.Field
	choices map[neo.TicketClass]map[string][]neo.Choice
	err     error
	asked   []string
}

func (d *dictionary) Fields(_ context.Context, class neo.TicketClass) ([]neo.Field, error) {
	return d.fields[class], d.err
}

func (d *dictionary) Choices(_ context.Context, class neo.TicketClass, field, query string, limit int) ([]neo.Choice, error) {
	d.asked = append(d.asked, fmt.Sprintf("%s %s %q %d", class, field, query, limit))
	return d.choices[class][field], d.err
}

func (d *dictionary) question(events ...neo.Event) *question {
	return &question{
		server: &Server{catalogue: newCatalogue(time.Now), log: slog.New(slog.DiscardHandler), options: Options{
			Catalogue: func(context.Context, string) (TicketCatalogue, error) { return d, nil },
		}},
		integration: neo.Integration{ID: "i"}, learnt: learn(events),
	}
}

func field(name string, kind neo.FieldType, classes ...neo.TicketClass) neo.Field {
	return neo.Field{Name: name, Label: strings.ToUpper(name[:1]) + name[1:], Type: kind, Classes: classes}
}

func shownFields(fields []neo.Field) string {
	var lines []string
	for _, f := range fields {
		line := fmt.Sprintf("%s %q %s %v", f.Name, f.Label, f.Type, f.Classes)
		if f.Custom {
			line += " custom"
		}
		if f.ReadOnly {
			line += " read-only"
		}
		if f.Reference != "" {
			line += " → " + f.Reference
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func incidentEvent(fields map[string]neo.Value) neo.Event {
	return neo.Event{Ticket: neo.TicketRef{Class: neo.Incident}, EventData: neo.EventData{Fields: fields}}
}

var ofTwoClasses = map[neo.TicketClass][]neo.Field{
	neo.Incident: {
		field("urgency", neo.ChoiceField), field("category", neo.ChoiceField), field("state", neo.ChoiceField),
		{Name: "u_cost", Label: "Cost", Type: neo.NumberField, Custom: true}, {Name: "number", Label: "Number", Type: neo.TextField, ReadOnly: true},
	},
	neo.ChangeRequest: {
		field("risk", neo.ChoiceField), field("state", neo.ChoiceField), field("urgency", neo.ChoiceField),
		{Name: "number", Label: "Number", Type: neo.TextField}, {Name: "cab", Label: "Cab", Type: neo.ReferenceField, Reference: "group"},
	},
}

func TestFields(t *testing.T) {
	seenCustom := incidentEvent(map[string]neo.Value{
		"u_cost": {Value: "7"}, "u_cost_center": {Value: "DE-7"}, "x_acme_tier": {Value: "1", Display: "Gold"}, "not_custom": {Value: "7"},
	})
	down := neo.Errorf(neo.CodeUnavailable, "The instance does not answer.")
	for name, c := range map[string]struct {
		d       *dictionary
		events  []neo.Event
		beside  []neo.TicketClass // nil: as classes
		classes []neo.TicketClass
		want    string
		warns   string
	}{
		"of two classes": {
			d: &dictionary{fields: ofTwoClasses}, classes: []neo.TicketClass{neo.Incident, neo.ChangeRequest},
			want: `number "Number" text [incident change_request]
state "State" choice [incident change_request]
urgency "Urgency" choice [incident change_request]
cab "Cab" reference [change_request] → group
category "Category" choice [incident]
risk "Risk" choice [change_request]
u_cost "Cost" number [incident] custom`,
		},
		"of one class, with what it shares with another first": {
			d: &dictionary{fields: ofTwoClasses}, beside: []neo.TicketClass{neo.Incident, neo.ChangeRequest}, classes: []neo.TicketClass{neo.Incident},
			want: `number "Number" text [incident] read-only
state "State" choice [incident]
urgency "Urgency" choice [incident]
category "Category" choice [incident]
u_cost "Cost" number [incident] custom`,
		},
		"with custom ones that only tickets show": {
			d: &dictionary{fields: map[neo.TicketClass][]neo.Field{neo.Incident: ofTwoClasses[neo.Incident][:4]}}, events: []neo.Event{seenCustom},
			classes: []neo.TicketClass{neo.Incident},
			want: `category "Category" choice [incident]
state "State" choice [incident]
urgency "Urgency" choice [incident]
u_cost "Cost" number [incident] custom
u_cost_center "Cost center" text [incident] custom
x_acme_tier "X acme tier" choice [incident] custom`,
		},
		"of tickets alone, when the instance is down": {
			d: &dictionary{err: down}, events: []neo.Event{seenCustom}, classes: []neo.TicketClass{neo.Incident},
			want: `not_custom "Not custom" number [incident]
u_cost "Cost" number [incident] custom
u_cost_center "Cost center" text [incident] custom
x_acme_tier "X acme tier" choice [incident] custom`,
			warns: "These are the fields that recent changes had; the ticket system did not tell those that there are. The instance does not answer.",
		},
		"of tickets alone, when the account may not see the dictionary": {
			d: &dictionary{}, events: []neo.Event{seenCustom}, classes: []neo.TicketClass{neo.Incident},
			want: `not_custom "Not custom" number [incident]
u_cost "Cost" number [incident] custom
u_cost_center "Cost center" text [incident] custom
x_acme_tier "X acme tier" choice [incident] custom`,
			warns: "account may not see",
		},
		"of nothing": {d: &dictionary{err: errors.New("secret detail")}, classes: neo.TicketClasses, warns: "Something went wrong inside Neo."},
		"of a class that cannot be asked, beside one that can, without a warning": {
			d: &dictionary{fields: map[neo.TicketClass][]neo.Field{neo.Incident: {field("state", neo.ChoiceField)}}}, beside: []neo.TicketClass{neo.Incident, neo.Problem},
			classes: []neo.TicketClass{neo.Incident}, want: `state "State" choice [incident]`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			q := c.d.question(c.events...)
			if c.beside == nil {
				c.beside = c.classes
			}
			for range 2 { // the second time it is remembered
				q.warnings = nil
				got := shownFields(ordered(q.fields(t.Context(), c.beside, c.classes), c.beside, c.classes))
				if got != c.want {
					t.Errorf("fields are\n%s\nwant\n%s", got, c.want)
				}
				if warns := strings.Join(q.warnings, "\n"); !strings.Contains(warns, c.warns) || (warns != "") != (c.warns != "") || len(q.warnings) > 1 {
					t.Errorf("warnings are %q, want %q", q.warnings, c.warns)
				}
			}
		})
	}
}

func TestChoices(t *testing.T) {
	choice := func(value, label string, class neo.TicketClass) neo.Choice {
		return neo.Choice{Value: value, Label: label, Class: class}
	}
	d := &dictionary{
		fields: map[neo.TicketClass][]neo.Field{
			neo.Incident:    {field("state", neo.ChoiceField), field("assigned_to", neo.ReferenceField), field("active", neo.BooleanField), field("stage", neo.ChoiceField), field("number", neo.TextField)},
			neo.Problem:     {field("state", neo.ChoiceField), field("assigned_to", neo.ReferenceField)},
			neo.CatalogTask: {field("state", neo.ChoiceField), field("stage", neo.ChoiceField)},
		},
		choices: map[neo.TicketClass]map[string][]neo.Choice{
			neo.Incident: {
				"state":       {choice("1", "New", ""), choice("3", "On Hold", ""), choice("7", "Closed", "")},
				"assigned_to": {choice("b1", "Beth Anglin", "")},
				"active":      {choice("true", "Yes", ""), choice("false", "No", "")},
				"stage":       {choice("1", "Begun", neo.Incident)},
			},
			neo.Problem:     {"state": {choice("1", "New", ""), choice("3", "Closed", "")}},
			neo.CatalogTask: {"state": {choice("3", "Closed", ""), choice("-5", "Pending", "")}, "stage": {choice("1", "Begun", neo.CatalogTask)}},
		},
	}
	seenState := incidentEvent(map[string]neo.Value{"state": {Value: "2", Display: "In Progress"}})
	older := incidentEvent(map[string]neo.Value{"state": {Value: "2", Display: "Active"}})
	other := incidentEvent(map[string]neo.Value{"state": {Value: "8", Display: "Canceled"}})
	for name, c := range map[string]struct {
		err     error
		classes []neo.TicketClass
		field   string
		query   string
		limit   int
		want    []neo.Choice
		asked   []string
		warns   string
	}{
		"of one class": {
			classes: []neo.TicketClass{neo.Incident}, field: "state", query: "o", limit: 50,
			want:  []neo.Choice{choice("1", "New", ""), choice("3", "On Hold", ""), choice("7", "Closed", "")},
			asked: []string{`incident state "o" 50`},
		},
		"that mean different things in different classes": {
			classes: []neo.TicketClass{neo.Incident, neo.Problem, neo.CatalogTask}, field: "state", limit: 50,
			want: []neo.Choice{choice("1", "New", ""), choice("3", "On Hold", neo.Incident), choice("7", "Closed", ""),
				choice("3", "Closed", neo.CatalogTask), choice("-5", "Pending", ""), choice("3", "Closed", neo.Problem)},
			asked: []string{`incident state "" 50`, `problem state "" 50`, `sc_task state "" 50`},
		},
		"at most as many as wanted": {
			classes: []neo.TicketClass{neo.Incident, neo.Problem}, field: "state", limit: 2,
			want:  []neo.Choice{choice("1", "New", ""), choice("3", "On Hold", neo.Incident)},
			asked: []string{`incident state "" 2`, `problem state "" 2`},
		},
		"that are records, asked for once": {
			classes: []neo.TicketClass{neo.Incident, neo.Problem}, field: "assigned_to", query: "beth", limit: 50,
			want: []neo.Choice{choice("b1", "Beth Anglin", "")}, asked: []string{`incident assigned_to "beth" 50`},
		},
		"yes or no": {classes: []neo.TicketClass{neo.Incident}, field: "active", limit: 50,
			want: []neo.Choice{choice("true", "Yes", ""), choice("false", "No", "")}, asked: []string{`incident active "" 50`}},
		"with classes from the ticket system": {classes: []neo.TicketClass{neo.Incident, neo.CatalogTask}, field: "stage", limit: 50,
			want: []neo.Choice{choice("1", "Begun", neo.Incident), choice("1", "Begun", neo.CatalogTask)}, asked: []string{`incident stage "" 50`, `sc_task stage "" 50`}},
		"of all classes": {classes: neo.TicketClasses, field: "stage", limit: 50,
			want: []neo.Choice{choice("1", "Begun", "")}, asked: []string{`incident stage "" 50`, `sc_task stage "" 50`}},
		"of a text":           {classes: []neo.TicketClass{neo.Incident}, field: "number", limit: 50, want: []neo.Choice{}},
		"of an unknown field": {classes: neo.TicketClasses, field: "nothing^ORDERBY", limit: 50, want: []neo.Choice{}},
		"of a class without the field": {classes: []neo.TicketClass{neo.ChangeRequest, neo.Problem}, field: "state", limit: 50,
			want: []neo.Choice{choice("1", "New", ""), choice("3", "Closed", "")}, asked: []string{`problem state "" 50`}},
		"of tickets alone": {
			err: neo.Errorf(neo.CodeRefused, "Users and Groups are Disabled."), classes: []neo.TicketClass{neo.Incident}, field: "state", query: "prog", limit: 50,
			want: []neo.Choice{choice("2", "In Progress", "")}, asked: []string{`incident state "prog" 50`},
			warns: "Users and Groups are Disabled.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			q := d.question(seenState, older, other)
			fields := q.fields(t.Context(), c.classes, nil)
			d.err, d.asked = c.err, nil
			defer func() { d.err = nil }()
			for range 2 { // the second time it is remembered
				if got := q.choices(t.Context(), fields, c.classes, c.field, c.query, c.limit); !slices.Equal(got, c.want) || got == nil {
					t.Errorf("choices are\n%v\nwant\n%v", got, c.want)
				}
			}
			slices.Sort(d.asked)
			if !slices.Equal(d.asked, c.asked) {
				t.Errorf("asked %q, want %q", d.asked, c.asked)
			}
			if warns := strings.Join(q.warnings, "\n"); !strings.Contains(warns, c.warns) || (warns != "") != (c.warns != "") {
				t.Errorf("warnings are %q, want %q", q.warnings, c.warns)
			}
		})
	}
}

func TestWhatIsLearntFromValues(t *testing.T) {
	value := func(all ...string) []neo.Value { // "value" or "value|label"
		var values []neo.Value
		for _, text := range all {
			v, label, _ := strings.Cut(text, "|")
			values = append(values, neo.Value{Value: v, Display: label})
		}
		return values
	}
	for name, c := range map[string]struct {
		values []neo.Value
		want   neo.FieldType
	}{
		"nothing":         {value("", ""), neo.TextField},
		"yes and no":      {value("true", "", "false"), neo.BooleanField},
		"times":           {value("2026-11-24 12:00:00|24.11.2026 13:00", "", "2026-01-01 00:00:00"), neo.TimeField},
		"numbers":         {value("1", "2.5", "-3"), neo.NumberField},
		"labelled":        {value("1|New", "-5|Pending"), neo.ChoiceField},
		"partly labelled": {value("1|New", "unusual"), neo.TextField},
		"records":         {value("6816f79cc0a8016401c5a33be04be441|Beth Anglin"), neo.ReferenceField},
		"sentences":       {value("Mail is down"), neo.TextField},
	} {
		var events []neo.Event
		for _, v := range c.values {
			events = append(events, incidentEvent(map[string]neo.Value{"field": v}))
		}
		if got := learn(events).fields(neo.Incident)[0].Type; got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	var many []neo.Event
	for n := range 10 * maxSeen {
		many = append(many, incidentEvent(map[string]neo.Value{"number": {Value: fmt.Sprint("INC", n)}}))
	}
	if n := len(learn(many)[neo.Incident]["number"].labels); n != maxSeen {
		t.Errorf("%d values of one field are kept", n)
	}
}

// The permission groups in the API's description are those that there are.
func TestPermissionGroupsAreDescribed(t *testing.T) {
	s, err := New(Options{Log: slog.New(slog.DiscardHandler), Live: NewLive(), Metrics: NewMetrics()})
	if err != nil {
		t.Fatal(err)
	}
	var want []any
	for _, g := range neo.PermissionGroups {
		want = append(want, string(g.Group))
	}
	if got := s.openapi.Components.Schemas.Map()["Permission"].Properties["group"].Enum; !slices.Equal(got, want) {
		t.Errorf("described are %v, want %v", got, want)
	}
}
