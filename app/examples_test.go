package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/app"
	"github.com/neoagent/neo/simulator"
	"github.com/neoagent/neo/visitor"
)

// example is one of the example workflows on a Neo beside a simulated instance.
type example struct {
	*testing.T
	r  *running
	id string // of the workflow
}

// stuck is how long nothing may change before a test gives up: a loaded machine is slow,
// but goes on.
const stuck = time.Minute

// until waits for something in the instance, as long as runs go on.
func (e example) until(what string, ok func() bool) {
	e.Helper()
	seen, since := "", time.Now()
	err := visitor.Until(e.Context(), func() (bool, error) {
		if ok() {
			return true, nil
		}
		if now := fmt.Sprint(e.runs()); now != seen {
			seen, since = now, time.Now()
		}
		if time.Since(since) > stuck {
			e.Fatalf("%s\nruns: %s", what, seen)
		}
		return false, nil
	})
	if err != nil {
		e.Fatalf("%s: %v\nruns: %s", what, err, seen)
	}
}

type exampleRun struct {
	ID, Number, Message string
	WorkflowID          string `json:"workflow_id"`
	Outcome             neo.Outcome
}

// runs are those of the workflow, newest first.
func (e example) runs() (own []exampleRun) {
	e.Helper()
	all, err := visitor.Get[[]exampleRun](e.Context(), &e.r.visitor.Client, "/api/v1/history?type=WORKFLOW_EXECUTION")
	if err != nil {
		e.Fatal(err)
	}
	for _, r := range all {
		if r.WorkflowID == e.id {
			own = append(own, r)
		}
	}
	return own
}

// ends waits until the run for a ticket is so, and says how many there are of the workflow.
func (e example) ends(number string, outcome neo.Outcome, message string) {
	e.Helper()
	e.until(fmt.Sprintf("the run of %s is not %s %q", number, outcome, message), func() bool {
		for _, r := range e.runs() {
			if r.Number == number {
				return r.Outcome == outcome && strings.Contains(r.Message, message)
			}
		}
		return false
	})
}

func (e example) create(user, table string, fields ...string) (id, number string) {
	e.Helper()
	id, err := e.r.instance.Create(user, table, pairs(fields))
	if err != nil {
		e.Fatal(err)
	}
	return id, e.r.instance.Get(table, id)["number"]
}

func (e example) update(user, table, id string, fields ...string) {
	e.Helper()
	if err := e.r.instance.Update(user, table, id, pairs(fields)); err != nil {
		e.Fatal(err)
	}
}

func pairs(fields []string) map[string]string {
	m := map[string]string{}
	for i := 0; i+1 < len(fields); i += 2 {
		m[fields[i]] = fields[i+1]
	}
	return m
}

// noted reports whether a ticket has a note that contains text.
func (e example) noted(id, element, text string) bool {
	for _, j := range e.r.instance.Journal(id) {
		if j.Element == element && strings.Contains(j.Value, text) {
			return true
		}
	}
	return false
}

func (e example) group(name string) string {
	return e.r.instance.Find("sys_user_group", "name="+name)[0]
}

// The ten examples, as they are offered as templates, do on a ServiceNow what they say.
func TestExamplesOnAnInstance(t *testing.T) {
	inside := receiver(t)
	r := run(t, fast, func(c *app.Config) { c.MessageAllowHosts = []string{inside.host()} })
	r.connect(t)
	templates, err := visitor.Get[[]struct {
		ID         string
		Definition json.RawMessage
	}](t.Context(), &r.visitor.Client, "/api/v1/workflow-templates")
	if err != nil {
		t.Fatal(err)
	}
	caller := simulator.UserID("tomas.novak")

	does := map[string]func(e example){
		"triage-note": func(e example) {
			_, problem := e.create("beth.anglin", "problem", "short_description", "VPN again")
			id, _ := e.create("beth.anglin", "incident", "short_description", "VPN drops", "caller_id", caller)
			e.until("no note", func() bool { return e.noted(id, "work_notes", "What: VPN drops") })
			for _, r := range e.runs() {
				if r.Number == problem {
					e.Error("it ran for a problem")
				}
			}
		},
		"after-hours-p1": func(e example) {
			opens, closes := "02:00", "03:00"
			if time.Now().UTC().Hour() < 12 {
				opens, closes = "20:00", "21:00"
			}
			if status, text := e.r.call(e.T, http.MethodPut, "/api/v1/settings", fmt.Sprintf(
				`{"time_zone":"UTC","business_days":["MON","TUE","WED","THU","FRI"],"opens_at":%q,"closes_at":%q}`, opens, closes)); status != 200 {
				e.Fatalf("the hours were answered %d %s", status, text)
			}
			ask[endpoint](e.T, e.r, "/api/v1/endpoints", fmt.Sprintf(`{"name":"On call","kind":"TEAMS","url":%q}`, inside.URL+"/hook"))
			id, _ := e.create("beth.anglin", "incident", "short_description", "Mail is down", "caller_id", caller, "impact", "1", "urgency", "1")
			e.until("it is not with On-Call", func() bool { return e.r.instance.Get("incident", id)["assignment_group"] == e.group("On-Call") })
			e.until("no message", func() bool { _, body, _ := inside.arrived(); return strings.Contains(body, "Mail is down") })
		},
		"chase-awaiting-caller": func(e example) {
			id, number := e.create("beth.anglin", "incident", "short_description", "Printer jams", "caller_id", caller, "state", "2")
			e.update("beth.anglin", "incident", id, "state", "3", "hold_reason", "1", "comments", "Which printer?")
			e.ends(number, neo.Waiting, "Waits for the ticket to change")
			e.update("tomas.novak", "incident", id, "comments", "The one upstairs.")
			e.ends(number, neo.Skipped, "does not wait for its caller any more")
		},
		"approved-request": func(e example) {
			id, number := e.create("beth.anglin", "sc_req_item", "short_description", "Laptop", "requested_for", caller, "approval", "requested")
			e.ends(number, neo.Waiting, "")
			e.update("system", "sc_req_item", id, "approval", "approved")
			e.until("it is not being fulfilled", func() bool {
				v := e.r.instance.Get("sc_req_item", id)
				return v["assignment_group"] == e.group("Service Desk") && v["state"] == "2" && e.noted(id, "comments", number+" (Laptop) was approved")
			})
		},
		"vip-priority": func(e example) {
			id, _ := e.create("beth.anglin", "incident", "short_description", "Laptop is slow", "caller_id", simulator.UserID("magnus.dahl"), "impact", "3", "urgency", "3")
			e.until("the priority is not raised", func() bool {
				return e.r.instance.Get("incident", id)["priority"] == "2" && e.noted(id, "work_notes", "Magnus Dahl is a VIP")
			})
		},
		"network-round-robin": func(e example) {
			who := map[string]bool{}
			for range 3 {
				id, _ := e.create("beth.anglin", "incident", "short_description", "No Wi-Fi", "caller_id", caller, "category", "network")
				e.until("nobody has it", func() bool { return e.r.instance.Get("incident", id)["assigned_to"] != "" })
				who[e.r.instance.Get("incident", id)["assigned_to"]] = true
			}
			if len(who) != 3 {
				e.Errorf("three incidents went to %d technicians of three", len(who))
			}
		},
		"link-duplicates": func(e example) {
			_, other := e.create("beth.anglin", "incident", "short_description", "Badge does not open the garage", "caller_id", caller)
			first, number := e.create("beth.anglin", "incident", "short_description", "Invoices cannot be printed in Cork", "caller_id", caller)
			e.ends(number, neo.Skipped, "no similar open incident")
			e.ends(other, neo.Skipped, "no similar open incident")
			second, _ := e.create("beth.anglin", "incident", "short_description", "Invoices cannot be printed in Cork", "caller_id", simulator.UserID("liam.oconnor"))
			e.until("it is not linked", func() bool {
				return e.r.instance.Get("incident", second)["parent_incident"] == first && e.noted(second, "comments", "We work on it in "+number)
			})
		},
		"reopened-to-last-technician": func(e example) {
			id, _ := e.create("beth.anglin", "incident", "short_description", "Scanner", "caller_id", caller, "state", "2", "assigned_to", simulator.UserID("beth.anglin"))
			e.update("david.loo", "incident", id, "state", "6", "close_code", "Solution provided", "close_notes", "Restarted it")
			e.update("beth.anglin", "incident", id, "state", "2")
			e.until("no note", func() bool { return e.noted(id, "work_notes", "Opened again by beth.anglin") })
			v := e.r.instance.Get("incident", id)
			want := v["resolved_by"]
			if want == "" {
				want = simulator.UserID("beth.anglin")
			}
			if v["assigned_to"] != want {
				e.Errorf("it is with %s, want %s", v["assigned_to"], want)
			}
		},
		"reopen-on-reply": func(e example) {
			id, _ := e.create("beth.anglin", "incident", "short_description", "Monitor", "caller_id", caller, "state", "2")
			e.update("beth.anglin", "incident", id, "state", "6", "close_code", "Solution provided", "close_notes", "New cable")
			e.update("tomas.novak", "incident", id, "comments", "Still dark.")
			e.until("it is not open", func() bool {
				return e.r.instance.Get("incident", id)["state"] == "2" && e.noted(id, "work_notes", "Still dark.")
			})
		},
		"change-backout-plan": func(e example) {
			id, number := e.create("beth.anglin", "change_request", "short_description", "Replace the core switch", "type", "normal")
			e.update("beth.anglin", "change_request", id, "state", "-4")
			e.ends(number, neo.Waiting, "")
			pending, err := visitor.Get[[]struct{ ID, Number, Text string }](e.Context(), &e.r.visitor.Client, "/api/v1/approvals?state=PENDING")
			if err != nil || len(pending) != 1 || pending[0].Number != number {
				e.Fatalf("questions: %+v, %v", pending, err)
			}
			ask[any](e.T, e.r, "/api/v1/approvals/"+pending[0].ID+"/decision", `{"action":"reject","note":"Keep the old one in the rack."}`)
			e.until("the requester was not asked", func() bool { return e.noted(id, "comments", "Keep the old one in the rack.") })
			e.ends(number, neo.Success, "")
		},
	}
	for _, one := range templates {
		t.Run(one.ID, func(t *testing.T) {
			check := does[one.ID]
			if check == nil {
				t.Fatal("there is no test of this example")
			}
			made := ask[struct{ ID string }](t, r, "/api/v1/workflows?enabled=true&override_reason=Its+endpoint+comes+later", string(one.Definition))
			check(example{t, r, made.ID})
			if err := r.visitor.Call(t.Context(), http.MethodDelete, "/api/v1/workflows/"+made.ID, nil, nil); err != nil {
				t.Error(err)
			}
		})
	}
	if len(templates) != len(does) {
		t.Errorf("there are %d templates and %d tests", len(templates), len(does))
	}
}
