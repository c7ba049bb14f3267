package flow

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/neoagent/neo"
)

// lookAgain is how often a run looks whether its ticket has become what it waits
// for: what changes rings, so this is for what was missed.
const lookAgain = 5 * time.Minute

// promised is how far in the future a look must be to be surely still to come, whatever
// the clocks of replicas and database say.
const promised = time.Minute

// longWait is when a run looks again that waits for a technician without a deadline.
const longWait = 24 * time.Hour

// await begins a wait, or finds that it is over already.
func (e *Engine) await(ctx context.Context, w *work, step *neo.Step, ticket neo.Ticket) error {
	over, err := e.become(ctx, w, step, ticket)
	if err != nil {
		return err
	}
	if over {
		step.State, step.Message = neo.StepSkipped, "There was nothing to wait for."
		return e.finish(ctx, w, step, "")
	}
	if until := step.Wait.Until; !until.IsZero() && !until.After(e.now()) {
		return e.waitOver(ctx, w, step, false)
	}
	step.State, step.Message = neo.StepWaiting, waitingFor(step.Wait, w.context.Settings)
	return e.wait(ctx, w, step, nil)
}

// become reports whether the ticket is what the step waits for.
func (e *Engine) become(ctx context.Context, w *work, step *neo.Step, ticket neo.Ticket) (holds bool, err error) {
	if step.Wait.Becomes == nil {
		return false, nil
	}
	now := asEvent(ticket, e.now())
	if now.LastReplyAt, err = e.store.LastReply(ctx, ticket.TicketRef, e.now()); err != nil {
		return false, err
	}
	return ruleHolds(step.Wait.Becomes, &now, w.context, nil)
}

// wait stores a step that waits, and the run, to be looked at again in time.
func (e *Engine) wait(ctx context.Context, w *work, step *neo.Step, also func(tx neo.Tx) error) error {
	run := w.run
	was := *run
	run.Outcome, run.Attempt, run.DueAt, run.Message = neo.Waiting, 0, e.now().Add(longWait), step.Message
	switch {
	case step.Wait != nil:
		if step.Wait.Becomes != nil {
			run.DueAt = e.now().Add(lookAgain)
		}
		if until := step.Wait.Until; !until.IsZero() && (until.Before(run.DueAt) || step.Wait.Becomes == nil) {
			run.DueAt = until
		}
	case step.Ask != nil && step.Ask.Deadline.After(e.now()):
		run.DueAt = step.Ask.Deadline
	}
	err := e.store.InTx(ctx, func(tx neo.Tx) error {
		// A step that was WRITING may hold events.
		if err := e.settled(ctx, tx, step); err != nil {
			return err
		}
		if also != nil {
			if err := also(tx); err != nil {
				return err
			}
		}
		return e.later(ctx, tx, *run)
	})
	if err != nil {
		*run = was
	}
	return err
}

// stillWaits goes on waiting. Who was rung before the time leaves the next look to the
// one that was promised then: else each ring would begin a series of looks of its own.
func (e *Engine) stillWaits(ctx context.Context, w *work, step *neo.Step) error {
	run := w.run
	if !run.DueAt.After(e.now().Add(promised)) {
		return e.wait(ctx, w, step, nil)
	}
	was := *run
	run.Outcome, run.Message = neo.Waiting, step.Message
	err := e.store.InTx(ctx, func(tx neo.Tx) error {
		tx.OnCommit(e.changed)
		return e.store.UpdateRun(ctx, tx, *run, e.owner)
	})
	if err != nil {
		*run = was
	}
	return err
}

// lookedAt returns the ticket by Neo's own copy. The last look is at the ticket itself,
// and so is now and then one of a wait without an end: nothing reports that a ticket was
// deleted.
func (e *Engine) lookedAt(ctx context.Context, w *work, step *neo.Step, last bool) (neo.Ticket, error) {
	endless := step.Wait.Until.IsZero() && !w.run.DueAt.After(e.now())
	if last || endless {
		ticket, err := w.gate(false).Read(ctx, w.run.Ticket)
		if _, later := neo.Retryable(err); last || !later {
			return ticket, err
		}
	}
	return e.store.Ticket(ctx, w.run.TenantID, w.run.Ticket)
}

// waited looks whether what a step waits for has come.
func (e *Engine) waited(ctx context.Context, w *work, step *neo.Step) error {
	if step.ApprovalID != "" {
		return e.decided(ctx, w, step)
	}
	over := !step.Wait.Until.IsZero() && !step.Wait.Until.After(e.now())
	held := false
	if step.Wait.Becomes != nil {
		ticket, err := e.lookedAt(ctx, w, step, over)
		if err != nil {
			return e.refused(ctx, step, err)
		}
		if held, err = e.become(ctx, w, step, ticket); err != nil {
			return e.refused(ctx, step, err)
		}
	}
	if !held && !over {
		return e.stillWaits(ctx, w, step)
	}
	return e.waitOver(ctx, w, step, held)
}

// waitOver ends a wait; held: the ticket has become what was waited for.
func (e *Engine) waitOver(ctx context.Context, w *work, step *neo.Step, held bool) error {
	step.State, step.Outputs = neo.StepDone, map[string]any{"became": held}
	switch {
	case held:
		step.Message = "The ticket became what was waited for."
	case step.Wait.Becomes == nil:
		step.Message = "Waited."
	case step.Wait.StopIfNot:
		step.Message = "The ticket did not become what was waited for."
		return e.finish(ctx, w, step, neo.Skipped)
	default:
		step.Message = "The ticket did not become what was waited for; the workflow goes on."
	}
	return e.finish(ctx, w, step, "")
}

// waitingFor says what a run waits for.
func waitingFor(wait *neo.Wait, s neo.Settings) string {
	until := ""
	if !wait.Until.IsZero() {
		until = "until " + inZone(wait.Until, s)
	}
	switch {
	case wait.Becomes == nil:
		return "Waits " + until + "."
	case until == "":
		return "Waits for the ticket to change."
	}
	return "Waits for the ticket to change, at most " + until + "."
}

// inZone writes a time as people of the tenant read it.
func inZone(t time.Time, s neo.Settings) string {
	zone, err := time.LoadLocation(s.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	return t.In(zone).Format("Mon 2 Jan 2006, 15:04 MST")
}

// ask puts a question to technicians: the workflow's own, or that of the permission
// group to which the step wants to write.
func (e *Engine) ask(ctx context.Context, w *work, step *neo.Step, ticket neo.Ticket, group neo.PermissionGroup) error {
	question := step.Ask
	a := neo.Approval{
		ID: neo.NewID(), TenantID: step.TenantID, RunID: step.RunID, StepID: step.ID, WorkflowID: w.run.WorkflowID, WorkflowName: w.run.WorkflowName,
		Ticket: step.Ticket, Number: w.run.Number, Title: ticket.Fields["short_description"].String(), Gate: group, State: neo.ApprovalPending, CreatedAt: e.now(),
	}
	if group != "" {
		planned := step.Plan
		question = &neo.Question{Text: mayNeo(planned, ticket)}
		a.Planned, a.Before = &planned, step.Before
		step.Message = "Waits for a technician: " + group.Label() + " asks first."
	} else {
		step.Message = "Waits for a technician’s answer."
	}
	a.Question = *question
	step.State, step.ApprovalID = neo.StepWaiting, a.ID
	return e.wait(ctx, w, step, func(tx neo.Tx) error { return e.store.AddApproval(ctx, tx, a) })
}

// mayNeo asks whether a plan may be carried out.
func mayNeo(plan neo.Plan, ticket neo.Ticket) string {
	plan.Reason = ""
	return "May Neo " + strings.TrimSuffix(strings.TrimPrefix(Describe(plan, ticket), "Would "), ".") + "?"
}

// decided goes on after a technician's answer, or after the deadline.
func (e *Engine) decided(ctx context.Context, w *work, step *neo.Step) error {
	a, err := e.store.Approval(ctx, step.TenantID, step.ApprovalID)
	if err != nil {
		return err
	}
	if a.State == neo.ApprovalPending {
		if a.Deadline.IsZero() || a.Deadline.After(e.now()) {
			return e.stillWaits(ctx, w, step)
		}
		err := e.store.InTx(ctx, func(tx neo.Tx) error {
			return e.store.Decide(ctx, tx, a.TenantID, a.ID, neo.ApprovalExpired, "", "", e.now())
		})
		if err != nil && neo.CodeOf(err) != neo.CodeConflict {
			return err
		}
		if a, err = e.store.Approval(ctx, step.TenantID, step.ApprovalID); err != nil {
			return err
		}
	}
	yes, said := verdict(&a)
	if a.State == neo.ApprovalExpired && a.OnDeadline == neo.ExpireFails {
		return e.refused(ctx, step, neo.Errorf(neo.CodeRefused, "%s", said))
	}
	if a.Gate != "" && yes {
		return e.try(ctx, w, step, &a)
	}
	step.State, step.Message = neo.StepDone, said
	step.Outputs = map[string]any{"decision": decisionWords[a.State], "approved": yes, "comment": a.Comment, "by": a.DecidedBy}
	if !yes && (a.Gate != "" || a.OnReject != neo.RejectContinues) {
		return e.finish(ctx, w, step, neo.Skipped)
	}
	return e.finish(ctx, w, step, "")
}

// decisionWords are what {{ steps.name.decision }} can be.
var decisionWords = map[neo.ApprovalState]string{
	neo.ApprovalApproved: "approved", neo.ApprovalRejected: "rejected", neo.ApprovalChanges: "changes", neo.ApprovalExpired: "expired", neo.ApprovalCancelled: "cancelled",
}

// verdict says whether the answer is yes, and what it was.
func verdict(a *neo.Approval) (yes bool, said string) {
	comment := ""
	if a.Comment != "" {
		comment = ": " + a.Comment
	}
	switch a.State {
	case neo.ApprovalApproved:
		return true, fmt.Sprintf("Approved by %s%s.", a.DecidedBy, comment)
	case neo.ApprovalChanges:
		return false, fmt.Sprintf("%s asked for changes%s.", a.DecidedBy, comment)
	case neo.ApprovalExpired:
		if a.OnDeadline == neo.ExpireApproves {
			return true, "Nobody answered in time, which counts as a yes."
		}
		return false, "Nobody answered in time."
	case neo.ApprovalCancelled:
		return false, "The question was withdrawn."
	}
	return false, fmt.Sprintf("Rejected by %s%s.", a.DecidedBy, comment)
}
