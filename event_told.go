package neo

import (
	"slices"
	"strings"
	"time"
)

// noteApart is how far the stamp of an update and that of the note it wrote may be apart.
const noteApart = 2 * time.Second

// Untold returns the event without what another one of its ticket has told already. The
// sweep makes one event of all the versions that were not delivered between two that it
// knows; a delivery of one of these that comes after all finds its notes and changes in
// there. Likewise what the sweep finds may have been delivered since it looked.
// others are the ticket's other events that are confirmed, in the order of their
// versions.
//
// A note stands for one: two notes of the same text are two. What was told moves from
// Journal to Told, where it counts for the next that looks.
// less reports whether something was told; the event keeps its state, Fields.
func (e *Event) Untold(others []Event) (news Event, less bool) {
	news = *e
	tellers := e.tellers(others)
	if len(tellers) == 0 {
		return news, false
	}
	var known []*toldNote
	for _, t := range tellers {
		for i := range t.Journal {
			known = append(known, &toldNote{JournalEntry: &t.Journal[i]})
		}
	}
	for i := range others {
		for j := range others[i].Told {
			claim(known, &others[i].Told[j])
		}
	}
	news.Journal, news.Told = nil, slices.Clone(e.Told)
	for _, j := range e.Journal {
		if k := claim(known, &j); k != nil {
			if j.ID == "" {
				j.ID = k.ID
			}
			news.Told = append(news.Told, j)
		} else {
			news.Journal = append(news.Journal, j)
		}
	}
	covering := slices.DeleteFunc(slices.Clone(tellers), func(t *Event) bool { return t.Version < e.Version && (t.Source == SourceSweep || t.Version < e.First) })
	news.Changes = nil
	for _, c := range e.Changes {
		if !slices.ContainsFunc(covering, func(t *Event) bool { return t.made(&c) }) {
			news.Changes = append(news.Changes, c)
		}
	}
	if e.Type == EntityCreated && slices.ContainsFunc(covering, func(t *Event) bool { return t.Type == EntityCreated }) {
		news.Type = EntityUpdated
	}
	return news, len(news.Journal) < len(e.Journal) || len(news.Changes) < len(e.Changes) || news.Type != e.Type
}

// Empty reports whether the event says nothing but that there was an update.
func (e *Event) Empty() bool {
	return e.Type != EntityCreated && len(e.Changes) == 0 && len(e.Journal) == 0
}

// tellers are those of the others that may have told what the event tells, the likeliest
// first.
func (e *Event) tellers(others []Event) (tellers []*Event) {
	if e.ChangedAt.IsZero() {
		return nil // nobody can say what it belongs to
	}
	for i := range others {
		if s := &others[i]; s.Source == SourceSweep && s.Version >= e.Version && s.spans(e, 0) && s.standsFor(e, others) {
			tellers = append(tellers, s)
		}
	}
	if len(tellers) > 0 { // a note in doubt may have been given to another gap nearby
		for _, apart := range []time.Duration{0, noteApart} {
			for i := range others {
				if s := &others[i]; s.Source == SourceSweep && s.spans(e, apart) && !slices.Contains(tellers, s) {
					tellers = append(tellers, s)
				}
			}
		}
	}
	if e.Source != SourceSweep {
		return tellers
	}
	for i := range others { // what was delivered since the sweep looked
		if w := &others[i]; w.Source == SourceWebhook && e.spans(w, noteApart) &&
			slices.ContainsFunc(e.Missing, func(m [2]int64) bool { return m[0] <= w.Version && w.Version <= m[1] }) {
			tellers = append(tellers, w)
		}
	}
	return tellers
}

// spans reports whether other was made in the time that the event stands for. An event
// that tells of a new ticket stands for all the time before.
func (e *Event) spans(other *Event, apart time.Duration) bool {
	from := e.PreviousAt
	if from.IsZero() && e.Type != EntityCreated {
		from = e.ChangedAt
	}
	return !other.ChangedAt.Before(from.Add(-apart)) && !other.ChangedAt.After(e.ChangedAt.Add(apart))
}

// standsFor reports whether the version of other is among those that the event, which the
// sweep found, stands for. One that does not say its first stands for none that were known
// before it.
func (e *Event) standsFor(other *Event, others []Event) bool {
	if e.First != 0 {
		return e.First <= other.Version
	}
	return e.Version == other.Version || !slices.ContainsFunc(others, func(b Event) bool {
		return b.Source != SourceSweep && b.Version >= other.Version && b.Version < e.Version && !b.ChangedAt.After(e.PreviousAt) && b.ReceivedAt.Before(e.ReceivedAt)
	})
}

// toldNote is a note of an event, and whether another event's stands for it.
type toldNote struct {
	*JournalEntry
	claimed bool
}

// claim finds the note that j is and that is not claimed yet, and claims it. One whose
// author is known to be the same goes before one that does not say.
func claim(known []*toldNote, j *JournalEntry) *toldNote {
	for _, sure := range []bool{true, false} {
		for _, k := range known {
			if !k.claimed && k.Element == j.Element && (k.ID == "" || j.ID == "" || k.ID == j.ID) &&
				(strings.EqualFold(k.Author, j.Author) || !sure && (k.Author == "" || j.Author == "")) &&
				SameText(strings.TrimSpace(k.Text), strings.TrimSpace(j.Text)) {
				k.claimed = true
				return k
			}
		}
	}
	return nil
}
