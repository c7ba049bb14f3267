package flow_test

import (
	"testing"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/flow"
)

// A ticket that changed lately but is older than asked for is left out, as is one
// that is over.
func TestDeskKnowsOpenTicketsCreatedSince(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.start(w.store)
		created := func(days int) neo.Value {
			return neo.Value{Value: w.clock().UTC().AddDate(0, 0, -days).Format(time.DateTime)}
		}
		for n, fields := range []map[string]neo.Value{
			{neo.FieldCreatedAt: created(1)},
			{neo.FieldCreatedAt: created(40)},
			{neo.FieldCreatedAt: created(1), "active": {Value: "false"}},
			{}, // it is not known when
		} {
			e := w.change(id(n+1), "state", "2", "beth.anglin")
			for k, v := range fields {
				e.Fields[k] = v
			}
			w.submit(e)
		}
		open, err := flow.NewDesk(w.store).OpenTickets(t.Context(), neo.DefaultTenant, integrationID, neo.Incident, w.clock().AddDate(0, 0, -30), 10)
		w.must(err)
		if len(open) != 2 || open[0].RemoteID != id(4) || open[1].RemoteID != id(1) {
			t.Errorf("open tickets of the last 30 days are %+v, want the fourth and the first", open)
		}
	})
}
