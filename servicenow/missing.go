package servicenow

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/neoagent/neo"
)

const (
	// gapsLookedAt is how many of a ticket's newest versions are searched for gaps;
	// gapsFarBack when there are more versions, and one of them is missing.
	gapsLookedAt = 50
	gapsFarBack  = 500
)

// past is what Neo knows of a ticket that versions are missing of.
type past struct {
	changed
	known []neo.Event // oldest version first
	whole bool        // there are none before them
	now   *neo.Ticket // as the instance has it, when that may be news
	// readAt: what came to Neo after it may be newer than now.
	readAt time.Time
	gaps   []*gap
	young  time.Time // by Neo's clock, since when a gap is there that may still close
}

// gap is a run of versions that were never delivered. After it comes a delivery, or the
// ticket as it is now.
type gap struct {
	first, last int64      // versions
	before      *neo.Event // nil: the ticket's beginning, or what was before the connection
	after       *neo.Event // nil: the last version is what the ticket is now
	// Notes that were written from then, to then belong to it, if no event has them.
	// fromLater: not those of the very second from, which are of the version before.
	from, to  time.Time
	fromLater bool
	// quiet: it is from before the connection, and its notes are no news.
	quiet bool
	notes []note
}

// findGaps works out which versions are missing, up to a gap that is too young. since is
// when the connection began; deliveries that came before settled, by Neo's clock, are no
// longer followed by older ones. Between versions beyond most, nothing is missing.
func (p *past) findGaps(since, settled time.Time, most int64) {
	for i := range p.known {
		if p.known[i].Version > most {
			break
		}
		after, g := &p.known[i], &gap{}
		if g.after = after; i > 0 {
			g.before = &p.known[i-1]
			g.first = g.before.Version + 1
		} else if !p.whole || created(after.Fields).Before(since) {
			continue // Neo was not there
		}
		if g.last = after.Version - 1; g.last < g.first || after.Source != neo.SourceWebhook || len(after.Fields) == 0 {
			continue // none is missing, or what is known has them in it
		}
		if after.ReceivedAt.After(settled) { // it may still come, and until then nobody knows whose the notes are
			p.young = after.ReceivedAt
			p.notBeyond(g)
			return
		}
		if g.to = after.PreviousAt; g.to.IsZero() {
			g.to = after.ChangedAt
		}
		g.begin(created(after.Fields))
		p.gaps = append(p.gaps, g)
	}
	if p.now == nil {
		if n := len(p.known); n > 0 && !p.young.IsZero() { // it has just changed
			p.notBeyond(&gap{before: &p.known[n-1]})
		}
		return
	}
	g := &gap{last: p.now.Version, to: p.now.UpdatedAt}
	if before, ok := stateBefore(p.known, p.now); ok {
		if before.Version > p.now.Version && !before.ReceivedAt.Before(p.readAt) {
			p.young = before.ReceivedAt // it was delivered meanwhile
			p.notBeyond(&gap{before: before})
			return
		}
		g.before, g.first = before, min(before.Version+1, g.last)
		g.begin(time.Time{})
	} else if at := created(p.now.Fields); at.Before(since) {
		g.first, g.from, g.quiet = g.last, since, g.to.Before(since)
	} else {
		g.begin(at)
	}
	p.gaps = append(p.gaps, g)
}

// notBeyond leaves gaps that end in the second in which young begins for the next sweep
// too: whose a note of that second is, is not known until young is closed.
func (p *past) notBeyond(young *gap) {
	if young.before == nil {
		return
	}
	p.gaps = slices.DeleteFunc(p.gaps, func(g *gap) bool { return !g.to.Add(stampsApart).Before(young.before.ChangedAt) })
}

func (g *gap) begin(created time.Time) {
	if g.before == nil {
		g.from = created
		return
	}
	g.from = g.before.ChangedAt
	// A backfill does not say which notes there were, nor does a delivery of another script.
	g.fromLater = g.before.Source == neo.SourceBackfill || len(g.before.Fields) == 0
}

// since is from when the notes of the ticket are wanted; zero when none are.
func (p *past) since() (from time.Time) {
	for _, g := range p.gaps {
		if at := g.from.Add(-stampsApart); !g.quiet && (from.IsZero() || at.Before(from)) {
			from = at
		}
	}
	return from
}

// away is how far from the gap's time a note was written; beyond stampsApart it does
// not belong to it.
func (g *gap) away(at time.Time) time.Duration {
	if g.quiet || g.fromLater && !at.After(g.from) {
		return stampsApart + 1
	}
	return max(g.from.Sub(at), at.Sub(g.to), 0)
}

// giveNotes gives each of the ticket's notes that no event has to one gap: the first in
// whose time it was written. One from the end of a gap on that is not older than settled,
// by the instance's clock, may be of a version that was not there when the ticket was
// read, or whose delivery is on its way: the gap, and those after it, are then left for
// later. Stamps are whole seconds.
func (p *past) giveNotes(notes []note, settled, now time.Time) {
	doubtful := len(p.gaps)
	for _, n := range unreported(notes, p.known) {
		var to *gap
		at := 0
		nearest := stampsApart + 1
		for i, g := range p.gaps {
			if away := g.away(n.at); away < nearest {
				to, at, nearest = g, i, away
			}
		}
		if to == nil {
			continue
		}
		to.notes = append(to.notes, n)
		if !n.at.Before(to.to) && n.at.Add(time.Second).After(settled) {
			doubtful = min(doubtful, at)
		}
	}
	if doubtful < len(p.gaps) {
		p.gaps, p.young = p.gaps[:doubtful], now
	}
}

// eventOf returns the event for a gap: several versions lost in a row become one, since what
// each of them did cannot be told apart. A delivery after the gap knows its own changes;
// undone, they give the state before it, which is compared with the state before the gap.
func (p *past) eventOf(in neo.Integration, g *gap, since time.Time) neo.Event {
	var e neo.Event
	if g.after == nil {
		e = event(in, *p.now, neo.SourceSweep)
		e.ReadAt = p.readAt
	} else {
		after := *g.after
		fields := maps.Clone(after.Fields)
		for _, c := range after.Changes {
			fields[c.Field] = c.From
		}
		for _, name := range bookkeeping {
			delete(fields, name)
		}
		e = neo.Event{
			TenantID: in.TenantID, Ticket: p.ref, Number: after.Number, Version: g.last, Type: neo.EntityUpdated, Source: neo.SourceSweep,
			ChangedBy: after.PreviousBy, ChangedAt: g.to, EventData: neo.EventData{Fields: fields},
		}
		if e.ChangedBy == "" && g.first == g.last && len(g.notes) > 0 {
			e.ChangedBy = g.notes[0].Author // whoever wrote the note made the version
		}
	}
	if e.First = g.first; g.first == g.last {
		e.First = 0
	}
	for _, other := range p.gaps {
		e.Missing = append(e.Missing, [2]int64{other.first, other.last})
	}
	switch {
	case g.before != nil:
		e.Changes, e.PreviousAt = difference(g.before.Fields, e.Fields), g.before.ChangedAt
	case g.quiet:
		e.Source = neo.SourceBackfill // the overlap reaches back to before the connection
	case !created(e.Fields).Before(since):
		e.Type = neo.EntityCreated // it is newer than the connection, and nobody has heard of it
	}
	for _, n := range g.notes {
		e.Journal = append(e.Journal, n.JournalEntry)
	}
	return e
}

// apart takes out of the event of a gap what Neo itself did: the versions that its writes
// made become events of their own, which start no more than Neo's own changes do, and
// what others did keeps a version of its own, so that it is not taken for Neo's.
func (s *sweeping) apart(ctx context.Context, e neo.Event, g *gap) ([]neo.Event, error) {
	account := s.in.Identity.UserName
	if account == "" || g.first == g.last || e.Source == neo.SourceBackfill {
		return []neo.Event{e}, nil
	}
	own, err := s.Store.OwnVersionsFrom(ctx, e.Ticket, g.first, g.last)
	if err != nil {
		return nil, err
	}
	var mine, theirs []note
	for _, n := range g.notes {
		if strings.EqualFold(n.Author, account) {
			mine = append(mine, n)
		} else {
			theirs = append(theirs, n)
		}
	}
	if len(own) == 0 {
		if !strings.EqualFold(e.ChangedBy, account) { // Neo's note is no news of the others'
			e.Journal = slices.DeleteFunc(e.Journal, func(j neo.JournalEntry) bool {
				return strings.EqualFold(j.Author, account) && ownNote.MatchString(j.Text)
			})
		}
		return []neo.Event{e}, nil
	}
	others := e
	for others.Version = g.last; slices.Contains(own, others.Version); others.Version-- {
	}
	alone := others.Version < g.first // all of it was Neo's
	if alone {
		mine, theirs = g.notes, nil
	}
	written, err := s.Store.PastSteps(ctx, e.Ticket, g.from.Add(-time.Duration(s.tickets.client.ahead.Load())-clockMargin))
	if err != nil {
		return nil, err
	}
	others.Changes, others.Journal = nil, nil
	var changes []neo.FieldChange
	for _, c := range e.Changes {
		if alone || slices.ContainsFunc(written, func(f neo.PastStep) bool { v, ok := f.Fields[c.Field]; return ok && v == c.To.Value }) {
			changes = append(changes, c)
		} else {
			others.Changes = append(others.Changes, c)
		}
	}
	for _, n := range theirs {
		others.Journal = append(others.Journal, n.JournalEntry)
	}
	if others.Version != g.last {
		others.ReadAt = time.Time{}
		others.ChangedBy, others.Fields = "", maps.Clone(e.Fields)
		for _, name := range bookkeeping {
			delete(others.Fields, name)
		}
		if len(theirs) > 0 {
			others.ChangedAt = theirs[len(theirs)-1].at
			if int(g.last-g.first)+1-len(own) == 1 {
				others.ChangedBy = theirs[0].Author
			}
		}
	}
	var events []neo.Event
	if !alone && (others.Version == g.last || len(others.Changes)+len(others.Journal) > 0 || others.Type == neo.EntityCreated) {
		events = append(events, others)
	}
	byVersion := shared(mine, len(own))
	for i, version := range own {
		o := e
		o.Version, o.Type, o.ChangedBy, o.Changes, o.Journal = version, neo.EntityUpdated, account, nil, nil
		if version != g.last {
			o.ReadAt = time.Time{}
			o.Fields = maps.Clone(e.Fields)
			for _, name := range bookkeeping {
				delete(o.Fields, name)
			}
		}
		for _, n := range byVersion[i] {
			o.Journal, o.ChangedAt = append(o.Journal, n.JournalEntry), n.at
		}
		if i == len(own)-1 {
			o.Changes = changes
		}
		events = append(events, o)
	}
	return events, nil
}

// shared shares notes out to the versions that wrote them, in order: those of one second
// are of one version as long as there are versions left.
func shared(notes []note, versions int) [][]note {
	parts := make([][]note, versions)
	at := -1
	for i, n := range notes {
		if i == 0 || n.at.After(notes[i-1].at) {
			at = min(at+1, versions-1)
		}
		parts[at] = append(parts[at], n)
	}
	return parts
}

// created is when a ticket was created, by its fields.
func created(fields map[string]neo.Value) time.Time {
	at, _ := time.Parse(timeLayout, fields["sys_created_on"].Value)
	return at
}

// event returns the event for the state of a ticket that was read.
func event(in neo.Integration, t neo.Ticket, source neo.EventSource) neo.Event {
	return neo.Event{
		TenantID: in.TenantID, Ticket: t.TicketRef, Number: t.Number, Version: t.Version, Type: neo.EntityUpdated, Source: source,
		ChangedBy: t.Fields["sys_updated_by"].Value, ChangedAt: t.UpdatedAt, EventData: neo.EventData{Fields: t.Fields},
	}
}

// pastOf reads what Neo knows of a ticket.
func (w *Watcher) pastOf(ctx context.Context, c changed, v neo.Versions) (*past, error) {
	p := &past{changed: c}
	for _, limit := range []int{gapsLookedAt, gapsFarBack} {
		known, err := w.Store.NewestEvents(ctx, c.ref, limit)
		if err != nil {
			return nil, err
		}
		p.known, p.whole = known, len(known) < limit
		if p.whole || !v.Gap() {
			break
		}
	}
	slices.SortStableFunc(p.known, func(a, b neo.Event) int {
		return cmp.Or(cmp.Compare(a.Version, b.Version), cmp.Compare(a.Revision, b.Revision))
	})
	return p, nil
}
