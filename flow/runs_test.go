package flow_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/flow"
)

// steps returns the steps of a run.
func (w *world) steps(run string) []neo.Step {
	w.t.Helper()
	steps, err := w.store.Steps(w.t.Context(), neo.DefaultTenant, run)
	w.must(err)
	return steps
}

// stands checks how a run stands and that its message contains said.
func (w *world) stands(run string, outcome neo.Outcome, said string) {
	w.t.Helper()
	if got := w.run(run); got.Outcome != outcome || !strings.Contains(got.Message, said) {
		w.t.Errorf("the run is %s %q, want %s %q", got.Outcome, got.Message, outcome, said)
	}
}

func named(name string, a neo.ActionSpec) neo.ActionSpec {
	a.Name = name
	return a
}

// begin saves a workflow, starts it by a change of state, and tells the engine once.
func (w *world) begin(d neo.Definition) (*flow.Engine, string) {
	w.t.Helper()
	w.save(d)
	e := w.start(w.store)
	w.submit(w.change(id(1), "state", "2", "beth.anglin"))
	run := w.unfinished()[0]
	w.tell(e)
	return e, run
}

func TestOrderedWorkflowsGoOneAfterTheOther(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		no := false
		var names []string
		for _, order := range []int{30, 10, 20} {
			d := on("state", spec(neo.ActionAddWorkNote, fmt.Sprintf(`{"text":"%d"}`, order)))
			d.Name, d.ExecutionOrder, d.IgnoreExecutionOrder = fmt.Sprint(order), order, &no
			w.save(d)
			names = append(names, d.Name)
		}
		e := w.start(w.store)
		w.submit(w.change(id(1), "state", "2", "beth.anglin"))
		runs := w.unfinished()
		slices.Reverse(runs) // told in the wrong order
		for _, run := range runs {
			w.must(e.Work(t.Context(), run))
		}
		if n := len(w.system.notes[id(1)]); n != 1 {
			t.Fatalf("%d notes after each run was told once, last first; want 1", n)
		}
		w.work(e)
		var order []string
		for _, n := range w.system.notes[id(1)] {
			order = append(order, n[:2])
		}
		slices.Sort(names)
		if !slices.Equal(order, names) {
			t.Errorf("the notes came in the order %v, want %v", order, names)
		}
	})
}

func TestSequentialWorkflowHasOneRunAtATime(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		d := on("state", note)
		d.ProcessEntitiesSequentially = true
		w.save(d)
		e := w.start(w.store)
		for n := range 3 {
			w.submit(w.change(id(n+1), "state", "2", "beth.anglin"))
		}
		runs := w.unfinished()
		w.must(e.Work(t.Context(), runs[2]))
		w.must(e.Work(t.Context(), runs[1]))
		w.stands(runs[2], neo.Pending, "Waits for the run before it")
		w.must(e.Work(t.Context(), runs[0]))
		w.stands(runs[0], neo.Success, "Added a work note")
		w.work(e)
		w.stands(runs[2], neo.Success, "Added a work note")
	})
}

func TestShadowWritesNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		d := on("state", note, spec(neo.ActionAskApproval, `{"text":"May I?"}`), spec(neo.ActionWait, `{"for_minutes":60}`), raise)
		d.Shadow = true
		_, run := w.begin(d)
		w.stands(run, neo.Success, "Would")
		if w.system.writes != 0 {
			t.Errorf("%d writes were sent", w.system.writes)
		}
		for _, s := range w.steps(run) {
			if s.State != neo.StepPlanned {
				t.Errorf("step %d is %s", s.Position, s.State)
			}
		}
		if last := w.steps(run)[3]; last.Write.Fields["urgency"] != "1" || last.Before["urgency"].Value != "3" {
			t.Errorf("the last step is %+v", last)
		}
	})
}

func TestWorkflowsStartEachOtherButNotForEver(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		other := w.save(neo.Definition{Name: "Other", TriggerType: neo.OnRequest, Actions: []neo.ActionSpec{note}})
		d := on("state", spec(neo.ActionRunWorkflow, `{"workflow":"Other"}`))
		e, run := w.begin(d)
		w.stands(run, neo.Success, "Started the workflow “Other”.")
		w.work(e)
		child, err := w.store.ChildRun(t.Context(), neo.DefaultTenant, run, neo.CauseWorkflow)
		w.must(err)
		if child.Outcome != neo.Success || child.WorkflowID != other.ID || child.Depth != 1 || w.steps(run)[0].StartedRun != child.ID {
			t.Errorf("the child is %+v", child)
		}

		once := neo.Definition{Name: "Once", TriggerType: neo.OnRequest, Actions: []neo.ActionSpec{note}, RunOnlyOncePerEntity: true}
		w.save(once)
		twice := w.save(neo.Definition{Name: "Twice", TriggerType: neo.OnRequest, Actions: []neo.ActionSpec{
			spec(neo.ActionRunWorkflow, `{"workflow":"Once"}`), spec(neo.ActionRunWorkflow, `{"workflow":"Once"}`)}})
		asked, err := w.requests().Ask(t.Context(), boss, twice.ID, []string{"INC" + id(1)}, time.Time{}, "")
		w.must(err)
		w.work(e)
		w.stands(asked[0].RunID, neo.Success, "Started the workflow “Once”. The workflow “Once” runs once for a ticket, and has run for this one.")
		if second := w.steps(asked[0].RunID)[1]; second.State != neo.StepSkipped || second.StartedRun != "" {
			t.Errorf("the second start of a workflow that runs once is %+v", second)
		}

		loop := w.save(neo.Definition{Name: "Ping", TriggerType: neo.OnRequest, Actions: []neo.ActionSpec{spec(neo.ActionRunWorkflow, `{"workflow":"Pong"}`)}})
		pong := w.save(neo.Definition{Name: "Pong", TriggerType: neo.OnRequest, Actions: []neo.ActionSpec{spec(neo.ActionRunWorkflow, `{"workflow":"Ping"}`)}})
		_, err = w.requests().Ask(t.Context(), boss, loop.ID, []string{"INC" + id(1)}, time.Time{}, "")
		w.must(err)
		w.work(e)
		var outcomes []neo.Outcome
		for _, h := range w.history(neo.HistoryFilter{Type: neo.WorkflowExecution}) {
			if h.WorkflowID == loop.ID || h.WorkflowID == pong.ID {
				outcomes = append(outcomes, h.Outcome)
			}
		}
		if len(outcomes) != 6 || outcomes[0] != neo.Failure || slices.Contains(outcomes[1:], neo.Failure) {
			t.Errorf("the runs of two workflows that start each other are %v, want five successes and then a failure", outcomes)
		}
	})
}

func TestWorkflowIsPausedAfterFailures(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		d := on("state", spec(neo.ActionAssign, `{"group":"Nobody"}`))
		d.PauseAfterFailures = 2
		f := w.save(d)
		e := w.start(w.store)
		for n := range 3 {
			w.submit(w.change(id(n+1), "state", "2", "beth.anglin"))
			w.tell(e)
		}
		paused, err := w.store.Workflow(t.Context(), neo.DefaultTenant, f.ID)
		w.must(err)
		if paused.Enabled || !strings.Contains(paused.Paused, "2 of its runs in a row have failed") {
			t.Errorf("after two failures it is enabled %v, paused %q", paused.Enabled, paused.Paused)
		}
		if n := len(w.history(neo.HistoryFilter{Type: neo.WorkflowExecution})); n != 2 {
			t.Errorf("%d runs, want 2: the third change came when it was off", n)
		}
		if alerts := w.openAlerts(); len(alerts) != 1 || !strings.Contains(alerts[0].Title, "switched off") {
			t.Errorf("the alerts are %+v", alerts)
		}
	})
}
