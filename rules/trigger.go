package rules

import (
	"slices"
	"strings"

	"github.com/neoagent/neo"
)

// change is a target change, ready to be compared with events.
type change struct {
	neo.TargetChange
	from, to *wanted // nil: any
}

// happened reports whether the event is the change that t names.
func (t *change) happened(e *neo.Event) bool {
	switch t.ChangeType {
	case neo.TicketCreated:
		return e.Type == neo.EntityCreated
	case neo.FieldUpdated:
		if e.Type != neo.EntityUpdated || t.Field == "" {
			return e.Type == neo.EntityUpdated
		}
		return t.changed(e, t.Field) || t.from == nil && t.to == nil && wrote(e, t.Field)
	case neo.StateChanged:
		return e.Type == neo.EntityUpdated && t.changed(e, neo.FieldState)
	}
	return slices.Contains(e.Kinds, t.ChangeType)
}

func (t *change) changed(e *neo.Event, field string) bool {
	for i := range e.Changes {
		c := &e.Changes[i]
		if c.Field == field && (t.from == nil || t.from.is(c.From, e)) && (t.to == nil || t.to.is(c.To, e)) {
			return true
		}
	}
	return false
}

// wrote reports whether the event added an entry to that journal.
func wrote(e *neo.Event, journal string) bool {
	return slices.ContainsFunc(e.Journal, func(j neo.JournalEntry) bool { return j.Element == journal })
}

// trigger checks what starts the workflow and compiles its changes.
func (c *compiler) trigger(d *neo.Definition) []change {
	switch d.TriggerType {
	case neo.Triggered:
	case neo.Scheduled, neo.OnRequest:
		if len(d.Changes) > 0 {
			c.wrong("target_changes", "Changes start only a workflow whose trigger_type is %s; leave them out.", neo.Triggered)
		}
		return nil
	default:
		c.wrong("trigger_type", "%.80q is not known; use %s, %s or %s.", string(d.TriggerType), neo.Triggered, neo.Scheduled, neo.OnRequest)
		return nil
	}
	if len(d.Changes) == 0 {
		c.wrong("target_changes", "There is none: name at least one change that starts the workflow.")
	}
	if len(d.Changes) > maxChange {
		c.wrong("target_changes", "There are %d changes; %d are allowed.", len(d.Changes), maxChange)
		return nil
	}
	changes := make([]change, 0, len(d.Changes))
	for i, t := range d.Changes {
		changes = append(changes, c.change(t, index("target_changes", i)))
	}
	return changes
}

func (c *compiler) change(t neo.TargetChange, at string) change {
	compiled := change{TargetChange: t}
	value := func(name string, s *string) *wanted {
		if s == nil {
			return nil
		}
		if t.ChangeType != neo.FieldUpdated && t.ChangeType != neo.StateChanged {
			c.wrong(below(at, name), "%s takes no %s; use conditions instead.", t.ChangeType, name)
		}
		if len(*s) > maxValue {
			c.wrong(below(at, name), "The value has %d bytes; %d are allowed.", len(*s), maxValue)
			return nil
		}
		field := t.Field
		if t.ChangeType == neo.StateChanged {
			field = neo.FieldState
		}
		w := c.want(c.typing(field, pseudoFields[field]), *s, below(at, name))
		return &w
	}
	if !slices.Contains(neo.ChangeTypes, t.ChangeType) {
		known := make([]string, len(neo.ChangeTypes))
		for i, k := range neo.ChangeTypes {
			known[i] = string(k)
		}
		c.wrong(below(at, "change_type"), "%.80q is not known; use one of %s.", string(t.ChangeType), strings.Join(known, ", "))
		return compiled
	}
	compiled.from, compiled.to = value("source_value", t.From), value("target_value", t.To)
	field := below(at, "target_field")
	switch {
	case t.Field == "":
		if t.ChangeType == neo.FieldUpdated && (t.From != nil || t.To != nil) {
			c.wrong(field, "source_value and target_value need a target_field.")
		}
	case t.ChangeType != neo.FieldUpdated:
		c.wrong(field, "%s takes no target_field; use conditions instead.", t.ChangeType)
	case WorkedOut(t.Field):
		c.wrong(field, "%q is no field of a ticket; use it in conditions.", t.Field)
	case !fieldName(t.Field):
		c.wrong(field, "%.80q is not the name of a field: letters, digits and _ only.", t.Field)
	}
	return compiled
}
