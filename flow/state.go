package flow

import (
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/rules"
)

// asEvent is a ticket's state as rules look at it, when nothing has just changed.
func asEvent(t neo.Ticket, now time.Time) neo.Event {
	return neo.Event{
		TenantID: t.TenantID, Ticket: t.TicketRef, Number: t.Number, Version: t.Version,
		ChangedAt: now, ReceivedAt: now, EventData: neo.EventData{Fields: t.Fields},
	}
}

// ruleHolds reports whether a rule holds for an event. extra supplies fields that are
// not the event's; it may be nil.
func ruleHolds(r *neo.Rule, e *neo.Event, in rules.Context, extra func(field string) (neo.Value, bool)) (bool, error) {
	holds, err := rules.CompileRule(r, in, extra)
	if err != nil {
		return false, err
	}
	return holds(e), nil
}
