package flow_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/neoagent/neo"
)

// openAlerts returns the alerts that still hold, oldest first.
func (w *world) openAlerts() (open []neo.Alert) {
	w.t.Helper()
	all, err := w.store.Alerts(w.t.Context(), neo.DefaultTenant)
	w.must(err)
	for _, a := range all {
		if a.ResolvedAt.IsZero() {
			open = append([]neo.Alert{a}, open...)
		}
	}
	return open
}

// allow sets permission groups of the integration; the others may be written.
func (w *world) allow(levels map[neo.PermissionGroup]neo.PermissionLevel) {
	w.t.Helper()
	p := neo.FullAccess()
	for group, level := range levels {
		p[group] = neo.Permission{Level: level}
	}
	w.must(w.store.SavePermissions(w.t.Context(), neo.DefaultTenant, integrationID, p))
}

// Fault 24: a failed workflow alerted nobody.
func TestFault24WorkflowFailureAlerts(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		saved := w.save(on("state", spec(neo.ActionAssign, `{"group":"Nobody has this one"}`)))
		w.system.unknown = "Nobody has this one"
		e := w.start(w.store)
		const storm = 30
		for n := range storm {
			w.submit(w.change(id(n+1), "state", "2", "beth.anglin"))
		}
		w.tell(e)
		open := w.openAlerts()
		if len(open) != 1 || open[0].Occurrences != storm || open[0].WorkflowID != saved.ID || open[0].Key != neo.FailedAlert(saved.ID) {
			t.Fatalf("after %d failures the alerts are %+v, want one that counts them", storm, open)
		}
		last, err := w.store.Run(t.Context(), neo.DefaultTenant, open[0].RunID)
		w.must(err)
		if last.Outcome != neo.Failure || !strings.Contains(open[0].Message, last.Number) {
			t.Errorf("the alert leads to %+v and says %q", last, open[0].Message)
		}

		w.pass(time.Second)
		w.system.unknown = "" // the group was made
		w.submit(w.change(id(storm+1), "state", "2", "beth.anglin"))
		w.tell(e)
		if open := w.openAlerts(); len(open) != 0 {
			t.Errorf("after a success there are still %+v", open)
		}
		stats, err := w.store.WorkflowStats(t.Context(), neo.DefaultTenant)
		w.must(err)
		if stats[saved.ID].LastFailed || stats[saved.ID].Failures != storm {
			t.Errorf("the statistics are %+v", stats[saved.ID])
		}
		w.system.unknown = "Nobody has this one"
		w.submit(w.change(id(storm+2), "state", "2", "beth.anglin"))
		w.tell(e)
		if open := w.openAlerts(); len(open) != 1 || open[0].Occurrences != 1 {
			t.Errorf("it fails again: %+v, want a new alert", open)
		}
	})
}

// Fault 24: neither did a write that was refused by permission. There is one alert for
// each workflow and group, which names the group and what it has to be set to.
func TestFault24RefusedByPermissionAlerts(t *testing.T) {
	cases := []struct {
		name  string
		spec  neo.ActionSpec
		level neo.PermissionLevel
		group neo.PermissionGroup
		needs neo.PermissionLevel
	}{
		{"a client note, Read Only", spec(neo.ActionAddClientNote, `{"text":"Hello"}`), neo.ReadOnly, neo.GroupClientNotes, neo.ReadWrite},
		{"a work note, Disabled", spec(neo.ActionAddWorkNote, `{"text":"Hello"}`), neo.Disabled, neo.GroupWorkNotes, neo.ReadWrite},
		{"a field", spec(neo.ActionUpdateTicket, `{"fields":{"urgency":"1"}}`), neo.ReadOnly, neo.GroupTickets, neo.ReadWrite},
		{"people who may not be read", spec(neo.ActionAssign, `{"technician":"beth.anglin"}`), neo.Disabled, neo.GroupPeople, neo.ReadOnly},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, sqlite(t))
			saved := w.save(on("state", c.spec))
			w.allow(map[neo.PermissionGroup]neo.PermissionLevel{c.group: c.level})
			e := w.start(w.store)
			for n := range 3 {
				w.submit(w.change(id(n+1), "state", "2", "beth.anglin"))
			}
			w.tell(e)
			open := w.openAlerts()
			if len(open) != 1 {
				t.Fatalf("the alerts are %+v, want one", open)
			}
			a := open[0]
			if a.Group != c.group || a.Needs != c.needs || a.Occurrences != 3 || a.IntegrationID != integrationID || a.RunID == "" ||
				a.Key != neo.RefusedAlert(saved.ID, integrationID, c.group) || !strings.Contains(a.Title, c.group.Label()) {
				t.Errorf("the alert is %+v", a)
			}
			refused, err := w.store.RefusedBy(t.Context(), neo.DefaultTenant, integrationID)
			w.must(err)
			if len(refused) != 1 {
				t.Errorf("the integration refuses %+v", refused)
			}
			w.allow(nil)
			w.submit(w.change(id(9), "state", "2", "beth.anglin"))
			w.tell(e)
			if open := w.openAlerts(); len(open) != 0 {
				t.Errorf("after a success there are still %+v", open)
			}
		})
	}
}

// An alert of one workflow is not ended by the success of another.
func TestFault24AlertsAreOfOneWorkflow(t *testing.T) {
	w := newWorld(t, sqlite(t))
	bad := on("state", spec(neo.ActionAssign, `{"group":"Nobody has this one"}`))
	bad.Name = "Bad"
	good := on("state", spec(neo.ActionAddWorkNote, `{"text":"Hello"}`))
	good.Name = "Good"
	w.save(bad)
	w.save(good)
	w.system.unknown = "Nobody has this one"
	e := w.start(w.store)
	for n := range 3 {
		w.submit(w.change(id(n+1), "state", fmt.Sprint(n), "beth.anglin"))
		w.tell(e)
	}
	if open := w.openAlerts(); len(open) != 1 || open[0].Occurrences != 3 || !strings.Contains(open[0].Title, "Bad") {
		t.Errorf("the alerts are %+v", open)
	}
}
