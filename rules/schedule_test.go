package rules

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/neoagent/neo"
)

func TestNext(t *testing.T) {
	const berlin, newYork, kolkata = "Europe/Berlin", "America/New_York", "Asia/Kolkata"
	cron := func(expression, zone string) neo.Schedule {
		return neo.Schedule{Every: neo.EveryCron, Cron: expression, TimeZone: zone}
	}
	day := func(at, zone string) neo.Schedule { return neo.Schedule{Every: neo.EveryDay, At: at, TimeZone: zone} }
	month := func(at string, day, week int, days ...string) neo.Schedule {
		return neo.Schedule{Every: neo.EveryMonth, At: at, Day: day, Week: week, Days: days}
	}
	for _, c := range []struct {
		name     string
		schedule neo.Schedule
		after    string
		want     []string
	}{
		{"every minute", neo.Schedule{Every: neo.EveryMinutes}, "2026-11-24T10:00:00Z", []string{"2026-11-24T10:01:00Z", "2026-11-24T10:02:00Z"}},
		{"every 15 minutes", neo.Schedule{Every: neo.EveryMinutes, Count: 15}, "2026-11-24T10:07:30Z", []string{"2026-11-24T10:15:00Z", "2026-11-24T10:30:00Z"}},
		{"hours by the zone's clock", neo.Schedule{Every: neo.EveryHours, TimeZone: kolkata}, "2026-11-24T10:07:30Z", []string{"2026-11-24T10:30:00Z", "2026-11-24T11:30:00Z"}},
		{"every 6 hours", neo.Schedule{Every: neo.EveryHours, Count: 6, TimeZone: berlin}, "2026-11-24T04:59:59Z", []string{"2026-11-24T05:00:00Z", "2026-11-24T11:00:00Z"}},
		{"every 7 hours", neo.Schedule{Every: neo.EveryHours, Count: 7, TimeZone: berlin}, "2026-11-24T20:30:00Z", []string{"2026-11-24T23:00:00Z", "2026-11-25T06:00:00Z"}},
		{"daily", day("08:30", berlin), "2026-11-24T07:29:59Z", []string{"2026-11-24T07:30:00Z", "2026-11-25T07:30:00Z"}},
		{"daily, in the tenant's zone", day("08:30", ""), "2026-11-24T10:00:00Z", []string{"2026-11-24T13:30:00Z"}},
		{"daily, a time that spring skips", day("02:30", berlin), "2026-03-28T12:00:00Z", []string{"2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z"}},
		{"daily, a time that autumn repeats", day("02:30", berlin), "2026-10-24T12:00:00Z", []string{"2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"}},
		{"weekdays", neo.Schedule{Every: neo.EveryWeekdays, At: "09:00"}, "2026-11-27T15:00:00Z", []string{"2026-11-30T14:00:00Z", "2026-12-01T14:00:00Z"}},
		{"certain days", neo.Schedule{Every: neo.EveryWeekdays, At: "09:00", Days: []string{"SUN", "WED"}}, "2026-11-24T15:00:00Z", []string{"2026-11-25T14:00:00Z", "2026-11-29T14:00:00Z"}},
		{"cron", cron("30 8 * * 1-5", berlin), "2026-11-27T08:00:00Z", []string{"2026-11-30T07:30:00Z", "2026-12-01T07:30:00Z"}},
		{"cron, the first of the month", cron("0 0 1 * *", berlin), "2026-11-24T08:00:00Z", []string{"2026-11-30T23:00:00Z", "2026-12-31T23:00:00Z"}},
		{"cron, a time that spring skips", cron("30 2 * * *", newYork), "2026-03-07T12:00:00Z", []string{"2026-03-08T07:30:00Z", "2026-03-09T06:30:00Z"}},
		{"cron, a time that autumn repeats", cron("30 1 * * *", newYork), "2026-10-31T12:00:00Z", []string{"2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"}},
		{"cron, all hours in spring", cron("0 * * * *", newYork), "2026-03-08T05:30:00Z", []string{"2026-03-08T06:00:00Z", "2026-03-08T07:00:00Z", "2026-03-08T08:00:00Z"}},
		{"cron, all hours in autumn", cron("0 */1 * * *", newYork), "2026-11-01T04:30:00Z", []string{"2026-11-01T05:00:00Z", "2026-11-01T06:00:00Z", "2026-11-01T07:00:00Z"}},
		{"cron, Sunday as 7", cron("0 12 * * 7", berlin), "2026-11-24T08:00:00Z", []string{"2026-11-29T11:00:00Z", "2026-12-06T11:00:00Z"}},
		{"cron, until Sunday", cron("0 12 * * 6-7", berlin), "2026-11-24T08:00:00Z", []string{"2026-11-28T11:00:00Z", "2026-11-29T11:00:00Z", "2026-12-05T11:00:00Z"}},
		{"fault 14: cron, every other hour in autumn", cron("0 */2 * * *", berlin), "2026-10-24T22:30:00Z", []string{"2026-10-25T00:00:00Z", "2026-10-25T03:00:00Z"}},
		{"fault 14: cron, every other hour in spring", cron("0 */2 * * *", berlin), "2026-03-28T23:30:00Z", []string{"2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z"}},
		{"fault 14: cron, midnight skipped in Santiago", cron("0 */4 * * *", "America/Santiago"), "2026-09-06T01:00:00Z", []string{"2026-09-06T04:00:00Z", "2026-09-06T07:00:00Z"}},
		{"fault 14: cron, midnight twice in Havana", cron("0 */6 * * *", "America/Havana"), "2026-10-31T23:00:00Z", []string{"2026-11-01T04:00:00Z", "2026-11-01T11:00:00Z"}},
		{"fault 14: every 6 hours in autumn", neo.Schedule{Every: neo.EveryHours, Count: 6, TimeZone: berlin}, "2026-10-24T21:00:00Z", []string{"2026-10-24T22:00:00Z", "2026-10-25T05:00:00Z"}},
		{"fault 14: a time skipped before midnight", day("23:30", "America/Nuuk"), "2026-03-29T00:45:00Z", []string{"2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z"}},
		{"fault 15: the first Monday", month("09:00", 0, 1, "MON"), "2026-11-24T15:00:00Z", []string{"2026-12-07T14:00:00Z", "2027-01-04T14:00:00Z"}},
		{"fault 15: the last Friday", month("09:00", 0, neo.LastWeek, "FRI"), "2026-11-24T15:00:00Z", []string{"2026-11-27T14:00:00Z", "2026-12-25T14:00:00Z"}},
		{"fault 15: the fifth Sunday", month("09:00", 0, 5, "SUN"), "2026-11-24T15:00:00Z", []string{"2026-11-29T14:00:00Z", "2027-01-31T14:00:00Z"}},
		{"fault 15: the 31st", month("09:00", 31, 0), "2026-11-24T15:00:00Z", []string{"2026-12-31T14:00:00Z", "2027-01-31T14:00:00Z", "2027-03-31T13:00:00Z"}},
		{"fault 15: the last day", month("09:00", neo.LastDay, 0), "2026-11-24T15:00:00Z", []string{"2026-11-30T14:00:00Z", "2026-12-31T14:00:00Z"}},
		{"cron, leap day", cron("0 12 29 2 *", berlin), "2026-11-24T08:00:00Z", []string{"2028-02-29T11:00:00Z"}},
	} {
		at := parse(t, c.after)
		for _, want := range c.want {
			next, err := Next(c.schedule, at, newYork)
			if err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			if !next.Equal(parse(t, want)) {
				t.Errorf("%s: after %v comes %v, want %s", c.name, at, next, want)
			}
			at = next
		}
	}
	if _, err := Next(neo.Schedule{Every: "YEAR"}, time.Time{}, ""); neo.CodeOf(err) != neo.CodeInvalid || !strings.HasPrefix(neo.MessageOf(err), "schedule.every: ") {
		t.Errorf("a bad schedule: %v", err)
	}
	if _, err := Next(day("08:00", ""), time.Now(), "Nowhere"); neo.CodeOf(err) != neo.CodeInvalid {
		t.Errorf("a bad zone of the tenant: %v", err)
	}
}

func parse(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// What comes next is later, by a whole minute at least from one firing to the next,
// and what comes next after a moment before it is the same.
func TestNextGoesOn(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := neo.Schedule{
			Every:    rapid.SampledFrom([]neo.ScheduleEvery{neo.EveryMinutes, neo.EveryHours, neo.EveryDay, neo.EveryWeekdays, neo.EveryCron}).Draw(r, "every"),
			Count:    rapid.IntRange(0, 24).Draw(r, "count"),
			At:       rapid.SampledFrom([]string{"00:00", "01:30", "02:30", "23:59"}).Draw(r, "at"),
			Days:     rapid.SliceOfN(rapid.SampledFrom(weekdays), 0, 3).Draw(r, "days"),
			Cron:     rapid.SampledFrom([]string{"*/7 * * * *", "30 1,2 * * *", "0 0 31 * *", "15 2 * * SUN", "5 */3 1 * 1"}).Draw(r, "cron"),
			TimeZone: rapid.SampledFrom([]string{"UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia"}).Draw(r, "zone"),
		}
		at := time.Unix(rapid.Int64Range(1_300_000_000, 1_900_000_000).Draw(r, "after"), 0)
		first, err := Next(s, at, "")
		if err != nil {
			r.Fatal(err)
		}
		second, err := Next(s, first, "")
		if err != nil {
			r.Fatal(err)
		}
		if !first.After(at) || second.Sub(first) < time.Minute {
			r.Fatalf("after %v comes %v, and then %v", at.UTC(), first, second)
		}
		if again, err := Next(s, first.Add(-time.Second), ""); err != nil || !again.Equal(first) {
			r.Fatalf("just before %v comes %v, %v", first, again, err)
		}
	})
}

// FuzzCron: no expression makes the parser fail in another way than by saying so.
func FuzzCron(f *testing.F) {
	for _, s := range []string{"30 8 * * 1-5", "*/0 * * * *", "1- * * * *", "TZ= * * * *", "0 0 30 2 *", "? ? ? ? ?", "99999999999999999999 * * * *"} {
		f.Add(s)
	}
	after := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, expression string) {
		s := neo.Schedule{Every: neo.EveryCron, Cron: expression, TimeZone: "Europe/Berlin"}
		if at, err := Next(s, after, ""); err == nil && !at.After(after) {
			t.Fatalf("%q comes at %v", expression, at)
		}
	})
}
