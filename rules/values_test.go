package rules

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/neoagent/neo"
)

// known is the context of an instance that says what one field of incidents is.
func known(field string, entry neo.FieldEntry) Context {
	x := Context{Settings: neo.Settings{TimeZone: "Europe/Berlin"}}
	if entry.Type != "" {
		x.Dictionaries = map[string]*neo.Dictionary{"i": {Classes: map[neo.TicketClass]map[string]neo.FieldEntry{neo.Incident: {field: entry}}}}
	}
	return x
}

// holding is an event of an incident with one field, on a Tuesday at 10:00 in Berlin.
func holding(field string, v neo.Value) *neo.Event {
	return &neo.Event{Type: neo.EntityUpdated, Ticket: neo.TicketRef{IntegrationID: "i", Class: neo.Incident}, ChangedAt: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC),
		EventData: neo.EventData{Fields: map[string]neo.Value{field: v}, Changes: []neo.FieldChange{{Field: field, From: neo.Value{Value: "-"}, To: v}}}}
}

// asked is what every way of asking answers, which must be one answer.
func asked(t *testing.T, w *neo.Workflow, e *neo.Event, x Context) bool {
	t.Helper()
	c, err := Compile(w, x)
	if err != nil {
		t.Fatal(err)
	}
	holds := c.Matches(e)
	filler := workflow(neo.TargetChange{ChangeType: neo.FieldUpdated}, &neo.Rule{Field: "u_other", Operator: neo.OpEqual, Value: "no"})
	all := []*Compiled{c}
	for range few + 1 { // so many that they are filed
		other, err := Compile(filler, x)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, other)
	}
	if found := len(NewIndex(all).Match(e)) == 1; found != holds {
		t.Errorf("asked %v, found by the index %v", holds, found)
	}
	if x, err := Explain(w, e, x); err != nil || x.Matches != holds {
		t.Errorf("asked %v, explained %v (%v)", holds, x.Matches, err)
	}
	return holds
}

// Values are compared as what they are: where the instance says it, and where they are
// taken for what they look like.
func TestValues(t *testing.T) {
	const unsaid = neo.FieldType("")
	type value = neo.Value
	for _, c := range []struct {
		name  string
		of    neo.FieldType
		field string
		op    neo.Operator
		want  string
		value neo.Value
		holds bool
	}{
		// Fault 9: order.
		{"fault 9: thousands", unsaid, "u_seats", ">", "10,000", value{Value: "2000"}, false},
		{"fault 9: thousands", unsaid, "u_seats", ">", "10,000", value{Value: "20000"}, true},
		{"fault 9: thousands, a number", neo.NumberField, "u_seats", "<=", "10.000,5", value{Value: "10000.5"}, true},
		{"fault 9: thousands by blanks", neo.NumberField, "u_seats", "<", "10 000", value{Value: "9999"}, true},
		{"fault 9: more digits than a float has", unsaid, "u_seats", ">", "9007199254740992", value{Value: "9007199254740993"}, true},
		{"fault 9: negative", unsaid, "u_seats", "<", "-2", value{Value: "-10"}, true},
		{"fault 9: zero", unsaid, "u_seats", ">=", "-0", value{Value: "0.00"}, true},
		{"fault 9: percent", unsaid, "u_done", "<", "10%", value{Value: "9"}, true},
		{"fault 9: percent of both", unsaid, "u_done", "<", "10%", value{Value: "9.5 %"}, true},
		{"fault 9: percent", unsaid, "u_done", "<", "10%", value{Value: "90"}, false},
		{"fault 9: dollars", unsaid, "u_cost", ">", "$500", value{Value: "USD;90.00", Display: "$90.00"}, false},
		{"fault 9: dollars", unsaid, "u_cost", ">", "$500", value{Value: "USD;1090.00"}, true},
		{"fault 9: dollars of Australia", unsaid, "u_cost", ">", "$500", value{Value: "AUD;1090.00"}, true},
		{"fault 9: dollars against euros", unsaid, "u_cost", ">", "$500", value{Value: "EUR;1090.00"}, false},
		{"fault 9: dollars against euros", unsaid, "u_cost", "<", "$500", value{Value: "EUR;1090.00"}, false},
		{"fault 9: euros", neo.CurrencyField, "u_cost", "<", "1.090,50 €", value{Value: "EUR;1090.00"}, true},
		{"fault 9: an amount without a currency", neo.CurrencyField, "u_cost", ">=", "90", value{Value: "USD;90.00"}, true},
		{"fault 9: stored amounts", unsaid, "u_cost", "between", "USD;90.00, USD;100", value{Value: "USD;95"}, true},
		{"fault 9: worked", unsaid, "time_worked", ">", "4h", value{Value: "1970-01-01 05:00:00"}, true},
		{"fault 9: worked", unsaid, "time_worked", ">", "4h", value{Value: "1970-01-01 01:00:00"}, false},
		{"fault 9: worked for days", neo.DurationField, "u_worked", ">=", "1d 2h", value{Value: "1970-01-02 02:00:00"}, true},
		{"fault 9: worked not at all", neo.DurationField, "u_worked", ">", "0m", value{Value: "1970-01-01 00:00:00"}, false},
		{"fault 9: a duration as it is stored", neo.DurationField, "u_worked", ">", "1970-01-01 04:00:00", value{Value: "1970-01-01 05:00:00"}, true},
		{"fault 9: between spans", unsaid, "time_worked", "between", "30m, 1h", value{Value: "1970-01-01 00:45:00"}, true},
		{"fault 9: between spans", unsaid, "time_worked", "between", "30m, 1h", value{Value: "1970-01-01 04:05:00"}, false},
		{"fault 9: a span is no time", unsaid, "u_at", ">", "4h", value{Value: "2026-11-24 09:00:00"}, false},
		{"fault 9: now", unsaid, "due_date", "<", "now", value{Value: "2027-11-24 09:00:00"}, false},
		{"fault 9: now", unsaid, "due_date", "<", "now", value{Value: "2026-11-24 08:59:59"}, true},
		{"fault 9: the day first", unsaid, "due_date", "<", "24.12.2026", value{Value: "2026-11-24 09:00:00"}, true},
		{"fault 9: the day first", unsaid, "due_date", "<", "24.12.2026", value{Value: "2027-11-24 09:00:00"}, false},
		{"fault 9: the day first, its last hour in Berlin", neo.TimeField, "due_date", "<=", "24.12.2026", value{Value: "2026-12-24 22:59:59"}, true},
		{"fault 9: the day first, the next day in Berlin", neo.TimeField, "due_date", ">", "24.12.2026", value{Value: "2026-12-24 23:00:00"}, true},
		{"fault 9: day and time", neo.TimeField, "due_date", ">", "24.11.2026 09:30", value{Value: "2026-11-24 08:31:00"}, true},
		{"fault 9: today", neo.TimeField, "due_date", ">", "today", value{Value: "2026-11-24 22:59:59"}, false},
		{"fault 9: tomorrow", neo.DateField, "u_day", ">=", "tomorrow", value{Value: "2026-11-25"}, true},
		{"fault 9: a day that is not over is not before now", neo.DateField, "u_day", "<", "now", value{Value: "2026-11-24"}, false},
		{"fault 9: a day that is over", neo.DateField, "u_day", "before", "now", value{Value: "2026-11-23"}, true},
		{"fault 9: no order between texts", unsaid, "u_a", ">", "alpha", value{Value: "beta"}, false},
		{"fault 9: nor the other way", unsaid, "u_a", "<", "alpha", value{Value: "beta"}, false},
		{"fault 9: a number and a text", unsaid, "u_a", ">", "5", value{Value: "beta"}, false},
		{"fault 9: an identifier is no number", unsaid, "u_a", ">", "5", value{Value: "0042"}, false},
		{"fault 9: an exponent is no number", unsaid, "u_a", ">", "5", value{Value: "1E3"}, false},
		{"fault 9: the number of a choice", neo.ChoiceField, "priority", "<=", "2", value{Value: "2", Display: "2 - High"}, true},
		{"fault 9: a text that somebody added holds numbers", neo.TextField, "u_seats", ">", "10,000", value{Value: "20000"}, true},

		// Fault 10: equality.
		{"fault 10: decimals", unsaid, "u_cost", "=", "12.5", value{Value: "12.50"}, true},
		{"fault 10: decimals", neo.NumberField, "u_cost", "in", "1, 12.5", value{Value: "12.50"}, true},
		{"fault 10: decimals", unsaid, "u_cost", "!=", "12.5", value{Value: "12.50"}, false},
		{"fault 10: decimals", unsaid, "u_cost", "notIn", "12.5", value{Value: "12.50"}, false},
		{"fault 10: decimals", unsaid, "u_cost", "changedTo", "12.5", value{Value: "12.50"}, true},
		{"fault 10: a text", neo.TextField, "u_version", "=", "1.1", value{Value: "1.10"}, false},
		{"fault 10: zeros in front", unsaid, "u_cost_centre", "=", "42", value{Value: "0042"}, false},
		{"fault 10: an exponent", unsaid, "u_cost_centre", "=", "42", value{Value: "4.2E1"}, false},
		{"fault 10: money", neo.CurrencyField, "u_cost", "=", "90", value{Value: "USD;90.00"}, true},
		{"fault 10: money with its currency", unsaid, "u_cost", "=", "$90", value{Value: "USD;90.00"}, true},
		{"fault 10: another currency", neo.CurrencyField, "u_cost", "=", "90 EUR", value{Value: "USD;90.00"}, false},
		{"fault 10: a day", unsaid, "opened_at", "=", "2026-11-24", value{Value: "2026-11-24 09:00:00"}, true},
		{"fault 10: a day in Berlin", neo.TimeField, "opened_at", "=", "2026-11-24", value{Value: "2026-11-23 23:00:00"}, true},
		{"fault 10: another day in Berlin", neo.TimeField, "opened_at", "=", "2026-11-24", value{Value: "2026-11-24 23:00:00", Display: "2026-11-24"}, false},
		{"fault 10: not that day", unsaid, "opened_at", "!=", "2026-11-24", value{Value: "2026-11-24 09:00:00"}, false},
		{"fault 10: one of days", unsaid, "opened_at", "in", "2026-11-23, 24.11.2026", value{Value: "2026-11-24 09:00:00"}, true},
		{"fault 10: changed to a day", unsaid, "opened_at", "changedTo", "today", value{Value: "2026-11-24 09:00:00"}, true},
		{"fault 10: a minute", neo.TimeField, "opened_at", "=", "2026-11-24 09:00", value{Value: "2026-11-24 09:00:59"}, true},
		{"fault 10: another zone", neo.TimeField, "opened_at", "=", "2026-11-24T10:00:00+01:00", value{Value: "2026-11-24 09:00:00"}, true},
		{"fault 10: a day is that day in every zone", neo.DateField, "u_day", "=", "24.11.2026", value{Value: "2026-11-24"}, true},
		{"fault 10: a span", unsaid, "time_worked", "=", "90m", value{Value: "1970-01-01 01:30:00"}, true},
		{"fault 10: true", neo.BooleanField, "u_vip", "=", "Yes", value{Value: "true", Display: "wahr"}, true},
		{"fault 10: true as it is shown", neo.BooleanField, "u_vip", "=", "false", value{Value: "1"}, false},
		{"fault 10: empty", neo.TimeField, "due_date", "=", "", value{}, true},
		{"fault 10: the word now in a text", neo.TextField, "short_description", "=", "now", value{Value: "Now"}, true},

		// Fault 11: letters and blanks.
		{"fault 11: a decomposed letter", unsaid, "short_description", "contains", "B\u00fcro", value{Value: "Zugang Bu\u0308ro defekt"}, true},
		{"fault 11: a decomposed letter in the rule", unsaid, "short_description", "=", "Bu\u0308ro", value{Value: "BÜRO"}, true},
		{"fault 11: begins", unsaid, "short_description", "beginsWith", "bu\u0308", value{Value: "Büro"}, true},
		{"fault 11: ends", unsaid, "short_description", "endsWith", "ΟΔΟΣ", value{Value: "η οδος"}, true},
		{"fault 11: any", unsaid, "short_description", "containsAny", "grösse, x", value{Value: "Kleine GRO\u0308ßE"}, true},
		{"fault 11: all", unsaid, "short_description", "containsAll", "büro, defekt", value{Value: "Bu\u0308ro\u00a0defekt"}, true},
		{"fault 11: an expression", unsaid, "short_description", "matches", `^b\wro\s\w+$`, value{Value: "B\u006fro\u00a0defekt"}, true},
		{"fault 11: an expression with a composed letter", unsaid, "short_description", "matches", "^Büro$", value{Value: "Bu\u0308ro"}, true},
		{"fault 11: no-break space", unsaid, "assignment_group", "=", "Service Desk", value{Value: "x", Display: "Service\u00a0Desk"}, true},
		{"fault 11: a trailing blank", unsaid, "category", "=", "network ", value{Value: "network"}, true},
		{"fault 11: a trailing blank of the ticket", unsaid, "category", "=", "network", value{Value: "network\u00a0"}, true},
		{"fault 11: a trailing blank, another", unsaid, "category", "!=", "network ", value{Value: "network"}, false},
		{"fault 11: changed to, with a blank", unsaid, "category", "changedTo", " network", value{Value: "network"}, true},
		{"fault 11: contains with a blank at the end", unsaid, "category", "contains", "network ", value{Value: "network"}, true},
		{"fault 11: a word", unsaid, "short_description", "contains", " it ", value{Value: "Ask IT"}, true},
		{"fault 11: part of another word", unsaid, "short_description", "contains", " it ", value{Value: "With title"}, false},
		{"fault 11: begins with a word", unsaid, "short_description", "beginsWith", "VPN ", value{Value: "VPNs"}, false},
		{"fault 11: only blanks are empty", unsaid, "category", "null", "", value{Value: " \u00a0"}, true},

		// Fault 12: classes, empty texts, lists.
		{"fault 12: a text like a class", unsaid, "short_description", "=", "problem: printer jams", value{Value: "problem: printer jams"}, true},
		{"fault 12: a text like a class, added", unsaid, "u_note", "=", "problem:printer", value{Value: "Problem:Printer"}, true},
		{"fault 12: another state", unsaid, "state", "=", "problem:3", value{Value: "3"}, false},
		{"fault 12: the state", neo.ChoiceField, "state", "=", "incident:3", value{Value: "3"}, true},
		{"fault 12: contains nothing", unsaid, "short_description", "contains", "", value{Value: "x"}, false},
		{"fault 12: contains a blank", unsaid, "short_description", "contains", "\u00a0 ", value{Value: "x y"}, false},
		{"fault 12: does not contain nothing", unsaid, "short_description", "doesNotContain", "", value{Value: "x"}, false},
		{"fault 12: begins with nothing", unsaid, "short_description", "beginsWith", " ", value{Value: "x"}, false},
		{"fault 12: ends with nothing", unsaid, "short_description", "endsWith", "", value{Value: "x"}, false},
		{"fault 12: contains any, one of them nothing", unsaid, "short_description", "containsAny", `vpn, ""`, value{Value: "vpn"}, false},
		{"fault 12: a list", unsaid, "watch_list", "contains", "Ann Lee", value{Value: "Joann Lee, Bob Ray"}, false},
		{"fault 12: a list by names", unsaid, "watch_list", "contains", "ann  lee", value{Value: "a1,b2", Display: "Bob Ray, Ann Lee"}, false},
		{"fault 12: a list by names", unsaid, "watch_list", "contains", "ANN LEE", value{Value: "a1,b2", Display: "Bob Ray, Ann Lee"}, true},
		{"fault 12: a list by ids", neo.ListField, "u_people", "contains", "b2", value{Value: "a1,b2", Display: "Bob Ray, Ann Lee"}, true},
		{"fault 12: part of an id", neo.ListField, "u_people", "contains", "b", value{Value: "a1,b2", Display: "Bob Ray, Ann Lee"}, false},
		{"fault 12: not in a list", neo.ListField, "u_people", "doesNotContain", "Ann Lee", value{Value: "a1", Display: "Joann Lee"}, true},
		{"fault 12: any of a list", neo.ListField, "u_people", "containsAny", "Ann Lee, Cy Fox", value{Value: "a1,b2", Display: "Joann Lee, Cy Fox"}, true},
		{"fault 12: all of a list", neo.ListField, "u_people", "containsAll", "Ann Lee, Cy Fox", value{Value: "a1,b2", Display: "Joann Lee, Cy Fox"}, false},
		{"fault 12: a name with a comma", neo.ListField, "u_people", "contains", "Lee, Ann", value{Value: "a1,b2", Display: "Ray, Bob, Lee, Ann"}, true},
		{"fault 12: one of a list", neo.ListField, "u_people", "in", "Ann Lee, Cy Fox", value{Value: "a1,b2", Display: "Joann Lee, Cy Fox"}, true},
		{"fault 12: none of a list", neo.ListField, "u_people", "notIn", "Ann Lee", value{Value: "a1,b2", Display: "Joann Lee, Cy Fox"}, true},
		{"fault 12: the list, in any order", neo.ListField, "u_people", "=", "Cy Fox, Ann Lee", value{Value: "a1,b2", Display: "Ann Lee, Cy Fox"}, true},
		{"fault 12: another list", neo.ListField, "u_people", "=", "Ann Lee", value{Value: "a1,b2", Display: "Ann Lee, Cy Fox"}, false},
		{"fault 12: a text with commas is no list", unsaid, "u_note", "contains", "Ann Lee", value{Value: "Joann Lee, Bob"}, true},

		// Fault 15: what could not be said.
		{"fault 15: due within the next hours", unsaid, "due_date", "withinNext", "4h", value{Value: "2026-11-24 12:59:00"}, true},
		{"fault 15: due now", unsaid, "due_date", "withinNext", "4h", value{Value: "2026-11-24 09:00:00"}, true},
		{"fault 15: due later", unsaid, "due_date", "withinNext", "4h", value{Value: "2026-11-24 13:01:00"}, false},
		{"fault 15: overdue is not due next", unsaid, "due_date", "withinNext", "4h", value{Value: "2026-11-24 08:59:00"}, false},
		{"fault 15: not due next", unsaid, "due_date", "notWithinNext", "4h", value{Value: "2026-11-24 13:01:00"}, true},
		{"fault 15: without a time", unsaid, "due_date", "notWithinNext", "4h", value{}, false},
		{"fault 15: due today", neo.DateField, "u_day", "withinNext", "4h", value{Value: "2026-11-24"}, true},
		{"fault 15: due yesterday", neo.DateField, "u_day", "withinNext", "4h", value{Value: "2026-11-23"}, false},
		{"fault 15: overdue", unsaid, "due_date", "before", "now", value{Value: "2026-11-24 08:59:59"}, true},
		{"fault 15: overdue", neo.TimeField, "due_date", "before", "now", value{Value: "2026-11-24 09:00:01"}, false},
		{"fault 15: to come", neo.TimeField, "due_date", "after", "Now ", value{Value: "2026-11-24 09:00:01"}, true},
		{"fault 15: at night", unsaid, "hour", "between", "22, 6", value{}, false},
		{"fault 15: by day", unsaid, "hour", "notBetween", "22, 6", value{}, true},
		{"fault 15: from evening to now", unsaid, "hour", "between", "22, 10", value{}, true},
	} {
		name := fmt.Sprintf("%s/%s %s %q/%s %q", c.name, c.field, c.op, c.want, c.of, c.value.String())
		t.Run(name, func(t *testing.T) {
			x := known(c.field, neo.FieldEntry{Type: c.of})
			rule := &neo.Rule{Field: c.field, Operator: c.op, Value: c.want}
			w := workflow(neo.TargetChange{ChangeType: neo.FieldUpdated}, rule)
			if got := asked(t, w, holding(c.field, c.value), x); got != c.holds {
				t.Errorf("it is %v", got)
			}
			holds, err := CompileRule(rule, x, func(string) (neo.Value, bool) { return neo.Value{}, false })
			if err != nil || holds(holding(c.field, c.value)) != c.holds {
				t.Errorf("as the rule of a step it is %v (%v)", !c.holds, err)
			}
			if c.op == neo.OpEqual || c.op == neo.OpChangedTo {
				to := neo.TargetChange{ChangeType: neo.FieldUpdated, Field: c.field, To: &c.want}
				if got := asked(t, workflow(to, nil), holding(c.field, c.value), x); got != c.holds {
					t.Errorf("as target_value it is %v", got)
				}
			}
		})
	}
}

// Where instances disagree about a field, each ticket's own counts.
func TestFault9TypesThatDiffer(t *testing.T) {
	x := Context{Dictionaries: map[string]*neo.Dictionary{
		"i": {Classes: map[neo.TicketClass]map[string]neo.FieldEntry{neo.Incident: {"u_size": {Type: neo.NumberField}}, neo.Problem: {"u_size": {Type: neo.ReferenceField}}}},
		"j": {Classes: map[neo.TicketClass]map[string]neo.FieldEntry{neo.Incident: {"u_size": {Type: neo.DurationField}}}},
		"k": nil,
	}}
	at := func(integration string, class neo.TicketClass, v string) *neo.Event {
		e := holding("u_size", neo.Value{Value: v})
		e.Ticket.IntegrationID, e.Ticket.Class = integration, class
		return e
	}
	for _, c := range []struct {
		op    neo.Operator
		want  string
		event *neo.Event
		holds bool
	}{
		{neo.OpGreater, "9", at("i", neo.Incident, "10"), true},
		{neo.OpGreater, "9", at("i", neo.Problem, "10"), false},
		{neo.OpGreater, "9", at("j", neo.Incident, "10"), false},
		{neo.OpGreater, "4h", at("j", neo.Incident, "1970-01-01 05:00:00"), true},
		{neo.OpEqual, "10.0", at("i", neo.Incident, "10"), true},
		{neo.OpEqual, "10.0", at("i", neo.Problem, "10"), false},
		{neo.OpEqual, "5h", at("j", neo.Incident, "1970-01-01 05:00:00"), true},
	} {
		rule := &neo.Rule{Field: "u_size", Operator: c.op, Value: c.want}
		if got := asked(t, workflow(neo.TargetChange{ChangeType: neo.FieldUpdated}, rule), c.event, x); got != c.holds {
			t.Errorf("%s %q on %+v: %v", c.op, c.want, c.event.Ticket, got)
		}
		if m := CheckRule(rule, "", x); len(m) > 0 {
			t.Errorf("%s %q fits somewhere: %v", c.op, c.want, m)
		}
	}
}

// What cannot be compared is a mistake when it is saved, with the field's type; what
// was saved before is understood and starts nothing.
func TestFault9WhatCannotBeComparedIsAMistake(t *testing.T) {
	for _, c := range []struct {
		of    neo.FieldType
		field string
		op    neo.Operator
		value string
		want  string // of the message; "": it is right
	}{
		{"", "u_a", "<", "alpha", `value: "alpha" has no order`},
		{"", "u_a", "between", "alpha, beta", `value: "alpha" has no order`},
		{"", "u_a", "between", "1, 2026-11-24", "cannot be compared with one another"},
		{"", "u_a", "between", "$5, 7 EUR", "cannot be compared with one another"},
		{"", "u_a", "between", `"10,000", "9,000"`, `"10,000" is more than "9,000"`},
		{"", "u_a", "between", "1h, 30m", `"1h" is more than "30m"`},
		{"", "u_a", "between", "tomorrow, today", `"tomorrow" is more than "today"`},
		{"", "u_a", "between", "30m, 1h", ""},
		{"", "u_a", "between", "2026-11-24, now", ""},
		{"", "u_a", "<", "", `value: "" has no order`},
		{"", "u_a", "<", "24/12/2026", "has no order"},
		{"", "u_a", "<", "0042", "has no order"},
		{"", "comments", ">", "5", "operator: comments is a journal: \">\" does not fit"},
		{neo.TextField, "short_description", ">", "a", `operator: short_description is text: ">" does not fit; use one of =, !=`},
		{neo.TextField, "short_description", ">", "5", `operator: short_description is text`},
		{neo.TextField, "short_description", "withinLast", "7d", `operator: short_description is text`},
		{neo.TextField, "u_seats", ">", "5", ""},
		{neo.TextField, "u_seats", ">", "many", `value: "many" has no order`},
		{neo.ReferenceField, "assigned_to", "<", "5", "operator: assigned_to is a reference"},
		{neo.ListField, "u_people", "<", "5", "operator: u_people is a list"},
		{neo.BooleanField, "active", ">", "1", "operator: active is true or false"},
		{neo.BooleanField, "active", "=", "maybe", `value: active is true or false: "maybe" does not fit; use true or false.`},
		{neo.BooleanField, "active", "=", "", ""},
		{neo.NumberField, "u_seats", ">", "4h", `value: u_seats is a number: "4h" does not fit; use a number`},
		{neo.NumberField, "u_seats", ">", "$4", `value: u_seats is a number: "$4" does not fit`},
		{neo.NumberField, "u_seats", "=", "many", `value: u_seats is a number: "many" does not fit`},
		{neo.NumberField, "u_seats", "in", "1, many", `value: u_seats is a number: "many" does not fit`},
		{neo.NumberField, "u_seats", "before", "now", "operator: u_seats is a number"},
		{neo.CurrencyField, "u_cost", ">", "4h", "value: u_cost is an amount of money"},
		{neo.CurrencyField, "u_cost", ">", "1,234.50 EUR", ""},
		{neo.TimeField, "due_date", ">", "4h", `value: due_date is a time: "4h" does not fit; use 2026-11-24`},
		{neo.TimeField, "due_date", "=", "soon", `value: due_date is a time: "soon" does not fit`},
		{neo.TimeField, "due_date", "changedTo", "soon", `value: due_date is a time: "soon" does not fit`},
		{neo.TimeField, "due_date", "changedTo", "", ""},
		{neo.DateField, "u_day", "<", "5", `value: u_day is a day: "5" does not fit`},
		{neo.DurationField, "time_worked", ">", "4", `value: time_worked is a duration: "4" does not fit; use 30m, 4h or 7d.`},
		{neo.ChoiceField, "priority", "<", "high", `value: priority is a choice: "high" does not fit; use the number`},
		{neo.TextField, "short_description", "contains", "", "value: There is no text to look for"},
		{neo.TextField, "short_description", "doesNotContain", " ", "value: There is no text to look for"},
		{neo.TextField, "short_description", "beginsWith", "", "value: There is no text to look for"},
		{neo.TextField, "short_description", "endsWith", "\u200b", "value: There is no text to look for"},
		{neo.TextField, "short_description", "containsAll", `a, ""`, "value: There is no text to look for"},
		{neo.TextField, "short_description", "containsAny", "a, ", ""},
		{neo.TextField, "short_description", "matches", "", "value: The regular expression is empty"},
	} {
		x := known(c.field, neo.FieldEntry{Type: c.of})
		rule := neo.Rule{Field: c.field, Operator: c.op, Value: c.value}
		mistakes := CheckRule(&rule, "", x)
		switch {
		case c.want == "" && len(mistakes) > 0, c.want != "" && len(mistakes) == 0:
			t.Errorf("%s %s %q: %v, want %q", c.field, c.op, c.value, mistakes, c.want)
			continue
		case c.want == "":
			continue
		}
		if got := mistakes[0].Path + ": " + mistakes[0].Message; len(mistakes) != 1 || !strings.Contains(got, c.want) {
			t.Errorf("%s %s %q: %v, want %q", c.field, c.op, c.value, mistakes, c.want)
		}
		if !mistakes[0].Futile || c.op == neo.OpEqual || c.op == neo.OpIn || c.op == neo.OpChangedTo {
			continue
		}
		for _, v := range []string{"", "5", "beta", "2026-11-24 09:00:00"} {
			for _, not := range []bool{false, true} {
				group := neo.Rule{Combinator: neo.And, Not: not, Rules: []neo.Rule{rule}}
				if asked(t, workflow(neo.TargetChange{ChangeType: neo.FieldUpdated}, &group), holding(c.field, neo.Value{Value: v}), x) {
					t.Errorf("%s %s %q, negated %v, holds for %q", c.field, c.op, c.value, not, v)
				}
			}
		}
	}
}

func TestFault9Amounts(t *testing.T) {
	for text, want := range map[string]string{
		"10": "10", "-2.50": "-2.5", "+7": "7", "0": "0", "-0.0": "0", "0.5": "0.5", "10,000": "10000", "1,234,567.80": "1234567.8", "10.000,5": "10000.5", "1.234.567": "1234567",
		"10 000": "10000", "10\u202f000,25": "10000.25", "10'000.25": "10000.25", "12,5": "12.5", "0,500": "0.5", "10.000": "10", "50%": "50", "12,5 %": "12.5",
		"$500": "500 $", "-$5": "-5 $", "$-5": "-5 $", "US$5": "5 USD", "500 €": "500 EUR", "€1.090,50": "1090.5 EUR", "USD;90.00": "90 USD", "usd;90": "90 USD", "EUR;-1.50": "-1.5 EUR",
		"90 CHF": "90 CHF", "GBP 90": "90 GBP", "XXX;1": "1 XXX",
		"": "", "0042": "", "00": "", "1E5": "", ".": "", "-": "", "1.2.3": "", "10.100.1": "", "1,23,456": "", "24.12.2026": "", "2026-11-24": "", "4h": "", "INC 5": "", "5 apples": "", "%": "",
		"$": "", "1,234.567,8": "", "12,34,": "", "5-6": "", "USD;": "", "US;5": "", "Infinity": "", "0x10": "", "١٢": "",
	} {
		got := ""
		if a, ok := amountIn(text); ok {
			got = a.whole
			if got == "" {
				got = "0"
			}
			if a.fraction != "" {
				got += "." + a.fraction
			}
			if a.negative {
				got = "-" + got
			}
			got = strings.TrimSpace(got + " " + a.currency)
		}
		if got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}
