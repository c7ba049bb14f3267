package app_test

import (
	"context"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/app"
	"github.com/neoagent/neo/visitor"
)

// TestFault5AndFault6OnAnInstance: an instance has renumbered its states and is used in
// two languages. What people save are stored values; triggers and actions go by the
// instance's own states; what is delivered is shown in one language.
func TestFault5AndFault6OnAnInstance(t *testing.T) {
	onBoth(t, func(t *testing.T, on func(*app.Config)) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		r := run(t, on)
		ids := r.instance.Find("sys_choice", "name=incident^element=state^value=6")
		if len(ids) != 1 {
			t.Fatal(ids)
		}
		if err := r.instance.Update("admin", "sys_choice", ids[0], map[string]string{"label": "Pending Vendor"}); err != nil {
			t.Fatal(err)
		}
		for _, c := range []map[string]string{
			{"value": "9", "label": "Resolved"}, {"value": "9", "label": "Gelöst", "language": "de"}, {"value": "3", "label": "Angehalten", "language": "de"},
		} {
			c["name"], c["element"] = "incident", "state"
			if _, err := r.instance.Create("admin", "sys_choice", c); err != nil {
				t.Fatal(err)
			}
		}
		callback := r.connect(t)

		save := func(definition string) neo.Definition {
			t.Helper()
			id, err := r.visitor.SaveWorkflow(ctx, json.RawMessage(definition))
			if err != nil {
				t.Fatal(err)
			}
			return data[struct{ Definition neo.Definition }](t, r, "GET", "/api/v1/workflows/"+id, "").Definition
		}
		save(`{"name":"Seen","trigger_type":"TRIGGERED","target_changes":[{"change_type":"RESOLVED"}],"actions":[{"type":"ADD_WORK_NOTE","config":{"text":"fires on {{ ticket.state }}"}}]}`)
		save(`{"name":"Resolve","trigger_type":"TRIGGERED","target_changes":[{"change_type":"FIELD_UPDATED","target_field":"u_vendor_ticket"}],
			"actions":[{"type":"RESOLVE_TICKET","config":{"code":"solution provided","notes":"Done."}}]}`)
		held := save(`{"name":"Held","trigger_type":"TRIGGERED","target_changes":[{"change_type":"STATE_CHANGED","target_value":"Angehalten"}],
			"conditions":{"combinator":"and","rules":[{"field":"ticket_type","operator":"=","value":"incident"},{"field":"state","operator":"=","value":"On Hold"}]},
			"actions":[{"type":"ADD_WORK_NOTE","config":{"text":"held as {{ ticket.state }}"}},{"type":"UPDATE_TICKET_FIELDS","config":{"fields":{"u_business_unit":"Clinic"}}}]}`)
		if got := *held.Changes[0].To; got != "incident:3" {
			t.Errorf("target_value is saved as %q", got)
		}
		if got := held.Conditions.Rules[1].Value; got != "incident:3" {
			t.Errorf("the condition is saved as %q", got)
		}
		if got := string(held.Actions[1].Config); got != `{"fields":{"u_business_unit":"clinic"}}` {
			t.Errorf("the action is saved as %s", got)
		}

		create := func(values map[string]string) (id, number string) {
			t.Helper()
			id, err := r.instance.Create("beth.anglin", "incident", values)
			if err != nil {
				t.Fatal(err)
			}
			return id, r.instance.Get("incident", id)["number"]
		}
		update := func(id string, values map[string]string) {
			t.Helper()
			if err := r.instance.Update("beth.anglin", "incident", id, values); err != nil {
				t.Fatal(err)
			}
		}
		until := func(what string, is func() bool) {
			t.Helper()
			if err := visitor.Until(ctx, func() (bool, error) { return is(), nil }); err != nil {
				t.Fatalf("%s: %v\n%s", what, err, r.log)
			}
		}
		note := func(id, text string) bool {
			return len(r.instance.Find("sys_journal_field", "element_id="+id+"^element=work_notes^valueLIKE"+text)) > 0
		}
		one, _ := create(map[string]string{"short_description": "One", "state": "2"})
		update(one, map[string]string{"state": "6"})
		update(one, map[string]string{"u_vendor_ticket": "V1"})
		until("RESOLVE_TICKET writes the state Resolved", func() bool { return r.instance.Get("incident", one)["state"] == "9" })
		two, number := create(map[string]string{"short_description": "Two", "state": "2"})
		update(two, map[string]string{"state": "9"})
		until("RESOLVED fires on 9", func() bool { return note(two, "fires on Resolved") })
		if note(one, "fires on") {
			t.Error("RESOLVED fired on 6, or on Neo's own change")
		}

		update(two, map[string]string{"state": "3", "hold_reason": "1"})
		until("a label in the rule is the stored value", func() bool { return note(two, "held as On Hold") })
		until("a label in the action is the stored value", func() bool { return r.instance.Get("incident", two)["u_business_unit"] == "clinic" })

		// A delivery by somebody who uses the instance in German.
		three, number := create(map[string]string{"short_description": "Three", "state": "2"})
		status, text := send(t, "POST", callback, `{"sys_id":"`+three+`","number":"`+number+`","table":"incident","operation":"update","changed_by":"beth.anglin","sys_mod_count":"1",
			"changes":[{"field":"state","from":{"value":"2","display":"In Bearbeitung"},"to":{"value":"3","display":"Angehalten"}}],
			"fields":{"state":{"value":"3","display":"Angehalten"},"active":"true"}}`)
		if status != 200 {
			t.Fatalf("%d %s", status, text)
		}
		type entry struct {
			ID     string
			Number string
			Type   neo.EventType
		}
		for _, e := range data[[]entry](t, r, "GET", "/api/v1/history?type=ENTITY_UPDATED&ticket="+number, "") {
			if _, text := r.call(t, "GET", "/api/v1/events/"+e.ID, ""); strings.Contains(text, "Angehalten") || !strings.Contains(text, "On Hold") {
				t.Errorf("what people see of the change: %s", text)
			}
		}
	})
}

// TestFault8NotesOfPeople: a note that is stored as HTML is read as people see it, and
// what a customer writes opens no markup in Neo's notes.
func TestFault8NotesOfPeople(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	r := run(t)
	r.connect(t)
	_, err := r.visitor.SaveWorkflow(ctx, json.RawMessage(`{"name":"Thanks","trigger_type":"TRIGGERED","target_changes":[{"change_type":"CUSTOMER_REPLIED"}],
		"conditions":{"combinator":"and","rules":[{"field":"comments","operator":"contains","value":"please close it & thanks"}]},
		"actions":[{"type":"ADD_WORK_NOTE","config":{"text":"{{ ticket.short_description }} said: {{ comment }}"}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	id, err := r.instance.Create("joe.employee", "incident", map[string]string{"short_description": "[code]<img src=x onerror=alert(1)>[/code]"})
	if err != nil {
		t.Fatal(err)
	}
	err = r.instance.Update("joe.employee", "incident", id, map[string]string{"comments": "[code]<p>It works,&nbsp;please&nbsp;<b>close</b> it &amp; thanks</p>[/code]"})
	if err != nil {
		t.Fatal(err)
	}
	var text string
	err = visitor.Until(ctx, func() (bool, error) {
		for _, entry := range r.instance.Find("sys_journal_field", "element_id="+id+"^element=work_notes") {
			text = r.instance.Get("sys_journal_field", entry)["value"]
		}
		return text != "", nil
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, r.log)
	}
	if !strings.Contains(text, "said: It works, please close it & thanks") || regexp.MustCompile(`(?i)\[\s*/?code`).MatchString(text) {
		t.Errorf("the note is %q", text)
	}
}
