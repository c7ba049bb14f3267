package servicenow_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/servicenow"
	"github.com/neoagent/neo/simulator"
)

func TestReadAndWrite(t *testing.T) {
	w := newWorld(t)
	tickets, in := w.connected()
	ref := w.ticket()
	ref.IntegrationID = in.ID

	before, err := tickets.Read(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	if before.TicketRef != ref || before.TenantID != neo.DefaultTenant || !strings.HasPrefix(before.Number, "INC") || before.Version != 0 ||
		w.clock.now().Sub(before.UpdatedAt) >= time.Second || before.UpdatedAt.Location() != time.UTC {
		t.Errorf("ticket %+v", before)
	}
	for name, want := range map[string]neo.Value{
		"short_description": {Value: "Printer on fire"},
		"state":             {Value: "1", Display: "New"},
		"caller_id":         {Value: simulator.UserID("abigail.turner"), Display: "Abigail Turner"},
		"active":            {Value: "true"},
		"assigned_to":       {},
	} {
		if got, ok := before.Fields[name]; !ok || got != want {
			t.Errorf("%s = %+v (%t), want %+v", name, got, ok, want)
		}
	}
	if _, ok := before.Fields["work_notes"]; ok {
		t.Error("journals are among the fields")
	}

	group := simulator.GroupID("Network")
	after, err := tickets.Write(t.Context(), ref, neo.Write{Fields: map[string]string{"assignment_group": group, "state": "2"}, WorkNote: "by Neo [neo:run-1/0]"})
	if err != nil {
		t.Fatal(err)
	}
	if after.Version != 1 || after.Fields["assignment_group"] != (neo.Value{Value: group, Display: "Network"}) || after.Fields["state"].Display != "In Progress" {
		t.Errorf("after the write %+v", after)
	}
	again, err := tickets.Read(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	for name := range again.Fields {
		if _, asked := after.Fields[name]; !asked {
			delete(again.Fields, name) // the echo is of what was written
		}
	}
	if diff := cmp.Diff(after, again); diff != "" {
		t.Errorf("the echo and the ticket differ (-echo +ticket):\n%s", diff)
	}
	if j := w.sim.Journal(ref.RemoteID); len(j) != 1 {
		t.Errorf("journal %+v", j)
	}
}

func TestWriteThatIsRefused(t *testing.T) {
	w := newWorld(t)
	tickets, in := w.connected()
	ref := w.ticket()
	ref.IntegrationID = in.ID
	for name, tt := range map[string]struct {
		ref  neo.TicketRef
		w    neo.Write
		code neo.Code
		want string
	}{
		"nothing":          {ref, neo.Write{}, neo.CodeInvalid, "nothing to write"},
		"bad field":        {ref, neo.Write{Fields: map[string]string{"State ": "1"}}, neo.CodeInvalid, "not the name of a ticket's field"},
		"dot-walked field": {ref, neo.Write{Fields: map[string]string{"caller_id.email": "1"}}, neo.CodeInvalid, "not the name of a ticket's field"},
		"data policy":      {ref, neo.Write{Fields: map[string]string{"state": "6"}}, neo.CodeRefused, "Fill in these fields"},
		"unknown ticket":   {neo.TicketRef{IntegrationID: in.ID, Class: neo.Incident, RemoteID: strings.Repeat("0", 32)}, neo.Write{WorkNote: "x"}, neo.CodeNotFound, "no such record"},
		"other class":      {neo.TicketRef{IntegrationID: in.ID, Class: neo.Problem, RemoteID: ref.RemoteID}, neo.Write{WorkNote: "x"}, neo.CodeNotFound, "no such record"},
		"path as id":       {neo.TicketRef{IntegrationID: in.ID, Class: neo.Incident, RemoteID: "../sys_user/x"}, neo.Write{WorkNote: "x"}, neo.CodeInvalid, "not a ticket"},
		"not a ticket":     {neo.TicketRef{IntegrationID: in.ID, Class: "sys_user", RemoteID: ref.RemoteID}, neo.Write{WorkNote: "x"}, neo.CodeInvalid, "not a ticket"},
		"of another":       {neo.TicketRef{IntegrationID: "other", Class: neo.Incident, RemoteID: ref.RemoteID}, neo.Write{WorkNote: "x"}, neo.CodeInternal, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := tickets.Write(t.Context(), tt.ref, tt.w)
			if neo.CodeOf(err) != tt.code || !strings.Contains(neo.MessageOf(err), tt.want) {
				t.Errorf("got %v, want %s: %s", err, tt.code, tt.want)
			}
		})
	}
	if _, err := tickets.Read(t.Context(), neo.TicketRef{IntegrationID: in.ID, Class: neo.Incident, RemoteID: strings.Repeat("0", 32)}); neo.CodeOf(err) != neo.CodeNotFound {
		t.Errorf("reading an unknown ticket: %v", err)
	}
}

func TestHasNote(t *testing.T) {
	w := newWorld(t)
	tickets, in := w.connected()
	ref := w.ticket()
	other := w.ticket()
	ref.IntegrationID, other.IntegrationID = in.ID, in.ID
	const marker = "neo:0190a-7/0"
	for _, step := range []struct {
		name  string
		write func() error
		want  bool
	}{
		{"no note", func() error { return nil }, false},
		{"on another ticket", func() error {
			_, err := tickets.Write(t.Context(), other, neo.Write{WorkNote: "x [" + marker + "]"})
			return err
		}, false},
		{"as a comment", func() error {
			_, err := tickets.Write(t.Context(), ref, neo.Write{Fields: map[string]string{"comments": "x [" + marker + "]"}})
			return err
		}, false},
		{"another marker", func() error {
			_, err := tickets.Write(t.Context(), ref, neo.Write{WorkNote: "x [neo:0190a-7/1]"})
			return err
		}, false},
		{"there", func() error {
			_, err := tickets.Write(t.Context(), ref, neo.Write{WorkNote: "x [" + marker + "] y"})
			return err
		}, true},
	} {
		if err := step.write(); err != nil {
			t.Fatal(err)
		}
		if got, err := tickets.HasNote(t.Context(), ref, neo.WorkNotes, marker, time.Time{}); err != nil || got != step.want {
			t.Errorf("%s: %t, %v", step.name, got, err)
		}
	}
	if has, err := tickets.HasNote(t.Context(), ref, neo.WorkNotes, "a^ORelement_id=x", time.Time{}); err != nil || has {
		t.Errorf("a text with ^: %t, %v", has, err)
	}
	if _, err := tickets.HasNote(t.Context(), ref, neo.WorkNotes, "", time.Time{}); err == nil {
		t.Error("an empty marker is on every ticket")
	}
}

// TestHasNoteWithoutTheJournalTable: accounts that may not read sys_journal_field
// are told that it is empty. A wrong "no" would write the note twice.
func TestHasNoteWithoutTheJournalTable(t *testing.T) {
	for name, journal := range map[string]http.HandlerFunc{
		"empty for want of a role": says(200, asJSON, `{"result":[]}`),
		"403":                      says(403, asJSON, `{"error":{"message":"Insufficient rights to query records","detail":null},"status":"failure"}`),
		"every row, as when a term is dropped": says(200, asJSON,
			`{"result":[{"element_id":"zz","element":"work_notes","value":"neo:1"},{"element_id":"t1","element":"comments","value":"neo:1"}]}`),
	} {
		for text, want := range map[string]bool{
			"2026-11-24 05:30:00 - Neo (Work notes)\\nassigned [neo:1]\\n\\n": true,
			"2026-11-24 05:30:00 - Neo (Work notes)\\nassigned\\n\\n":         false,
		} {
			t.Run(name, func(t *testing.T) {
				tickets := fakeTickets(t, func(w http.ResponseWriter, r *http.Request) {
					if strings.Contains(r.URL.Path, "sys_journal_field") {
						journal(w, r)
						return
					}
					says(200, asJSON, `{"result":{"sys_id":{"value":"t1","display_value":"t1"},"work_notes":{"value":"","display_value":"`+text+`"}}}`)(w, r)
				})
				got, err := tickets.HasNote(t.Context(), neo.TicketRef{IntegrationID: "i1", Class: neo.Incident, RemoteID: "t1"}, neo.WorkNotes, "neo:1", time.Time{})
				if err != nil || got != want {
					t.Errorf("%q: %t, %v; want %t", text, got, err, want)
				}
			})
		}
	}
	tickets := fakeTickets(t, says(200, asHTML, hibernating))
	if _, err := tickets.HasNote(t.Context(), neo.TicketRef{IntegrationID: "i1", Class: neo.Incident, RemoteID: "t1"}, neo.WorkNotes, "neo:1", time.Time{}); neo.CodeOf(err) != neo.CodeUnavailable {
		t.Errorf("a hibernating instance: %v", err)
	}
}

// The address of a technician, for texts; somebody without one is no error.
func TestUserEmail(t *testing.T) {
	w := newWorld(t)
	tickets, _ := w.connected()
	w.create("sys_user", map[string]string{"user_name": "no.mail", "name": "No Mail", "active": "true"})
	silent, err := tickets.Lookup(t.Context(), "user", "no.mail")
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ id, want string }{
		"a technician":    {simulator.UserID("beth.anglin"), "beth.anglin@northwind.example"},
		"without address": {silent.Value, ""},
		"nobody":          {"", ""},
		"not there":       {strings.Repeat("0", 32), ""},
		"no id of ours":   {"beth.anglin^ORactive=true", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := tickets.UserEmail(t.Context(), tt.id)
			if err != nil || got != tt.want {
				t.Errorf("got %q, %v, want %q", got, err, tt.want)
			}
		})
	}
}

func TestLookup(t *testing.T) {
	w := newWorld(t)
	tickets, _ := w.connected()
	for _, u := range []map[string]string{
		{"user_name": "kim.1", "name": "Kim Lee", "email": "kim.1@x.example", "active": "true"},
		{"user_name": "kim.2", "name": "Kim Lee", "email": "kim.2@x.example", "active": "true"},
		{"user_name": "gone", "name": "Gone Girl", "email": "gone@x.example", "active": "false"},
		{"user_name": "Fred Luddy", "name": "Somebody Else", "email": "fl2@x.example", "active": "true"},
	} {
		w.create("sys_user", u)
	}
	w.create("sys_user_group", map[string]string{"name": "Service\u00a0Desk Su\u0308d", "active": "true"})
	beth := neo.Value{Value: simulator.UserID("beth.anglin"), Display: "Beth Anglin"}
	network := neo.Value{Value: simulator.GroupID("Network"), Display: "Network"}
	for name, tt := range map[string]struct {
		kind, name string
		want       neo.Value
		code       neo.Code
		says       string
	}{
		"group":                     {"group", "Network", network, "", ""},
		"group, other case, spaces": {"group", " network ", network, "", ""},
		"fault 11: a group with another blank and letter": {"group", "service desk SÜD", neo.Value{Display: "Service\u00a0Desk Su\u0308d"}, "", ""},
		"fault 11: a user with another blank":             {"user", "Beth\u00a0Anglin", beth, "", ""},
		"fault 11: a user with a decomposed letter":       {"user", "Toma\u0301š Novák", neo.Value{Value: simulator.UserID("tomas.novak"), Display: "Tomáš Novák"}, "", ""},
		"group by id":               {"group", network.Value, network, "", ""},
		"group with &":              {"group", "Email & Collaboration", neo.Value{Value: simulator.GroupID("Email & Collaboration"), Display: "Email & Collaboration"}, "", ""},
		"user by user name":         {"user", "beth.anglin", beth, "", ""},
		"user by name":              {"user", "Beth Anglin", beth, "", ""},
		"user by e-mail address":    {"user", "Beth.Anglin@northwind.example", beth, "", ""},
		"user by id":                {"user", beth.Value, beth, "", ""},
		"user with '":               {"user", "Liam O'Connor", neo.Value{Value: simulator.UserID("liam.oconnor"), Display: "Liam O'Connor"}, "", ""},
		"user name before name":     {"user", "Fred Luddy", neo.Value{Display: "Somebody Else"}, "", ""},
		"part of a name":            {"group", "Net", neo.Value{}, neo.CodeNotFound, `no group "Net"`},
		"unknown user":              {"user", "nobody", neo.Value{}, neo.CodeNotFound, "Check the spelling in the workflow"},
		"several":                   {"user", "Kim Lee", neo.Value{}, neo.CodeInvalid, `2 users in ServiceNow have the name "Kim Lee"`},
		"inactive":                  {"user", "gone", neo.Value{}, neo.CodeNotFound, "not active"},
		"empty":                     {"group", " ", neo.Value{}, neo.CodeInvalid, "missing"},
		"a term in the value":       {"group", "x^ORname=Network", neo.Value{}, neo.CodeInvalid, "remove ^"},
		"a new group of terms":      {"group", "x^NQactive=true", neo.Value{}, neo.CodeInvalid, "remove ^"},
		"a script in the value":     {"user", "javascript:gs.getUserName()", neo.Value{}, neo.CodeInvalid, "javascript:"},
		"a line break in the value": {"user", "a\nb", neo.Value{}, neo.CodeInvalid, "line breaks"},
		"a kind that is not looked": {"planet", "x", neo.Value{}, neo.CodeInternal, ""},
		"company":                   {"company", "halden shipping", neo.Value{Display: "Halden Shipping"}, "", ""},
		"ci":                        {"ci", "VPN gateway", neo.Value{Display: "VPN gateway"}, "", ""},
		"unknown ci":                {"ci", "Warp drive", neo.Value{}, neo.CodeNotFound, "no configuration item"},
		"a deleted group":           {"group", strings.Repeat("0a", 16), neo.Value{}, neo.CodeNotFound, "was deleted in ServiceNow"},
		"a parameter in the value":  {"group", "Network&sysparm_limit=9", neo.Value{}, neo.CodeNotFound, "no group"},
		"an operator in the value":  {"group", "INa,b", neo.Value{}, neo.CodeNotFound, "no group"},
		"a name that is not ASCII":  {"user", "Tomáš Novák", neo.Value{Value: simulator.UserID("tomas.novak"), Display: "Tomáš Novák"}, "", ""},
		"a user where a group is":   {"group", "Beth Anglin", neo.Value{}, neo.CodeNotFound, "no group"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := tickets.Lookup(t.Context(), tt.kind, tt.name)
			if neo.CodeOf(err) != tt.code || err != nil && !strings.Contains(neo.MessageOf(err), tt.says) {
				t.Fatalf("got %+v, %v", got, err)
			}
			if tt.want.Value == "" {
				got.Value = ""
			}
			if got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

// fakeTickets are the tickets of an integration whose instance answers with f.
func fakeTickets(t *testing.T, f http.HandlerFunc) *servicenow.Tickets {
	t.Helper()
	_, tickets := fakeWorld(t, f)
	return tickets
}

func fakeWorld(t *testing.T, f http.HandlerFunc) (*tokenWorld, *servicenow.Tickets) {
	t.Helper()
	srv := httptest.NewServer(f)
	t.Cleanup(srv.Close)
	w := newTokenWorld(t)
	in := w.store.integration(t, "i1")
	in.InstanceURL = srv.URL
	_ = w.store.SaveIntegration(t.Context(), nil, in)
	tickets, err := w.replica(t).Tickets(t.Context(), "i1")
	if err != nil {
		t.Fatal(err)
	}
	return w, tickets
}

func TestReadTakesEveryShape(t *testing.T) {
	tickets := fakeTickets(t, func(w http.ResponseWriter, r *http.Request) {
		if q := r.URL.Query(); q.Get("sysparm_display_value") != "all" || r.URL.Path != "/api/now/table/incident/t1" {
			t.Errorf("asked %s", r.URL)
		}
		says(200, asJSON, `{"result":{"sys_id":{"value":"t1","display_value":"t1"},"sys_mod_count":{"value":"7","display_value":"7"},
			"number":{"value":"INC1","display_value":"INC1"},"sys_updated_on":{"value":"2026-11-24 05:30:00","display_value":"2026-11-23 21:30:00"},
			"upon_reject":{"value":"","display_value":null},"opened_by":{"value":"u1","display_value":"Fred","link":"https://x/u1"},
			"plain":"text","empty":"","nothing":null,"ref":{"link":"https://x","value":"r1"},"count":3,"flag":true}}`)(w, r)
	})
	got, err := tickets.Read(t.Context(), neo.TicketRef{IntegrationID: "i1", Class: neo.Incident, RemoteID: "t1"})
	if err != nil {
		t.Fatal(err)
	}
	want := neo.Ticket{TicketRef: neo.TicketRef{IntegrationID: "i1", Class: neo.Incident, RemoteID: "t1"}, TenantID: neo.DefaultTenant, Number: "INC1", Version: 7,
		UpdatedAt: time.Date(2026, 11, 24, 5, 30, 0, 0, time.UTC),
		Fields: map[string]neo.Value{"sys_id": {Value: "t1"}, "sys_mod_count": {Value: "7"}, "number": {Value: "INC1"},
			"sys_updated_on": {Value: "2026-11-24 05:30:00", Display: "2026-11-23 21:30:00"}, "upon_reject": {}, "opened_by": {Value: "u1", Display: "Fred"},
			"plain": {Value: "text"}, "empty": {}, "nothing": {}, "ref": {Value: "r1"}, "count": {Value: "3"}, "flag": {Value: "true"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ticket (-want +got):\n%s", diff)
	}
}

func TestReadWithoutTheVersion(t *testing.T) {
	tickets := fakeTickets(t, says(200, asJSON, `{"result":{"sys_id":"t1","number":"INC1"}}`))
	_, err := tickets.Read(t.Context(), neo.TicketRef{IntegrationID: "i1", Class: neo.Incident, RemoteID: "t1"})
	if neo.CodeOf(err) != neo.CodeRefused || !strings.Contains(neo.MessageOf(err), "sys_mod_count") {
		t.Error(err)
	}
}
