package servicenow_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/servicenow"
	"github.com/neoagent/neo/simulator"
)

// connectedAs is like connected, by another account than the administrator that Neo
// has elsewhere.
func (w *world) connectedAs(user string) (*servicenow.Tickets, neo.Integration) {
	w.t.Helper()
	a, err := w.connect(user, w.input())
	if err != nil {
		w.t.Fatal(err)
	}
	tickets, err := w.connections.Tickets(w.t.Context(), a.IntegrationID)
	if err != nil {
		w.t.Fatal(err)
	}
	return tickets, w.store.integration(w.t, a.IntegrationID)
}

// reader is an account that may write incidents and read no journal.
func (w *world) reader() (*servicenow.Tickets, neo.Integration) {
	w.t.Helper()
	_, err := w.sim.AddUser(simulator.User{UserName: "neo.reader", Name: "Neo Reader", Password: "neo.reader", Roles: []string{"sn_incident_write"}})
	if err != nil {
		w.t.Fatal(err)
	}
	return w.connectedAs("neo.reader")
}

func TestWriteNotesAndFieldsInOneCall(t *testing.T) {
	w := newWorld(t)
	tickets, in := w.connected()
	ref := w.ticket()
	ref.IntegrationID = in.ID
	after, err := tickets.Write(t.Context(), ref, neo.Write{Fields: map[string]string{"state": "2"}, WorkNote: "for us", ClientNote: "for you"})
	if err != nil || after.Version != 1 || after.Fields["state"].Value != "2" {
		t.Fatalf("%+v, %v", after, err)
	}
	var got []string
	for _, e := range w.sim.Journal(ref.RemoteID) {
		got = append(got, e.Element+" "+e.Value+" "+e.By)
	}
	if len(got) != 2 || !strings.Contains(strings.Join(got, "|"), "comments for you neo.agent") || !strings.Contains(strings.Join(got, "|"), "work_notes for us neo.agent") {
		t.Errorf("journal %q", got)
	}
	_, err = tickets.Write(t.Context(), ref, neo.Write{Fields: map[string]string{"comments": "one"}, ClientNote: "two"})
	if neo.CodeOf(err) != neo.CodeInvalid || !strings.Contains(neo.MessageOf(err), "two steps") {
		t.Errorf("two texts for one journal: %v", err)
	}
	for _, together := range []neo.Write{
		{Email: &neo.Email{To: "a@x.example", Text: "x"}, WorkNote: "y"},
		{TimeEntry: &neo.TimeEntry{Minutes: 1}, Fields: map[string]string{"state": "2"}},
		{TimeEntry: &neo.TimeEntry{Minutes: 1}, Email: &neo.Email{To: "a@x.example", Text: "x"}},
	} {
		if _, err := tickets.Write(t.Context(), ref, together); neo.CodeOf(err) != neo.CodeInternal {
			t.Errorf("%+v: %v", together, err)
		}
	}
}

// TestHasClientNote: notes for clients bear no mark of Neo's, so that text, author and
// time must tell them.
func TestHasClientNote(t *testing.T) {
	const text = "We are looking into it.\n\nYou will hear from us  today."
	for account, tickets := range map[string]func(*world) (*servicenow.Tickets, neo.Integration){
		"neo.agent":  (*world).connected,
		"itil.only":  func(w *world) (*servicenow.Tickets, neo.Integration) { return w.connectedAs("itil.only") },
		"neo.reader": (*world).reader, // sees the journal on the record alone
	} {
		for name, tt := range map[string]struct {
			by, element, text string
			ago               time.Duration
			want              bool
		}{
			"there":                        {account, "comments", text, 0, true},
			"there since the clocks' play": {account, "comments", text, 30 * time.Second, true},
			"with other white space":       {account, "comments", "We are  looking into it.\r\nYou will hear from us today.\r\n", 0, true},
			"with a signature around it":   {account, "comments", "Hello,\n" + text + "\nNeo", 0, true},
			"another text":                 {account, "comments", "We are looking into it.", 0, false},
			"by somebody else":             {"beth.anglin", "comments", text, 0, false},
			"as a work note":               {account, "work_notes", text, 0, false},
			"long before":                  {account, "comments", text, 10 * time.Minute, false},
		} {
			t.Run(account+"/"+name, func(t *testing.T) {
				w := newWorld(t)
				system, in := tickets(w)
				ref := w.ticket()
				ref.IntegrationID = in.ID
				since := w.clock.now()
				w.clock.set(since.Add(-tt.ago))
				if err := w.sim.Update(tt.by, "incident", ref.RemoteID, map[string]string{tt.element: tt.text}); err != nil {
					t.Fatal(err)
				}
				w.clock.set(since.Add(2 * time.Second))
				if got, err := system.HasNote(t.Context(), ref, neo.ClientNotes, text, since); err != nil || got != tt.want {
					t.Errorf("%t, %v; want %t", got, err, tt.want)
				}
			})
		}
	}
}

// TestHasNoteWithSkewedClocks: the instance's clock may be anywhere.
func TestHasNoteWithSkewedClocks(t *testing.T) {
	for _, skew := range []int{-7200, -90, 90, 7200} {
		for account, tickets := range map[string]func(*world) (*servicenow.Tickets, neo.Integration){"neo.agent": (*world).connected, "neo.reader": (*world).reader} {
			t.Run(fmt.Sprint(account, " ", skew), func(t *testing.T) {
				w := newWorld(t)
				system, in := tickets(w)
				if err := w.sim.SetFaults(simulator.Faults{ClockSkewS: skew}); err != nil {
					t.Fatal(err)
				}
				ref := w.ticket()
				ref.IntegrationID = in.ID
				write := func() {
					if _, err := system.Write(t.Context(), ref, neo.Write{ClientNote: "On our way."}); err != nil {
						t.Fatal(err)
					}
				}
				write()
				w.clock.add(5 * time.Minute)
				since := w.clock.now()
				if got, err := system.HasNote(t.Context(), ref, neo.ClientNotes, "On our way.", since); err != nil || got {
					t.Errorf("the one of before counts: %t, %v", got, err)
				}
				w.clock.add(time.Second)
				write()
				w.clock.add(time.Minute)
				w.connections.Close()
				fresh := servicenow.NewConnections(w.store, w.vault, "1.2.3", w.clock.now) // of a process that has just begun
				t.Cleanup(fresh.Close)
				system, err := fresh.Tickets(t.Context(), in.ID)
				if err != nil {
					t.Fatal(err)
				}
				if got, err := system.HasNote(t.Context(), ref, neo.ClientNotes, "On our way.", since); err != nil || !got {
					t.Errorf("the new one does not count: %t, %v", got, err)
				}
			})
		}
	}
}

// TestNoteWhoseAnswerIsLost: it was written all the same, and is found.
func TestNoteWhoseAnswerIsLost(t *testing.T) {
	w := newWorld(t)
	tickets, in := w.connected()
	ref := w.ticket()
	ref.IntegrationID = in.ID
	if err := w.sim.SetFaults(simulator.Faults{FailAfterCommit: 1}); err != nil {
		t.Fatal(err)
	}
	since := w.clock.now()
	const text = "Hello, it's fixed: 100 % ^ & \"quoted\" <b>"
	_, err := tickets.Write(t.Context(), ref, neo.Write{WorkNote: "— " + mark, ClientNote: text})
	if neo.CodeOf(err) != neo.CodeUnavailable {
		t.Fatal(err)
	}
	for journal, text := range map[neo.Journal]string{neo.ClientNotes: text, neo.WorkNotes: mark} {
		if got, err := tickets.HasNote(t.Context(), ref, journal, text, since); err != nil || !got {
			t.Errorf("%s: %t, %v", journal, got, err)
		}
	}
	if got, err := tickets.HasNote(t.Context(), ref, neo.ClientNotes, mark, since); err != nil || got {
		t.Errorf("in the other journal: %t, %v", got, err)
	}
}

// TestHasNoteInALongJournal: the note is behind many others, and cut.
func TestHasNoteInALongJournal(t *testing.T) {
	w := newWorld(t)
	tickets, in := w.connected()
	ref := w.ticket()
	ref.IntegrationID = in.ID
	if err := w.sim.SetFaults(simulator.Faults{Lost: 1}); err != nil { // nobody takes the deliveries
		t.Fatal(err)
	}
	since := w.clock.now()
	long := strings.Repeat("0123456 89", 900)
	if _, err := tickets.Write(t.Context(), ref, neo.Write{ClientNote: long}); err != nil {
		t.Fatal(err)
	}
	for i := range 450 {
		w.clock.add(time.Second)
		if err := w.sim.Update("beth.anglin", "incident", ref.RemoteID, map[string]string{"comments": fmt.Sprint("note ", i)}); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(w.sim.Journal(ref.RemoteID)[0].Value); n != 8000 {
		t.Fatalf("the note was not cut: %d", n)
	}
	if got, err := tickets.HasNote(t.Context(), ref, neo.ClientNotes, long, since); err != nil || !got {
		t.Errorf("%t, %v", got, err)
	}
	if got, err := tickets.HasNote(t.Context(), ref, neo.ClientNotes, "x"+long, since); err != nil || got {
		t.Errorf("another long note: %t, %v", got, err)
	}
}

// TestLongNoteKeepsItsMark: the instance cuts long notes at their end, where the mark is.
func TestLongNoteKeepsItsMark(t *testing.T) {
	w := newWorld(t)
	tickets, in := w.connected()
	ref := w.ticket()
	ref.IntegrationID = in.ID
	signature := "\n— Neo Agent · Summary · " + mark
	for _, text := range []string{strings.Repeat("é", 9000), strings.Repeat("line\n", 2000), "short"} {
		if _, err := tickets.Write(t.Context(), ref, neo.Write{WorkNote: text + signature}); err != nil {
			t.Fatal(err)
		}
		j := w.sim.Journal(ref.RemoteID)
		kept := j[len(j)-1].Value
		if !strings.HasSuffix(kept, signature) || utf8.RuneCountInString(kept) > 8000 || len(text) > 8000 && utf8.RuneCountInString(kept) < 7990 {
			t.Errorf("kept %d bytes, at their end %q", len(kept), kept[max(0, len(kept)-60):])
		}
		if _, err := tickets.Write(t.Context(), ref, neo.Write{TimeEntry: &neo.TimeEntry{Minutes: 1, Text: text + signature}}); err != nil {
			t.Error(err)
		}
	}
	if got, err := tickets.HasNote(t.Context(), ref, neo.WorkNotes, mark, w.clock.now()); err != nil || !got {
		t.Errorf("%t, %v", got, err)
	}
}

// TestHasMarkedNote: a mark of Neo's counts whoever wrote it, for another account may
// have been connected since, and whenever.
func TestHasMarkedNote(t *testing.T) {
	w := newWorld(t)
	tickets, in := w.connected()
	ref := w.ticket()
	ref.IntegrationID = in.ID
	const mark = "neo-0190a7c4f5e1-0"
	if err := w.sim.Update("beth.anglin", "incident", ref.RemoteID, map[string]string{"work_notes": "Routed.\n— Neo Agent · Route · " + mark}); err != nil {
		t.Fatal(err)
	}
	w.clock.add(time.Hour)
	for text, want := range map[string]bool{mark: true, "neo-0190a7c4f5e1-1": false, "Routed.": false} {
		if got, err := tickets.HasNote(t.Context(), ref, neo.WorkNotes, text, w.clock.now()); err != nil || got != want {
			t.Errorf("%s: %t, %v", text, got, err)
		}
	}
	if _, err := tickets.HasNote(t.Context(), ref, "diary", mark, time.Time{}); err == nil {
		t.Error("an unknown journal")
	}
}

// TestHasNoteThatCannotBeToldApart: the text is there, but not when it was written.
// Neither answer would be right.
func TestHasNoteThatCannotBeToldApart(t *testing.T) {
	since := time.Unix(1_800_000_000, 0)
	for name, tt := range map[string]struct {
		text string
		want string // yes, no, or what the error says
	}{
		"its time is in another format": {"24.11.2026 05:30:00 - Neo (Zusätzliche Kommentare)\\nOn our way.\\n\\n", "not known whether a note was written"},
		"no entry can be told":          {"On our way.", "not known whether a note was written"},
		"the text is not there":         {"24.11.2026 05:30:00 - Neo (Zusätzliche Kommentare)\\nHello.\\n\\n", "no"},
		"another zone, new":             {since.Add(-8*time.Hour).UTC().Format("2006-01-02 15:04:05") + " - Neo (Comments)\\nOn our way.\\n\\n", "yes"},
		"another zone, old":             {since.Add(-9*time.Hour).UTC().Format("2006-01-02 15:04:05") + " - Neo (Comments)\\nOn our way.\\n\\n", "no"},
	} {
		t.Run(name, func(t *testing.T) {
			tickets := fakeTickets(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Date", since.UTC().Format(http.TimeFormat))
				if strings.Contains(r.URL.Path, "sys_journal_field") {
					says(200, asJSON, `{"result":[]}`)(w, r)
					return
				}
				says(200, asJSON, `{"result":{"sys_id":{"value":"t1","display_value":"t1"},"sys_updated_on":{"value":"2027-01-15 08:00:00","display_value":"2027-01-15 00:00:00"},
					"comments":{"value":"","display_value":"`+tt.text+`"}}}`)(w, r)
			})
			got, err := tickets.HasNote(t.Context(), neo.TicketRef{IntegrationID: "i1", Class: neo.Incident, RemoteID: "t1"}, neo.ClientNotes, "On our way.", since)
			switch {
			case tt.want == "yes" || tt.want == "no":
				if err != nil || got != (tt.want == "yes") {
					t.Errorf("%t, %v; want %s", got, err, tt.want)
				}
			case neo.CodeOf(err) != neo.CodeRefused || !strings.Contains(neo.MessageOf(err), tt.want):
				t.Errorf("%t, %v", got, err)
			}
		})
	}
}
