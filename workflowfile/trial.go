package workflowfile

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/servicenow"
)

// Result is what came of one case.
type Result struct {
	Workflow *Workflow
	Case     *Case
	// Failure says what is not as expected; "" when all is.
	Failure string
}

// Test tries all cases of a workflow. It needs no server: the instance is the one
// that the cases describe, and time passes as they say.
func (w *Workflow) Test(ctx context.Context) []Result {
	results := make([]Result, len(w.Cases))
	for i := range w.Cases {
		results[i] = Result{w, &w.Cases[i], w.try(ctx, &w.Cases[i])}
	}
	return results
}

// Mistake is the failure of a case, in the file.
func (r Result) Mistake() Mistake {
	at := fmt.Sprintf("cases[%d]", slices.IndexFunc(r.Workflow.Cases, func(c Case) bool { return c.Name == r.Case.Name }))
	return Mistake{File: r.Workflow.File, Line: r.Workflow.at.line(at), Message: fmt.Sprintf("%q: %s", r.Case.Name, r.Failure)}
}

// someTechnician does what a case does not say by whom.
const someTechnician = "technician"

// neoItself is who changes a ticket when Neo does.
const neoItself = "neo"

// usual is when cases happen that do not say when: a Monday.
const usual = "2026-05-04 10:00"

// try returns what is not as the case expects.
func (w *Workflow) try(ctx context.Context, c *Case) string {
	t := &trial{workflow: w, desk: &desk{Instance: w.Instance.over(c.Instance)}}
	zone, err := time.LoadLocation(t.desk.Settings.TimeZone)
	if err != nil {
		return fmt.Sprintf("the time zone %q is not known.", t.desk.Settings.TimeZone)
	}
	if c.Event != nil {
		t.recorded(c.Event)
	} else {
		at, err := time.ParseInLocation("2006-01-02 15:04", cmp.Or(c.At, usual), zone)
		if err != nil {
			return fmt.Sprintf("%q is no time.", c.At)
		}
		if wrong := t.happens(c, at); wrong != "" {
			return wrong
		}
	}
	matches, why, err := t.matches()
	switch {
	case err != nil:
		return neo.MessageOf(err)
	case matches && !c.Expect.Matches:
		return "the workflow starts, and should not.\n" + why
	case !matches && c.Expect.Matches:
		return "the workflow does not start, and should.\n" + why
	case !matches:
		return ""
	}
	if wrong := t.run(ctx, c.Expect.Actions); wrong != "" {
		return wrong
	}
	return compare(c.Expect.Actions, t.effects)
}

// trial is a workflow carried out in one case.
type trial struct {
	workflow *Workflow
	desk     *desk
	event    neo.Event
	replied  time.Time // when the customer last wrote
	effects  []Effect
}

// happens makes the event and the ticket of a case.
func (t *trial) happens(c *Case, at time.Time) (wrong string) {
	d := t.desk
	d.now = at.UTC()
	fields := map[string]string{}
	class := neo.TicketClass(c.Ticket["class"])
	for name, v := range c.Ticket {
		if name != "class" {
			fields[name] = v
		}
	}
	number := cmp.Or(fields["number"], prefixes[class]+"0010001")
	updated := c.Type == "updated" || c.Type == "" && (len(c.Changes) > 0 || c.Comment != "" || c.WorkNote != "")
	if fields["sys_created_on"] == "" {
		fields["sys_created_on"] = stamp(d.now)
		if updated {
			fields["sys_created_on"] = stamp(d.now.AddDate(0, 0, -1))
		}
	}
	if fields["opened_at"] == "" {
		fields["opened_at"] = fields["sys_created_on"]
	}
	fields["sys_updated_on"] = stamp(d.now)
	for name, v := range fields {
		if _, known := d.value(class, name, v); !known {
			return fmt.Sprintf("%s of class %s cannot be %q; %s", name, class, v, suggest(v, d.shown(class, name)))
		}
	}
	d.ticket = d.made(class, number, fields)
	t.event = neo.Event{Type: neo.EntityCreated, Version: 0}
	if updated {
		t.event = neo.Event{Type: neo.EntityUpdated, Version: 1}
	}
	d.ticket.Version = t.event.Version
	t.event, wrong = t.change(t.event, c.Happening)
	return wrong
}

// shown are the choices of a field as people see them.
func (d *desk) shown(class neo.TicketClass, field string) []string {
	var all []string
	choices := union(standardChoices(class, field), d.Choices[field])
	for _, stored := range sorted(choices) {
		all = append(all, choices[stored])
	}
	return all
}

// change does to the ticket what happens, and completes the event that reports it.
func (t *trial) change(e neo.Event, h Happening) (_ neo.Event, wrong string) {
	d := t.desk
	by := h.By
	if by == "" {
		by = someTechnician
		if h.Comment != "" || e.Type == neo.EntityCreated {
			by = d.contact()
		}
	}
	for _, field := range sorted(h.Changes) {
		var c neo.FieldChange
		for i, v := range h.Changes[field] {
			found, known := d.value(d.ticket.Class, field, v)
			if !known {
				return e, fmt.Sprintf("%s of class %s cannot be %q; %s", field, d.ticket.Class, v, suggest(v, d.shown(d.ticket.Class, field)))
			}
			if c.Field = field; i == 0 {
				c.From = found
			} else {
				c.To = found
			}
		}
		e.Changes = append(e.Changes, c)
		d.ticket.Fields[field] = c.To
		if field != "state" || h.Changes["active"] != nil {
			continue
		}
		was, is := d.active(d.ticket.Class, c.From), d.active(d.ticket.Class, c.To)
		if d.ticket.Fields["active"] = is; was != is {
			e.Changes = append(e.Changes, neo.FieldChange{Field: "active", From: was, To: is})
		}
	}
	if h.Comment != "" {
		e.Journal = append(e.Journal, neo.JournalEntry{Element: "comments", Text: servicenow.JournalText(h.Comment), Author: by, Technician: by != d.contact() && d.technician(by)})
		if by == d.contact() {
			t.replied = d.now
		}
	}
	if h.WorkNote != "" {
		e.Journal = append(e.Journal, neo.JournalEntry{Element: "work_notes", Text: servicenow.JournalText(h.WorkNote), Author: by, Technician: true})
	}
	d.ticket.Fields["sys_updated_by"] = neo.Value{Value: by}
	d.ticket.Fields["sys_updated_on"] = neo.Value{Value: stamp(d.now)}
	if e.ChangedBy = by; by == neoItself {
		e.Disposition = neo.DispositionOwn
	}
	t.complete(&e)
	return e, ""
}

// complete fills in what every event has.
func (t *trial) complete(e *neo.Event) {
	d := t.desk
	e.ID, e.TenantID, e.Ticket, e.Number, e.Source = "event", neo.DefaultTenant, d.ticket.TicketRef, d.ticket.Number, neo.SourceWebhook
	e.ChangedAt, e.ReceivedAt, e.Fields, e.LastReplyAt = d.now, d.now, d.ticket.Fields, t.replied
	e.Kinds = servicenow.Kinds(e, d.dictionary())
}

// recorded makes the event and the ticket of an event that a server has recorded.
func (t *trial) recorded(r *recorded) {
	d := t.desk
	d.now = r.ChangedAt.UTC()
	d.ticket = d.made(r.Class, r.Number, nil)
	d.ticket.Fields, d.ticket.Version = map[string]neo.Value{}, r.Version
	for name, v := range r.Fields {
		d.ticket.Fields[name] = v
	}
	d.ticket.RemoteID = cmp.Or(r.RemoteID, r.Number)
	t.event = neo.Event{Type: r.Type, Version: r.Version, ChangedBy: r.ChangedBy, EventData: neo.EventData{Changes: r.Changes, Journal: r.Journal}}
	t.complete(&t.event)
}
