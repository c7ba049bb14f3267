package workflowfile

import (
	"fmt"
	"strings"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/rules"
)

// matches asks the rules whether the event starts the workflow, and why. Without a
// trigger only the conditions and business hours count.
func (t *trial) matches() (bool, string, error) {
	w := neo.Workflow{Definition: t.workflow.Definition}
	compiled, err := rules.Compile(&w, t.desk.context())
	if err != nil {
		return false, "", err
	}
	x, err := rules.Explain(&w, &t.event, t.desk.context())
	if err != nil {
		return false, "", err
	}
	var why strings.Builder
	matches := x.Matches
	switch {
	case w.TriggerType != neo.Triggered:
		matches = compiled.Holds(&t.event) && compiled.Open(t.event.ChangedAt)
	case x.Triggered:
		fmt.Fprintf(&why, "  yes  target_changes, found %s\n", summary(&t.event))
	default:
		fmt.Fprintf(&why, "  no   target_changes, found %s\n", summary(&t.event))
	}
	if x.OwnChange {
		why.WriteString("  The change is Neo's own, and the workflow has no trigger_on_own_changes.\n")
	}
	if h := x.BusinessHours; h != nil {
		fmt.Fprintf(&why, "  %s  business_hours %s, found %s\n", mark(h.Holds), h.Wanted, h.Found)
	}
	if x.Conditions != nil {
		explain(&why, x.Conditions, "  ")
	}
	return matches, strings.TrimRight(why.String(), "\n"), nil
}

// summary says what an event is, in the words of target_changes.
func summary(e *neo.Event) string {
	if e.Type == neo.EntityCreated {
		return string(neo.TicketCreated)
	}
	var parts []string
	for _, c := range e.Changes {
		parts = append(parts, fmt.Sprintf("%s of %s from %q to %q", neo.FieldUpdated, c.Field, c.From.String(), c.To.String()))
	}
	for _, j := range e.Journal {
		parts = append(parts, fmt.Sprintf("%s of %s", neo.FieldUpdated, j.Element))
	}
	for _, k := range e.Kinds {
		parts = append(parts, string(k))
	}
	if parts == nil {
		return string(neo.FieldUpdated)
	}
	return strings.Join(parts, ", ")
}

func mark(holds bool) string {
	if holds {
		return "yes"
	}
	return "no "
}

// explain writes a rule with what was found, a line for each comparison.
func explain(b *strings.Builder, r *neo.RuleExplanation, indent string) {
	if r.Combinator == "" {
		fmt.Fprintf(b, "%s%s  %s %s %q, found %q\n", indent, mark(r.Holds), r.Field, r.Operator, r.Wanted, r.Found.String())
		return
	}
	not := ""
	if r.Not {
		not = "not "
	}
	fmt.Fprintf(b, "%s%s  %s%s\n", indent, mark(r.Holds), not, r.Combinator)
	for i := range r.Rules {
		explain(b, &r.Rules[i], indent+"  ")
	}
}

// holds reports whether a rule holds for the ticket as it is now.
func (t *trial) holds(r *neo.Rule) (bool, error) {
	holds, err := rules.CompileRule(r, t.desk.context(), nil)
	if err != nil {
		return false, err
	}
	e := neo.Event{Type: neo.EntityUpdated}
	t.complete(&e)
	return holds(&e), nil
}
