package flow_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/flow"
)

// sequential begins a workflow that goes one by one on n tickets; only the last of its
// runs is told, so that it waits for its turn.
func (w *world) sequential(n int) (*flow.Engine, []string) {
	w.t.Helper()
	d := on("state", note)
	d.ProcessEntitiesSequentially = true
	w.save(d)
	e := w.start(w.store)
	for i := range n {
		w.submit(w.change(id(i+1), "state", "2", "beth.anglin"))
	}
	runs := w.unfinished()
	w.must(e.Work(w.t.Context(), runs[n-1]))
	w.stands(runs[n-1], neo.Pending, "Waits for the run before it")
	return e, runs
}

func TestWhoIsRungForItsTurnBeginsAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		e, runs := w.sequential(2)
		w.must(e.Work(t.Context(), runs[0]))
		w.must(e.Work(t.Context(), runs[1])) // no time has passed
		w.stands(runs[1], neo.Success, "Added a work note")
	})
}

func TestRunThatWaitsForItsTurnIsCancelled(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		e, runs := w.sequential(2)
		w.must(w.requests().Cancel(t.Context(), neo.DefaultTenant, runs[1]))
		w.must(e.Work(t.Context(), runs[1]))
		w.stands(runs[1], neo.Cancelled, "Cancelled.")
	})
}

// What is not made, since it was done once on this ticket, must not break the row.
func TestOrderSurvivesARunThatIsNotMade(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		no := false
		for order, once := range []bool{false, true, false} {
			d := on("state", note)
			d.Name, d.ExecutionOrder, d.IgnoreExecutionOrder, d.RunOnlyOncePerEntity = strings.Repeat("I", order+1), order, &no, once
			w.save(d)
		}
		e := w.start(w.store)
		w.submit(w.change(id(1), "state", "2", "beth.anglin"))
		w.work(e)
		w.submit(w.change(id(1), "state", "3", "beth.anglin"))
		runs := w.unfinished()
		if len(runs) != 2 {
			t.Fatalf("%d runs, want the first and the third workflow's", len(runs))
		}
		w.must(e.Work(t.Context(), runs[1]))
		w.stands(runs[1], neo.Pending, "Waits for the run before it")
		w.must(e.Work(t.Context(), runs[0]))
		w.must(e.Work(t.Context(), runs[1]))
		w.stands(runs[1], neo.Success, "Added a work note")
	})
}

// The queue of one process is filled from the rows: after a restart they must say that
// somebody has answered, or wants the run to stop.
func TestAnswersAndCancelsOutliveTheProcess(t *testing.T) {
	due := func(w *world, run string) time.Time {
		jobs, err := w.store.UnfinishedRuns(w.t.Context(), "", 10)
		w.must(err)
		if len(jobs) != 1 || jobs[0].RunID != run {
			w.t.Fatalf("the unfinished runs are %v", jobs)
		}
		return jobs[0].At
	}
	for name, then := range map[string]func(w *world, run string) error{
		"answer": func(w *world, _ string) error {
			return w.requests().Decide(w.t.Context(), boss, w.question().ID, neo.ApprovalApproved, "")
		},
		"cancel": func(w *world, run string) error {
			return w.requests().Cancel(w.t.Context(), neo.DefaultTenant, run)
		},
	} {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, w *world) {
				_, run := w.begin(on("state", spec(neo.ActionAskApproval, `{"text":"May I?"}`)))
				if at := due(w, run); !at.After(w.clock()) {
					t.Fatalf("it looks again at %v, before anything has happened", at)
				}
				w.must(then(w, run))
				if at := due(w, run); at.After(w.clock()) {
					t.Errorf("it looks again at %v, want at once", at)
				}
			})
		})
	}
}

// jobs counts what an engine asks the queue for.
type jobs struct{ n int }

func (j *jobs) Add(_ context.Context, _ neo.Tx, all ...neo.Job) error {
	j.n += len(all)
	return nil
}

// Each ring for a run that waits would otherwise begin one more series of looks, for
// as long as it waits.
func TestRingBeforeTheTimeBeginsNoSeriesOfLooks(t *testing.T) {
	w := newWorld(t, sqlite(t))
	_, run := w.begin(on("state", spec(neo.ActionWait, `{"until_rule":{"combinator":"and","rules":[{"field":"state","operator":"=","value":"6"}]}}`)))
	log := slog.New(slog.DiscardHandler)
	m, err := flow.NewMatcher(t.Context(), w.store, log)
	w.must(err)
	asked := &jobs{}
	e := flow.NewEngine(flow.EngineOptions{
		Matcher: m, Store: w.store, Queue: asked, Sender: w, Now: w.clock, Changed: func() {}, Log: log,
		Systems: func(context.Context, string) (flow.TicketSystem, error) { return w.system, nil },
	})
	due := w.run(run).DueAt
	for range 3 {
		w.must(e.Work(t.Context(), run))
		w.stands(run, neo.Waiting, "Waits for the ticket")
	}
	if is := w.run(run).DueAt; asked.n != 0 || !is.Equal(due) {
		t.Errorf("three rings asked for %d looks more and moved the next from %v to %v", asked.n, due, is)
	}
	w.pass(6 * time.Minute)
	w.must(e.Work(t.Context(), run))
	if asked.n != 1 {
		t.Errorf("the look on time asked for %d more, want the next", asked.n)
	}
}

// A process that stops in the middle of a look leaves the run waiting: else nobody
// would ring when the ticket changes.
func TestRunThatWaitsIsGivenBackWaiting(t *testing.T) {
	w := newWorld(t, sqlite(t))
	_, run := w.begin(on("state", spec(neo.ActionWait, `{"for_minutes":60,"until_rule":{"combinator":"and","rules":[{"field":"state","operator":"=","value":"6"}]}}`)))
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	e := w.engine(w.store, stopping{w.system, stop})
	w.pass(61 * time.Minute)
	if err := e.Work(ctx, run); err == nil {
		t.Error("the look is said to be done")
	}
	w.stands(run, neo.Waiting, "Waits for the ticket")
}

// stopping is a ticket system during whose answer the process stops.
type stopping struct {
	flow.TicketSystem
	stop func()
}

func (s stopping) Read(ctx context.Context, _ neo.TicketRef) (neo.Ticket, error) {
	s.stop()
	return neo.Ticket{}, &neo.Error{Code: neo.CodeUnavailable, Message: "Stopped.", Cause: ctx.Err()}
}

// What was approved and has not arrived is sent again without a second question.
func TestApprovedWriteIsRepeatedWithoutAskingAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.may(neo.GroupTickets, neo.Permission{Level: neo.ReadWrite, AskFirst: true})
		e, run := w.begin(on("state", raise))
		w.must(w.requests().Decide(t.Context(), boss, w.question().ID, neo.ApprovalApproved, ""))
		w.system.before = func() error { w.system.before = nil; return errLost }
		w.tell(e)
		w.stands(run, neo.Pending, "The answer was lost")
		w.pass(20 * time.Minute)
		w.tell(e)
		w.stands(run, neo.Success, "Urgency")
	})
}

// The approved write is lost, the ticket changes, and the question that is asked again
// is cancelled with its run: what was held for the write is decided.
func TestNothingStaysHeldForAWriteThatIsAskedAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.may(neo.GroupTickets, neo.Permission{Level: neo.ReadWrite, AskFirst: true})
		e, run := w.begin(on("state", raise))
		w.must(w.requests().Decide(t.Context(), boss, w.question().ID, neo.ApprovalApproved, ""))
		w.system.before = func() error { w.system.before = nil; return errLost }
		w.tell(e)
		w.submit(w.change(id(1), "urgency", "2", account)) // a person who uses Neo's account
		version := w.system.ticket(id(1)).Version
		if d := w.disposition(id(1), version); d != neo.DispositionHeld {
			t.Fatalf("the change is %s, want it held", d)
		}
		w.pass(20 * time.Minute)
		w.tell(e)
		w.stands(run, neo.Waiting, "asks first")
		w.must(w.requests().Cancel(t.Context(), neo.DefaultTenant, run))
		w.tell(e)
		if d := w.disposition(id(1), version); d != neo.DispositionUnmatched {
			t.Errorf("the change is %s", d)
		}
	})
}

func TestShadowGoesOnAsIfItWasApproved(t *testing.T) {
	w := newWorld(t, sqlite(t))
	d := on("state", named("boss", spec(neo.ActionAskApproval, `{"text":"May I?"}`)),
		spec(neo.ActionContinueIf, `{"conditions":{"combinator":"and","rules":[{"field":"steps.boss.decision","operator":"=","value":"approved"}]}}`), raise)
	d.Shadow = true
	_, run := w.begin(d)
	w.stands(run, neo.Success, "Would")
	if steps := w.steps(run); len(steps) != 3 || steps[2].Write.Fields["urgency"] != "1" {
		t.Errorf("the steps are %+v, want the change after the question", steps)
	}
}

func TestUndoneRunIsNotTriedAgain(t *testing.T) {
	w := newWorld(t, sqlite(t))
	e, run := w.begin(on("state", raise, spec(neo.ActionAssign, `{"group":"Nobody"}`)))
	w.stands(run, neo.Failure, "Nobody")
	_, err := w.requests().Undo(t.Context(), neo.DefaultTenant, run)
	w.must(err)
	w.work(e)
	if err := w.requests().Retry(t.Context(), neo.DefaultTenant, run); neo.CodeOf(err) != neo.CodeConflict {
		t.Errorf("trying it again: %v", err)
	}
}

// A person has switched the workflow off; that another of its runs fails does not say
// that Neo did.
func TestWorkflowThatIsOffIsNotPaused(t *testing.T) {
	w := newWorld(t, sqlite(t))
	d := on("state", spec(neo.ActionAssign, `{"group":"Nobody"}`))
	d.PauseAfterFailures = 1
	f := w.save(d)
	e := w.start(w.store)
	w.submit(w.change(id(1), "state", "2", "beth.anglin"))
	w.must(w.store.SetWorkflowEnabled(t.Context(), neo.DefaultTenant, f.ID, false))
	w.tell(e)
	off, err := w.store.Workflow(t.Context(), neo.DefaultTenant, f.ID)
	w.must(err)
	if alerts := w.openAlerts(); off.Paused != "" || len(alerts) != 1 || alerts[0].Key != neo.FailedAlert(f.ID) {
		t.Errorf("it is paused %q, with the alerts %+v", off.Paused, alerts)
	}
}

// A scheduled workflow that waits longer than an hour does not begin again on the same
// ticket each hour.
func TestScheduleLeavesOutTicketsOnWhichItIsAtWork(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		d := hourly()
		d.Actions = []neo.ActionSpec{spec(neo.ActionAskApproval, `{"text":"May I?"}`)}
		w.save(d)
		e, s := w.start(w.store), w.scheduler()
		w.submit(w.change(id(1), "state", "2", "beth.anglin"))
		w.must(s.Tick(t.Context()))
		for range 3 {
			w.pass(61 * time.Minute)
			w.must(s.Tick(t.Context()))
			w.tell(e)
		}
		if n := len(w.unfinished()); n != 1 {
			t.Errorf("%d runs ask about one ticket", n)
		}
		if list := w.history(neo.HistoryFilter{Type: neo.WorkflowExecution, Ticket: "INC" + id(1)}); len(list) != 1 {
			t.Errorf("%d executions are found by the ticket's number, want the one that its schedule began", len(list))
		}
	})
}
