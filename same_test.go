package neo_test

import (
	"strings"
	"testing"
	"time"

	"github.com/neoagent/neo"
)

func TestFault7SameText(t *testing.T) {
	long := strings.Repeat("Zeile mit Umläuten äöü.\n", 400) // 9,600 characters
	units := []rune(long)
	cut := string(units[:neo.TextLimit])
	emoji := strings.Repeat("x", neo.TextLimit-1) + "😀 and more"
	for _, tt := range []struct {
		name, a, b string
		same       bool
	}{
		{"equal", "a", "a", true},
		{"other", "a", "b", false},
		{"a beginning that was not cut", "VPN", "VPN is down", false},
		{"fault 7: cut by the script", cut, long, true},
		{"fault 7: cut, and the beginning is another", "X" + cut[1:], long, false},
		{"fault 7: 8,000 bytes of fewer characters were not cut", strings.Repeat("ä", 4000), strings.Repeat("ä", 4001), false},
		{"fault 7: cut in the middle of a character", strings.Repeat("x", neo.TextLimit-1) + "\uFFFD", emoji, true},
		{"fault 7: cut, with line ends of Windows", strings.ReplaceAll(long, "\n", "\r\n")[:0] + cutTo(strings.ReplaceAll(long, "\n", "\r\n")), long, true},
		{"fault 7: cut where white space is", strings.Repeat("x", neo.TextLimit-1) + " ", strings.Repeat("x", neo.TextLimit-1) + " more", true},
		{"line ends", "a\r\nb", "a\nb", true},
		{"white space at the end", "a \n", "a", true},
		{"white space in between", "a  b", "a b", false},
		{"longer than the limit and another end", long + "x", long + "y", false},
	} {
		if got := neo.SameText(tt.a, tt.b); got != tt.same {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.same)
		}
		if got := neo.SameText(tt.b, tt.a); got != tt.same {
			t.Errorf("%s, the other way round: %v, want %v", tt.name, got, tt.same)
		}
	}
}

// cutTo cuts as the script does.
func cutTo(s string) string { return string([]rune(s)[:neo.TextLimit]) }

func TestFault7NothingChangedInACutText(t *testing.T) {
	long := strings.Repeat("<p>Log</p>\n", 1000)
	before := map[string]neo.Value{"description": {Value: cutTo(long)}, "close_notes": {Value: "Done.\r\n"}, "state": {Value: "1"}}
	after := map[string]neo.Value{"description": {Value: long}, "close_notes": {Value: "Done.\n"}, "state": {Value: "2"}, "sys_mod_count": {Value: "7"}}
	got := neo.ChangesBetween(before, after)
	if len(got) != 1 || got[0].Field != "state" {
		t.Errorf("%d changes, the first of them %.40v; want state alone", len(got), got)
	}
}

func TestFault2Revisions(t *testing.T) {
	at := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	fields := func(urgency, by string) map[string]neo.Value {
		return map[string]neo.Value{"urgency": {Value: urgency}, "state": {Value: "2"}, neo.FieldUpdatedAt: {Value: at.Format(time.DateTime)}, "sys_updated_by": {Value: by}}
	}
	change := func(field, from, to string) []neo.FieldChange {
		return []neo.FieldChange{{Field: field, From: neo.Value{Value: from}, To: neo.Value{Value: to}}}
	}
	event := func(source neo.EventSource, f map[string]neo.Value, c []neo.FieldChange, notes ...string) neo.Event {
		e := neo.Event{Version: 5, Type: neo.EntityUpdated, Source: source, ChangedAt: at, EventData: neo.EventData{Fields: f, Changes: c}}
		for _, n := range notes {
			e.Journal = append(e.Journal, neo.JournalEntry{Element: "comments", Text: n})
		}
		return e
	}
	first := event(neo.SourceWebhook, fields("3", "beth"), change("state", "1", "2"), "Hello")
	second := event(neo.SourceWebhook, fields("1", "beth"), change("urgency", "3", "1"))
	second.Revision = 1
	undated := event(neo.SourceSweep, map[string]neo.Value{"urgency": {Value: "3"}, "state": {Value: "2"}}, change("state", "1", "2"), "Hello")
	undated.ChangedAt = at.Add(time.Minute)
	displays := fields("3", "beth")
	displays["state"] = neo.Value{Value: "2", Display: "In Progress"}
	later := event(neo.SourceWebhook, fields("3", "beth"), change("state", "1", "2"))
	later.ChangedAt = at.Add(time.Hour)
	for _, tt := range []struct {
		name    string
		stored  []neo.Event
		event   neo.Event
		changes string // the fields of the changes that are news
		notes   int
		whole   bool // news as a whole
	}{
		{name: "the webhook comes again", stored: []neo.Event{first}, event: first},
		{name: "the webhook of a revision comes again", stored: []neo.Event{first, second}, event: second},
		{name: "the first comes again after a revision", stored: []neo.Event{first, second}, event: first},
		{name: "swept, with displays and other fields", stored: []neo.Event{first}, event: event(neo.SourceSweep, displays, nil)},
		{name: "swept, since another version", stored: []neo.Event{first}, event: event(neo.SourceSweep, displays, change("state", "9", "2"))},
		{name: "delivered late, after the sweep", stored: []neo.Event{event(neo.SourceSweep, displays, nil, "Hello")}, event: first},
		{name: "delivered late, after the version was worked out", stored: []neo.Event{undated}, event: first},
		{name: "only keys", stored: []neo.Event{first}, event: neo.Event{Version: 5, Type: neo.EntityUpdated, Source: neo.SourceWebhook}},
		{name: "fault 2: a script changed a field without counting", stored: []neo.Event{first}, event: second, changes: "urgency"},
		{name: "fault 2: the whole change once more, and a field beyond it", stored: []neo.Event{first},
			event: event(neo.SourceWebhook, fields("1", "beth"), append(change("state", "1", "2"), change("urgency", "3", "1")...), "Hello"), changes: "urgency"},
		{name: "fault 2: back again", stored: []neo.Event{first, second}, event: event(neo.SourceWebhook, fields("3", "beth"), change("urgency", "1", "3")), changes: "urgency"},
		{name: "fault 2: a note without counting", stored: []neo.Event{first}, event: event(neo.SourceWebhook, fields("3", "beth"), nil, "Another"), notes: 1},
		{name: "fault 2: a note that the sweep could not read", stored: []neo.Event{event(neo.SourceSweep, displays, nil)}, event: first, notes: 1},
		{name: "fault 2: counted anew", stored: []neo.Event{first}, event: later, changes: "state", whole: true},
		{name: "fault 2: the sweep reads another state", stored: []neo.Event{first}, event: event(neo.SourceSweep, fields("1", "beth"), nil), changes: "urgency"},
		{name: "fault 2: only keys were delivered before", stored: []neo.Event{{Version: 5, Source: neo.SourceWebhook}}, event: first, changes: "state", notes: 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := tt.event
			news := !e.KnownAmong(tt.stored) && e.News(tt.stored)
			if news != (tt.changes != "" || tt.notes > 0) {
				t.Fatalf("news is %v", news)
			}
			if !news {
				return
			}
			if len(e.Changes) > 1 || tt.changes != "" && (len(e.Changes) == 0 || e.Changes[0].Field != tt.changes) || len(e.Journal) != tt.notes {
				t.Errorf("news are %+v and %+v", e.Changes, e.Journal)
			}
		})
	}
}
