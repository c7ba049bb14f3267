package flow

import (
	"context"
	"slices"
	"strings"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/rules"
)

// settled stores the end of a step and decides the events that were held for it.
func (e *Engine) settled(ctx context.Context, tx neo.Tx, step *neo.Step) error {
	// The configuration first: everything locks it before it locks a step.
	s, err := e.matcher.at(ctx, tx)
	if err != nil {
		return err
	}
	if err := e.store.PutStep(ctx, tx, *step); err != nil {
		return err
	}
	held, err := e.store.HeldEvents(ctx, tx, step.ID)
	if err != nil {
		return err
	}
	if step.State == neo.StepDone && step.AfterVersion == 0 { // see recover
		for i := range held {
			if reports(&held[i], step.Write) {
				step.AfterVersion = held[i].Version
				if err := e.store.PutStep(ctx, tx, *step); err != nil {
					return err
				}
				break
			}
		}
	}
	if step.State == neo.StepDone && step.AfterVersion > step.BeforeVersion {
		if err := e.store.AddOwnVersion(ctx, tx, step.Ticket, step.AfterVersion, step.ID); err != nil {
			return err
		}
	}
	if step.State == neo.StepDone && step.Created != nil {
		if err := e.store.AddOwnVersion(ctx, tx, *step.Created, step.AfterVersion, step.ID); err != nil {
			return err
		}
	}
	for i := range held {
		event := &held[i]
		own := step.State == neo.StepDone && event.Version == step.AfterVersion
		if own {
			event.Disposition = neo.DispositionOwn
		}
		if s.index[event.TenantID].NeedsReply() {
			if event.LastReplyAt, err = e.store.LastReply(ctx, event.Ticket, rules.Now(event)); err != nil {
				return err
			}
		}
		matches := s.index[event.TenantID].Match(event)
		if !own {
			event.Disposition = disposition(event, matches)
		}
		if err := e.store.SetDisposition(ctx, tx, event.ID, event.Disposition); err != nil {
			return err
		}
		if err := start(ctx, tx, e.store, e.queue, started(event, matches, e.now())); err != nil {
			return err
		}
	}
	return nil
}

// reports reports whether the event is what this write would look like.
func reports(e *neo.Event, w neo.Write) bool {
	if w.Email != nil || w.TimeEntry != nil || w.Empty() {
		return false
	}
	for name, value := range w.Fields {
		if !slices.ContainsFunc(e.Changes, func(c neo.FieldChange) bool { return c.Field == name && neo.SameText(c.To.Value, value) }) {
			return false
		}
	}
	return w.WorkNote == "" || slices.ContainsFunc(slices.Concat(e.Journal, e.Told), func(j neo.JournalEntry) bool {
		return j.Element == string(neo.WorkNotes) && strings.Contains(j.Text, lastLine(w.WorkNote))
	})
}
