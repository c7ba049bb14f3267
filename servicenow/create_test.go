package servicenow_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/simulator"
)

func (w *world) made(in neo.Integration, class neo.TicketClass, values map[string]string) neo.TicketRef {
	w.t.Helper()
	id, err := w.sim.Create("beth.anglin", string(class), values)
	if err != nil {
		w.t.Fatal(err)
	}
	return neo.TicketRef{IntegrationID: in.ID, Class: class, RemoteID: id}
}

func TestCreate(t *testing.T) {
	w := newWorld(t)
	tickets, in := w.connectedAs("itil.only")
	parents := map[neo.TicketClass]neo.TicketRef{}
	for _, class := range neo.TicketClasses {
		parents[class] = w.made(in, class, nil)
	}
	for i, tt := range []struct {
		class, parent neo.TicketClass
		link          []string
	}{
		{neo.Incident, "", nil},
		{neo.Incident, neo.Incident, []string{"parent_incident"}},
		{neo.Incident, neo.Problem, []string{"problem_id"}},
		{neo.Incident, neo.ChangeRequest, []string{"rfc"}},
		{neo.Incident, neo.RequestItem, []string{"parent"}},
		{neo.Problem, neo.Incident, []string{"first_reported_by_task"}},
		{neo.Problem, neo.Problem, []string{"parent"}},
		{neo.ChangeRequest, neo.Problem, []string{"parent"}},
		{neo.Request, neo.Incident, []string{"parent"}},
		{neo.RequestItem, neo.Request, []string{"request", "parent"}},
		{neo.CatalogTask, neo.RequestItem, []string{"request_item", "parent"}},
	} {
		t.Run(fmt.Sprintf("%s of %s", tt.class, tt.parent), func(t *testing.T) {
			n := neo.NewTicket{Class: tt.class, Mark: fmt.Sprintf("neo-0190a7c4f5e1-%d", i), WorkNote: "made", ClientNote: "Hello",
				Fields: map[string]string{"short_description": "Order a cable", "assignment_group": simulator.GroupID("Hardware")}}
			if tt.parent != "" {
				p := parents[tt.parent]
				n.Parent = &p
			}
			if _, found, err := tickets.Created(t.Context(), tt.class, n.Mark); err != nil || found {
				t.Fatalf("before: %t, %v", found, err)
			}
			got, err := tickets.Create(t.Context(), n)
			if err != nil {
				t.Fatal(err)
			}
			rec := w.sim.Get(string(tt.class), got.RemoteID)
			if got.Class != tt.class || got.IntegrationID != in.ID || got.Number != rec["number"] || got.Version != 0 || rec["correlation_id"] != n.Mark ||
				got.Fields["assignment_group"] != (neo.Value{Value: simulator.GroupID("Hardware"), Display: "Hardware"}) || rec["short_description"] != "Order a cable" {
				t.Errorf("ticket %+v\nrecord %v", got, rec)
			}
			for _, f := range tt.link {
				if rec[f] != parents[tt.parent].RemoteID {
					t.Errorf("%s is %q", f, rec[f])
				}
			}
			if j := w.sim.Journal(got.RemoteID); len(j) != 2 {
				t.Errorf("journal %+v", j)
			}
			again, found, err := tickets.Created(t.Context(), tt.class, n.Mark)
			if err != nil || !found || again.TicketRef != got.TicketRef || again.Number != got.Number || again.Version != got.Version {
				t.Errorf("found again: %+v, %t, %v", again, found, err)
			}
		})
	}
}

func TestCreateThatIsRefused(t *testing.T) {
	w := newWorld(t)
	tickets, in := w.reader()
	elsewhere := w.ticket()
	elsewhere.IntegrationID = "another"
	for name, tt := range map[string]struct {
		n    neo.NewTicket
		code neo.Code
		says string
	}{
		"unknown class":     {neo.NewTicket{Class: "sys_user"}, neo.CodeInvalid, "not a class of tickets"},
		"bad field":         {neo.NewTicket{Class: neo.Incident, Fields: map[string]string{"caller_id.email": "x"}}, neo.CodeInvalid, "not the name"},
		"no role":           {neo.NewTicket{Class: neo.Problem, Mark: mark, Fields: map[string]string{"short_description": "x"}}, neo.CodeRefused, "itil, or sn_problem_write"},
		"data policy":       {neo.NewTicket{Class: neo.Incident, Mark: mark, Fields: map[string]string{"state": "6"}}, neo.CodeRefused, "Resolution code"},
		"parent of another": {neo.NewTicket{Class: neo.Incident, Parent: &elsewhere}, neo.CodeInternal, ""},
		"two texts":         {neo.NewTicket{Class: neo.Incident, Fields: map[string]string{"work_notes": "a"}, WorkNote: "b"}, neo.CodeInvalid, "two texts"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := tickets.Create(t.Context(), tt.n); neo.CodeOf(err) != tt.code || err != nil && !strings.Contains(neo.MessageOf(err), tt.says) {
				t.Errorf("%v", err)
			}
		})
	}
	if n := len(w.sim.Find("task", "correlation_idISNOTEMPTY")); n != 0 {
		t.Errorf("%d tickets were made", n)
	}
	if _, _, err := tickets.Created(t.Context(), neo.Incident, "a^ORnumber=1"); neo.CodeOf(err) != neo.CodeInvalid {
		t.Errorf("a term in the mark: %v", err)
	}

	// What the account may not see is not "not there".
	w.made(in, neo.Problem, map[string]string{"correlation_id": mark})
	if _, found, err := tickets.Created(t.Context(), neo.Problem, mark); neo.CodeOf(err) != neo.CodeRefused || found || !strings.Contains(neo.MessageOf(err), "not known whether a ticket was created") {
		t.Errorf("hidden: %t, %v", found, err)
	}
}

func TestCreateWhoseAnswerIsLost(t *testing.T) {
	for name, tt := range map[string]struct {
		faults simulator.Faults
		code   neo.Code
	}{
		"500 after it was made": {simulator.Faults{FailAfterCommit: 1}, neo.CodeUnavailable},
		"403 after it was made": {simulator.Faults{RefuseAfterCommit: 1}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			tickets, _ := w.connected()
			if err := w.sim.SetFaults(tt.faults); err != nil {
				t.Fatal(err)
			}
			made, err := tickets.Create(t.Context(), neo.NewTicket{Class: neo.ChangeRequest, Mark: mark})
			if neo.CodeOf(err) != tt.code {
				t.Fatal(err)
			}
			found, ok, err := tickets.Created(t.Context(), neo.ChangeRequest, mark)
			if err != nil || !ok || found.RemoteID != w.sim.Find("change_request", "")[0] || tt.code == "" && made.TicketRef != found.TicketRef {
				t.Errorf("%+v, %t, %v", found, ok, err)
			}
		})
	}
}

// TestCreatedFindsTheOldest: should there be two, the first is the one.
func TestCreatedFindsTheOldest(t *testing.T) {
	w := newWorld(t)
	tickets, in := w.connected()
	first := w.made(in, neo.Incident, map[string]string{"correlation_id": mark})
	w.clock.add(2e9)
	w.made(in, neo.Incident, map[string]string{"correlation_id": mark})
	if got, ok, err := tickets.Created(t.Context(), neo.Incident, mark); err != nil || !ok || got.TicketRef != first {
		t.Errorf("%+v, %t, %v", got.TicketRef, ok, err)
	}
}

// TestCreateThatLosesWhatItNeeds: an instance that drops the mark, or the link.
func TestCreateThatLosesWhatItNeeds(t *testing.T) {
	for _, lost := range []string{"correlation_id", "parent_incident"} {
		tickets := fakeTickets(t, func(w http.ResponseWriter, r *http.Request) {
			var sent map[string]string
			b, _ := io.ReadAll(r.Body)
			_ = json.Unmarshal(b, &sent)
			delete(sent, lost)
			sent["sys_id"], sent["sys_mod_count"], sent["number"] = "t9", "0", "INC9"
			b, _ = json.Marshal(map[string]any{"result": sent})
			says(201, asJSON, string(b))(w, r)
		})
		got, err := tickets.Create(t.Context(), neo.NewTicket{Class: neo.Incident, Mark: mark, Parent: &neo.TicketRef{IntegrationID: "i1", Class: neo.Incident, RemoteID: "t1"}})
		if neo.CodeOf(err) != neo.CodeRefused || !strings.HasPrefix(neo.MessageOf(err), "INC9 was created") || got.RemoteID != "t9" {
			t.Errorf("%s: %+v, %v", lost, got.TicketRef, err)
		}
	}
}
