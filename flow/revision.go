package flow

import (
	"context"

	"github.com/neoagent/neo"
)

// mostJump is how far ahead of what is known of a ticket a version may be to be taken
// for its newest before the instance was asked.
const mostJump = 100

// implausible reports whether a delivery is of a version so far ahead of what Neo knows
// that it does not become the ticket's newest state before it was seen in the instance:
// by the run that it starts, or by the next sweep. Else a number that never comes would
// outrank everything that does.
func (in *Ingest) implausible(ctx context.Context, e *neo.Event) (bool, error) {
	if e.Source != neo.SourceWebhook || e.Version <= mostJump || in.seen.near(e.Ticket, e.Version) {
		return false, nil
	}
	known, err := in.store.Ticket(ctx, e.TenantID, e.Ticket)
	if neo.CodeOf(err) == neo.CodeNotFound {
		return true, nil
	}
	return e.Version > known.Version+mostJump, err
}

// revisions looks at the events whose versions are known already. Most are deliveries
// that came again, or the other form of a state that is known. But an instance also
// changes tickets without counting (autoSysFields(false)), and counts anew after it was
// restored or cloned over: what such an event tells beyond what is stored is kept as a
// revision of the version, and starts what it starts.
func (in *Ingest) revisions(ctx context.Context, tx neo.Tx, s *snapshot, batch []*delivery, events []neo.Event, isNew []bool) error {
	var again []neo.Event
	var at []int
	for i := range events {
		switch {
		case !isNew[i]:
			again, at = append(again, events[i]), append(at, i)
		case !events[i].ReadAt.IsZero():
			if err := in.store.Confirm(ctx, tx, events[i], events[i].ReadAt); err != nil {
				return err
			}
		}
	}
	if len(again) == 0 {
		return nil
	}
	stored, err := in.store.Revisions(ctx, tx, again)
	if err != nil {
		return err
	}
	for i, n := range at {
		if isNew[n], err = in.revision(ctx, tx, s, batch[n], &events[n], stored[i]); err != nil {
			return err
		}
	}
	return nil
}

// revision stores what an event tells beyond what is stored under its version, if it
// does.
func (in *Ingest) revision(ctx context.Context, tx neo.Tx, s *snapshot, d *delivery, e *neo.Event, stored []neo.Event) (isNew bool, err error) {
	for {
		news := *e
		news.Unconfirmed = news.Unconfirmed || news.ReadAt.IsZero() && news.Precedes(&stored[len(stored)-1])
		if news.KnownAmong(stored) {
			return false, in.confirmKnown(ctx, tx, &news, stored)
		}
		if err := in.lessNotes(ctx, tx, &news); err != nil {
			return false, err
		}
		if known := news.KnownAmong(stored); known || !news.News(stored) {
			return false, in.confirmKnown(ctx, tx, &news, stored)
		}
		news.Revision = stored[len(stored)-1].Revision + 1
		in.complete(&news, s)
		news.Disposition, news.HeldBy = "", ""
		matches := s.match(&news)
		news.Disposition = disposition(&news, matches)
		one := []neo.Event{news}
		if err := in.ownWrites(ctx, tx, s, one); err != nil {
			return false, err
		}
		if news = one[0]; news.Disposition == neo.DispositionOwn && ownAmong(stored) {
			news.Disposition = disposition(&news, matches) // Neo's write is known; this came on top of it
		}
		if isNew, err = in.store.AppendRevision(ctx, tx, news); err != nil {
			return false, err
		}
		if isNew {
			*e, d.event, d.matches = news, news, matches
			if e.ReadAt.IsZero() {
				return true, nil
			}
			return true, in.store.Confirm(ctx, tx, news, news.ReadAt)
		}
		// Another process, or an event before it in the batch, has just stored one.
		again, err := in.store.Revisions(ctx, tx, []neo.Event{*e})
		if err != nil {
			return false, err
		}
		stored = again[0]
	}
}

// lessNotes takes out of a delivery the notes that the sweep has found and given to
// another version nearby.
func (in *Ingest) lessNotes(ctx context.Context, tx neo.Tx, e *neo.Event) error {
	if e.Source != neo.SourceWebhook || len(e.Journal) == 0 {
		return nil
	}
	others, err := in.store.EventsAround(ctx, tx, *e)
	if err != nil {
		return err
	}
	if news, less := e.Untold(others); less {
		e.Journal, e.Told = news.Journal, news.Told
	}
	return nil
}

// confirmKnown makes a state that was read and is known its ticket's newest.
func (in *Ingest) confirmKnown(ctx context.Context, tx neo.Tx, e *neo.Event, stored []neo.Event) error {
	if e.ReadAt.IsZero() {
		return nil
	}
	is := stored[len(stored)-1]
	for _, s := range stored {
		if e.KnownAmong([]neo.Event{s}) {
			is = s
		}
	}
	return in.store.Confirm(ctx, tx, is, e.ReadAt)
}

func ownAmong(stored []neo.Event) bool {
	for _, s := range stored {
		if s.Disposition == neo.DispositionOwn {
			return true
		}
	}
	return false
}
