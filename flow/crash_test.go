package flow_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/flow"
)

// mortal is a process that dies at its n-th call to the outside: the call takes
// effect or not, and nothing that it does afterwards does.
type mortal struct {
	flow.Store
	left  int
	after bool // whether the last call still takes effect
	dead  bool
}

var errDead = errors.New("the process is dead")

// call makes a call to the outside, unless the process has died.
func (m *mortal) call(f func() error) error {
	if m.dead {
		return errDead
	}
	m.left--
	if m.left > 0 {
		return f()
	}
	m.dead = true
	if m.after {
		_ = f()
	}
	return errDead
}

func (m *mortal) InTx(ctx context.Context, f func(tx neo.Tx) error) error {
	return m.call(func() error { return m.Store.InTx(ctx, f) })
}

func (m *mortal) TakeRun(ctx context.Context, id, owner string, now, until time.Time) (run neo.Run, taken bool, leased time.Time, err error) {
	err = m.call(func() (err error) {
		run, taken, leased, err = m.Store.TakeRun(ctx, id, owner, now, until)
		return err
	})
	return run, taken, leased, err
}

// mortalSystem is the ticket system as that process sees it.
type mortalSystem struct {
	*system
	process *mortal
}

func (s mortalSystem) Read(ctx context.Context, r neo.TicketRef) (t neo.Ticket, err error) {
	err = s.process.call(func() (err error) { t, err = s.system.Read(ctx, r); return err })
	return t, err
}

func (s mortalSystem) Write(ctx context.Context, r neo.TicketRef, w neo.Write) (t neo.Ticket, err error) {
	err = s.process.call(func() (err error) { t, err = s.system.Write(ctx, r, w); return err })
	return t, err
}

func (s mortalSystem) HasNote(ctx context.Context, r neo.TicketRef, journal neo.Journal, text string, since time.Time) (has bool, err error) {
	err = s.process.call(func() (err error) { has, err = s.system.HasNote(ctx, r, journal, text, since); return err })
	return has, err
}

func (s mortalSystem) HasEntry(ctx context.Context, r neo.TicketRef, journal neo.Journal, text string, since time.Time) (has bool, err error) {
	err = s.process.call(func() (err error) { has, err = s.system.HasEntry(ctx, r, journal, text, since); return err })
	return has, err
}

func (s mortalSystem) HasEmail(ctx context.Context, r neo.TicketRef, marker string) (has bool, err error) {
	err = s.process.call(func() (err error) { has, err = s.system.HasEmail(ctx, r, marker); return err })
	return has, err
}

func (s mortalSystem) HasTimeEntry(ctx context.Context, r neo.TicketRef, marker string) (has bool, err error) {
	err = s.process.call(func() (err error) { has, err = s.system.HasTimeEntry(ctx, r, marker); return err })
	return has, err
}

func (s mortalSystem) Create(ctx context.Context, n neo.NewTicket) (t neo.Ticket, err error) {
	err = s.process.call(func() (err error) { t, err = s.system.Create(ctx, n); return err })
	return t, err
}

func (s mortalSystem) Created(ctx context.Context, class neo.TicketClass, mark string) (t neo.Ticket, found bool, err error) {
	err = s.process.call(func() (err error) { t, found, err = s.system.Created(ctx, class, mark); return err })
	return t, found, err
}

// A run that sets a field, adds a note and sends an e-mail survives the death of its process at
// every call it makes, and of the process after that one too: each thing happens
// once. Each case is two deaths and a survivor.
func TestRunSurvivesDeathAtAnyCall(t *testing.T) {
	for _, after := range []bool{false, true} {
		for first := 1; ; first++ {
			finished := false
			t.Run(fmt.Sprintf("call %d, took effect %v", first, after), func(t *testing.T) {
				w := newWorld(t, sqlite(t))
				w.save(on("state", raise, note, spec(neo.ActionNotify, `{"mode":"EMAIL","subject":"Your ticket","text":"We are on it."}`)))
				w.start(w.store)
				w.submit(w.change(id(1), "state", "2", "beth.anglin"))
				run := w.unfinished()[0]

				finished = !w.dies(run, first, after)
				if !finished {
					w.dies(run, first%5+1, after)
				}
				w.work(w.start(w.store))

				if got := w.run(run); got.Outcome != neo.Success {
					t.Errorf("the run is %s: %s", got.Outcome, got.Message)
				}
				if n := len(w.system.notes[id(1)]); n != 1 {
					t.Errorf("there are %d notes, want 1: %q", n, w.system.notes[id(1)])
				}
				if len(w.system.emails) != 1 {
					t.Errorf("%d emails were sent, want 1: %+v", len(w.system.emails), w.system.emails)
				}
				if w.system.writes != 3 {
					t.Errorf("%d writes took effect, want 3", w.system.writes)
				}
			})
			if finished || t.Failed() {
				break
			}
			if first > 100 {
				t.Fatal("the run does not come to its end")
			}
		}
	}
}

// The same for what else a run does outside of its ticket: a client-facing note, time
// worked, a new ticket; and for the run that it starts.
func TestRunSurvivesDeathWhateverItDoes(t *testing.T) {
	for _, after := range []bool{false, true} {
		for first := 1; ; first++ {
			finished := false
			t.Run(fmt.Sprintf("call %d, took effect %v", first, after), func(t *testing.T) {
				w := newWorld(t, sqlite(t))
				other := w.save(neo.Definition{Name: "Other", TriggerType: neo.OnRequest, Actions: []neo.ActionSpec{note}})
				w.save(on("state", spec(neo.ActionAddClientNote, `{"text":"We are on it."}`), spec(neo.ActionLogTime, `{"minutes":5,"text":"Looked."}`),
					spec(neo.ActionCreateTicket, `{"class":"problem","fields":{"short_description":"Again"},"link":true}`),
					spec(neo.ActionRunWorkflow, `{"workflow":"Other"}`)))
				w.start(w.store)
				w.submit(w.change(id(1), "state", "2", "beth.anglin"))
				run := w.unfinished()[0]

				finished = !w.dies(run, first, after)
				if !finished {
					w.dies(run, first%5+1, after)
				}
				w.work(w.start(w.store))

				w.stands(run, neo.Success, "")
				if n := w.system.clientNotes[id(1)]; len(n) != 1 || n[0] != "We are on it." {
					t.Errorf("the client-facing notes are %q, want one, without a mark", n)
				}
				if len(w.system.times) != 1 || len(w.system.created) != 1 {
					t.Errorf("%d time entries and %d tickets were made, want one each", len(w.system.times), len(w.system.created))
				}
				started := 0
				for _, h := range w.history(neo.HistoryFilter{Type: neo.WorkflowExecution}) {
					if h.WorkflowID == other.ID {
						started++
					}
				}
				if started != 1 || len(w.system.notes[id(1)]) != 1 {
					t.Errorf("the other workflow was started %d times and left %d notes, want one", started, len(w.system.notes[id(1)]))
				}
			})
			if finished || t.Failed() {
				break
			}
			if first > 100 {
				t.Fatal("the run does not come to its end")
			}
		}
	}
}

// dies carries the run out in a process that dies at its n-th call, and reports
// whether it came so far.
func (w *world) dies(run string, n int, after bool) bool {
	process := &mortal{Store: w.store, left: n, after: after}
	e := w.engine(process, mortalSystem{w.system, process})
	_ = e.Work(w.t.Context(), run)
	w.pass(time.Minute) // its lease ends
	w.must(w.store.ReleaseLeases(w.t.Context()))
	return process.dead
}
