package rules

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/neoagent/neo/spelling"
)

// maxSpan bounds spans to what a time.Duration holds.
const maxSpan = 100 * 365 * 24 * time.Hour

var spanUnits = map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}

// span reads "30m", "4h", "1.5d", "2w" or several of them in a row: "1d12h". It is not
// nothing.
func span(s string) (time.Duration, bool) {
	d, ok := length(s)
	return d, ok && d > 0
}

// length reads a span that may be nothing: "0m".
func length(s string) (time.Duration, bool) {
	s = spelling.Trim(s)
	if s == "" || !digit(s[0]) {
		return 0, false
	}
	var total time.Duration
	for len(s) > 0 {
		i := strings.IndexFunc(s, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
		if i <= 0 || spanUnits[s[i]] == 0 {
			return 0, false
		}
		unit := spanUnits[s[i]]
		n, err := strconv.ParseFloat(s[:i], 64)
		if err != nil || n > float64(maxSpan/unit) {
			return 0, false
		}
		if total += time.Duration(n * float64(unit)); total > maxSpan {
			return 0, false
		}
		s = strings.TrimSpace(s[i+1:])
	}
	return total, true
}

// epochYears are the years in which ServiceNow stores durations: as so long after the
// beginning of 1970. No ticket is as old.
const epochYears = 20

// duration reads what a field holds: a duration as ServiceNow stores it, or a span.
func duration(s string) (time.Duration, bool) {
	s = spelling.Trim(s)
	if len(s) == len(time.DateTime) && s[0] == '1' {
		t, err := time.Parse(time.DateTime, s)
		return t.Sub(time.Unix(0, 0)), err == nil && t.Unix() >= 0 && t.Year() < 1970+epochYears
	}
	return length(s)
}

// spanText writes a span as people read it, in whole seconds: "1d 4h 5m".
func spanText(d time.Duration) string {
	d = d.Truncate(time.Second)
	var parts []string
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"}} {
		if n := d / u.unit; n > 0 {
			parts = append(parts, fmt.Sprintf("%d%s", n, u.name))
			d -= n * u.unit
		}
	}
	return cmp.Or(strings.Join(parts, " "), "0s")
}
