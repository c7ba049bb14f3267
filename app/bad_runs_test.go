package app_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/app"
	"github.com/neoagent/neo/simulator"
)

// badRun is a run of which something is taken away: before it begins, or while it waits.
type badRun struct {
	name, actions string
	before        func(e example)
	during        func(e example, id string) // the run waits for the ticket; none: it does not wait
	outcome       neo.Outcome
	says          string
	noted         bool // the note after the step was written, once
}

// What goes wrong under a workflow, between its save and its run or in the middle of
// it, ends in a sentence that says what, and loses nothing that was under way.
func TestBadRuns(t *testing.T) {
	const (
		note  = `{"type":"ADD_WORK_NOTE","config":{"text":"noted {{ ticket.short_description }}"}}`
		wait  = `{"type":"WAIT","config":{"until_rule":{"combinator":"and","rules":[{"field":"state","operator":"=","value":"2"}]}}},`
		proof = ` {{ 'x' | upcase }} {% for i in (1..9999) %}{{ ticket.number }}{% endfor %}`
	)
	set := func(field, value string) string {
		return `{"type":"UPDATE_TICKET_FIELDS","config":{"fields":{"` + field + `":"` + value + `"}}},`
	}
	assign := func(key, name string) string {
		return `{"type":"ASSIGN_TICKET","config":{"` + key + `":"` + name + `"}},`
	}
	group := func(e example, name string) {
		if _, err := e.r.instance.Create("admin", "sys_user_group", map[string]string{"name": name}); err != nil {
			e.Fatal(err)
		}
	}
	withoutGroup := func(e example, name string) {
		if err := e.r.instance.Delete("admin", "sys_user_group", e.group(name)); err != nil {
			e.Fatal(err)
		}
	}
	goOn := func(e example, id string) { e.update("beth.anglin", "incident", id, "state", "2") }
	allow := func(e example, change func(neo.Permissions)) {
		p := neo.FullAccess()
		change(p)
		if err := e.r.visitor.Allow(e.Context(), e.r.integration(e.T).ID, p); err != nil {
			e.Fatal(err)
		}
	}
	call := func(e example, method, path, body string) {
		if status, text := e.r.call(e.T, method, path, body); status/100 != 2 {
			e.Fatalf("%s %s: %d %s", method, path, status, text)
		}
	}
	cases := []badRun{
		{name: "Liquid in a ticket", actions: note, outcome: neo.Success, says: "Added a work note.", noted: true},
		{name: "A field that only other tickets have", actions: set("backout_plan", "1") + note, outcome: neo.Success,
			says: "The instance did not take, or changed, backout_plan (wanted “1”, is empty).", noted: true},
		{name: "A choice that does not exist", actions: set("urgency", "99") + note, outcome: neo.Success,
			says: "The instance did not take, or changed, urgency (wanted “99”", noted: true},
		{name: "A person who does not exist", actions: set("assigned_to", "nobody at all") + note, outcome: neo.Failure, says: `ServiceNow has no user "nobody at all"`},
		{name: "A group that is a query", actions: assign("group", "x^ORname!=y") + note, outcome: neo.Failure, says: "remove ^, line breaks and “javascript:” from it"},
		{name: "A group deleted before the run", actions: assign("group", "Early") + note, before: func(e example) { group(e, "Early"); withoutGroup(e, "Early") },
			outcome: neo.Failure, says: `ServiceNow has no group "Early"`},
		{name: "A group deleted while the run waits", actions: wait + assign("group", "Doomed") + note, before: func(e example) { group(e, "Doomed") },
			during: func(e example, id string) { withoutGroup(e, "Doomed"); goOn(e, id) }, outcome: neo.Failure, says: `ServiceNow has no group "Doomed"`},
		{name: "A technician who became inactive", actions: wait + assign("technician", "david.loo") + note, during: func(e example, id string) {
			if err := e.r.instance.Update("admin", "sys_user", simulator.UserID("david.loo"), map[string]string{"active": "false"}); err != nil {
				e.Fatal(err)
			}
			goOn(e, id)
		}, outcome: neo.Failure, says: `The user "david.loo" is not active in ServiceNow.`},
		{name: "Permission withdrawn", actions: wait + note, during: func(e example, id string) {
			allow(e, func(p neo.Permissions) { p[neo.GroupWorkNotes] = neo.Permission{Level: neo.ReadOnly} })
			goOn(e, id)
		}, outcome: neo.Failure, says: "Work Notes is set to Read Only"},
		{name: "Saved while it waits", actions: wait + note, during: func(e example, id string) {
			call(e, http.MethodPut, "/api/v1/workflows/"+e.id+"?version=1", defined("Saved while it waits", noteOf("Of the new version.")))
			goOn(e, id)
		}, outcome: neo.Success, says: "Added a work note.", noted: true},
		{name: "Deleted while it waits", actions: wait + note, during: func(e example, id string) {
			call(e, http.MethodDelete, "/api/v1/workflows/"+e.id, "")
			goOn(e, id)
		}, outcome: neo.Success, says: "Added a work note.", noted: true},
		{name: "Unreachable while it waits", actions: wait + note, during: func(e example, id string) {
			e.r.faults(e.T, simulator.Faults{Maintenance: true})
			goOn(e, id)
			e.until("the run does not say that the instance is away", func() bool { return strings.Contains(e.runs()[0].Message, "under maintenance or unreachable") })
			e.r.faults(e.T, simulator.Faults{})
		}, outcome: neo.Success, says: "Added a work note.", noted: true},
		{name: "A workflow that does not exist", actions: calling("Nowhere") + "," + note, outcome: neo.Failure, says: `There is no workflow "Nowhere". Choose one that exists`},
		{name: "An endpoint that was deleted", actions: `{"type":"SEND_MESSAGE","config":{"endpoint":" Ops: a, b ","text":"x"}},` + note, before: func(e example) {
			made := ask[endpoint](e.T, e.r, "/api/v1/endpoints", `{"name":"Ops: a, b","kind":"HTTPS","url":"https://example.com/"}`)
			e.r.refuses(e.T, "DELETE", "/api/v1/endpoints/"+made.ID, "", 409, "An endpoint that was deleted")
			call(e, http.MethodPatch, "/api/v1/workflows/"+e.id, `{"enabled":false}`)
			call(e, http.MethodDelete, "/api/v1/endpoints/"+made.ID, "")
			call(e, http.MethodPatch, "/api/v1/workflows/"+e.id, `{"enabled":true,"override_reason":"to see it fail"}`)
		}, outcome: neo.Failure, says: `There is no endpoint "Ops: a, b". It may have been deleted or renamed`},
		{name: "A text that grows", actions: noteOf(`{% for i in (1..10000) %}{{ ticket.short_description }}{% endfor %}`) + "," + note, outcome: neo.Failure,
			says: "A text of step 1 of the workflow cannot be filled in: the text that comes out has more than 64000 bytes."},
	}
	onBoth(t, func(t *testing.T, on func(*app.Config)) {
		r := run(t, fast, on)
		r.connect(t)
		for path, actions := range map[string]string{
			"actions[0].config.fields.u_no_such": set("u_no_such", "1") + note,
			"actions[0].config.text":             noteOf("Hello {{ ticket.callerr }}"),
		} {
			r.refuses(t, "POST", "/api/v1/workflows?enabled=true", defined("Unknown field", actions), 409, path+": No connected ticket system has a field")
		}
		for i, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				title := fmt.Sprintf("Case-%d.", i)
				made := ask[struct{ ID string }](t, r, "/api/v1/workflows?enabled=true&override_reason=to+see+it+fail", defined(c.name, c.actions,
					`"conditions":{"combinator":"and","rules":[{"field":"short_description","operator":"beginsWith","value":"`+title+`"}]}`))
				e := example{t, r, made.ID}
				if c.before != nil {
					c.before(e)
				}
				id, number := e.create("beth.anglin", "incident", "short_description", title+proof, "caller_id", simulator.UserID("tomas.novak"))
				if c.during != nil {
					e.ends(number, neo.Waiting, "Waits for the ticket to change.")
					c.during(e, id)
				}
				e.ends(number, c.outcome, c.says)
				notes := 0
				for _, j := range r.instance.Journal(id) {
					if strings.Contains(j.Value, "noted "+title+proof) {
						notes++
					}
				}
				if want := map[bool]int{true: 1}[c.noted]; notes != want {
					t.Errorf("the note was written %d times, want %d: %+v", notes, want, r.instance.Journal(id))
				}
				allow(e, func(neo.Permissions) {})
			})
		}

		// A ticket that is deleted between its event and the run, or the try.
		e := example{T: t, r: r}
		e.id = ask[struct{ ID string }](t, r, "/api/v1/workflows", defined("On demand", note)).ID
		id, number := e.create("beth.anglin", "incident", "short_description", "Soon gone")
		r.untilKnown(t, "Soon gone")
		if err := r.instance.Delete("admin", "incident", id); err != nil {
			t.Fatal(err)
		}
		ask[any](t, r, "/api/v1/workflows/"+e.id+"/run", fmt.Sprintf(`{"tickets":[%q]}`, number))
		e.ends(number, neo.Failure, "The ticket was deleted in ServiceNow, or Neo's account may not see it any more.")
		r.refuses(t, "POST", "/api/v1/workflows/test", fmt.Sprintf(`{"definition":%s,"number":%q}`, defined("B", note), number), 404, "The ticket was deleted in ServiceNow")

		// Work on a workflow that is deleted before its time; a question to somebody
		// else, and one of a run that was cancelled.
		_, number = e.create("beth.anglin", "incident", "short_description", "Stays")
		r.untilKnown(t, "Stays")
		work := ask[[]struct{ ID string }](t, r, "/api/v1/workflows/"+e.id+"/run", fmt.Sprintf(`{"tickets":[%q],"at":%q,"note":"Later"}`, number, time.Now().Add(2*time.Second).Format(time.RFC3339)))
		call(e, http.MethodDelete, "/api/v1/workflows/"+e.id, "")
		var failed entry
		e.until("the work has not failed", func() bool {
			list := r.history(t, "&type=WORKFLOW_TRIGGER_REQUESTED&outcome=FAILURE")
			i := slices.IndexFunc(list, func(h entry) bool { return strings.Contains(h.Message, "Later") })
			if i >= 0 {
				failed = list[i]
			}
			return i >= 0
		})
		says(t, "the history", failed.Message, "Later – ", "deleted")
		r.refuses(t, "PATCH", "/api/v1/scheduled-work/"+work[0].ID, `{"note":"x"}`, 409, "it can no longer be changed")
		for _, c := range []struct {
			approvers, says string
			status          int
		}{{`,"approvers":["nobody@neo.example"]`, "This question is for nobody@neo.example.", 403}, {"", "", 409}} {
			asks := defined("Asks", `{"type":"REQUEST_TECHNICIAN_APPROVAL","config":{"text":"Go on?"`+c.approvers+`}},`+note)
			e.id = ask[struct{ ID string }](t, r, "/api/v1/workflows", asks).ID
			ask[any](t, r, "/api/v1/workflows/"+e.id+"/run", fmt.Sprintf(`{"tickets":[%q]}`, number))
			e.ends(number, neo.Waiting, "Waits for a technician’s answer.")
			question := data[[]struct{ ID string }](t, r, "GET", "/api/v1/approvals?state=PENDING", "")[0].ID
			call(e, http.MethodPost, "/api/v1/runs/"+e.runs()[0].ID+"/cancel", "")
			e.ends(number, neo.Cancelled, "Cancelled.")
			r.refuses(t, "POST", "/api/v1/approvals/"+question+"/decision", `{"action":"approve"}`, c.status, c.says)
			call(e, http.MethodDelete, "/api/v1/workflows/"+e.id, "")
		}
		if text := r.log.String(); strings.Contains(text, "panic") {
			t.Errorf("the log tells of a fault:\n%s", text)
		}
	})
}
