package flow

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/neoagent/neo"
)

// Fault 25, its kind: an action whose file forgets to say what it needs would be enabled
// without a word again. Each type has a permission group that it writes to here, or is
// known to write nothing.
func TestFault25EveryActionSaysWhatItNeeds(t *testing.T) {
	text := `{"text":"x"}`
	cases := map[neo.ActionType]struct {
		config string
		writes []neo.PermissionGroup
		names  needKind // what it names besides
	}{
		neo.ActionUpdateTicket:  {config: `{"fields":{"assigned_to":"Ann"}}`, writes: []neo.PermissionGroup{neo.GroupTickets}, names: needRecord},
		neo.ActionAssign:        {config: `{"group":"Network"}`, writes: []neo.PermissionGroup{neo.GroupTickets}, names: needRecord},
		neo.ActionAddWorkNote:   {config: text, writes: []neo.PermissionGroup{neo.GroupWorkNotes}},
		neo.ActionAddClientNote: {config: text, writes: []neo.PermissionGroup{neo.GroupClientNotes}},
		neo.ActionLogTime:       {config: `{"minutes":5}`, writes: []neo.PermissionGroup{neo.GroupTimeEntries}},
		neo.ActionResolve:       {config: `{"code":"Done","notes":"x"}`, writes: []neo.PermissionGroup{neo.GroupTickets}, names: needCloseCode},
		neo.ActionClose:         {config: `{"code":"Done"}`, writes: []neo.PermissionGroup{neo.GroupTickets}, names: needCloseCode},
		neo.ActionReopen:        {config: `{"note":"x"}`, writes: []neo.PermissionGroup{neo.GroupTickets, neo.GroupWorkNotes}},
		neo.ActionCreateTicket:  {config: `{"class":"problem","fields":{"short_description":"x"}}`, writes: []neo.PermissionGroup{neo.GroupTickets}, names: needValue},
		neo.ActionLinkDuplicate: {config: `{"within_days":7,"similarity":70,"note":"x"}`, writes: []neo.PermissionGroup{neo.GroupTickets, neo.GroupWorkNotes}},
		neo.ActionNotify:        {config: `{"mode":"EMAIL","subject":"x","text":"x"}`, writes: []neo.PermissionGroup{neo.GroupEmail}},
		neo.ActionSendMessage:   {config: `{"endpoint":"On-call","text":"x"}`, names: needEndpoint},
		neo.ActionAskApproval:   {config: `{"text":"x","approvers":["a@example.com"]}`, names: needApprover},
		neo.ActionWait:          {config: `{"until_rule":{"field":"state","operator":"=","value":"2"}}`, names: needValue},
		neo.ActionContinueIf:    {config: `{"conditions":{"field":"state","operator":"=","value":"2"}}`, names: needValue},
		neo.ActionRunWorkflow:   {config: `{"workflow":"Escalate"}`, names: needWorkflow},
	}
	for _, action := range ActionTypes() {
		c, ok := cases[action]
		if !ok {
			t.Errorf("%s is not in this table: write down what it needs, in its file and here", action)
			continue
		}
		t.Run(string(action), func(t *testing.T) {
			needs := needsOf(neo.Definition{Actions: []neo.ActionSpec{{Type: action, Config: json.RawMessage(c.config)}}})
			var writes []neo.PermissionGroup
			named := false
			for _, n := range needs {
				if n.what == needPermission && n.level == neo.ReadWrite {
					writes = append(writes, n.group)
				}
				named = named || n.what == c.names && n.what != needPermission
			}
			slices.Sort(writes)
			slices.Sort(c.writes)
			if !slices.Equal(writes, c.writes) {
				t.Errorf("it needs to write to %v, want %v", writes, c.writes)
			}
			if c.names != needPermission && !named {
				t.Errorf("it needs %+v, and not what it names", needs)
			}
			templated := needsOf(neo.Definition{Actions: []neo.ActionSpec{{Type: action, Config: json.RawMessage(strings.NewReplacer(
				`"Ann"`, `"{{ ticket.caller_id }}"`, `"Network"`, `"{{ ticket.u_group }}"`, `"Done"`, `"{{ x }}"`, `"On-call"`, `"{{ x }}"`, `"x"`, `"{{ x }}"`, `"2"`, `"{{ x }}"`, `"Escalate"`, `"{{ x }}"`, `"a@example.com"`, `"{{ x }}"`).Replace(c.config))}}})
			for _, n := range templated {
				if n.what != needPermission {
					t.Errorf("a template is looked up: %+v", n)
				}
			}
		})
	}
}

func TestClassesOfRules(t *testing.T) {
	ticketType := func(op neo.Operator, value string) neo.Rule {
		return neo.Rule{Field: neo.FieldTicketType, Operator: op, Value: value}
	}
	other := neo.Rule{Field: "state", Operator: neo.OpEqual, Value: "2"}
	cases := map[string]struct {
		rule neo.Rule
		want []neo.TicketClass
	}{
		"one":                 {ticketType(neo.OpEqual, "incident"), []neo.TicketClass{neo.Incident}},
		"several":             {ticketType(neo.OpIn, "incident, problem"), []neo.TicketClass{neo.Incident, neo.Problem}},
		"all but one":         {ticketType(neo.OpNotEqual, "incident"), nil},
		"no rule about it":    {other, nil},
		"all of these":        {neo.Rule{Combinator: neo.And, Rules: []neo.Rule{other, ticketType(neo.OpEqual, "problem")}}, []neo.TicketClass{neo.Problem}},
		"both":                {neo.Rule{Combinator: neo.And, Rules: []neo.Rule{ticketType(neo.OpIn, "incident, problem"), ticketType(neo.OpEqual, "problem")}}, []neo.TicketClass{neo.Problem}},
		"any of these":        {neo.Rule{Combinator: neo.Or, Rules: []neo.Rule{other, ticketType(neo.OpEqual, "problem")}}, nil},
		"none of these":       {neo.Rule{Combinator: neo.And, Not: true, Rules: []neo.Rule{ticketType(neo.OpEqual, "problem")}}, nil},
		"a class of no name":  {ticketType(neo.OpEqual, "kb_knowledge"), nil},
		"a class and a state": {neo.Rule{Combinator: neo.And, Rules: []neo.Rule{ticketType(neo.OpEqual, "sc_task"), other}}, []neo.TicketClass{neo.CatalogTask}},
	}
	for name, c := range cases {
		if got := classesOf(&c.rule); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestNearest(t *testing.T) {
	names := []string{"Network", "Database", "Service Desk", "Müller, Jörg"}
	for name, want := range map[string]string{
		"Netwrk": "Network", "netwrok": "Network", "Servicedesk": "Service Desk", "Muller, Jorg": "Müller, Jörg", "Facilities": "", "": "", "N": "",
	} {
		if got := nearest(name, names); got != want {
			t.Errorf("nearest to %q is %q, want %q", name, got, want)
		}
	}
}
