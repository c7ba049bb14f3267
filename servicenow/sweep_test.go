package servicenow_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/neoagent/neo/simulator"
)

// A bulk job changes thousands of records in one second: the order has the sys_id as
// well, and each is seen once.
func TestChangesInOneSecond(t *testing.T) {
	w := newWorld(t)
	tickets, _ := w.connected()
	if err := w.sim.SetFaults(simulator.Faults{Lost: 1}); err != nil { // nobody takes the deliveries
		t.Fatal(err)
	}
	since := w.clock.now().Add(-time.Second)
	const many = 1_100 // more than two pages
	want := map[string]bool{}
	for n := range many {
		id, err := w.sim.Create("beth.anglin", []string{"incident", "problem"}[n%2], map[string]string{"short_description": "Bulk " + strconv.Itoa(n)})
		if err != nil {
			t.Fatal(err)
		}
		want[id] = true
	}
	seen, pages, err := tickets.AllChanges(t.Context(), since)
	if err != nil {
		t.Fatal(err)
	}
	if pages < 3 || len(seen) != many {
		t.Errorf("%d of %d records in %d pages", len(seen), many, pages)
	}
	for id, n := range seen {
		if n != 1 || !want[id] {
			t.Errorf("%s came %d times", id, n)
		}
	}
}

// The limit is applied before access rules: pages without a record that the account
// may read do not end the walk.
func TestChangesBehindWhatMayNotBeRead(t *testing.T) {
	w := newWorld(t)
	for _, role := range []string{"sn_incident_read", "sn_incident_write"} {
		if err := w.sim.GrantRole("joe.employee", role); err != nil {
			t.Fatal(err)
		}
	}
	since := w.clock.now().Add(-time.Second)
	create := func(table string, many int) {
		t.Helper()
		for range many {
			if _, err := w.sim.Create("beth.anglin", table, map[string]string{"short_description": "x"}); err != nil {
				t.Fatal(err)
			}
		}
		w.clock.add(time.Second)
	}
	create("incident", 3)
	create("problem", 1_050) // two whole pages that this account sees nothing of
	create("incident", 4)
	a, err := w.connect("joe.employee", w.input())
	if err != nil {
		t.Fatal(err)
	}
	tickets, err := w.connections.Tickets(t.Context(), a.IntegrationID)
	if err != nil {
		t.Fatal(err)
	}
	seen, _, err := tickets.AllChanges(t.Context(), since)
	if err != nil || len(seen) != 7 {
		t.Errorf("%d records, want 7: %v", len(seen), err)
	}
}
