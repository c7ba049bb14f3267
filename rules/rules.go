// Package rules decides whether an event concerns a workflow. It is pure: no
// clock, no store, no network.
package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/neoagent/neo"
)

// Bounds of a rule tree, so that a hostile or broken definition costs little.
const (
	maxDepth  = 16
	maxRules  = 500
	maxValue  = 4_000 // bytes of a leaf's value
	maxChange = 50    // target changes of one workflow
)

// condition is a compiled rule.
type condition func(e *neo.Event) bool

// Compiled is one workflow, ready to be asked about events.
type Compiled struct {
	Workflow *neo.Workflow
	when     condition
}

// Compile checks the trigger and the conditions of a workflow. What is wrong with
// them is a neo.Error that names the place.
func Compile(w *neo.Workflow) (*Compiled, error) {
	if w.TriggerType != neo.Triggered {
		return nil, neo.Errorf(neo.CodeInvalid, "trigger_type %q is not known; use %s.", w.TriggerType, neo.Triggered)
	}
	if len(w.Changes) == 0 {
		return nil, neo.Errorf(neo.CodeInvalid, "target_changes is empty: name at least one change that starts the workflow.")
	}
	if len(w.Changes) > maxChange {
		return nil, neo.Errorf(neo.CodeInvalid, "target_changes has %d entries; %d are allowed.", len(w.Changes), maxChange)
	}
	for i, c := range w.Changes {
		if err := checkChange(c); err != nil {
			return nil, neo.Errorf(neo.CodeInvalid, "target_changes[%d]: %s", i, neo.MessageOf(err))
		}
	}
	c := &Compiled{Workflow: w, when: func(*neo.Event) bool { return true }}
	if w.Conditions != nil {
		left := maxRules
		when, err := compile(w.Conditions, "conditions", 0, &left)
		if err != nil {
			return nil, err
		}
		c.when = when
	}
	return c, nil
}

// Matches reports whether the event starts the workflow.
func (c *Compiled) Matches(e *neo.Event) bool {
	return slices.ContainsFunc(c.Workflow.Changes, func(t neo.TargetChange) bool { return starts(t, e) }) && c.when(e)
}

func checkChange(c neo.TargetChange) error {
	switch c.ChangeType {
	case neo.TicketCreated:
		if c.Field != "" || c.From != nil || c.To != nil {
			return neo.Errorf(neo.CodeInvalid, "%s takes no target_field, source_value or target_value; use conditions instead.", c.ChangeType)
		}
	case neo.FieldUpdated:
		if c.Field == "" && (c.From != nil || c.To != nil) {
			return neo.Errorf(neo.CodeInvalid, "source_value and target_value need a target_field.")
		}
	default:
		return neo.Errorf(neo.CodeInvalid, "change_type %q is not known; use %s or %s.", c.ChangeType, neo.TicketCreated, neo.FieldUpdated)
	}
	return nil
}

// starts reports whether the event is the change that t names.
func starts(t neo.TargetChange, e *neo.Event) bool {
	switch {
	case t.ChangeType == neo.TicketCreated:
		return e.Type == neo.EntityCreated
	case e.Type != neo.EntityUpdated:
		return false
	case t.Field == "":
		return true
	}
	for i := range e.Changes {
		c := &e.Changes[i]
		if c.Field == t.Field && (t.From == nil || equal(c.From, *t.From)) && (t.To == nil || equal(c.To, *t.To)) {
			return true
		}
	}
	return t.From == nil && t.To == nil && wrote(e, t.Field)
}

// wrote reports whether the event added an entry to that journal.
func wrote(e *neo.Event, journal string) bool {
	return slices.ContainsFunc(e.Journal, func(j neo.JournalEntry) bool { return j.Element == journal })
}

func compile(r *neo.Rule, at string, depth int, left *int) (condition, error) {
	if *left--; *left < 0 {
		return nil, neo.Errorf(neo.CodeInvalid, "conditions has more than %d rules; split the workflow.", maxRules)
	}
	if depth > maxDepth {
		return nil, neo.Errorf(neo.CodeInvalid, "conditions nests deeper than %d groups at %s; flatten it.", maxDepth, at)
	}
	if !r.IsGroup() {
		if len(r.Rules) > 0 {
			return nil, neo.Errorf(neo.CodeInvalid, "%s has rules but no combinator; set it to \"and\" or \"or\".", at)
		}
		return leaf(r, at)
	}
	if r.Field != "" || r.Operator != "" {
		return nil, neo.Errorf(neo.CodeInvalid, "%s is a group and a comparison at once; keep either combinator or field.", at)
	}
	children := make([]condition, len(r.Rules))
	for i := range r.Rules {
		child, err := compile(&r.Rules[i], fmt.Sprintf("%s.rules[%d]", at, i), depth+1, left)
		if err != nil {
			return nil, err
		}
		children[i] = child
	}
	var all condition
	switch r.Combinator {
	case neo.And:
		all = func(e *neo.Event) bool {
			for _, c := range children {
				if !c(e) {
					return false
				}
			}
			return true
		}
	case neo.Or:
		all = func(e *neo.Event) bool {
			for _, c := range children {
				if c(e) {
					return true
				}
			}
			return false
		}
	default:
		return nil, neo.Errorf(neo.CodeInvalid, "%s: combinator %q is not known; use \"and\" or \"or\".", at, r.Combinator)
	}
	if r.Not {
		return func(e *neo.Event) bool { return !all(e) }, nil
	}
	return all, nil
}

// find returns the value of a field of the event's ticket.
func find(e *neo.Event, field string) neo.Value {
	switch field {
	case neo.FieldTicketType:
		return neo.Value{Value: string(e.Ticket.Class)}
	case neo.FieldChangedBy:
		return neo.Value{Value: e.ChangedBy}
	}
	return e.Fields[field]
}

// equal compares with the stored value and with the text shown for it: people
// write what they see, "1 - Critical" as well as "1".
func equal(v neo.Value, want string) bool {
	return strings.EqualFold(v.Value, want) || v.Display != "" && strings.EqualFold(v.Display, want)
}
