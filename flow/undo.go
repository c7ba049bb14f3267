package flow

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/neoagent/neo"
)

// actionUndo is the action of each step of a run that takes another one back.
const actionUndo neo.ActionType = "UNDO"

// undo restores the fields that a step wrote, where nobody changed them since.
type undo struct{ step neo.Step }

// loadUndo makes the actions of a run that takes another one back: its writes, the
// last one first.
func (e *Engine) loadUndo(ctx context.Context, w *work) error {
	steps, err := e.store.StepsForRun(ctx, w.run.ParentID)
	if err != nil {
		return err
	}
	for _, s := range slices.Backward(steps) {
		if undoable(&s) {
			w.actions = append(w.actions, undo{s})
		}
	}
	return nil
}

// undoable reports whether a step changed fields.
func undoable(s *neo.Step) bool { return s.State == neo.StepDone && len(s.Write.Fields) > 0 }

// Plan restores what is still as the step left it.
func (u undo) Plan(_ context.Context, in Input) (neo.Plan, error) {
	fields := map[string]string{}
	var kept []string
	for _, name := range slices.Sorted(maps.Keys(u.step.Write.Fields)) {
		if in.Ticket.Fields[name].Value == u.step.After[name].Value {
			fields[name] = u.step.Before[name].Value
		} else {
			kept = append(kept, labelOf(name))
		}
	}
	plan := neo.Plan{Write: neo.Write{Fields: fields}}
	if len(kept) > 0 {
		plan.Reason = strings.Join(kept, ", ") + " stayed: somebody has changed it since"
	}
	return plan, nil
}
