package bench

import (
	"encoding/json"
	"fmt"

	"github.com/neoagent/neo"
)

// trigger is what starts the workflow that acts.
type trigger neo.TargetChange

// A run compares what a delivery says to have changed with the ticket in the sink.
var (
	matchSome = trigger{ChangeType: neo.FieldUpdated, Field: "escalation"} // one delivery in matchEvery
	matchAll  = trigger{ChangeType: neo.FieldUpdated}                      // every delivery
)

// acting is the workflow whose writes arrive at the sink: a note for each delivery
// that it matches, so that none is like another.
func acting(t trigger) ([]byte, error) {
	return json.Marshal(neo.Definition{
		Name: "Bench", TriggerType: neo.Triggered, Changes: []neo.TargetChange{neo.TargetChange(t)},
		Actions: []neo.ActionSpec{{Type: neo.ActionAddWorkNote, Config: json.RawMessage(`{"text":"A note of the benchmark."}`)}},
	})
}

// raising is the draft that is tried on recorded events: it looks at some fields and
// would change two.
func raising(t trigger) (json.RawMessage, error) {
	return json.Marshal(neo.Definition{
		Name: "Raise", TriggerType: neo.Triggered, Changes: []neo.TargetChange{neo.TargetChange(t)},
		Conditions: &neo.Rule{Combinator: neo.And, Rules: []neo.Rule{
			{Field: "category", Operator: neo.OpEqual, Value: "network"}, {Field: "priority", Operator: neo.OpLessEqual, Value: "3"},
		}},
		Actions: []neo.ActionSpec{
			{Type: neo.ActionUpdateTicket, Config: json.RawMessage(`{"fields":{"urgency":"1","impact":"1"}}`)},
			{Type: neo.ActionAddWorkNote, Config: json.RawMessage(`{"text":"Raised {{ ticket.number }} for {{ ticket.caller_id }}."}`)},
		},
	})
}

// watching is one of many workflows that are asked about every delivery, down to
// their last rule, and never match.
func watching(i int) ([]byte, error) {
	change := neo.TargetChange{ChangeType: neo.FieldUpdated}
	if i%2 == 0 {
		change.Field = "urgency"
	}
	return json.Marshal(neo.Definition{
		Name: fmt.Sprintf("Watching %d", i), TriggerType: neo.Triggered, Changes: []neo.TargetChange{change},
		Conditions: &neo.Rule{Combinator: neo.And, Rules: []neo.Rule{
			{Field: neo.FieldTicketType, Operator: neo.OpIn, Value: "incident, change_request"},
			{Combinator: neo.Or, Rules: []neo.Rule{
				{Field: "category", Operator: neo.OpEqual, Value: "network"},
				{Field: "short_description", Operator: neo.OpContains, Value: "vpn"},
			}},
			{Field: "priority", Operator: neo.OpLessEqual, Value: "3"},
			{Field: "assignment_group", Operator: neo.OpEqual, Value: fmt.Sprintf("Team %d", i)},
		}},
		Actions: []neo.ActionSpec{{Type: neo.ActionAddWorkNote, Config: json.RawMessage(`{"text":"Never."}`)}},
	})
}
