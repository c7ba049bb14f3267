package simulator

import (
	"strings"
)

// JournalEntry is one work note or comment.
type JournalEntry struct {
	SysID   string
	Element string // work_notes or comments
	Value   string
	By      string // user_name
	At      string // UTC
}

// entries are a record's journal entries, oldest first. element "comments_and_work_notes" or "" means both.
func (ts *tables) entries(recordID, element string) []*record {
	var out []*record
	for _, s := range ts.lookupAll(schema["sys_journal_field"], "element_id", recordID) {
		if e := s.rec.get("element"); element == "" || element == "comments_and_work_notes" || e == element {
			out = append(out, s.rec)
		}
	}
	return out
}

// journalText is the newest n entries (all when n < 0), newest first, as journal fields show them.
func (v viewer) journalText(recordID, element string, n int) string {
	list := v.store.tables.entries(recordID, element)
	var b strings.Builder
	for i := len(list) - 1; i >= 0 && n != 0; i, n = i-1, n-1 {
		e := list[i]
		b.WriteString(localTime(e.get("sys_created_on"), v.zone))
		b.WriteString(" - ")
		b.WriteString(v.personName(e.get("sys_created_by")))
		if e.get("element") == "comments" {
			b.WriteString(" (Additional comments)\n")
		} else {
			b.WriteString(" (Work notes)\n")
		}
		b.WriteString(e.get("value"))
		b.WriteString("\n\n")
	}
	return b.String()
}

// personName is the full name behind a user_name, or the user_name itself.
func (v viewer) personName(userName string) string {
	if u := v.store.tables.lookup(schema["sys_user"], "user_name", userName); u != nil && u.get("name") != "" {
		return u.get("name")
	}
	return userName
}
