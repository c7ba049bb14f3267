package rules

import "github.com/neoagent/neo"

// Explain says why the event starts the workflow or does not. It asks every
// comparison, also those that Matches would leave out, and comes to the same answer.
func Explain(w *neo.Workflow, e *neo.Event) (neo.Explanation, error) {
	c, err := Compile(w)
	if err != nil {
		return neo.Explanation{}, err
	}
	x := neo.Explanation{Matches: c.Matches(e), Triggers: []neo.TriggerExplanation{}}
	for _, change := range w.Changes {
		happened := starts(change, e)
		x.Triggered = x.Triggered || happened
		x.Triggers = append(x.Triggers, neo.TriggerExplanation{Change: change, Happened: happened})
	}
	if w.Conditions != nil {
		r, err := explain(w.Conditions, e)
		if err != nil {
			return neo.Explanation{}, err
		}
		x.Conditions = &r
	}
	return x, nil
}

// explain asks a rule, which has been compiled before: its bounds hold.
func explain(r *neo.Rule, e *neo.Event) (neo.RuleExplanation, error) {
	left := maxRules
	holds, err := compile(r, "conditions", 0, &left)
	if err != nil {
		return neo.RuleExplanation{}, err
	}
	x := neo.RuleExplanation{Combinator: r.Combinator, Not: r.Not, Field: r.Field, Operator: r.Operator, Wanted: r.Value, Holds: holds(e)}
	if !r.IsGroup() {
		x.Found = find(e, r.Field)
		return x, nil
	}
	for i := range r.Rules {
		child, err := explain(&r.Rules[i], e)
		if err != nil {
			return neo.RuleExplanation{}, err
		}
		x.Rules = append(x.Rules, child)
	}
	return x, nil
}
