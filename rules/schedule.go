package rules

import (
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

// Next returns when the schedule fires next after a time. tenantZone is where it
// counts when it names no zone of its own.
//
// Minutes and hours are counted from each midnight in the zone. A time of the day that
// the clock skips in spring is an hour later on that day; one that comes twice in
// autumn counts once.
func Next(s neo.Schedule, after time.Time, tenantZone string) (time.Time, error) {
	if mistakes := checkSchedule(s); len(mistakes) > 0 {
		return time.Time{}, neo.Errorf(neo.CodeInvalid, "%s: %s", below("schedule", mistakes[0].Path), mistakes[0].Message)
	}
	name := s.TimeZone
	if name == "" {
		name = tenantZone
	}
	zone, err := loadZone(name)
	if err != nil {
		return time.Time{}, err
	}
	switch s.Every {
	case neo.EveryMinutes:
		return nextPeriod(time.Duration(max(1, s.Count))*time.Minute, after, zone), nil
	case neo.EveryHours:
		return nextPeriod(time.Duration(max(1, s.Count))*time.Hour, after, zone), nil
	case neo.EveryCron:
		spec, _ := parseCron(s.Cron)
		return nextCron(spec, s.Cron, after, zone), nil
	}
	on := [7]bool{true, true, true, true, true, true, true}
	if s.Every == neo.EveryWeekdays {
		on, _ = checkDays(s.Days)
	}
	minutes, _ := clock(s.At)
	for day := shown(after, zone); ; day = day.AddDate(0, 0, 1) {
		wall := time.Date(day.Year(), day.Month(), day.Day(), minutes/60, minutes%60, 0, 0, time.UTC)
		if at := onWall(wall, zone); at.After(after) && on[wall.Weekday()] {
			return at, nil
		}
	}
}

// nextPeriod counts from the last midnight, and begins again at the next.
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

// nextCron finds the next time of a cron expression in zone; zero when there is none
// within five years. An expression for all hours counts hours as they pass; one for certain hours
// counts by the clock on the wall, each of its times once.
func nextCron(spec cron.Schedule, expression string, after time.Time, zone *time.Location) time.Time {
	if hour := strings.Fields(expression)[1]; strings.HasPrefix(hour, "*") {
		return utc(spec.Next(after.In(zone)))
	}
	// What the clock skips counts as later, so that it may still come after what the
	// clock shows by now.
	var first time.Time
	for wall := shown(after, zone).Add(-3 * time.Hour); ; {
		wall = spec.Next(wall)
		if wall.IsZero() || !first.IsZero() && wall.After(shown(first, zone)) {
			return first
		}
		if at := onWall(wall, zone); at.After(after) && (first.IsZero() || at.Before(first)) {
			first = at
		}
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
	about := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, zone)
	_, before := about.Add(-3 * time.Hour).Zone()
	_, after := about.Add(3 * time.Hour).Zone()
	by := func(offset int) time.Time { return wall.Add(-time.Duration(offset) * time.Second) }
	first, second := by(max(before, after)), by(min(before, after))
	if shown(first, zone).Equal(wall) {
		return first
	}
	if shown(second, zone).Equal(wall) {
		return second
	}
	return by(before)
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
	case neo.EveryDay, neo.EveryWeekdays:
		if minutes, ok := clock(s.At); !ok || minutes == 24*60 {
			c.wrong("at", "%.20q is not a time of the day; use 08:30.", s.At)
		}
	case neo.EveryCron:
		c.cron(s.Cron)
	default:
		c.wrong("every", "%.80q is not known; use %s, %s, %s, %s or %s.", string(s.Every), neo.EveryMinutes, neo.EveryHours, neo.EveryDay, neo.EveryWeekdays, neo.EveryCron)
	}
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
