package rules

import (
	"cmp"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/neoagent/neo"
)

// Bounds of "every so many".
const (
	maxMinutes = 24 * 60
	maxHours   = 24
)

// Next returns when the schedule fires next after a time; zero when it never does
// again. tenantZone is where it counts when it names no zone of its own.
//
// A schedule names times on the clock of its zone, and each of them comes once: one that
// the clock skips in spring is as much later on that day, one that it shows twice in
// autumn counts the first time. Where every hour is meant (cron's "*", each hour, each
// so many minutes up to an hour), hours count as they pass.
func Next(s neo.Schedule, after time.Time, tenantZone string) (time.Time, error) {
	if mistakes := checkSchedule(s); len(mistakes) > 0 {
		return time.Time{}, neo.Errorf(neo.CodeInvalid, "%s: %s", below("schedule", mistakes[0].Path), mistakes[0].Message)
	}
	zone, err := loadZone(ZoneOf(s, tenantZone))
	if err != nil {
		return time.Time{}, err
	}
	switch s.Every {
	case neo.EveryMinutes, neo.EveryHours:
		unit := time.Minute
		if s.Every == neo.EveryHours {
			unit = time.Hour
		}
		period := time.Duration(max(1, s.Count)) * unit
		if period <= time.Hour {
			return utc(nextPeriod(period, after, zone)), nil
		}
		return utc(nextOnWall(periods(period), after, zone)), nil
	case neo.EveryCron:
		spec, _ := parseCron(s.Cron)
		if everyHour(s.Cron) {
			return utc(nextAsHoursPass(spec, after, zone)), nil
		}
		return utc(nextOnWall(spec, after, zone)), nil
	}
	minutes, _ := clock(s.At)
	return utc(nextOnWall(dayTimes{minutes, daysOf(s)}, after, zone)), nil
}

// ZoneOf is the name of the time zone in which a schedule counts.
func ZoneOf(s neo.Schedule, tenantZone string) string { return cmp.Or(s.TimeZone, tenantZone) }

// daysOf reports on which days a schedule with a time of the day fires.
func daysOf(s neo.Schedule) func(day time.Time) bool {
	weekdays, _ := checkDays(s.Days)
	switch {
	case s.Every == neo.EveryDay:
		return func(time.Time) bool { return true }
	case s.Every == neo.EveryWeekdays:
		return func(day time.Time) bool { return weekdays[day.Weekday()] }
	case s.Week == neo.LastWeek:
		return func(day time.Time) bool {
			return weekdays[day.Weekday()] && day.AddDate(0, 0, 7).Month() != day.Month()
		}
	case s.Week != 0:
		return func(day time.Time) bool { return weekdays[day.Weekday()] && neo.WeekOfMonth(day) == s.Week }
	case s.Day == neo.LastDay:
		return func(day time.Time) bool { return day.AddDate(0, 0, 1).Month() != day.Month() }
	}
	return func(day time.Time) bool { return day.Day() == s.Day }
}

// wallTimes are times that a clock on a wall shows, as times in UTC. Next returns the
// first after one; zero when there is none.
type wallTimes interface {
	Next(wall time.Time) time.Time
}

// periods are counted from midnight, and begin again at the next.
type periods time.Duration

func (p periods) Next(wall time.Time) time.Time {
	midnight := wall.Truncate(24 * time.Hour)
	next := midnight.Add((wall.Sub(midnight)/time.Duration(p) + 1) * time.Duration(p))
	if morrow := midnight.AddDate(0, 0, 1); next.After(morrow) {
		return morrow
	}
	return next
}

// dayTimes is one time on certain days.
type dayTimes struct {
	minutes int // since midnight
	on      func(day time.Time) bool
}

func (d dayTimes) Next(wall time.Time) time.Time {
	midnight := wall.Truncate(24 * time.Hour)
	for range 5 * 366 { // five years have every date but one of a leap day after 2100
		at := midnight.Add(time.Duration(d.minutes) * time.Minute)
		if at.After(wall) && d.on(midnight) {
			return at
		}
		midnight = midnight.AddDate(0, 0, 1)
	}
	return time.Time{}
}

// nextPeriod counts from the last midnight as time passes, and begins again at the next.
func nextPeriod(period time.Duration, after time.Time, zone *time.Location) time.Time {
	day := shown(after, zone).Truncate(24 * time.Hour)
	midnight, next := onWall(day, zone), onWall(day.AddDate(0, 0, 1), zone)
	at := midnight.Add((after.Sub(midnight)/period + 1) * period)
	if at.After(next) {
		return next
	}
	return at
}

// cronParser reads minute, hour, day of the month, month, day of the week.
var cronParser = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)

// parseCron reads five fields. Sunday is 7 as well as 0, also at the end of a range.
func parseCron(expression string) (cron.Schedule, error) {
	fields := strings.Fields(expression)
	days := strings.Split(fields[4], ",")
	for i, day := range days {
		first, isRange := strings.CutSuffix(day, "-7")
		switch {
		case day == "7", isRange && first == "7":
			days[i] = "0"
		case isRange:
			days[i] = first + "-6,0"
		}
	}
	fields[4] = strings.Join(days, ",")
	return cronParser.Parse(strings.Join(fields, " "))
}

// everyHour reports whether a cron expression is for all hours, and not for a list of
// them that may have 24.
func everyHour(expression string) bool {
	for part := range strings.SplitSeq(strings.Fields(expression)[1], ",") {
		if part == "*" || part == "?" || part == "*/1" {
			return true
		}
	}
	return false
}

// longestChange is more than any change of the clocks is long: places have left out a
// whole day.
const longestChange = 26 * time.Hour

// nextOnWall returns when a clock on the wall of zone first shows one of the times, each
// of them once.
func nextOnWall(times wallTimes, after time.Time, zone *time.Location) time.Time {
	wall := shown(after, zone)
	// What the clock has skipped counts as later, so that it may still come after what the
	// clock shows by now.
	if begin, _ := after.In(zone).ZoneBounds(); !begin.IsZero() && after.Sub(begin) < longestChange {
		if before := shown(begin.Add(-time.Second), zone); before.Before(wall) {
			wall = before
		}
	}
	var first time.Time
	for {
		wall = times.Next(wall)
		if wall.IsZero() || !first.IsZero() && wall.After(shown(first, zone)) {
			return first
		}
		if at := onWall(wall, zone); at.After(after) && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
}

// nextAsHoursPass returns when a clock on the wall of zone next shows one of the times,
// whether it has shown it before or not.
func nextAsHoursPass(times wallTimes, after time.Time, zone *time.Location) time.Time {
	for {
		wall := shown(after, zone)
		offset := wall.Sub(after.Truncate(time.Second))
		next := times.Next(wall)
		_, end := after.In(zone).ZoneBounds()
		switch {
		case next.IsZero():
			return time.Time{}
		case end.IsZero() || next.Add(-offset).Before(end):
			return next.Add(-offset)
		}
		// The clocks change before it comes. What they show then counts as well.
		if next = times.Next(shown(end, zone).Add(-time.Second)); next.Equal(shown(end, zone)) {
			return end
		}
		after = end
	}
}

// shown is what a clock on the wall of zone shows at t, as a time in UTC.
func shown(t time.Time, zone *time.Location) time.Time {
	t = t.In(zone)
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

// onWall is the first time at which a clock on the wall of zone shows what wall says.
// Where it never does, it is what the clock would show had it not been put forward.
func onWall(wall time.Time, zone *time.Location) time.Time {
	for at := wall.Add(-longestChange).In(zone); ; {
		_, offset := at.Zone()
		there := wall.Add(-time.Duration(offset) * time.Second)
		_, end := at.ZoneBounds()
		if end.IsZero() || there.Before(end) {
			return there
		}
		if shown(end, zone).After(wall) { // skipped at this change
			return there
		}
		at = end
	}
}

func utc(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC()
}

// checkSchedule returns what is wrong with a schedule; paths begin inside of it.
func checkSchedule(s neo.Schedule) (mistakes []neo.Mistake) {
	c := &compiler{}
	most := 0
	switch s.Every {
	case neo.EveryMinutes:
		most = maxMinutes
	case neo.EveryHours:
		most = maxHours
	case neo.EveryDay, neo.EveryWeekdays, neo.EveryMonth:
		if minutes, ok := clock(s.At); !ok || minutes == 24*60 {
			c.wrong("at", "%.20q is not a time of the day; use 08:30.", s.At)
		}
	case neo.EveryCron:
		c.cron(s.Cron)
	default:
		c.wrong("every", "%.80q is not known; use %s, %s, %s, %s, %s or %s.", string(s.Every), neo.EveryMinutes, neo.EveryHours, neo.EveryDay, neo.EveryWeekdays, neo.EveryMonth, neo.EveryCron)
	}
	c.dayOfMonth(s)
	if most > 0 && (s.Count < 0 || s.Count > most) {
		c.wrong("count", "Use 1 to %d, not %d.", most, s.Count)
	}
	if len(s.Days) > 7 {
		c.wrong("days", "There are %d days; a week has 7.", len(s.Days))
	} else if _, wrong := checkDays(s.Days); wrong >= 0 {
		c.wrong(index("days", wrong), "%.20q is not a day of the week; use MON to SUN.", s.Days[wrong])
	}
	if _, err := loadZone(s.TimeZone); err != nil {
		c.wrong("time_zone", "%s", neo.MessageOf(err))
	}
	return c.mistakes
}

// dayOfMonth checks the settings of neo.EveryMonth.
func (c *compiler) dayOfMonth(s neo.Schedule) {
	if s.Every != neo.EveryMonth {
		if s.Day != 0 || s.Week != 0 {
			c.wrong("every", "day and week belong to %s; use it, or leave them out.", neo.EveryMonth)
		}
		return
	}
	switch {
	case s.Day == 0 && s.Week == 0:
		c.wrong("day", "Set day (1 to 31, or -1 for the last day), or week and days for the first Monday and the like.")
	case s.Day != 0 && s.Week != 0:
		c.wrong("week", "Set either day or week, not both.")
	case s.Day != 0 && len(s.Days) > 0:
		c.wrong("days", "Days of the week go with week, not with day.")
	case s.Day != 0 && s.Day != neo.LastDay && (s.Day < 1 || s.Day > 31):
		c.wrong("day", "Use 1 to 31, or -1 for the last day of the month, not %d.", s.Day)
	case s.Week != 0 && s.Week != neo.LastWeek && (s.Week < 1 || s.Week > 5):
		c.wrong("week", "Use 1 to 5, or -1 for the last one in the month, not %d.", s.Week)
	case s.Week != 0 && len(s.Days) == 0:
		c.wrong("days", "Set at least one day of the week, such as MON.")
	}
}

func (c *compiler) cron(expression string) {
	const hint = "use five fields (minute, hour, day of the month, month, day of the week), such as 30 8 * * 1-5"
	switch {
	case len(expression) > 200:
		c.wrong("cron", "The expression has %d bytes; 200 are allowed.", len(expression))
		return
	case len(strings.Fields(expression)) != 5 || strings.ContainsAny(expression, "@="):
		c.wrong("cron", "%.80q is not a cron expression; %s. The time zone has its own setting.", expression, hint)
		return
	}
	spec, err := parseCron(expression)
	if err != nil {
		c.wrong("cron", "%.80q is not a cron expression: %.200s; %s.", expression, err, hint)
		return
	}
	if spec.Next(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		c.wrong("cron", "%.80q never comes; %s.", expression, hint)
	}
}
