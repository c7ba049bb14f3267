package flow_test

import (
	"testing"
	"time"

	"github.com/neoagent/neo"
)

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

// TestEndlessWaitEndsWithItsTicket: no change reports that a ticket was deleted.
func TestEndlessWaitEndsWithItsTicket(t *testing.T) {
	w := newWorld(t, sqlite(t))
	e, run := w.begin(on("state", spec(neo.ActionWait, `{"until_rule":{"combinator":"and","rules":[{"field":"state","operator":"=","value":"6"}]}}`), note))
	w.system.deleted = true
	w.stands(run, neo.Waiting, "Waits for the ticket to change.")
	w.pass(6 * time.Minute)
	w.tell(e)
	w.stands(run, neo.Failure, "The ticket was deleted.")
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
