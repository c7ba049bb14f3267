package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/neoagent/neo"
)

// typing is what is known of what a field holds.
type typing struct {
	field string
	// types are all that it has, on the tickets of some integration or class; "" alone
	// where nothing is known.
	types   []neo.FieldType
	choices []neo.Choice // of a choice field, of all classes
	labels  []map[string]string
	// of tells the type for an event, where there are several.
	of func(e *neo.Event) neo.FieldType
}

// unknown is the typing of what is no field of a ticket.
var unknown = []neo.FieldType{""}

// typing returns what the tenant's instances say of a field.
func (c *compiler) typing(field string, kind fieldType) typing {
	t := typing{field: field}
	switch {
	case kind != ownField || field == neo.FieldChangedBy:
		t.types = []neo.FieldType{neo.TextField}
		return t
	case strings.HasPrefix(field, "steps."):
		t.types = unknown
		return t
	}
	for _, d := range c.dictionaries {
		if d == nil {
			continue
		}
		for _, fields := range d.Classes {
			entry, ok := fields[field]
			if !ok {
				continue
			}
			if !slices.Contains(t.types, entry.Type) {
				t.types = append(t.types, entry.Type)
			}
			t.choices = append(t.choices, entry.Choices...)
			if entry.Labels != nil {
				t.labels = append(t.labels, entry.Labels)
			}
		}
	}
	switch len(t.types) {
	case 0:
		t.types = []neo.FieldType{neo.StandardType(field)}
	case 1:
	default:
		slices.Sort(t.types)
		all, first := c.dictionaries, t.types[0]
		t.of = func(e *neo.Event) neo.FieldType {
			if entry, ok := all[e.Ticket.IntegrationID].Entry(e.Ticket.Class, field); ok {
				return entry.Type
			}
			return first
		}
	}
	return t
}

// problem is why a comparison cannot hold as it is meant; at is a part of the rule.
type problem struct{ at, text string }

// typed prepares a comparison for each type that the field has. It is a mistake where
// none of them can be compared so.
func (c *compiler) typed(t typing, at string, prepare func(neo.FieldType) (test, *problem)) test {
	if len(t.types) == 1 {
		passes, wrong := prepare(t.types[0])
		if wrong != nil {
			c.futile(below(at, wrong.at), "%s", wrong.text)
		}
		if passes == nil {
			return c.futility()
		}
		return passes
	}
	tests := make(map[neo.FieldType]test, len(t.types))
	var wrong *problem
	fits := false
	for _, one := range t.types {
		passes, p := prepare(one)
		if passes == nil {
			passes = c.futility()
		}
		tests[one] = passes
		if fits = fits || p == nil; wrong == nil {
			wrong = p
		}
	}
	if !fits {
		c.futile(below(at, wrong.at), "%s", wrong.text)
	}
	return func(v neo.Value, e *neo.Event) bool { return tests[t.of(e)](v, e) }
}

// futile records that a comparison cannot hold, or not as it is meant. What was saved
// before is compiled all the same.
func (c *compiler) futile(at, format string, args ...any) {
	if len(c.mistakes) < maxMistakes && !c.over {
		c.mistakes = append(c.mistakes, neo.Mistake{Path: at, Message: fmt.Sprintf(format, args...), Futile: true})
	}
}

// futility is a comparison that must not start anything: it holds for nothing, and
// where a group turns it round, for everything.
func (c *compiler) futility() test {
	negated := c.negated
	return func(neo.Value, *neo.Event) bool { return negated }
}

// shaped reports whether values of a field are taken for what they look like: those
// of fields of which nothing is known, and of texts that somebody added, which often
// hold numbers or times.
func shaped(t neo.FieldType, field string) bool {
	return t == "" || t == neo.TextField && (strings.HasPrefix(field, "u_") || strings.HasPrefix(field, "x_"))
}

// typeWords say what a field is.
var typeWords = map[neo.FieldType]string{
	neo.TextField: "text", neo.ChoiceField: "a choice", neo.ReferenceField: "a reference", neo.ListField: "a list", neo.NumberField: "a number",
	neo.CurrencyField: "an amount of money", neo.BooleanField: "true or false", neo.TimeField: "a time", neo.DateField: "a day",
	neo.DurationField: "a duration", neo.JournalField: "a journal",
}

// examples are values that fit.
var examples = map[neo.FieldType]string{
	neo.NumberField: "a number, such as 10, 2.5 or 10,000", neo.CurrencyField: "an amount, such as 100 or USD;90.00", neo.BooleanField: "true or false",
	neo.TimeField: timeExample, neo.DateField: "2026-11-24, 24.12.2026 or today", neo.DurationField: "30m, 4h or 7d",
	neo.ChoiceField: "the number that is stored for a choice",
}

// fits reports whether an operator can be used with a field of that type.
func fits(op neo.Operator, t neo.FieldType, field string) bool {
	if shaped(t, field) {
		return true
	}
	switch op {
	case neo.OpLess, neo.OpLessEqual, neo.OpGreater, neo.OpGreaterEqual, neo.OpBetween, neo.OpNotBetween:
		switch t {
		case neo.NumberField, neo.CurrencyField, neo.ChoiceField, neo.TimeField, neo.DateField, neo.DurationField:
			return true
		}
		return false
	case neo.OpBefore, neo.OpAfter, neo.OpWithinLast, neo.OpNotWithinLast, neo.OpWithinNext, neo.OpNotWithinNext:
		return t == neo.TimeField || t == neo.DateField
	}
	return true
}

// misfit says that an operator cannot be used with a field.
func misfit(op neo.Operator, t neo.FieldType, field string) *problem {
	var names []string
	for _, o := range operators[ownField] {
		if fits(o, t, field) {
			names = append(names, string(o))
		}
	}
	return &problem{"operator", fmt.Sprintf("%s is %s: %q does not fit; use one of %s.", field, typeWords[t], op, strings.Join(names, ", "))}
}

// misvalue says that a value cannot be compared with a field.
func misvalue(value string, t neo.FieldType, field string) *problem {
	if shaped(t, field) {
		return &problem{"value", fmt.Sprintf("%.80q has no order: it is no number, time or span. Use 10, 30m, 2026-11-24, now or today, or compare for equality.", value)}
	}
	return &problem{"value", fmt.Sprintf("%s is %s: %.80q does not fit; use %s.", field, typeWords[t], value, examples[t])}
}
