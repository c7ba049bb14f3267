package flow

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/neoagent/neo"
)

// Requests are what people ask for: work on a ticket, and what becomes of a run.
type Requests struct {
	store   Store
	queue   Queue
	now     func() time.Time
	changed func()
}

// NewRequests returns the way on which people's requests are stored.
func NewRequests(store Store, queue Queue, now func() time.Time, changed func()) *Requests {
	return &Requests{store: store, queue: queue, now: now, changed: changed}
}

const (
	// mostTickets bounds the tickets of one request.
	mostTickets = 200
	// farthest is how far in the future work may be scheduled.
	farthest = 2 * 365 * 24 * time.Hour
)

// Ask stores work on the tickets of those numbers: at a time, or at once when at is
// zero. Everything or nothing is stored.
func (r *Requests) Ask(ctx context.Context, by neo.User, workflowID string, numbers []string, at time.Time, note string) ([]neo.ScheduledWork, error) {
	now := r.now()
	switch {
	case len(numbers) == 0:
		return nil, neo.Errorf(neo.CodeInvalid, "Name at least one ticket, by its number.")
	case len(numbers) > mostTickets:
		return nil, neo.Errorf(neo.CodeInvalid, "These are %d tickets; %d can be asked for at once.", len(numbers), mostTickets)
	}
	atOnce := at.IsZero()
	if atOnce {
		at = now
	} else if err := checkTime(at, now); err != nil {
		return nil, err
	}
	workflow, err := r.store.Workflow(ctx, by.TenantID, workflowID)
	if err != nil {
		return nil, err
	}
	if workflow.Draft {
		return nil, neo.Errorf(neo.CodeConflict, "The workflow “%s” is a draft: it has problems to solve before it can run. Open it in the editor, which lists them.", workflow.Name)
	}
	var work []neo.ScheduledWork
	for _, number := range numbers {
		t, err := r.ticket(ctx, by.TenantID, number)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(work, func(w neo.ScheduledWork) bool { return w.Ticket == t.TicketRef }) {
			continue
		}
		work = append(work, neo.ScheduledWork{
			ID: neo.NewID(), TenantID: by.TenantID, WorkflowID: workflow.ID, WorkflowName: workflow.Name, Ticket: t.TicketRef, Number: t.Number,
			At: at, State: neo.WorkPending, Note: note, RequestedBy: by.Name, CreatedAt: now, UpdatedAt: now,
		})
	}
	err = r.store.InTx(ctx, func(tx neo.Tx) error {
		tx.OnCommit(r.changed)
		for _, w := range work {
			if err := r.store.AddWork(ctx, tx, w); err != nil {
				return err
			}
			if atOnce {
				if err := begin(ctx, tx, r.store, r.queue, w, &workflow, now); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i := range work {
		if work[i], err = r.store.Work(ctx, by.TenantID, work[i].ID); err != nil {
			return nil, err
		}
	}
	return work, nil
}

// ChangeWork sets another time or note for pending work, or cancels it.
func (r *Requests) ChangeWork(ctx context.Context, tenant, id string, at *time.Time, note *string, cancel bool) (neo.ScheduledWork, error) {
	w, err := r.store.Work(ctx, tenant, id)
	if err != nil {
		return w, err
	}
	if at != nil {
		if err := checkTime(*at, r.now()); err != nil {
			return w, err
		}
		w.At = *at
	}
	if note != nil {
		w.Note = *note
	}
	if err := r.store.ChangeWork(ctx, w, cancel); err != nil {
		return w, err
	}
	r.changed()
	return r.store.Work(ctx, tenant, id)
}

func checkTime(at, now time.Time) error {
	switch {
	case at.Before(now.Add(-time.Minute)):
		return neo.Errorf(neo.CodeInvalid, "This time is past. Choose one that is to come, or run the workflow now.")
	case at.After(now.Add(farthest)):
		return neo.Errorf(neo.CodeInvalid, "This time is more than two years away. Choose an earlier one.")
	}
	return nil
}

// ticket finds the one ticket of a number.
func (r *Requests) ticket(ctx context.Context, tenant, number string) (neo.Ticket, error) {
	return TicketNumbered(ctx, r.store, tenant, number)
}

// TicketNumbered returns the newest known state of the one ticket with that number.
func TicketNumbered(ctx context.Context, store interface {
	TicketsNumbered(ctx context.Context, tenant, number string) ([]neo.Ticket, error)
}, tenant, number string) (neo.Ticket, error) {
	number = strings.TrimSpace(number)
	if number == "" || len(number) > 64 {
		return neo.Ticket{}, neo.Errorf(neo.CodeInvalid, "A ticket is named by its number, such as INC0010001.")
	}
	found, err := store.TicketsNumbered(ctx, tenant, number)
	switch {
	case err != nil:
		return neo.Ticket{}, err
	case len(found) == 0:
		return neo.Ticket{}, neo.Errorf(neo.CodeNotFound, "Neo knows no ticket %s. It knows those that changed since it was connected, and those that a backfill has read.", number)
	case len(found) > 1:
		return neo.Ticket{}, neo.Errorf(neo.CodeConflict, "%d tickets have the number %s: Neo cannot tell which one you mean.", len(found), number)
	}
	return found[0], nil
}

// Cancel asks a run to stop before its next step.
func (r *Requests) Cancel(ctx context.Context, tenant, runID string) error {
	return r.store.InTx(ctx, func(tx neo.Tx) error {
		tx.OnCommit(r.changed)
		if err := r.store.RequestCancel(ctx, tx, tenant, runID); err != nil {
			return err
		}
		return r.queue.Add(ctx, tx, neo.Job{RunID: runID})
	})
}

// Retry lets a run go on that has failed or was cancelled. What its steps did is not
// done again.
func (r *Requests) Retry(ctx context.Context, tenant, runID string) error {
	switch _, err := r.store.ChildRun(ctx, tenant, runID, neo.CauseUndo); {
	case err == nil:
		return neo.Errorf(neo.CodeConflict, "What this run changed was undone: run the workflow again instead.")
	case neo.CodeOf(err) != neo.CodeNotFound:
		return err
	}
	return r.store.InTx(ctx, func(tx neo.Tx) error {
		tx.OnCommit(r.changed)
		if err := r.store.RetryRun(ctx, tx, tenant, runID, r.now()); err != nil {
			return err
		}
		return r.queue.Add(ctx, tx, neo.Job{RunID: runID})
	})
}

// Undo makes a run that restores the fields which another one changed, where nobody
// changed them since. Notes, e-mails and tickets that were created stay.
func (r *Requests) Undo(ctx context.Context, tenant, runID string) (neo.Run, error) {
	run, err := r.store.Run(ctx, tenant, runID)
	if err != nil {
		return run, err
	}
	if err := r.CanUndo(ctx, run); err != nil {
		return run, err
	}
	back := run
	back.ID, back.Cause, back.ParentID, back.StartKey = neo.NewID(), neo.CauseUndo, run.ID, "undo/"+run.ID
	back.EventID, back.OnceKey, back.Lane, back.AfterID, back.Message = "", "", "", "", ""
	back.Outcome, back.Attempt, back.Depth, back.CancelRequested = neo.Pending, 0, 0, false
	back.CreatedAt, back.DueAt, back.StartedAt, back.FinishedAt = r.now(), r.now(), time.Time{}, time.Time{}
	err = r.store.InTx(ctx, func(tx neo.Tx) error {
		tx.OnCommit(r.changed)
		return start(ctx, tx, r.store, r.queue, []neo.Run{back})
	})
	if err != nil {
		return run, err
	}
	return r.store.ChildRun(ctx, tenant, runID, neo.CauseUndo)
}

// CanUndo says why a run cannot be undone: neo.CodeConflict with a sentence, or nil.
func (r *Requests) CanUndo(ctx context.Context, run neo.Run) error {
	if !run.Outcome.Final() {
		return neo.Errorf(neo.CodeConflict, "This run is not over yet. Cancel it first.")
	}
	if run.Cause == neo.CauseUndo {
		return neo.Errorf(neo.CodeConflict, "This run has taken another one back; run the workflow again instead.")
	}
	if _, err := r.store.ChildRun(ctx, run.TenantID, run.ID, neo.CauseUndo); neo.CodeOf(err) != neo.CodeNotFound {
		if err != nil {
			return err
		}
		return neo.Errorf(neo.CodeConflict, "This run was undone already.")
	}
	steps, err := r.store.StepsForRun(ctx, run.ID)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(steps, func(s neo.Step) bool { return undoable(&s) }) {
		return neo.Errorf(neo.CodeConflict, "This run changed no field that could be restored.")
	}
	return nil
}

// Decide stores a technician's answer and lets the run go on.
func (r *Requests) Decide(ctx context.Context, by neo.User, id string, state neo.ApprovalState, note string) error {
	a, err := r.store.Approval(ctx, by.TenantID, id)
	if err != nil {
		return err
	}
	if !MayDecide(a, by) {
		return neo.Errorf(neo.CodeForbidden, "This question is for %s.", strings.Join(a.Approvers, ", "))
	}
	if state == neo.ApprovalChanges && strings.TrimSpace(note) == "" {
		return neo.Errorf(neo.CodeInvalid, "Say in the note which changes you want.")
	}
	return r.store.InTx(ctx, func(tx neo.Tx) error {
		tx.OnCommit(r.changed)
		if err := r.store.Decide(ctx, tx, by.TenantID, id, state, strings.TrimSpace(note), by.Name, r.now()); err != nil {
			return err
		}
		return r.queue.Add(ctx, tx, neo.Job{RunID: a.RunID})
	})
}

// MayDecide reports whether a question is for that person.
func MayDecide(a neo.Approval, by neo.User) bool {
	return len(a.Approvers) == 0 || slices.ContainsFunc(a.Approvers, func(email string) bool { return strings.EqualFold(email, by.Email) })
}
