package rules

import (
	"slices"
	"strings"

	"github.com/neoagent/neo"
)

// kinds compares the kinds of the change, which are a set.
func (c *compiler) kinds(r *neo.Rule, at string) condition {
	values := c.list(r, at)
	if values == nil {
		return never
	}
	wants := make([]neo.ChangeType, len(values))
	for i, v := range values {
		if wants[i] = neo.ChangeType(strings.ToUpper(v)); !slices.Contains(neo.ChangeTypes, wants[i]) {
			c.wrong(at, "%.80q is not a kind of change, such as %s or %s.", v, neo.TicketCreated, neo.Resolved)
			return never
		}
	}
	has := func(e *neo.Event, all bool) bool {
		kinds := kindsOf(e)
		for _, k := range wants {
			if slices.Contains(kinds, k) != all {
				return !all
			}
		}
		return all
	}
	switch r.Operator {
	case neo.OpContainsAll:
		return func(e *neo.Event) bool { return has(e, true) }
	case neo.OpNotEqual, neo.OpNotIn, neo.OpDoesNotContain:
		return func(e *neo.Event) bool { return !has(e, false) }
	}
	return func(e *neo.Event) bool { return has(e, false) }
}

func isChange(op neo.Operator) bool {
	return op == neo.OpChanged || op == neo.OpChangedFrom || op == neo.OpChangedTo
}

// changed compares what the event did to a field; what is found is the field's value
// before it (changedFrom) or after it.
func (c *compiler) changed(n *node, t typing, at string) {
	r := n.rule
	find := func(e *neo.Event) *neo.FieldChange {
		for i := range e.Changes {
			if e.Changes[i].Field == r.Field {
				return &e.Changes[i]
			}
		}
		return nil
	}
	n.found = func(e *neo.Event) neo.Value {
		c := find(e)
		switch {
		case c == nil && r.Operator == neo.OpChanged && wrote(e, r.Field):
			return neo.Value{Value: written(e, r.Field)}
		case c == nil:
			return neo.Value{Display: "not changed"}
		case r.Operator == neo.OpChangedFrom:
			return c.From
		}
		return c.To
	}
	if r.Operator == neo.OpChanged {
		n.holds = func(e *neo.Event) bool { return find(e) != nil || wrote(e, r.Field) }
		return
	}
	w, from := c.want(t, r.Value, at), r.Operator == neo.OpChangedFrom
	n.holds = func(e *neo.Event) bool {
		c := find(e)
		if c == nil {
			return false
		}
		if from {
			return w.is(c.From, e)
		}
		return w.is(c.To, e)
	}
	slot := byte(ofTo)
	if from {
		slot = ofFrom
	}
	if w.keys != nil {
		n.needs = []need{keyed(slot, r.Field, nil, w.keys)}
	}
}
