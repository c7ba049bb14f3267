package neo

import (
	"cmp"
	"fmt"
	"time"
)

// Hours are a tenant's business hours, ready to be asked: each business day from when it
// opens until before it closes, by the clocks of the tenant's zone. Hours that close
// before they open go on past midnight, and belong to the day on which they opened. A
// holiday has none.
type Hours struct {
	zone          *time.Location
	days          [7]bool // by time.Weekday
	opens, closes int     // minutes since midnight; closes is later, and may be past 24:00
	holidays      map[Date]string
}

// Date is a day; Year 0 stands for each year.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// ParseDate reads "2026-12-25", or "12-25" for each year.
func ParseDate(s string) (Date, error) {
	full, layout := s, time.DateOnly
	if len(s) == len("12-25") {
		full = "2000-" + s // a leap year
	}
	t, err := time.Parse(layout, full)
	if err != nil {
		return Date{}, fmt.Errorf("%.20q is not a day: use 2026-12-25, or 12-25 for each year", s)
	}
	d := Date{t.Year(), t.Month(), t.Day()}
	if full != s {
		d.Year = 0
	}
	return d, nil
}

// Hours returns the business hours of the settings, those of DefaultSettings where none
// are set. The error is a sentence without its full stop.
func (s Settings) Hours() (Hours, error) {
	normal := DefaultSettings()
	span := Span{Days: s.BusinessDays, From: cmp.Or(s.OpensAt, normal.OpensAt), To: cmp.Or(s.ClosesAt, normal.ClosesAt)}
	if span.Days == nil {
		span.Days = normal.BusinessDays
	}
	if err := span.Check(); err != nil {
		return Hours{}, err
	}
	h := Hours{zone: s.Location()}
	h.opens, h.closes, _ = span.minutes()
	for day := range h.days {
		h.days[day] = span.on(time.Weekday(day))
	}
	for _, holiday := range s.Holidays {
		date, err := ParseDate(holiday.Date)
		if err != nil {
			return Hours{}, err
		}
		if h.holidays == nil {
			h.holidays = map[Date]string{}
		}
		h.holidays[date] = cmp.Or(holiday.Name, "a holiday")
	}
	return h, nil
}

// Zone is the tenant's time zone.
func (h *Hours) Zone() *time.Location { return h.zone }

// Holiday returns the name of the holiday that it is at t.
func (h *Hours) Holiday(t time.Time) (name string, ok bool) { return h.holiday(wall(t, h.zone)) }

func (h *Hours) holiday(wall time.Time) (name string, ok bool) {
	if len(h.holidays) == 0 {
		return "", false
	}
	year, month, day := wall.Date()
	if name, ok = h.holidays[Date{year, month, day}]; !ok {
		name, ok = h.holidays[Date{0, month, day}]
	}
	return name, ok
}

// Open reports whether t is in the business hours.
func (h *Hours) Open(t time.Time) bool { return h.open(wall(t, h.zone)) }

func (h *Hours) open(wall time.Time) bool {
	minute := wall.Hour()*60 + wall.Minute()
	if h.opens <= minute && minute < h.closes && h.business(wall) {
		return true
	}
	return minute+24*60 < h.closes && h.business(wall.AddDate(0, 0, -1))
}

func (h *Hours) business(wall time.Time) bool {
	if !h.days[wall.Weekday()] {
		return false
	}
	_, holiday := h.holiday(wall)
	return !holiday
}

// maxClosed is how many days in a row may be without business hours: a year of holidays.
const maxClosed = 370

// Next returns the first time, not before t, that is in the business hours; zero when
// there is none within a year. It is in the tenant's time zone.
func (h *Hours) Next(t time.Time) time.Time {
	return h.first(t, func(wall time.Time) time.Time {
		if h.open(wall) {
			return wall
		}
		midnight := wall.Truncate(24 * time.Hour)
		for range maxClosed {
			if at := midnight.Add(time.Duration(h.opens) * time.Minute); !at.Before(wall) && h.business(midnight) {
				return at
			}
			midnight = midnight.AddDate(0, 0, 1)
		}
		return time.Time{}
	})
}

// closed returns the first time, not before t, that is not in the business hours; zero
// when they go on for years.
func (h *Hours) closed(t time.Time) time.Time {
	return h.first(t, func(wall time.Time) time.Time {
		for range 5 * maxClosed {
			if !h.open(wall) {
				return wall
			}
			midnight := wall.Truncate(24 * time.Hour)
			if wall.Before(midnight.Add(time.Duration(h.opens)*time.Minute)) || !h.business(midnight) {
				midnight = midnight.AddDate(0, 0, -1)
			}
			wall = midnight.Add(time.Duration(h.closes) * time.Minute)
		}
		return time.Time{}
	})
}

// first returns the first time, not before t, at which a clock on the wall of the zone
// shows what next finds; next takes such a time, as one in UTC, and returns one that is
// not before it.
func (h *Hours) first(t time.Time, next func(wall time.Time) time.Time) time.Time {
	t = t.In(h.zone)
	for {
		shown := wall(t, h.zone)
		found := next(shown)
		if found.IsZero() {
			return found
		}
		at := t.Add(found.Sub(shown))
		_, end := t.ZoneBounds()
		if end.IsZero() || at.Before(end) {
			return at.In(h.zone)
		}
		t = end.In(h.zone) // the clocks change before it comes
	}
}

// After returns when so much time of the business hours has passed since t; zero when
// there are not as many within some years. It is in the tenant's time zone.
func (h *Hours) After(t time.Time, working time.Duration) time.Time {
	for range 10 * maxClosed {
		from := h.Next(t)
		if from.IsZero() {
			return from
		}
		end := h.closed(from)
		if end.IsZero() || end.Sub(from) >= working {
			return from.Add(working)
		}
		working -= end.Sub(from)
		t = end
	}
	return time.Time{}
}

// wall is what a clock on the wall of zone shows at t, as a time in UTC.
func wall(t time.Time, zone *time.Location) time.Time {
	t = t.In(zone)
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}
