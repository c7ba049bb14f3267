package servicenow

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/neoagent/neo"
)

// elements are the fields of a ticket that hold its journals.
var elements = map[neo.Journal]string{neo.WorkNotes: "work_notes", neo.ClientNotes: "comments"}

const (
	// mostOfNote is how many characters of a note an instance keeps.
	mostOfNote = 8000
	// clockMargin is how far the clocks of an instance's nodes may be apart: a note is
	// stamped by one of them, and the time of an answer is from another.
	clockMargin = time.Minute
	// notesPage is how many entries one question for notes asks for; of 8,000
	// characters each, they stay below 10 MiB.
	notesPage = 200
)

// sameNote reports whether two texts are one note, as people see them: the script cuts
// long ones, and white space around it goes.
func sameNote(a, b string) bool {
	if neo.SameText(a, b) || neo.SameText(strings.TrimSpace(a), strings.TrimSpace(b)) {
		return true
	}
	a, b = JournalText(a), JournalText(b)
	return neo.SameText(a, b) || goesOn(a, b) || goesOn(b, a)
}

// goesOn reports whether a text that was cut goes on as whole.
func goesOn(cut, whole string) bool {
	const enough = 400 // that two notes begin with by chance
	begins, ok := strings.CutSuffix(cut, wasCut)
	return ok && len(begins) >= enough && strings.HasPrefix(whole, begins)
}

// fitting returns text as it fits into limit characters with Neo's mark, if it has one:
// an instance cuts the end, where the mark is, so what is before its line is cut first.
func fitting(text string, limit int) string {
	at := ownNote.FindStringIndex(text)
	if utf8.RuneCountInString(text) <= limit || at == nil {
		return text
	}
	line := strings.LastIndexByte(text[:at[0]], '\n') + 1
	head, tail := []rune(text[:line]), "…\n"+text[line:]
	keep := limit - utf8.RuneCountInString(tail)
	if keep < 0 || keep > len(head) {
		return text
	}
	return string(head[:keep]) + tail
}

// holdsText reports whether a note, as the instance shows it, holds text. White space
// of any kind and length is the same; a note that was cut holds what it began with.
func holdsText(note, text string) bool {
	n, t := strings.Join(strings.Fields(JournalText(note)), " "), strings.Join(strings.Fields(JournalText(text)), " ")
	if strings.Contains(n, t) {
		return true
	}
	return utf8.RuneCountInString(note) >= mostOfNote && n != "" && strings.HasPrefix(t, n)
}

// HasNote reports whether a note that holds text, and that Neo's account wrote since
// then, is in that journal of the ticket. since is by Neo's clock; zero is at any
// time. A mark of Neo's own in text counts whoever wrote it and when: there is no
// other note with it.
//
// Entries are rows of sys_journal_field, which not every account may read: access
// rules then leave no rows and no error. So when none is found, the record itself
// is asked for the journal's text. A "no" from here makes Neo write again; it must be
// right. neo.CodeRefused means that it cannot be found out.
func (s *Tickets) HasNote(ctx context.Context, ref neo.TicketRef, journal neo.Journal, text string, since time.Time) (bool, error) {
	if err := s.check(ref); err != nil {
		return false, err
	}
	element, known := elements[journal]
	if !known || strings.TrimSpace(text) == "" {
		return false, fmt.Errorf("servicenow: note %q in journal %q", oneLine(text, 80), journal)
	}
	wanted := wantedNote{element: element, text: text, since: since, marked: ownNote.MatchString(text)}
	found, certain, err := s.hasEntry(ctx, ref, wanted)
	if _, later := neo.Retryable(err); later {
		return false, err
	}
	if found || certain {
		return found, nil
	}
	return s.showsNote(ctx, ref, wanted)
}

// wantedNote is the note that HasNote looks for.
type wantedNote struct {
	element, text string
	since         time.Time
	marked        bool // the text is of one step of one run
}

// hasEntry looks for the note among the journal's entries, newest first. It is certain
// that there is none when every entry could be read, and there was one.
func (s *Tickets) hasEntry(ctx context.Context, ref neo.TicketRef, w wantedNote) (found, certain bool, err error) {
	seen, read, full := 0, 0, true
	query := "element_id=" + ref.RemoteID + "^element=" + w.element
	if mark := ownNote.FindString(w.text); mark != "" { // the instance can look for it
		query += "^value" + opContains + mark
	}
	err = s.client.Each(ctx, "sys_journal_field", ListOptions{
		Query: query + "^ORDERBYDESCsys_created_on", Fields: noteFields, Limit: notesPage,
	}, func(page Page) (more bool, err error) {
		after, old := s.after(w.since), 0 // by the clock of this answer
		for _, r := range page.Records {
			if r["element_id"].Value != ref.RemoteID || r["element"].Value != w.element {
				continue
			}
			seen++
			at, err := time.Parse(timeLayout, r["sys_created_on"].Value)
			if err == nil && at.Before(after) && !w.marked {
				old++
				continue
			}
			if holdsText(r["value"].Value, w.text) && (w.marked || s.wrote(r["sys_created_by"].Value)) {
				found = true
				return false, nil
			}
		}
		read += len(page.Records)
		full = full && len(page.Records) == notesPage
		certain = seen > 0 && (seen == page.Total || full && seen == read)
		return old == 0 || old < len(page.Records), nil
	})
	return found, err == nil && (found || certain), err
}

// after turns a time by Neo's clock into the earliest one at which the instance may
// have stamped what was written since then.
func (s *Tickets) after(since time.Time) time.Time {
	if since.IsZero() {
		return since
	}
	return since.Add(time.Duration(s.client.ahead.Load()) - clockMargin)
}

// wrote reports whether a user name or name shown is Neo's account; also when it is
// not known which account that is.
func (s *Tickets) wrote(author string) bool {
	return s.account.UserName == "" || strings.EqualFold(author, s.account.UserName) || author != "" && author == s.account.Name
}

// entryHead begins each entry in the text of a journal: when, who, and in brackets the
// journal's name in the reader's language.
var entryHead = regexp.MustCompile(`(?m)^(\d[^\n]{7,30}?) - ([^\n]+) \([^()\n]+\)\r?$`)

// showsNote looks for the note in the journal's text on the record. Its times are in
// the account's own zone and format; the record's time of update, which comes stored
// and shown, tells the zone.
func (s *Tickets) showsNote(ctx context.Context, ref neo.TicketRef, w wantedNote) (bool, error) {
	r, err := s.client.Get(ctx, string(ref.Class), ref.RemoteID, []string{"sys_id", "sys_updated_on", w.element}, true)
	if err != nil {
		return false, err
	}
	text := r[w.element].String()
	if w.marked {
		return holdsText(text, w.text), nil
	}
	if !holdsText(text, w.text) && utf8.RuneCountInString(text) < mostOfNote {
		return false, nil
	}
	heads := entryHead.FindAllStringSubmatchIndex(text, -1)
	unclear := len(heads) == 0 && holdsText(text, w.text)
	for i, h := range heads {
		end := len(text)
		if i+1 < len(heads) {
			end = heads[i+1][0]
		}
		if !holdsText(strings.TrimSpace(text[h[1]:end]), w.text) || !s.wrote(text[h[4]:h[5]]) {
			continue
		}
		at, err := shownTime(text[h[2]:h[3]], r["sys_updated_on"])
		switch {
		case w.since.IsZero():
			return true, nil
		case err != nil:
			unclear = true
		case !at.Before(s.after(w.since)):
			return true, nil
		}
	}
	if unclear {
		return false, &neo.Error{Code: neo.CodeRefused, Cause: fmt.Errorf("%s/%s: %s by %s is there, of unknown time", ref.Class, ref.RemoteID, w.element, s.account.UserName),
			Message: "It is not known whether a note was written whose answer was lost, so Neo does not write it again. Look at the ticket's notes in ServiceNow. " +
				"Neo could tell if its account had the role itil, which may read the table sys_journal_field."}
	}
	return false, nil
}

// shownTime reads a time that is shown in the zone in which sample is.
func shownTime(shown string, sample neo.Value) (time.Time, error) {
	stored, err := time.Parse(timeLayout, sample.Value)
	if err != nil {
		return time.Time{}, err
	}
	there, err := time.Parse(timeLayout, sample.String())
	if err != nil {
		return time.Time{}, err
	}
	at, err := time.Parse(timeLayout, shown)
	if err != nil {
		return time.Time{}, err
	}
	return at.Add(stored.Sub(there)), nil
}
