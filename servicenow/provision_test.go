package servicenow_test

import (
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/servicenow"
	"github.com/neoagent/neo/simulator"
)

const (
	ruleName = "Neo Agent — Task Webhook"
	property = "x_neoagent.callback_url"
)

// platform returns every record of the two tables that are written to.
func (w *world) platform() map[string]map[string]string {
	all := map[string]map[string]string{}
	for _, table := range []string{"sys_script", "sys_properties"} {
		for _, id := range w.sim.Find(table, "") {
			all[id] = w.sim.Get(table, id)
		}
	}
	return all
}

// details returns name: detail of the checks about what was planted.
func details(in neo.Integration) map[string]string {
	m := map[string]string{}
	for _, c := range in.Checks {
		if c.Name == "callback_property" || strings.HasSuffix(c.Name, "_rule") {
			m[c.Name] = c.Detail
		}
	}
	return m
}

func TestProvision(t *testing.T) {
	const unchanged = "Already in place; nothing was changed."
	for name, tt := range map[string]struct {
		change func(w *world, rule, property string) // what an administrator did after the first connect
		want   map[string]string                     // details after the second
	}{
		"again": {func(*world, string, string) {}, map[string]string{"callback_property": unchanged, "business_rule": unchanged}},
		"drift": {func(w *world, rule, property string) {
			w.update("sys_script", rule, map[string]string{"active": "false", "script": "gs.info('mine');", "order": "5", "filter_condition": "active=true^EQ"})
			w.update("sys_properties", property, map[string]string{"value": "https://elsewhere.example/x"})
		}, map[string]string{"callback_property": "Set again: value.", "business_rule": "Set again: active, filter_condition, order, script."}},
		"renamed": {func(w *world, rule, _ string) {
			w.update("sys_script", rule, map[string]string{"name": "Webhook (old)"})
		}, map[string]string{"callback_property": unchanged, "business_rule": "Set again: name."}},
		"moved to another table": {func(w *world, rule, _ string) {
			w.update("sys_script", rule, map[string]string{"collection": "incident"})
		}, map[string]string{"callback_property": unchanged, "business_rule": "Set again: collection."}},
		"description removed": {func(w *world, rule, _ string) {
			w.update("sys_script", rule, map[string]string{"description": ""})
		}, map[string]string{"callback_property": unchanged, "business_rule": "Set again: description."}},
		"deleted": {func(w *world, rule, property string) {
			w.delete("sys_script", rule)
			w.delete("sys_properties", property)
		}, map[string]string{"callback_property": "Created.", "business_rule": "Created."}},
		"duplicates": {func(w *world, rule, property string) {
			w.clock.add(1e9)
			for range 2 {
				w.create("sys_script", map[string]string{"name": ruleName, "collection": "task", "when": "after", "active": "true", "script": "x"})
			}
		}, map[string]string{"callback_property": unchanged, "business_rule": "Removed 2 of the same kind; one is enough."}},
		"legacy rule": {func(w *world, _, _ string) {
			w.create("sys_script", map[string]string{"name": "Neo Agent — Incident Webhook", "collection": "incident", "when": "after"})
		}, map[string]string{"callback_property": unchanged, "business_rule": unchanged, "legacy_rule": "Removed; the rule on task has taken its place."}},
		"line ends": {func(w *world, rule, _ string) {
			w.update("sys_script", rule, map[string]string{"script": strings.ReplaceAll(w.sim.Get("sys_script", rule)["script"], "\n", "\r\n")})
		}, map[string]string{"callback_property": unchanged, "business_rule": unchanged}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			// What is the customer's stays, however near its name is.
			for _, fields := range []map[string]string{
				{"name": ruleName, "collection": "incident", "when": "after", "script": "customer()"},
				{"name": "Neo Agent — Incident Webhook", "collection": "problem", "when": "after", "script": "customer()"},
				{"name": "Neo Agent - Task Webhook", "collection": "task", "when": "after", "script": "customer()"},
			} {
				w.create("sys_script", fields)
			}
			w.create("sys_properties", map[string]string{"name": property + "_2", "value": "customer"})
			theirs := w.platform()

			_, in := w.connected()
			const none = "None on this instance."
			if diff := cmp.Diff(map[string]string{"callback_property": "Created.", "business_rule": "Created.", "legacy_rule": none}, details(in)); diff != "" {
				t.Errorf("first time (-want +got):\n%s", diff)
			}
			first := w.platform()
			ids := slices.DeleteFunc(slices.Collect(maps.Keys(first)), func(id string) bool { return theirs[id] != nil })
			if len(ids) != 2 {
				t.Fatalf("planted %d records", len(ids))
			}
			rule, prop := ids[0], ids[1]
			if first[rule]["collection"] == "" {
				rule, prop = prop, rule
			}

			tt.change(w, rule, prop)
			_, in = w.connected()
			if tt.want["legacy_rule"] == "" {
				tt.want["legacy_rule"] = none
			}
			if diff := cmp.Diff(tt.want, details(in)); diff != "" {
				t.Errorf("second time (-want +got):\n%s", diff)
			}
			second := w.platform()
			if len(second) != len(first) {
				t.Errorf("%d records, then %d", len(first), len(second))
			}
			for id, r := range theirs {
				if diff := cmp.Diff(r, second[id]); diff != "" {
					t.Errorf("what is not ours was touched:\n%s", diff)
				}
			}
			if name == "again" || name == "line ends" {
				for id := range first {
					if name == "again" && cmp.Diff(first[id], second[id]) != "" {
						t.Errorf("changed: %s", cmp.Diff(first[id], second[id]))
					}
				}
			}
			w.checkPlanted()
		})
	}
}

// checkPlanted checks that the instance has exactly what it must have.
func (w *world) checkPlanted() {
	w.t.Helper()
	ids := w.sim.Find("sys_script", "collection=task^name="+ruleName)
	if len(ids) != 1 {
		w.t.Fatalf("%d rules", len(ids))
	}
	script, err := os.ReadFile("businessrule.js")
	if err != nil {
		w.t.Fatal(err)
	}
	r := w.sim.Get("sys_script", ids[0])
	for name, want := range map[string]string{"when": "after", "order": "1000", "active": "true", "advanced": "true", "action_insert": "true",
		"action_update": "true", "action_delete": "false", "action_query": "false", "filter_condition": "", "script": string(script)} {
		if strings.ReplaceAll(r[name], "\r\n", "\n") != want {
			w.t.Errorf("%s = %q", name, r[name])
		}
	}
	p := w.sim.Get("sys_properties", w.sim.Find("sys_properties", "name="+property)[0])
	for _, d := range []string{r["description"], p["description"]} {
		if !strings.Contains(d, "managed automatically by Neo Agent, do not edit") {
			w.t.Errorf("description %q", d)
		}
	}
	if !strings.HasPrefix(p["value"], w.neo.URL+servicenow.CallbackPath) {
		w.t.Errorf("property %q", p["value"])
	}
}

func (w *world) update(table, id string, values map[string]string) {
	w.t.Helper()
	if err := w.sim.Update("admin", table, id, values); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) create(table string, values map[string]string) string {
	w.t.Helper()
	id, err := w.sim.Create("admin", table, values)
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func (w *world) delete(table, id string) {
	w.t.Helper()
	if err := w.sim.Delete("admin", table, id); err != nil {
		w.t.Fatal(err)
	}
}

// TestBusinessRuleIsES5 reads the script as instances do: global scripts run on
// Rhino in ES5 mode. Newer methods and commas are looked for by their tokens.
func TestBusinessRuleIsES5(t *testing.T) {
	script, err := os.ReadFile("businessrule.js")
	if err != nil {
		t.Fatal(err)
	}
	if err := simulator.CheckES5(string(script)); err != nil {
		t.Fatal(err)
	}
	if len(script) > 8000 {
		t.Errorf("%d characters; the column sys_script.script is declared with 8000", len(script))
	}
	for i, c := range script {
		if c > 0x7e || c < 0x20 && c != '\n' {
			t.Fatalf("byte %d is %#x: the script must be plain ASCII", i, c)
		}
	}
	code := regexp.MustCompile(`'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|/\*[\s\S]*?\*/|//[^\n]*`).ReplaceAllString(string(script), "''")
	for what, pattern := range map[string]string{
		"ES6 methods":                `\.(includes|startsWith|endsWith|padStart|repeat|find|assign|from|codePointAt)\(`,
		"a trailing comma in a call": `,\s*\)`,
	} {
		if m := regexp.MustCompile(pattern).FindString(code); m != "" {
			t.Errorf("%s is not ES5: %q", what, m)
		}
	}
}

// TestTicketChangesArriveAsEvents goes the whole way: the script that is planted
// runs in the instance, sends, and what it sent is read.
func TestTicketChangesArriveAsEvents(t *testing.T) {
	w := newWorld(t)
	tickets, in := w.connected()
	group, beth := simulator.GroupID("Network"), simulator.UserID("beth.anglin")

	// A new ticket.
	id, err := w.sim.Create("beth.anglin", "incident", map[string]string{
		"short_description": "Drucker „brennt“ \u2028 \U0001F525\ttab", "description": "line 1\nline \"2\" \\ </script>",
		"caller_id": simulator.UserID("tomas.novak"), "work_notes": "first look\n\nsecond paragraph (done)"})
	if err != nil {
		t.Fatal(err)
	}
	d := w.next()
	if d.contentType != "application/json" || d.path != "/callback/servicenow?integration="+in.ID {
		t.Errorf("delivered to %s as %s", d.path, d.contentType)
	}
	if err := servicenow.NewSignatures(w.vault, w.clock.now).Verify(t.Context(), in, d.timestamp, d.signature, d.body); err != nil {
		t.Errorf("the signature: %v", err)
	}
	if !regexp.MustCompile(`^\{"sys_id":"\w+","number":"INC\d+","sys_mod_count":"0","table":"incident",`).Match(d.body) {
		t.Errorf("the first keys: %.200s", d.body)
	}
	for i, c := range d.body {
		if c > 0x7e || c < 0x20 {
			t.Fatalf("byte %d is %#x: the body must be plain ASCII", i, c)
		}
	}
	e := w.decode(d)
	if e.Type != neo.EntityCreated || e.Ticket != (neo.TicketRef{Class: neo.Incident, RemoteID: id}) || e.Version != 0 || e.ChangedBy != "beth.anglin" || len(e.Changes) != 0 {
		t.Errorf("event %+v", e)
	}
	if got := w.clock.now().Sub(e.ChangedAt); got < 0 || got >= 1e9 {
		t.Errorf("changed at %v, it is %v", e.ChangedAt, w.clock.now())
	}
	if diff := cmp.Diff([]neo.JournalEntry{{Element: "work_notes", Text: "first look\n\nsecond paragraph (done)", Author: "beth.anglin", Technician: true}}, e.Journal); diff != "" {
		t.Errorf("journal (-want +got):\n%s", diff)
	}
	for name, want := range map[string]neo.Value{
		"short_description": {Value: "Drucker „brennt“ \u2028 \U0001F525\ttab"},
		"description":       {Value: "line 1\nline \"2\" \\ </script>"},
		"caller_id":         {Value: simulator.UserID("tomas.novak"), Display: "Tomáš Novák"},
		"state":             {Value: "1", Display: "New"},
		"active":            {Value: "true"},
		"assigned_to":       {},
		"number":            {Value: e.Number},
	} {
		if got, ok := e.Fields[name]; !ok || got != want {
			t.Errorf("%s = %+v (%t), want %+v", name, got, ok, want)
		}
	}
	for _, j := range []string{"work_notes", "comments", "comments_and_work_notes"} {
		if _, ok := e.Fields[j]; ok {
			t.Errorf("the journal %s is among the fields", j)
		}
	}

	// The event says what reading says.
	ref := neo.TicketRef{IntegrationID: in.ID, Class: neo.Incident, RemoteID: id}
	read, err := tickets.Read(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range read.Fields {
		if e.Fields[name].Value != v.Value {
			t.Errorf("%s: the event has %+v, reading %+v", name, e.Fields[name], v)
		}
	}

	// An update by a person, with a reference, a choice and two notes.
	w.update2("fred.luddy", id, map[string]string{"assignment_group": group, "assigned_to": beth, "state": "2", "work_notes": "internal", "comments": "We are on it."})
	e = w.decode(w.next())
	if e.Type != neo.EntityUpdated || e.Version != 1 || e.ChangedBy != "fred.luddy" {
		t.Errorf("event %+v", e)
	}
	changes := map[string]neo.FieldChange{}
	for _, c := range e.Changes {
		changes[c.Field] = c
	}
	for _, want := range []neo.FieldChange{
		{Field: "assignment_group", To: neo.Value{Value: group, Display: "Network"}},
		{Field: "assigned_to", To: neo.Value{Value: beth, Display: "Beth Anglin"}},
		{Field: "state", From: neo.Value{Value: "1", Display: "New"}, To: neo.Value{Value: "2", Display: "In Progress"}},
	} {
		if diff := cmp.Diff(want, changes[want.Field]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", want.Field, diff)
		}
	}
	for _, no := range []string{"sys_mod_count", "sys_updated_on", "sys_updated_by", "work_notes", "comments", "short_description"} {
		if _, ok := changes[no]; ok {
			t.Errorf("%s is among the changes", no)
		}
	}
	if diff := cmp.Diff([]neo.JournalEntry{{Element: "work_notes", Text: "internal", Author: "fred.luddy", Technician: true}, {Element: "comments", Text: "We are on it.", Author: "fred.luddy", Technician: true}}, e.Journal); diff != "" {
		t.Errorf("journal (-want +got):\n%s", diff)
	}

	// Neo's own write: the version of its echo is the version of the event.
	echo, err := tickets.Write(t.Context(), ref, neo.Write{Fields: map[string]string{"urgency": "1"}})
	if err != nil {
		t.Fatal(err)
	}
	if e = w.decode(w.next()); e.Version != echo.Version || e.ChangedBy != "neo.agent" || len(e.Journal) != 0 {
		t.Errorf("wrote version %d, event %+v", echo.Version, e)
	}

	// Only what Neo handles is reported: a task of a class that it does not know is not.
	if _, err := w.sim.Create("beth.anglin", "change_task", map[string]string{"short_description": "x"}); err == nil {
		if err := w.sim.Quiesce(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(w.delivered) != 0 {
			t.Errorf("a change_task was delivered: %s", (<-w.delivered).body)
		}
	}
	if log := w.sim.SystemLog(); strings.Contains(fmtAny(log), "Neo Agent: ") {
		t.Errorf("the script complained: %+v", log)
	}
}

func TestEveryClassIsReported(t *testing.T) {
	w := newWorld(t)
	w.connected()
	for _, class := range neo.TicketClasses {
		id, err := w.sim.Create("admin", string(class), map[string]string{"short_description": "x"})
		if err != nil {
			t.Fatalf("%s: %v", class, err)
		}
		if e := w.decode(w.next()); e.Ticket != (neo.TicketRef{Class: class, RemoteID: id}) {
			t.Errorf("%s: %+v", class, e.Ticket)
		}
	}
}

func TestLargeTicketIsCut(t *testing.T) {
	w := newWorld(t)
	w.connected()
	long := strings.Repeat("é", 3_900)
	note := strings.Repeat("n", 60_000)
	_, err := w.sim.Create("beth.anglin", "incident", map[string]string{"short_description": "x", "description": long, "close_notes": long, "comments": note, "work_notes": note})
	if err != nil {
		t.Fatal(err)
	}
	d := w.next()
	if len(d.body) > 210_000 {
		t.Errorf("%d bytes", len(d.body))
	}
	e := w.decode(d)
	if e.Fields["description"].Value != long || len(e.Journal) != 2 || len(e.Journal[0].Text) != 8000 {
		t.Errorf("description of %d, journal %d", len(e.Fields["description"].Value), len(e.Journal))
	}
}

// TestScriptNeverFailsTheSave: whatever is wrong with the address, people's saves go
// through, and one line says what is wrong without the secret.
func TestScriptNeverFailsTheSave(t *testing.T) {
	w := newWorld(t)
	w.connected()
	prop := w.sim.Find("sys_properties", "name="+property)[0]
	for _, value := range []string{"", "not a url", "http://127.0.0.1:1/x?key=s3cret", "javascript:alert(1)"} {
		w.update("sys_properties", prop, map[string]string{"value": value})
		if _, err := w.sim.Create("beth.anglin", "incident", map[string]string{"short_description": "x"}); err != nil {
			t.Errorf("with %q: %v", value, err)
		}
	}
	if err := w.sim.Quiesce(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(w.delivered) != 0 {
		t.Error("something was delivered")
	}
}

func (w *world) update2(user, id string, values map[string]string) {
	w.t.Helper()
	if err := w.sim.Update(user, "incident", id, values); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) decode(d delivery) neo.Event {
	w.t.Helper()
	if !json.Valid(d.body) {
		w.t.Fatalf("not JSON: %s", d.body)
	}
	e, err := servicenow.DecodeWebhook(d.body)
	if err != nil {
		w.t.Fatalf("%v\n%s", err, d.body)
	}
	return e
}

func fmtAny(v any) string { b, _ := json.Marshal(v); return string(b) }
