package servicenow

import (
	"context"
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/neoagent/neo"
)

// HasEntry reports whether anybody's note with that text is in that journal of the
// ticket, written since then by the instance's clock; zero is at any time. Where the
// account may not read sys_journal_field, the journal's text on the record is asked.
func (s *Tickets) HasEntry(ctx context.Context, ref neo.TicketRef, journal neo.Journal, text string, since time.Time) (bool, error) {
	if err := s.check(ref); err != nil {
		return false, err
	}
	element, known := elements[journal]
	if !known {
		return false, fmt.Errorf("servicenow: journal %q", journal)
	}
	query := "element_id=" + ref.RemoteID + "^element=" + element
	if !since.IsZero() {
		query += "^sys_created_on>=" + since.Add(-clockMargin).UTC().Format(timeLayout)
	}
	found := false
	err := s.client.Each(ctx, "sys_journal_field", ListOptions{
		Query: query + "^ORDERBYDESCsys_created_on", Fields: noteFields, Limit: notesPage,
	}, func(page Page) (more bool, err error) {
		found = slices.ContainsFunc(page.Records, func(r Record) bool {
			return r["element_id"].Value == ref.RemoteID && r["element"].Value == element && sameEntry(r["value"].Value, text)
		})
		return !found, nil
	})
	if _, later := neo.Retryable(err); later || found {
		return found, err
	}
	r, err := s.client.Get(ctx, string(ref.Class), ref.RemoteID, []string{"sys_id", element}, true)
	if err != nil {
		return false, err
	}
	shown := r[element].String()
	heads := entryHead.FindAllStringIndex(shown, -1)
	for i, h := range heads {
		end := len(shown)
		if i+1 < len(heads) {
			end = heads[i+1][0]
		}
		if sameEntry(shown[h[1]:end], text) {
			return true, nil
		}
	}
	return false, nil
}

// sameEntry reports whether a note that was delivered is one that was read: the same
// text, whatever its markup.
func sameEntry(read, delivered string) bool {
	return sameNote(read, delivered) || neo.SameText(plainEntry(read), plainEntry(delivered))
}

var markup = regexp.MustCompile(`(?i)\[/?code\]|</?[a-z][^<>]*>`)

func plainEntry(s string) string {
	return strings.Join(strings.Fields(html.UnescapeString(markup.ReplaceAllString(s, " "))), " ")
}
