package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/neoagent/neo"
)

// getter finds what a comparison looks at.
type getter func(e *neo.Event) neo.Value

// fieldType says which operators and values a field can be compared with.
type fieldType string

// The types. What a ticket's own fields hold is not known here.
const (
	ownField     fieldType = ""
	classField   fieldType = "the ticket type"
	flagField    fieldType = "true or false"
	kindsField   fieldType = "kinds of changes"
	spanField    fieldType = "a span of time"
	weekdayField fieldType = "a day of the week"
	hourField    fieldType = "an hour of the day"
	monthDay     fieldType = "a day of the month"
	monthWeek    fieldType = "a weekday of the month"
)

var pseudoFields = map[string]fieldType{
	neo.FieldTicketType: classField, neo.FieldChangedBy: ownField, neo.FieldByNeo: flagField, neo.FieldKinds: kindsField,
	neo.FieldAge: spanField, neo.FieldSinceUpdate: spanField, neo.FieldSinceReply: spanField,
	neo.FieldWeekday: weekdayField, neo.FieldHour: hourField, neo.FieldMonthDay: monthDay, neo.FieldMonthWeek: monthWeek,
	neo.FieldHoliday: flagField, neo.FieldInHours: flagField,
}

// WorkedOut reports whether a field is worked out here, and is no field of a ticket.
func WorkedOut(field string) bool {
	_, ok := pseudoFields[field]
	return ok
}

// fieldName reports whether name can be a field of a ticket.
func fieldName(name string) bool {
	if name == "" || len(name) > maxField {
		return false
	}
	for _, c := range name {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return true
}

// stepOutput reports whether name is steps.<name>.<output>.
func stepOutput(name string) bool {
	parts := strings.Split(name, ".")
	return len(parts) == 3 && parts[0] == "steps" && len(name) <= 2*maxField && fieldName(parts[1]) && fieldName(parts[2])
}

// field returns how to find a field; false when there can be no such field.
func (c *compiler) field(name, at string) (getter, fieldType, bool) {
	switch {
	case c.extra != nil && stepOutput(name):
	case strings.HasPrefix(name, "steps."):
		c.wrong(at, "%.80q: the outputs of steps can be named only in actions, as steps.<name>.<output>.", name)
		return nil, "", false
	case !fieldName(name):
		c.wrong(at, "%.80q is not the name of a field: letters, digits and _ only. Fields of other records cannot be compared.", name)
		return nil, "", false
	}
	if name == neo.FieldSinceReply {
		c.reply = true
	}
	get := c.getter(name)
	if extra := c.extra; extra != nil {
		own := get
		get = func(e *neo.Event) neo.Value {
			if v, ok := extra(name); ok {
				return v
			}
			return own(e)
		}
	}
	return get, pseudoFields[name], true
}

func (c *compiler) getter(name string) getter {
	zone := c.zone
	switch name {
	case neo.FieldTicketType:
		return func(e *neo.Event) neo.Value { return neo.Value{Value: string(e.Ticket.Class)} }
	case neo.FieldChangedBy:
		return func(e *neo.Event) neo.Value { return neo.Value{Value: e.ChangedBy} }
	case neo.FieldByNeo:
		return func(e *neo.Event) neo.Value {
			return neo.Value{Value: strconv.FormatBool(e.Disposition == neo.DispositionOwn)}
		}
	case neo.FieldKinds:
		return func(e *neo.Event) neo.Value {
			var names []string
			for _, k := range kindsOf(e) {
				names = append(names, string(k))
			}
			return neo.Value{Value: strings.Join(names, ",")}
		}
	case neo.FieldWeekday:
		return func(e *neo.Event) neo.Value { return neo.Value{Value: weekday(Now(e).In(zone))} }
	case neo.FieldMonthDay:
		return func(e *neo.Event) neo.Value { return neo.Value{Value: strconv.Itoa(Now(e).In(zone).Day())} }
	case neo.FieldMonthWeek:
		return func(e *neo.Event) neo.Value {
			return neo.Value{Value: strings.Join(monthWeekdays(Now(e).In(zone)), ", ")}
		}
	case neo.FieldHoliday:
		hours := c.hours
		return func(e *neo.Event) neo.Value {
			_, holiday := hours.Holiday(Now(e))
			return neo.Value{Value: strconv.FormatBool(holiday)}
		}
	case neo.FieldInHours:
		hours := c.hours
		return func(e *neo.Event) neo.Value { return neo.Value{Value: strconv.FormatBool(hours.Open(Now(e)))} }
	case neo.FieldHour:
		return func(e *neo.Event) neo.Value { return neo.Value{Value: strconv.Itoa(Now(e).In(zone).Hour())} }
	}
	if span := c.span(name); span != nil {
		return func(e *neo.Event) neo.Value {
			d, ok := span(e)
			if !ok {
				return neo.Value{}
			}
			return neo.Value{Value: spanText(d)}
		}
	}
	return func(e *neo.Event) neo.Value {
		if v, ok := e.Fields[name]; ok || len(e.Journal) == 0 {
			return v
		}
		return neo.Value{Value: written(e, name)}
	}
}

// written is the text that the event added to a journal.
func written(e *neo.Event, journal string) string {
	text := ""
	for _, j := range e.Journal {
		if j.Element == journal {
			text += "\n" + j.Text
		}
	}
	return strings.TrimPrefix(text, "\n")
}

// kindsOf are all kinds of changes that the event is.
func kindsOf(e *neo.Event) []neo.ChangeType {
	var kinds []neo.ChangeType
	switch e.Type {
	case neo.EntityCreated:
		kinds = append(kinds, neo.TicketCreated)
	case neo.EntityUpdated:
		kinds = append(kinds, neo.FieldUpdated)
		if slices.ContainsFunc(e.Changes, func(c neo.FieldChange) bool { return c.Field == neo.FieldState }) {
			kinds = append(kinds, neo.StateChanged)
		}
	}
	for _, k := range e.Kinds {
		if !slices.Contains(kinds, k) {
			kinds = append(kinds, k)
		}
	}
	return kinds
}

// span returns how to measure one of the fields that are spans, or nil.
func (c *compiler) span(name string) func(e *neo.Event) (time.Duration, bool) {
	zone := c.zone
	since := func(e *neo.Event, at time.Time, ok bool) (time.Duration, bool) {
		return max(0, Now(e).Sub(at)), ok && !at.IsZero()
	}
	switch name {
	case neo.FieldAge:
		return func(e *neo.Event) (time.Duration, bool) {
			at, ok := moment(e.Fields[neo.FieldCreatedAt].Value, zone)
			return since(e, at, ok)
		}
	case neo.FieldSinceUpdate:
		return func(e *neo.Event) (time.Duration, bool) {
			if !e.PreviousAt.IsZero() {
				return since(e, e.PreviousAt, true)
			}
			// A state of the ticket that is looked at later: its last update is the one before.
			at, ok := moment(e.Fields[neo.FieldUpdatedAt].Value, zone)
			return since(e, at, ok && at.Before(Now(e).Truncate(time.Second)))
		}
	case neo.FieldSinceReply:
		return func(e *neo.Event) (time.Duration, bool) {
			if e.LastReplyAt.IsZero() {
				return 0, slices.Contains(e.Kinds, neo.CustomerReplied)
			}
			return since(e, e.LastReplyAt, true)
		}
	}
	return nil
}

// moment reads a time: as ServiceNow stores it, in UTC, or RFC 3339. A day is its
// beginning in zone.
func moment(s string, zone *time.Location) (time.Time, bool) {
	if len(s) < len(time.DateOnly) || s[4] != '-' || s[7] != '-' {
		return time.Time{}, false
	}
	if len(s) == len(time.DateOnly) {
		t, err := time.ParseInLocation(time.DateOnly, s, zone)
		return t, err == nil
	}
	for _, layout := range []string{time.DateTime, time.RFC3339, "2006-01-02 15:04"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// maxSpan bounds spans to what a time.Duration holds.
const maxSpan = 100 * 365 * 24 * time.Hour

var spanUnits = map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}

// span reads "30m", "4h", "1.5d", "2w" or several of them in a row: "1d12h".
func span(s string) (time.Duration, bool) {
	s = strings.TrimSpace(s)
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
	return total, total > 0
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

// weekdays are the names of the days, by time.Weekday.
var weekdays = []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}

func weekday(t time.Time) string { return weekdays[t.Weekday()] }
