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

const (
	// fightTime is how far back Neo looks for workflows that undo each other's work, or
	// that somebody answers each time.
	fightTime = 30 * time.Minute
	// mostTurns is how often in that time a field may go from one workflow to another.
	mostTurns = 4
	// mostByItself is how often in that time a workflow may write to a ticket in answer
	// to Neo's own changes.
	mostByItself = 5
	// mostAnswers is how often in that time a workflow may do a thing about a ticket in
	// answer to notes, and how many tickets may be created for each other.
	mostAnswers = 5
	// mostInAll is how often in that time a workflow may do a thing about a ticket in
	// answer to changes of whatever kind.
	mostInAll = 20
)

// fights stops what would go on for ever: a write that two workflows repeat, since each
// sets a field to what the other one changes again; a workflow that answers itself; and
// one that a mailbox, a bot or another system answers each time. What a person or a
// schedule asked for is no answer.
func (e *Engine) fights(ctx context.Context, w *work, plan *neo.Plan) error {
	effects := plan.Effects()
	if len(effects) == 0 || w.run.Cause == neo.CauseUndo {
		return nil
	}
	past, err := e.store.PastSteps(ctx, w.run.Ticket, e.now().Add(-fightTime))
	if err != nil {
		return err
	}
	for _, field := range slices.Sorted(maps.Keys(plan.Write.Fields)) {
		turns, other := turnsOf(past, w.run.WorkflowID, field, plan.Write.Fields[field])
		if turns >= mostTurns {
			return e.stopFight(ctx, w, fmt.Sprintf("The workflows “%s” and “%s” have set %s of %s to different values in turn, %d times in half an hour.",
				w.run.WorkflowName, other, field, w.run.Number, turns))
		}
	}
	if w.run.Cause != neo.CauseEvent && w.run.Cause != neo.CauseWorkflow {
		return nil
	}
	if err := e.loops(ctx, w, past, effects); err != nil {
		return err
	}
	if plan.Create != nil {
		return e.breeds(ctx, w)
	}
	return nil
}

// loops stops a workflow that has done the same about the ticket too often.
func (e *Engine) loops(ctx context.Context, w *work, past []neo.PastStep, effects []neo.Effect) error {
	for _, effect := range effects {
		runs := map[string]bool{}
		for _, p := range past {
			if p.WorkflowID == w.run.WorkflowID && p.RunID != w.run.ID && slices.Contains(p.Effects, effect) {
				runs[p.RunID] = true
			}
		}
		most, answered := mostInAll, "changes"
		switch {
		case w.event.Disposition == neo.DispositionOwn:
			most, answered = mostByItself, "Neo's own changes"
		case effect == neo.EffectFields:
			continue // nobody answers these; workflows that do are found by turnsOf
		case len(w.event.Journal) > 0:
			most, answered = mostAnswers, "notes"
		}
		if times := len(runs); times >= most {
			return e.stopLoop(ctx, w, fmt.Sprintf("The workflow “%s” has %s %d times in half an hour in answer to %s of %s.", w.run.WorkflowName, effect, times, answered, w.run.Number),
				others(past, w.run.WorkflowID))
		}
	}
	return nil
}

// others names the other workflows that did something about the ticket.
func others(past []neo.PastStep, workflowID string) string {
	var names []string
	for _, p := range past {
		if name := "“" + p.WorkflowName + "”"; p.WorkflowID != workflowID && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return " In that time " + strings.Join(names, ", ") + " did something about the ticket as well."
}

// breeds stops tickets that are created for each other without an end.
func (e *Engine) breeds(ctx context.Context, w *work) error {
	ticket := w.run.Ticket
	for n := range mostAnswers {
		from, workflow, created, err := e.store.CreatedFrom(ctx, ticket, e.now().Add(-fightTime))
		if err != nil || !created {
			return err
		}
		if ticket = from; n == mostAnswers-1 {
			return e.stopLoop(ctx, w, fmt.Sprintf("%d tickets were created for each other in half an hour, the last one, %s, by the workflow “%s”.", mostAnswers, w.run.Number, workflow),
				" “"+w.run.WorkflowName+"” would create the next.")
		}
	}
	return nil
}

func (e *Engine) stopLoop(ctx context.Context, w *work, what, more string) error {
	err := e.store.RaiseAlert(ctx, neo.Alert{
		TenantID: w.run.TenantID, IntegrationID: w.run.Ticket.IntegrationID, Key: "loop/" + w.run.Ticket.RemoteID,
		WorkflowID: w.run.WorkflowID, RunID: w.run.ID, Level: neo.AlertProblem, Occurrences: 1, LastAt: e.now(), Title: "A loop was stopped on " + w.run.Number,
		Message: what + " Something answers it each time, such as a mailbox with an automatic reply, or another system." + more +
			" Neo has stopped there. Change the workflow's conditions, so that it does not concern these changes.",
	})
	if err != nil {
		return err
	}
	return &neo.Error{Code: neo.CodeRefused, Message: what + " Neo has stopped there: it looks like a loop.", Cause: errAlerted}
}

// turnsOf counts how often a field went from one workflow to another with another
// value, this write being the last, and names the other workflow.
func turnsOf(past []neo.PastStep, workflow, field, value string) (turns int, other string) {
	for i := len(past) - 1; i >= 0; i-- {
		was, wrote := past[i].Fields[field]
		if !wrote || past[i].WorkflowID == workflow {
			continue
		}
		if was == value {
			break
		}
		if other == "" {
			other = past[i].WorkflowName
		}
		turns++
		workflow, value = past[i].WorkflowID, was
	}
	return turns, other
}

func (e *Engine) stopFight(ctx context.Context, w *work, what string) error {
	err := e.store.RaiseAlert(ctx, neo.Alert{
		TenantID: w.run.TenantID, IntegrationID: w.run.Ticket.IntegrationID, Key: "fight/" + w.run.WorkflowID + "/" + w.run.Ticket.RemoteID,
		WorkflowID: w.run.WorkflowID, RunID: w.run.ID, Level: neo.AlertProblem, Occurrences: 1, LastAt: e.now(), Title: "Workflows fight over " + w.run.Number,
		Message: what + " Neo has stopped there. Change the conditions of one of them, so that they do not concern the same tickets.",
	})
	if err != nil {
		return err
	}
	return &neo.Error{Code: neo.CodeRefused, Message: what + " Neo has stopped there.", Cause: errAlerted}
}
