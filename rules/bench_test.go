package rules

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/neoagent/neo"
)

var someWords = []string{"vpn", "printer", "password", "outlook", "sharepoint", "mailbox", "laptop", "monitor", "wifi", "teams", "backup", "license",
	"badge", "phone", "docking", "citrix", "sap", "onboarding", "offboarding", "phishing", "malware", "firewall", "dns", "certificate", "invoice",
	"scanner", "toner", "headset", "webcam", "bitlocker", "intune", "azure", "database", "server", "storage", "switch", "router", "projector", "crm", "payroll"}

// realistic returns that many workflows as many teams of a service provider have
// them: for their customers, groups and products.
func realistic(many int) []*neo.Workflow {
	r := rand.New(rand.NewPCG(1, 2))
	is := func(field, value string) neo.Rule { return neo.Rule{Field: field, Operator: neo.OpEqual, Value: value} }
	group := func() string { return fmt.Sprint("Group ", r.IntN(2_000)) }
	company := func() string { return fmt.Sprint("Company ", r.IntN(5_000)) }
	word := func() string { return someWords[r.IntN(len(someWords))] + " " + someWords[r.IntN(len(someWords))] }
	workflows := make([]*neo.Workflow, many)
	for i := range workflows {
		w := &neo.Workflow{ID: fmt.Sprint(i), Definition: neo.Definition{Name: fmt.Sprint("Workflow ", i), TriggerType: neo.Triggered}}
		on := func(kind neo.ChangeType, field, to string) {
			c := neo.TargetChange{ChangeType: kind, Field: field}
			if to != "" {
				c.To = &to
			}
			w.Changes = append(w.Changes, c)
		}
		var all []neo.Rule
		switch i % 10 {
		case 0, 1: // a customer's new tickets go to its group
			on(neo.TicketCreated, "", "")
			all = []neo.Rule{is(neo.FieldTicketType, "incident"), is("company", company()), {Field: "assignment_group", Operator: neo.OpEmpty}}
		case 2: // by what the title says
			on(neo.TicketCreated, "", "")
			on(neo.FieldUpdated, "short_description", "")
			all = []neo.Rule{{Field: neo.FieldTicketType, Operator: neo.OpIn, Value: "incident, sc_req_item"}, {Field: "short_description", Operator: neo.OpContains, Value: word()}}
		case 3: // resolved: tell the customer
			on(neo.StateChanged, "", "incident:6")
			all = []neo.Rule{is("company", company()), {Field: "close_code", Operator: neo.OpNotEqual, Value: "Duplicate"}}
		case 4: // handed over
			on(neo.FieldUpdated, "assignment_group", group())
			all = []neo.Rule{{Field: "priority", Operator: neo.OpLessEqual, Value: "2"}}
		case 5: // the customer replied while the ticket was on hold
			on(neo.CustomerReplied, "", "")
			all = []neo.Rule{is("state", "incident:3"), is("assignment_group", group())}
		case 6: // urgent
			on(neo.PriorityRaised, "", "")
			on(neo.TicketCreated, "", "")
			all = []neo.Rule{{Field: "priority", Operator: neo.OpIn, Value: "1, 2"}, is("assignment_group", group()), {Field: neo.FieldHour, Operator: neo.OpNotBetween, Value: "8, 17"}}
		case 7: // any change of somebody's tickets
			on(neo.FieldUpdated, "", "")
			all = []neo.Rule{is("assigned_to", fmt.Sprint("Technician ", r.IntN(5_000))), {Field: "state", Operator: neo.OpChangedTo, Value: "2"}}
		case 8: // by category
			on(neo.TicketCreated, "", "")
			all = []neo.Rule{is("category", someWords[r.IntN(len(someWords))]), {Combinator: neo.Or, Rules: []neo.Rule{is("company", company()), is("company", company())}},
				{Field: "description", Operator: neo.OpContainsAny, Value: word() + ", " + word()}}
		case 9: // targets
			on(neo.SLAChanged, "", "")
			on(neo.Assigned, "", "")
			all = []neo.Rule{is(neo.FieldTicketType, "change_request"), is("assignment_group", group())}
		}
		w.Conditions = &neo.Rule{Combinator: neo.And, Rules: all}
		workflows[i] = w
	}
	return workflows
}

// someEvents are what those workflows are asked about.
func someEvents(many int) []*neo.Event {
	r := rand.New(rand.NewPCG(3, 4))
	events := make([]*neo.Event, many)
	for i := range events {
		text := make([]string, 60)
		for j := range text {
			text[j] = someWords[r.IntN(len(someWords))]
		}
		e := &neo.Event{
			Type: neo.EntityUpdated, Ticket: neo.TicketRef{Class: neo.TicketClasses[[]int{0, 0, 0, 2, 3, 4}[r.IntN(6)]]}, ChangedBy: "beth.anglin",
			ChangedAt: time.Date(2026, 11, 24, r.IntN(24), 0, 0, 0, time.UTC),
			EventData: neo.EventData{Fields: map[string]neo.Value{
				"state": {Value: "2", Display: "In Progress"}, "priority": {Value: fmt.Sprint(1 + r.IntN(5)), Display: "3 - Moderate"},
				"company":           {Value: fmt.Sprintf("%032x", i), Display: fmt.Sprint("Company ", r.IntN(5_000))},
				"assignment_group":  {Value: fmt.Sprintf("%032x", i), Display: fmt.Sprint("Group ", r.IntN(2_000))},
				"assigned_to":       {Value: fmt.Sprintf("%032x", i), Display: fmt.Sprint("Technician ", r.IntN(5_000))},
				"category":          {Value: someWords[r.IntN(len(someWords))]},
				"short_description": {Value: strings.Join(text[:6], " ")}, "description": {Value: strings.Join(text, " ")},
			}},
		}
		for j := range 70 { // a record has about 80 fields
			e.Fields[fmt.Sprint("u_field_", j)] = neo.Value{Value: "x"}
		}
		changed := func(field, from string) {
			e.Changes = append(e.Changes, neo.FieldChange{Field: field, From: neo.Value{Value: from}, To: e.Fields[field]})
		}
		switch r.IntN(5) {
		case 0:
			e.Type, e.Fields["assignment_group"] = neo.EntityCreated, neo.Value{}
		case 1:
			changed("state", "1")
			e.Kinds = []neo.ChangeType{neo.StateChanged}
		case 2:
			changed("assignment_group", "")
			e.Kinds = []neo.ChangeType{neo.Assigned}
		case 3:
			e.Journal = []neo.JournalEntry{{Element: "comments", Text: "Any news?"}}
			e.Fields["state"] = neo.Value{Value: "3", Display: "On Hold"}
			e.Kinds = []neo.ChangeType{neo.CustomerReplied}
		case 4:
			changed("priority", "5")
			e.Kinds = []neo.ChangeType{neo.PriorityRaised}
		}
		events[i] = e
	}
	return events
}

func compileAll(t testing.TB, workflows []*neo.Workflow) *Index {
	t.Helper()
	all := make([]*Compiled, len(workflows))
	for i, w := range workflows {
		c, err := Compile(w, Context{})
		if err != nil {
			t.Fatal(err)
		}
		all[i] = c
	}
	return NewIndex(all)
}

// medians returns the median time of one question to the index, for each number of
// workflows. It asks them in turn, so that a busy machine is busy for all of them,
// and takes the best of several rounds.
func medians(t testing.TB, sizes ...int) []time.Duration {
	events := someEvents(400)
	best := make([]time.Duration, len(sizes))
	indexes := make([]*Index, len(sizes))
	for i, n := range sizes {
		indexes[i] = compileAll(t, realistic(n))
	}
	for range 7 {
		for i, x := range indexes {
			took := make([]time.Duration, len(events))
			for j, e := range events {
				const times = 8
				began := time.Now()
				for range times {
					x.Match(e)
				}
				took[j] = time.Since(began) / times
			}
			slices.Sort(took)
			if m := took[len(took)/2]; best[i] == 0 || m < best[i] {
				best[i] = m
			}
		}
	}
	return best
}

// Workflows that cannot match an event are not asked about it, however many there are.
func TestWorkflowsThatCannotMatchAreNotAsked(t *testing.T) {
	events := someEvents(400)
	askedInVain := func(many int) int {
		asked := 0
		all := make([]*Compiled, 0, many)
		for _, w := range realistic(many) {
			c, err := Compile(w, Context{})
			if err != nil {
				t.Fatal(err)
			}
			holds := c.when.holds
			c.when.holds = func(e *neo.Event) bool { asked++; return holds(e) }
			all = append(all, c)
		}
		x := NewIndex(all)
		in := make([]int, len(events))
		for i, e := range events {
			asked = 0
			in[i] = -len(x.Match(e))
			in[i] += asked
		}
		slices.Sort(in)
		return in[len(in)/2]
	}
	few, many := askedInVain(100), askedInVain(10_000)
	t.Logf("asked in vain, half of the events at most: %d of 100 workflows, %d of 10,000", few, many)
	if many > max(3, 3*few) {
		t.Errorf("half of the events ask more than %d of 10,000 workflows in vain, and %d of 100", many, few)
	}
}

func BenchmarkMatch(b *testing.B) {
	for _, n := range []int{100, 1_000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			x, events := compileAll(b, realistic(n)), someEvents(400)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				x.Match(events[i%len(events)])
			}
			b.ReportMetric(float64(medians(b, n)[0].Nanoseconds()), "p50-ns")
		})
	}
}

func BenchmarkCompile10000(b *testing.B) {
	workflows := realistic(10_000)
	for b.Loop() {
		compileAll(b, workflows)
	}
}
