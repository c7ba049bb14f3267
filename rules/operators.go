package rules

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/spelling"
)

// test compares the value of a field. The event is for values of one class.
type test func(v neo.Value, e *neo.Event) bool

// operators are those that each type of field can be compared with.
var operators = map[fieldType][]neo.Operator{
	ownField: {neo.OpEqual, neo.OpNotEqual, neo.OpIn, neo.OpNotIn, neo.OpContains, neo.OpDoesNotContain, neo.OpContainsAny,
		neo.OpContainsAll, neo.OpBeginsWith, neo.OpEndsWith, neo.OpMatches, neo.OpEmpty, neo.OpNotEmpty, neo.OpLess, neo.OpLessEqual,
		neo.OpGreater, neo.OpGreaterEqual, neo.OpBetween, neo.OpNotBetween, neo.OpBefore, neo.OpAfter, neo.OpWithinLast,
		neo.OpNotWithinLast, neo.OpWithinNext, neo.OpNotWithinNext, neo.OpChanged, neo.OpChangedFrom, neo.OpChangedTo},
	classField:   {neo.OpEqual, neo.OpNotEqual, neo.OpIn, neo.OpNotIn},
	flagField:    {neo.OpEqual, neo.OpNotEqual, neo.OpEmpty, neo.OpNotEmpty},
	kindsField:   {neo.OpEqual, neo.OpNotEqual, neo.OpIn, neo.OpNotIn, neo.OpContains, neo.OpDoesNotContain, neo.OpContainsAny, neo.OpContainsAll},
	spanField:    {neo.OpLess, neo.OpLessEqual, neo.OpGreater, neo.OpGreaterEqual, neo.OpBetween, neo.OpNotBetween, neo.OpEmpty, neo.OpNotEmpty},
	weekdayField: {neo.OpEqual, neo.OpNotEqual, neo.OpIn, neo.OpNotIn},
	monthWeek:    {neo.OpEqual, neo.OpNotEqual, neo.OpIn, neo.OpNotIn},
	monthDay: {neo.OpEqual, neo.OpNotEqual, neo.OpIn, neo.OpNotIn, neo.OpLess, neo.OpLessEqual, neo.OpGreater, neo.OpGreaterEqual,
		neo.OpBetween, neo.OpNotBetween},
	hourField: {neo.OpEqual, neo.OpNotEqual, neo.OpIn, neo.OpNotIn, neo.OpLess, neo.OpLessEqual, neo.OpGreater, neo.OpGreaterEqual,
		neo.OpBetween, neo.OpNotBetween},
}

// costs are those of the slow operators, against 0 of the others.
var costs = map[neo.Operator]int{
	neo.OpContains: 2, neo.OpDoesNotContain: 2, neo.OpContainsAny: 5, neo.OpContainsAll: 5, neo.OpBefore: 1, neo.OpAfter: 1,
	neo.OpWithinLast: 1, neo.OpNotWithinLast: 1, neo.OpWithinNext: 1, neo.OpNotWithinNext: 1, neo.OpMatches: 50,
}

// comparison compiles a leaf of the tree. What can be prepared is prepared here, so
// that an event costs no parsing.
func (c *compiler) comparison(n *node, at string) {
	r := n.rule
	if r.Field == "" {
		c.wrong(below(at, "field"), "There is neither a combinator nor a field; every rule needs one of them.")
		return
	}
	if r.Not {
		c.wrong(below(at, "not"), "Only groups can be negated with not; use the opposite operator.")
		return
	}
	get, kind, ok := c.field(r.Field, below(at, "field"))
	if !ok {
		return
	}
	n.found, n.cost = get, costs[r.Operator]
	if !slices.Contains(operators[ownField], r.Operator) {
		c.wrong(below(at, "operator"), "%.80q is not known; use one of %s.", string(r.Operator), operatorList(ownField))
		return
	}
	if !slices.Contains(operators[kind], r.Operator) || WorkedOut(r.Field) && isChange(r.Operator) {
		c.wrong(below(at, "operator"), "%s is %s: %q does not fit; use one of %s.", r.Field, cmp.Or(kind, "no field of the ticket"), r.Operator, operatorList(kind))
		return
	}
	whole := at
	if at = below(at, "value"); len(r.Value) > maxValue {
		c.wrong(at, "The value has %d bytes; %d are allowed.", len(r.Value), maxValue)
		return
	}
	if c.bytes += len(r.Value); c.bytes > maxValues {
		c.wrong(at, "Up to here the values of the rules have more than %d bytes in all; split the workflow.", maxValues)
		c.over = true
		return
	}
	t, futility := c.typing(r.Field, kind), c.futility()
	if isChange(r.Operator) {
		c.changed(n, t, at)
		return
	}
	switch kind {
	case kindsField:
		n.holds = c.kinds(r, at)
		return
	case monthWeek:
		n.holds = c.onMonthWeekday(r, at)
		return
	case monthDay:
		n.holds = c.onMonthDay(r, at)
		return
	case spanField:
		if n.holds = c.spans(r, at); n.holds != nil {
			return
		}
	}
	if passes := c.test(n, t, kind, whole); passes != nil {
		n.holds = func(e *neo.Event) bool { return passes(get(e), e) }
	} else {
		n.holds = func(e *neo.Event) bool { return futility(neo.Value{}, e) }
	}
}

func operatorList(t fieldType) string {
	names := make([]string, len(operators[t]))
	for i, o := range operators[t] {
		names[i] = string(o)
	}
	return strings.Join(names, ", ")
}

// test returns how to compare a value by the operator of a rule, or nil when
// something is wrong with it.
func (c *compiler) test(n *node, t typing, kind fieldType, at string) test {
	op, value := n.rule.Operator, n.rule.Value
	switch op {
	case neo.OpEqual, neo.OpNotEqual, neo.OpIn, neo.OpNotIn:
		return c.equality(n, t, kind, at)
	case neo.OpContains, neo.OpDoesNotContain, neo.OpContainsAny, neo.OpContainsAll, neo.OpBeginsWith, neo.OpEndsWith:
		return c.text(n, t, at)
	case neo.OpMatches:
		return c.matches(value, below(at, "value"))
	case neo.OpEmpty:
		return empty
	case neo.OpNotEmpty:
		return opposite(empty)
	case neo.OpLess, neo.OpLessEqual, neo.OpGreater, neo.OpGreaterEqual:
		if _, ok := hour(value); kind == hourField && !ok {
			c.wrong(below(at, "value"), "%.80q is not an hour; use 0 to 23.", value)
			return nil
		}
		if kind == hourField {
			t.types = []neo.FieldType{neo.NumberField}
		}
		return c.ordered(op, t, value, at)
	case neo.OpBetween, neo.OpNotBetween:
		return c.between(n.rule, t, kind, at)
	case neo.OpBefore, neo.OpAfter:
		return c.beforeOrAfter(op, t, value, at)
	}
	return c.within(op, t, value, at)
}

func empty(v neo.Value, _ *neo.Event) bool { return spelling.Trim(v.Value) == "" }

func opposite(t test) test {
	return func(v neo.Value, e *neo.Event) bool { return !t(v, e) }
}

// hour reads an hour of the day.
func hour(s string) (int, bool) {
	h, err := strconv.Atoi(spelling.Trim(s))
	return h, err == nil && h >= 0 && h < 24
}

func hourText(h int) string { return strconv.Itoa(h) }

// list splits the value of a rule at commas. What is in double quotes may hold
// commas; two double quotes in them are one. nil when something is wrong.
func (c *compiler) list(r *neo.Rule, at string) []string {
	var list []string
	for rest := r.Value; ; {
		rest = strings.TrimLeftFunc(rest, unicode.IsSpace)
		if !strings.HasPrefix(rest, `"`) {
			part, after, more := strings.Cut(rest, ",")
			if part = spelling.Trim(part); part != "" {
				list = append(list, part)
			}
			if rest = after; more {
				continue
			}
			break
		}
		var part strings.Builder
		i := 1
		for ; i < len(rest); i++ {
			if rest[i] == '"' {
				if i++; i == len(rest) || rest[i] != '"' {
					i--
					break
				}
			}
			part.WriteByte(rest[i])
		}
		if i == len(rest) {
			c.wrong(at, "A value begins with a double quote that is not closed.")
			return nil
		}
		list = append(list, part.String())
		rest = strings.TrimLeftFunc(rest[i+1:], unicode.IsSpace)
		if rest == "" {
			break
		}
		if rest[0] != ',' {
			c.wrong(at, "After a value in double quotes a comma is expected, not %.20q.", rest)
			return nil
		}
		rest = rest[1:]
	}
	if len(list) == 0 {
		c.wrong(at, "Operator %q needs at least one value; several are separated by commas.", r.Operator)
		return nil
	}
	return list
}
