package app_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/visitor"
)

type verdict struct {
	WorkflowName string `json:"workflow_name"`
	Version      int64
	Verdict      string
	Reason       string
	RunID        string `json:"run_id"`
	Explanation  *neo.Explanation
}

// Why each workflow ran for a change, or did not, by the version that was asked.
func TestWhyEachWorkflowRanOrNot(t *testing.T) {
	r := run(t, fast)
	r.connect(t)
	save := func(name, change string) string {
		text := strings.Replace(strings.Replace(routeNetwork, `"Route"`, `"`+name+`"`, 1), `{"change_type":"TICKET_CREATED"}`, change, 1)
		id, err := r.visitor.SaveWorkflow(t.Context(), json.RawMessage(text))
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	const created = `{"change_type":"TICKET_CREATED"}`
	save("Runs", created)
	changed := save("Changed since", created)
	save("On updates", `{"change_type":"FIELD_UPDATED","target_field":"state"}`)
	hardware := strings.Replace(strings.Replace(routeNetwork, `"Route"`, `"Hardware"`, 1), `"value":"network"`, `"value":"hardware"`, 1)
	if _, err := r.visitor.SaveWorkflow(t.Context(), json.RawMessage(hardware)); err != nil {
		t.Fatal(err)
	}
	r.ticket(t, "Why?")
	r.untilKnown(t, "Why?")
	if status, text := r.call(t, "PUT", "/api/v1/workflows/"+changed+"?version=1", hardware); status != 200 {
		t.Fatalf("%d %s", status, text)
	}
	save("Too new", created)

	entries, err := visitor.Get[[]struct{ ID string }](t.Context(), &r.visitor.Client, "/api/v1/history?type=ENTITY_CREATED")
	if err != nil || len(entries) != 1 {
		t.Fatalf("%+v, %v", entries, err)
	}
	verdicts, err := visitor.Get[[]verdict](t.Context(), &r.visitor.Client, "/api/v1/events/"+entries[0].ID+"/explanation")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]verdict{}
	for _, v := range verdicts {
		got[v.WorkflowName] = v
	}
	for name, want := range map[string]struct{ verdict, reason string }{
		"Runs":       {"RAN", "carried out"},
		"On updates": {"NOT_TRIGGERED", "None of the changes"},
		"Too new":    {"TOO_NEW", "no such workflow yet"},
	} {
		if v := got[name]; v.Verdict != want.verdict || !strings.Contains(v.Reason, want.reason) || (v.RunID != "") != (want.verdict == "RAN") {
			t.Errorf("%s: %+v", name, v)
		}
	}
	var named []verdict // both are called Hardware by now
	for _, v := range verdicts {
		if v.WorkflowName == "Hardware" {
			named = append(named, v)
		}
	}
	if len(named) != 2 || named[0].Verdict != "RAN" || named[0].Version != 1 || !named[0].Explanation.Matches {
		t.Errorf("the one that was changed since: %+v", named)
	}
	if v := named[1]; v.Verdict != "CONDITIONS" || !strings.Contains(v.Reason, "category is “Network”") || v.Explanation.Conditions.Rules[0].Wanted != "hardware" {
		t.Errorf("the one whose conditions do not hold: %+v", v)
	}
}
