package servicenow

import (
	"slices"
	"strconv"
	"strings"

	"github.com/neoagent/neo"
)

var (
	parentFields = []string{"parent", "parent_incident", "problem_id", "duplicate_of", "request", "request_item"}
	slaFields    = []string{"sla_due", "made_sla", "escalation", "due_date"}
)

// Classify works out from an event alone, and from what its instance says about states
// and choices, what kinds of changes it was, and whose creation, so that it is the same
// whether the version was delivered in time, late, or found by the sweep. A new ticket
// has no before: what it is already assigned to, says and is closed as counts as having
// happened. What was read for the record alone is of no kind.
//
// The texts shown for choices become those of the instance's own language, whatever
// language the person had who made the change.
func Classify(e *neo.Event, d *neo.Dictionary) {
	inOneLanguage(e, d)
	e.Kinds, e.CreatedByMark = nil, ""
	if e.Source == neo.SourceBackfill {
		return
	}
	e.Kinds = Kinds(e, d)
	if mark := e.Fields["correlation_id"].Value; e.Type == neo.EntityCreated && strings.HasPrefix(mark, "neo-") {
		e.CreatedByMark = mark
	}
}

// inOneLanguage takes the texts shown for choices from the dictionary, by what is stored.
func inOneLanguage(e *neo.Event, d *neo.Dictionary) {
	if d == nil {
		return
	}
	fields := d.Classes[e.Ticket.Class]
	for name, v := range e.Fields {
		if own := inOwnLanguage(fields[name], v); own != v {
			e.Fields[name] = own
		}
	}
	for i := range e.Changes {
		c := &e.Changes[i]
		c.From, c.To = inOwnLanguage(fields[c.Field], c.From), inOwnLanguage(fields[c.Field], c.To)
	}
}

func inOwnLanguage(e neo.FieldEntry, v neo.Value) neo.Value {
	if e.Type != neo.ChoiceField || v.Value == "" {
		return v
	}
	if label, ok := e.Label(v.Value); ok {
		if v.Display = label; label == v.Value {
			v.Display = ""
		}
	}
	return v
}

// Kinds are the kinds of changes that an event was, beside TICKET_CREATED and
// FIELD_UPDATED, on an instance with that dictionary.
func Kinds(e *neo.Event, d *neo.Dictionary) []neo.ChangeType {
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
	stateBefore, stateAfter := ends(e, neo.FieldState)
	activeBefore, activeAfter, _ := change("active")
	before, after := phaseOf(d, e.Ticket.Class, stateBefore, activeBefore), phaseOf(d, e.Ticket.Class, stateAfter, activeAfter)
	if isNew {
		before = neo.PhaseOpen
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
		{neo.StateChanged, anyChange(neo.FieldState)},
		{neo.Assigned, regrouped && group != "" || reassigned && technician != ""},
		{neo.Unassigned, technicianBefore != "" && technician == ""},
		{neo.PriorityRaised, raised(change("priority"))},
		{neo.CustomerReplied, slices.ContainsFunc(e.Journal, replied)},
		{neo.WorkNoteAdded, slices.ContainsFunc(e.Journal, noted)},
		{neo.Resolved, before == neo.PhaseOpen && after == neo.PhaseResolved},
		{neo.Closed, before != neo.PhaseClosed && after == neo.PhaseClosed},
		{neo.Reopened, before != neo.PhaseOpen && after == neo.PhaseOpen},
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

// ends returns a field before and after an event, which are the same when it did not
// change.
func ends(e *neo.Event, field string) (before, after neo.Value) {
	for _, c := range e.Changes {
		if c.Field == field {
			return c.From, c.To
		}
	}
	return e.Fields[field], e.Fields[field]
}
