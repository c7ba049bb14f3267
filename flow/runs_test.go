package flow_test

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/flow"
	"github.com/neoagent/neo/queue/local"
)

var boss = neo.User{ID: "u1", TenantID: neo.DefaultTenant, Name: "Ann Boss", Email: "ann@example.com"}

func (w *world) requests() *flow.Requests {
	q := local.New(local.Options{Unfinished: w.store.UnfinishedRuns, Log: slog.New(slog.DiscardHandler)})
	return flow.NewRequests(w.store, q, w.clock, func() {})
}

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

// may sets what Neo may do in a permission group.
func (w *world) may(group neo.PermissionGroup, p neo.Permission) {
	w.t.Helper()
	all := neo.FullAccess()
	all[group] = p
	w.must(w.store.SavePermissions(w.t.Context(), neo.DefaultTenant, integrationID, all))
}

// question returns the only pending question to technicians.
func (w *world) question() neo.Approval {
	w.t.Helper()
	pending, err := w.store.Approvals(w.t.Context(), neo.DefaultTenant, neo.ApprovalPending, "", 10)
	w.must(err)
	if len(pending) != 1 {
		w.t.Fatalf("%d questions are pending, want 1", len(pending))
	}
	return pending[0]
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

func TestDelayIsWaited(t *testing.T) {
	w := newWorld(t, sqlite(t))
	d := on("state", note)
	d.DelaySeconds = 600
	e, run := w.begin(d)
	w.stands(run, neo.Pending, "")
	w.pass(11 * time.Minute)
	w.tell(e)
	w.stands(run, neo.Success, "Added a work note")
}

func TestWaits(t *testing.T) {
	wait := func(config string) neo.ActionSpec { return spec(neo.ActionWait, config) }
	const resolved = `"until_rule":{"combinator":"and","rules":[{"field":"state","operator":"=","value":"6"}]}`
	resolve := func(w *world) { w.submit(w.change(id(1), "state", "6", "beth.anglin")) }
	for _, test := range []struct {
		name    string
		config  string
		then    func(w *world)
		after   time.Duration
		outcome neo.Outcome
		notes   int
	}{
		{"for a time that has not come", `{"for_minutes":60}`, nil, 59 * time.Minute, neo.Waiting, 0},
		{"for a time", `{"for_minutes":60}`, nil, 61 * time.Minute, neo.Success, 1},
		{"for the ticket", `{` + resolved + `}`, nil, 1000 * time.Hour, neo.Waiting, 0},
		{"until the ticket becomes so", `{` + resolved + `}`, resolve, time.Minute, neo.Success, 1},
		{"until it becomes so or the time is over", `{` + resolved + `,"for_minutes":60}`, nil, 61 * time.Minute, neo.Success, 1},
		{"and stops when it did not", `{` + resolved + `,"for_minutes":60,"stop_if_not":true}`, nil, 61 * time.Minute, neo.Skipped, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, w *world) {
				d := on("state", wait(test.config), note)
				d.Conditions = &neo.Rule{Combinator: neo.And, Rules: []neo.Rule{{Field: "state", Operator: neo.OpEqual, Value: "2"}}}
				e, run := w.begin(d)
				w.stands(run, neo.Waiting, "Waits")
				if test.then != nil {
					test.then(w)
				}
				w.pass(test.after)
				w.tell(e)
				w.stands(run, test.outcome, "")
				if n := len(w.system.notes[id(1)]); n != test.notes {
					t.Errorf("%d notes, want %d", n, test.notes)
				}
			})
		})
	}
}

// TestShortWaitAfterALongOneThatEndedEarly: the second wait has a time of its own.
func TestShortWaitAfterALongOneThatEndedEarly(t *testing.T) {
	w := newWorld(t, sqlite(t))
	d := on("state", spec(neo.ActionWait, `{"until_rule":{"combinator":"and","rules":[{"field":"state","operator":"=","value":"6"}]},"for_minutes":9000}`),
		spec(neo.ActionWait, `{"for_minutes":10}`), note)
	d.RunOnlyOncePerEntity = true
	e, run := w.begin(d)
	w.pass(time.Minute)
	w.submit(w.change(id(1), "state", "3", "beth.anglin"))
	w.tell(e)
	w.stands(run, neo.Waiting, "Waits for the ticket to change")
	w.submit(w.change(id(1), "state", "6", "beth.anglin"))
	w.tell(e)
	if due := w.run(run).DueAt; due.After(w.clock().Add(10 * time.Minute)) {
		t.Errorf("the second wait ends at %v, want in ten minutes", due)
	}
	w.pass(11 * time.Minute)
	w.tell(e)
	w.stands(run, neo.Success, "Added a work note")
}

func TestTechnicianIsAsked(t *testing.T) {
	for _, test := range []struct {
		name     string
		config   string
		decision neo.ApprovalState // "": nobody answers
		after    time.Duration
		outcome  neo.Outcome
		said     string
		notes    int
	}{
		{"approved", `{"text":"May I?"}`, neo.ApprovalApproved, 0, neo.Success, "Approved by Ann Boss: Go on.", 1},
		{"rejected", `{"text":"May I?"}`, neo.ApprovalRejected, 0, neo.Skipped, "Rejected by Ann Boss", 0},
		{"rejected and goes on", `{"text":"May I?","on_reject":"CONTINUE"}`, neo.ApprovalRejected, 0, neo.Success, "Rejected by Ann Boss", 1},
		{"changes asked for", `{"text":"May I?"}`, neo.ApprovalChanges, 0, neo.Skipped, "Ann Boss asked for changes: Go on.", 0},
		{"not answered yet", `{"text":"May I?","deadline_minutes":60}`, "", 59 * time.Minute, neo.Waiting, "Waits for a technician", 0},
		{"not answered: no", `{"text":"May I?","deadline_minutes":60,"on_deadline":"REJECT"}`, "", 61 * time.Minute, neo.Skipped, "Nobody answered in time", 0},
		{"not answered: yes", `{"text":"May I?","deadline_minutes":60,"on_deadline":"APPROVE"}`, "", 61 * time.Minute, neo.Success, "counts as a yes", 1},
		{"not answered: failure", `{"text":"May I?","deadline_minutes":60,"on_deadline":"FAIL"}`, "", 61 * time.Minute, neo.Failure, "Nobody answered in time", 0},
		{"no deadline", `{"text":"May I?"}`, "", 1000 * time.Hour, neo.Waiting, "Waits for a technician", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, w *world) {
				e, run := w.begin(on("state", named("boss", spec(neo.ActionAskApproval, test.config)), spec(neo.ActionAddWorkNote, `{"text":"{{ steps.boss.decision }}"}`)))
				w.stands(run, neo.Waiting, "Waits for a technician")
				if test.decision != "" {
					w.must(w.requests().Decide(t.Context(), boss, w.question().ID, test.decision, "Go on."))
				}
				w.pass(test.after)
				w.tell(e)
				w.stands(run, test.outcome, test.said)
				if n := len(w.system.notes[id(1)]); n != test.notes {
					t.Errorf("%d notes, want %d: %q", n, test.notes, w.system.notes[id(1)])
				}
			})
		})
	}
}

func TestOnlyApproversDecideAndOnce(t *testing.T) {
	w := newWorld(t, sqlite(t))
	w.begin(on("state", spec(neo.ActionAskApproval, `{"text":"May I?","approvers":["bob@example.com"]}`)))
	q := w.question()
	if err := w.requests().Decide(t.Context(), boss, q.ID, neo.ApprovalApproved, ""); neo.CodeOf(err) != neo.CodeForbidden {
		t.Errorf("somebody else's answer: %v", err)
	}
	bob := neo.User{TenantID: neo.DefaultTenant, Name: "Bob", Email: "Bob@Example.com"}
	if err := w.requests().Decide(t.Context(), bob, q.ID, neo.ApprovalChanges, " "); neo.CodeOf(err) != neo.CodeInvalid {
		t.Errorf("changes without a word: %v", err)
	}
	w.must(w.requests().Decide(t.Context(), bob, q.ID, neo.ApprovalApproved, ""))
	if err := w.requests().Decide(t.Context(), bob, q.ID, neo.ApprovalRejected, ""); neo.CodeOf(err) != neo.CodeConflict {
		t.Errorf("a second answer: %v", err)
	}
}

func TestGateRefusesAndSaysWhere(t *testing.T) {
	for _, test := range []struct {
		group neo.PermissionGroup
		level neo.PermissionLevel
		said  string
	}{
		{neo.GroupTickets, neo.ReadOnly, "Tickets is set to Read Only for this connection, so Neo may not write there. An administrator can change that under Integrations → Permissions."},
		{neo.GroupTickets, neo.Disabled, "Tickets is set to Disabled for this connection, so Neo may not read there."},
		{neo.GroupWorkNotes, neo.ReadOnly, "Work Notes is set to Read Only"},
	} {
		t.Run(string(test.group)+" "+string(test.level), func(t *testing.T) {
			w := newWorld(t, sqlite(t))
			w.may(test.group, neo.Permission{Level: test.level})
			e, run := w.begin(on("state", note, raise))
			w.stands(run, neo.Failure, test.said)

			w.may(test.group, neo.Permission{Level: neo.ReadWrite})
			w.must(w.requests().Retry(t.Context(), neo.DefaultTenant, run))
			w.tell(e)
			w.stands(run, neo.Success, "Urgency")
			if n := len(w.system.notes[id(1)]); n != 1 {
				t.Errorf("%d notes after the retry, want 1", n)
			}
		})
	}
}

func TestGateAsksFirst(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.may(neo.GroupTickets, neo.Permission{Level: neo.ReadWrite, AskFirst: true})
		e, run := w.begin(on("state", note, raise))
		w.stands(run, neo.Waiting, "Tickets asks first")
		q := w.question()
		if q.Gate != neo.GroupTickets || q.Planned == nil || q.Planned.Write.Fields["urgency"] != "1" || q.Before["urgency"].Value != "3" {
			t.Errorf("the question is %+v, want one about urgency 3 → 1", q)
		}
		if q.Text != "May Neo set Urgency to 1?" {
			t.Errorf("the question is %q", q.Text)
		}
		if w.system.writes != 1 {
			t.Errorf("%d writes before the answer, want the note alone", w.system.writes)
		}

		// The ticket changes while the question is open: what was approved is no longer it.
		w.submit(w.change(id(1), "urgency", "2", "beth.anglin"))
		w.must(w.requests().Decide(t.Context(), boss, q.ID, neo.ApprovalApproved, ""))
		w.tell(e)
		w.stands(run, neo.Waiting, "Tickets asks first")
		again := w.question()
		if again.Before["urgency"].Value != "2" {
			t.Errorf("the second question is about %v", again.Before)
		}
		w.must(w.requests().Decide(t.Context(), boss, again.ID, neo.ApprovalApproved, ""))
		w.tell(e)
		w.stands(run, neo.Success, "Urgency")
		if got := w.system.ticket(id(1)).Fields["urgency"].Value; got != "1" {
			t.Errorf("urgency is %q", got)
		}
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

func TestCancel(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		e, run := w.begin(on("state", note, spec(neo.ActionAskApproval, `{"text":"May I?"}`), raise))
		q := w.question()
		w.must(w.requests().Cancel(t.Context(), neo.DefaultTenant, run))
		w.tell(e)
		w.stands(run, neo.Cancelled, "Added a work note. Cancelled.")
		a, err := w.store.Approval(t.Context(), neo.DefaultTenant, q.ID)
		w.must(err)
		if a.State != neo.ApprovalCancelled {
			t.Errorf("the question is %s", a.State)
		}
		if err := w.requests().Cancel(t.Context(), neo.DefaultTenant, run); neo.CodeOf(err) != neo.CodeConflict {
			t.Errorf("cancelling twice: %v", err)
		}

		w.must(w.requests().Retry(t.Context(), neo.DefaultTenant, run))
		w.tell(e)
		w.stands(run, neo.Waiting, "Waits for a technician")
		w.must(w.requests().Decide(t.Context(), boss, w.question().ID, neo.ApprovalApproved, ""))
		w.tell(e)
		w.stands(run, neo.Success, "Urgency")
		if n := len(w.system.notes[id(1)]); n != 1 {
			t.Errorf("%d notes, want 1", n)
		}
	})
}

func TestUndoRestoresWhatNobodyChanged(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		e, run := w.begin(on("state", spec(neo.ActionUpdateTicket, `{"fields":{"urgency":"1","short_description":"Fixed"}}`), note, spec(neo.ActionUpdateTicket, `{"fields":{"urgency":"2"}}`)))
		w.stands(run, neo.Success, "Urgency")
		w.submit(w.change(id(1), "short_description", "Mine", "beth.anglin"))

		undo, err := w.requests().Undo(t.Context(), neo.DefaultTenant, run)
		w.must(err)
		w.work(e)
		w.stands(undo.ID, neo.Success, "Short description stayed: somebody has changed it since")
		is := w.system.ticket(id(1)).Fields
		if is["urgency"].Value != "3" || is["short_description"].Value != "Mine" {
			t.Errorf("the ticket is %v, want urgency as it was and the title as somebody made it", is)
		}
		if _, err := w.requests().Undo(t.Context(), neo.DefaultTenant, run); neo.CodeOf(err) != neo.CodeConflict {
			t.Errorf("undoing twice: %v", err)
		}
		if _, err := w.requests().Undo(t.Context(), neo.DefaultTenant, undo.ID); neo.CodeOf(err) != neo.CodeConflict {
			t.Errorf("undoing an undo: %v", err)
		}
	})
}

func TestFightIsStopped(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		a := on("state", spec(neo.ActionUpdateTicket, `{"fields":{"urgency":"1"}}`))
		b := on("state", spec(neo.ActionUpdateTicket, `{"fields":{"urgency":"2"}}`))
		a.Name, b.Name = "Raise", "Lower"
		w.save(a)
		w.save(b)
		e := w.start(w.store)
		for n := range 4 {
			w.submit(w.change(id(1), "state", fmt.Sprint(n+2), "beth.anglin"))
			w.tell(e)
		}
		alerts, err := w.store.Alerts(t.Context(), neo.DefaultTenant)
		w.must(err)
		if len(alerts) == 0 || !strings.Contains(alerts[0].Message, "“Raise”") || !strings.Contains(alerts[0].Message, "“Lower”") {
			t.Fatalf("the alerts are %+v, want one that names both workflows", alerts)
		}
		if failed := w.history(neo.HistoryFilter{Outcome: neo.Failure}); len(failed) == 0 || w.system.writes > 5 {
			t.Errorf("%d runs failed after %d writes", len(failed), w.system.writes)
		}
	})
}

func TestWorkflowThatAnswersItselfIsStopped(t *testing.T) {
	w := newWorld(t, sqlite(t))
	d := on("urgency", spec(neo.ActionUpdateTicket, `{"fields":{"urgency":"{% if ticket.urgency_value == '1' %}2{% else %}1{% endif %}"}}`))
	d.TriggerOnOwnChanges = true
	w.save(d)
	e := w.start(w.store)
	w.submit(w.change(id(1), "urgency", "2", "beth.anglin"))
	for range 20 {
		w.tell(e)
		if ticket := w.system.ticket(id(1)); w.disposition(id(1), ticket.Version-1) != "" && w.system.writes > 0 {
			e := report(ticket, neo.FieldChange{Field: "urgency", To: ticket.Fields["urgency"]}, account)
			w.submit(e)
		}
	}
	if w.system.writes != 5 {
		t.Errorf("it wrote %d times in answer to itself, want 5", w.system.writes)
	}
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
		alerts, err := w.store.Alerts(t.Context(), neo.DefaultTenant)
		w.must(err)
		if len(alerts) != 1 || !strings.Contains(alerts[0].Title, "switched off") {
			t.Errorf("the alerts are %+v", alerts)
		}
	})
}

// TestGivenUpWriteIsLookedForBeforeItIsRepeated: a person retries a run of which
// nobody knows whether its note arrived. It had.
func TestGivenUpWriteIsLookedForBeforeItIsRepeated(t *testing.T) {
	w := newWorld(t, sqlite(t))
	w.system.after = func() error { return errLost }
	e, run := w.begin(on("state", note))
	w.must(w.requests().Cancel(t.Context(), neo.DefaultTenant, run))
	w.system.notes[id(1)] = nil // it seems not to have arrived
	w.tell(e)
	w.stands(run, neo.Cancelled, "Cancelled.")
	if s := w.steps(run)[0]; s.State != neo.StepFailed || !s.Unsure {
		t.Fatalf("the step is %+v", s)
	}
	w.system.after = nil
	w.system.notes[id(1)] = []string{w.steps(run)[0].Write.WorkNote} // it comes late
	w.must(w.requests().Retry(t.Context(), neo.DefaultTenant, run))
	w.tell(e)
	w.stands(run, neo.Success, "Added a work note")
	if n := len(w.system.notes[id(1)]); n != 1 {
		t.Errorf("%d notes, want 1", n)
	}
}
