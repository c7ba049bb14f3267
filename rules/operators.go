package rules

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/neoagent/neo"
)

// test compares the value of a field. The event is for values of one class.
type test func(v neo.Value, e *neo.Event) bool

// operators are those that each type of field can be compared with.
var operators = map[fieldType][]neo.Operator{
	ownField: {neo.OpEqual, neo.OpNotEqual, neo.OpIn, neo.OpNotIn, neo.OpContains, neo.OpDoesNotContain, neo.OpContainsAny,
		neo.OpContainsAll, neo.OpBeginsWith, neo.OpEndsWith, neo.OpMatches, neo.OpEmpty, neo.OpNotEmpty, neo.OpLess, neo.OpLessEqual,
		neo.OpGreater, neo.OpGreaterEqual, neo.OpBetween, neo.OpNotBetween, neo.OpBefore, neo.OpAfter, neo.OpWithinLast,
		neo.OpNotWithinLast, neo.OpChanged, neo.OpChangedFrom, neo.OpChangedTo},
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
	neo.OpWithinLast: 1, neo.OpNotWithinLast: 1, neo.OpMatches: 50,
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
	if at = below(at, "value"); len(r.Value) > maxValue {
		c.wrong(at, "The value has %d bytes; %d are allowed.", len(r.Value), maxValue)
		return
	}
	if c.bytes += len(r.Value); c.bytes > maxValues {
		c.wrong(at, "Up to here the values of the rules have more than %d bytes in all; split the workflow.", maxValues)
		c.over = true
		return
	}
	if isChange(r.Operator) {
		n.found, n.holds = changed(r)
		switch r.Operator {
		case neo.OpChangedFrom:
			n.needs = []need{equalTo(ofFrom, r.Field, nil, want(r.Value))}
		case neo.OpChangedTo:
			n.needs = []need{equalTo(ofTo, r.Field, nil, want(r.Value))}
		}
		return
	}
	var passes test
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
	if passes = c.test(n, kind, at); passes != nil {
		n.holds = func(e *neo.Event) bool { return passes(get(e), e) }
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
func (c *compiler) test(n *node, kind fieldType, at string) test {
	value := n.rule.Value
	switch n.rule.Operator {
	case neo.OpEqual, neo.OpNotEqual, neo.OpIn, neo.OpNotIn:
		return c.equality(n, kind, at)
	case neo.OpContains:
		n.needs = partOf(n, value)
		return text(value, containsFold, strings.Contains)
	case neo.OpDoesNotContain:
		return opposite(text(value, containsFold, strings.Contains))
	case neo.OpContainsAny, neo.OpContainsAll:
		return c.contains(n, at)
	case neo.OpBeginsWith:
		n.needs = partOf(n, value)
		return text(value, hasPrefixFold, strings.HasPrefix)
	case neo.OpEndsWith:
		n.needs = partOf(n, value)
		return text(value, hasSuffixFold, strings.HasSuffix)
	case neo.OpMatches:
		return c.matches(value, at)
	case neo.OpEmpty:
		return func(v neo.Value, _ *neo.Event) bool { return v.Value == "" }
	case neo.OpNotEmpty:
		return func(v neo.Value, _ *neo.Event) bool { return v.Value != "" }
	case neo.OpLess, neo.OpLessEqual, neo.OpGreater, neo.OpGreaterEqual:
		if kind == hourField && !hour(value) {
			c.wrong(at, "%.80q is not an hour; use 0 to 23.", value)
			return nil
		}
		return ordered(n.rule.Operator, c.order(value))
	case neo.OpBetween, neo.OpNotBetween:
		return c.between(n.rule, kind, at)
	case neo.OpBefore, neo.OpAfter:
		if _, ok := moment(strings.TrimSpace(value), c.zone); !ok {
			c.wrong(at, "%.80q is not a time; use 2026-11-24, 2026-11-24 15:04:05 (UTC) or 2026-11-24T15:04:05+01:00.", value)
			return nil
		}
		op := neo.OpLess
		if n.rule.Operator == neo.OpAfter {
			op = neo.OpGreater
		}
		return ordered(op, c.times(value))
	case neo.OpWithinLast, neo.OpNotWithinLast:
		return c.within(n.rule, at)
	}
	return nil
}

func opposite(t test) test {
	return func(v neo.Value, e *neo.Event) bool { return !t(v, e) }
}

// wanted is a value that a field is compared with for equality.
type wanted struct {
	text  string
	class neo.TicketClass // "": of any class, stored or shown
}

func want(s string) wanted {
	if class, stored, ok := strings.Cut(s, ":"); ok && neo.TicketClass(class).Known() {
		return wanted{stored, neo.TicketClass(class)}
	}
	return wanted{text: s}
}

// is compares with the stored value and with the text shown for it: people write
// what they see, "1 - Critical" as well as "1".
func (w *wanted) is(v neo.Value, e *neo.Event) bool {
	if w.class != "" {
		return e.Ticket.Class == w.class && strings.EqualFold(v.Value, w.text)
	}
	return strings.EqualFold(v.Value, w.text) || v.Display != "" && strings.EqualFold(v.Display, w.text)
}

func (c *compiler) equality(n *node, kind fieldType, at string) test {
	values := []string{n.rule.Value}
	if n.rule.Operator == neo.OpIn || n.rule.Operator == neo.OpNotIn {
		if values = c.list(n.rule, at); values == nil {
			return nil
		}
	}
	wants := make([]wanted, len(values))
	for i, v := range values {
		wants[i] = want(v)
		switch {
		case kind == classField && !neo.TicketClass(strings.ToLower(v)).Known():
			names := make([]string, len(neo.TicketClasses))
			for i, class := range neo.TicketClasses {
				names[i] = string(class)
			}
			c.wrong(at, "%.80q is not a ticket type; use one of %s.", v, strings.Join(names, ", "))
			return nil
		case kind == weekdayField && !slices.Contains(weekdays, strings.ToUpper(v)):
			c.wrong(at, "%.80q is not a day of the week; use MON to SUN.", v)
			return nil
		case kind == hourField && !hour(v):
			c.wrong(at, "%.80q is not an hour; use 0 to 23.", v)
			return nil
		case kind == hourField:
			h, _ := strconv.Atoi(v)
			wants[i].text = strconv.Itoa(h)
		case kind == flagField && !strings.EqualFold(v, "true") && !strings.EqualFold(v, "false"):
			c.wrong(at, "%.80q is neither true nor false.", v)
			return nil
		}
	}
	in := func(v neo.Value, e *neo.Event) bool {
		for i := range wants {
			if wants[i].is(v, e) {
				return true
			}
		}
		return false
	}
	if n.rule.Operator == neo.OpNotEqual || n.rule.Operator == neo.OpNotIn {
		return opposite(in)
	}
	n.needs = []need{equalTo(ofTicket, n.rule.Field, n.found, wants...)}
	return in
}

func hour(s string) bool {
	h, err := strconv.Atoi(s)
	return err == nil && h >= 0 && h < 24
}

// list splits the value of a rule at commas. What is in double quotes may hold
// commas; two double quotes in them are one. nil when something is wrong.
func (c *compiler) list(r *neo.Rule, at string) []string {
	var list []string
	for rest := r.Value; ; {
		rest = strings.TrimLeft(rest, " \t\r\n")
		if !strings.HasPrefix(rest, `"`) {
			part, after, more := strings.Cut(rest, ",")
			if part = strings.TrimSpace(part); part != "" {
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
		rest = strings.TrimLeft(rest[i+1:], " \t\r\n")
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
