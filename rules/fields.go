package rules

import (
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

// weekdays are the names of the days, by time.Weekday.
var weekdays = []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}

func weekday(t time.Time) string { return weekdays[t.Weekday()] }
