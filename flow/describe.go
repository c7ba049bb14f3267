package flow

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/neoagent/neo"
)

// Describe says in sentences what a plan would do about a ticket: "Would set Urgency
// to 1 and add a work note." It is for tests and for workflows that only plan.
func Describe(plan neo.Plan, before neo.Ticket) string {
	after := make(map[string]neo.Value, len(plan.Write.Fields))
	for name, value := range plan.Write.Fields {
		after[name] = neo.Value{Value: value}
		if is := before.Fields[name]; is.Value == value {
			after[name] = is
		} else if text, ok := plan.Outputs[outputOf[name]].(string); ok {
			after[name] = neo.Value{Value: value, Display: text}
		}
	}
	return describe(plan, before.Fields, after)
}

// outputOf names the output in which an action gives the text for a field's value.
var outputOf = map[string]string{"assigned_to": "technician", "assignment_group": "group"}

// describe takes the fields of the plan's write with the texts that people see.
func describe(plan neo.Plan, before, after map[string]neo.Value) string {
	does := wouldWrite(plan.Write, before, after)
	switch {
	case plan.Create != nil:
		does = append(does, wouldCreate(plan.Create))
	case plan.Send != nil:
		does = append(does, "send a message to “"+plan.Send.Endpoint+"”")
	case plan.Ask != nil:
		does = append(does, wouldAsk(plan.Ask))
	case plan.Wait != nil:
		does = append(does, wouldHold(plan.Wait))
	case plan.Start != nil:
		does = append(does, "run the workflow “"+plan.Start.Name+"” on this ticket")
	}
	text := ""
	switch {
	case plan.Stop != "":
		text = "Would end here: " + ended(plan.Stop)
	case len(does) == 0:
		text = "Nothing to do."
	default:
		text = "Would " + listed(does) + "."
	}
	if plan.Reason != "" {
		text += " " + sentence(plan.Reason)
	}
	return text
}

func wouldWrite(w neo.Write, before, after map[string]neo.Value) []string {
	var does, set, cleared []string
	for _, name := range slices.Sorted(maps.Keys(w.Fields)) {
		if before[name].Value == w.Fields[name] {
			continue // it is so already
		}
		if value := cutTo(oneLine(after[name].String()), 120); value != "" {
			set = append(set, labelOf(name)+" to "+strings.TrimSuffix(value, "."))
		} else {
			cleared = append(cleared, labelOf(name))
		}
	}
	if len(set) > 0 {
		does = append(does, "set "+strings.Join(set, ", "))
	}
	if len(cleared) > 0 {
		does = append(does, "clear "+strings.Join(cleared, ", "))
	}
	if w.WorkNote != "" {
		does = append(does, "add a work note")
	}
	if w.ClientNote != "" {
		does = append(does, "add a note that the customer sees")
	}
	if w.Email != nil {
		does = append(does, "send an email to "+w.Email.To)
	}
	if w.TimeEntry != nil {
		does = append(does, fmt.Sprintf("log %d minutes", w.TimeEntry.Minutes))
	}
	return does
}

func wouldCreate(n *neo.NewTicket) string {
	text := fmt.Sprintf("create a ticket (%s) “%s”", n.Class, cutTo(n.Fields["short_description"], 120))
	if n.Parent != nil {
		text += " that belongs to this one"
	}
	return text
}

func wouldAsk(q *neo.Question) string {
	text := "ask a technician for approval"
	if len(q.Approvers) > 0 {
		text = "ask " + strings.Join(q.Approvers, ", ") + " for approval"
	}
	if !q.Deadline.IsZero() {
		text += " until " + q.Deadline.UTC().Format(planTime)
	}
	return text
}

const planTime = "2006-01-02 15:04 MST"

func wouldHold(w *neo.Wait) string {
	switch {
	case w.Becomes == nil:
		return "wait until " + w.Until.UTC().Format(planTime)
	case w.Until.IsZero():
		return "wait until the ticket is as the rule says"
	case w.StopIfNot:
		return "wait until the ticket is as the rule says, and end if it is not so by " + w.Until.UTC().Format(planTime)
	}
	return "wait until the ticket is as the rule says, but not longer than until " + w.Until.UTC().Format(planTime)
}

// fieldLabels are the names that people have for fields whose own names do not say it.
var fieldLabels = map[string]string{
	"assigned_to": "Technician", "caller_id": "Caller", "cmdb_ci": "Configuration item", "sla_due": "SLA due",
}

// labelOf makes a label of a field's name: "short_description" is "Short description".
func labelOf(field string) string {
	if label, ok := fieldLabels[field]; ok {
		return label
	}
	field = strings.TrimPrefix(field, "u_")
	words := strings.ReplaceAll(field, "_", " ")
	if words == "" {
		return field
	}
	return strings.ToUpper(words[:1]) + words[1:]
}

// listed joins with commas and a last "and".
func listed(parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " and " + parts[len(parts)-1]
}

// ended ends a sentence.
func ended(s string) string {
	if strings.HasSuffix(s, ".") || strings.HasSuffix(s, "!") || strings.HasSuffix(s, "?") {
		return s
	}
	return s + "."
}
