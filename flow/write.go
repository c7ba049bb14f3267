package flow

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/neoagent/neo"
)

// step carries out one action of a run. Everything that Neo does outside goes through
// here, in this order, so that it happens once:
//
//  1. read the ticket, compare what started the run with it (evidence.go), plan, leave
//     out what is as wanted already;
//  2. store the intent (WRITING), with what the ticket was before;
//  3. send it;
//  4. store the answer (DONE), with the version that it produced, so that the
//     event which reports this version is known to be Neo's own.
//
// A crash between 2 and 4 leaves WRITING, and the next try begins with looking
// whether the write arrived (recover). What waits for a time, the ticket or a
// technician is WAITING between 1 and 2 (await.go).
//
// It returns with the run still Running when the next step may begin.
func (e *Engine) step(ctx context.Context, w *work, position int) error {
	ctx, cancel := context.WithTimeout(ctx, stepTime)
	defer cancel()
	step := w.step(position)
	if step.State == neo.StepWaiting {
		return e.waited(ctx, w, step)
	}
	if mayHaveArrived(step) {
		arrived, err := e.recover(ctx, w, step)
		if err != nil || arrived {
			return err
		}
		allowed, err := e.allowed(ctx, step)
		if err != nil {
			return err
		}
		return e.try(ctx, w, step, allowed)
	}
	return e.try(ctx, w, step, nil)
}

// allowed returns the yes of a technician to a write that has not arrived, nil when
// nobody was asked: it has not been used.
func (e *Engine) allowed(ctx context.Context, step *neo.Step) (*neo.Approval, error) {
	if step.ApprovalID == "" {
		return nil, nil
	}
	a, err := e.store.Approval(ctx, step.TenantID, step.ApprovalID)
	if err != nil {
		return nil, err
	}
	if yes, _ := verdict(&a); !yes || a.Gate == "" {
		return nil, nil
	}
	return &a, nil
}

// mayHaveArrived reports whether the step has sent something whose answer is not
// known: it is WRITING, or a person retries one of which that was never found out.
func mayHaveArrived(s *neo.Step) bool {
	return s.State == neo.StepWriting || s.State == neo.StepFailed && s.Unsure
}

// try plans the step and does what was planned. approved is the plan that a
// technician has approved, else nil.
func (e *Engine) try(ctx context.Context, w *work, step *neo.Step, approved *neo.Approval) error {
	for wait := firstTurn; ; wait *= 2 {
		err := e.intend(ctx, w, step, approved)
		if err == nil {
			break
		}
		if neo.CodeOf(err) != neo.CodeConflict {
			return e.refused(ctx, step, err)
		}
		if wait > mostTurn {
			return errTurn
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return errTurn
		}
	}
	if step.State != neo.StepWriting {
		return nil // done, or waiting; stored
	}
	echo, err := e.do(ctx, w, step, approved != nil)
	if err != nil {
		if _, again := neo.Retryable(err); again {
			return err // the answer is lost, not necessarily the write: stays WRITING
		}
		return e.refused(ctx, step, err)
	}
	return e.arrived(ctx, w, step, echo)
}

// do sends what the step has stored that it will send.
func (e *Engine) do(ctx context.Context, w *work, step *neo.Step, approved bool) (neo.Ticket, error) {
	switch {
	case step.Create != nil:
		return w.gate(approved).Create(ctx, *step.Create)
	case step.Send != nil:
		return w.ticket, e.send.Send(ctx, step.TenantID, *step.Send, w.ticket)
	}
	return w.gate(approved).Write(ctx, w.run.Ticket, step.Write)
}

// Two runs, of two workflows, often want to write to one ticket at the same time.
// The store lets one of them be WRITING; these are the waits of the other, half a
// second in all. Then it gives its worker back: the one that writes may need it.
const (
	firstTurn = 4 * time.Millisecond
	mostTurn  = 256 * time.Millisecond
)

var errTurn = neo.Errorf(neo.CodeUnavailable, "Another run of Neo's is writing to this ticket. This one waits for its turn.")

// intend reads the ticket, plans, and stores what is going to be done: a step that is
// WRITING has to be sent, any other is stored as it stands. neo.CodeConflict means
// that another run is writing to the ticket.
func (e *Engine) intend(ctx context.Context, w *work, step *neo.Step, approved *neo.Approval) error {
	ticket, err := w.gate(false).Read(ctx, w.run.Ticket)
	if err != nil {
		return err
	}
	if approved == nil && unproven(w) && w.begins(step) {
		denied, err := e.confirm(ctx, w, ticket)
		if err != nil {
			return err
		}
		if denied != "" {
			return e.deny(ctx, w, denied)
		}
	}
	w.ticket = ticket
	step.StartedAt, step.Unsure = e.now(), false
	if approved != nil {
		step.Plan = *approved.Planned
	} else if step.Plan, err = e.plan(ctx, w, step.Position, ticket); err != nil {
		return err
	}
	step.Write = needed(step.Write, ticket)
	step.Before, step.After, step.BeforeVersion = pick(ticket.Fields, step.Write), nil, ticket.Version

	plan := &step.Plan
	switch {
	case w.run.Shadow:
		return e.planned(ctx, w, step, ticket)
	case plan.Stop != "":
		step.State, step.Message = neo.StepDone, plan.Stop
		return e.finish(ctx, w, step, neo.Skipped)
	case plan.Wait != nil:
		return e.await(ctx, w, step, ticket)
	case plan.Ask != nil:
		return e.ask(ctx, w, step, ticket, "")
	case plan.Start != nil:
		if err := e.fights(ctx, w, plan); err != nil {
			return err
		}
		return e.startWorkflow(ctx, w, step)
	case plan.Write.Empty() && plan.Create == nil && plan.Send == nil:
		step.State, step.After = neo.StepSkipped, step.Before
		step.Message = "Nothing to do: the ticket was as wanted already."
		if plan.Reason != "" {
			step.Message = sentence(plan.Reason)
		}
		return e.finish(ctx, w, step, "")
	}
	if err := (gate{permissions: w.permissions, approved: true}).write(writes(plan)...); err != nil {
		return err
	}
	if err := e.fights(ctx, w, plan); err != nil {
		return err
	}
	if group := asksFirst(w.permissions, plan); group != "" {
		if approved == nil || !maps.Equal(approved.Before, step.Before) {
			return e.ask(ctx, w, step, ticket, group)
		}
	}
	e.sign(w.run, step)
	step.State = neo.StepWriting
	return e.store.InTx(ctx, func(tx neo.Tx) error { return e.store.PutStep(ctx, tx, *step) })
}

// sign puts the mark of this step where it tells technicians who did it, and Neo
// whether it is there.
func (e *Engine) sign(run *neo.Run, step *neo.Step) {
	p, mark := &step.Plan, marker(run, step.Position)
	if p.Write.WorkNote != "" {
		p.Write.WorkNote = signed(p.Write.WorkNote, run, step.Position)
	}
	if p.Write.Email != nil {
		email := *p.Write.Email
		email.Text = signed(email.Text, run, step.Position)
		p.Write.Email = &email
	}
	if p.Write.TimeEntry != nil {
		entry := *p.Write.TimeEntry
		entry.Text = signed(entry.Text, run, step.Position)
		p.Write.TimeEntry = &entry
	}
	if p.Create != nil {
		created := *p.Create
		created.Mark = mark
		p.Create = &created
	}
	if p.Send != nil {
		message := *p.Send
		message.Key = mark
		p.Send = &message
	}
}

// planned stores what a run in shadow mode would have done.
func (e *Engine) planned(ctx context.Context, w *work, step *neo.Step, ticket neo.Ticket) error {
	step.State, step.Message = neo.StepPlanned, Describe(step.Plan, ticket)
	step.Outputs = outputs(step.Plan)
	if step.Stop != "" {
		return e.finish(ctx, w, step, neo.Skipped)
	}
	return e.finish(ctx, w, step, "")
}

// startWorkflow makes a run of another workflow on the same ticket.
func (e *Engine) startWorkflow(ctx context.Context, w *work, step *neo.Step) error {
	other, err := e.store.Workflow(ctx, w.run.TenantID, step.Start.WorkflowID)
	if err != nil {
		return err
	}
	if w.run.Depth+1 > maxDepth {
		return neo.Errorf(neo.CodeRefused, "%d workflows have started each other, the last one “%s”: that is the most. Look whether they go in a circle.", maxDepth, other.Name)
	}
	child := newRun(&other, w.run.Ticket, w.run.Number, e.now())
	child.Cause, child.ParentID, child.Depth = neo.CauseWorkflow, w.run.ID, w.run.Depth+1
	child.StartKey = fmt.Sprintf("run/%s/%d", w.run.ID, step.Position)
	step.State, step.StartedRun = neo.StepDone, child.ID
	step.Message = "Started the workflow “" + other.Name + "”."
	started := step.Message
	return e.finishWith(ctx, w, step, "", func(tx neo.Tx) error {
		isNew, err := e.store.InsertRuns(ctx, tx, []neo.Run{child})
		if err != nil {
			return err
		}
		if isNew[0] {
			return e.queue.Add(ctx, tx, neo.Job{RunID: child.ID})
		}
		step.State, step.StartedRun = neo.StepSkipped, ""
		step.Message = "The workflow “" + other.Name + "” runs once for a ticket, and has run for this one."
		w.run.Message = strings.TrimSuffix(w.run.Message, started) + step.Message
		return e.store.PutStep(ctx, tx, *step)
	})
}

// recover finds out whether something whose answer was lost has arrived.
func (e *Engine) recover(ctx context.Context, w *work, step *neo.Step) (arrived bool, err error) {
	run, system, mark := w.run, w.gate(false), marker(w.run, step.Position)
	ticket := neo.Ticket{TicketRef: run.Ticket, Version: step.BeforeVersion} // for what changes nothing of the ticket
	switch write := step.Write; {
	case step.Send != nil:
		// Nobody can be asked. Told twice is better than not at all; receivers that know
		// the key can tell.
		return false, nil
	case step.Create != nil:
		ticket, arrived, err = system.Created(ctx, step.Create.Class, mark)
	case write.Email != nil:
		arrived, err = system.HasEmail(ctx, run.Ticket, mark)
	case write.TimeEntry != nil:
		arrived, err = system.HasTimeEntry(ctx, run.Ticket, mark)
	default:
		// Fields and notes are written in one call: a note stands for all.
		if ticket, err = system.Read(ctx, run.Ticket); err != nil {
			return false, err
		}
		switch {
		case write.WorkNote != "":
			arrived, err = system.HasNote(ctx, run.Ticket, neo.WorkNotes, mark, step.StartedAt)
		case write.ClientNote != "":
			arrived, err = system.HasNote(ctx, run.Ticket, neo.ClientNotes, write.ClientNote, step.StartedAt)
		default:
			arrived = ticket.Version > step.BeforeVersion && holds(ticket, write)
		}
		// Which version it was is certain only when nothing came after it.
		if ticket.Version != step.BeforeVersion+1 {
			ticket.Version = 0
		}
	}
	if err != nil {
		return false, e.refused(ctx, step, err)
	}
	if arrived {
		return true, e.arrived(ctx, w, step, ticket)
	}
	if left := e.settle - e.now().Sub(step.StartedAt); left > 0 {
		return false, &neo.Error{Code: neo.CodeUnavailable, RetryAfter: left,
			Message: "The answer to a write was lost. Neo looks again whether it arrived before it repeats it."}
	}
	return false, nil
}

// arrived records what came of what was sent.
func (e *Engine) arrived(ctx context.Context, w *work, step *neo.Step, echo neo.Ticket) error {
	step.State = neo.StepDone
	switch {
	case step.Create != nil:
		ref := echo.TicketRef
		step.Created = &ref
		step.Message = "Created " + echo.Number + "."
		step.Outputs = with(step.Outputs, map[string]any{"number": echo.Number, "id": echo.RemoteID})
		if dropped := notTaken(step.Create.Fields, echo); len(dropped) > 0 {
			step.Message += " The instance did not take, or changed, " + strings.Join(dropped, ", ") + "."
		}
	case step.Send != nil:
		step.Message = "Sent a message to " + step.Send.Endpoint + "."
	default:
		if step.AfterVersion = echo.Version; step.Write.TimeEntry != nil && echo.Version != step.BeforeVersion+1 {
			step.AfterVersion = 0 // none, or one of which it is not certain that it was this entry's
		}
		step.After = pick(echo.Fields, step.Write)
		step.Message = said(step.Write, echo)
	}
	if step.Reason != "" {
		step.Message += " " + sentence(step.Reason)
	}
	return e.finish(ctx, w, step, "")
}

func with(outputs, more map[string]any) map[string]any {
	all := maps.Clone(outputs)
	if all == nil {
		all = map[string]any{}
	}
	maps.Copy(all, more)
	return all
}

// finish stores a step that has ended, and with the last one the run. Events that
// waited for the answer of this write are decided. ends, when it is not "", ends the
// run with this step.
func (e *Engine) finish(ctx context.Context, w *work, step *neo.Step, ends neo.Outcome) error {
	return e.finishWith(ctx, w, step, ends, func(neo.Tx) error { return nil })
}

// finishWith is finish with more that belongs into the same transaction.
func (e *Engine) finishWith(ctx context.Context, w *work, step *neo.Step, ends neo.Outcome, also func(tx neo.Tx) error) error {
	step.FinishedAt = e.now()
	// What was written is recorded even if the time for the step is just over.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	run := w.run
	was := *run
	w.say(step)
	run.Attempt = 0
	if ends == "" && w.last(step.Position) {
		ends = neo.Success
	}
	if ends != "" {
		run.Outcome, run.FinishedAt = ends, e.now()
		if run.Message == "" {
			run.Message = "Nothing to change: the ticket was as wanted."
			if step.Reason != "" {
				run.Message = step.Message
			}
		}
	}
	err := e.store.InTx(ctx, func(tx neo.Tx) error {
		tx.OnCommit(e.changed)
		if err := e.settled(ctx, tx, step); err != nil {
			return err
		}
		if err := also(tx); err != nil {
			return err
		}
		if run.Outcome.Final() {
			return e.storeEnd(ctx, tx, w)
		}
		return e.store.UpdateRun(ctx, tx, *run, e.owner)
	})
	if err != nil {
		*run = was
		return err
	}
	if run.Outcome.Final() {
		e.countFailures(ctx, w)
	}
	return nil
}

// refused records a step that the ticket system, the gate, or the plan said no to,
// and returns why.
func (e *Engine) refused(ctx context.Context, step *neo.Step, why error) error {
	if _, again := neo.Retryable(why); again {
		return why
	}
	step.State, step.Message, step.FinishedAt = neo.StepFailed, neo.MessageOf(why), e.now()
	if step.StartedAt.IsZero() {
		step.StartedAt = e.now()
	}
	err := e.store.InTx(ctx, func(tx neo.Tx) error { return e.settled(ctx, tx, step) })
	if err != nil {
		return err
	}
	return why
}

// needed leaves out the fields that hold the wanted value already.
func needed(w neo.Write, t neo.Ticket) neo.Write {
	fields := maps.Clone(w.Fields)
	maps.DeleteFunc(fields, func(name, value string) bool { return t.Fields[name].Value == value })
	w.Fields = fields
	return w
}

func holds(t neo.Ticket, w neo.Write) bool {
	return needed(neo.Write{Fields: w.Fields}, t).Empty()
}

// pick returns the fields that the write is about, as they are in all.
func pick(all map[string]neo.Value, w neo.Write) map[string]neo.Value {
	some := make(map[string]neo.Value, len(w.Fields))
	for name := range w.Fields {
		some[name] = all[name]
	}
	return some
}
