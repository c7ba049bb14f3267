package servicenow

import (
	"testing"

	"github.com/neoagent/neo"
)

func stateList(pairs ...string) (list []neo.Choice) {
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, neo.Choice{Value: pairs[i], Label: pairs[i+1]})
	}
	return list
}

// TestFault5States is the one table of states: what they mean on instances on which an
// administrator has renumbered, renamed, translated, added and switched off some.
func TestFault5States(t *testing.T) {
	usual := stateList("1", "New", "2", "In Progress", "3", "On Hold", "6", "Resolved", "7", "Closed", "8", "Canceled")
	for name, tt := range map[string]struct {
		class                   neo.TicketClass
		choices                 []neo.Choice
		labels                  map[string]string
		off                     []string
		attributes              string
		resolved, closed        []string // all others are open
		resolve, close_, reopen string
	}{
		"as it is shipped":        {neo.Incident, usual, nil, nil, "", []string{"6"}, []string{"7", "8"}, "6", "7", "2"},
		"Resolved is 9":           {neo.Incident, stateList("1", "New", "2", "In Progress", "6", "Pending Vendor", "7", "Closed", "9", "Resolved"), nil, nil, "", []string{"9"}, []string{"7"}, "9", "7", "2"},
		"6 is Pending Vendor":     {neo.Incident, stateList("1", "New", "2", "In Progress", "3", "On Hold", "6", "Pending Vendor", "7", "Closed"), nil, nil, "", nil, []string{"7"}, "", "7", "2"},
		"6 is something else":     {neo.Incident, stateList("1", "New", "2", "In Progress", "3", "On Hold", "6", "With the supplier", "7", "Closed"), nil, nil, "", nil, []string{"7"}, "", "7", "2"},
		"6 and 7 are swapped":     {neo.Incident, stateList("1", "New", "2", "In Progress", "6", "Closed", "7", "Resolved"), nil, nil, "", []string{"7"}, []string{"6"}, "7", "6", "2"},
		"the old one is off":      {neo.Incident, stateList("1", "New", "2", "In Progress", "9", "Resolved", "7", "Closed", "6", "Resolved"), nil, []string{"6"}, "", []string{"6", "9"}, []string{"7"}, "9", "7", "2"},
		"In Progress is off":      {neo.Incident, stateList("1", "New", "6", "Resolved", "7", "Closed", "2", "In Progress"), nil, []string{"2"}, "", []string{"6"}, []string{"7"}, "6", "7", ""},
		"German":                  {neo.Incident, stateList("1", "Neu", "2", "In Bearbeitung", "3", "Angehalten", "6", "Gelöst", "7", "Geschlossen", "8", "Abgebrochen"), nil, nil, "", []string{"6"}, []string{"7", "8"}, "6", "7", "2"},
		"German, renumbered":      {neo.Incident, stateList("1", "Neu", "2", "In Bearbeitung", "6", "Beim Lieferanten", "9", "Gelöst", "7", "Geschlossen"), nil, nil, "", []string{"9"}, []string{"7"}, "9", "7", "2"},
		"German beside English":   {neo.Incident, stateList("1", "Neu", "6", "Beim Lieferanten", "9", "Erledigt", "7", "Geschlossen"), map[string]string{"New": "1", "With vendor": "6", "Resolved": "9", "Closed": "7"}, nil, "", []string{"9"}, []string{"7"}, "9", "7", ""},
		"an unknown language":     {neo.Incident, stateList("1", "Nýtt", "2", "Í vinnslu", "3", "Í bið", "6", "Leyst", "7", "Lokað", "8", "Hætt við"), nil, nil, "", []string{"6"}, []string{"7", "8"}, "6", "7", "2"},
		"a state was added":       {neo.Incident, append(stateList("10", "Resolved - awaiting confirmation", "11", "Closed (duplicate)", "12", "With legal"), usual...), nil, nil, "", []string{"6", "10"}, []string{"7", "8", "11"}, "6", "7", "2"},
		"close states are named":  {neo.Incident, append(stateList("12", "Done"), usual...), nil, nil, "close_states=6;7;8;12,default_close_state=7", []string{"6"}, []string{"7", "8", "12"}, "6", "7", "2"},
		"Closed is renamed":       {neo.Incident, stateList("1", "New", "2", "Working", "3", "On Hold", "6", "Resolved", "7", "Archived"), nil, nil, "close_states=7,default_close_state=7,default_work_state=2", []string{"6"}, []string{"7"}, "6", "7", "2"},
		"a problem":               {neo.Problem, states[neo.Problem], nil, nil, "", []string{"106"}, []string{"107"}, "106", "107", "103"},
		"a change":                {neo.ChangeRequest, states[neo.ChangeRequest], nil, nil, "", nil, []string{"3", "4"}, "3", "3", ""},
		"a task":                  {neo.CatalogTask, taskStates, nil, nil, "", nil, []string{"3", "4", "7"}, "3", "3", "2"},
		"a task that is resolved": {neo.CatalogTask, append(stateList("5", "Resolved"), taskStates...), nil, nil, "", []string{"5"}, []string{"3", "4", "7"}, "5", "3", "2"},
		"a task in German":        {neo.CatalogTask, stateList("-5", "Ausstehend", "1", "Offen", "2", "In Bearbeitung", "3", "Abgeschlossen", "4", "Unvollständig geschlossen", "7", "Übersprungen"), nil, nil, "", nil, []string{"3", "4", "7"}, "3", "3", "2"},
	} {
		t.Run(name, func(t *testing.T) {
			d := ofStates(tt.class, neo.FieldEntry{Type: neo.ChoiceField, Choices: tt.choices, Labels: tt.labels, Off: tt.off})
			got := statesOf(tt.class, d.Classes[tt.class]["state"], attributesOf(tt.attributes))
			d.States[tt.class] = got
			want := map[string]neo.Phase{}
			for _, v := range tt.resolved {
				want[v] = neo.PhaseResolved
			}
			for _, v := range tt.closed {
				want[v] = neo.PhaseClosed
			}
			for _, c := range tt.choices {
				phase := want[c.Value]
				if phase == "" {
					phase = neo.PhaseOpen
				}
				if got.Phases[c.Value] != phase {
					t.Errorf("%s %s is %s, want %s", c.Value, c.Label, got.Phases[c.Value], phase)
				}
			}
			if got.Resolve != tt.resolve || got.Close != tt.close_ || got.Reopen != tt.reopen {
				t.Errorf("resolve, close, reopen by %q, %q, %q; want %q, %q, %q", got.Resolve, got.Close, got.Reopen, tt.resolve, tt.close_, tt.reopen)
			}
			moves(t, d, tt.class, got)
		})
	}
}

// moves holds triggers and actions to one table: what an action writes is what the
// trigger fires on.
func moves(t *testing.T, d *neo.Dictionary, class neo.TicketClass, s neo.States) {
	t.Helper()
	open := ""
	for value, phase := range s.Phases {
		if phase == neo.PhaseOpen {
			open = value
		}
	}
	for to, kind := range map[neo.Lifecycle]neo.ChangeType{neo.ToResolved: neo.Resolved, neo.ToClosed: neo.Closed, neo.ToReopened: neo.Reopened} {
		from := open
		if to == neo.ToReopened {
			from = s.Close
		}
		ticket := neo.Ticket{TicketRef: neo.TicketRef{Class: class}, Fields: map[string]neo.Value{"state": {Value: from}, "active": {Value: "true"}}}
		fields, err := MoveTo(d, ticket, to, "", "x", func(string) (neo.FieldEntry, error) { return neo.FieldEntry{}, nil })
		if class == neo.Incident || class == neo.ChangeRequest { // these need a close code
			ticket.Fields["close_code"] = neo.Value{Value: "c"}
			fields, err = MoveTo(d, ticket, to, "", "x", func(string) (neo.FieldEntry, error) { return neo.FieldEntry{}, nil })
		}
		if err != nil {
			if neo.CodeOf(err) != neo.CodeInvalid {
				t.Errorf("%s: %v", to, err)
			}
			continue
		}
		e := &neo.Event{Type: neo.EntityUpdated, Ticket: ticket.TicketRef, EventData: neo.EventData{
			Changes: []neo.FieldChange{{Field: "state", From: neo.Value{Value: from}, To: neo.Value{Value: fields["state"]}}},
			Fields:  map[string]neo.Value{"state": {Value: fields["state"]}, "active": {Value: "true"}}}}
		kinds := Kinds(e, d)
		closes := s.Phases[fields["state"]] == neo.PhaseClosed
		found := false
		for _, k := range kinds {
			found = found || k == kind || to == neo.ToResolved && closes && k == neo.Closed
		}
		if !found {
			t.Errorf("%s writes %q, which is %v", to, fields["state"], kinds)
		}
	}
}

// TestFault5Triggers: where the dictionary does not know a state, the label that came
// with it tells, and without a dictionary the number.
func TestFault5Triggers(t *testing.T) {
	renumbered := ofStates(neo.Incident, neo.FieldEntry{Choices: stateList("1", "New", "2", "In Progress", "6", "Pending Vendor", "7", "Closed", "9", "Resolved")})
	for name, tt := range map[string]struct {
		d        *neo.Dictionary
		from, to neo.Value
		active   string
		want     string
	}{
		"resolved by 9":                      {renumbered, neo.Value{Value: "2"}, neo.Value{Value: "9"}, "true", "RESOLVED"},
		"not resolved by 6":                  {renumbered, neo.Value{Value: "2"}, neo.Value{Value: "6"}, "true", ""},
		"reopened from 9":                    {renumbered, neo.Value{Value: "9"}, neo.Value{Value: "2"}, "true", "REOPENED"},
		"not reopened from 6":                {renumbered, neo.Value{Value: "6"}, neo.Value{Value: "2"}, "true", ""},
		"closed from 9":                      {renumbered, neo.Value{Value: "9"}, neo.Value{Value: "7"}, "false", "CLOSED"},
		"a state that is new, by its label":  {renumbered, neo.Value{Value: "2"}, neo.Value{Value: "12", Display: "Gelöst"}, "true", "RESOLVED"},
		"a state that is new, and open":      {renumbered, neo.Value{Value: "2"}, neo.Value{Value: "12", Display: "With legal"}, "true", ""},
		"a state that is new, and closes":    {renumbered, neo.Value{Value: "2"}, neo.Value{Value: "12", Display: "Archived"}, "false", "CLOSED"},
		"nothing learnt, by the number":      {nil, neo.Value{Value: "2"}, neo.Value{Value: "6"}, "true", "RESOLVED"},
		"nothing learnt, by the label":       {nil, neo.Value{Value: "2"}, neo.Value{Value: "9", Display: "Resolved"}, "true", "RESOLVED"},
		"nothing learnt, a label against it": {nil, neo.Value{Value: "2"}, neo.Value{Value: "6", Display: "Pending Vendor"}, "true", ""},
		"nothing learnt, reopened":           {nil, neo.Value{Value: "9", Display: "Resolved"}, neo.Value{Value: "2", Display: "In Progress"}, "true", "REOPENED"},
	} {
		e := &neo.Event{Type: neo.EntityUpdated, Source: neo.SourceWebhook, Ticket: neo.TicketRef{Class: neo.Incident}, EventData: neo.EventData{
			Changes: []neo.FieldChange{{Field: "state", From: tt.from, To: tt.to}},
			Fields:  map[string]neo.Value{"state": tt.to, "active": {Value: tt.active}}}}
		if tt.active == "false" {
			e.Changes = append(e.Changes, neo.FieldChange{Field: "active", From: neo.Value{Value: "true"}, To: neo.Value{Value: "false"}})
		}
		Classify(e, tt.d)
		got := ""
		for _, k := range e.Kinds {
			if k != neo.StateChanged {
				got += string(k)
			}
		}
		if got != tt.want {
			t.Errorf("fault 5: %s: %q, want %q", name, got, tt.want)
		}
	}
}

// TestFault6Displays: the text shown for a choice is the instance's own, whatever
// language the person had.
func TestFault6Displays(t *testing.T) {
	d := ofStates(neo.Incident, neo.FieldEntry{Type: neo.ChoiceField, Choices: stateList("2", "In Progress", "3", "On Hold"), Labels: map[string]string{"Angehalten": "3"}})
	d.Classes[neo.Incident]["assignment_group"] = neo.FieldEntry{Type: neo.ReferenceField}
	german := neo.Value{Value: "3", Display: "Angehalten"}
	e := &neo.Event{Type: neo.EntityUpdated, Ticket: neo.TicketRef{Class: neo.Incident}, EventData: neo.EventData{
		Changes: []neo.FieldChange{{Field: "state", From: neo.Value{Value: "2", Display: "In Bearbeitung"}, To: german}},
		Fields:  map[string]neo.Value{"state": german, "assignment_group": {Value: "g1", Display: "Netzwerk"}, "u_other": {Value: "1", Display: "Eins"}}}}
	Classify(e, d)
	if got := e.Changes[0]; got.From.Display != "In Progress" || got.To.Display != "On Hold" || e.Fields["state"].Display != "On Hold" {
		t.Errorf("%+v, %+v", got, e.Fields)
	}
	if e.Fields["assignment_group"].Display != "Netzwerk" || e.Fields["u_other"].Display != "Eins" {
		t.Errorf("what is no choice that is known stays: %+v", e.Fields)
	}
}
