package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/spelling"
)

// Shift is a comparison that was saved and does not say what it said then: texts were
// ordered by the alphabet, and equal letter by letter.
type Shift struct {
	Path        string // in the definition
	Rule        neo.Rule
	Before, Now string // what it did and does, each the rest of a sentence
	Futile      bool   // it cannot be saved so any more
}

// Sentence tells it to people.
func (s Shift) Sentence() string {
	return fmt.Sprintf("%s (%s %s %q) %s; %s.", s.Path, s.Rule.Field, s.Rule.Operator, short(s.Rule.Value), s.Before, strings.TrimSuffix(s.Now, "."))
}

func short(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// Shifts returns those of a definition that was saved with the meaning that version
// names (neo.Meaning now): of the current one only what can never hold, which depends
// on what the instances say.
func Shifts(d neo.Definition, saved int64, x Context) []Shift {
	var all []Shift
	for i, t := range d.Changes {
		field := t.Field
		if t.ChangeType == neo.StateChanged {
			field = neo.FieldState
		}
		if field == "" || field == neo.FieldState && t.ChangeType != neo.StateChanged && t.ChangeType != neo.FieldUpdated {
			continue
		}
		for _, end := range []struct {
			name  string
			op    neo.Operator
			value *string
		}{{"source_value", neo.OpChangedFrom, t.From}, {"target_value", neo.OpChangedTo, t.To}} {
			if end.value == nil {
				continue
			}
			r := neo.Rule{Field: field, Operator: end.op, Value: *end.value}
			for _, s := range RuleShifts(&r, "", saved, x) {
				s.Path = below(index("target_changes", i), end.name)
				all = append(all, s)
			}
		}
	}
	if d.Conditions != nil {
		all = append(all, RuleShifts(d.Conditions, "conditions", saved, x)...)
	}
	return all
}

// RuleShifts returns those of one rule at that path.
func RuleShifts(r *neo.Rule, path string, saved int64, x Context) []Shift {
	c, err := newCompiler(x, func(string) (neo.Value, bool) { return neo.Value{}, false })
	if err != nil {
		return nil
	}
	return c.shifts(r, path, saved, 0)
}

func (c *compiler) shifts(r *neo.Rule, at string, saved int64, depth int) (all []Shift) {
	if depth > maxDepth {
		return nil
	}
	if r.IsGroup() {
		for i := range r.Rules {
			all = append(all, c.shifts(&r.Rules[i], below(at, index("rules", i)), saved, depth+1)...)
		}
		return all
	}
	if kind := pseudoFields[r.Field]; kind != ownField {
		return nil
	}
	s := Shift{Path: at, Rule: *r}
	c.mistakes, c.left, c.bytes = nil, maxRules, 0
	c.comparison(&node{rule: r, holds: never}, "")
	if i := slices.IndexFunc(c.mistakes, func(m neo.Mistake) bool { return m.Futile }); i >= 0 {
		s.Futile, s.Before, s.Now = true, before(r.Operator), c.mistakes[i].Message
		if !isEquality(r.Operator) {
			s.Now = "now it holds for nothing. " + s.Now
		} else {
			s.Now = "it still is. " + s.Now
		}
		return []Shift{s}
	}
	if saved >= neo.Meaning {
		return nil
	}
	if s.Before, s.Now = c.shifted(r); s.Before == "" {
		return nil
	}
	return []Shift{s}
}

func isEquality(op neo.Operator) bool {
	switch op {
	case neo.OpEqual, neo.OpNotEqual, neo.OpIn, neo.OpNotIn, neo.OpChangedFrom, neo.OpChangedTo:
		return true
	}
	return false
}

// before says how an operator compared what it cannot compare any more.
func before(op neo.Operator) string {
	switch op {
	case neo.OpContains, neo.OpContainsAny, neo.OpBeginsWith, neo.OpEndsWith:
		return "held for every ticket"
	case neo.OpContainsAll:
		return "left the empty text out"
	case neo.OpDoesNotContain:
		return "held for no ticket"
	case neo.OpLess, neo.OpLessEqual, neo.OpGreater, neo.OpGreaterEqual, neo.OpBetween, neo.OpNotBetween:
		return "was compared by the alphabet"
	}
	return "was compared as text"
}

// shifted says what a comparison that is right did before and does now; "" when that
// is the same.
func (c *compiler) shifted(r *neo.Rule) (before, now string) {
	t := c.typing(r.Field, ownField)
	isList := slices.Contains(t.types, neo.ListField)
	values := []string{r.Value}
	switch r.Operator {
	case neo.OpIn, neo.OpNotIn, neo.OpBetween, neo.OpNotBetween, neo.OpContainsAny, neo.OpContainsAll:
		values = c.list(r, "")
	}
	switch r.Operator {
	case neo.OpLess, neo.OpLessEqual, neo.OpGreater, neo.OpGreaterEqual, neo.OpBetween, neo.OpNotBetween:
		for _, v := range values {
			if o, ok := c.operand(t, t.types[0], v); ok && !plainNumber(v) && !plainTime(c, v) {
				return "was compared by the alphabet", "now it is compared as " + o.words()
			}
		}
	case neo.OpContains, neo.OpDoesNotContain, neo.OpContainsAny, neo.OpContainsAll:
		if isList {
			return "looked for the text anywhere in the list", "now it looks for an element of the list"
		}
	}
	if !isEquality(r.Operator) {
		return "", ""
	}
	if isList && (r.Operator == neo.OpIn || r.Operator == neo.OpNotIn) {
		return "was compared with the whole list", "now it is compared with each element"
	}
	for _, v := range values {
		if v != spelling.Trim(v) {
			return "counted the blank at the end of the value", "now blanks at the ends do not count"
		}
		if class, stored, ok := strings.Cut(v, ":"); ok && neo.TicketClass(class).Known() &&
			(!storedChoice(stored) || !slices.Contains(t.types, "") && !slices.Contains(t.types, neo.ChoiceField)) {
			return "was taken for a value of one ticket type", "now it is compared as text"
		}
		for _, of := range t.types {
			if of != "" && of != neo.NumberField && of != neo.CurrencyField && of != neo.TimeField && of != neo.DateField && of != neo.DurationField {
				continue
			}
			if o, ok := c.operand(t, of, v); ok && !plainDigits(strings.TrimPrefix(v, "-")) {
				return "was compared as text, letter by letter", "now it is compared as " + o.words()
			}
		}
	}
	return "", ""
}

// words say what an operand is.
func (o operand) words() string {
	switch {
	case o.amount != nil && o.amount.currency != "":
		return typeWords[neo.CurrencyField]
	case o.amount != nil:
		return typeWords[neo.NumberField]
	case o.span != nil:
		return typeWords[neo.DurationField]
	}
	return typeWords[neo.TimeField]
}

// plainNumber and plainTime are what was ordered by value before.
func plainNumber(s string) bool {
	s = strings.TrimSpace(s)
	_, err := strconv.ParseFloat(s, 64)
	return err == nil && !strings.ContainsFunc(s, func(r rune) bool { return (r < '0' || r > '9') && !strings.ContainsRune("+-.eE", r) })
}

func plainTime(c *compiler, s string) bool {
	_, ok := moment(strings.TrimSpace(s), c.zone)
	return ok
}
