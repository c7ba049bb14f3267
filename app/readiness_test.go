package app_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/app"
	"github.com/neoagent/neo/simulator"
)

// lacks is what the API says of a workflow that cannot work.
type lacks struct {
	Data struct {
		Obstacles []neo.Obstacle
		Unchecked []string
	}
	Error struct {
		Code    neo.Code
		Message string
		Details struct{ Obstacles []neo.Obstacle }
	}
	Meta struct{ Warnings []string }
}

func (r *running) lacks(t *testing.T, method, path, body string, want int) (l lacks) {
	t.Helper()
	status, text := r.call(t, method, path, body)
	if err := json.Unmarshal([]byte(text), &l); err != nil || status != want {
		t.Fatalf("%s %s was answered %d, want %d: %s", method, path, status, want, text)
	}
	return l
}

// Fault 25: a workflow that cannot work was enabled without a word. Enabling it is
// refused, saving it is not.
func TestFault25EnableSaysWhatIsMissing(t *testing.T) {
	rule := func(field, operator, value string) string {
		return `"conditions":{"combinator":"and","rules":[{"field":"ticket_type","operator":"=","value":"incident"},{"field":"` + field + `","operator":"` + operator + `","value":"` + value + `"}]}`
	}
	act := func(kind neo.ActionType, config string) string {
		return `{"type":"` + string(kind) + `","config":` + config + `}`
	}
	const well = `{"type":"ADD_WORK_NOTE","config":{"text":"Hello"}}`
	cases := []struct {
		name, actions string
		more          string
		path, says    string // "": nothing is missing
		nearest       string
		group         neo.PermissionGroup
	}{
		{name: "an endpoint that does not exist", actions: act(neo.ActionSendMessage, `{"endpoint":"On-cal","text":"x"}`), path: "actions[0].config.endpoint", says: "There is no endpoint “On-cal”", nearest: "On-call"},
		{name: "an endpoint that exists", actions: act(neo.ActionSendMessage, `{"endpoint":"On-call","text":"x"}`)},
		{name: "a group", actions: act(neo.ActionAssign, `{"group":"Netwrk"}`), path: "actions[0].config.group", says: `no group "Netwrk"`, nearest: "Network"},
		{name: "a group that exists, in other letters", actions: act(neo.ActionAssign, `{"group":"network"}`)},
		{name: "a group in a template", actions: act(neo.ActionAssign, `{"group":"{{ ticket.category }}"}`)},
		{name: "a technician", actions: act(neo.ActionAssign, `{"group":"Network","technician":"Beth Anglim"}`), path: "actions[0].config.technician", says: `no user "Beth Anglim"`, nearest: "Beth Anglin"},
		{name: "a technician of a shift", actions: act(neo.ActionAssign, `{"strategy":"ON_SHIFT","shifts":[{"name":"Early","days":["MON"],"from":"06:00","to":"14:00","technicians":["beth.anglin","beth.anglim"]}]}`),
			path: "actions[0].config.shifts[0].technicians[1]", says: "beth.anglim", nearest: "Beth Anglin"},
		{name: "a close code", actions: act(neo.ActionResolve, `{"code":"Solution providd","notes":"x"}`), more: rule("urgency", "=", "1"), path: "actions[0].config.code", says: "no close code", nearest: "Solution provided"},
		{name: "a close code that exists", actions: act(neo.ActionResolve, `{"code":"Solution provided","notes":"x"}`), more: rule("urgency", "=", "1")},
		{name: "a choice in an action", actions: act(neo.ActionUpdateTicket, `{"fields":{"urgency":"9"}}`), path: "actions[0].config.fields.urgency", says: "“9” is not a value"},
		{name: "a group in a field", actions: act(neo.ActionUpdateTicket, `{"fields":{"assignment_group":"Netwrk"}}`), path: "actions[0].config.fields.assignment_group", says: `no group "Netwrk"`, nearest: "Network"},
		{name: "a choice in a rule", actions: well, more: rule("category", "=", "netwrok"), path: "conditions.rules[1].value", says: "“netwrok” is not a value", nearest: "Network"},
		{name: "a choice among several", actions: well, more: rule("category", "in", "network, hardwear"), path: "conditions.rules[1].value", says: "“hardwear”", nearest: "Hardware"},
		{name: "a label in a rule", actions: well, more: rule("urgency", "=", "1 - High")},
		{name: "part of a text in a rule", actions: well, more: rule("category", "contains", "netwrok")},
		{name: "a group in a rule", actions: well, more: rule("assignment_group", "=", "Netwrk"), path: "conditions.rules[1].value", says: "Netwrk", nearest: "Network"},
		{name: "a state of a trigger", actions: well, more: `"target_changes":[{"change_type":"STATE_CHANGED","target_value":"Resolvd"}]`, path: "target_changes[0].target_value", says: "Resolvd", nearest: "Resolved"},
		{name: "a rule of a wait", actions: act(neo.ActionWait, `{"until_rule":{"field":"urgency","operator":"=","value":"9"}}`), path: "actions[0].config.until_rule.value", says: "“9” is not a value"},
		{name: "a field", actions: act(neo.ActionUpdateTicket, `{"fields":{"urgencyy":"1"}}`), path: "actions[0].config.fields.urgencyy", says: "No connected ticket system has a field “urgencyy”", nearest: "urgency"},
		{name: "a field in a text", actions: act(neo.ActionAddWorkNote, `{"text":"{{ ticket.callerr }}"}`), path: "actions[0].config.text", says: "callerr"},
		{name: "a workflow", actions: act(neo.ActionRunWorkflow, `{"workflow":"Esclate"}`), path: "actions[0].config.workflow", says: "There is no workflow “Esclate”", nearest: "Escalate"},
		{name: "a workflow that is off", actions: act(neo.ActionRunWorkflow, `{"workflow":"Asleep"}`), path: "actions[0].config.workflow", says: "“Asleep” is off"},
		{name: "an approver", actions: act(neo.ActionAskApproval, `{"text":"x","approvers":["nobody@example.com"]}`), path: "actions[0].config.approvers[0]", says: "nobody@example.com"},
		{name: "a permission: a client note under Read Only", actions: well + "," + act(neo.ActionAddClientNote, `{"text":"x"}`), path: "actions[1]", says: "Client-Facing Notes is set to Read Only", group: neo.GroupClientNotes},
		{name: "a permission: e-mail that is off", actions: act(neo.ActionNotify, `{"mode":"EMAIL","subject":"x","text":"x"}`), path: "actions[0]", says: "Email is set to Disabled", group: neo.GroupEmail},
		{name: "nothing is missing", actions: well},
	}
	onBoth(t, func(t *testing.T, on func(*app.Config)) {
		r := run(t, fast, on)
		r.connect(t)
		in := r.integration(t).ID
		p := neo.FullAccess()
		p[neo.GroupClientNotes], p[neo.GroupEmail] = neo.Permission{Level: neo.ReadOnly}, neo.Permission{Level: neo.Disabled}
		if err := r.visitor.Allow(t.Context(), in, p); err != nil {
			t.Fatal(err)
		}
		ask[any](t, r, "/api/v1/endpoints", `{"name":"On-call","kind":"HTTPS","url":"https://example.com/"}`)
		ask[any](t, r, "/api/v1/workflows?enabled=true", defined("Escalate", well))
		ask[any](t, r, "/api/v1/workflows", defined("Asleep", well))
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				more := []string{}
				if c.more != "" {
					more = append(more, c.more)
				}
				d := defined("W "+c.name, c.actions, more...)
				if strings.Contains(c.more, "target_changes") {
					d = `{"name":"W","trigger_type":"TRIGGERED","actions":[` + c.actions + `],` + c.more + `}`
				}
				ready := r.lacks(t, http.MethodPost, "/api/v1/workflows/readiness", `{"definition":`+d+`}`, 200).Data
				if len(ready.Unchecked) > 0 {
					t.Errorf("unchecked: %q", ready.Unchecked)
				}
				if c.path == "" {
					if len(ready.Obstacles) > 0 {
						t.Fatalf("it lacks %+v, want nothing", ready.Obstacles)
					}
					made := ask[struct{ ID string }](t, r, "/api/v1/workflows?enabled=true", d)
					r.lacks(t, http.MethodDelete, "/api/v1/workflows/"+made.ID, "", 200)
					return
				}
				if len(ready.Obstacles) != 1 {
					t.Fatalf("it lacks %+v, want one thing", ready.Obstacles)
				}
				o := ready.Obstacles[0]
				if o.Path != c.path || !strings.Contains(o.Message, c.says) || o.Nearest != c.nearest || o.Group != c.group || (c.group != "") != (o.IntegrationID == in) {
					t.Errorf("it lacks %+v, want %q with %q, nearest %q", o, c.path, c.says, c.nearest)
				}
				refused := r.lacks(t, http.MethodPost, "/api/v1/workflows?enabled=true", d, 409)
				if len(refused.Error.Details.Obstacles) != 1 || !strings.Contains(refused.Error.Message, c.says) {
					t.Errorf("created and enabled: %+v", refused.Error)
				}
				made := ask[struct{ ID string }](t, r, "/api/v1/workflows", d) // saving is not refused
				path := "/api/v1/workflows/" + made.ID
				r.lacks(t, http.MethodPatch, path, `{"enabled":true}`, 409)
				r.lacks(t, http.MethodPatch, path, `{"enabled":true,"override_reason":"  "}`, 409)
				if w := r.lacks(t, http.MethodPatch, path, `{"enabled":true,"override_reason":"It comes tomorrow"}`, 200); len(w.Meta.Warnings) != 1 {
					t.Errorf("enabled anyway, with the warnings %q", w.Meta.Warnings)
				}
				if _, text := r.call(t, http.MethodGet, path+"/versions", ""); !strings.Contains(text, `"reason":"It comes tomorrow"`) {
					t.Errorf("the versions are %s", text)
				}
				if w := r.lacks(t, http.MethodPut, path+"?version=1", d, 200); len(w.Meta.Warnings) != 1 {
					t.Errorf("saved while it is on, with the warnings %q", w.Meta.Warnings)
				}
				r.lacks(t, http.MethodDelete, path, "", 200)
			})
		}

		t.Run("the permission is given", func(t *testing.T) {
			d := defined("Tells", `{"type":"ADD_CLIENT_NOTE","config":{"text":"x"}}`)
			made := ask[struct{ ID string }](t, r, "/api/v1/workflows", d)
			r.lacks(t, http.MethodPatch, "/api/v1/workflows/"+made.ID, `{"enabled":true}`, 409)
			if err := r.visitor.Allow(t.Context(), in, neo.FullAccess()); err != nil {
				t.Fatal(err)
			}
			r.lacks(t, http.MethodPatch, "/api/v1/workflows/"+made.ID, `{"enabled":true}`, 200)
		})
		t.Run("an instance that is down is not said to be well", func(t *testing.T) {
			d := defined("Asks", `{"type":"ASSIGN_TICKET","config":{"group":"Netwrk Team"}}`)
			r.faults(t, simulator.Faults{Maintenance: true})
			defer r.faults(t, simulator.Faults{})
			ready := r.lacks(t, http.MethodPost, "/api/v1/workflows/readiness", `{"definition":`+d+`}`, 200).Data
			if len(ready.Obstacles) != 0 || len(ready.Unchecked) == 0 || !strings.Contains(strings.Join(ready.Unchecked, " "), "could not be asked") {
				t.Errorf("readiness is %+v", ready)
			}
			made := r.lacks(t, http.MethodPost, "/api/v1/workflows?enabled=true", d, 201)
			if len(made.Meta.Warnings) == 0 || !strings.HasPrefix(made.Meta.Warnings[0], "Not checked: ") {
				t.Errorf("enabled with the warnings %q", made.Meta.Warnings)
			}
		})
	})
}

// Without a connection nothing can be checked, which is said.
func TestFault25NothingConnected(t *testing.T) {
	r := run(t, fast)
	if err := r.visitor.SignIn(t.Context(), email, password, r.SetupToken); err != nil {
		t.Fatal(err)
	}
	ready := r.lacks(t, http.MethodPost, "/api/v1/workflows/readiness", `{"definition":`+routeNetwork+`}`, 200).Data
	if len(ready.Obstacles) != 0 || len(ready.Unchecked) != 1 || !strings.Contains(ready.Unchecked[0], "No ticket system is connected") {
		t.Errorf("readiness is %+v", ready)
	}
}
