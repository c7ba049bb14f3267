package workflowfile

import (
	"slices"

	"github.com/neoagent/neo"
)

// kindsOf works out which kinds of changes an event is, beside TICKET_CREATED and
// FIELD_UPDATED, as the connector does.
func kindsOf(e *neo.Event) (kinds []neo.ChangeType) {
	is := func(kind neo.ChangeType, so bool) {
		if so {
			kinds = append(kinds, kind)
		}
	}
	is(neo.CustomerReplied, slices.ContainsFunc(e.Journal, func(j neo.JournalEntry) bool { return j.Element == "comments" && !j.Technician }))
	is(neo.WorkNoteAdded, slices.ContainsFunc(e.Journal, func(j neo.JournalEntry) bool { return j.Element == "work_notes" }))
	created := e.Type == neo.EntityCreated
	changed := func(fields ...string) (c neo.FieldChange, ok bool) {
		for _, c := range e.Changes {
			if slices.Contains(fields, c.Field) {
				return c, true
			}
		}
		return c, false
	}
	for _, field := range []string{"assigned_to", "assignment_group"} {
		if c, ok := changed(field); ok && c.To.Value != "" || created && e.Fields[field].Value != "" {
			is(neo.Assigned, true)
			break
		}
	}
	if created {
		return kinds
	}
	c, ok := changed("assigned_to")
	is(neo.Unassigned, ok && c.To.Value == "")
	c, ok = changed("priority")
	is(neo.PriorityRaised, ok && c.To.Value != "" && (c.From.Value == "" || c.To.Value < c.From.Value))
	if c, ok = changed("state"); ok {
		class := e.Ticket.Class
		was, now := stageOf(class, c.From.Value), stageOf(class, c.To.Value)
		is(neo.StateChanged, true)
		is(neo.Resolved, now == resolved && was != resolved)
		is(neo.Closed, now == closed && was != closed)
		is(neo.Reopened, now == open && was != open)
	}
	_, ok = changed("approval")
	is(neo.ApprovalChanged, ok)
	_, ok = changed("parent", "parent_incident", "problem_id", "duplicate_of")
	is(neo.ParentChanged, ok)
	_, ok = changed("sla_due", "made_sla", "escalation")
	is(neo.SLAChanged, ok)
	return kinds
}

// stage is where a state is in the life of a ticket.
type stage int

const (
	open stage = iota
	resolved
	closed
)

var stages = map[neo.TicketClass]map[string]stage{
	neo.Incident: {"6": resolved, "7": closed, "8": closed}, neo.Problem: {"106": resolved, "107": closed},
	neo.ChangeRequest: {"3": closed, "4": closed}, neo.CatalogTask: taskStages, neo.RequestItem: taskStages, neo.Request: taskStages,
}

var taskStages = map[string]stage{"3": closed, "4": closed, "7": closed}

func stageOf(class neo.TicketClass, state string) stage { return stages[class][state] }
