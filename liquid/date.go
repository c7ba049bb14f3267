package liquid

import (
	"strconv"
	"strings"
	"time"
)

// date formats a time as strftime does. Text is read by readTime, and a number is a Unix
// time; what is no time stays as it is.
func date(v any, format string, now time.Time) any {
	t, ok := moment(v)
	if !ok {
		switch n := v.(type) {
		case int:
			t, ok = time.Unix(int64(n), 0).In(now.Location()), true
		case int64:
			t, ok = time.Unix(n, 0).In(now.Location()), true
		case float64:
			t, ok = time.Unix(fromFloat(n), 0).In(now.Location()), true
		case string, dated, Shown, encoded:
			t, ok = readTime(strings.TrimSpace(text(v)), now)
		}
	}
	if !ok || format == "" || t.Year() < -9999 || t.Year() > 99_999 {
		return v
	}
	return dated{strftime(format, t), t}
}

// layouts are those of times that are read: as a ticket system stores them, as programs
// write them, and as people do where it is clear which number is the day.
var layouts = []string{
	time.DateTime, "2006-01-02 15:04", time.DateOnly, time.RFC3339, "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05 -07:00", "2006-01-02 15:04:05Z07:00",
	"2006-01-02T15:04:05-0700", "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00", "2006-01-02T15:04", time.RFC1123Z, time.RFC1123,
	"2 January 2006 15:04", "2 January 2006", "2 Jan 2006 15:04", "2 Jan 2006", "January 2, 2006 15:04", "January 2, 2006", "Jan 2, 2006 15:04", "Jan 2, 2006",
	"2006/01/02 15:04:05", "2006/01/02",
}

// maxTime bounds the characters of a text that is read as a time.
const maxTime = 64

// readTime reads a text as a time: in UTC, as a ticket system stores times, where the text
// names no time zone. "now" and "today" are now, and digits are a Unix time, which is
// shown in the zone of now.
func readTime(s string, now time.Time) (time.Time, bool) {
	switch {
	case s == "" || len(s) > maxTime:
		return time.Time{}, false
	case strings.EqualFold(s, "now") || strings.EqualFold(s, "today"):
		return now, true
	case strings.Trim(s, "0123456789") == "":
		n, err := strconv.ParseInt(s, 10, 64)
		return time.Unix(n, 0).In(now.Location()), err == nil
	}
	for _, layout := range layouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
