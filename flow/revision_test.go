package flow_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/neoagent/neo"
)

// uncounted changes a field without counting, as a script with autoSysFields(false), and
// returns what the planted rule would report.
func (w *world) uncounted(id, field, value string) neo.Event {
	w.system.mu.Lock()
	w.system.ticket(id).Version--
	w.system.mu.Unlock()
	return w.change(id, field, value, "beth.anglin")
}

func (w *world) newestState(id string) neo.Ticket {
	w.t.Helper()
	t, err := w.store.Ticket(w.t.Context(), neo.DefaultTenant, ref(id))
	w.must(err)
	return t
}

func TestFault2ChangedWithoutCounting(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.save(on("urgency", note))
		w.save(on("state", note))
		e := w.start(w.store)
		first := w.change(id(1), "state", "2", "beth.anglin")
		second := w.uncounted(id(1), "urgency", "1")
		third := w.uncounted(id(1), "state", "3")
		for _, event := range []neo.Event{first, second, first, third, second, third} {
			w.submit(event)
		}
		w.work(e)
		if n := len(w.history(neo.HistoryFilter{Type: neo.EntityUpdated})); n != 3 {
			t.Errorf("%d events, want 3: two deliveries of each", n)
		}
		if n := len(w.history(neo.HistoryFilter{Type: neo.WorkflowExecution, Outcome: neo.Success})); n != 3 {
			t.Errorf("%d runs succeeded, want one for each change", n)
		}
		if got := w.newestState(id(1)); got.Fields["urgency"].Value != "1" || got.Fields["state"].Value != "3" {
			t.Errorf("the newest state is %v", got.Fields)
		}
	})
}

// Two states of a version, and a duplicate, in one batch and from several deliverers.
func TestFault2RevisionsAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.save(on("urgency", note))
		w.start(w.store)
		events := []neo.Event{w.change(id(1), "state", "2", "beth.anglin")}
		for n := range 5 {
			events = append(events, w.uncounted(id(1), "u_"+strconv.Itoa(n), "1"))
		}
		done := make(chan error)
		for range 4 {
			for _, event := range events {
				go func() {
					_, err := w.ingest.Submit(t.Context(), event)
					done <- err
				}()
			}
		}
		for range 4 * len(events) {
			w.must(<-done)
		}
		if n := len(w.history(neo.HistoryFilter{Type: neo.EntityUpdated})); n < 1 || n > len(events) {
			t.Errorf("%d events of %d states", n, len(events))
		}
		again := len(w.history(neo.HistoryFilter{Type: neo.EntityUpdated}))
		for _, event := range events {
			w.submit(event)
		}
		if n := len(w.history(neo.HistoryFilter{Type: neo.EntityUpdated})); n != again {
			t.Errorf("delivering all once more made %d events of %d", n, again)
		}
	})
}

// A version that the instance never had does not outrank what it has.
func TestFault2VersionFarAheadIsNotBelieved(t *testing.T) {
	for _, ahead := range []int64{1 << 53, 50_000, 7} {
		onBoth(t, func(t *testing.T, w *world) {
			w.save(on("urgency", note))
			e := w.start(w.store)
			w.submit(w.change(id(1), "state", "2", "beth.anglin"))
			forged := w.change(id(1), "urgency", "1", "mallory")
			forged.Version += ahead - 1
			w.system.mu.Lock()
			w.system.ticket(id(1)).Version--
			w.system.ticket(id(1)).Fields["urgency"] = neo.Value{Value: "3"}
			w.system.mu.Unlock()
			w.submit(forged)
			if got := w.newestState(id(1)); ahead > 100 && got.Version != 1 {
				t.Errorf("before anything was read, Neo's copy has version %d", got.Version)
			}
			w.tell(e)
			w.pass(time.Minute)
			w.work(e)
			if w.system.writes != 0 || w.newestState(id(1)).Version != 1 || len(w.alertNamed("evidence/")) != 1 {
				t.Errorf("%d writes; Neo's copy has version %d; alerts %v", w.system.writes, w.newestState(id(1)).Version, w.alertNamed("evidence/"))
			}
			w.submit(w.change(id(1), "urgency", "2", "beth.anglin"))
			w.work(e)
			if got := w.newestState(id(1)); w.system.writes != 1 || got.Version != 2 || got.Fields["urgency"].Value != "2" {
				t.Errorf("after a real change: %d writes, version %d, %v", w.system.writes, got.Version, got.Fields)
			}
		})
	}
}

// What was read from the instance is the newest, also when it counts less than before.
func TestFault2CounterFellBack(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.save(on("urgency", note))
		e := w.start(w.store)
		for _, state := range []string{"1", "2", "3", "4"} {
			w.submit(w.change(id(1), "state", state, "beth.anglin"))
		}
		w.pass(time.Minute)
		restored := w.change(id(1), "urgency", "1", "beth.anglin")
		restored.Version, restored.Source, restored.ReadAt = 3, neo.SourceSweep, w.clock()
		restored.ChangedAt = w.clock()
		restored.Fields[neo.FieldUpdatedAt] = neo.Value{Value: w.clock().UTC().Format(time.DateTime)}
		w.system.mu.Lock()
		w.system.ticket(id(1)).Version = 3
		w.system.mu.Unlock()
		if !w.submit(restored) {
			t.Error("a lower version with another content was thrown away")
		}
		if w.submit(restored) {
			t.Error("read twice, it is new twice")
		}
		w.work(e)
		if got := w.newestState(id(1)); got.Version != 3 || got.Fields["urgency"].Value != "1" || w.system.writes != 1 {
			t.Errorf("Neo's copy has version %d, %v; %d writes", got.Version, got.Fields, w.system.writes)
		}
		versions, err := w.store.Versions(t.Context(), []neo.TicketRef{ref(id(1))})
		w.must(err)
		if v := versions[ref(id(1))]; v.Newest != 3 || v.Gap() {
			t.Errorf("versions are %+v", v)
		}
	})
}
