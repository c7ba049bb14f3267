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
func changed(r *neo.Rule) (getter, condition) {
	find := func(e *neo.Event) *neo.FieldChange {
		for i := range e.Changes {
			if e.Changes[i].Field == r.Field {
				return &e.Changes[i]
			}
		}
		return nil
	}
	w := want(r.Value)
	found := func(e *neo.Event) neo.Value {
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
	return found, func(e *neo.Event) bool {
		c := find(e)
		switch r.Operator {
		case neo.OpChangedFrom:
			return c != nil && w.is(c.From, e)
		case neo.OpChangedTo:
			return c != nil && w.is(c.To, e)
		}
		return c != nil || wrote(e, r.Field)
	}
}
