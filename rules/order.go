package rules

import (
	"cmp"
	"fmt"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/spelling"
)

// comparer returns where a value stands to the wanted one: -1 before, 1 after it;
// false when there is no order between them. There is none between texts.
type comparer func(v neo.Value, e *neo.Event) (int, bool)

// operand is a value of a rule that has an order; one of its parts is set.
type operand struct {
	amount *amount
	span   *time.Duration
	when   when
}

// operand reads a value that a field of that type is ordered by.
func (c *compiler) operand(t typing, of neo.FieldType, value string) (operand, bool) {
	number, isAmount := amountIn(value)
	long, isSpan := length(value)
	at, isTime := c.when(value, false)
	switch {
	case shaped(of, t.field):
		switch {
		case isAmount:
			return operand{amount: &number}, true
		case isSpan:
			return operand{span: &long}, true
		}
		return operand{when: at}, isTime
	case of == neo.NumberField, of == neo.CurrencyField:
		return operand{amount: &number}, isAmount && (of == neo.CurrencyField || number.currency == "")
	case of == neo.ChoiceField:
		if !isAmount {
			number, isAmount = amountIn(t.storedFor(value))
		}
		return operand{amount: &number}, isAmount
	case of == neo.DurationField:
		if !isSpan {
			long, isSpan = duration(value)
		}
		return operand{span: &long}, isSpan
	case of == neo.TimeField, of == neo.DateField:
		return operand{when: at}, isTime
	}
	return operand{}, false
}

// storedFor returns the value that is stored for a choice with that label; "" when
// that is not known, or not one for all classes.
func (t *typing) storedFor(label string) string {
	found := ""
	add := func(value string) bool {
		if found != "" && found != value {
			return false
		}
		found = value
		return true
	}
	for _, choice := range t.choices {
		if spelling.Same(choice.Label, label) && !add(choice.Value) {
			return ""
		}
	}
	for _, labels := range t.labels {
		for l, value := range labels {
			if spelling.Same(l, label) && !add(value) {
				return ""
			}
		}
	}
	return found
}

// comparer compares what a field holds with the operand.
func (c *compiler) comparer(o operand) comparer {
	switch {
	case o.amount != nil:
		want := *o.amount
		return func(v neo.Value, _ *neo.Event) (int, bool) {
			found, ok := amountIn(v.Value)
			return found.compare(want.decimal), ok && found.comparable(want)
		}
	case o.span != nil:
		want := *o.span
		return func(v neo.Value, _ *neo.Event) (int, bool) {
			found, ok := duration(v.Value)
			return cmp.Compare(found, want), ok
		}
	}
	return c.times(o.when)
}

// more reports whether o is known to be more than p.
func (o operand) more(p operand) bool {
	switch {
	case o.amount != nil && p.amount != nil:
		return o.amount.comparable(*p.amount) && o.amount.compare(p.amount.decimal) > 0
	case o.span != nil && p.span != nil:
		return *o.span > *p.span
	case o.when != nil && p.when != nil:
		// Both ends may depend on now: two times of it show whether that decides.
		for _, now := range []time.Time{time.Unix(0, 0), time.Unix(1<<34, 0)} {
			e := &neo.Event{ChangedAt: now}
			if o.when(e).compare(p.when(e)) <= 0 {
				return false
			}
		}
		return true
	}
	return false
}

// ordered prepares <, <=, > and >=.
func (c *compiler) ordered(op neo.Operator, t typing, value, at string) test {
	return c.typed(t, at, func(of neo.FieldType) (test, *problem) {
		if !fits(op, of, t.field) {
			return nil, misfit(op, of, t.field)
		}
		o, ok := c.operand(t, of, value)
		if !ok {
			return nil, misvalue(value, of, t.field)
		}
		where := c.comparer(o)
		return func(v neo.Value, e *neo.Event) bool {
			n, ok := where(v, e)
			return ok && inOrder(op, n)
		}, nil
	})
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

func (c *compiler) between(r *neo.Rule, t typing, kind fieldType, at string) test {
	ends := c.list(r, below(at, "value"))
	if ends == nil {
		return nil
	}
	if len(ends) != 2 {
		c.wrong(below(at, "value"), "Operator %q needs two values, separated by a comma, and has %d. A value with a comma stands in double quotes.", r.Operator, len(ends))
		return nil
	}
	want := r.Operator == neo.OpBetween
	if kind == hourField {
		return c.betweenHours(ends, want, below(at, "value"))
	}
	return c.typed(t, at, func(of neo.FieldType) (test, *problem) {
		if !fits(r.Operator, of, t.field) {
			return nil, misfit(r.Operator, of, t.field)
		}
		var both [2]operand
		for i, end := range ends {
			var ok bool
			if both[i], ok = c.operand(t, of, end); !ok {
				return nil, misvalue(end, of, t.field)
			}
		}
		if both[0].more(both[1]) {
			return nil, &problem{"value", fmt.Sprintf("%.80q is more than %.80q, so that nothing is between them; exchange them.", ends[0], ends[1])}
		}
		if !both[0].alike(both[1]) {
			return nil, &problem{"value", fmt.Sprintf("%.80q and %.80q cannot be compared with one another; use two of one kind.", ends[0], ends[1])}
		}
		low, high := c.comparer(both[0]), c.comparer(both[1])
		return func(v neo.Value, e *neo.Event) bool {
			l, ok1 := low(v, e)
			h, ok2 := high(v, e)
			return ok1 && ok2 && (l >= 0 && h <= 0) == want
		}, nil
	})
}

// alike reports whether both operands are of one kind.
func (o operand) alike(p operand) bool {
	if o.amount != nil && p.amount != nil {
		return o.amount.comparable(*p.amount)
	}
	return (o.amount == nil) == (p.amount == nil) && (o.span == nil) == (p.span == nil)
}

// betweenHours compares an hour of the day; from 22 to 6 goes on past midnight.
func (c *compiler) betweenHours(ends []string, want bool, at string) test {
	first, ok1 := hour(ends[0])
	last, ok2 := hour(ends[1])
	if !ok1 || !ok2 {
		c.wrong(at, "Hours are 0 to 23.")
		return nil
	}
	return func(v neo.Value, _ *neo.Event) bool {
		h, ok := hour(v.Value)
		inside := first <= h && h <= last
		if first > last {
			inside = first <= h || h <= last
		}
		return ok && inside == want
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
