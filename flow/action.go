package flow

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/rules"
)

// Action is one kind of step, with its settings. It plans; the doing, with all that
// makes it safe, is in one place for all of them (write.go).
type Action interface {
	// Plan returns what to do about the ticket as it is now. It may look things up and
	// changes nothing.
	Plan(ctx context.Context, in Input) (neo.Plan, error)
}

// Input is what an action plans from.
type Input struct {
	Ticket   neo.Ticket // read just now
	URL      string     // of the ticket, for people; "" when it is not known
	Event    neo.Event  // what started the run; without one, the ticket's state as an event
	Run      neo.Run
	Position int // of the action among those of the workflow
	Now      time.Time
	Settings neo.Settings
	// Dictionaries are what the tenant's instances say about their fields, by integration.
	Dictionaries map[string]*neo.Dictionary
	Tickets      TicketSystem
	Desk         Desk
	// Steps are the outputs of earlier steps, by their names.
	Steps map[string]map[string]any

	duplicate map[string]any // what LINK_DUPLICATE has found, for its note
}

// context is what rules are judged by.
func (in *Input) context() rules.Context {
	return rules.Context{Settings: in.Settings, Dictionaries: in.Dictionaries}
}

// Desk is what actions may ask about Neo's own records.
type Desk interface {
	// Turn returns the next number for a rota: 0, 1, 2 … It is the same for a run and
	// position, however often it is asked.
	Turn(ctx context.Context, run neo.Run, position int) (int, error)
	// OpenTickets returns tickets of the class, in their newest known states, that were
	// created since then, newest first, at most limit; it leaves out closed ones.
	OpenTickets(ctx context.Context, tenant, integrationID string, class neo.TicketClass, since time.Time, limit int) ([]neo.Ticket, error)
	// Endpoint returns the endpoint of that name or id.
	Endpoint(ctx context.Context, tenant, name string) (neo.Endpoint, error)
	// Workflow returns the workflow of that name or id.
	Workflow(ctx context.Context, tenant, name string) (neo.Workflow, error)
}

// actionKind is what is known of one type of action.
type actionKind struct {
	// parse reads and checks the settings. What it returns is of use only when nothing
	// was wrong.
	parse func(s *setup) Action
	// outputs are what later steps may use; the engine adds those that only the doing
	// brings (write.go, waits.go).
	outputs []string
}

// actionKinds are all types.
var actionKinds = map[neo.ActionType]actionKind{
	neo.ActionUpdateTicket:  {parse: parseUpdateTicket},
	neo.ActionAssign:        {parse: parseAssign, outputs: []string{"technician", "group"}},
	neo.ActionAddWorkNote:   {parse: parseWorkNote},
	neo.ActionAddClientNote: {parse: parseClientNote},
	neo.ActionLogTime:       {parse: parseLogTime},
	neo.ActionResolve:       {parse: parseResolve},
	neo.ActionClose:         {parse: parseClose},
	neo.ActionReopen:        {parse: parseReopen},
	neo.ActionCreateTicket:  {parse: parseCreateTicket, outputs: []string{"number", "id"}},
	neo.ActionLinkDuplicate: {parse: parseLinkDuplicate, outputs: []string{"number", "similarity"}},
	neo.ActionNotify:        {parse: parseNotifyContact},
	neo.ActionSendMessage:   {parse: parseSendMessage},
	neo.ActionAskApproval:   {parse: parseAskApproval, outputs: []string{"decision", "approved", "comment", "by"}},
	neo.ActionWait:          {parse: parseWait, outputs: []string{"became"}},
	neo.ActionContinueIf:    {parse: parseContinueIf},
	neo.ActionRunWorkflow:   {parse: parseRunWorkflow},
}

// ActionTypes returns all types, by name.
func ActionTypes() []neo.ActionType { return slices.Sorted(maps.Keys(actionKinds)) }

// Outputs returns the names of what a step of that type leaves for later ones.
func Outputs(t neo.ActionType) []string { return slices.Clone(actionKinds[t].outputs) }

// maxActions bounds the steps of one workflow.
const maxActions = 50

// ParseActions returns the actions that specs describe, in their order, and what is
// wrong with them for a tenant. With mistakes there are no actions, unless all that is
// wrong are comparisons that can never hold.
func ParseActions(specs []neo.ActionSpec, x rules.Context) ([]Action, []neo.Mistake) {
	if len(specs) == 0 {
		return nil, []neo.Mistake{{Path: "actions", Message: "There are no actions: a workflow needs at least one."}}
	}
	if len(specs) > maxActions {
		return nil, []neo.Mistake{{Path: "actions", Message: fmt.Sprintf("There are %d actions; %d are allowed. Let another workflow do the rest.", len(specs), maxActions)}}
	}
	var actions []Action
	var mistakes []neo.Mistake
	steps := map[string][]string{}
	for i, spec := range specs {
		s := &setup{at: fmt.Sprintf("actions[%d]", i), config: spec.Config, steps: steps, context: x}
		actions = append(actions, s.parse(spec.Type))
		s.name(spec.Name)
		mistakes = append(mistakes, s.mistakes...)
		if spec.Name != "" {
			steps[spec.Name] = actionKinds[spec.Type].outputs
		}
	}
	if refused(mistakes) {
		return nil, mistakes
	}
	return actions, mistakes
}

// refused reports whether a mistake keeps a definition from being understood.
func refused(mistakes []neo.Mistake) bool {
	return slices.ContainsFunc(mistakes, func(m neo.Mistake) bool { return !m.Futile })
}

// ParseAction returns the action that spec describes. It is for steps that were
// checked together when they were saved (ParseActions): the names of earlier steps
// in its texts are not checked again.
func ParseAction(spec neo.ActionSpec) (Action, error) {
	s := &setup{at: "action", config: spec.Config}
	a := s.parse(spec.Type)
	if refused(s.mistakes) {
		return nil, neo.Errorf(neo.CodeInvalid, "%s", sentenceOf(s.mistakes[0]))
	}
	return a, nil
}

// Check returns everything that is wrong with a definition of a tenant, each with its
// place; nothing when it can be saved.
func Check(d neo.Definition, x rules.Context) []neo.Mistake {
	var mistakes []neo.Mistake
	wrong := func(path, format string, args ...any) {
		mistakes = append(mistakes, neo.Mistake{Path: path, Message: fmt.Sprintf(format, args...)})
	}
	if problem := neo.CheckName(d.Name); problem != "" {
		wrong("name", "%s", problem)
	}
	if len(d.Name) > 200 {
		wrong("name", "The name has %d bytes; 200 are allowed.", len(d.Name))
	}
	if len(d.Description) > 4_000 {
		wrong("description", "The description has %d bytes; 4,000 are allowed.", len(d.Description))
	}
	mistakes = append(mistakes, rules.Check(d, x)...)
	_, wrongActions := ParseActions(d.Actions, x)
	return append(mistakes, wrongActions...)
}

// Validate checks a whole definition as it is saved. The error is the first mistake,
// with its place.
func Validate(d neo.Definition, x rules.Context) error {
	if mistakes := Check(d, x); len(mistakes) > 0 {
		return neo.Errorf(neo.CodeInvalid, "%s", sentenceOf(mistakes[0]))
	}
	return nil
}

func sentenceOf(m neo.Mistake) string { return m.Path + ": " + m.Message }

func knownTypes() string {
	var types []string
	for _, t := range ActionTypes() {
		types = append(types, string(t))
	}
	return strings.Join(types, ", ")
}

// fieldName reports whether name can be a field of a ticket. It keeps anything
// else out of what is sent to the ticket system.
func fieldName(name string) error {
	if name == "" || len(name) > 80 {
		return fmt.Errorf("%.80q is not a field name", name)
	}
	for _, c := range name {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' {
			return fmt.Errorf("%q is not a field name: letters, digits and _ only", name)
		}
	}
	return nil
}

// Explain says why an event starts a workflow of a tenant, or does not.
func Explain(w neo.Workflow, e neo.Event, x rules.Context) (neo.Explanation, error) {
	return rules.Explain(&w, &e, x)
}

// Now is the time at which an event is judged.
func Now(e neo.Event) time.Time { return rules.Now(&e) }
