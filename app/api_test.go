package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/visitor"
)

// call makes a call as the signed-in administrator and returns its status and body.
func (r *running) call(t *testing.T, method, path, body string) (int, string) {
	t.Helper()
	status, text, err := r.visitor.Raw(t.Context(), method, path, body)
	if err != nil {
		t.Fatal(err)
	}
	return status, text
}

const routeNetwork = `{"name":"Route","trigger_type":"TRIGGERED","target_changes":[{"change_type":"TICKET_CREATED"}],
	"conditions":{"combinator":"and","rules":[{"field":"category","operator":"=","value":"network"}]},
	"actions":[{"type":"ASSIGN_TICKET","config":{"group":"Network"}}]}`

func TestWorkflowsOverTheAPI(t *testing.T) {
	r := run(t)
	if err := r.visitor.SignIn(t.Context(), email, password, r.SetupToken); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, body, says string }{
		{"not JSON", `{"name":`, "unexpected end of JSON"},
		{"an unknown key", strings.Replace(routeNetwork, `"name"`, `"nmae":"x","name"`, 1), "nmae"},
		{"no name", strings.Replace(routeNetwork, "Route", " ", 1), "name is empty"},
		{"an unknown action", strings.Replace(routeNetwork, "ASSIGN_TICKET", "ASSIGN", 1), `actions[0].type: The type \"ASSIGN\" is not known; use one of ADD_CLIENT_NOTE, ADD_WORK_NOTE`},
		{"an unknown setting", strings.Replace(routeNetwork, `"group"`, `"team"`, 1), `actions[0].config.team: This setting is not known; there are group, technician`},
		{"an unknown operator", strings.Replace(routeNetwork, `"="`, `"~"`, 1), `conditions.rules[0].operator: \"~\" is not known`},
		{"no change", strings.Replace(routeNetwork, `{"change_type":"TICKET_CREATED"}`, "", 1), "name at least one change that starts the workflow"},
		{"a journal as a field", strings.Replace(routeNetwork, `{"type":"ASSIGN_TICKET","config":{"group":"Network"}}`,
			`{"type":"UPDATE_TICKET_FIELDS","config":{"fields":{"work_notes":"x"}}}`, 1), "use the actions ADD_WORK_NOTE and ADD_CLIENT_NOTE"},
	} {
		if status, text := r.call(t, http.MethodPost, "/api/v1/workflows", c.body); status/100 != 4 || !strings.Contains(text, c.says) {
			t.Errorf("%s was answered %d %s, want %q", c.name, status, text, c.says)
		}
	}
	id, err := r.visitor.SaveWorkflow(t.Context(), json.RawMessage(routeNetwork))
	if err != nil {
		t.Fatal(err)
	}
	path := "/api/v1/workflows/" + id
	if status, text := r.call(t, http.MethodPut, path+"?version=1", strings.Replace(routeNetwork, "Route", "Route all", 1)); status != 200 || !strings.Contains(text, `"version":2`) {
		t.Errorf("a save was answered %d %s, want version 2", status, text)
	}
	if status, text := r.call(t, http.MethodPut, path+"?version=1", routeNetwork); status != 409 {
		t.Errorf("a save over a newer version was answered %d %s, want 409", status, text)
	}
	if status, text := r.call(t, http.MethodPatch, path, `{"enabled":false}`); status != 200 || !strings.Contains(text, `"enabled":false`) {
		t.Errorf("turning it off was answered %d %s", status, text)
	}
	if status, _ := r.call(t, http.MethodDelete, path, ""); status != 200 {
		t.Errorf("deleting was answered %d", status)
	}
	if status, text := r.call(t, http.MethodGet, path, ""); status != 404 || !strings.Contains(text, `"code":"not_found"`) {
		t.Errorf("a deleted workflow was answered %d %s, want 404", status, text)
	}
}

// A ticket changes in the instance and Neo answers, through the real parts, and a
// page of the history leads to the next.
func TestTicketChangesAndNeoActs(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	r := run(t)
	r.connect(t)
	if _, err := r.visitor.SaveWorkflow(ctx, json.RawMessage(routeNetwork)); err != nil {
		t.Fatal(err)
	}
	const tickets = 5
	ids := map[string]bool{}
	for n := range tickets {
		id, err := r.instance.Create("beth.anglin", "incident", map[string]string{"short_description": fmt.Sprint("VPN ", n), "category": "network"})
		if err != nil {
			t.Fatal(err)
		}
		ids[id] = true
	}
	for id := range ids {
		err := visitor.Until(ctx, func() (bool, error) {
			return r.instance.Get("incident", id)["assignment_group"] != "", nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	type entry struct {
		ID      string      `json:"id"`
		Outcome neo.Outcome `json:"outcome"`
	}
	seen := map[string]bool{}
	err := visitor.Until(ctx, func() (bool, error) {
		clear(seen)
		for cursor := ""; ; {
			var page struct {
				Data []entry
				Meta struct {
					NextCursor string `json:"next_cursor"`
				}
			}
			err := r.visitor.Call(ctx, http.MethodGet, "/api/v1/history?type=WORKFLOW_EXECUTION&outcome=SUCCESS&limit=2&cursor="+cursor, nil, &page)
			if err != nil {
				return false, err
			}
			for _, e := range page.Data {
				if seen[e.ID] {
					t.Errorf("%s is on two pages", e.ID)
				}
				seen[e.ID] = true
			}
			if cursor = page.Meta.NextCursor; cursor == "" {
				return len(seen) == tickets, nil
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSignInsThatFailAreSlowedDown(t *testing.T) {
	r := run(t)
	if err := r.visitor.SignIn(t.Context(), email, password, r.SetupToken); err != nil {
		t.Fatal(err)
	}
	wrong := fmt.Sprintf(`{"email":%q,"password":"wrong"}`, email)
	for range 5 {
		if status, text := r.call(t, http.MethodPost, "/api/v1/session", wrong); status != 401 {
			t.Fatalf("a wrong password was answered %d %s", status, text)
		}
	}
	if status, text := r.call(t, http.MethodPost, "/api/v1/session", wrong); status != 429 || !strings.Contains(text, "Wait a minute") {
		t.Errorf("the sixth wrong password was answered %d %s, want 429", status, text)
	}
}
