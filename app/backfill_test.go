package app_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/simulator"
	"github.com/neoagent/neo/visitor"
)

// A backfill reads what was there before, starts no workflow, is not in the way of
// the sweep, can be paused, and counts.
func TestBackfill(t *testing.T) {
	r := run(t, fast)
	const many = 450                                 // more than two pages
	r.faults(t, simulator.Faults{ClockSkewS: -3600}) // an hour ago
	for n := range many {
		r.ticket(t, fmt.Sprintf("Old %d", n))
	}
	r.faults(t, simulator.Faults{})
	r.connect(t)
	if _, err := r.visitor.SaveWorkflow(t.Context(), []byte(routeNetwork)); err != nil {
		t.Fatal(err)
	}
	path := "/api/v1/integrations/" + r.integration(t).ID + "/backfill"
	control := func(body string) {
		t.Helper()
		if status, text := r.call(t, http.MethodPost, path, body); status != 200 {
			t.Fatalf("%s: %d %s", body, status, text)
		}
	}
	// What is new is not taken for old, however it comes.
	r.faults(t, simulator.Faults{Lost: 1})
	r.ticket(t, "New before the backfill")
	r.faults(t, simulator.Faults{SlowMS: 100})
	control(`{"action":"start","days":90}`)
	r.untilSweep(t, func(h health) bool { return h.Backfill.State == "RUNNING" && h.Backfill.Total == many+1 })
	control(`{"action":"pause"}`)
	r.untilSweep(t, func(h health) bool { return h.Backfill.State == "PAUSED" })
	control(`{"action":"resume"}`)
	r.faults(t, simulator.Faults{})
	r.untilSweep(t, func(h health) bool { return h.Backfill.State == "DONE" })
	if b := r.health(t).Backfill; b.Done != many+1 || b.Days != 90 {
		t.Errorf("the backfill is %+v", b)
	}
	r.untilKnown(t, "New before the backfill")
	created := 0
	for _, e := range r.history(t, "") { // that one, the run that it started, and what the run wrote
		if e.Title != "New before the backfill" {
			t.Errorf("the history shows %+v", e)
		}
		if e.Type == string(neo.EntityCreated) && e.Source == "sweep" {
			created++
		}
	}
	if created != 1 {
		t.Errorf("the history shows %+v", r.history(t, ""))
	}
	// Asked for by its number, an old ticket is there.
	id := r.instance.Find("incident", "short_description=Old 7")[0]
	number := r.instance.Get("incident", id)["number"]
	found, err := visitor.Get[[]entry](t.Context(), &r.visitor.Client, "/api/v1/history?ticket="+number)
	if err != nil || len(found) != 1 || found[0].Source != "backfill" {
		t.Errorf("%s: %+v, %v", number, found, err)
	}
	// And the sweep goes on.
	r.faults(t, simulator.Faults{Lost: 1})
	r.ticket(t, "New and not delivered")
	if e := r.untilKnown(t, "New and not delivered"); e.Source != "sweep" {
		t.Errorf("%+v", e)
	}
}
