package neo_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/neoagent/neo"
)

func at(t *testing.T, zone, s string) time.Time {
	t.Helper()
	where, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	when, err := time.ParseInLocation("Mon 2006-01-02 15:04", s, where)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

func TestBusinessHours(t *testing.T) {
	week := []string{"MON", "TUE", "WED", "THU", "FRI"}
	day := neo.Settings{TimeZone: "Europe/Berlin", BusinessDays: week, OpensAt: "09:00", ClosesAt: "17:00"}
	feast := day
	feast.Holidays = []neo.Holiday{{Date: "12-25", Name: "Christmas"}, {Date: "12-26"}, {Date: "2026-12-24"}, {Date: "2026-04-03", Name: "Good Friday"}, {Date: "2026-04-06"}}
	nights := neo.Settings{TimeZone: "Europe/Berlin", BusinessDays: neo.Weekdays[:], OpensAt: "22:00", ClosesAt: "06:00", Holidays: []neo.Holiday{{Date: "12-25"}}}
	night := neo.Settings{TimeZone: "America/New_York", BusinessDays: []string{"FRI"}, OpensAt: "22:00", ClosesAt: "06:00"}
	// On 29 March 2026 clocks in Berlin go from 02:00 to 03:00, on 25 October from 03:00 back to 02:00.
	early := neo.Settings{TimeZone: "Europe/Berlin", BusinessDays: []string{"SUN"}, OpensAt: "02:30", ClosesAt: "04:00"}
	always := neo.Settings{TimeZone: "UTC", BusinessDays: neo.Weekdays[:], OpensAt: "00:00", ClosesAt: "24:00"}
	for _, c := range []struct {
		name     string
		settings neo.Settings
		now      string
		next     string // "": now
	}{
		{"in them", day, "Mon 2026-03-09 09:00", ""},
		{"at their last minute", day, "Mon 2026-03-09 16:59", ""},
		{"when they end", day, "Mon 2026-03-09 17:00", "Tue 2026-03-10 09:00"},
		{"before them", day, "Mon 2026-03-09 03:00", "Mon 2026-03-09 09:00"},
		{"before the weekend", day, "Fri 2026-03-06 18:00", "Mon 2026-03-09 09:00"},
		{"over the change to summer time", day, "Fri 2026-03-27 17:00", "Mon 2026-03-30 09:00"},
		{"over the change to winter time", day, "Sat 2026-10-24 12:00", "Mon 2026-10-26 09:00"},
		{"past midnight", night, "Sat 2026-03-07 05:59", ""},
		{"past their end", night, "Sat 2026-03-07 06:00", "Fri 2026-03-13 22:00"},
		{"not on the night before", night, "Fri 2026-03-06 05:00", "Fri 2026-03-06 22:00"},
		{"opening in a gap", early, "Sun 2026-03-29 01:00", "Sun 2026-03-29 03:00"},
		{"those of the default when none are set", neo.Settings{}, "Fri 2026-03-06 18:00", "Mon 2026-03-09 09:00"},
		{"fault 15: on a holiday", feast, "Fri 2026-04-03 10:00", "Tue 2026-04-07 09:00"},
		{"fault 15: before holidays of each year", feast, "Wed 2026-12-23 17:00", "Mon 2026-12-28 09:00"},
		{"fault 15: in another year", feast, "Fri 2027-12-24 10:00", ""},
		{"fault 15: past midnight into a holiday", nights, "Fri 2026-12-25 05:59", ""},
		{"fault 15: past midnight of a holiday", nights, "Fri 2026-12-25 06:00", "Sat 2026-12-26 22:00"},
		{"always", always, "Sun 2026-03-29 23:59", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			now := at(t, c.settings.TimeZone, c.now)
			want := now
			if c.next != "" {
				want = at(t, c.settings.TimeZone, c.next)
			}
			if c.settings.Open(now.UTC()) != (c.next == "") {
				t.Errorf("open is %v", c.next != "")
			}
			if got := c.settings.NextOpen(now.UTC()); !got.Equal(want) {
				t.Errorf("next open is %v, want %v", got, want)
			}
		})
	}
	// 02:30 comes twice on that day; it opens the first time.
	if got := early.NextOpen(time.Date(2026, 10, 24, 23, 0, 0, 0, time.UTC)); !got.Equal(time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC)) {
		t.Errorf("opening in the hour that comes twice: %v", got)
	}
	if got := (neo.Settings{TimeZone: "UTC", BusinessDays: []string{}, OpensAt: "09:00", ClosesAt: "17:00"}).NextOpen(time.Now()); !got.IsZero() {
		t.Errorf("without business days it opens at %v", got)
	}
}

func TestFault15WorkingTime(t *testing.T) {
	s := neo.Settings{TimeZone: "Europe/Berlin", BusinessDays: []string{"MON", "TUE", "WED", "THU", "FRI"}, OpensAt: "09:00", ClosesAt: "17:00",
		Holidays: []neo.Holiday{{Date: "2026-04-03"}, {Date: "2026-04-06"}}}
	h, err := s.Hours()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		from  string
		hours float64
		want  string
	}{
		{"Mon 2026-03-09 10:00", 4, "Mon 2026-03-09 14:00"},
		{"Mon 2026-03-09 09:00", 8, "Mon 2026-03-09 17:00"},
		{"Mon 2026-03-09 16:00", 4, "Tue 2026-03-10 12:00"},
		{"Fri 2026-03-06 16:30", 1, "Mon 2026-03-09 09:30"},
		{"Sat 2026-03-07 12:00", 1, "Mon 2026-03-09 10:00"},
		{"Thu 2026-04-02 16:00", 2, "Tue 2026-04-07 10:00"},
		{"Fri 2026-03-27 16:00", 9, "Mon 2026-03-30 17:00"},
	} {
		if got, want := h.After(at(t, s.TimeZone, c.from), time.Duration(c.hours*float64(time.Hour))), at(t, s.TimeZone, c.want); !got.Equal(want) {
			t.Errorf("%v working hours after %s is %v, want %v", c.hours, c.from, got, want)
		}
	}
	if _, err := (neo.Settings{Holidays: []neo.Holiday{{Date: "25.12."}}}).Hours(); err == nil || !strings.Contains(err.Error(), "use 2026-12-25, or 12-25 for each year") {
		t.Errorf("a holiday that is no day: %v", err)
	}
}

// Whatever the hours, a walk through the minutes counts as many that are open.
func TestFault15WorkingTimeIsThatOfTheMinutes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := neo.Settings{
			TimeZone:     rapid.SampledFrom([]string{"UTC", "Europe/Berlin", "America/Havana", "Australia/Lord_Howe", "Africa/Casablanca"}).Draw(t, "zone"),
			BusinessDays: rapid.SliceOfNDistinct(rapid.SampledFrom(neo.Weekdays[:]), 1, 7, rapid.ID).Draw(t, "days"),
			OpensAt:      rapid.SampledFrom([]string{"00:00", "01:45", "02:10", "09:00", "22:30"}).Draw(t, "opens"),
			ClosesAt:     rapid.SampledFrom([]string{"00:00", "02:30", "06:00", "17:00", "24:00"}).Draw(t, "closes"),
			Holidays:     []neo.Holiday{{Date: rapid.SampledFrom([]string{"03-29", "2026-10-25", "2026-11-01", "04-05", "12-31"}).Draw(t, "holiday")}},
		}
		h, err := s.Hours()
		if err != nil {
			t.Fatal(err)
		}
		from := time.Date(2026, 1, 1, 0, rapid.IntRange(0, 370*24*60).Draw(t, "minute"), 0, 0, time.UTC)
		working := rapid.IntRange(1, 1_500).Draw(t, "working")
		got := h.After(from, time.Duration(working)*time.Minute)
		open, at := 0, from
		for ; open < working && !at.After(got); at = at.Add(time.Minute) {
			if h.Open(at) {
				open++
			}
		}
		if open != working || !at.Equal(got) {
			t.Fatalf("%d working minutes after %v: %v, at which %d of them have passed", working, from, got, open)
		}
	})
}

// Whatever the hours: what comes next is open, is not in the past, and nothing in
// between is open.
func TestNextOpenIsTheFirst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := neo.Settings{
			TimeZone:     rapid.SampledFrom([]string{"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"}).Draw(t, "zone"),
			BusinessDays: rapid.SliceOfNDistinct(rapid.SampledFrom(neo.Weekdays[:]), 1, 7, rapid.ID).Draw(t, "days"),
			OpensAt:      rapid.SampledFrom([]string{"00:00", "01:45", "02:10", "09:00", "22:30"}).Draw(t, "opens"),
			ClosesAt:     rapid.SampledFrom([]string{"00:00", "02:30", "06:00", "17:00", "24:00"}).Draw(t, "closes"),
		}
		now := time.Date(2026, 1, 1, 0, rapid.IntRange(0, 370*24*60).Draw(t, "minute"), 0, 0, time.UTC)
		next := s.NextOpen(now)
		if next.Before(now) || !s.Open(next) {
			t.Fatalf("%v after %v: open is %v", next, now, s.Open(next))
		}
		for m := now; m.Before(next.Add(-time.Minute)); m = m.Add(time.Minute) {
			if s.Open(m) {
				t.Fatalf("%v is open, and before %v", m, next)
			}
		}
	})
}

func TestClockTime(t *testing.T) {
	for s, want := range map[string]int{"00:00": 0, "09:30": 570, "23:59": 1439, "24:00": 1440, "24:01": -1, "9:30": -1, "09:60": -1, "+1:00": -1, "": -1, "0900": -1} {
		got, ok := neo.ClockTime(s)
		if ok != (want >= 0) || ok && got != want {
			t.Errorf("%q is %d, %v", s, got, ok)
		}
	}
}
