package rules

import (
	"strings"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/spelling"
)

// period is a stretch of time, without its end: an instant, or a day, which is all of
// its hours.
type period struct{ from, to time.Time }

// instant is a period that is over at once.
func instant(t time.Time) period { return period{t, t.Add(1)} }

// day is the one that begins n days after that of t, in t's zone.
func day(t time.Time, n int) period {
	y, m, d := t.Date()
	return period{time.Date(y, m, d+n, 0, 0, 0, 0, t.Location()), time.Date(y, m, d+n+1, 0, 0, 0, 0, t.Location())}
}

// compare says whether p is before o (-1), after it (1), or neither.
func (p period) compare(o period) int {
	switch {
	case !p.to.After(o.from):
		return -1
	case !p.from.Before(o.to):
		return 1
	}
	return 0
}

// stored reads a time as a field holds it: as ServiceNow stores it, in UTC, or RFC
// 3339. A day without a time is the day in zone.
func stored(s string, zone *time.Location) (period, bool) {
	s = spelling.Trim(s)
	t, ok := moment(s, zone)
	switch {
	case !ok:
		return period{}, false
	case len(s) == len(time.DateOnly):
		return day(t, 0), true
	}
	return instant(t), true
}

// moment reads a time: as ServiceNow stores it, in UTC, or RFC 3339. A day is its
// beginning in zone.
func moment(s string, zone *time.Location) (time.Time, bool) {
	if len(s) < len(time.DateOnly) || s[4] != '-' || s[7] != '-' {
		return time.Time{}, false
	}
	if len(s) == len(time.DateOnly) {
		t, err := time.ParseInLocation(time.DateOnly, s, zone)
		return t, err == nil
	}
	for _, layout := range []string{time.DateTime, time.RFC3339, "2006-01-02 15:04"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// when is a time that a rule names, as of an event.
type when func(e *neo.Event) period

// relativeDays are the days that a rule may name by their place to now.
var relativeDays = map[string]int{"yesterday": -1, "today": 0, "tomorrow": 1}

// when reads a time of a rule: as moment does; with the day first, "24.12.2026" or
// "24.12.2026 15:04", in the tenant's zone; now, or a day such as today. A minute is
// all of it where minutes is set.
func (c *compiler) when(s string, minutes bool) (when, bool) {
	zone := c.zone
	fixed := func(p period) (when, bool) { return func(*neo.Event) period { return p }, true }
	s = spelling.Normal(s)
	if s == "now" {
		return func(e *neo.Event) period { return instant(Now(e)) }, true
	}
	if n, ok := relativeDays[s]; ok {
		return func(e *neo.Event) period { return day(Now(e).In(zone), n) }, true
	}
	if len(s) < len("1.1.2026") || !digit(s[0]) {
		return nil, false
	}
	s = strings.ToUpper(s) // RFC 3339 has T and Z
	t, ok := moment(s, zone)
	length := len(s) - len(time.DateOnly)
	for _, layout := range []string{"2.1.2006", "2.1.2006 15:04", "2.1.2006 15:04:05"} {
		if ok {
			break
		}
		var err error
		t, err = time.ParseInLocation(layout, s, zone)
		ok, length = err == nil, len(layout)-len("2.1.2006")
	}
	switch {
	case !ok:
		return nil, false
	case length == 0:
		return fixed(day(t, 0))
	case minutes && length == len(" 15:04"):
		return fixed(period{t, t.Add(time.Minute)})
	}
	return fixed(instant(t))
}

const timeExample = "2026-11-24, 24.12.2026, 2026-11-24 15:04:05 (UTC), 2026-11-24T15:04:05+01:00, now or today"

// times are the periods of an event's field, compared with a time of a rule.
func (c *compiler) times(w when) comparer {
	zone := c.zone
	return func(v neo.Value, e *neo.Event) (int, bool) {
		p, ok := stored(v.Value, zone)
		if !ok {
			return 0, false
		}
		return p.compare(w(e)), true
	}
}

// beforeOrAfter prepares before and after.
func (c *compiler) beforeOrAfter(op neo.Operator, t typing, value, at string) test {
	w, ok := c.when(value, false)
	if !ok {
		c.wrong(below(at, "value"), "%.80q is not a time; use %s.", value, timeExample)
		return nil
	}
	where, want := c.times(w), -1
	if op == neo.OpAfter {
		want = 1
	}
	return c.typed(t, at, func(of neo.FieldType) (test, *problem) {
		if !fits(op, of, t.field) {
			return nil, misfit(op, of, t.field)
		}
		return func(v neo.Value, e *neo.Event) bool {
			n, ok := where(v, e)
			return ok && n == want
		}, nil
	})
}

// within compares a time with the span before an event, or the one after it. A day is
// in the span to come when some of it is.
func (c *compiler) within(op neo.Operator, t typing, value, at string) test {
	d, ok := span(value)
	if !ok {
		c.wrong(below(at, "value"), "%.80q is not a span of time; use 30m, 4h or 7d.", value)
		return nil
	}
	zone := c.zone
	last := op == neo.OpWithinLast || op == neo.OpNotWithinLast
	want := op == neo.OpWithinLast || op == neo.OpWithinNext
	return c.typed(t, at, func(of neo.FieldType) (test, *problem) {
		if !fits(op, of, t.field) {
			return nil, misfit(op, of, t.field)
		}
		return func(v neo.Value, e *neo.Event) bool {
			p, ok := stored(v.Value, zone)
			if !ok {
				return false
			}
			now := Now(e)
			if last {
				ago := now.Sub(p.from)
				return (ago >= 0 && ago <= d) == want
			}
			return (p.to.After(now) && !p.from.After(now.Add(d))) == want
		}, nil
	})
}
