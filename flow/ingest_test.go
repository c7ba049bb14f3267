package flow_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/neoagent/neo"
)

func TestSameDeliveryTwiceIsOneEventAndOneRun(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.save(on("state", note))
		w.start(w.store)
		e := w.change(id(1), "state", "2", "beth.anglin")
		if !w.submit(e) {
			t.Error("the first delivery is not new")
		}
		if w.submit(e) {
			t.Error("the second delivery of the same version is new")
		}
		if got := len(w.unfinished()); got != 1 {
			t.Errorf("there are %d runs, want 1", got)
		}
	})
}

func TestManyDeliveriesAtOnceAreAllStored(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.save(on("state", note))
		w.start(w.store)
		const tickets, versions = 20, 10
		var events []neo.Event
		for n := range tickets {
			for v := range versions {
				events = append(events, w.change(id(n), "state", fmt.Sprint(v+1), "beth.anglin"))
			}
		}
		var all sync.WaitGroup
		for _, e := range events {
			for range 2 { // each is delivered twice
				all.Go(func() {
					if _, err := w.ingest.Submit(t.Context(), e); err != nil {
						t.Error(err)
					}
				})
			}
		}
		all.Wait()
		if got := len(w.unfinished()); got != tickets*versions {
			t.Errorf("there are %d runs, want %d", got, tickets*versions)
		}
		for n := range tickets {
			got, err := w.store.Ticket(t.Context(), neo.DefaultTenant, ref(id(n)))
			w.must(err)
			if got.Version != versions || got.Fields["state"].Value != fmt.Sprint(versions) {
				t.Errorf("ticket %d is known in version %d with state %s, want the newest", n, got.Version, got.Fields["state"].Value)
			}
		}
	})
}

func TestWorkflowIsMatchedAsItWasSavedLast(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.start(w.store) // has seen a configuration without workflows
		f := w.save(on("state", note))
		w.submit(w.change(id(1), "state", "2", "beth.anglin"))
		if got := len(w.unfinished()); got != 1 {
			t.Fatalf("an event after the save made %d runs, want 1", got)
		}
		w.must(w.store.SetWorkflowEnabled(t.Context(), neo.DefaultTenant, f.ID, false))
		w.submit(w.change(id(1), "state", "3", "beth.anglin"))
		if got := len(w.unfinished()); got != 1 {
			t.Errorf("an event after the workflow was turned off made a run")
		}
	})
}

func TestRunOnlyOncePerTicket(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		d := on("state", note)
		d.RunOnlyOncePerEntity = true
		w.save(d)
		w.start(w.store)
		w.submit(w.change(id(1), "state", "2", "beth.anglin"))
		w.submit(w.change(id(1), "state", "3", "beth.anglin"))
		w.submit(w.change(id(2), "state", "2", "beth.anglin"))
		if got := len(w.unfinished()); got != 2 {
			t.Errorf("two tickets made %d runs, want one each", got)
		}
	})
}

func TestAuthorize(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.start(w.store)
		for _, c := range []struct {
			name, integration, key string
			want                   neo.Code
		}{
			{"right", integrationID, key, ""},
			{"wrong key", integrationID, "other", neo.CodeForbidden},
			{"no key", integrationID, "", neo.CodeForbidden},
			{"unknown integration", "int-2", key, neo.CodeForbidden},
			{"nothing", "", "", neo.CodeForbidden},
		} {
			if _, err := w.ingest.Authorize(t.Context(), c.integration, c.key); neo.CodeOf(err) != c.want {
				t.Errorf("%s: %v, want code %q", c.name, err, c.want)
			}
		}
	})
}

func TestNothingIsTakenInAfterStop(t *testing.T) {
	w := newWorld(t, sqlite(t))
	w.start(w.store)
	w.ingest.Stop()
	if _, err := w.ingest.Submit(t.Context(), w.change(id(1), "state", "2", "x")); neo.CodeOf(err) != neo.CodeUnavailable {
		t.Errorf("after Stop: %v, want %s", err, neo.CodeUnavailable)
	}
}
