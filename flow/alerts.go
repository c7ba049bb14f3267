package flow

import (
	"context"
	"errors"

	"github.com/neoagent/neo"
)

// errAlerted is the cause of a failure of which an alert of its own tells.
var errAlerted = errors.New("an alert tells of it")

// alertEnd keeps the alerts about a workflow's failures as its runs end, in the
// transaction that stores the end: no failure is without its alert, and many failures
// are one. The first failure raises it; the success of a run that began after that
// resolves it.
func (e *Engine) alertEnd(ctx context.Context, tx neo.Tx, w *work) error {
	run := w.run
	switch {
	case run.Outcome == neo.Success && run.Alerted && run.Cause != neo.CauseUndo:
		return e.store.ResolveFailures(ctx, tx, run.TenantID, run.WorkflowID, run.Ticket.IntegrationID, e.now())
	case run.Outcome != neo.Failure || errors.Is(w.failed, errAlerted):
		return nil
	}
	a := neo.Alert{
		TenantID: run.TenantID, IntegrationID: run.Ticket.IntegrationID, WorkflowID: run.WorkflowID, RunID: run.ID,
		Key: neo.FailedAlert(run.WorkflowID), Level: neo.AlertProblem, Occurrences: 1, LastAt: e.now(),
		Title:   "The workflow “" + run.WorkflowName + "” fails",
		Message: "The last run that failed was on " + run.Number + ": " + sentence(run.Message) + " Open the run to see what it did before that. Correct the cause, then retry the run.",
	}
	if run.Cause == neo.CauseUndo {
		a.Title = "An undo of the workflow “" + run.WorkflowName + "” failed"
	}
	if r, ok := errors.AsType[notAllowed](w.failed); ok {
		a.Key, a.Group, a.Needs = neo.RefusedAlert(run.WorkflowID, run.Ticket.IntegrationID, r.group), r.group, r.needs
		a.Title = "The workflow “" + run.WorkflowName + "” needs the permission " + r.group.Label()
		a.Message = "The last run that failed was on " + run.Number + ": " + sentence(run.Message) + " Give the permission, or change the workflow. Then retry the run."
	}
	return e.store.RaiseAlertIn(ctx, tx, a)
}
