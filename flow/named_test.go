package flow_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/flow"
)

func TestFieldsNamed(t *testing.T) {
	var d neo.Definition
	err := json.Unmarshal([]byte(`{"name":"All","trigger_type":"TRIGGERED",
		"target_changes":[{"change_type":"FIELD_UPDATED","target_field":"in_trigger"},{"change_type":"FIELD_UPDATED","target_field":"comments"}],
		"conditions":{"combinator":"and","rules":[{"field":"ticket_type","operator":"=","value":"incident"},
			{"combinator":"or","rules":[{"field":"in_rule","operator":"=","value":"1"}]}]},
		"actions":[
			{"type":"UPDATE_TICKET_FIELDS","name":"set","config":{"fields":{"in_update":"{{ ticket.in_text }} {{ ticket.url }} {{ change.in_change.from }} {{ change.fields.first }}"}}},
			{"type":"CREATE_TICKET","config":{"class":"problem","link":true,"fields":{"in_create":"{{ ticket.stored_value }}"}}},
			{"type":"WAIT","config":{"until_rule":{"combinator":"and","rules":[{"field":"in_wait","operator":"notNull"}]}}},
			{"type":"CONTINUE_IF","config":{"conditions":{"combinator":"and","rules":[{"field":"steps.set.x","operator":"notNull"},{"field":"in_continue","operator":"notNull"}]}}}
		]}`), &d)
	if err != nil {
		t.Fatal(err)
	}
	want := []neo.NamedField{
		{Path: "target_changes[0].target_field", Field: "in_trigger"},
		{Path: "conditions.rules[1].rules[0].field", Field: "in_rule"},
		{Path: "actions[0].config.fields.in_update", Field: "in_update"},
		{Path: "actions[0].config.fields.in_update", Field: "in_text"},
		{Path: "actions[0].config.fields.in_update", Field: "in_change"},
		{Path: "actions[1].config.fields.in_create", Field: "in_create"},
		{Path: "actions[1].config.fields.in_create", Field: "stored"},
		{Path: "actions[2].config.until_rule.rules[0].field", Field: "in_wait"},
		{Path: "actions[3].config.conditions.rules[1].field", Field: "in_continue"},
	}
	if diff := cmp.Diff(want, flow.FieldsNamed(d)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
