package flow

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"strings"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/rules"
)

// condition is a rule about the ticket as it is now.
type condition struct{ compiled *rules.Compiled }

var rulePlace = regexp.MustCompile(`^(target_changes|conditions|schedule|trigger_type)[a-z_0-9.\[\]]*`)

// checkRules returns what is wrong with the trigger and the conditions.
func checkRules(d neo.Definition) []neo.Mistake {
	_, err := rules.Compile(&neo.Workflow{Definition: d})
	return ruleMistakes(err)
}

func ruleMistakes(err error) []neo.Mistake {
	if err == nil {
		return nil
	}
	message := neo.MessageOf(err)
	place := rulePlace.FindString(message)
	if place == "" {
		place = "conditions"
	}
	return []neo.Mistake{{Path: place, Message: upperFirst(strings.TrimLeft(strings.TrimPrefix(message, place), ": "))}}
}

// condition compiles a rule of an action's settings. It may name fields of the ticket
// and, with outputs, steps.<name>.<output>.
func (s *setup) condition(path string, r neo.Rule, outputs bool) condition {
	s.ruleFields(path, r, outputs, 0)
	compiled, err := rules.Compile(&neo.Workflow{Definition: neo.Definition{
		TriggerType: neo.Triggered, Changes: []neo.TargetChange{{ChangeType: neo.FieldUpdated}}, Conditions: &r,
	}})
	for _, m := range ruleMistakes(err) {
		s.wrong(path+strings.TrimPrefix(m.Path, "conditions"), "%s", m.Message)
	}
	return condition{compiled}
}

// ruleFields checks the outputs of steps that a rule names.
func (s *setup) ruleFields(path string, r neo.Rule, outputs bool, depth int) {
	if depth > 50 {
		return // the compiler refuses it
	}
	if name, ok := strings.CutPrefix(r.Field, "steps."); ok {
		if !outputs {
			s.wrong(path+".field", "Outputs of steps do not change while a run waits: use a field of the ticket.")
		} else if err := checkOutput(strings.Split(name, "."), s.steps); err != nil {
			s.wrong(path+".field", "%s.", upperFirst(err.Error()))
		}
	}
	for i := range r.Rules {
		s.ruleFields(fmt.Sprintf("%s.rules[%d]", path, i), r.Rules[i], outputs, depth+1)
	}
}

// holds evaluates the rule for the ticket as it was just read. What changed is what
// the run was started by.
func (c condition) holds(_ context.Context, in Input) bool {
	e := in.Event
	e.Type, e.Ticket, e.Number = neo.EntityUpdated, in.Ticket.TicketRef, in.Ticket.Number
	e.Fields = maps.Clone(in.Ticket.Fields)
	if e.Fields == nil {
		e.Fields = map[string]neo.Value{}
	}
	for step, outputs := range in.Steps {
		for name, value := range outputs {
			e.Fields["steps."+step+"."+name] = neo.Value{Value: outputText(value)}
		}
	}
	return c.compiled.Matches(&e)
}

// outputText is an output of a step as rules compare it.
func outputText(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}
