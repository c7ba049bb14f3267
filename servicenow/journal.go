package servicenow

import (
	"context"
	"strings"

	"github.com/neoagent/neo"
)

// sameNote reports whether two texts are one note: the script cuts long ones, and
// white space at the end goes.
func sameNote(a, b string) bool {
	a, b = strings.TrimSpace(strings.ReplaceAll(a, "\r\n", "\n")), strings.TrimSpace(strings.ReplaceAll(b, "\r\n", "\n"))
	return a == b || len(a) >= 8000 && strings.HasPrefix(b, a) || len(b) >= 8000 && strings.HasPrefix(a, b)
}

// hasJournalEntry reports whether an entry of the journal element ("work_notes" or
// "comments") of a record contains marker.
//
// Entries are rows of sys_journal_field, which not every account may read: access
// rules then leave no rows and no error. So when none is found, the record itself
// is asked for the journal's text. A "no" from here makes Neo write again; it must be
// right.
func (c *Client) hasJournalEntry(ctx context.Context, table, id, element, marker string) (bool, error) {
	var query []string
	for _, t := range [][3]string{{"element_id", opIs, id}, {"element", opIs, element}, {"value", opContains, marker}} {
		s, err := term(t[0], t[1], t[2])
		if err != nil {
			return false, err
		}
		query = append(query, s)
	}
	page, err := c.List(ctx, "sys_journal_field", ListOptions{
		Query:  strings.Join(query, "^"),
		Fields: []string{"element_id", "element", "value"},
		Limit:  20,
	})
	if _, later := neo.Retryable(err); later {
		return false, err
	}
	for _, r := range page.Records {
		if r["element_id"].Value == id && r["element"].Value == element && strings.Contains(r["value"].Value, marker) {
			return true, nil
		}
	}
	r, err := c.Get(ctx, table, id, []string{"sys_id", element}, true)
	if err != nil {
		return false, err
	}
	return strings.Contains(r[element].String(), marker), nil
}
