package flow

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/neoagent/neo"
)

// step carries out one action of a run. Every write of Neo's to a ticket system
// goes through here, in this order, so that it happens once:
//
//  1. read the ticket, plan, leave out what is as wanted already;
//  2. store the intent (WRITING), with what the ticket was before;
//  3. send it;
//  4. store the answer (DONE), with the version that it produced, so that the
//     event which reports this version is known to be Neo's own.
//
// A crash between 2 and 4 leaves WRITING, and the next try begins with looking
// whether the write arrived (recover).
func (e *Engine) step(ctx context.Context, run *neo.Run, event *neo.Event, spec neo.ActionSpec, position int, was *neo.Step, last bool) error {
	ctx, cancel := context.WithTimeout(ctx, stepTime)
	defer cancel()
	system, err := e.systems(ctx, run.Ticket.IntegrationID)
	if neo.CodeOf(err) == neo.CodeRefused {
		// Not connected (any more): nobody said no to this write. It waits for somebody
		// to connect again.
		return &neo.Error{Code: neo.CodeUnavailable, Message: neo.MessageOf(err), RetryAfter: time.Minute, Cause: err}
	}
	if err != nil {
		return err
	}
	if was != nil && was.State == neo.StepWriting {
		arrived, err := e.recover(ctx, run, system, was, last)
		if err != nil || arrived {
			return err
		}
	}
	action, err := ParseAction(spec)
	if err != nil {
		return err
	}
	step := &neo.Step{
		ID: neo.NewID(), TenantID: run.TenantID, RunID: run.ID, Position: position, Action: spec.Type, Ticket: run.Ticket,
	}
	if was != nil {
		step.ID = was.ID
	}
	for wait := firstTurn; ; wait *= 2 {
		err := e.intend(ctx, run, event, system, action, step)
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
	if step.State == neo.StepSkipped {
		return e.finish(ctx, run, step, last)
	}
	echo, err := system.Write(ctx, run.Ticket, step.Write)
	if err != nil {
		if _, again := neo.Retryable(err); again {
			return err // the answer is lost, not necessarily the write: stays WRITING
		}
		return e.refused(ctx, step, err)
	}
	return e.arrived(ctx, run, step, echo, last)
}

// Two runs, of two workflows, often want to write to one ticket at the same time.
// The store lets one of them be WRITING; these are the waits of the other, half a
// second in all. Then it gives its worker back: the one that writes may need it.
const (
	firstTurn = 4 * time.Millisecond
	mostTurn  = 256 * time.Millisecond
)

var errTurn = neo.Errorf(neo.CodeUnavailable, "Another run of Neo's is writing to this ticket. This one waits for its turn.")

// intend reads the ticket, plans, and stores what is going to be written, or that
// there is nothing to write. neo.CodeConflict means that another run is writing to
// the ticket.
func (e *Engine) intend(ctx context.Context, run *neo.Run, event *neo.Event, system TicketSystem, action Action, step *neo.Step) error {
	ticket, err := system.Read(ctx, run.Ticket)
	if err != nil {
		return err
	}
	step.StartedAt = e.now()
	plan, err := action.Plan(ctx, Input{Ticket: ticket, Event: *event, Tickets: system})
	if err != nil {
		return err
	}
	write := plan.Write
	step.Before, step.BeforeVersion = pick(ticket.Fields, write), ticket.Version
	write = needed(write, ticket)
	if write.Empty() {
		step.State, step.Message = neo.StepSkipped, "Nothing to do: the ticket was as wanted already."
		step.After = step.Before
		return nil
	}
	if write.WorkNote != "" {
		write.WorkNote = signed(write.WorkNote, run, step.Position)
	}
	if write.Email != nil {
		email := *write.Email
		email.Text = signed(email.Text, run, step.Position)
		write.Email = &email
	}
	step.State, step.Write, step.Before = neo.StepWriting, write, pick(ticket.Fields, write)
	return e.store.InTx(ctx, func(tx neo.Tx) error { return e.store.PutStep(ctx, tx, *step) })
}

// recover finds out whether a write whose answer was lost has arrived.
func (e *Engine) recover(ctx context.Context, run *neo.Run, system TicketSystem, step *neo.Step, last bool) (arrived bool, err error) {
	ticket, err := system.Read(ctx, run.Ticket)
	if err != nil {
		return false, err
	}
	if step.Write.Email != nil {
		ticket.Version = step.BeforeVersion // an e-mail changes nothing of the ticket
		arrived, err = system.HasEmail(ctx, run.Ticket, marker(run, step.Position))
		if err != nil {
			return false, e.refused(ctx, step, err)
		}
	} else if step.Write.WorkNote != "" { // fields and note are written in one call: the note stands for both
		arrived, err = system.HasNote(ctx, run.Ticket, neo.WorkNotes, marker(run, step.Position), step.StartedAt)
		if err != nil {
			return false, err
		}
	} else {
		arrived = ticket.Version > step.BeforeVersion && holds(ticket, step.Write)
	}
	if arrived {
		// Which version it was is certain only when nothing came after it.
		if ticket.Version != step.BeforeVersion+1 && step.Write.Email == nil {
			ticket.Version = 0
		}
		return true, e.arrived(ctx, run, step, ticket, last)
	}
	if left := e.settle - e.now().Sub(step.StartedAt); left > 0 {
		return false, &neo.Error{Code: neo.CodeUnavailable, RetryAfter: left,
			Message: "The answer to a write was lost. Neo looks again whether it arrived before it repeats it."}
	}
	return false, nil
}

// arrived records what the ticket system made of the write.
func (e *Engine) arrived(ctx context.Context, run *neo.Run, step *neo.Step, echo neo.Ticket, last bool) error {
	step.State, step.AfterVersion = neo.StepDone, echo.Version
	step.After = pick(echo.Fields, step.Write)
	step.Message = said(step.Write, echo)
	return e.finish(ctx, run, step, last)
}

// finish stores a step that has ended, and with the last one the run. Events that
// waited for the answer of this write are decided.
func (e *Engine) finish(ctx context.Context, run *neo.Run, step *neo.Step, last bool) error {
	step.FinishedAt = e.now()
	// What was written is recorded even if the time for the step is just over.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if step.State == neo.StepDone {
		run.Message = strings.TrimSpace(run.Message + " " + step.Message)
	}
	run.Attempt = 0
	if last {
		run.Outcome, run.FinishedAt = neo.Success, e.now()
		if run.Message == "" {
			run.Message = "Nothing to change: the ticket was as wanted."
		}
	}
	err := e.store.InTx(ctx, func(tx neo.Tx) error {
		tx.OnCommit(e.changed)
		if err := e.settled(ctx, tx, step); err != nil {
			return err
		}
		return e.store.UpdateRun(ctx, tx, *run, e.owner)
	})
	if err != nil && last {
		run.Outcome, run.FinishedAt = neo.Running, time.Time{}
	}
	return err
}

// refused records a step that the ticket system, or the plan, said no to, and
// returns why.
func (e *Engine) refused(ctx context.Context, step *neo.Step, why error) error {
	if _, again := neo.Retryable(why); again {
		return why
	}
	step.State, step.Message, step.FinishedAt = neo.StepFailed, neo.MessageOf(why), e.now()
	err := e.store.InTx(ctx, func(tx neo.Tx) error { return e.settled(ctx, tx, step) })
	if err != nil {
		return err
	}
	return why
}

// settled stores the end of a step and decides the events that were held for it.
func (e *Engine) settled(ctx context.Context, tx neo.Tx, step *neo.Step) error {
	// The configuration first: everything locks it before it locks a step.
	s, err := e.matcher.at(ctx, tx)
	if err != nil {
		return err
	}
	if err := e.store.PutStep(ctx, tx, *step); err != nil {
		return err
	}
	held, err := e.store.HeldEvents(ctx, tx, step.ID)
	if err != nil {
		return err
	}
	if step.State == neo.StepDone && step.AfterVersion == 0 { // see recover
		for i := range held {
			if reports(&held[i], step.Write) {
				step.AfterVersion = held[i].Version
				if err := e.store.PutStep(ctx, tx, *step); err != nil {
					return err
				}
				break
			}
		}
	}
	if step.State == neo.StepDone && step.AfterVersion > step.BeforeVersion {
		if err := e.store.AddOwnVersion(ctx, tx, step.Ticket, step.AfterVersion, step.ID); err != nil {
			return err
		}
	}
	for i := range held {
		event := &held[i]
		if step.State == neo.StepDone && event.Version == step.AfterVersion {
			if err := e.store.SetDisposition(ctx, tx, event.ID, neo.DispositionOwn); err != nil {
				return err
			}
			continue
		}
		matches := s.index[event.TenantID].Match(event)
		if err := e.store.SetDisposition(ctx, tx, event.ID, disposition(event, matches)); err != nil {
			return err
		}
		if err := start(ctx, tx, e.store, e.queue, newRuns(event, matches, e.now())); err != nil {
			return err
		}
	}
	return nil
}

// reports reports whether the event is what this write would look like.
func reports(e *neo.Event, w neo.Write) bool {
	if w.Email != nil {
		return false
	}
	for name, value := range w.Fields {
		if !slices.ContainsFunc(e.Changes, func(c neo.FieldChange) bool { return c.Field == name && c.To.Value == value }) {
			return false
		}
	}
	return w.WorkNote == "" || slices.ContainsFunc(e.Journal, func(j neo.JournalEntry) bool {
		return j.Element == "work_notes" && strings.Contains(j.Text, lastLine(w.WorkNote))
	})
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

// said tells people what came of a write, and what the instance made different:
// it drops unknown fields and bad choices silently, and its own rules may change
// a value that was just set.
func said(w neo.Write, echo neo.Ticket) string {
	var set, other []string
	for _, name := range slices.Sorted(maps.Keys(w.Fields)) {
		if echo.Fields[name].Value == w.Fields[name] {
			set = append(set, fmt.Sprintf("%s to %s", name, quoted(echo.Fields[name].String())))
		} else {
			other = append(other, fmt.Sprintf("%s (wanted %s, is %s)", name, quoted(w.Fields[name]), quoted(echo.Fields[name].String())))
		}
	}
	var parts []string
	if len(set) > 0 {
		parts = append(parts, "Set "+strings.Join(set, ", ")+".")
	}
	if w.WorkNote != "" {
		parts = append(parts, "Added a work note.")
	}
	if w.Email != nil {
		parts = append(parts, "Sent an email to "+w.Email.To+".")
	}
	if len(other) > 0 {
		parts = append(parts, "The instance did not take, or changed, "+strings.Join(other, ", ")+".")
	}
	return strings.Join(parts, " ")
}

func quoted(s string) string {
	if s == "" {
		return "empty"
	}
	return "“" + s + "”"
}

// marker names one step of one run, in a work note and in nothing else.
func marker(run *neo.Run, position int) string {
	return fmt.Sprintf("neo-%s-%d", run.ID[len(run.ID)-12:], position+1)
}

// signed adds the line that tells technicians who wrote a note and why, and Neo
// whether it is there.
func signed(note string, run *neo.Run, position int) string {
	return note + "\n— Neo Agent · " + run.WorkflowName + " · " + marker(run, position)
}

func lastLine(note string) string {
	return note[strings.LastIndexByte(note, '\n')+1:]
}
