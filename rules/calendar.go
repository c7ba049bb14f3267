package rules

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/neoagent/neo"
)

// weeks are the names of the week in which a weekday of a month is: the first Monday is
// "first MON".
var weeks = []string{"first", "second", "third", "fourth", "fifth"}

// lastWeek is the name of the last one in a month, which is the fourth or fifth as well.
const lastWeek = "last"

// monthWeekdays are the names that a day has by its weekday: "fourth FRI" and "last FRI".
func monthWeekdays(day time.Time) []string {
	names := []string{weeks[neo.WeekOfMonth(day)-1] + " " + weekday(day)}
	if day.AddDate(0, 0, 7).Month() != day.Month() {
		names = append(names, lastWeek+" "+weekday(day))
	}
	return names
}

// monthWeekday reads "first MON", without regard to case.
func monthWeekday(s string) (string, bool) {
	week, day, _ := strings.Cut(strings.Join(strings.Fields(s), " "), " ")
	week, day = strings.ToLower(week), strings.ToUpper(day)
	return week + " " + day, (week == lastWeek || slices.Contains(weeks, week)) && slices.Contains(weekdays, day)
}

// onMonthWeekday compares the names of the day with those of a rule.
func (c *compiler) onMonthWeekday(r *neo.Rule, at string) condition {
	wants := []string{r.Value}
	if r.Operator == neo.OpIn || r.Operator == neo.OpNotIn {
		wants = c.list(r, at)
	}
	for i, want := range wants {
		name, ok := monthWeekday(want)
		if !ok {
			c.wrong(at, "%.80q is not a weekday of the month; use first MON to fifth SUN, or last FRI.", want)
			return never
		}
		wants[i] = name
	}
	zone := c.zone
	in := func(e *neo.Event) bool {
		return slices.ContainsFunc(monthWeekdays(Now(e).In(zone)), func(name string) bool { return slices.Contains(wants, name) })
	}
	if r.Operator == neo.OpNotEqual || r.Operator == neo.OpNotIn {
		return not(in)
	}
	return in
}

// onMonthDay compares the day of the month.
func (c *compiler) onMonthDay(r *neo.Rule, at string) condition {
	texts := []string{strings.TrimSpace(r.Value)}
	between := r.Operator == neo.OpBetween || r.Operator == neo.OpNotBetween
	if between || r.Operator == neo.OpIn || r.Operator == neo.OpNotIn {
		texts = c.list(r, at)
	}
	days := make([]int, len(texts))
	for i, s := range texts {
		day, err := strconv.Atoi(s)
		if err != nil || day < 1 || day > 31 {
			c.wrong(at, "%.80q is not a day of the month; use 1 to 31.", s)
			return never
		}
		days[i] = day
	}
	switch {
	case len(days) == 0: // said by list
		return never
	case between && len(days) != 2:
		c.wrong(at, "Operator %q needs two values, separated by a comma, and has %d.", r.Operator, len(days))
		return never
	case between && days[0] > days[1]:
		c.wrong(at, "%d is greater than %d, so that nothing is between them; exchange them.", days[0], days[1])
		return never
	}
	zone, op := c.zone, r.Operator
	return func(e *neo.Event) bool {
		day := Now(e).In(zone).Day()
		switch op {
		case neo.OpEqual, neo.OpIn:
			return slices.Contains(days, day)
		case neo.OpNotEqual, neo.OpNotIn:
			return !slices.Contains(days, day)
		case neo.OpBetween, neo.OpNotBetween:
			return (days[0] <= day && day <= days[1]) == (op == neo.OpBetween)
		}
		return inOrder(op, day-days[0])
	}
}
