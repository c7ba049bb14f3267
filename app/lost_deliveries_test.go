package app_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/app"
	"github.com/neoagent/neo/simulator"
	"github.com/neoagent/neo/store"
)

// lossy is a running Neo whose instance can lose deliveries.
type lossy struct {
	*running
	t *testing.T
}

func newLossy(t *testing.T, on func(*app.Config)) *lossy {
	r := &lossy{run(t, on, func(c *app.Config) { c.SweepInterval, c.ServiceNowRate = time.Second, 1000 }), t}
	r.connect(t)
	return r
}

// losing makes changes of which no delivery arrives.
func (r *lossy) losing(changes func()) {
	r.t.Helper()
	before := r.instance.Faults()
	lost := before
	lost.Lost = 1
	r.faults(r.t, lost)
	changes()
	if err := r.instance.Quiesce(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
	r.faults(r.t, before)
}

func (r *lossy) create(n int) (ids []string) {
	r.t.Helper()
	for i := range n {
		id, err := r.instance.Create("beth.anglin", "incident", map[string]string{"short_description": fmt.Sprint("Ticket ", i)})
		if err != nil {
			r.t.Fatal(err)
		}
		ids = append(ids, id)
	}
	return ids
}

func (r *lossy) update(by, id, field, value string) {
	r.t.Helper()
	if err := r.instance.Update(by, "incident", id, map[string]string{field: value}); err != nil {
		r.t.Fatal(err)
	}
}

// untilFound waits until the sweep has found that many changes, as long as it goes on
// finding some.
func (r *lossy) untilFound(want int64, patience time.Duration) {
	r.t.Helper()
	last, since := int64(-1), time.Now()
	r.untilSweep(r.t, func(h health) bool {
		if h.Sweep.Found > last {
			last, since = h.Sweep.Found, time.Now()
		}
		if time.Since(since) > patience {
			r.t.Fatalf("%d of %d changes were found, and no more for %s: %+v", last, want, patience, h)
		}
		return last >= want
	})
}

// stopped stops Neo and opens its database.
func (r *lossy) stopped(on func(*app.Config)) *store.DB {
	r.t.Helper()
	var c app.Config
	on(&c)
	r.Stop(r.t.Context())
	db, err := store.Open(r.t.Context(), store.Config{DataDir: r.dir, DatabaseURL: c.DatabaseURL, Log: app.NewLog(r.log, 0, false)})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = db.Close() })
	return db
}

// Versions are missing of many tickets, and of the reads that would find them many
// fail: all are found.
func TestFault29SweepOfAFlakyInstance(t *testing.T) {
	for name, c := range map[string]struct {
		tickets int
		faults  simulator.Faults
		both    bool // databases
	}{
		"9 % fail":                   {300, simulator.Faults{FailReads: 0.09}, true},
		"20 % fail":                  {60, simulator.Faults{FailReads: 0.2}, false},
		"5 % are limited":            {60, simulator.Faults{LimitReads: 0.05, RetryAfterS: 1}, false},
		"20 % are out of semaphores": {60, simulator.Faults{Semaphore: 0.2}, false},
	} {
		test := func(t *testing.T, on func(*app.Config)) {
			r := newLossy(t, on)
			ids := r.create(c.tickets)
			r.faults(t, simulator.Faults{FailReads: 1}) // none is found before the gaps are there
			began := time.Now()
			r.losing(func() {
				for _, id := range ids {
					r.update("beth.anglin", id, "comments", "Lost.")
				}
			})
			for _, id := range ids {
				r.update("beth.anglin", id, "urgency", "1")
			}
			if err := r.instance.Quiesce(t.Context()); err != nil {
				t.Fatal(err)
			}
			r.faults(t, c.faults)
			changed := time.Now()
			r.untilFound(int64(c.tickets), time.Minute)
			if took := time.Since(began); took > 2*time.Minute {
				t.Errorf("it took %s", took)
			}
			t.Logf("all are found %s after the last change", time.Since(changed))
			integration := r.integration(t).ID
			db := r.stopped(on)
			for _, id := range ids {
				events, err := db.NewestEvents(t.Context(), neo.TicketRef{IntegrationID: integration, Class: neo.Incident, RemoteID: id}, 10)
				if err != nil || len(events) != 3 || len(events[1].Journal) != 1 || events[1].Journal[0].Text != "Lost." || events[1].ChangedBy != "beth.anglin" {
					t.Fatalf("%s: %+v, %v", id, events, err)
				}
			}
		}
		t.Run(name, func(t *testing.T) {
			if c.both {
				onBoth(t, test)
			} else {
				test(t, func(*app.Config) {})
			}
		})
	}
}
