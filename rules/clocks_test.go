package rules

import (
	"archive/zip"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/neoagent/neo"
)

// Over each change of the clocks, in every time zone that there is, a schedule fires as a
// plain walk through the minutes says: each time that it names once, one that is skipped as
// much later, and where every hour is meant each hour that passes.
func TestFault14EachNamedTimeOnceOverChangesOfTheClocks(t *testing.T) {
	at := func(hours func(h int) bool, minutes func(m int) bool) func(time.Time) bool {
		return func(wall time.Time) bool { return hours(wall.Hour()) && minutes(wall.Minute()) }
	}
	every := func(n int) func(int) bool { return func(i int) bool { return i%n == 0 } }
	only := func(n ...int) func(int) bool { return func(i int) bool { return slices.Contains(n, i) } }
	cron := func(s string) neo.Schedule { return neo.Schedule{Every: neo.EveryCron, Cron: s} }
	cases := []struct {
		schedule neo.Schedule
		named    func(wall time.Time) bool
		passing  bool // every hour is meant
	}{
		{cron("0 */2 * * *"), at(every(2), only(0)), false},
		{cron("0 0-23/2 * * *"), at(every(2), only(0)), false},
		{cron("0 */4 * * *"), at(every(4), only(0)), false},
		{cron("0 */6 * * *"), at(every(6), only(0)), false},
		{cron("0 0-23 * * *"), at(every(1), only(0)), false},
		{cron("30 0,1,2,3 * * *"), at(only(0, 1, 2, 3), only(30)), false},
		{cron("*/20 2-3 * * *"), at(only(2, 3), every(20)), false},
		{cron("5 */5 * * SUN"), func(w time.Time) bool { return w.Weekday() == time.Sunday && w.Hour()%5 == 0 && w.Minute() == 5 }, false},
		{cron("0 * * * *"), at(every(1), only(0)), true},
		{cron("*/15 */1 * * *"), at(every(1), every(15)), true},
		{cron("45 * * * 0"), func(w time.Time) bool { return w.Weekday() == time.Sunday && w.Minute() == 45 }, true},
		{neo.Schedule{Every: neo.EveryHours, Count: 6}, at(every(6), only(0)), false},
		{neo.Schedule{Every: neo.EveryMinutes, Count: 90}, func(w time.Time) bool { return (w.Hour()*60+w.Minute())%90 == 0 }, false},
		{neo.Schedule{Every: neo.EveryDay, At: "23:30"}, at(only(23), only(30)), false},
		{neo.Schedule{Every: neo.EveryDay, At: "00:00"}, at(only(0), only(0)), false},
		{neo.Schedule{Every: neo.EveryWeekdays, At: "02:15", Days: []string{"SUN"}}, func(w time.Time) bool {
			return w.Weekday() == time.Sunday && w.Hour() == 2 && w.Minute() == 15
		}, false},
		{neo.Schedule{Every: neo.EveryMonth, At: "02:00", Week: neo.LastWeek, Days: []string{"SUN"}}, func(w time.Time) bool {
			return w.Weekday() == time.Sunday && w.Hour() == 2 && w.Minute() == 0 && w.AddDate(0, 0, 7).Day() <= 7
		}, false},
	}
	changes := changesOfClocks(t, time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC))
	apia, err := time.LoadLocation("Pacific/Apia") // left out 30 December 2011
	if err != nil {
		t.Fatal(err)
	}
	changes = append(changes, change14{apia, time.Date(2011, 12, 30, 10, 0, 0, 0, time.UTC)})
	for _, c := range changes {
		from, to := c.at.Add(-7*time.Hour), c.at.Add(31*time.Hour)
		walls := make([]time.Time, 0, 40*60)
		for m := from; !m.After(to); m = m.Add(time.Minute) {
			walls = append(walls, shown(m, c.zone))
		}
		for _, test := range cases {
			want := walked(from, walls, test.named, test.passing)
			var got []time.Time
			for at := from; ; {
				next, err := Next(test.schedule, at, c.zone.String())
				if err != nil {
					t.Fatal(err)
				}
				if next.After(to) || next.IsZero() {
					break
				}
				got, at = append(got, next), next
			}
			if !slices.EqualFunc(got, want, time.Time.Equal) {
				t.Errorf("%v in %v over %v:\n got %v\nwant %v", test.schedule, c.zone, c.at, got, want)
			}
		}
	}
	t.Logf("%d changes", len(changes))
}

type change14 struct {
	zone *time.Location
	at   time.Time
}

// walked goes through the minutes after from, at which a clock shows walls.
func walked(from time.Time, walls []time.Time, named func(time.Time) bool, passing bool) []time.Time {
	seen := map[time.Time]bool{walls[0]: true}
	late := map[int]bool{} // minutes at which what was skipped is due
	var fired []time.Time
	for i := 1; i < len(walls); i++ {
		if !passing {
			for skipped := walls[i-1].Add(time.Minute); skipped.Before(walls[i]); skipped = skipped.Add(time.Minute) {
				if named(skipped) {
					late[i+int(skipped.Sub(walls[i-1])/time.Minute)-1] = true
				}
			}
		}
		if named(walls[i]) && (passing || !seen[walls[i]]) || late[i] {
			fired = append(fired, from.Add(time.Duration(i)*time.Minute))
		}
		seen[walls[i]] = true
	}
	return fired
}

// changesOfClocks are those of all time zones, but for zones that are others by another name.
func changesOfClocks(t *testing.T, from, to time.Time) []change14 {
	t.Helper()
	zones, err := zip.OpenReader(filepath.Join(runtime.GOROOT(), "lib", "time", "zoneinfo.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer zones.Close()
	known := map[string]bool{}
	var all []change14
	for _, f := range zones.File {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		zone, err := time.LoadLocation(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		for at := from.In(zone); ; {
			_, at = at.ZoneBounds()
			if at.IsZero() || at.After(to) {
				break
			}
			before, after := shown(at.Add(-time.Minute), zone), shown(at, zone)
			if key := fmt.Sprint(at.Unix(), before, after); !known[key] && !after.Equal(before.Add(time.Minute)) {
				known[key] = true
				all = append(all, change14{zone, at.UTC()})
			}
		}
	}
	if len(all) < 40 {
		t.Fatalf("%d changes of clocks in two years: there are more", len(all))
	}
	return all
}
