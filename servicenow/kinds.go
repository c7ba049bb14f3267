package servicenow

import (
	"slices"
	"strconv"
	"strings"

	"github.com/neoagent/neo"
)

// phase is where a ticket is in its life.
type phase int

const (
	isOpen phase = iota
	isResolved
	isClosed
)

// ends are the states, by class, in which a ticket is resolved or closed. Their
// numbers mean other things in other classes.
var ends = map[neo.TicketClass]struct{ resolved, closed []string }{
	neo.Incident:      {[]string{"6"}, []string{"7", "8"}},
	neo.Problem:       {[]string{"106"}, []string{"107"}},
	neo.ChangeRequest: {nil, []string{"3", "4"}},
	neo.Request:       {nil, []string{"3", "4", "7"}},
	neo.RequestItem:   {nil, []string{"3", "4", "7"}},
	neo.CatalogTask:   {nil, []string{"3", "4", "7"}},
}

// phaseOf looks at the state, and for states that a team has added, at active.
func phaseOf(class neo.TicketClass, state, active string) phase {
	switch end := ends[class]; {
	case slices.Contains(end.resolved, state):
		return isResolved
	case slices.Contains(end.closed, state) || active == "false":
		return isClosed
	}
	return isOpen
}

// Closed reports whether a ticket of the class is closed in that state, as ServiceNow
// delivers it.
func Closed(class neo.TicketClass, state string) bool { return phaseOf(class, state, "") == isClosed }

var (
	parentFields = []string{"parent", "parent_incident", "problem_id", "duplicate_of", "request", "request_item"}
	slaFields    = []string{"sla_due", "made_sla", "escalation", "due_date"}
)

// classify works out from an event alone what kinds of changes it was, and whose
// creation, so that it is the same whether the version was delivered in time, late,
// or found by the sweep. A new ticket has no before: what it is already assigned to,
// says and is closed as counts as having happened.
func classify(e *neo.Event) {
	e.Kinds, e.CreatedByMark = Kinds(e), ""
	if mark := e.Fields["correlation_id"].Value; e.Type == neo.EntityCreated && strings.HasPrefix(mark, "neo-") {
		e.CreatedByMark = mark
	}
}

// Kinds are the kinds of changes that an event was, beside TICKET_CREATED and
// FIELD_UPDATED.
func Kinds(e *neo.Event) []neo.ChangeType {
	isNew := e.Type == neo.EntityCreated
	change := func(field string) (from, to string, changed bool) {
		i := slices.IndexFunc(e.Changes, func(c neo.FieldChange) bool { return c.Field == field })
		switch {
		case i >= 0:
			return e.Changes[i].From.Value, e.Changes[i].To.Value, e.Changes[i].From.Value != e.Changes[i].To.Value
		case isNew:
			return "", e.Fields[field].Value, e.Fields[field].Value != ""
		}
		return e.Fields[field].Value, e.Fields[field].Value, false
	}
	anyChange := func(fields ...string) bool {
		return !isNew && slices.ContainsFunc(fields, func(f string) bool { _, _, changed := change(f); return changed })
	}
	stateBefore, stateAfter, _ := change("state")
	activeBefore, activeAfter, _ := change("active")
	before, after := phaseOf(e.Ticket.Class, stateBefore, activeBefore), phaseOf(e.Ticket.Class, stateAfter, activeAfter)
	if isNew {
		before = isOpen
	}
	_, group, regrouped := change("assignment_group")
	technicianBefore, technician, reassigned := change("assigned_to")
	replied := func(j neo.JournalEntry) bool { return j.Element == "comments" && !j.Technician }
	noted := func(j neo.JournalEntry) bool { return j.Element == "work_notes" }

	var list []neo.ChangeType
	for _, k := range []struct {
		kind neo.ChangeType
		is   bool
	}{
		{neo.StateChanged, anyChange("state")},
		{neo.Assigned, regrouped && group != "" || reassigned && technician != ""},
		{neo.Unassigned, technicianBefore != "" && technician == ""},
		{neo.PriorityRaised, raised(change("priority"))},
		{neo.CustomerReplied, slices.ContainsFunc(e.Journal, replied)},
		{neo.WorkNoteAdded, slices.ContainsFunc(e.Journal, noted)},
		{neo.Resolved, before == isOpen && after == isResolved},
		{neo.Closed, before != isClosed && after == isClosed},
		{neo.Reopened, before != isOpen && after == isOpen},
		{neo.ApprovalChanged, anyChange("approval")},
		{neo.ParentChanged, anyChange(parentFields...)},
		{neo.SLAChanged, anyChange(slaFields...)},
	} {
		if k.is {
			list = append(list, k.kind)
		}
	}
	return list
}

// raised reports whether a priority became more urgent: its number smaller. A new
// ticket had none before.
func raised(from, to string, _ bool) bool {
	before, err1 := strconv.Atoi(from)
	after, err2 := strconv.Atoi(to)
	return err1 == nil && err2 == nil && after < before
}
