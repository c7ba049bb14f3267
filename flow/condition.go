package flow

import (
	"fmt"
	"slices"
	"strings"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/rules"
)

// condition is a rule about the ticket as it is now. It was checked when it was saved.
type condition struct{ rule neo.Rule }

// condition takes a rule of an action's settings. It may name fields of the ticket
// and, with outputs, steps.<name>.<output>.
func (s *setup) condition(path string, r neo.Rule, outputs bool) condition {
	s.stepsNamed(path, r, outputs, 0)
	for _, f := range ruleFields(path, &r, 0) {
		s.names(f.Path, f.Field)
	}
	s.needs = append(s.needs, ruleNeeds(s.at+".config."+path, &r, 0)...)
	for _, m := range rules.CheckRule(&r, path, s.context) {
		s.wrong(m.Path, "%s", m.Message)
		s.mistakes[len(s.mistakes)-1].Futile = m.Futile
	}
	return condition{r}
}

// stepsNamed checks the outputs of steps that a rule names.
func (s *setup) stepsNamed(path string, r neo.Rule, outputs bool, depth int) {
	if depth > mostNested {
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
		s.stepsNamed(fmt.Sprintf("%s.rules[%d]", path, i), r.Rules[i], outputs, depth+1)
	}
}

// holds evaluates the rule for the ticket as it was just read. What changed is what
// the run was started by.
func (c condition) holds(in Input) (bool, error) {
	e := in.Event
	e.Type, e.Ticket, e.Number, e.Fields = neo.EntityUpdated, in.Ticket.TicketRef, in.Ticket.Number, in.Ticket.Fields
	e.ChangedAt = in.Now
	if slices.Contains(e.Kinds, neo.CustomerReplied) && e.LastReplyAt.IsZero() {
		e.LastReplyAt = in.Event.ChangedAt
	}
	return ruleHolds(&c.rule, &e, in.context(), func(field string) (neo.Value, bool) {
		name, ok := strings.CutPrefix(field, "steps.")
		if !ok {
			return neo.Value{}, false
		}
		step, output, _ := strings.Cut(name, ".")
		return neo.Value{Value: outputText(in.Steps[step][output])}, true
	})
}

// outputText is an output of a step as rules compare it.
func outputText(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}
