package flow

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
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
	Event    neo.Event  // what started the run; without one, the ticket's state as an event
	Run      neo.Run
	Position int // of the action among those of the workflow
	Now      time.Time
	Settings neo.Settings
	Tickets  TicketSystem
	Desk     Desk
	// Steps are the outputs of earlier steps, by their names.
	Steps map[string]map[string]any
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

// actions are all kinds, by type. Each parses and checks its settings.
var actions = map[neo.ActionType]func(json.RawMessage) (Action, error){
	neo.ActionUpdateTicket: parseUpdateTicket,
	neo.ActionAddWorkNote:  parseAddNote,
	neo.ActionAssign:       parseAssign,
	neo.ActionNotify:       parseNotifyContact,
}

// ParseAction returns the action that spec describes, or a neo.Error that says
// what is wrong with its settings.
func ParseAction(spec neo.ActionSpec) (Action, error) {
	parse, ok := actions[spec.Type]
	if !ok {
		known := make([]string, 0, len(actions))
		for t := range actions {
			known = append(known, string(t))
		}
		slices.Sort(known)
		return nil, neo.Errorf(neo.CodeInvalid, "type %q is not known; use one of %s.", spec.Type, strings.Join(known, ", "))
	}
	return parse(spec.Config)
}

// maxActions bounds the steps of one workflow.
const maxActions = 50

// Validate checks a whole definition as it is saved. The error names the place.
func Validate(d neo.Definition) error {
	if strings.TrimSpace(d.Name) == "" {
		return neo.Errorf(neo.CodeInvalid, "name is empty: give the workflow a name that people recognise.")
	}
	if len(d.Name) > 200 || len(d.Description) > 4_000 {
		return neo.Errorf(neo.CodeInvalid, "name may have 200 bytes and description 4,000.")
	}
	if mistakes := rules.Check(d); len(mistakes) > 0 {
		return neo.Errorf(neo.CodeInvalid, "%s: %s", mistakes[0].Path, mistakes[0].Message)
	}
	if len(d.Actions) == 0 {
		return neo.Errorf(neo.CodeInvalid, "actions is empty: a workflow needs at least one.")
	}
	if len(d.Actions) > maxActions {
		return neo.Errorf(neo.CodeInvalid, "actions has %d entries; %d are allowed.", len(d.Actions), maxActions)
	}
	for i, spec := range d.Actions {
		if _, err := ParseAction(spec); err != nil {
			return neo.Errorf(neo.CodeInvalid, "actions[%d]: %s", i, neo.MessageOf(err))
		}
	}
	return nil
}

// settings decodes the config of an action and refuses keys that it does not have:
// a misspelt setting must not be ignored.
func settings(config json.RawMessage, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(config))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return neo.Errorf(neo.CodeInvalid, "config: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	if _, err := decoder.Token(); err != io.EOF {
		return neo.Errorf(neo.CodeInvalid, "config: there is something after its end.")
	}
	return nil
}

// fieldName reports whether name can be a field of a ticket. It keeps anything
// else out of what is sent to the ticket system.
func fieldName(name string) error {
	if name == "" || len(name) > 80 {
		return fmt.Errorf("%q is not a field name", name)
	}
	for _, c := range name {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' {
			return fmt.Errorf("%q is not a field name: letters, digits and _ only", name)
		}
	}
	return nil
}

// Explain says why an event starts a workflow of a tenant with those settings, or does not.
func Explain(w neo.Workflow, e neo.Event, s neo.Settings) (neo.Explanation, error) {
	return rules.Explain(&w, &e, s)
}
