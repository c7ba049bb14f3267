package flow

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/liquid"
)

// timeFields hold a time on all tickets that have them (ServiceNow's names), where the
// instance has not said so itself. Others are known by the ticket's own value.
var timeFields = []string{"opened_at", "closed_at", "resolved_at", "due_date", "sla_due", "work_start", "work_end", "start_date", "end_date",
	"follow_up", "expected_start", "activity_due", "approval_set", "reopened_time", "requested_by_date"}

// textFields hold what people write; a time in them is for people.
var textFields = []string{"short_description", "description", "close_notes", "user_input", "correlation_id", "correlation_display"}

// typeToWrite is the type of a field of tickets of the class, as far as it matters for
// times; "" is not known.
func (in Input) typeToWrite(class neo.TicketClass, field string) neo.FieldType {
	entry, known := in.Dictionaries[in.Ticket.IntegrationID].Entry(class, field)
	switch {
	case known:
		return entry.Type
	case slices.Contains(timeFields, field):
		return neo.TimeField
	case slices.Contains(textFields, field):
		return neo.TextField
	case class != in.Ticket.Class:
		return ""
	}
	is := in.Ticket.Fields[field].Value
	if _, err := time.Parse(time.DateTime, is); err == nil {
		return neo.TimeField
	}
	if _, err := time.Parse(time.DateOnly, is); err == nil {
		return neo.DateField
	}
	return ""
}

// fillField fills in a text that becomes the value of a field. Texts are made in the
// tenant's time zone, and ticket systems store times in UTC: what is written into a field
// that holds a time is turned into UTC, and into one that holds a date becomes the day in
// the tenant's zone.
func (in Input) fillField(ctx context.Context, t *liquid.Template, class neo.TicketClass, field string) (string, error) {
	result, err := in.filled(ctx, t, (*liquid.Template).Render)
	if err != nil {
		return "", err
	}
	kind := in.typeToWrite(class, field)
	zone := in.Settings.Location()
	text := strings.TrimSpace(result.Text)
	switch kind {
	case neo.TimeField:
		if at, ok := storedTime(result, text, zone); ok {
			return at.UTC().Format(time.DateTime), nil
		}
	case neo.DateField:
		at, day := result.At, result.Formatted
		if !day && !at.IsZero() {
			return at.Format(time.DateOnly), nil
		}
		if written, whole, ok := writtenTime(text, zone); ok && (result.Timed || whole) {
			return written.Format(time.DateOnly), nil
		}
	case "":
		// A time that is not formatted is copied, and one in the stored format is meant to
		// be stored.
		if !result.At.IsZero() && (!result.Formatted || text == result.At.Format(time.DateTime)) {
			return result.At.UTC().Format(time.DateTime), nil
		}
	}
	return result.Text, nil
}

// storedTime is the time that a text means which is written into a field that holds one;
// false: the text is written as it is.
func storedTime(result liquid.Result, text string, zone *time.Location) (time.Time, bool) {
	if !result.At.IsZero() && !result.Formatted {
		return result.At, true
	}
	if !result.At.IsZero() {
		zone = result.At.Location() // that of a text which was read as UTC
	}
	written, whole, ok := writtenTime(text, zone)
	switch {
	case result.At.IsZero():
		return written, ok && (whole || result.Timed)
	case !ok: // a format for people
		return result.At, true
	case len(text) > len(time.DateOnly) && !whole && result.At.Truncate(time.Minute).Format(time.DateTime) == written.Truncate(time.Minute).Format(time.DateTime):
		// The hour that comes twice in autumn is the one that was meant.
		return result.At.Add(written.Sub(written.Truncate(time.Minute)) - result.At.Sub(result.At.Truncate(time.Minute))), true
	}
	return written, true
}

// localLayouts are those of times without a time zone, offsetLayouts of those with one.
var (
	localLayouts  = []string{time.DateTime, "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateOnly}
	offsetLayouts = []string{time.RFC3339, "2006-01-02T15:04:05-0700", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05-0700", "2006-01-02 15:04 -0700",
		"2006-01-02 15:04:05 -07:00", "2006-01-02 15:04:05-07:00", "2006-01-02T15:04Z07:00"}
)

// writtenTime reads a text as a time by the clocks of zone; whole: the text itself says how
// far its clock is from UTC.
func writtenTime(text string, zone *time.Location) (at time.Time, whole, ok bool) {
	for _, layout := range offsetLayouts {
		if at, err := time.Parse(layout, text); err == nil {
			return at, true, true
		}
	}
	for _, layout := range localLayouts {
		if at, err := time.ParseInLocation(layout, text, zone); err == nil {
			return at, false, true
		}
	}
	return time.Time{}, false, false
}
