package flow_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/flow"
	"github.com/neoagent/neo/rules"
)

// Everything that is wrong with a definition is told at once, each with its place.
func TestCheckTellsAllMistakes(t *testing.T) {
	d := on("urgency",
		spec(neo.ActionAddWorkNote, `{"text":"{{ ticket.a.b }}"}`),
		spec("SEND_FAX", `{}`),
		neo.ActionSpec{Type: neo.ActionAssign, Name: "who", Config: json.RawMessage(`{"group":"Network"}`)},
		spec(neo.ActionAddClientNote, `{"text":"{{ steps.who.technician }} {{ steps.who.email }}"}`),
		neo.ActionSpec{Type: neo.ActionWait, Name: "who", Config: json.RawMessage(`{"for_minutes":-1}`)},
		spec(neo.ActionAskApproval, `{"text":"Go on?"}`),
	)
	d.Name, d.Description, d.ProcessEntitiesSequentially = " ", strings.Repeat("x", 4_001), true
	d.Conditions = &neo.Rule{Combinator: neo.And, Rules: []neo.Rule{{Field: "urgency", Operator: "is"}}}
	var paths []string
	for _, m := range flow.Check(d, rules.Context{}) {
		paths = append(paths, m.Path)
		if !strings.HasSuffix(m.Message, ".") {
			t.Errorf("%s: %q is no sentence", m.Path, m.Message)
		}
	}
	want := []string{
		"name", "description", "conditions.rules[0].operator", "process_entities_sequentially", "actions[0].config.text", "actions[1].type",
		"actions[3].config.text", "actions[4].config.for_minutes", "actions[4].name",
	}
	if diff := cmp.Diff(want, paths); diff != "" {
		t.Errorf("want (-), got (+):\n%s", diff)
	}
	err := flow.Validate(d, rules.Context{})
	if neo.CodeOf(err) != neo.CodeInvalid || neo.MessageOf(err) != "name: The name is empty: give one that people recognise." {
		t.Errorf("Validate says %v", err)
	}
}

func TestCheckBoundsTheActions(t *testing.T) {
	for n, want := range map[int]string{0: "There are no actions", 1: "", 50: "", 51: "There are 51 actions; 50 are allowed"} {
		d := on("urgency")
		for range n {
			d.Actions = append(d.Actions, note)
		}
		mistakes := flow.Check(d, rules.Context{})
		if want == "" && len(mistakes) == 0 {
			continue
		}
		if len(mistakes) != 1 || mistakes[0].Path != "actions" || !strings.HasPrefix(mistakes[0].Message, want) {
			t.Errorf("%d actions: %v", n, mistakes)
		}
	}
}

// A workflow may not run itself, however many others are on the way.
func TestCheckCalls(t *testing.T) {
	calls := func(names ...string) []neo.ActionSpec {
		var specs []neo.ActionSpec
		for _, name := range names {
			specs = append(specs, spec(neo.ActionRunWorkflow, fmt.Sprintf(`{"workflow":%q}`, name)))
		}
		return specs
	}
	other := func(id, name string, names ...string) neo.Workflow {
		return neo.Workflow{ID: id, Definition: neo.Definition{Name: name, Actions: calls(names...)}}
	}
	others := []neo.Workflow{
		other("a", "A", "w-b"), other("w-b", "B", "Missing", "C"), other("c", "C", "A", "Me"), other("d", "D", "E"), other("e", "E", "D"),
		other("me", "Me as it was", "D"),
	}
	for _, c := range []struct {
		name  string
		calls []neo.ActionSpec
		want  string // "": nothing is wrong
	}{
		{"itself by name", calls("D", "Me"), "actions[1].config.workflow: The workflow would run itself: Me."},
		{"itself by id", calls("me"), "actions[0].config.workflow: The workflow would run itself: Me."},
		{"through others", calls("A"), "actions[0].config.workflow: The workflow would run itself: A → B → C → Me."},
		{"others that run each other", calls("D"), ""},
		{"one that there is not", calls("Nobody"), ""},
		{"settings that are wrong are told elsewhere", []neo.ActionSpec{spec(neo.ActionRunWorkflow, `{"name":"Me"}`)}, ""},
	} {
		got := ""
		for _, m := range flow.CheckCalls("me", neo.Definition{Name: "Me", Actions: c.calls}, others) {
			got += m.Path + ": " + m.Message
		}
		if c.want == "" && got != "" || !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// Whatever the settings: they are refused with a sentence, or a plan comes out that
// does one thing at most.
func FuzzSettings(f *testing.F) {
	s := readScene(f)
	types := flow.ActionTypes()
	for i, config := range []string{
		`{"fields":{"urgency":"{{ ticket.urgency | plus: 1 }}","state":"incident:1,problem:2","assigned_to":"Ana Gomez"}}`,
		`{"group":"Network","strategy":"LEAST_OPEN"}`, `{"strategy":"ON_SHIFT","shifts":[{"name":"a","days":["TUE"],"from":"00:00","to":"24:00","technicians":["u-ana"]}]}`,
		`{"text":"{% for f in change.fields %}{{ f | json }}{% endfor %}"}`, `{"class":"problem","fields":{"short_description":"x"},"link":true}`,
		`{"within_days":7,"similarity":50,"same_caller":true,"note":"{{ duplicate.number }}"}`, `{"mode":"EMAIL","subject":"a","text":"b"}`,
		`{"endpoint":"e-2","body":"{\"a\": \"{{ comment }}\"}"}`, `{"text":"x","approvers":["a@b.c"],"deadline_minutes":5,"on_deadline":"FAIL"}`,
		`{"until_rule":{"combinator":"or","not":true,"rules":[{"field":"state","operator":"=","value":"6"}]},"for_minutes":5,"stop_if_not":true}`,
		`{"conditions":{"field":"steps.s.number","operator":"notNull"}}`, `{"workflow":"Escalate"}`, `{"minutes":5}`, `{"code":"x","notes":"{{ now }}"}`, `null`, `[]`, `{"a":`, `{} {}`,
	} {
		for j := range types {
			f.Add(i+j, config)
		}
	}
	f.Fuzz(func(t *testing.T, n int, config string) {
		action := types[uint(n)%uint(len(types))]
		actions, mistakes := flow.ParseActions([]neo.ActionSpec{
			{Type: neo.ActionLinkDuplicate, Name: "s", Config: json.RawMessage(`{"within_days":1,"similarity":50}`)}, {Type: action, Config: json.RawMessage(config)},
		}, rules.Context{})
		for _, m := range mistakes {
			if !strings.HasPrefix(m.Path, "actions[1].") || m.Message == "" {
				t.Errorf("a mistake at %q: %q", m.Path, m.Message)
			}
		}
		if len(mistakes) > 0 {
			return
		}
		in := s.input(actionCase{Steps: map[string]map[string]any{"s": {"number": "INC1", "similarity": 3}}})
		plan, err := actions[1].Plan(context.Background(), in)
		if err != nil {
			if neo.MessageOf(err) == neo.MessageOf(fmt.Errorf("any")) {
				t.Errorf("an error without a sentence: %v", err)
			}
			return
		}
		does := 0
		for _, set := range []bool{!plan.Write.Empty(), plan.Create != nil, plan.Send != nil, plan.Ask != nil, plan.Wait != nil, plan.Stop != "", plan.Start != nil} {
			if set {
				does++
			}
		}
		if does > 1 || flow.Describe(plan, in.Ticket) == "" {
			t.Errorf("%s does %d things: %s", action, does, flow.Describe(plan, in.Ticket))
		}
		if plan.Send != nil && plan.Send.Body != "" && !json.Valid([]byte(plan.Send.Body)) {
			t.Errorf("the body %q is no JSON", plan.Send.Body)
		}
	})
}
