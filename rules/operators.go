package rules

import (
	"cmp"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/neoagent/neo"
)

// Bounds of a regular expression. RE2 needs time for each instruction and byte.
const (
	maxPattern      = 1_000    // bytes
	maxInstructions = 1_000    // once repetitions are written out
	maxSearched     = 64 << 10 // bytes of a value
	maxSteps        = 4 << 20  // instructions times bytes: large expressions look at less
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
	if !slices.Contains(operators[kind], r.Operator) || pseudo(r.Field) && isChange(r.Operator) {
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

func (c *compiler) contains(n *node, at string) test {
	parts := c.list(n.rule, at)
	if parts == nil {
		return nil
	}
	all := n.rule.Operator == neo.OpContainsAll
	if all {
		for _, part := range parts {
			n.needs = append(n.needs, partOf(n, part)...)
		}
	} else {
		n.needs = anyPartOf(n, parts)
	}
	tests := make([]test, len(parts))
	for i, part := range parts {
		tests[i] = text(part, containsFold, strings.Contains)
	}
	return func(v neo.Value, e *neo.Event) bool {
		for _, t := range tests {
			if t(v, e) != all {
				return !all
			}
		}
		return all
	}
}

func (c *compiler) matches(pattern, at string) test {
	if pattern == "" {
		c.wrong(at, "The regular expression is empty.")
		return nil
	}
	if len(pattern) > maxPattern {
		c.wrong(at, "The regular expression has %d bytes; %d are allowed.", len(pattern), maxPattern)
		return nil
	}
	parsed, err := syntax.Parse(pattern, syntax.Perl|syntax.FoldCase)
	if err != nil {
		c.wrong(at, "This is not a regular expression (RE2): %.200s.", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
		return nil
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil || len(program.Inst) > maxInstructions {
		c.wrong(at, "The regular expression is too large once its repetitions are written out; repeat less.")
		return nil
	}
	re, err := regexp.Compile("(?i)" + pattern)
	if err != nil {
		c.wrong(at, "This is not a regular expression (RE2): %.200s.", err)
		return nil
	}
	most := min(maxSearched, maxSteps/len(program.Inst))
	found := func(s string) bool { return re.MatchString(s[:min(len(s), most)]) }
	return func(v neo.Value, _ *neo.Event) bool { return found(v.Value) || v.Display != "" && found(v.Display) }
}

// comparer returns where a value stands to the wanted one: -1 before, 1 after it;
// false when there is no order between them.
type comparer func(v neo.Value) (int, bool)

// order compares numbers as numbers, times as times, and everything else as text.
// An empty field is in no order.
func (c *compiler) order(want string) comparer {
	want = strings.TrimSpace(want)
	lower := strings.ToLower(want)
	byText := func(v neo.Value) (int, bool) { return cmp.Compare(strings.ToLower(v.Value), lower), v.Value != "" }
	if n, ok := number(want); ok {
		return func(v neo.Value) (int, bool) {
			if found, ok := number(v.Value); ok {
				return cmp.Compare(found, n), true
			}
			return byText(v)
		}
	}
	if _, ok := moment(want, c.zone); ok {
		byTime := c.times(want)
		return func(v neo.Value) (int, bool) {
			if n, ok := byTime(v); ok {
				return n, true
			}
			return byText(v)
		}
	}
	return byText
}

// times compares with a time. A day is all of its 24 hours: none of them is before
// it or after it.
func (c *compiler) times(want string) comparer {
	zone := c.zone
	want = strings.TrimSpace(want)
	first, _ := moment(want, zone)
	after := first.Add(1)
	if len(want) == len(time.DateOnly) {
		after = first.AddDate(0, 0, 1)
	}
	return func(v neo.Value) (int, bool) {
		at, ok := moment(v.Value, zone)
		switch {
		case at.Before(first):
			return -1, ok
		case !at.Before(after):
			return 1, ok
		}
		return 0, ok
	}
}

func number(s string) (float64, bool) {
	if s == "" || strings.ContainsFunc(s, func(r rune) bool { return (r < '0' || r > '9') && !strings.ContainsRune("+-.eE", r) }) {
		return 0, false
	}
	n, err := strconv.ParseFloat(s, 64)
	return n, err == nil
}

func ordered(op neo.Operator, where comparer) test {
	return func(v neo.Value, _ *neo.Event) bool {
		n, ok := where(v)
		return ok && inOrder(op, n)
	}
}

func inOrder(op neo.Operator, n int) bool {
	switch op {
	case neo.OpLess:
		return n < 0
	case neo.OpLessEqual:
		return n <= 0
	case neo.OpGreater:
		return n > 0
	}
	return n >= 0
}

func (c *compiler) between(r *neo.Rule, kind fieldType, at string) test {
	ends := c.list(r, at)
	if ends == nil {
		return nil
	}
	if len(ends) != 2 {
		c.wrong(at, "Operator %q needs two values, separated by a comma, and has %d.", r.Operator, len(ends))
		return nil
	}
	if kind == hourField && (!hour(ends[0]) || !hour(ends[1])) {
		c.wrong(at, "Hours are 0 to 23.")
		return nil
	}
	low, high := c.order(ends[0]), c.order(ends[1])
	if n, ok := low(neo.Value{Value: ends[1]}); ok && n < 0 {
		c.wrong(at, "%.80q is greater than %.80q, so that nothing is between them; exchange them.", ends[0], ends[1])
		return nil
	}
	return func(v neo.Value, _ *neo.Event) bool {
		l, ok1 := low(v)
		h, ok2 := high(v)
		inside := l >= 0 && h <= 0
		return ok1 && ok2 && inside == (r.Operator == neo.OpBetween)
	}
}

func (c *compiler) within(r *neo.Rule, at string) test {
	d, ok := span(r.Value)
	if !ok {
		c.wrong(at, "%.80q is not a span of time; use 30m, 4h or 7d.", r.Value)
		return nil
	}
	zone, want := c.zone, r.Operator == neo.OpWithinLast
	return func(v neo.Value, e *neo.Event) bool {
		then, ok := moment(v.Value, zone)
		ago := Now(e).Sub(then)
		return ok && (ago >= 0 && ago <= d) == want
	}
}

// spans compares a field that is a span with others; nil for operators that look at
// its text alone, or when something is wrong.
func (c *compiler) spans(r *neo.Rule, at string) condition {
	values := []string{r.Value}
	between := r.Operator == neo.OpBetween || r.Operator == neo.OpNotBetween
	switch {
	case r.Operator == neo.OpEmpty || r.Operator == neo.OpNotEmpty:
		return nil
	case between:
		if values = c.list(r, at); values == nil {
			return never
		}
		if len(values) != 2 {
			c.wrong(at, "Operator %q needs two spans, separated by a comma, and has %d.", r.Operator, len(values))
			return never
		}
	}
	spans := make([]time.Duration, len(values))
	for i, v := range values {
		d, ok := span(v)
		if !ok {
			c.wrong(at, "%.80q is not a span of time; use 30m, 4h or 7d.", v)
			return never
		}
		spans[i] = d
	}
	measure := c.span(r.Field)
	if between {
		if spans[0] > spans[1] {
			c.wrong(at, "%.80q is longer than %.80q, so that nothing is between them; exchange them.", values[0], values[1])
		}
		want := r.Operator == neo.OpBetween
		return func(e *neo.Event) bool {
			d, ok := measure(e)
			return ok && (spans[0] <= d && d <= spans[1]) == want
		}
	}
	return func(e *neo.Event) bool {
		d, ok := measure(e)
		return ok && inOrder(r.Operator, cmp.Compare(d, spans[0]))
	}
}

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

// maxPlain is how long a text may be that is searched for without a copy: that takes
// its length times that of the field.
const maxPlain = 64

// text compares without regard to case, with the stored and with the shown text.
// ascii does so for texts of ASCII alone, which most are, without making a copy;
// exact gets lower-case copies of all others.
func text(want string, ascii, exact func(s, part string) bool) test {
	want = strings.ToLower(want)
	plain := isASCII(want) && len(want) <= maxPlain
	holds := func(s string) bool {
		if plain && isASCII(s) {
			return ascii(s, want)
		}
		return exact(strings.ToLower(s), want)
	}
	return func(v neo.Value, _ *neo.Event) bool { return holds(v.Value) || v.Display != "" && holds(v.Display) }
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

func containsFold(s, part string) bool {
	for i := 0; i+len(part) <= len(s); i++ {
		if hasPrefixFold(s[i:], part) {
			return true
		}
	}
	return false
}

// hasPrefixFold expects part in lower case.
func hasPrefixFold(s, part string) bool {
	if len(s) < len(part) {
		return false
	}
	for i := range len(part) {
		b := s[i]
		if 'A' <= b && b <= 'Z' {
			b += 'a' - 'A'
		}
		if b != part[i] {
			return false
		}
	}
	return true
}

func hasSuffixFold(s, part string) bool {
	return len(s) >= len(part) && hasPrefixFold(s[len(s)-len(part):], part)
}
