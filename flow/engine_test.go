package flow_test

import (
	"strings"
	"testing"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/flow"
	"github.com/neoagent/neo/store"
)

func sqlite(t *testing.T) store.Config { return store.Config{DataDir: t.TempDir()} }

func TestRunRecordsBeforeAndAfter(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.save(on("state", raise, note))
		e := w.start(w.store)
		w.submit(w.change(id(1), "state", "2", "beth.anglin"))
		run := w.unfinished()[0]
		w.work(e)

		got := w.run(run)
		if got.Outcome != neo.Success || got.FinishedAt.IsZero() || !strings.Contains(got.Message, "Urgency") {
			t.Errorf("the run is %s %q, want a success that says what was set", got.Outcome, got.Message)
		}
		steps, err := w.store.Steps(t.Context(), neo.DefaultTenant, run)
		w.must(err)
		if len(steps) != 2 {
			t.Fatalf("%d steps, want 2", len(steps))
		}
		s := steps[0]
		if s.State != neo.StepDone || s.Before["urgency"].Value != "3" || s.After["urgency"].Value != "1" || s.BeforeVersion != 1 || s.AfterVersion != 2 {
			t.Errorf("the first step is %+v, want urgency 3 → 1 from version 1 to 2", s)
		}
		if n := w.system.notes[id(1)]; len(n) != 1 || !strings.HasPrefix(n[0], "Seen.\n— Neo Agent · On state · neo-") {
			t.Errorf("the notes are %q, want one with Neo's signature", n)
		}
	})
}

func TestNothingIsWrittenThatIsAsWanted(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.save(on("urgency", raise))
		e := w.start(w.store)
		w.submit(w.change(id(1), "urgency", "1", "beth.anglin"))
		run := w.unfinished()[0]
		w.work(e)
		if w.system.writes != 0 {
			t.Errorf("%d writes were sent, want none", w.system.writes)
		}
		if got := w.run(run); got.Outcome != neo.Success || !strings.Contains(got.Message, "as wanted") {
			t.Errorf("the run is %s %q", got.Outcome, got.Message)
		}
	})
}

func TestSilentlyDroppedFieldIsReported(t *testing.T) {
	w := newWorld(t, sqlite(t))
	w.save(on("state", spec(neo.ActionUpdateTicket, `{"fields":{"urgency":"1","u_unknown":"x"}}`)))
	w.system.drops = map[string]bool{"u_unknown": true}
	e := w.start(w.store)
	w.submit(w.change(id(1), "state", "2", "beth.anglin"))
	run := w.unfinished()[0]
	w.work(e)
	if got := w.run(run); !strings.Contains(got.Message, "did not take, or changed, u_unknown") {
		t.Errorf("the run says %q, want that u_unknown was not taken", got.Message)
	}
}

func TestLostAnswers(t *testing.T) {
	for _, c := range []struct {
		name    string
		arrived bool
	}{{"the write arrived", true}, {"the write did not arrive", false}} {
		t.Run(c.name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, w *world) {
				w.save(on("state", raise, note))
				e := w.start(w.store)
				w.submit(w.change(id(1), "state", "2", "beth.anglin"))
				run := w.unfinished()[0]
				failures := 0
				lose := func() error {
					if failures++; failures <= 2 {
						return errLost
					}
					return nil
				}
				if c.arrived {
					w.system.after = lose
				} else {
					w.system.before = lose
				}
				w.work(e)
				if got := w.run(run); got.Outcome != neo.Success {
					t.Errorf("the run is %s: %s", got.Outcome, got.Message)
				}
				if got := w.run(run); got.Message != "Set Urgency to “1”. Added a work note." {
					t.Errorf("the run says %q, want what it did and nothing of its waits", got.Message)
				}
				if n := len(w.system.notes[id(1)]); n != 1 {
					t.Errorf("the note is there %d times, want once", n)
				}
				if w.system.writes != 2 {
					t.Errorf("%d writes took effect, want 2", w.system.writes)
				}
			})
		})
	}
}

// A write whose answer is lost is not repeated while it may still take effect.
func TestUnsureWriteIsGivenTimeToSettle(t *testing.T) {
	w := newWorld(t, sqlite(t))
	w.save(on("state", note))
	e := w.start(w.store)
	w.submit(w.change(id(1), "state", "2", "beth.anglin"))
	run := w.unfinished()[0]
	sent := 0
	w.system.before = func() error { sent++; return errLost }
	w.must(e.Work(t.Context(), run))
	w.pass(3 * time.Second)
	w.must(e.Work(t.Context(), run))
	if sent != 1 {
		t.Errorf("the write was sent %d times within the time to settle, want once", sent)
	}
}

func TestRefusalsFailTheRun(t *testing.T) {
	for _, c := range []struct {
		name   string
		action neo.ActionSpec
		answer error
		want   string
	}{
		{"the instance says no", raise, neo.Errorf(neo.CodeRefused, "Data Policy Exception: Resolution code is mandatory."), "Data Policy Exception"},
		{"the ticket is gone", raise, neo.Errorf(neo.CodeNotFound, "The ticket no longer exists."), "no longer exists"},
		{"an unknown group", spec(neo.ActionAssign, `{"group":"Nobody"}`), nil, `no group "Nobody"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, w *world) {
				w.save(on("state", c.action, note))
				e := w.start(w.store)
				w.submit(w.change(id(1), "state", "2", "beth.anglin"))
				run := w.unfinished()[0]
				w.system.before = func() error { return c.answer }
				w.work(e)
				if got := w.run(run); got.Outcome != neo.Failure || !strings.Contains(got.Message, c.want) {
					t.Errorf("the run is %s %q, want a failure that says %q", got.Outcome, got.Message, c.want)
				}
				if len(w.system.notes[id(1)]) != 0 {
					t.Error("the step after the one that failed was carried out")
				}
			})
		})
	}
}

func TestRunIsGivenUpAfterManyTries(t *testing.T) {
	w := newWorld(t, sqlite(t))
	w.save(on("state", raise))
	e := w.start(w.store)
	w.submit(w.change(id(1), "state", "2", "beth.anglin"))
	run := w.unfinished()[0]
	w.system.before = func() error { return errLost }
	w.work(e)
	if got := w.run(run); got.Outcome != neo.Failure || !strings.HasPrefix(got.Message, "Given up after ") {
		t.Errorf("the run is %s %q", got.Outcome, got.Message)
	}
	steps, err := w.store.Steps(t.Context(), neo.DefaultTenant, run)
	w.must(err)
	if len(steps) != 1 || steps[0].State != neo.StepFailed {
		t.Errorf("the steps are %+v, want one that failed", steps)
	}
}

func TestFinishedRunIsLeftAlone(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.save(on("state", note))
		e := w.start(w.store)
		w.submit(w.change(id(1), "state", "2", "beth.anglin"))
		run := w.unfinished()[0]
		w.work(e)
		w.must(e.Work(t.Context(), run))
		if n := len(w.system.notes[id(1)]); n != 1 {
			t.Errorf("the note is there %d times, want once", n)
		}
	})
}

func TestTwoProcessesDoNotShareARun(t *testing.T) {
	twice(t, func(w *world, _ *flow.Engine) *flow.Engine { return w.start(w.store) })
}

// River may tell two workers of one replica at the same time.
func TestTwoWorkersOfAProcessDoNotShareARun(t *testing.T) {
	twice(t, func(_ *world, first *flow.Engine) *flow.Engine { return first })
}

// twice tells a second engine about a run while the first one is writing.
func twice(t *testing.T, other func(w *world, first *flow.Engine) *flow.Engine) {
	onBoth(t, func(t *testing.T, w *world) {
		w.save(on("state", note))
		first := w.start(w.store)
		second := other(w, first)
		w.submit(w.change(id(1), "state", "2", "beth.anglin"))
		run := w.unfinished()[0]
		w.system.before = func() error {
			w.system.before = nil
			w.system.mu.Unlock()
			defer w.system.mu.Lock()
			if err := second.Work(t.Context(), run); neo.CodeOf(err) != neo.CodeUnavailable {
				t.Errorf("the second one got %v, want to be told again later", err)
			}
			return nil
		}
		w.must(first.Work(t.Context(), run))
		if n := len(w.system.notes[id(1)]); n != 1 {
			t.Errorf("the note is there %d times, want once", n)
		}
	})
}
