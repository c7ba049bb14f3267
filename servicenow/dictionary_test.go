package servicenow_test

import (
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/servicenow"
	"github.com/neoagent/neo/simulator"
)

// choice returns the id of a choice of incidents.
func (w *world) choice(element, value string) string {
	w.t.Helper()
	ids := w.sim.Find("sys_choice", "name=incident^element="+element+"^value="+value)
	if len(ids) != 1 {
		w.t.Fatalf("choices %v of %s %s", ids, element, value)
	}
	return ids[0]
}

// renumbered makes 9 the state Resolved, and 6 another one.
func (w *world) renumbered() {
	w.update("sys_choice", w.choice("state", "6"), map[string]string{"label": "Pending Vendor"})
	w.create("sys_choice", map[string]string{"name": "incident", "element": "state", "value": "9", "label": "Resolved", "sequence": "6"})
}

// TestFault5RenumberedStates: an instance on which Resolved is 9 and 6 is Pending Vendor,
// for an account that may read the choices, and for one that sees what tickets show.
func TestFault5RenumberedStates(t *testing.T) {
	for _, account := range []string{"neo.agent", "itil.only"} {
		t.Run(account, func(t *testing.T) {
			w := newWorld(t)
			w.renumbered()
			if account == "itil.only" {
				for _, state := range []string{"6", "9"} { // somebody has used them
					if _, err := w.sim.Create("beth.anglin", "incident", map[string]string{"state": state}); err != nil {
						t.Fatal(err)
					}
				}
			}
			tickets, in := w.connectedAs(account)
			d := w.store.dictionaries[in.ID]
			states, known := d.StatesOf(neo.Incident)
			if !known || states.Resolve != "9" || states.Phases["9"] != neo.PhaseResolved || states.Phases["6"] != neo.PhaseOpen || states.Phases["7"] != neo.PhaseClosed {
				t.Fatalf("learnt %+v", states)
			}
			ref := w.made(in, neo.Incident, map[string]string{"state": "2"})
			open, err := tickets.Read(t.Context(), ref)
			if err != nil {
				t.Fatal(err)
			}
			fields, err := tickets.MoveTo(t.Context(), open, neo.ToResolved, "Solution provided", "x")
			if err != nil || fields["state"] != "9" {
				t.Errorf("RESOLVE_TICKET writes %v, %v", fields, err)
			}
			for _, step := range []struct {
				state string
				want  neo.ChangeType
			}{{"6", ""}, {"9", neo.Resolved}, {"2", neo.Reopened}, {"6", ""}, {"2", ""}, {"9", neo.Resolved}, {"7", neo.Closed}} {
				before, err := tickets.Read(t.Context(), ref)
				if err != nil {
					t.Fatal(err)
				}
				w.update2("beth.anglin", ref.RemoteID, map[string]string{"state": step.state, "close_code": "Solution provided", "close_notes": "x"})
				after, err := tickets.Read(t.Context(), ref)
				if err != nil {
					t.Fatal(err)
				}
				e := neo.Event{Type: neo.EntityUpdated, Ticket: ref, EventData: neo.EventData{Changes: neo.ChangesBetween(before.Fields, after.Fields), Fields: after.Fields}}
				servicenow.Classify(&e, d)
				var ends []neo.ChangeType
				for _, k := range e.Kinds {
					if k == neo.Resolved || k == neo.Closed || k == neo.Reopened {
						ends = append(ends, k)
					}
				}
				if want := slices.DeleteFunc([]neo.ChangeType{step.want}, func(k neo.ChangeType) bool { return k == "" }); !slices.Equal(ends, want) {
					t.Errorf("to %s: %v, want %v", step.state, ends, want)
				}
			}
		})
	}
}

// TestLearn: the dictionary is read with few calls, changes when the instance does, and
// only then.
func TestLearn(t *testing.T) {
	w := newWorld(t)
	_, in := w.connected()
	learn := func() (changed bool, calls int64) {
		t.Helper()
		before := w.sim.Requests()
		changed, err := w.connections.Learn(t.Context(), in.ID)
		if err != nil {
			t.Fatal(err)
		}
		return changed, w.sim.Requests() - before
	}
	told := 0
	w.connections.Learnt = func(_ context.Context) { told++ }
	if changed, calls := learn(); changed || calls > 4 {
		t.Errorf("nothing has changed: %v, %d calls", changed, calls)
	}
	entry := func(class neo.TicketClass, field string) neo.FieldEntry {
		t.Helper()
		e, ok := w.store.dictionaries[in.ID].Entry(class, field)
		if !ok {
			t.Errorf("%s has no %s", class, field)
		}
		return e
	}
	for field, want := range map[string]neo.FieldType{
		"short_description": neo.TextField, "priority": neo.ChoiceField, "assigned_to": neo.ReferenceField, "watch_list": neo.ListField,
		"reassignment_count": neo.NumberField, "active": neo.BooleanField, "opened_at": neo.TimeField, "time_worked": neo.DurationField, "work_notes": neo.JournalField,
	} {
		if got := entry(neo.Incident, field); got.Type != want {
			t.Errorf("%s is %q, want %q", field, got.Type, want)
		}
	}
	if got := entry(neo.Incident, "watch_list").Reference; got != "user" {
		t.Errorf("a list of %q", got)
	}
	if label, _ := entry(neo.CatalogTask, "state").Label("3"); label != "Closed Complete" {
		t.Errorf("the state 3 of a task is %q", label)
	}

	w.update("sys_choice", w.choice("state", "2"), map[string]string{"inactive": "true"})
	w.create("sys_choice", map[string]string{"name": "incident", "element": "state", "value": "3", "label": "Angehalten", "language": "de"})
	w.create("sys_choice", map[string]string{"name": "incident", "element": "state", "value": "6", "label": "Gelöst", "language": "de"})
	if changed, calls := learn(); !changed || calls > 6 || told != 1 {
		t.Errorf("changed: %v, %d calls, told %d times", changed, calls, told)
	}
	state := entry(neo.Incident, "state")
	if diff := cmp.Diff(map[string]string{"Angehalten": "3", "Gelöst": "6"}, state.Labels); diff != "" {
		t.Errorf("labels of other languages\n%s", diff)
	}
	if last := state.Choices[len(state.Choices)-1]; last.Value != "2" || !slices.Equal(state.Off, []string{"2"}) {
		t.Errorf("what is switched off: %+v, %v", last, state.Off)
	}
	for text, want := range map[string]string{"angehalten": "3", "On  Hold": "3", "3": "3", "in progress": "2", "": "", "Nowhere": ""} {
		got := state.Stored(text)
		if want == "" && len(got) > 0 || want != "" && !slices.Equal(got, []string{want}) {
			t.Errorf("%q is stored as %v", text, got)
		}
	}

	// Neo's account gets another language: what people see is in it.
	w.update("sys_user", simulator.UserID("neo.agent"), map[string]string{"preferred_language": "de"})
	if changed, _ := learn(); !changed {
		t.Error("another language changes nothing")
	}
	state = entry(neo.Incident, "state")
	if label, _ := state.Label("3"); label != "Angehalten" || state.Labels["On Hold"] != "3" {
		t.Errorf("in German 3 is %q; others %v", label, state.Labels)
	}
	if label, _ := state.Label("1"); label != "New" {
		t.Errorf("without a German label 1 is %q", label)
	}

	// What the instance says of its close states.
	w.create("sys_choice", map[string]string{"name": "incident", "element": "state", "value": "12", "label": "Archiviert"})
	w.create("sys_choice", map[string]string{"name": "task", "element": "state", "value": "12", "label": "Archived"})
	ids := w.sim.Find("sys_dictionary", "name=task^element=state")
	if len(ids) != 1 {
		t.Fatal(ids)
	}
	w.update("sys_dictionary", ids[0], map[string]string{"attributes": "close_states=3;4;7;12"})
	learn()
	for class, want := range map[neo.TicketClass]neo.Phase{neo.CatalogTask: neo.PhaseClosed, neo.Incident: neo.PhaseOpen} { // incidents have states of their own
		states, _ := w.store.dictionaries[in.ID].StatesOf(class)
		if states.Phases["12"] != want {
			t.Errorf("%s: %+v", class, states)
		}
	}
	if states, _ := w.store.dictionaries[in.ID].StatesOf(neo.Incident); states.Phases["3"] != neo.PhaseOpen {
		t.Errorf("On Hold is the number of a task's close state: %+v", states)
	}
}

// TestLearnFromASample: an account that may read neither dictionary nor choices learns
// what tickets show, and keeps what it has learnt.
func TestLearnFromASample(t *testing.T) {
	w := newWorld(t)
	_, in := w.connectedAs("itil.only")
	ref := w.made(in, neo.Incident, map[string]string{"u_business_unit": "clinic", "assigned_to": simulator.UserID("david.loo"), "priority": "1"})
	learn := func() *neo.Dictionary {
		t.Helper()
		if _, err := w.connections.Learn(t.Context(), in.ID); err != nil {
			t.Fatal(err)
		}
		return w.store.dictionaries[in.ID]
	}
	d := learn()
	if e, _ := d.Entry(neo.Incident, "u_business_unit"); e.Type != neo.ChoiceField || !slices.Equal(e.Stored("Clinic"), []string{"clinic"}) {
		t.Errorf("%+v", e)
	}
	if e, _ := d.Entry(neo.Incident, "assigned_to"); e.Type != neo.ReferenceField || e.Reference != "user" {
		t.Errorf("%+v", e)
	}
	w.update2("beth.anglin", ref.RemoteID, map[string]string{"u_business_unit": "office"})
	if e, _ := learn().Entry(neo.Incident, "u_business_unit"); !slices.Equal(e.Stored("Clinic"), []string{"clinic"}) || !slices.Equal(e.Stored("Office"), []string{"office"}) {
		t.Errorf("what was seen before is kept: %+v", e)
	}
	if states, ok := d.StatesOf(neo.Incident); !ok || states.Resolve != "6" {
		t.Errorf("%+v", states)
	}
}
