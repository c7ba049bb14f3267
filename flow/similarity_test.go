package flow

import "testing"

// The texts with three dots are from it_tickets.csv of the "IT Service Ticket
// Classification" data set (CC0).
func TestSimilarity(t *testing.T) {
	for _, c := range []struct {
		a, b  string
		least int // percent
		most  int
	}{
		{"Cannot print on 3rd floor printer", "3rd floor printers: can't print", 90, 100},
		{"VPN disconnects every 10 minutes", "vpn disconnects every ten minutes", 70, 80},
		{"VPN", "vpn!", 100, 100},
		{"VPN is slow", "VPN is down", 0, 0},
		{"Outlook crashes", "Outlook crashes when opening calendar", 60, 69},
		{"Please help", "please help me", 60, 80},
		{"cannot access hello today", "access to of thursday march pm hello please", 0, 49},
		{"time card error sent friday hello have incident", "time card submission error sent wednesday issue with", 70, 90}, // …
		{"mailbox size increase mailbox size", "mailbox quota increase tuesday mailbox size", 80, 90},                       // …
		{"lost access card sent wednesday lost access card", "lost access cards sent wednesday november lost access", 100, 100},
		{"new project code pas friday pm requests", "unable to approve time sent monday", 0, 0}, // …
		{"badge not working after transfer", "license needed hello please license", 0, 0},       // …
		{"ÄNDERUNG am Drucker", "änderung drucker", 80, 100},
		{"", "", 0, 0},
		{"!!!", "???", 0, 0},
	} {
		got := similarity(wordsOf(c.a), wordsOf(c.b))
		if got < c.least || got > c.most {
			t.Errorf("%q and %q are %d %% alike, want %d to %d", c.a, c.b, got, c.least, c.most)
		}
		if back := similarity(wordsOf(c.b), wordsOf(c.a)); back != got {
			t.Errorf("%q and %q are %d %% alike one way, %d %% the other", c.a, c.b, got, back)
		}
	}
}
