package app_test

import (
	"net/http"
	"testing"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/visitor"
)

// Fault 24: the alert that a permission refuses a workflow is over once the permission is
// given; the alert that a workflow fails, once a person has switched it off.
func TestFault24AlertsAreResolvedByWhatPeopleDo(t *testing.T) {
	type shown struct {
		WorkflowID string              `json:"workflow_id"`
		RunID      string              `json:"run_id"`
		Group      neo.PermissionGroup `json:"permission_group"`
		Resolved   *string             `json:"resolved_at"`
	}
	r := run(t, fast)
	r.connect(t)
	in := r.integration(t).ID
	e := example{T: t, r: r}
	allow := func(level neo.PermissionLevel) {
		t.Helper()
		p := neo.FullAccess()
		p[neo.GroupWorkNotes] = neo.Permission{Level: level}
		if err := r.visitor.Allow(t.Context(), in, p); err != nil {
			t.Fatal(err)
		}
	}
	open := func() (open []shown) {
		t.Helper()
		all, err := visitor.Get[[]shown](t.Context(), &r.visitor.Client, "/api/v1/alerts")
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range all {
			if a.Resolved == nil && a.WorkflowID != "" {
				open = append(open, a)
			}
		}
		return open
	}
	fails := func(actions string) (id string) {
		t.Helper()
		made := ask[struct{ ID string }](t, r, "/api/v1/workflows?enabled=true&override_reason=to+see+it+fail", defined("Fails", actions))
		e.id = made.ID
		_, number := e.create("beth.anglin", "incident", "short_description", "A ticket")
		e.ends(number, neo.Failure, "")
		e.until("there is no alert", func() bool { a := open(); return len(a) == 1 && a[0].WorkflowID == made.ID && a[0].RunID != "" })
		return made.ID
	}

	allow(neo.ReadOnly)
	id := fails(`{"type":"ADD_WORK_NOTE","config":{"text":"x"}}`)
	if a := open(); a[0].Group != neo.GroupWorkNotes {
		t.Errorf("the alert is %+v", a)
	}
	allow(neo.Disabled) // which is not what it needs
	if a := open(); len(a) != 1 {
		t.Errorf("with less than before the alerts are %+v", a)
	}
	allow(neo.ReadWrite)
	if a := open(); len(a) != 0 {
		t.Errorf("the permission is given, and there are still %+v", a)
	}
	r.lacks(t, http.MethodDelete, "/api/v1/workflows/"+id, "", 200)

	id = fails(`{"type":"ASSIGN_TICKET","config":{"group":"Nobody has this one"}}`)
	r.lacks(t, http.MethodPatch, "/api/v1/workflows/"+id, `{"enabled":false}`, 200)
	if a := open(); len(a) != 0 {
		t.Errorf("it is off, and there are still %+v", a)
	}
}

// Fault 26: what is unfinished can be saved, and is neither enabled nor run.
func TestFault26DraftsAreSavedAndStayOff(t *testing.T) {
	r := run(t, fast)
	r.connect(t)
	unfinished := defined("Unfinished", `{"type":"SEND_MESSAGE","config":{"endpoint":"","text":""}}`)
	r.lacks(t, http.MethodPost, "/api/v1/workflows", unfinished, 400)
	made := ask[struct {
		ID             string
		Enabled, Draft bool
	}](t, r, "/api/v1/workflows?draft=true&enabled=true", unfinished)
	if made.Enabled || !made.Draft {
		t.Fatalf("saved as %+v, want a draft that is off", made)
	}
	path := "/api/v1/workflows/" + made.ID
	r.lacks(t, http.MethodPatch, path, `{"enabled":true}`, 400)
	r.lacks(t, http.MethodPatch, path, `{"enabled":true,"override_reason":"I want it"}`, 400)
	if status, text := r.call(t, http.MethodPost, path+"/run", `{"tickets":["INC0010001"]}`); status != 409 && status != 404 {
		t.Errorf("run now: %d %s", status, text)
	}
	whole := defined("Unfinished", `{"type":"ADD_WORK_NOTE","config":{"text":"Done"}}`)
	r.lacks(t, http.MethodPut, path+"?version=1&draft=true", whole, 200)
	r.lacks(t, http.MethodPatch, path, `{"enabled":true}`, 200)
	r.lacks(t, http.MethodPut, path+"?version=2&draft=true", unfinished, 200) // switches it off
	if w := r.lacks(t, http.MethodPatch, path, `{"enabled":true}`, 400); w.Error.Code != neo.CodeInvalid {
		t.Errorf("enabled again: %+v", w.Error)
	}
	r.lacks(t, http.MethodPost, "/api/v1/workflows?draft=true", defined("", `{"type":"WAIT","config":{}}`), 400) // a name is needed
}
