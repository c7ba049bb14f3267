package servicenow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/neoagent/neo"
)

const (
	// submitAtOnce is how many events are handed over together: they share a commit.
	submitAtOnce = 64
	// ticketsAtOnce is how many tickets are read, asked for their notes and taken in
	// together.
	ticketsAtOnce = 100
	// failuresInRow is after how many failures without a success between them the
	// instance is left alone until the next sweep: as many as it takes to halve
	// ticketsAtOnce down to one.
	failuresInRow = 8
	// mostPending bounds the tickets that wait to be looked at again. With more, the
	// watermark waits as well.
	mostPending = 500
	// pendingFirst is when a ticket that failed is tried again; the wait doubles up to pendingLongest.
	pendingFirst, pendingLongest = 15 * time.Second, 15 * time.Minute
)

// sweep looks for changes since the watermark that nobody delivered, and takes them
// in by the door that deliveries use. The watermark moves with what was seen, never
// to "now", and page by page, so that a sweep that is interrupted goes on.
func (w *Watcher) sweep(ctx context.Context, in neo.Integration, watch *neo.Watch) error {
	watch.SweepAsked, watch.BackfillDays = true, 0 // this is seen to, that is not
	found, err := w.sweepAll(ctx, in, watch)
	watch.Sweep.Found += found
	w.sawUndelivered(ctx, in, watch)
	if found > 0 {
		w.Log.Info("the sweep found changes that were not delivered", "integration", in.ID, "changes", found)
	}
	if err != nil {
		watch.Sweep.Error = neo.MessageOf(err)
		watch.Sweep.DueAt = w.now().Add(w.retryIn(err))
		w.Log.Warn("the sweep did not come to its end", "integration", in.ID, "err", err)
		return err
	}
	watch.Sweep.Error, watch.Sweep.At, watch.Sweep.DueAt = unread(watch.Sweep.Pending), w.now(), w.now().Add(w.SweepEvery)
	if w.now().Sub(in.AnswersSince) < ringAgain {
		w.ringRuns(ctx, in)
	}
	return nil
}

// unread says which tickets could not be read; "" when all could.
func unread(pending []neo.PendingTicket) string {
	pending = slices.DeleteFunc(slices.Clone(pending), func(p neo.PendingTicket) bool { return p.Error == "" })
	if len(pending) == 0 {
		return ""
	}
	return fmt.Sprintf("Neo could not read %d changed tickets (the first is %s %s) and goes on trying: %s",
		len(pending), pending[0].Ticket.Class, pending[0].Ticket.RemoteID, pending[0].Error)
}

func (w *Watcher) sweepAll(ctx context.Context, in neo.Integration, watch *neo.Watch) (found int64, err error) {
	ctx = patiently(ctx)
	tickets, err := w.connections.Tickets(ctx, in.ID)
	if err != nil {
		return 0, err
	}
	s := &sweeping{Watcher: w, in: in, tickets: tickets, watch: watch, done: map[neo.TicketRef]bool{}, kept: time.Now()}
	at := cursor{at: watch.Sweep.Watermark.Add(-overlap)}
	for more := true; more; {
		var list []changed
		var serverNow time.Time
		if list, more, serverNow, err = tickets.changes(ctx, at); err != nil {
			return s.found, err
		}
		// What is too young is left for the next sweep, and so is all that follows.
		s.settled = serverNow.Add(-w.Settle)
		settled := list
		if i := slices.IndexFunc(list, func(c changed) bool { return c.at.After(s.settled) }); i >= 0 {
			settled, more = list[:i], false
		}
		err = s.takeIn(ctx, settled)
		seen := settled
		if i := slices.IndexFunc(settled, func(c changed) bool { return !s.done[c.ref] }); i >= 0 {
			seen = settled[:i]
		}
		if len(seen) > 0 {
			last := seen[len(seen)-1]
			at = cursor{last.at, last.ref.RemoteID}
			if last.at.After(watch.Sweep.Watermark) {
				watch.Sweep.Watermark = last.at
			}
		}
		if err == nil && more {
			err = s.keep(ctx)
		}
		if err != nil {
			return s.found, err
		}
	}
	return s.found, s.takeIn(ctx, s.pending())
}

var errLeaseLost = errors.New("another process looks after the integration")

// keep stores how far the sweep is and renews the lease.
func (s *sweeping) keep(ctx context.Context) error {
	kept, err := s.Store.SaveWatch(ctx, *s.watch, s.now().Add(watchLease))
	if err == nil && !kept {
		err = errLeaseLost
	}
	s.kept = time.Now()
	return err
}

// keepNowAndThen renews the lease in time when a page takes long.
func (s *sweeping) keepNowAndThen(ctx context.Context) error {
	if time.Since(s.kept) < watchLease/8 {
		return nil
	}
	return s.keep(ctx)
}

// sweeping is a sweep under way.
type sweeping struct {
	*Watcher
	in      neo.Integration
	tickets *Tickets
	watch   *neo.Watch
	settled time.Time // the instance's clock: younger changes are left alone
	found   int64
	done    map[neo.TicketRef]bool // tickets that were seen to
	inRow   int                    // failures without a success between them
	kept    time.Time              // when the lease was last renewed
}

// takeIn takes in those of the changes that Neo does not know, and what lies in the
// gaps between the versions that it knows. What was read is taken in at once: a failure
// takes nothing away from others. An error means that the instance is best left alone;
// s.done then says what was seen to.
func (s *sweeping) takeIn(ctx context.Context, list []changed) error {
	if len(list) == 0 {
		return nil
	}
	refs := make([]neo.TicketRef, len(list))
	for i, c := range list {
		refs[i] = c.ref
	}
	known, err := s.Store.Versions(ctx, refs)
	if err != nil {
		return err
	}
	byClass := map[neo.TicketClass][]lead{}
	for _, c := range list {
		v, ok := known[c.ref]
		l := lead{changed: c, known: v, newer: !ok || v.Newest != c.version || !v.ChangedAt.Equal(c.at)}
		if l.newer || v.Gap() || v.First > 0 && !c.created.Before(s.watch.Since) {
			byClass[c.ref.Class] = append(byClass[c.ref.Class], l)
		} else {
			s.finish(c.ref)
		}
	}
	for _, class := range neo.TicketClasses { // tickets of a class are read together
		for some := range slices.Chunk(byClass[class], ticketsAtOnce) {
			if err := s.try(ctx, some); err != nil {
				return err
			}
		}
	}
	return nil
}

// lead is a ticket of which Neo lacks versions.
type lead struct {
	changed
	known neo.Versions
	newer bool // the instance has another version than Neo, or the version anew
}

// try takes in what the leads lead to. When that fails though the instance answers, each
// half is tried alone, down to the one ticket that fails: it is put by, and the others
// are taken in.
func (s *sweeping) try(ctx context.Context, leads []lead) error {
	found, err := s.follow(ctx, leads)
	s.found += found
	if err == nil {
		s.inRow = 0
		return s.keepNowAndThen(ctx)
	}
	if s.inRow++; ctx.Err() != nil || s.inRow > failuresInRow || neo.CodeOf(err) == neo.CodeRateLimited {
		return err
	}
	if _, awayErr := s.tickets.client.List(ctx, "task", ListOptions{Query: inClasses, Fields: []string{"sys_id"}, Limit: 1}); awayErr != nil {
		return err
	}
	if len(leads) == 1 {
		s.Log.Warn("a changed ticket could not be read", "integration", s.in.ID, "class", leads[0].ref.Class, "ticket", leads[0].ref.RemoteID, "err", err)
		s.inRow = 0
		if err := s.putBy(leads[0].changed, neo.MessageOf(err), time.Time{}); err != nil {
			return err
		}
		return s.keepNowAndThen(ctx)
	}
	half := len(leads) / 2
	if err := s.try(ctx, leads[:half]); err != nil {
		return err
	}
	return s.try(ctx, leads[half:])
}

// follow reads what Neo lacks of the tickets and takes it in.
func (s *sweeping) follow(ctx context.Context, leads []lead) (found int64, err error) {
	var newer []neo.TicketRef
	for _, l := range leads {
		if l.newer {
			newer = append(newer, l.ref)
		}
	}
	readAt := s.now().Add(-s.Settle) // a delivery may be faster than the commit that it reports
	read, err := s.tickets.readAll(ctx, newer)
	if err != nil {
		return 0, err
	}
	now := make(map[neo.TicketRef]*neo.Ticket, len(read))
	for i := range read {
		now[read[i].TicketRef] = &read[i]
	}
	var pasts []*past
	var wanted []notesWanted
	for _, l := range leads {
		p, err := s.pastOf(ctx, l.changed, l.known)
		if err != nil {
			return 0, err
		}
		p.now, p.readAt = now[l.ref], readAt
		if p.now != nil && p.now.UpdatedAt.After(s.settled) { // it has just changed again
			p.now, p.young = nil, s.now()
		}
		most := l.version // what is known beyond, the instance does not have: it was restored, or never had it
		if p.now != nil {
			most = max(most, p.now.Version)
		}
		p.findGaps(s.watch.Since, s.now().Add(-s.Settle), most)
		pasts = append(pasts, p)
		if from := p.since(); !from.IsZero() {
			wanted = append(wanted, notesWanted{p.ref.RemoteID, from})
		}
	}
	notes, err := s.tickets.notes(ctx, wanted)
	if err != nil {
		return 0, err
	}
	var events []neo.Event
	for _, p := range pasts {
		p.giveNotes(notes[p.ref.RemoteID], s.settled, s.now())
		for _, g := range p.gaps {
			some, err := s.apart(ctx, p.eventOf(s.in, g, s.watch.Since), g)
			if err != nil {
				return 0, err
			}
			events = append(events, some...)
		}
	}
	if err := s.authors.judge(ctx, s.tickets, s.now(), events); err != nil {
		return 0, err
	}
	if found, err = s.submit(ctx, events); err != nil {
		return found, err
	}
	for _, p := range pasts {
		if p.young.IsZero() {
			s.finish(p.ref)
			continue
		}
		due := p.young.Add(s.Settle)
		if err := s.putBy(p.changed, "", due); err != nil {
			return found, err
		}
		s.sweepSoon(s.in.ID, due)
	}
	return found, nil
}

// pending returns the tickets that were put by, whose time has come, and that were not
// seen to meanwhile.
func (s *sweeping) pending() (due []changed) {
	for _, p := range s.watch.Sweep.Pending {
		if !s.done[p.Ticket] && !p.DueAt.After(s.now()) {
			due = append(due, changed{ref: p.Ticket, version: p.Version, at: p.ChangedAt, created: p.CreatedAt})
		}
	}
	return due
}

// putBy notes that a ticket has to be looked at again: what was seen of it is not all.
func (s *sweeping) putBy(c changed, why string, due time.Time) error {
	pending := &s.watch.Sweep.Pending
	i := slices.IndexFunc(*pending, func(p neo.PendingTicket) bool { return p.Ticket == c.ref })
	if i < 0 {
		if len(*pending) >= mostPending {
			return neo.Errorf(neo.CodeUnavailable, "Too many changed tickets cannot be read: %s", why)
		}
		i = len(*pending)
		*pending = append(*pending, neo.PendingTicket{Ticket: c.ref})
	}
	p := &(*pending)[i]
	p.Version, p.ChangedAt, p.CreatedAt, p.Error, p.DueAt = max(p.Version, c.version), c.at, c.created, why, due
	if why != "" {
		p.DueAt = s.now().Add(min(pendingFirst<<min(p.Failures, 10), pendingLongest))
		p.Failures++
	}
	s.done[c.ref] = true
	return nil
}

// finish notes that a ticket was seen to.
func (s *sweeping) finish(ref neo.TicketRef) {
	s.done[ref] = true
	s.watch.Sweep.Pending = slices.DeleteFunc(s.watch.Sweep.Pending, func(p neo.PendingTicket) bool { return p.Ticket == ref })
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
