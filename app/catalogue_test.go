package app_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/neoagent/neo"
)

// What the editor offers, as an instance has it.
func TestCatalogueOfAnInstance(t *testing.T) {
	r := run(t, fast)
	r.connect(t)
	read := func(path string, into any) {
		t.Helper()
		var a struct {
			Data any
			Meta struct{ Warnings []string }
		}
		a.Data = into
		status, text := r.call(t, "GET", "/api/v1/catalogue/"+path, "")
		if err := json.Unmarshal([]byte(text), &a); err != nil || status != 200 || len(a.Meta.Warnings) > 0 {
			t.Fatalf("%s: %d %v %.500s", path, status, err, text)
		}
	}

	var fields []neo.Field
	read("fields", &fields)
	at := func(name string) int {
		i := slices.IndexFunc(fields, func(f neo.Field) bool { return f.Name == name })
		if i < 0 {
			t.Fatalf("there is no field %s", name)
		}
		return i
	}
	for _, name := range []string{"state", "short_description", "assignment_group"} { // of task
		if f := fields[at(name)]; !slices.Equal(f.Classes, neo.TicketClasses) {
			t.Errorf("%s is in %v", name, f.Classes)
		}
		for _, own := range []string{"caller_id", "u_vendor_ticket"} {
			if at(own) < at(name) {
				t.Errorf("%s comes before %s, which all classes have", own, name)
			}
		}
	}
	if f := fields[at("assignment_group")]; f.Type != neo.ReferenceField || f.Reference != "group" {
		t.Errorf("the group is %+v", f)
	}
	if f := fields[at("u_vendor_ticket")]; !f.Custom || !slices.Equal(f.Classes, []neo.TicketClass{neo.Incident}) {
		t.Errorf("a custom field is %+v", f)
	}
	var ofChanges []neo.Field
	read("fields?class=change_request", &ofChanges)
	if slices.ContainsFunc(ofChanges, func(f neo.Field) bool { return f.Name == "caller_id" || len(f.Classes) != 1 }) {
		t.Error("a change has fields of other classes")
	}

	var states []neo.Choice
	read("choices?field=state", &states)
	for _, want := range []neo.Choice{{Value: "3", Label: "On Hold", Class: neo.Incident}, {Value: "3", Label: "Closed Complete", Class: neo.CatalogTask}, {Value: "-1", Label: "Implement"}} {
		if !slices.Contains(states, want) {
			t.Errorf("%+v is not among the states %+v", want, states)
		}
	}
	var groups []neo.Choice
	read("choices?field=assignment_group&q=netw", &groups)
	if id := r.instance.Find("sys_user_group", "name=Network")[0]; !slices.Contains(groups, neo.Choice{Value: id, Label: "Network"}) ||
		slices.ContainsFunc(groups, func(c neo.Choice) bool { return !strings.Contains(strings.ToLower(c.Label), "netw") }) {
		t.Errorf("groups are %+v", groups)
	}
}
