package flow

import (
	"context"
	"errors"
	"maps"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/rules"
)

// rehearsal plans the actions of a definition one after another on a copy of a
// ticket, as a run would, and does nothing. It is used by one goroutine at a time.
type rehearsal struct {
	tenant     string
	definition neo.Definition
	actions    []Action
	context    rules.Context
	now        func() time.Time
	desk       Desk
	// later is set when an action asked for what is decided only when it runs.
	later bool
}

// rehearsedRun stands for the run that there is not.
const rehearsedRun = "00000000-0000-0000-0000-000000000000"

// newRehearsal parses the actions. What is wrong with them was found before (Check).
func newRehearsal(tenant string, d neo.Definition, in rules.Context, desk Desk, now func() time.Time) (*rehearsal, error) {
	actions, err := parseActions(d.Actions, in)
	return &rehearsal{tenant: tenant, definition: d, actions: actions, context: in, now: now, desk: desk}, err
}

// scene is where a rehearsal takes place.
type scene struct {
	ticket      neo.Ticket // its fields are changed by what is planned
	url         string     // where a person sees it; "" when that is not known
	event       neo.Event
	system      TicketSystem // to which nothing is written
	labels      TicketSystem // asked for choices, which only make sentences nicer
	permissions neo.Permissions
	names       *names
}

// play returns what each action would do. It ends where a run would end.
func (r *rehearsal) play(ctx context.Context, s *scene) []neo.Preview {
	s.ticket.Fields = maps.Clone(s.ticket.Fields)
	if s.ticket.Fields == nil {
		s.ticket.Fields = map[string]neo.Value{}
	}
	steps := map[string]map[string]any{}
	previews := make([]neo.Preview, 0, len(r.actions))
	for position := range r.actions {
		p, goOn := r.step(ctx, s, position, steps)
		previews = append(previews, p)
		if !goOn {
			break
		}
	}
	return previews
}

func (r *rehearsal) step(ctx context.Context, s *scene, position int, steps map[string]map[string]any) (p neo.Preview, goOn bool) {
	spec := r.definition.Actions[position]
	p = neo.Preview{Position: position, Action: spec.Type}
	plan, err := r.plan(ctx, s, r.actions[position], position, steps)
	if err != nil && r.later {
		p.Message = decidedLater
		if group, ok := r.groupAlone(ctx, s, spec, position, steps); ok {
			plan, err = group, nil
			plan.Reason = technicianLater
		} else {
			return p, true
		}
	}
	switch {
	case neo.CodeOf(err) == neo.CodeForbidden:
		p.Refused, p.Message = neo.MessageOf(err), "Would not be allowed."
		return p, false
	case err != nil:
		p.Error, p.Message = neo.MessageOf(err), "Would fail."
		return p, false
	}
	plan.Write = needed(plan.Write, s.ticket)
	p.Plan, p.Before = plan, pick(s.ticket.Fields, plan.Write)
	if err := refusal(ctx, s, plan); err != nil {
		p.Refused = neo.MessageOf(err)
	}
	p.Approval = p.Refused == "" && asksFirst(s.permissions, &plan) != ""
	after := make(map[string]neo.Value, len(plan.Write.Fields))
	for name, value := range plan.Write.Fields {
		after[name] = s.names.value(ctx, s.labels, s.ticket.Class, name, value)
	}
	p.Message = describe(plan, p.Before, after)
	switch {
	case p.Refused != "":
		p.Message += " Neo may not do that now. The steps after it are shown as if it may."
	case p.Approval:
		p.Message = "A technician would be asked first. " + p.Message
	case plan.Ask != nil:
		p.Message += " The steps after it are shown as if it was approved."
	case plan.Wait != nil:
		p.Message += " The steps after it are shown for the ticket as it is now."
	}
	maps.Copy(s.ticket.Fields, after)
	if spec.Name != "" {
		steps[spec.Name] = outputs(plan)
	}
	return p, plan.Stop == ""
}

const (
	decidedLater    = "Decided when it runs: it depends on that moment."
	technicianLater = "The technician is decided when it runs: it depends on that moment."
)

// plan asks one action.
func (r *rehearsal) plan(ctx context.Context, s *scene, a Action, position int, steps map[string]map[string]any) (neo.Plan, error) {
	r.later = false
	now := r.now()
	run := neo.Run{
		ID: rehearsedRun, TenantID: r.tenant, WorkflowName: r.definition.Name, WorkflowID: rehearsedRun, Ticket: s.ticket.TicketRef,
		Number: s.ticket.Number, EventID: s.event.ID, Cause: neo.CauseEvent, CreatedAt: now, StartedAt: now,
	}
	return a.Plan(ctx, Input{
		Ticket: s.ticket, URL: s.url, Event: s.event, Run: run, Position: position, Now: now, Settings: r.context.Settings,
		Dictionaries: r.context.Dictionaries, Tickets: onlyReads{s.system, r}, Desk: rehearsedDesk{r.desk, r}, Steps: steps,
	})
}

// groupAlone plans an assignment whose technician cannot be known yet: the group can.
func (r *rehearsal) groupAlone(ctx context.Context, s *scene, spec neo.ActionSpec, position int, steps map[string]map[string]any) (neo.Plan, bool) {
	config, ok := groupOf(spec)
	if !ok {
		return neo.Plan{}, false
	}
	action, err := ParseAction(neo.ActionSpec{Type: spec.Type, Config: config})
	if err != nil {
		return neo.Plan{}, false
	}
	plan, err := r.plan(ctx, s, action, position, steps)
	return plan, err == nil
}

// outputs are what later steps find under the name of a step. What only comes with
// the doing is described.
func outputs(plan neo.Plan) map[string]any {
	found := maps.Clone(plan.Outputs)
	if found == nil {
		found = map[string]any{}
	}
	switch {
	case plan.Create != nil:
		if _, known := found["number"]; !known {
			found["number"] = "(number of the new ticket)"
		}
	case plan.Ask != nil:
		if _, known := found["decision"]; !known {
			found["decision"], found["approved"] = decisionWords[neo.ApprovalApproved], true
		}
	}
	return found
}

// refusal asks the gate whether it would let the plan pass. Behind the gate nothing
// is written.
func refusal(ctx context.Context, s *scene, plan neo.Plan) error {
	var err error
	switch {
	case plan.Create != nil:
		_, err = s.system.Create(ctx, *plan.Create)
	case !plan.Write.Empty():
		_, err = s.system.Write(ctx, s.ticket.TicketRef, plan.Write)
	}
	if errors.Is(err, errRehearsal) {
		return nil
	}
	return err
}

// errRehearsal is what a write of a rehearsal comes to.
var errRehearsal = neo.Errorf(neo.CodeInternal, "This is a rehearsal: nothing is written.")

// rehearsalGate is the gate in front of a system to which nothing is written. That a
// technician would be asked first does not end a rehearsal.
func rehearsalGate(system TicketSystem, p neo.Permissions) TicketSystem {
	return newGate(noWrites{system}, p, true)
}

// noWrites is a ticket system to which nothing is written.
type noWrites struct{ TicketSystem }

func (noWrites) Write(context.Context, neo.TicketRef, neo.Write) (neo.Ticket, error) {
	return neo.Ticket{}, errRehearsal
}

func (noWrites) Create(context.Context, neo.NewTicket) (neo.Ticket, error) {
	return neo.Ticket{}, errRehearsal
}

// errLater says that an answer is not known before a run is carried out.
var errLater = neo.Errorf(neo.CodeRefused, "This is decided when it runs: it depends on that moment.")

// onlyReads is what actions are handed: it sees whether they asked for errLater,
// however they put that into words.
type onlyReads struct {
	TicketSystem
	r *rehearsal
}

func (o onlyReads) note(err error) error {
	if errors.Is(err, errLater) {
		o.r.later = true
	}
	return err
}

func (o onlyReads) Read(ctx context.Context, ref neo.TicketRef) (neo.Ticket, error) {
	t, err := o.TicketSystem.Read(ctx, ref)
	return t, o.note(err)
}

func (o onlyReads) OpenTickets(ctx context.Context, users []string) (map[string]int, error) {
	n, err := o.TicketSystem.OpenTickets(ctx, users)
	return n, o.note(err)
}

// rehearsedDesk answers without taking a turn.
type rehearsedDesk struct {
	Desk
	r *rehearsal
}

func (d rehearsedDesk) Turn(context.Context, neo.Run, int) (int, error) {
	d.r.later = true
	return 0, errLater
}

func (d rehearsedDesk) OpenTickets(ctx context.Context, tenant, integrationID string, class neo.TicketClass, since time.Time, limit int) ([]neo.Ticket, error) {
	t, err := d.Desk.OpenTickets(ctx, tenant, integrationID, class, since, limit)
	d.r.later = d.r.later || errors.Is(err, errLater)
	return t, err
}
