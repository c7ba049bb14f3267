package servicenow

import (
	"context"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/neoagent/neo"
)

// submitAtOnce is how many events are handed over together: they share a commit.
const submitAtOnce = 64

// sweep looks for changes since the watermark that nobody delivered, and takes them
// in by the door that deliveries use. The watermark moves with what was seen, never
// to "now", and page by page, so that a sweep that is interrupted goes on.
func (w *Watcher) sweep(ctx context.Context, in neo.Integration, watch *neo.Watch) error {
	watch.SweepAsked, watch.BackfillDays = true, 0 // this is seen to, that is not
	found, err := w.sweepAll(ctx, in, watch)
	watch.Sweep.Found += found
	w.sawUndelivered(ctx, in, watch)
	if err != nil {
		watch.Sweep.Error = neo.MessageOf(err)
		watch.Sweep.DueAt = w.now().Add(w.retryIn(err))
		w.Log.Warn("the sweep did not come to its end", "integration", in.ID, "err", err)
		return err
	}
	watch.Sweep.Error, watch.Sweep.At, watch.Sweep.DueAt = "", w.now(), w.now().Add(w.SweepEvery)
	if found > 0 {
		w.Log.Info("the sweep found changes that were not delivered", "integration", in.ID, "changes", found)
	}
	if w.now().Sub(in.AnswersSince) < ringAgain {
		w.ringRuns(ctx, in)
	}
	return nil
}

func (w *Watcher) sweepAll(ctx context.Context, in neo.Integration, watch *neo.Watch) (found int64, err error) {
	tickets, err := w.connections.Tickets(ctx, in.ID)
	if err != nil {
		return 0, err
	}
	at := cursor{at: watch.Sweep.Watermark.Add(-overlap)}
	for {
		list, more, serverNow, err := tickets.changes(ctx, at)
		if err != nil {
			return found, err
		}
		// What is too young is left for the next sweep, and so is all that follows.
		settled := list
		if i := slices.IndexFunc(list, func(c changed) bool { return c.at.After(serverNow.Add(-w.Settle)) }); i >= 0 {
			settled, more = list[:i], false
		}
		n, err := w.takeIn(ctx, in, tickets, watch, settled)
		found += n
		if err != nil {
			return found, err
		}
		if len(settled) > 0 {
			last := settled[len(settled)-1]
			at = cursor{last.at, last.ref.RemoteID}
			if last.at.After(watch.Sweep.Watermark) {
				watch.Sweep.Watermark = last.at
			}
		}
		if !more {
			return found, nil
		}
		if kept, err := w.Store.SaveWatch(ctx, *watch, w.now().Add(watchLease)); err != nil || !kept {
			return found, err
		}
	}
}

// takeIn takes in those of the changes that Neo does not know, and what lies in the
// gaps between the versions that it knows.
func (w *Watcher) takeIn(ctx context.Context, in neo.Integration, tickets *Tickets, watch *neo.Watch, list []changed) (found int64, err error) {
	refs := make([]neo.TicketRef, len(list))
	for i, c := range list {
		refs[i] = c.ref
	}
	known, err := w.Store.Versions(ctx, refs)
	if err != nil {
		return 0, err
	}
	var unknown []neo.TicketRef
	var events []neo.Event
	for _, c := range list {
		v, ok := known[c.ref]
		if !ok || v.Newest != c.version || !v.ChangedAt.Equal(c.at) {
			unknown = append(unknown, c.ref)
		}
		if ok && (v.Gap() || v.First > 0 && !c.created.Before(watch.Since)) {
			lost, err := w.lost(ctx, in, tickets, c.ref, watch.Since)
			if err != nil {
				return 0, err
			}
			events = append(events, lost...)
		}
	}
	fresh, err := w.undelivered(ctx, in, tickets, watch.Since, unknown)
	if err != nil {
		return 0, err
	}
	return w.submit(ctx, append(events, fresh...))
}

// undelivered reads tickets whose newest version Neo does not know, and returns an
// event for each: its changes are those since the version before that Neo knows.
func (w *Watcher) undelivered(ctx context.Context, in neo.Integration, tickets *Tickets, since time.Time, refs []neo.TicketRef) ([]neo.Event, error) {
	readAt := w.now()
	all, err := tickets.readAll(ctx, refs)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	before := make(map[neo.TicketRef]neo.Event, len(all))
	oldest := w.now()
	ids := make([]string, 0, len(all))
	for _, t := range all {
		ids = append(ids, t.RemoteID)
		from := created(t)
		b, known, err := w.stateBefore(ctx, t)
		if err != nil {
			return nil, err
		}
		if known {
			before[t.TicketRef] = b
			from = b.ChangedAt
		}
		if from.Before(oldest) && !from.Before(since) {
			oldest = from
		}
	}
	notes, err := tickets.notes(ctx, ids, oldest)
	if err != nil {
		return nil, err
	}
	events := make([]neo.Event, 0, len(all))
	for _, t := range all {
		e := event(in, t, neo.SourceSweep)
		e.ReadAt = readAt.Add(-w.Settle) // a delivery may be faster than the commit that it reports
		from := created(t)
		if b, ok := before[t.TicketRef]; ok {
			if b.Version > t.Version && !b.ReceivedAt.Before(e.ReadAt) {
				w.sweepSoon(in.ID, b.ReceivedAt.Add(w.Settle)) // it was delivered meanwhile
				continue
			}
			e.Changes, e.PreviousAt = difference(b.Fields, t.Fields), b.ChangedAt
			from = b.ChangedAt.Add(time.Second) // notes of that second belong to that version
		} else if t.UpdatedAt.Before(since) {
			e.Source = neo.SourceBackfill // the overlap reaches back to before the connection
		} else if !from.Before(since) {
			e.Type = neo.EntityCreated // it is newer than the connection, and nobody has heard of it
		} else {
			from = t.UpdatedAt
		}
		for _, n := range notes[t.RemoteID] {
			if !n.at.Before(from) {
				e.Journal = append(e.Journal, n.JournalEntry)
			}
		}
		events = append(events, e)
	}
	return events, w.authors.judge(ctx, tickets, w.now(), events)
}

// event returns the event for the state of a ticket that was read.
func event(in neo.Integration, t neo.Ticket, source neo.EventSource) neo.Event {
	return neo.Event{
		TenantID: in.TenantID, Ticket: t.TicketRef, Number: t.Number, Version: t.Version, Type: neo.EntityUpdated, Source: source,
		ChangedBy: t.Fields["sys_updated_by"].Value, ChangedAt: t.UpdatedAt, EventData: neo.EventData{Fields: t.Fields},
	}
}

func created(t neo.Ticket) time.Time {
	at, _ := time.Parse(timeLayout, t.Fields["sys_created_on"].Value)
	return at
}

// gapsLookedAt is how many of a ticket's newest versions are searched for gaps.
const gapsLookedAt = 50

// lost returns events for versions of a ticket that were never delivered and that
// later ones have replaced. What is after a gap knows its own changes; undone, they
// give the state before it, which is compared with the state before the gap. Several
// versions lost in a row become one event: what each of them did cannot be told apart.
// So does the beginning of a ticket that is newer than since, the connection.
func (w *Watcher) lost(ctx context.Context, in neo.Integration, tickets *Tickets, ref neo.TicketRef, since time.Time) ([]neo.Event, error) {
	newest, err := w.Store.NewestEvents(ctx, ref, gapsLookedAt)
	if err != nil {
		return nil, err
	}
	var events []neo.Event
	for i, after := range newest {
		before := neo.Event{Version: -1}
		if i+1 < len(newest) {
			before = newest[i+1]
		} else if len(newest) == gapsLookedAt || created(neo.Ticket{Fields: after.Fields}).Before(since) {
			break // Neo was not there, or has looked often enough
		}
		if after.Version-before.Version < 2 || after.Source != neo.SourceWebhook || len(after.Fields) == 0 {
			continue
		}
		if w.now().Sub(after.ReceivedAt) < w.Settle { // it may still come
			w.sweepSoon(in.ID, after.ReceivedAt.Add(w.Settle))
			continue
		}
		fields := make(map[string]neo.Value, len(after.Fields))
		for name, v := range after.Fields {
			fields[name] = v
		}
		for _, c := range after.Changes {
			fields[c.Field] = c.From
		}
		for _, name := range bookkeeping {
			delete(fields, name)
		}
		e := neo.Event{
			TenantID: in.TenantID, Ticket: ref, Number: after.Number, Version: after.Version - 1, Type: neo.EntityUpdated,
			Source: neo.SourceSweep, ChangedAt: after.ChangedAt,
			EventData: neo.EventData{Fields: fields, Changes: difference(before.Fields, fields)},
		}
		if before.Version < 0 {
			e.Type = neo.EntityCreated
			before.ChangedAt = created(neo.Ticket{Fields: after.Fields})
		} else {
			e.PreviousAt = before.ChangedAt
		}
		if e.Journal, err = w.lostNotes(ctx, tickets, ref, before, after, newest); err != nil {
			return nil, err
		}
		events = append(events, e)
	}
	return events, w.authors.judge(ctx, tickets, w.now(), events)
}

// lostNotes returns the notes that were written between two versions and are part
// of no event.
func (w *Watcher) lostNotes(ctx context.Context, tickets *Tickets, ref neo.TicketRef, before, after neo.Event, known []neo.Event) ([]neo.JournalEntry, error) {
	notes, err := tickets.notes(ctx, []string{ref.RemoteID}, before.ChangedAt)
	if err != nil {
		return nil, err
	}
	var list []neo.JournalEntry
	for _, n := range notes[ref.RemoteID] {
		reported := slices.ContainsFunc(known, func(e neo.Event) bool {
			return slices.ContainsFunc(e.Journal, func(j neo.JournalEntry) bool { return j.Element == n.Element && sameNote(j.Text, n.Text) })
		})
		if !reported && !n.at.After(after.ChangedAt) {
			list = append(list, n.JournalEntry)
		}
	}
	return list, nil
}

// submit takes events in and returns how many of them the sweep has found.
func (w *Watcher) submit(ctx context.Context, events []neo.Event) (found int64, err error) {
	isNew := make([]bool, len(events))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(submitAtOnce)
	for i, e := range events {
		group.Go(func() (err error) {
			isNew[i], err = w.Submit(ctx, e)
			return err
		})
	}
	err = group.Wait()
	for i, ok := range isNew {
		if ok && events[i].Source == neo.SourceSweep {
			found++
			w.foundBySweep(events[i])
		}
	}
	return found, err
}
