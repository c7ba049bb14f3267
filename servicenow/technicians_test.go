package servicenow_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/simulator"
)

func TestMembers(t *testing.T) {
	w := newWorld(t)
	tickets, _ := w.connected()
	names := func(list []neo.Value) string {
		var all []string
		for _, m := range list {
			if m.Value == "" {
				t.Errorf("member %+v", m)
			}
			all = append(all, m.Display)
		}
		return strings.Join(all, ", ")
	}
	w.update("sys_user", simulator.UserID("samir.patel"), map[string]string{"active": "false"})
	w.create("sys_user_grmember", map[string]string{"group": simulator.GroupID("On-Call"), "user": simulator.UserID("kenji.mori")}) // twice
	for group, want := range map[string]string{
		"On-Call":      "David Loo, Kenji Mori, Lena Fischer",
		"Service Desk": "Beth Anglin, Fred Luddy, Maria Santos", // not Neo itself
	} {
		if got, err := tickets.Members(t.Context(), simulator.GroupID(group)); err != nil || names(got) != want {
			t.Errorf("%s: %s, %v", group, names(got), err)
		}
	}
	empty := w.create("sys_user_group", map[string]string{"name": "Nobody"})
	if got, err := tickets.Members(t.Context(), empty); err != nil || got == nil || len(got) != 0 {
		t.Errorf("a group without members: %v, %v", got, err)
	}
	w.update("sys_user_group", empty, map[string]string{"active": "false"})
	if _, err := tickets.Members(t.Context(), empty); neo.CodeOf(err) != neo.CodeNotFound || !strings.Contains(neo.MessageOf(err), "not active") {
		t.Errorf("a group that is not active: %v", err)
	}
	w.delete("sys_user_group", empty)
	if _, err := tickets.Members(t.Context(), empty); neo.CodeOf(err) != neo.CodeNotFound || !strings.Contains(neo.MessageOf(err), "was deleted") {
		t.Errorf("a group that is gone: %v", err)
	}
	if _, err := tickets.Members(t.Context(), "a^ORgroup=b"); neo.CodeOf(err) != neo.CodeInvalid {
		t.Errorf("a term as id: %v", err)
	}
}

func TestMembersThatAreHidden(t *testing.T) {
	tickets := fakeTickets(t, says(200, asJSON, `{"result":[]}`, "X-Total-Count", "4"))
	if _, err := tickets.Members(t.Context(), "g1"); neo.CodeOf(err) != neo.CodeRefused || !strings.Contains(neo.MessageOf(err), "sys_user_grmember") {
		t.Error(err)
	}
	tickets = fakeTickets(t, says(200, asHTML, hibernating))
	if _, err := tickets.Members(t.Context(), "g1"); neo.CodeOf(err) != neo.CodeUnavailable {
		t.Error(err)
	}
}

func TestOpenTickets(t *testing.T) {
	ids := map[string]string{}
	var users []string
	for _, u := range []string{"beth.anglin", "david.loo", "lena.fischer"} {
		ids[simulator.UserID(u)] = u
		users = append(users, simulator.UserID(u))
	}
	want := map[string]int{simulator.UserID("beth.anglin"): 3, simulator.UserID("david.loo"): 1, simulator.UserID("lena.fischer"): 0}
	seed := func(w *world, in neo.Integration) {
		for _, c := range []struct {
			class neo.TicketClass
			user  string
			state string
		}{
			{neo.Incident, "beth.anglin", "1"}, {neo.Incident, "beth.anglin", "8"}, {neo.Problem, "beth.anglin", ""}, {neo.CatalogTask, "beth.anglin", ""},
			{neo.ChangeRequest, "david.loo", ""}, {neo.ChangeRequest, "david.loo", "4"}, {neo.Incident, "fred.luddy", ""}, {neo.Incident, "", ""}, {"task", "lena.fischer", ""},
		} {
			values := map[string]string{"assigned_to": ""}
			if c.user != "" {
				values["assigned_to"] = simulator.UserID(c.user)
			}
			if c.state != "" {
				values["state"] = c.state
			}
			w.made(in, c.class, values)
		}
	}
	for _, account := range []string{"neo.agent", "itil.only"} {
		w := newWorld(t)
		tickets, in := w.connectedAs(account)
		seed(w, in)
		got, err := tickets.OpenTickets(t.Context(), users)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", account, err, diff)
		}
		if got, err := tickets.OpenTickets(t.Context(), nil); err != nil || len(got) != 0 {
			t.Errorf("nobody: %v, %v", got, err)
		}
		if _, err := tickets.OpenTickets(t.Context(), []string{"a,b"}); neo.CodeOf(err) != neo.CodeInvalid {
			t.Errorf("a list as id: %v", err)
		}
		var many []string
		for i := range 120 {
			many = append(many, fmt.Sprintf("%032d", i))
		}
		if got, err := tickets.OpenTickets(t.Context(), append(many, users...)); err != nil || len(got) != 123 || got[users[0]] != 3 {
			t.Errorf("many: %d, %v", len(got), err)
		}
	}
}

// TestOpenTicketsWithoutTheAggregateAPI: then the tickets are read and counted.
func TestOpenTicketsWithoutTheAggregateAPI(t *testing.T) {
	for name, stats := range map[string]http.HandlerFunc{
		"403":                    says(403, asJSON, `{"error":{"message":"User Not Authorized","detail":"Failed API level ACL Validation"},"status":"failure"}`),
		"400":                    says(400, asJSON, `{"error":{"message":"Requested URI does not represent any resource","detail":null},"status":"failure"}`),
		"not what it should say": says(200, asJSON, `{"result":{"stats":{"count":"3"}}}`),
		"without the field":      says(200, asJSON, `{"result":[{"stats":{"count":"3"},"groupby_fields":[]}]}`),
	} {
		t.Run(name, func(t *testing.T) {
			tickets := fakeTickets(t, func(w http.ResponseWriter, r *http.Request) {
				if strings.HasPrefix(r.URL.Path, "/api/now/stats/") {
					stats(w, r)
					return
				}
				body := `{"result":[{"sys_id":"t1","assigned_to":"u1","active":"true"},{"sys_id":"t2","assigned_to":"u2","active":"true"}]}`
				if r.URL.Query().Get("sysparm_offset") == "1000" {
					body = `{"result":[{"sys_id":"t3","assigned_to":"u1","active":"true"},{"sys_id":"t4","assigned_to":"u1","active":"false"},{"sys_id":"t5","assigned_to":"u3"}]}`
				}
				says(200, asJSON, body, "X-Total-Count", "1005")(w, r)
			})
			got, err := tickets.OpenTickets(t.Context(), []string{"u1", "u2"})
			if diff := cmp.Diff(map[string]int{"u1": 2, "u2": 1}, got); err != nil || diff != "" {
				t.Errorf("%v\n%s", err, diff)
			}
		})
	}
	tickets := fakeTickets(t, says(503, asHTML, "maintenance"))
	if _, err := tickets.OpenTickets(t.Context(), []string{"u1"}); neo.CodeOf(err) != neo.CodeUnavailable {
		t.Error(err)
	}
}
