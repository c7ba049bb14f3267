package rules

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/neoagent/neo"
)

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
