package servicenow

import (
	"context"
	"slices"
	"time"

	"github.com/neoagent/neo"
)

// backfillPage is how many tickets one page of a backfill has.
const backfillPage = 200

// beginBackfill starts over, over the days that somebody asked for.
func (w *Watcher) beginBackfill(_ context.Context, _ neo.Integration, watch *neo.Watch) error {
	watch.Backfill = neo.Backfill{
		State: neo.BackfillRunning, Days: watch.BackfillDays, StartedAt: w.now(),
		Since: w.now().AddDate(0, 0, -watch.BackfillDays),
	}
	if watch.BackfillPaused {
		watch.Backfill.State = neo.BackfillPaused
	}
	return errNotAsked
}

// turnBackfill pauses it, or goes on with it, as somebody asked.
func (w *Watcher) turnBackfill(_ context.Context, _ neo.Integration, watch *neo.Watch) error {
	if watch.BackfillPaused {
		watch.Backfill.State = neo.BackfillPaused
	} else {
		watch.Backfill.State = neo.BackfillRunning
	}
	return errNotAsked
}

// backfill reads one page of older tickets, in the order of their sys_ids: that
// order does not move while tickets change, so none is passed over. What is kept of
// it is the last sys_id.
func (w *Watcher) backfill(ctx context.Context, in neo.Integration, watch *neo.Watch) error {
	b, began := &watch.Backfill, w.now()
	err := w.backfillPage(patiently(ctx), in, b, watch.Since)
	b.Worked += w.now().Sub(began)
	if err != nil {
		b.Error, b.DueAt = neo.MessageOf(err), w.now().Add(w.retryIn(err))
		w.Log.Warn("a page of older tickets did not come", "integration", in.ID, "err", err)
		return err
	}
	b.Error, b.DueAt = "", time.Time{}
	if b.Class == len(neo.TicketClasses) {
		b.State, b.FinishedAt = neo.BackfillDone, w.now()
		w.Log.Info("older tickets are read", "integration", in.ID, "tickets", b.Done)
	}
	return nil
}

func (w *Watcher) backfillPage(ctx context.Context, in neo.Integration, b *neo.Backfill, watchSince time.Time) error {
	tickets, err := w.connections.Tickets(ctx, in.ID)
	if err != nil {
		return err
	}
	if !b.Counted {
		b.Total = 0
		for _, class := range neo.TicketClasses {
			page, err := tickets.older(ctx, class, b.Since, "", 1, true)
			if err != nil {
				return err
			}
			b.Total += int64(max(0, page.Total))
		}
		b.Counted = true
	}
	class := neo.TicketClasses[b.Class]
	page, err := tickets.older(ctx, class, b.Since, b.AfterID, backfillPage, false)
	if err != nil {
		return err
	}
	if len(page.Records) == 0 {
		b.Class, b.AfterID = b.Class+1, ""
		return nil
	}
	refs := make([]neo.TicketRef, 0, len(page.Records))
	read := make([]neo.Ticket, 0, len(page.Records))
	last := b.AfterID
	for _, r := range page.Records {
		ref := neo.TicketRef{IntegrationID: in.ID, Class: class, RemoteID: r["sys_id"].Value}
		last = max(last, ref.RemoteID)
		t, err := tickets.ticket(ref, r)
		if err != nil {
			return err
		}
		refs, read = append(refs, ref), append(read, t)
	}
	known, err := w.Store.Versions(ctx, refs)
	if err != nil {
		return err
	}
	events := make([]neo.Event, 0, len(read))
	for _, t := range read {
		// What changed since the connection is news: it comes by webhook or sweep, and
		// starts workflows.
		if v, ok := known[t.TicketRef]; t.UpdatedAt.Before(watchSince) && (!ok || v.Newest < t.Version) {
			events = append(events, event(in, t, neo.SourceBackfill))
		}
	}
	if _, err := w.submit(ctx, slices.Clip(events)); err != nil {
		return err
	}
	b.AfterID, b.Done = last, b.Done+int64(len(read))
	return nil
}

// older returns a page of the tickets of a class that changed since a time, after
// a sys_id; with count only how many there are. A class that the instance does not
// have, or that the account may not ask for, has none.
//
// The limit is applied before access rules: where a page comes back empty, the total
// tells whether there is more behind it.
func (s *Tickets) older(ctx context.Context, class neo.TicketClass, since time.Time, afterID string, limit int, count bool) (Page, error) {
	query := "sys_updated_on>=" + since.UTC().Format(timeLayout)
	if afterID != "" {
		query += "^sys_id>" + afterID
	}
	o := ListOptions{Query: query + "^ORDERBYsys_id", Limit: limit, Display: true, Count: count}
	for {
		page, err := s.client.List(ctx, string(class), o)
		if neo.CodeOf(err) == neo.CodeTooLarge && o.Limit > 1 {
			o.Limit /= 2
			continue
		}
		if code := neo.CodeOf(err); code == neo.CodeInvalid || code == neo.CodeRefused {
			return Page{}, nil
		}
		page.Records = slices.DeleteFunc(page.Records, func(r Record) bool { return r["sys_id"].Value <= afterID })
		if err != nil || count || len(page.Records) > 0 || o.Count && page.Total <= o.Offset+o.Limit {
			return page, err
		}
		if o.Count {
			o.Offset += o.Limit
		}
		o.Count = true
	}
}
