package servicenow_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/simulator"
)

func byName(list []neo.Field) map[string]neo.Field {
	m := map[string]neo.Field{}
	for _, f := range list {
		m[f.Name] = f
	}
	return m
}

func TestFields(t *testing.T) {
	w := newWorld(t)
	tickets, in := w.connected()
	w2 := newWorld(t)
	restricted, in2 := w2.connectedAs("itil.only") // sys_dictionary is empty for it
	w2.made(in2, neo.Incident, map[string]string{"caller_id": simulator.UserID("priya.nair"), "u_site_contact": simulator.UserID("omar.haddad"),
		"cmdb_ci": w2.sim.Find("cmdb_ci", "")[0], "u_business_unit": "clinic"})
	want := []neo.Field{
		{Name: "assigned_to", Label: "Assigned to", Type: neo.ReferenceField, Reference: "user"},
		{Name: "assignment_group", Label: "Assignment group", Type: neo.ReferenceField, Reference: "group"},
		{Name: "caller_id", Label: "Caller", Type: neo.ReferenceField, Reference: "user"},
		{Name: "cmdb_ci", Label: "Configuration item", Type: neo.ReferenceField, Reference: "ci"},
		{Name: "company", Label: "Company", Type: neo.ReferenceField, Reference: "company"},
		{Name: "parent_incident", Label: "Parent Incident", Type: neo.ReferenceField, Reference: "ticket"},
		{Name: "u_site_contact", Label: "Site contact", Type: neo.ReferenceField, Reference: "user", Custom: true},
		{Name: "u_business_unit", Label: "Business unit", Type: neo.ChoiceField, Custom: true},
		{Name: "u_outage", Label: "Outage", Type: neo.BooleanField, Custom: true},
		{Name: "state", Label: "State", Type: neo.ChoiceField},
		{Name: "short_description", Label: "Short description", Type: neo.TextField},
		{Name: "due_date", Label: "Due date", Type: neo.TimeField},
		{Name: "work_notes", Label: "Work notes", Type: neo.JournalField},
		{Name: "active", Label: "Active", Type: neo.BooleanField},
		{Name: "sys_created_by", Label: "Created by", Type: neo.TextField, ReadOnly: true},
		{Name: "reassignment_count", Label: "Reassignment count", Type: neo.NumberField, ReadOnly: true},
	}
	read, err := tickets.Fields(t.Context(), neo.Incident)
	if err != nil {
		t.Fatal(err)
	}
	learnt, err := restricted.Fields(t.Context(), neo.Incident)
	if err != nil {
		t.Fatal(err)
	}
	for i := range read[1:] {
		if strings.ToLower(read[i].Label) > strings.ToLower(read[i+1].Label) {
			t.Errorf("not by label: %q before %q", read[i].Label, read[i+1].Label)
		}
	}
	fromDictionary, fromSample := byName(read), byName(learnt)
	for _, f := range want {
		f.Classes = []neo.TicketClass{neo.Incident}
		if diff := cmp.Diff(f, fromDictionary[f.Name]); diff != "" {
			t.Errorf("%s by the dictionary (-want +got):\n%s", f.Name, diff)
		}
		// A sample shows neither labels nor what is read-only.
		got := fromSample[f.Name]
		f.Label, f.ReadOnly = got.Label, strings.HasPrefix(f.Name, "sys_")
		if diff := cmp.Diff(f, got); diff != "" || got.Label == "" {
			t.Errorf("%s by a sample (-want +got):\n%s", f.Name, diff)
		}
	}
	for _, other := range []string{"request_item", "u_cost_center"} {
		if _, has := fromDictionary[other]; has {
			t.Errorf("an incident has %s", other)
		}
	}
	w.made(in, neo.RequestItem, nil)
	if item, err := tickets.Fields(t.Context(), neo.RequestItem); err != nil || byName(item)["u_cost_center"].Type != neo.TextField || byName(item)["request"].Reference != "ticket" {
		t.Errorf("a request item: %v", err)
	}
	if len(fromSample) < 90 || len(fromDictionary) < 90 {
		t.Errorf("%d and %d fields", len(fromDictionary), len(fromSample))
	}
}

func TestFieldsThatCannotBeKnown(t *testing.T) {
	w := newWorld(t)
	tickets, _ := w.connectedAs("itil.only")
	if _, err := tickets.Fields(t.Context(), neo.Problem); neo.CodeOf(err) != neo.CodeRefused || !strings.Contains(neo.MessageOf(err), "create a first ticket of this class") {
		t.Errorf("no ticket: %v", err)
	}
	if _, err := tickets.Fields(t.Context(), "sys_user"); neo.CodeOf(err) != neo.CodeInvalid {
		t.Errorf("not a class: %v", err)
	}
	away := fakeTickets(t, says(200, asHTML, hibernating))
	if _, err := away.Fields(t.Context(), neo.Incident); neo.CodeOf(err) != neo.CodeUnavailable {
		t.Errorf("away: %v", err)
	}
}

// TestFieldsOfAPartOfTheDictionary: what access rules hide of it is learnt from tickets.
func TestFieldsOfAPartOfTheDictionary(t *testing.T) {
	tickets := fakeTickets(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "sys_dictionary") {
			says(200, asJSON, `{"result":[{"name":"task","element":"number","column_label":"Number","internal_type":"string"}]}`, "X-Total-Count", "90")(w, r)
			return
		}
		says(200, asJSON, `{"result":[{"number":{"value":"INC1","display_value":"INC1"},"u_site":{"value":"s1","display_value":"Oslo","link":"https://x/api/now/table/cmn_location/s1"}}]}`)(w, r)
	})
	got, err := tickets.Fields(t.Context(), neo.Incident)
	want := []neo.Field{
		{Name: "number", Label: "Number", Type: neo.TextField, Classes: []neo.TicketClass{neo.Incident}},
		{Name: "u_site", Label: "Site", Type: neo.ReferenceField, Reference: "cmn_location", Custom: true, Classes: []neo.TicketClass{neo.Incident}},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

// TestFieldsAreKept: the dictionary is read once in five minutes, a failure never kept.
func TestFieldsAreKept(t *testing.T) {
	var calls atomic.Int32
	var down atomic.Bool
	down.Store(true)
	w, tickets := fakeWorld(t, func(rw http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		if down.Load() {
			says(503, asHTML, "maintenance")(rw, r)
			return
		}
		says(200, asJSON, `{"result":[{"name":"task","element":"number","column_label":"Number","internal_type":"string"},
			{"name":"incident","element":"number","column_label":"Incident number","internal_type":"string"},
			{"name":"other","element":"x","internal_type":"string"},{"name":"task","element":"pw","internal_type":"password2"},
			{"name":"task","element":"","internal_type":"collection"},{"name":"task","element":"gone","internal_type":"string","active":"false"}]}`, "X-Total-Count", "6")(rw, r)
	})
	if _, err := tickets.Fields(t.Context(), neo.Incident); neo.CodeOf(err) != neo.CodeUnavailable {
		t.Fatal(err)
	}
	down.Store(false)
	calls.Store(0)
	for range 3 {
		got, err := tickets.Fields(t.Context(), neo.Incident)
		if err != nil || len(got) != 1 || got[0].Label != "Incident number" {
			t.Fatalf("%+v, %v", got, err)
		}
		got[0].Label = "spoiled by a caller"
	}
	if n := calls.Load(); n != 1 {
		t.Errorf("%d calls", n)
	}
	w.clock.add(6 * time.Minute)
	if _, err := tickets.Fields(t.Context(), neo.Incident); err != nil || calls.Load() != 2 {
		t.Errorf("%d calls, %v", calls.Load(), err)
	}
}
