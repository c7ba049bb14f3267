package flow_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/flow"
)

// instance is what an instance says whose incidents are resolved by 9, in English and
// German.
func instance() *neo.Dictionary {
	choice := func(pairs ...string) (e neo.FieldEntry) {
		e.Type = neo.ChoiceField
		for i := 0; i < len(pairs); i += 2 {
			e.Choices = append(e.Choices, neo.Choice{Value: pairs[i], Label: pairs[i+1]})
		}
		return e
	}
	state := choice("1", "New", "3", "On Hold", "6", "Pending Vendor", "9", "Resolved", "7", "Closed", "8", "Canceled")
	state.Labels = map[string]string{"Angehalten": "3", "Gelöst": "9"}
	return &neo.Dictionary{
		Classes: map[neo.TicketClass]map[string]neo.FieldEntry{
			neo.Incident: {"state": state, "priority": choice("1", "1 - Critical", "2", "2 - High"), "category": choice("network", "Network", "sw", "Software, licences"),
				"close_code": choice("Solution provided", "Solution provided"), "assignment_group": {Type: neo.ReferenceField}},
			neo.ChangeRequest: {"state": choice("-5", "New", "3", "Closed", "4", "Canceled"), "priority": choice("1", "1 - Critical", "2", "2 - High"),
				"close_code": choice("successful", "Successful")},
		},
		States: map[neo.TicketClass]neo.States{neo.Incident: {Code: "close_code"}, neo.ChangeRequest: {Code: "close_code"}},
	}
}

// TestFault6StoredValues: what is saved are stored values, whatever the language of the
// label that was chosen.
func TestFault6StoredValues(t *testing.T) {
	for name, tt := range map[string]struct{ in, want string }{
		"a label":                         {`{"conditions":{"field":"priority","operator":"=","value":"1 - critical"}}`, `{"conditions":{"field":"priority","operator":"=","value":"1"}}`},
		"a label in another language":     {`{"conditions":{"field":"state","operator":"=","value":"Angehalten"}}`, `{"conditions":{"field":"state","operator":"=","value":"incident:3"}}`},
		"a value that no other class has": {`{"conditions":{"field":"state","operator":"=","value":"Gelöst"}}`, `{"conditions":{"field":"state","operator":"=","value":"9"}}`},
		"of one class, as the editor names it": {`{"conditions":{"combinator":"and","rules":[{"field":"ticket_type","operator":"=","value":"incident"},{"field":"state","operator":"=","value":"Resolved"}]}}`,
			`{"conditions":{"combinator":"and","rules":[{"field":"ticket_type","operator":"=","value":"incident"},{"field":"state","operator":"=","value":"incident:9"}]}}`},
		"a label with its class":  {`{"conditions":{"field":"state","operator":"=","value":"change_request:Closed"}}`, `{"conditions":{"field":"state","operator":"=","value":"change_request:3"}}`},
		"different in each class": {`{"conditions":{"field":"state","operator":"=","value":"Closed"}}`, `{"conditions":{"field":"state","operator":"in","value":"7,change_request:3"}}`},
		"and the opposite":        {`{"conditions":{"field":"state","operator":"!=","value":"Canceled"}}`, `{"conditions":{"field":"state","operator":"notIn","value":"8,4"}}`},
		"a list":                  {`{"conditions":{"field":"category","operator":"in","value":"\"Software, licences\", network, other"}}`, `{"conditions":{"field":"category","operator":"in","value":"sw,network,other"}}`},
		"stored already":          {`{"conditions":{"field":"state","operator":"=","value":"3"}}`, `{"conditions":{"field":"state","operator":"=","value":"3"}}`},
		"no label":                {`{"conditions":{"field":"priority","operator":"=","value":"Urgent"}}`, `{"conditions":{"field":"priority","operator":"=","value":"Urgent"}}`},
		"a reference":             {`{"conditions":{"field":"assignment_group","operator":"=","value":"Network"}}`, `{"conditions":{"field":"assignment_group","operator":"=","value":"Network"}}`},
		"part of a label":         {`{"conditions":{"field":"category","operator":"contains","value":"Network"}}`, `{"conditions":{"field":"category","operator":"contains","value":"Network"}}`},
		"became":                  {`{"conditions":{"field":"state","operator":"changedTo","value":"Gelöst"}}`, `{"conditions":{"field":"state","operator":"changedTo","value":"9"}}`},
		"a trigger": {`{"target_changes":[{"change_type":"STATE_CHANGED","source_value":"New","target_value":"Resolved"},{"change_type":"FIELD_UPDATED","target_field":"priority","target_value":"2 - High"}],
			"conditions":{"field":"ticket_type","operator":"in","value":"incident"}}`,
			`{"target_changes":[{"change_type":"STATE_CHANGED","source_value":"incident:1","target_value":"incident:9"},{"change_type":"FIELD_UPDATED","target_field":"priority","target_value":"2"}],
			"conditions":{"field":"ticket_type","operator":"in","value":"incident"}}`},
		"field values": {`{"actions":[{"type":"UPDATE_TICKET_FIELDS","config":{"fields":{"state":"Angehalten","priority":"1 - Critical","short_description":"Network","category":"{{ ticket.category }}"}}}]}`,
			`{"actions":[{"type":"UPDATE_TICKET_FIELDS","config":{"fields":{"state":"incident:3","priority":"1","short_description":"Network","category":"{{ ticket.category }}"}}}]}`},
		"field values for one class": {`{"conditions":{"field":"ticket_type","operator":"=","value":"incident"},"actions":[{"type":"UPDATE_TICKET_FIELDS","config":{"fields":{"state":"On Hold"}}}]}`,
			`{"conditions":{"field":"ticket_type","operator":"=","value":"incident"},"actions":[{"type":"UPDATE_TICKET_FIELDS","config":{"fields":{"state":"3"}}}]}`},
		"a new ticket":   {`{"actions":[{"type":"CREATE_TICKET","config":{"class":"change_request","fields":{"short_description":"x","state":"New"}}}]}`, `{"actions":[{"type":"CREATE_TICKET","config":{"class":"change_request","fields":{"short_description":"x","state":"-5"}}}]}`},
		"a close code":   {`{"actions":[{"type":"RESOLVE_TICKET","config":{"code":"Successful","notes":"x"}}]}`, `{"actions":[{"type":"RESOLVE_TICKET","config":{"code":"successful","notes":"x"}}]}`},
		"in a condition": {`{"actions":[{"type":"CONTINUE_IF","config":{"conditions":{"combinator":"and","rules":[{"field":"priority","operator":"=","value":"2 - High"}]}}}]}`, `{"actions":[{"type":"CONTINUE_IF","config":{"conditions":{"combinator":"and","rules":[{"field":"priority","operator":"=","value":"2"}]}}}]}`},
		"in a wait":      {`{"actions":[{"type":"WAIT","config":{"until_rule":{"field":"state","operator":"=","value":"Resolved"}}}]}`, `{"actions":[{"type":"WAIT","config":{"until_rule":{"field":"state","operator":"=","value":"9"}}}]}`},
	} {
		t.Run(name, func(t *testing.T) {
			var in, again, want neo.Definition
			for _, d := range []struct {
				text string
				into *neo.Definition
			}{{tt.in, &in}, {tt.in, &again}, {tt.want, &want}} {
				if err := json.Unmarshal([]byte(d.text), d.into); err != nil {
					t.Fatal(err)
				}
			}
			known := map[string]*neo.Dictionary{"i": instance()}
			got := flow.Stored(in, known)
			if diff := cmp.Diff(meant(t, want), meant(t, got)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(meant(t, got), meant(t, flow.Stored(got, known))); diff != "" {
				t.Errorf("saved again (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(meant(t, again), meant(t, in)); diff != "" {
				t.Errorf("what was given has changed\n%s", diff)
			}
		})
	}
}

func meant(t *testing.T, d neo.Definition) (v any) {
	t.Helper()
	text, err := json.Marshal(d)
	if err == nil {
		err = json.Unmarshal(text, &v)
	}
	if err != nil {
		t.Fatal(err)
	}
	return v
}
