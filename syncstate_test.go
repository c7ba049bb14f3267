package neo

import "testing"

func TestSyncStates(t *testing.T) {
	for _, c := range []struct {
		from, to SyncState
		may      bool
	}{
		{"", StateConnecting, true},
		{"", StateReady, false},
		{StateConnecting, StateReady, true},
		{StateConnecting, StateSetup, true},
		{StateReady, StateSetup, true},
		{StateReady, StateFailed, false}, // a failed reconnect leaves a connection that works
		{StateSetup, StateReady, true},
		{StateReconnect, StateReady, false}, // only a new consent ends it
		{StateReconnect, StateConnecting, true},
		{StateDisconnected, StateReady, false},
		{StateDisconnected, StateConnecting, true},
	} {
		if c.from.CanBecome(c.to) != c.may {
			t.Errorf("%q to %q: want %v", c.from, c.to, c.may)
		}
	}
	for _, s := range []SyncState{StateConnecting, StateReady, StateSetup, StateFailed, StateReconnect} {
		if !s.CanBecome(StateDisconnected) {
			t.Errorf("%s cannot be disconnected", s)
		}
	}
}
