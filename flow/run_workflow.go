package flow

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/neoagent/neo"
)

// runWorkflow starts another workflow on the same ticket. {"workflow": "Escalate"}
type runWorkflow struct{ name string }

func parseRunWorkflow(s *setup) Action {
	var c struct {
		Workflow string `json:"workflow"`
	}
	if !s.read(&c) {
		return nil
	}
	if strings.TrimSpace(c.Workflow) == "" {
		s.wrong("workflow", "This is empty: name the workflow to run.")
	}
	s.needsNamed("workflow", need{what: needWorkflow, name: c.Workflow})
	return runWorkflow{strings.TrimSpace(c.Workflow)}
}

func (a runWorkflow) Plan(ctx context.Context, in Input) (neo.Plan, error) {
	w, err := in.Desk.Workflow(ctx, in.Run.TenantID, a.name)
	if err != nil {
		return neo.Plan{}, err
	}
	switch {
	case w.ID == in.Run.WorkflowID:
		return neo.Plan{}, neo.Errorf(neo.CodeInvalid, "The workflow would run itself. Name another one in step %d.", in.Position+1)
	case !w.Enabled:
		return neo.Plan{}, neo.Errorf(neo.CodeInvalid, "The workflow “%s” is switched off. Switch it on, or name another one in step %d.", w.Name, in.Position+1)
	}
	return neo.Plan{Start: &neo.StartWorkflow{WorkflowID: w.ID, Name: w.Name}}, nil
}

// CheckCalls returns a mistake for each action of the definition by which the workflow
// would, through others, run itself. id is that of the workflow, "" for a new one;
// others are all that the tenant has.
func CheckCalls(id string, d neo.Definition, others []neo.Workflow) []neo.Mistake {
	named := map[string]*neo.Workflow{}
	for i := range others {
		if w := &others[i]; w.ID != id {
			named[w.ID], named[w.Name] = w, w
		}
	}
	var mistakes []neo.Mistake
	for i, spec := range d.Actions {
		calls, ok := callOf(spec)
		if !ok {
			continue
		}
		if way := callsBack(calls, id, d.Name, named, nil); way != nil {
			s := setup{at: fmt.Sprintf("actions[%d]", i)}
			s.wrong("workflow", "The workflow would run itself: %s. Take one of these calls out.", strings.Join(way, " → "))
			mistakes = append(mistakes, s.mistakes...)
		}
	}
	return mistakes
}

// Callers returns the names of the enabled workflows that run another one by that id,
// if there is one, or by that name.
func Callers(id, name string, others []neo.Workflow) (names []string) {
	for _, w := range others {
		if w.Enabled && w.ID != id && slices.ContainsFunc(w.Actions, func(spec neo.ActionSpec) bool {
			calls, ok := callOf(spec)
			return ok && (calls == name || id != "" && calls == id)
		}) {
			names = append(names, w.Name)
		}
	}
	return names
}

func callOf(spec neo.ActionSpec) (name string, ok bool) {
	if spec.Type != neo.ActionRunWorkflow {
		return "", false
	}
	s := &setup{config: spec.Config}
	a, ok := parseRunWorkflow(s).(runWorkflow)
	return a.name, ok && len(s.mistakes) == 0
}

// callsBack returns the names on the way from a call to the workflow itself.
func callsBack(calls, id, name string, named map[string]*neo.Workflow, seen map[*neo.Workflow]bool) []string {
	if calls == name || id != "" && calls == id {
		return []string{name}
	}
	w := named[calls]
	if w == nil || seen[w] {
		return nil
	}
	if seen == nil {
		seen = map[*neo.Workflow]bool{}
	}
	seen[w] = true
	for _, spec := range w.Actions {
		if next, ok := callOf(spec); ok {
			if way := callsBack(next, id, name, named, seen); way != nil {
				return append([]string{w.Name}, way...)
			}
		}
	}
	return nil
}
