package rules

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/neoagent/neo"
)

// Few fields and values, so that what is drawn often meets.
var (
	someFields = []string{"state", "priority", "category", "comments", "u_x", "watch_list", "due_date"}
	someValues = []string{"", "1", "2", "In Progress", "in progress", "Größe", "GRÖSSE", "Gro\u0308ße", "incident:1", "problem:2", "problem: printer", "VPN drops in Köln",
		"the vpn is down", "vpn", "vpn ", "VPN\u00a0drops", "KÖLN", "K", "\u212a", "2026-11-20 08:14:05", "2026-11-20", "20.11.2026", "now", "today", "1.0", "1.50", "1,5", "10,000", "10000",
		"10.000,5", "10000.50", "10%", "$10,000", "USD;10000.00", "eur;10000", "0042", "42", "1E4", "4h", "240m", "1970-01-01 04:00:00", "Ann Lee", "Joann Lee, Bob Ray", "Bob Ray, Ann Lee", "true"}
	someTypes = []neo.FieldType{neo.TextField, neo.ChoiceField, neo.ReferenceField, neo.ListField, neo.NumberField, neo.CurrencyField, neo.BooleanField,
		neo.TimeField, neo.DateField, neo.DurationField, neo.JournalField}
)

var someSpans = []string{"30m", "4h", "7d"}

// anyContext draws what instances say of the fields: nothing, the same, or different things.
func anyContext(r *rapid.T) Context {
	x := Context{Settings: neo.Settings{TimeZone: "Europe/Berlin"}, Dictionaries: map[string]*neo.Dictionary{}}
	for _, integration := range []string{"a", "b"} {
		d := &neo.Dictionary{Classes: map[neo.TicketClass]map[string]neo.FieldEntry{}}
		for _, class := range []neo.TicketClass{neo.Incident, neo.Problem} {
			d.Classes[class] = map[string]neo.FieldEntry{}
			for _, f := range someFields {
				if rapid.Bool().Draw(r, f+" known") {
					d.Classes[class][f] = neo.FieldEntry{Type: rapid.SampledFrom(someTypes).Draw(r, f+" type")}
				}
			}
		}
		switch rapid.IntRange(0, 3).Draw(r, "dictionary") {
		case 0:
			return x
		case 1:
			return Context{}
		}
		x.Dictionaries[integration] = d
	}
	return x
}

// anyRule draws a tree that compiles.
func anyRule(r *rapid.T, depth int) neo.Rule {
	if depth == 0 || rapid.IntRange(0, 2).Draw(r, "leaf") == 0 {
		return anyComparison(r)
	}
	group := neo.Rule{Combinator: rapid.SampledFrom([]neo.Combinator{neo.And, neo.And, neo.Or}).Draw(r, "combinator"), Not: rapid.IntRange(0, 4).Draw(r, "not") == 0}
	for range rapid.IntRange(0, 4).Draw(r, "rules") {
		group.Rules = append(group.Rules, anyRule(r, depth-1))
	}
	return group
}

func anyComparison(r *rapid.T) neo.Rule {
	value := rapid.SampledFrom(someValues)
	switch rapid.IntRange(0, 9).Draw(r, "about") {
	case 0:
		classes := []string{"incident", "problem", "Incident", "sc_task"}
		return neo.Rule{Field: neo.FieldTicketType, Operator: rapid.SampledFrom(operators[classField]).Draw(r, "operator"), Value: rapid.SampledFrom(classes).Draw(r, "class")}
	case 1:
		return neo.Rule{Field: neo.FieldKinds, Operator: rapid.SampledFrom(operators[kindsField]).Draw(r, "operator"), Value: string(rapid.SampledFrom(neo.ChangeTypes).Draw(r, "kind"))}
	case 2:
		op := rapid.SampledFrom([]neo.Operator{neo.OpLess, neo.OpGreaterEqual, neo.OpEmpty}).Draw(r, "operator")
		field := rapid.SampledFrom([]string{neo.FieldAge, neo.FieldSinceUpdate, neo.FieldSinceReply}).Draw(r, "span")
		return neo.Rule{Field: field, Operator: op, Value: rapid.SampledFrom(someSpans).Draw(r, "of")}
	case 3:
		return neo.Rule{Field: neo.FieldHour, Operator: rapid.SampledFrom([]neo.Operator{neo.OpEqual, neo.OpNotIn, neo.OpLess}).Draw(r, "operator"), Value: rapid.SampledFrom([]string{"8", "08", "23"}).Draw(r, "hour")}
	case 4:
		return neo.Rule{Field: neo.FieldByNeo, Operator: neo.OpEqual, Value: rapid.SampledFrom([]string{"true", "false"}).Draw(r, "flag")}
	}
	x := neo.Rule{Field: rapid.SampledFrom(someFields).Draw(r, "field"), Operator: rapid.SampledFrom(operators[ownField]).Draw(r, "operator")}
	switch x.Operator {
	case neo.OpIn, neo.OpNotIn, neo.OpContainsAny, neo.OpContainsAll:
		x.Value = strings.Join(append(rapid.SliceOfN(value, 0, 2).Draw(r, "values"), "1"), ", ")
	case neo.OpBetween, neo.OpNotBetween:
		x.Value = rapid.SampledFrom([]string{"1, 2", "30m, 1d", `"10,000", 20000`, "2026-11-20, 21.11.2026", "b, a"}).Draw(r, "ends")
	case neo.OpBefore, neo.OpAfter:
		x.Value = rapid.SampledFrom([]string{"2026-11-20", "2026-11-21 00:00:00", "now", "21.11.2026"}).Draw(r, "time")
	case neo.OpWithinLast, neo.OpNotWithinLast, neo.OpWithinNext, neo.OpNotWithinNext:
		x.Value = rapid.SampledFrom(someSpans).Draw(r, "span")
	case neo.OpMatches:
		x.Value = "^[0-9]|o"
	default:
		if x.Value = value.Draw(r, "value"); rapid.IntRange(0, 2).Draw(r, "equal") > 0 {
			x.Operator = neo.OpEqual
		}
	}
	return x
}

func anyChange(r *rapid.T) neo.TargetChange {
	c := neo.TargetChange{ChangeType: rapid.SampledFrom(append([]neo.ChangeType{neo.FieldUpdated, neo.FieldUpdated, neo.StateChanged}, neo.ChangeTypes...)).Draw(r, "change")}
	if c.ChangeType == neo.FieldUpdated {
		c.Field = rapid.SampledFrom(append(someFields, "")).Draw(r, "field")
	}
	if c.ChangeType == neo.StateChanged || c.Field != "" {
		for _, end := range []**string{&c.From, &c.To} {
			if rapid.IntRange(0, 2).Draw(r, "end") == 0 {
				v := rapid.SampledFrom(someValues).Draw(r, "value")
				*end = &v
			}
		}
	}
	return c
}

func anyWorkflow(r *rapid.T, id string) *neo.Workflow {
	w := &neo.Workflow{ID: id, Definition: neo.Definition{TriggerType: neo.Triggered, ExecutionOrder: rapid.IntRange(0, 2).Draw(r, "order"),
		TriggerOnOwnChanges: rapid.Bool().Draw(r, "own"),
		BusinessHours:       rapid.SampledFrom([]neo.BusinessHoursOption{"", "", neo.InsideBusinessHours, neo.OutsideBusinessHours}).Draw(r, "hours")}}
	if rapid.Bool().Draw(r, "ordered") {
		w.IgnoreExecutionOrder = new(bool)
	}
	for range rapid.IntRange(1, 3).Draw(r, "changes") {
		w.Changes = append(w.Changes, anyChange(r))
	}
	if rapid.IntRange(0, 4).Draw(r, "conditions") > 0 {
		rule := anyRule(r, 3)
		w.Conditions = &rule
	}
	return w
}

func anyEvent(r *rapid.T) *neo.Event {
	e := &neo.Event{
		Type:        rapid.SampledFrom([]neo.EventType{neo.EntityCreated, neo.EntityUpdated, neo.EntityUpdated}).Draw(r, "type"),
		Ticket:      neo.TicketRef{IntegrationID: rapid.SampledFrom([]string{"a", "b"}).Draw(r, "integration"), Class: rapid.SampledFrom([]neo.TicketClass{neo.Incident, neo.Problem}).Draw(r, "class")},
		Disposition: rapid.SampledFrom([]neo.Disposition{"", neo.DispositionOwn}).Draw(r, "disposition"),
		ChangedAt:   time.Date(2026, 11, 20, rapid.IntRange(0, 23).Draw(r, "hour"), 20, 0, 0, time.UTC),
		EventData:   neo.EventData{Fields: map[string]neo.Value{}},
	}
	value := func(name string) neo.Value {
		v := neo.Value{Value: rapid.SampledFrom(someValues).Draw(r, name)}
		if v.Value != "" && rapid.Bool().Draw(r, name+" shown") {
			v.Display = rapid.SampledFrom(someValues).Draw(r, name+" display")
		}
		return v
	}
	for _, f := range someFields {
		if rapid.IntRange(0, 5).Draw(r, f+" there") > 0 {
			e.Fields[f] = value(f)
		}
		if e.Type == neo.EntityUpdated && rapid.Bool().Draw(r, f+" changed") {
			e.Changes = append(e.Changes, neo.FieldChange{Field: f, From: value(f + " from"), To: e.Fields[f]})
		}
	}
	if rapid.Bool().Draw(r, "comment") {
		e.Journal = []neo.JournalEntry{{Element: "comments", Text: "1"}}
	}
	e.Kinds = rapid.SliceOfNDistinct(rapid.SampledFrom(neo.ChangeTypes[2:]), 0, 3, rapid.ID[neo.ChangeType]).Draw(r, "kinds")
	if !slices.ContainsFunc(e.Changes, func(c neo.FieldChange) bool { return c.Field == neo.FieldState }) {
		e.Kinds = slices.DeleteFunc(e.Kinds, func(k neo.ChangeType) bool { return k == neo.StateChanged })
	}
	return e
}

// The index answers as asking every workflow does, in their order.
func TestIndexIsThePlainEvaluator(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var all []*Compiled
		in := anyContext(r)
		for i := range rapid.IntRange(0, 60).Draw(r, "workflows") {
			c, err := Compile(anyWorkflow(r, fmt.Sprint(i)), in)
			if err != nil {
				r.Fatal(err)
			}
			all = append(all, c)
		}
		x := NewIndex(all)
		for range 5 {
			e := anyEvent(r)
			var ordered, others []*Compiled
			for _, c := range all {
				if c.Matches(e) && c.Workflow.Ordered() {
					ordered = append(ordered, c)
				} else if c.Matches(e) {
					others = append(others, c)
				}
			}
			slices.SortStableFunc(ordered, func(a, b *Compiled) int { return a.Workflow.ExecutionOrder - b.Workflow.ExecutionOrder })
			if got, want := ids(x.Match(e)), ids(append(ordered, others...)); got != want {
				r.Fatalf("the index found %v, asking all found %v", got, want)
			}
		}
	})
}

func ids(list []*Compiled) string {
	var s []string
	for _, c := range list {
		s = append(s, c.Workflow.ID)
	}
	return strings.Join(s, " ")
}

// What is equal has one key, whatever else has it: in every type, as the value of a
// rule and as that of a ticket.
func TestFault10WhatIsEqualHasOneKey(t *testing.T) {
	text := rapid.OneOf(rapid.SampledFrom(someValues), rapid.StringOf(rapid.SampledFrom([]rune("kK\u212aſsSßςσΣåÅ\u212bdžDŽDž1\xff\u00a0\u200b"))),
		rapid.StringMatching(`[$€-]?[0-9]{1,3}([,. '][0-9]{1,3}){0,2}( ?%| EUR|)`), rapid.String())
	rapid.Check(t, func(r *rapid.T) {
		a, b := text.Draw(r, "a"), text.Draw(r, "b")
		if rapid.Bool().Draw(r, "alike") {
			b = rapid.SampledFrom([]string{strings.ToUpper(a), a + "\u00a0", strings.ReplaceAll(a, " ", "\u202f"), a + "0", a + ".0"}).Draw(r, "alike")
		}
		c := &compiler{zone: time.UTC}
		e := &neo.Event{Ticket: neo.TicketRef{Class: neo.Incident}, ChangedAt: time.Date(2026, 11, 20, 8, 14, 5, 0, time.UTC)}
		for _, of := range append(someTypes, "") {
			w, _ := c.wantOf(typing{field: "u_x"}, of, a)
			if w.is(neo.Value{Value: b}, e) && w.keys != nil && !slices.Contains(w.keys, key(b)) {
				r.Fatalf("as %s: %q is %q, and its key is not among those", of, b, a)
			}
		}
	})
}

func TestNeedsReply(t *testing.T) {
	compile := func(field string) *Compiled {
		c, err := Compile(workflow(neo.TargetChange{ChangeType: neo.FieldUpdated}, &neo.Rule{Combinator: neo.And, Rules: []neo.Rule{
			{Field: field, Operator: neo.OpGreater, Value: "4h"}}}), Context{})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	age, reply := compile(neo.FieldAge), compile(neo.FieldSinceReply)
	if NewIndex([]*Compiled{age}).NeedsReply() || !NewIndex([]*Compiled{age, reply}).NeedsReply() || (*Index)(nil).NeedsReply() {
		t.Error("only a comparison with the customer's last reply needs it")
	}
}

// Workflows that need many things, all the same, are filed and found in a moment.
func TestIndexOfHostileWorkflows(t *testing.T) {
	var values []string
	for i := range 900 {
		values = append(values, fmt.Sprint(i))
	}
	in := func(field string) neo.Rule {
		return neo.Rule{Field: field, Operator: neo.OpIn, Value: strings.Join(values, ",")}
	}
	long := neo.Rule{Field: "short_description", Operator: neo.OpContains, Value: strings.Repeat("abcdefghij", 300)}
	hostile := []neo.Rule{
		{Combinator: neo.And, Rules: []neo.Rule{in("a"), in("b"), in("c"), in("d")}},
		{Combinator: neo.Or, Rules: slices.Repeat([]neo.Rule{in("a")}, 50)},
		{Combinator: neo.And, Rules: slices.Repeat([]neo.Rule{long}, 60)},
		{Combinator: neo.And, Rules: slices.Repeat([]neo.Rule{{Combinator: neo.Or, Rules: []neo.Rule{in("a"), in("b")}}}, 25)},
	}
	began := time.Now()
	var all []*Compiled
	for i := range 40 {
		c, err := Compile(workflow(neo.TargetChange{ChangeType: neo.FieldUpdated}, &hostile[i%len(hostile)]), Context{})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	x := NewIndex(all)
	e := vpn()
	e.Fields["short_description"] = neo.Value{Value: strings.Repeat("abcdefghij", 800)}
	for _, f := range []string{"a", "b", "c", "d"} {
		e.Fields[f] = neo.Value{Value: "7"}
	}
	if got := len(x.Match(e)); got != 40 {
		t.Errorf("%d of 40 found", got)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
}
