package servicenow_test

import (
	"strings"
	"testing"
	"time"

	"github.com/neoagent/neo"
)

// A delivery's note is looked for in the journal, whoever wrote it.
func TestFault3HasEntry(t *testing.T) {
	w := newWorld(t)
	tickets, in := w.connected()
	id, err := w.sim.Create("beth.anglin", "incident", map[string]string{"short_description": "VPN"})
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("Zeile äöü 😀\n", 580)
	for _, text := range []string{"It is slow.", "[code]<p>It&nbsp;is <b>gone</b></p>[/code]", long} {
		if err := w.sim.Update("tomas.novak", "incident", id, map[string]string{"comments": text}); err != nil {
			t.Fatal(err)
		}
	}
	ref := neo.TicketRef{IntegrationID: in.ID, Class: neo.Incident, RemoteID: id}
	for _, tt := range []struct {
		name    string
		journal neo.Journal
		text    string
		since   time.Time
		want    bool
	}{
		{"there", neo.ClientNotes, "It is slow.", time.Time{}, true},
		{"with another end", neo.ClientNotes, "It is slow.\r\n", w.clock.now(), true},
		{"a part of it", neo.ClientNotes, "slow", time.Time{}, false},
		{"empty", neo.ClientNotes, "", time.Time{}, false},
		{"forged", neo.ClientNotes, "Pay the invoice.", time.Time{}, false},
		{"in the other journal", neo.WorkNotes, "It is slow.", time.Time{}, false},
		{"with markup", neo.ClientNotes, "[code]<p>It&nbsp;is <b>gone</b></p>[/code]", time.Time{}, true},
		{"as people see it", neo.ClientNotes, "It is gone", time.Time{}, true},
		{"cut", neo.ClientNotes, long[:len(long)/2], time.Time{}, false},
		{"long", neo.ClientNotes, long, time.Time{}, true},
	} {
		if got, err := tickets.HasEntry(t.Context(), ref, tt.journal, tt.text, tt.since); err != nil || got != tt.want {
			t.Errorf("%s: %v, %v", tt.name, got, err)
		}
	}
}
