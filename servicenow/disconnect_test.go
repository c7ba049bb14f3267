package servicenow_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/neoagent/neo"
)

func TestDisconnect(t *testing.T) {
	w := newWorld(t)
	theirs := w.platform()
	tickets, in := w.connected()
	checks, err := w.connections.Disconnect(t.Context(), in.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"business_rule": "ok", "callback_property": "ok", "consent": "ok"}, checksOf(neo.Integration{Checks: checks})); diff != "" {
		t.Errorf("checks (-want +got):\n%s\n%+v", diff, checks)
	}
	if diff := cmp.Diff(theirs, w.platform()); diff != "" {
		t.Errorf("the instance is not as it was (-before +after):\n%s", diff)
	}
	if _, err := tickets.Lookup(t.Context(), "group", "Network"); neo.CodeOf(err) != neo.CodeRefused {
		t.Errorf("the consent still works: %v", err)
	}
}

func TestDisconnectWithoutAdmin(t *testing.T) {
	w := newWorld(t)
	_, in := w.connected()
	if err := w.sim.RevokeRole("neo.agent", "admin"); err != nil {
		t.Fatal(err)
	}
	checks, err := w.connections.Disconnect(t.Context(), in.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"business_rule": "warning", "callback_property": "warning", "consent": "ok"}, checksOf(neo.Integration{Checks: checks})); diff != "" {
		t.Errorf("checks (-want +got):\n%s\n%+v", diff, checks)
	}
}
