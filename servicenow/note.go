package servicenow

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/neoagent/neo"
)

const (
	// notesLength bounds a question for notes, in bytes of its address: an instance takes
	// 8192 in all. An id is 35 of them, with its comma.
	notesLength = 6000
	// notePart is what a part of such a question takes beside its ids.
	notePart = 150
)

// noteFields are what Neo reads of an entry of a journal.
var noteFields = []string{"sys_id", "element_id", "element", "value", "sys_created_on", "sys_created_by"}

// note is a journal entry with the time at which it was written.
type note struct {
	neo.JournalEntry
	at time.Time
}

// ownNote is in every work note that Neo writes; see flow.
var ownNote = regexp.MustCompile(`neo-[0-9a-f]{12}-\d+`)

// notesWanted are the notes of one ticket since a time.
type notesWanted struct {
	id    string
	since time.Time
}

// notes returns all notes that were written on tickets, each since its own time, by the
// id of the ticket and oldest first. Many tickets share a question. An account that may
// not read the journal gets none.
func (s *Tickets) notes(ctx context.Context, wanted []notesWanted) (map[string][]note, error) {
	since := make(map[string]time.Time, len(wanted))
	for _, w := range wanted {
		since[w.id] = w.since.Truncate(time.Second)
	}
	notes := map[string][]note{}
	for _, query := range noteQueries(wanted) {
		page, err := s.client.All(ctx, "sys_journal_field", ListOptions{Query: query, Fields: noteFields, Limit: rowsPage})
		if neo.CodeOf(err) == neo.CodeRefused {
			return map[string][]note{}, nil
		}
		if err != nil {
			return nil, err
		}
		for _, r := range page.Records {
			at, err := time.Parse(timeLayout, r["sys_created_on"].Value)
			id, element := r["element_id"].Value, r["element"].Value
			from, asked := since[id]
			if err != nil || !asked || at.Before(from) || element != "work_notes" && element != "comments" {
				continue // an instance that dropped a term answers with everything
			}
			notes[id] = append(notes[id], note{at: at, JournalEntry: neo.JournalEntry{
				ID: r["sys_id"].Value, Element: element, Text: JournalText(r["value"].Value), Author: r["sys_created_by"].Value,
			}})
		}
	}
	return notes, nil
}

// noteQueries returns the encoded queries that ask for notes: as few as the length of an
// address allows. Each has parts, of tickets whose times are near each other: one that is
// old does not pull in what is known of the others. Counted from the youngest, the oldest
// of a part is at most twice as old as its first, so that there are few parts.
func noteQueries(wanted []notesWanted) (queries []string) {
	wanted = slices.SortedFunc(slices.Values(wanted), func(a, b notesWanted) int {
		return cmp.Or(b.since.Compare(a.since), strings.Compare(a.id, b.id))
	})
	var parts []string
	length := 0
	for i := 0; i < len(wanted); {
		age := func(w notesWanted) time.Duration { return max(time.Hour, wanted[0].since.Sub(w.since)) }
		first, ids := wanted[i], []string(nil)
		length += notePart
		for ; i < len(wanted) && length < notesLength && age(wanted[i]) <= 2*age(first); i++ {
			ids = append(ids, wanted[i].id)
			length += len(wanted[i].id) + len("%2C")
		}
		parts = append(parts, "element_idIN"+strings.Join(ids, ",")+"^elementINwork_notes,comments^sys_created_on>="+wanted[i-1].since.UTC().Format(timeLayout))
		if length+notePart >= notesLength || i == len(wanted) {
			queries = append(queries, strings.Join(parts, "^NQ")+"^ORDERBYsys_created_on")
			parts, length = nil, 0
		}
	}
	return queries
}

// stampsApart is how far the stamps of a version and of the note that it wrote may be
// apart, in whole seconds: one transaction takes both.
const stampsApart = 2 * time.Second

// reported is an entry of an event, with the time in which it was written.
type reported struct {
	*neo.JournalEntry
	from, to time.Time
	used     bool
}

// unreported returns the notes that no event has. An entry that was read from the
// journal is known by its id. A delivered one has none: it is the note of the same
// text that was written when the version was; two notes with one text are two entries, of
// which each stands for one.
func unreported(notes []note, events []neo.Event) []note {
	var known []*reported
	byID := map[string]bool{}
	for i := range events {
		e := &events[i]
		from := e.ChangedAt
		if e.Source != neo.SourceWebhook {
			from = e.PreviousAt // one event for several versions
		}
		for j := range e.Journal {
			if id := e.Journal[j].ID; id != "" {
				byID[id] = true
				continue
			}
			known = append(known, &reported{JournalEntry: &e.Journal[j], from: from, to: e.ChangedAt})
		}
	}
	left := slices.DeleteFunc(slices.Clone(notes), func(n note) bool { return n.ID != "" && byID[n.ID] })
	// The surest first, so that a note in doubt does not take the entry of one that is not.
	for _, alike := range []func(n note, k *reported) bool{
		func(n note, k *reported) bool {
			return apartFrom(n, k) == 0 && strings.EqualFold(n.Author, k.Author) && sameNote(n.Text, k.Text)
		},
		func(n note, k *reported) bool { return apartFrom(n, k) == 0 && sameNote(n.Text, k.Text) },
		func(n note, k *reported) bool { return apartFrom(n, k) <= stampsApart && sameNote(n.Text, k.Text) },
		func(n note, k *reported) bool { // its text was delivered in another form
			return apartFrom(n, k) == 0 && k.from.Equal(k.to) && strings.EqualFold(n.Author, k.Author)
		},
	} {
		left = slices.DeleteFunc(left, func(n note) bool {
			at := slices.IndexFunc(known, func(k *reported) bool { return !k.used && k.Element == n.Element && alike(n, k) })
			if at >= 0 {
				known[at].used = true
			}
			return at >= 0
		})
	}
	return left
}

// apartFrom is how far the note's stamp is from the time of the entry.
func apartFrom(n note, k *reported) time.Duration {
	return max(k.from.Sub(n.at), n.at.Sub(k.to), 0)
}
