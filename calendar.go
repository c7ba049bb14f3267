package neo

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // zones are needed also where the machine has none
)

// Weekdays are the names of the days, by time.Weekday.
var Weekdays = [7]string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}

// WeekOfMonth is 1 for the first seven days of a month, on which its first Monday is, and
// so on to 5.
func WeekOfMonth(t time.Time) int { return (t.Day()-1)/7 + 1 }

// Span is a stretch of time that comes again on days of the week: from From until
// before To, "09:00". One that ends before it begins goes on past midnight and
// belongs to the day on which it began; "00:00" or "24:00" as To is the end of the day.
type Span struct {
	Days     []string // MON … SUN
	From, To string
}

// minutes returns the ends in minutes since midnight; the second may be past 24:00.
func (s Span) minutes() (from, to int, err error) {
	from, ok := ClockTime(s.From)
	to, ok2 := ClockTime(s.To)
	if !ok || !ok2 || from == 24*60 {
		return 0, 0, fmt.Errorf("%q to %q are not times such as 09:00", s.From, s.To)
	}
	if to <= from {
		to += 24 * 60
	}
	return from, to, nil
}

// Check says what is wrong with the span; nil when nothing is.
func (s Span) Check() error {
	if _, _, err := s.minutes(); err != nil {
		return fmt.Errorf("%w: use two digits each for hour and minute, 00:00 to 24:00", err)
	}
	for _, day := range s.Days {
		if !slices.Contains(Weekdays[:], day) {
			return fmt.Errorf("%q is not a day: use MON, TUE, WED, THU, FRI, SAT and SUN", day)
		}
	}
	return nil
}

// Holds reports whether t, by the clock of its own time zone, is in the span. A span
// that is not right holds nothing.
func (s Span) Holds(t time.Time) bool {
	from, to, err := s.minutes()
	if err != nil {
		return false
	}
	minute, day := t.Hour()*60+t.Minute(), t.Weekday()
	if s.on(day) && from <= minute && minute < to {
		return true
	}
	return s.on((day+6)%7) && minute+24*60 < to
}

func (s Span) on(day time.Weekday) bool { return slices.Contains(s.Days, Weekdays[day]) }

// Next returns the first time, not before t, that is in the span; zero when there is
// none. It is in the time zone of t.
func (s Span) Next(t time.Time) time.Time {
	if s.Holds(t) {
		return t
	}
	from, _, err := s.minutes()
	if err != nil {
		return time.Time{}
	}
	for days := range 15 { // a day whose span does not exist at all (a clock set forward) is passed over
		begin := time.Date(t.Year(), t.Month(), t.Day()+days, 0, from, 0, 0, t.Location())
		if !s.on(begin.Weekday()) {
			continue
		}
		// Where clocks are set forward the begin may not exist; the span then begins with
		// the first minute after the gap that belongs to it.
		if begin.Hour()*60+begin.Minute() != from {
			begin = begin.Add(-time.Hour)
		}
		for range 181 {
			if !begin.Before(t) && s.Holds(begin) {
				return begin
			}
			begin = begin.Add(time.Minute)
		}
	}
	return time.Time{}
}

// ClockTime reads "09:30" as minutes since midnight; "24:00" is the end of a day.
func ClockTime(s string) (minutes int, ok bool) {
	hour, minute, ok := strings.Cut(s, ":")
	if !ok || len(hour) != 2 || len(minute) != 2 {
		return 0, false
	}
	h, err := strconv.ParseUint(hour, 10, 8)
	m, err2 := strconv.ParseUint(minute, 10, 8)
	if err != nil || err2 != nil || m > 59 || h > 24 || h == 24 && m > 0 {
		return 0, false
	}
	return int(h*60 + m), true
}

// zones keeps those that were loaded, by name: the standard library reads a zone's
// rules anew each time.
var zones sync.Map

// Location returns the tenant's time zone; UTC when it is not known.
func (s Settings) Location() *time.Location {
	if zone, ok := zones.Load(s.TimeZone); ok {
		return zone.(*time.Location)
	}
	zone, err := LoadZone(s.TimeZone)
	if err != nil {
		return time.UTC
	}
	zones.Store(s.TimeZone, zone)
	return zone
}

// machineZones are in a system's list of time zones and another on each machine, or
// with leap seconds.
var machineZones = regexp.MustCompile(`^(?i:local|localtime|posixrules|factory|(?:posix|right)/.*)$`)

// LoadZone returns a time zone by its IANA name; "" is UTC.
func LoadZone(name string) (*time.Location, error) {
	if len(name) > 64 || machineZones.MatchString(name) {
		return nil, errors.New("this is not the name of a time zone")
	}
	return time.LoadLocation(name)
}

// Open reports whether t is in the business hours, which holidays have none of.
func (s Settings) Open(t time.Time) bool {
	h, err := s.Hours()
	return err == nil && h.Open(t)
}

// NextOpen returns the first time, not before t, that is in the business hours; zero
// when there are none at all. It is in the tenant's time zone.
func (s Settings) NextOpen(t time.Time) time.Time {
	h, err := s.Hours()
	if err != nil {
		return time.Time{}
	}
	return h.Next(t)
}
