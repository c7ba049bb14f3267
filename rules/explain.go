package rules

import (
	"github.com/neoagent/neo"
)

// Explain says why the event starts a workflow of a tenant, or does not. It asks every comparison, also those that Matches would leave out,
// and comes to the same answer.
func Explain(w *neo.Workflow, e *neo.Event, in Context) (neo.Explanation, error) {
	c, err := Compile(w, in)
	if err != nil {
		return neo.Explanation{}, err
	}
	x := neo.Explanation{Matches: c.Matches(e), Triggers: []neo.TriggerExplanation{}, OwnChange: !c.asksFor(e)}
	for i := range c.changes {
		happened := c.changes[i].happened(e)
		x.Triggered = x.Triggered || happened
		x.Triggers = append(x.Triggers, neo.TriggerExplanation{Change: c.changes[i].TargetChange, Happened: happened})
	}
	if w.BusinessHours != "" {
		at := Now(e).In(c.hours.Zone())
		found := weekday(at) + " " + at.Format("15:04") + " (" + c.hours.Zone().String() + ")"
		if name, ok := c.hours.Holiday(at); ok {
			found += ", " + name
		}
		x.BusinessHours = &neo.HoursExplanation{Wanted: w.BusinessHours, Found: found, Holds: c.Open(at)}
	}
	if c.when != nil {
		r := c.when.explain(e)
		x.Conditions = &r
	}
	return x, nil
}

func (n *node) explain(e *neo.Event) neo.RuleExplanation {
	r := n.rule
	x := neo.RuleExplanation{Combinator: r.Combinator, Not: r.Not, Field: r.Field, Operator: r.Operator, Wanted: r.Value, Holds: n.holds(e)}
	if n.found != nil {
		x.Found = n.found(e)
	}
	for _, child := range n.rules {
		x.Rules = append(x.Rules, child.explain(e))
	}
	return x
}
