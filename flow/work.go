package flow

import (
	"context"
	"strings"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/rules"
)

// work is a run with everything that carrying it out needs.
type work struct {
	run         *neo.Run
	event       neo.Event
	definition  neo.Definition
	actions     []Action
	steps       []*neo.Step // by position; nil: not begun
	context     rules.Context
	ticket      neo.Ticket   // as it was last read
	system      TicketSystem // not yet behind the gate
	permissions neo.Permissions
	failed      error // why the run has failed
}

// load reads what a run needs.
func (e *Engine) load(ctx context.Context, run *neo.Run) (*work, error) {
	w := &work{run: run}
	var err error
	if w.definition, err = e.definition(ctx, run.WorkflowID, run.WorkflowVersion); err != nil {
		return nil, err
	}
	if w.context.Settings, err = e.store.Settings(ctx, run.TenantID); err != nil {
		return nil, err
	}
	w.context.Dictionaries = e.matcher.Dictionaries(run.TenantID)
	if w.event, err = e.eventOf(ctx, run); err != nil {
		return nil, err
	}
	if run.Cause == neo.CauseUndo {
		err = e.loadUndo(ctx, w)
	} else {
		w.actions, err = parseActions(w.definition.Actions, w.context)
	}
	if err != nil {
		return nil, err
	}
	done, err := e.store.StepsForRun(ctx, run.ID)
	if err != nil {
		return nil, err
	}
	w.steps = make([]*neo.Step, len(w.actions))
	run.Message = "" // why it had to wait is over; what its steps did stays
	for i := range done {
		if s := &done[i]; s.Position < len(w.steps) {
			w.steps[s.Position] = s
			w.say(s)
		}
	}
	return w, nil
}

// eventOf returns what started the run; without an event, the ticket's newest known
// state as one.
func (e *Engine) eventOf(ctx context.Context, run *neo.Run) (neo.Event, error) {
	if run.EventID != "" {
		return e.store.Event(ctx, run.TenantID, run.EventID)
	}
	ticket, err := e.store.Ticket(ctx, run.TenantID, run.Ticket)
	if err != nil {
		return neo.Event{}, err
	}
	return asEvent(ticket, e.now()), nil
}

// connect finds the ticket system and what Neo may do there.
func (e *Engine) connect(ctx context.Context, w *work) (err error) {
	w.system, err = e.systems(ctx, w.run.Ticket.IntegrationID)
	if neo.CodeOf(err) == neo.CodeRefused {
		// Not connected (any more): nobody said no to this write. It waits for somebody
		// to connect again.
		away := neo.Away(err) // somebody has to consent, which rings
		wait := time.Minute
		if away {
			wait = 0
		}
		return &neo.Error{Code: neo.CodeUnavailable, Message: neo.MessageOf(err), RetryAfter: wait, Away: away, Cause: err}
	}
	if err != nil {
		return err
	}
	w.permissions, err = e.store.Permissions(ctx, w.run.Ticket.IntegrationID)
	return err
}

// gate returns the ticket system as a step may use it.
func (w *work) gate(approved bool) TicketSystem { return newGate(w.system, w.permissions, approved) }

// say adds what a step did to what the run says.
func (w *work) say(s *neo.Step) {
	if s.State == neo.StepDone || s.State == neo.StepPlanned {
		w.run.Message = strings.TrimSpace(w.run.Message + " " + s.Message)
	}
}

// writing reports whether a step has begun a write whose answer is not known.
func (w *work) writing() bool {
	for _, s := range w.steps {
		if s != nil && s.State == neo.StepWriting {
			return true
		}
	}
	return false
}

// step returns the step at a position, a new one when it has not begun.
func (w *work) step(position int) *neo.Step {
	if w.steps[position] == nil {
		s := &neo.Step{ID: neo.NewID(), TenantID: w.run.TenantID, RunID: w.run.ID, Position: position, Ticket: w.run.Ticket, Action: actionUndo}
		if w.run.Cause != neo.CauseUndo {
			s.Action = w.definition.Actions[position].Type
		}
		w.steps[position] = s
	}
	return w.steps[position]
}

// last reports whether the position is that of the last step.
func (w *work) last(position int) bool { return position == len(w.actions)-1 }

// outputs are what earlier steps found, by the names that the workflow gives them.
func (w *work) outputs(before int) map[string]map[string]any {
	found := map[string]map[string]any{}
	if w.run.Cause == neo.CauseUndo {
		return found
	}
	for i := range before {
		if name := w.definition.Actions[i].Name; name != "" && w.steps[i] != nil {
			found[name] = w.steps[i].Outputs
		}
	}
	return found
}

// plan asks the action at a position what to do about the ticket.
func (e *Engine) plan(ctx context.Context, w *work, position int, ticket neo.Ticket) (neo.Plan, error) {
	return w.actions[position].Plan(ctx, Input{
		Ticket: ticket, URL: e.url(ctx, ticket.TicketRef), Event: w.event, Run: *w.run, Position: position, Now: e.now(), Settings: w.context.Settings,
		Dictionaries: w.context.Dictionaries,
		Tickets:      w.gate(false), Desk: desk{e.store}, Steps: w.outputs(position),
	})
}

// parseActions parses the actions of a definition that was checked when it was saved.
func parseActions(specs []neo.ActionSpec, x rules.Context) ([]Action, error) {
	actions, mistakes := ParseActions(specs, x)
	if actions == nil {
		return nil, neo.Errorf(neo.CodeInvalid, "This version of the workflow is not understood: %s", sentenceOf(mistakes[0]))
	}
	return actions, nil
}

// desk answers what actions ask about Neo's own records.
type desk struct{ store Store }

// NewDesk returns what answers actions outside of runs.
func NewDesk(store Store) Desk { return desk{store} }

func (d desk) Turn(ctx context.Context, run neo.Run, position int) (int, error) {
	return d.store.Turn(ctx, run, position)
}

func (d desk) OpenTickets(ctx context.Context, tenant, integrationID string, class neo.TicketClass, since time.Time, limit int) ([]neo.Ticket, error) {
	all, err := d.store.RecentTickets(ctx, tenant, integrationID, class, since, limit)
	open := all[:0]
	for _, t := range all {
		created, parseErr := time.Parse(time.DateTime, t.Fields[neo.FieldCreatedAt].Value)
		if t.Open() && (parseErr != nil || !created.Before(since)) {
			open = append(open, t)
		}
	}
	return open, err
}

func (d desk) Endpoint(ctx context.Context, tenant, name string) (neo.Endpoint, error) {
	return d.store.Endpoint(ctx, tenant, name)
}

func (d desk) Workflow(ctx context.Context, tenant, name string) (neo.Workflow, error) {
	return d.store.WorkflowNamed(ctx, tenant, name)
}
