package flow

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/rules"
)

// A delivery is a hint: whoever knows the callback's secret can send one. Before its
// first step a run compares what its event claims with the ticket, which every step
// reads anyway:
//
//   - the ticket's version is at least the event's;
//   - what the event says is in the ticket, or what Neo knows of later changes explains
//     why it is not there any more;
//   - notes that the workflow uses are in the ticket's journals.
//
// What the instance does not confirm is taken out of the event. If the workflow does not
// start for what is left, the run ends and has done nothing.

const (
	// commitTime is how much faster than the commit that it reports a delivery may be.
	commitTime = 5 * time.Second
	// explainTime is how long a run waits for what explains that the ticket is not as its
	// event says: the later change's own delivery, or the next sweep.
	explainTime = 90 * time.Second
	// mostLater is how many later events are looked at for an explanation.
	mostLater = 200
)

// unproven reports whether the event of a run is another's word: what Neo read in the
// instance itself needs no evidence, nor does what a person or a schedule asked for.
func unproven(w *work) bool {
	return w.run.Cause == neo.CauseEvent && !(w.event.Source == neo.SourceSweep && w.event.Dated())
}

// begins reports whether nothing of the run has been done or is waited for.
func (w *work) begins(step *neo.Step) bool {
	if step.State != "" && (step.State != neo.StepFailed || step.Unsure) {
		return false
	}
	return !slices.ContainsFunc(w.steps, func(s *neo.Step) bool { return s != nil && s != step && s.State != "" })
}

// confirm compares the run's event with the ticket as it was read. denied says what the
// instance does not confirm; neo.CodeUnavailable means that it is too early to say.
func (e *Engine) confirm(ctx context.Context, w *work, ticket neo.Ticket) (denied string, err error) {
	event := &w.event
	age := e.now().Sub(event.ReceivedAt)
	if ticket.Version < event.Version {
		if age < commitTime {
			return "", notYet(time.Second)
		}
		return fmt.Sprintf("it has version %d of the ticket, and was said to have %d", ticket.Version, event.Version), nil
	}
	c := claims{engine: e, w: w, ticket: ticket, event: *event}
	if err := c.compare(ctx); err != nil {
		return "", err
	}
	if c.differs == "" {
		*event = c.event
		return "", nil
	}
	starts, err := c.matches(ctx)
	if err != nil {
		return "", err
	}
	inTexts := c.lessChanges && c.uses("change.") || c.lessNotes
	if c.waits && (!starts || inTexts) {
		limit := explainTime
		if ticket.Version == event.Version {
			limit = commitTime
			// Meanwhile it counts for nothing: neither as the ticket's state nor as what others are compared with.
			if err := e.disbelieve(ctx, event.ID); err != nil {
				return "", err
			}
		}
		if age < limit {
			return "", notYet(2 * time.Second)
		}
	}
	if !starts {
		return c.differs, nil
	}
	if inTexts { // those of later steps, which may be filled in by another process
		if err := e.store.TrimEvent(ctx, event.ID, c.event.EventData); err != nil {
			return "", err
		}
	}
	*event = c.event
	return "", nil
}

func notYet(after time.Duration) error {
	return &neo.Error{Code: neo.CodeUnavailable, RetryAfter: after, Message: "The ticket is not as the delivery said. Neo looks again in a moment."}
}

// deny ends a run whose event the instance does not confirm. Nothing was done.
func (e *Engine) deny(ctx context.Context, w *work, denied string) error {
	what := fmt.Sprintf("The instance does not confirm what it was said to have reported about %s: %s.", w.run.Number, denied)
	err := e.store.RaiseAlert(ctx, neo.Alert{
		TenantID: w.run.TenantID, IntegrationID: w.run.Ticket.IntegrationID, Key: "evidence/" + w.run.Ticket.IntegrationID,
		Level: neo.AlertProblem, Occurrences: 1, LastAt: e.now(), Title: "A reported change was not confirmed by the instance",
		Message: what + " Neo has done nothing with it. If it happens again, somebody else may know the callback's secret: disconnect the integration and connect it again, which makes a new one.",
	})
	if err != nil {
		return err
	}
	if err := e.disbelieve(ctx, w.event.ID); err != nil {
		return err
	}
	return e.stop(ctx, w, neo.Skipped, what+" Nothing was done.")
}

func (e *Engine) disbelieve(ctx context.Context, eventID string) error {
	return e.store.InTx(ctx, func(tx neo.Tx) error { return e.store.Disbelieve(ctx, tx, eventID) })
}

// claims is an event on its way through the comparison.
type claims struct {
	engine  *Engine
	w       *work
	ticket  neo.Ticket
	event   neo.Event // what is confirmed of it
	differs string    // the first thing that is not as the event says and not explained
	waits   bool      // what explains it may still come
	later   *laterEvents

	lessChanges, lessNotes bool // some were taken out
}

func (c *claims) compare(ctx context.Context) error {
	if c.ticket.Number != "" && c.event.Number != "" && c.ticket.Number != c.event.Number {
		c.not("the number", c.ticket.Number, c.event.Number, false)
	}
	c.event.Number = c.ticket.Number
	by := c.ticket.Fields["sys_updated_by"].Value
	if c.ticket.Version == c.event.Version && by != "" && c.event.ChangedBy != "" && !strings.EqualFold(by, c.event.ChangedBy) {
		c.not("who changed it last", by, c.event.ChangedBy, true)
		c.event.ChangedBy = by
	}
	fields := make(map[string]neo.Value, len(c.event.Fields))
	for name, said := range c.event.Fields {
		fields[name] = said
		is, readable := c.ticket.Fields[name]
		if !readable || slices.Contains(neo.Bookkeeping, name) {
			continue
		}
		if sameValue(is.Value, said.Value) {
			fields[name] = is
			continue
		}
		explained, err := c.explained(ctx, name, said, is, true)
		if err != nil {
			return err
		}
		if !explained {
			fields[name] = is
		}
	}
	c.event.Fields = fields
	before, err := c.stateBefore(ctx)
	if err != nil {
		return err
	}
	var changes []neo.FieldChange
	for _, change := range c.event.Changes {
		is, readable := c.ticket.Fields[change.Field]
		keep := !readable
		if readable {
			if keep = sameValue(is.Value, change.To.Value); keep {
				change.To = is
			} else if keep, err = c.explained(ctx, change.Field, change.To, is, false); err != nil {
				return err
			}
		}
		if was, known := before[change.Field]; known {
			if sameValue(was.Value, change.From.Value) {
				change.From = was
			} else {
				c.not(change.Field+" before", was.String(), change.From.String(), false)
				keep = false
			}
		}
		if keep {
			changes = append(changes, change)
		} else {
			c.lessChanges = true
		}
	}
	c.event.Changes = changes
	return c.compareNotes(ctx)
}

// stateBefore returns the fields of the ticket just before the event, if the workflow
// depends on them and Neo knows them.
func (c *claims) stateBefore(ctx context.Context) (map[string]neo.Value, error) {
	from := c.uses(".from") || slices.ContainsFunc(c.w.definition.Changes, func(t neo.TargetChange) bool { return t.From != nil || t.ChangeType == neo.PriorityRaised })
	if !from && c.w.definition.Conditions != nil {
		text, err := json.Marshal(c.w.definition.Conditions)
		from = err != nil || mentions(text, string(neo.OpChangedFrom))
	}
	if !from || len(c.event.Changes) == 0 {
		return nil, nil
	}
	before, known, err := c.engine.store.EventBefore(ctx, c.event)
	if !known || before.Version < c.event.Version-1 {
		return nil, err
	}
	return before.Fields, err
}

// not notes that something is not as the event says.
func (c *claims) not(what, is, said string, waits bool) {
	if c.differs == "" {
		c.differs = fmt.Sprintf("%s is “%s”, not “%s”", what, shortened(is), shortened(said))
	}
	c.waits = c.waits || waits
}

func shortened(s string) string {
	s = oneLine(s)
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}

// explained reports whether a field had the value that the event says, and has another
// one now because of a later change that Neo knows. Else it notes what differs. Revisions
// of one version do not always come in their order: with any, those before count too.
func (c *claims) explained(ctx context.Context, field string, said, is neo.Value, anyOrder bool) (bool, error) {
	if c.later == nil {
		var err error
		if c.later, err = c.engine.laterThan(ctx, &c.w.event); err != nil {
			return false, err
		}
	}
	yes, contradicted := c.later.explain(field, said.Value, anyOrder)
	if !yes {
		c.not(field, is.String(), said.String(), !contradicted)
	}
	return yes, nil
}

// compareNotes looks for the notes that a delivery claims in the ticket's journals, if
// the workflow uses notes.
func (c *claims) compareNotes(ctx context.Context) error {
	if len(c.event.Journal) == 0 || c.event.Source != neo.SourceWebhook || !usesNotes(&c.w.definition) {
		return nil
	}
	var journal []neo.JournalEntry
	for _, entry := range c.event.Journal {
		list := neo.WorkNotes
		if entry.Element == "comments" {
			list = neo.ClientNotes
		}
		there, err := c.w.gate(false).HasEntry(ctx, c.w.run.Ticket, list, entry.Text, c.event.ChangedAt)
		if err != nil {
			return err
		}
		if there {
			journal = append(journal, entry)
			continue
		}
		c.lessNotes, c.waits = true, true
		if c.differs == "" {
			c.differs = fmt.Sprintf("there is no note “%s”", shortened(entry.Text))
		}
	}
	c.event.Journal = journal
	return nil
}

// matches reports whether what is confirmed of the event starts the workflow.
func (c *claims) matches(ctx context.Context) (bool, error) {
	c.event.Kinds = nil
	if kinds := c.engine.kindsOf; kinds != nil {
		c.event.Kinds = kinds(&c.event, c.w.context.Dictionaries[c.event.Ticket.IntegrationID])
	}
	if c.event.Number != c.w.event.Number {
		return false, nil
	}
	compiled, err := rules.Compile(&neo.Workflow{ID: c.w.run.WorkflowID, TenantID: c.w.run.TenantID, Definition: c.w.definition}, c.w.context)
	if err != nil {
		return false, err
	}
	if compiled.NeedsReply() {
		if c.event.LastReplyAt, err = c.engine.store.LastReply(ctx, c.event.Ticket, rules.Now(&c.event)); err != nil {
			return false, err
		}
	}
	return compiled.Matches(&c.event), nil
}

// uses reports whether an action names something of that kind.
func (c *claims) uses(name string) bool {
	return slices.ContainsFunc(c.w.definition.Actions, func(a neo.ActionSpec) bool { return mentions(a.Config, name) })
}

// laterEvents are what Neo knows to have happened to a ticket after an event.
type laterEvents struct {
	event  *neo.Event
	events []neo.Event // oldest first
	wrote  []neo.PastStep
}

func (e *Engine) laterThan(ctx context.Context, event *neo.Event) (*laterEvents, error) {
	later := &laterEvents{event: event}
	var err error
	if later.events, err = e.store.EventsAfter(ctx, *event, mostLater); err != nil {
		return nil, err
	}
	later.wrote, err = e.store.PastSteps(ctx, event.Ticket, event.ReceivedAt)
	return later, err
}

// explain reports whether a later change begins with that value of a field, or Neo
// itself has written to the field since. contradicted: the very next version that is
// known had another value there without changing it.
func (l *laterEvents) explain(field, value string, anyOrder bool) (explained, contradicted bool) {
	for _, w := range l.wrote {
		if _, wrote := w.Fields[field]; wrote {
			return true, false
		}
	}
	version := l.event.Version
	for i := range l.events {
		e := &l.events[i]
		if e.Version == l.event.Version && (e.Source != neo.SourceWebhook || e.Revision < l.event.Revision && !anyOrder) {
			continue // what Neo has compared with this event says nothing about it
		}
		inRow := e.Version <= version+1
		version = e.Version
		for _, c := range e.Changes {
			if c.Field == field {
				is := sameValue(c.From.Value, value)
				return is, !is && inRow
			}
		}
		if v, known := e.Fields[field]; known && e.Version > l.event.Version && !sameValue(v.Value, value) {
			return false, inRow
		}
	}
	return false, false
}

// sameValue compares a value that was delivered with one that was read. Scripts see
// some values before the instance has brought them into their form.
func sameValue(a, b string) bool {
	if neo.SameText(a, b) {
		return true
	}
	if x, err := strconv.ParseFloat(a, 64); err == nil {
		if y, err := strconv.ParseFloat(b, 64); err == nil && x == y {
			return true
		}
	}
	return truth[a] != "" && truth[a] == truth[b]
}

// truth is how scripts and tables write true and false.
var truth = map[string]string{"true": "true", "1": "true", "false": "false", "0": "false"}

// usesNotes reports whether the workflow's trigger, conditions or texts depend on notes.
func usesNotes(d *neo.Definition) bool {
	for _, t := range d.Changes {
		if t.ChangeType == neo.CustomerReplied || t.ChangeType == neo.WorkNoteAdded || journals[t.Field] {
			return true
		}
	}
	if d.Conditions != nil {
		if text, err := json.Marshal(d.Conditions); err != nil || mentionsNotes(text) {
			return true
		}
	}
	return slices.ContainsFunc(d.Actions, func(a neo.ActionSpec) bool { return mentionsNotes(a.Config) })
}

// mentionsNotes may say yes too often, never no.
func mentionsNotes(config json.RawMessage) bool {
	return mentions(config, "comment") || mentions(config, "work_notes") || mentions(config, neo.FieldSinceReply) || mentions(config, `"`+neo.FieldKinds+`"`) ||
		mentions(config, `\u`) // spelt another way
}

func mentions(config json.RawMessage, name string) bool {
	return strings.Contains(string(config), name)
}
