package flow

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/neoagent/neo"
)

const (
	// fightTime is how far back Neo looks for workflows that undo each other's work.
	fightTime = 30 * time.Minute
	// mostTurns is how often in that time a field may go from one workflow to another.
	mostTurns = 4
	// mostByItself is how often in that time a workflow may write to a ticket in answer
	// to Neo's own changes.
	mostByItself = 5
)

// fights stops a write that two workflows would repeat for ever: each sets a field to
// what the other one changes again. Also one that answers itself.
func (e *Engine) fights(ctx context.Context, w *work, write neo.Write) error {
	if len(write.Fields) == 0 || w.run.Cause == neo.CauseUndo {
		return nil
	}
	past, err := e.store.FieldsWritten(ctx, w.run.Ticket, e.now().Add(-fightTime))
	if err != nil {
		return err
	}
	for _, field := range slices.Sorted(maps.Keys(write.Fields)) {
		turns, other := turnsOf(past, w.run.WorkflowID, field, write.Fields[field])
		if turns >= mostTurns {
			return e.stopFight(ctx, w, fmt.Sprintf("The workflows “%s” and “%s” have set %s of %s to different values in turn, %d times in half an hour.",
				w.run.WorkflowName, other, field, w.run.Number, turns))
		}
	}
	byItself := 0
	for _, p := range past {
		if p.WorkflowID == w.run.WorkflowID {
			byItself++
		}
	}
	if w.event.Disposition == neo.DispositionOwn && byItself >= mostByItself {
		return e.stopFight(ctx, w, fmt.Sprintf("The workflow “%s” has answered Neo's own changes of %s %d times in half an hour.", w.run.WorkflowName, w.run.Number, byItself))
	}
	return nil
}

// turnsOf counts how often a field went from one workflow to another with another
// value, this write being the last, and names the other workflow.
func turnsOf(past []neo.FieldsWritten, workflow, field, value string) (turns int, other string) {
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
