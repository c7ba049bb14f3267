package flow_test

import (
	"strings"
	"testing"
	"time"

	"github.com/neoagent/neo"
)

// forge returns a delivery that claims a change of a field which was never made.
func (w *world) forge(id string, version int64, field, value string) neo.Event {
	w.system.mu.Lock()
	defer w.system.mu.Unlock()
	t := w.system.ticket(id)
	e := report(t, neo.FieldChange{Field: field, From: t.Fields[field], To: neo.Value{Value: value, Display: "FORGED " + value}}, "mallory")
	e.Fields[field] = e.Changes[0].To
	e.Version = version
	return e
}

var leave = map[string]neo.ActionSpec{
	"a work note":   spec(neo.ActionAddWorkNote, `{"text":"{{ change.urgency.to }} {{ comment }}"}`),
	"a client note": spec(neo.ActionAddClientNote, `{"text":"{{ change.urgency.to }} {{ comment }}"}`),
	"fields":        spec(neo.ActionUpdateTicket, `{"fields":{"impact":"1"}}`),
	"an e-mail":     spec(neo.ActionNotify, `{"mode":"EMAIL","subject":"x","text":"{{ comment }} {{ change.urgency.to }}"}`),
	"a message":     spec(neo.ActionSendMessage, `{"endpoint":"On-call","text":"{{ change.urgency.to }} {{ comment }}"}`),
	"a new ticket":  spec(neo.ActionCreateTicket, `{"class":"incident","fields":{"short_description":"x {{ comment }}"}}`),
	"time":          spec(neo.ActionLogTime, `{"minutes":5,"text":"{{ comment }}"}`),
}

func (w *world) left() int { return w.system.writes + len(w.sent) + len(w.system.created) }

// Whoever knows the callback's secret can deliver what he likes.
func TestFault3ForgedChangesDoNothing(t *testing.T) {
	for name, action := range leave {
		t.Run("fault 3: "+name, func(t *testing.T) {
			for _, version := range []int64{1, 2, 3} { // too old, as the ticket is, of the future
				w := newWorld(t, sqlite(t))
				w.must(w.store.CreateEndpoint(t.Context(), &neo.Endpoint{ID: "e1", TenantID: neo.DefaultTenant, Name: "On-call", Kind: neo.EndpointSlack, Host: "x", Sealed: []byte{1}}))
				d := on("urgency", action)
				d.Changes = append(d.Changes, neo.TargetChange{ChangeType: neo.CustomerReplied})
				w.save(d)
				e := w.start(w.store)
				w.submit(w.change(id(1), "state", "2", "beth.anglin"))
				w.submit(w.change(id(1), "state", "3", "beth.anglin"))
				if !w.submit(w.forge(id(1), version, "urgency", "1")) {
					t.Fatal("the forged delivery was known")
				}
				reply := w.forge(id(1), version, "state", "3")
				reply.Changes, reply.Kinds, reply.Journal = nil, []neo.ChangeType{neo.CustomerReplied}, []neo.JournalEntry{{Element: "comments", Text: "FORGED", Author: "mallory"}}
				reply.Fields = nil
				w.submit(reply)
				for range 12 {
					w.tell(e)
					w.pass(15 * time.Second)
				}
				if w.left() != 0 {
					t.Errorf("version %d: %d things were done for a forged delivery", version, w.left())
				}
				ended := w.history(neo.HistoryFilter{Type: neo.WorkflowExecution})
				for _, h := range ended {
					if h.Outcome != neo.Skipped || !strings.Contains(h.Message, "The instance does not confirm") {
						t.Errorf("version %d: a run ended %s: %s", version, h.Outcome, h.Message)
					}
				}
				if len(ended) != 2 || len(w.alertNamed("evidence/")) != 1 {
					t.Errorf("version %d: %d runs and %d alerts, want 2 and 1", version, len(ended), len(w.alertNamed("evidence/")))
				}
			}
		})
	}
}

// Conditions on fields of which the delivery claims that they are so.
func TestFault3ForgedConditionDoesNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		d := on("urgency", note)
		d.Conditions = &neo.Rule{Combinator: neo.And, Rules: []neo.Rule{{Field: "priority", Operator: neo.OpEqual, Value: "1"}}}
		w.save(d)
		e := w.start(w.store)
		w.change(id(1), "priority", "4", "beth.anglin")
		real := w.change(id(1), "urgency", "2", "beth.anglin")
		real.Fields["priority"] = neo.Value{Value: "1"}
		w.submit(real)
		w.tell(e)
		w.pass(time.Minute)
		w.work(e)
		if w.system.writes != 0 || len(w.alertNamed("evidence/")) != 1 {
			t.Errorf("%d writes, %d alerts", w.system.writes, len(w.alertNamed("evidence/")))
		}
	})
}

// Others change a ticket while Neo is on its way to it: that is no forgery.
func TestFault3LaterChangesAreNoForgery(t *testing.T) {
	changed := func(w *world, value string) { w.submit(w.change(id(1), "urgency", value, "beth.anglin")) }
	for name, tt := range map[string]struct {
		later func(w *world)
		tells int // until it is done
	}{
		"nothing":                       {func(*world) {}, 1},
		"another field":                 {func(w *world) { w.submit(w.change(id(1), "state", "7", "beth.anglin")) }, 1},
		"the same field":                {func(w *world) { changed(w, "2") }, 1},
		"the same field, twice":         {func(w *world) { changed(w, "2"); changed(w, "3") }, 1},
		"the same field, without count": {func(w *world) { w.submit(w.uncounted(id(1), "urgency", "2")) }, 1},
		"another field, not delivered":  {func(w *world) { w.change(id(1), "state", "7", "beth.anglin") }, 1},
		"fields that read another way":  {func(w *world) { w.system.ticket(id(1)).Fields["active"] = neo.Value{Value: "1"} }, 1},
	} {
		t.Run("fault 3: "+name, func(t *testing.T) {
			w := newWorld(t, sqlite(t))
			d := on("urgency", note)
			d.Conditions = &neo.Rule{Combinator: neo.And, Rules: []neo.Rule{{Field: "urgency", Operator: neo.OpEqual, Value: "1"}}}
			w.save(d)
			e := w.start(w.store)
			w.system.ticket(id(1)).Fields["active"] = neo.Value{Value: "true"}
			w.submit(w.change(id(1), "urgency", "1", "beth.anglin"))
			run := w.unfinished()[0]
			tt.later(w)
			for range tt.tells {
				if err := e.Work(t.Context(), run); err != nil {
					t.Log(err)
				}
			}
			if r := w.run(run); r.Outcome != neo.Success || len(w.alertNamed("evidence/")) != 0 {
				t.Errorf("the run is %s: %s", r.Outcome, r.Message)
			}
		})
	}
}

// The later change was not delivered: Neo waits for the sweep to find it.
func TestFault3WaitsForWhatExplains(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.save(on("urgency", note))
		e := w.start(w.store)
		w.submit(w.change(id(1), "urgency", "1", "beth.anglin"))
		run := w.unfinished()[0]
		lost := w.change(id(1), "urgency", "2", "beth.anglin")
		for range 3 {
			_ = e.Work(t.Context(), run)
			w.pass(15 * time.Second)
		}
		if r := w.run(run); r.Outcome != neo.Pending {
			t.Fatalf("the run is %s: %s", r.Outcome, r.Message)
		}
		lost.Source = neo.SourceSweep
		w.submit(lost)
		_ = e.Work(t.Context(), run)
		if r := w.run(run); r.Outcome != neo.Success {
			t.Errorf("the run is %s: %s", r.Outcome, r.Message)
		}
	})
}

// Two workflows for one event: what the first writes does not refute the second.
func TestFault3OwnWritesAreNoForgery(t *testing.T) {
	w := newWorld(t, sqlite(t))
	w.save(on("urgency", spec(neo.ActionUpdateTicket, `{"fields":{"urgency":"2"}}`)))
	w.save(on("urgency", note))
	e := w.start(w.store)
	w.submit(w.change(id(1), "urgency", "1", "beth.anglin"))
	w.tell(e)
	if n := len(w.history(neo.HistoryFilter{Type: neo.WorkflowExecution, Outcome: neo.Success})); n != 2 {
		t.Errorf("%d of 2 runs succeeded", n)
	}
}

// The journal is asked only where a note counts, and was delivered.
func TestFault3NotesAreLookedUpWhereTheyCount(t *testing.T) {
	w := newWorld(t, sqlite(t))
	w.save(onReply(spec(neo.ActionAddWorkNote, `{"text":"He says: {{ comment }}"}`)))
	w.save(on("state", raise))
	e := w.start(w.store)
	w.submit(w.change(id(1), "state", "2", "beth.anglin"))
	w.tell(e)
	if w.system.looked != 0 {
		t.Errorf("the journal was asked %d times for a change without notes", w.system.looked)
	}
	w.submit(w.reply(id(1)))
	w.tell(e)
	if w.system.looked != 1 || len(w.system.notes[id(1)]) != 1 || !strings.Contains(w.system.notes[id(1)][0], "He says: Automatic reply") {
		t.Errorf("the journal was asked %d times; notes %q", w.system.looked, w.system.notes[id(1)])
	}
}
