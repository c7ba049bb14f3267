package flow

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/liquid"
)

// roots are the first parts of the names that texts may use.
var roots = []string{"ticket", "change", "comment", "steps", "technician", "company", "now", "run"}

// templateNames are the names that a text of a step may use, given the outputs of the
// steps before it; nil steps: any.
func templateNames(steps map[string][]string) liquid.Names {
	return liquid.Names{Roots: roots, Check: func(path []string) error { return checkName(path, steps) }}
}

// duplicateNames are known besides in the note of LINK_DUPLICATE.
func duplicateNames(steps map[string][]string) liquid.Names {
	return liquid.Names{Roots: append(slices.Clone(roots), "duplicate"), Check: func(path []string) error {
		if path[0] != "duplicate" {
			return checkName(path, steps)
		}
		if len(path) != 2 || path[1] != "number" && path[1] != "similarity" && path[1] != "title" {
			return fmt.Errorf("%s is not known; there are duplicate.number, duplicate.title and duplicate.similarity", strings.Join(path, "."))
		}
		return nil
	}}
}

func checkName(path []string, steps map[string][]string) error {
	name, last := strings.Join(path, "."), path[len(path)-1]
	unknown := func(use string) error { return fmt.Errorf("%s is not known; %s", name, use) }
	switch path[0] {
	case "ticket":
		if len(path) != 2 {
			return unknown("use ticket.<field>, such as ticket.short_description, or ticket.<field>_value for what is stored")
		}
		if err := fieldName(last); err != nil {
			return err
		}
	case "change":
		switch {
		case len(path) == 2 && (last == "by" || last == "fields"):
		case len(path) == 3 && path[1] == "fields" && (last == "size" || last == "first" || last == "last"):
		case len(path) == 3 && (last == "from" || last == "to") && fieldName(path[1]) == nil:
		default:
			return unknown("there are change.by, change.fields, change.<field>.from and change.<field>.to")
		}
	case "steps":
		return checkOutput(path[1:], steps)
	case "technician":
		if len(path) != 2 || last != "name" && last != "email" {
			return unknown("there are technician.name and technician.email")
		}
	case "company":
		if len(path) != 2 || last != "name" {
			return unknown("there is company.name")
		}
	case "run":
		if len(path) != 2 || last != "workflow" {
			return unknown("there is run.workflow")
		}
	default: // comment, now
		if len(path) != 1 {
			return unknown(fmt.Sprintf("%s has no parts", path[0]))
		}
	}
	return nil
}

// checkOutput says what is wrong with the name of an output of an earlier step.
func checkOutput(path []string, steps map[string][]string) error {
	if len(path) != 2 {
		return fmt.Errorf("steps.%s is not known; use steps.<name of an earlier step>.<output>", strings.Join(path, "."))
	}
	if steps == nil {
		return nil
	}
	outputs, ok := steps[path[0]]
	if !ok {
		return fmt.Errorf("there is no earlier step with the name %q; give that step the name, or correct it here", path[0])
	}
	if !slices.Contains(outputs, path[1]) {
		if len(outputs) == 0 {
			return fmt.Errorf("the step %q has no outputs", path[0])
		}
		return fmt.Errorf("the step %q has no output %q; it has %s", path[0], path[1], strings.Join(outputs, ", "))
	}
	return nil
}

// fill fills in a text of the step. What is missing is empty.
func (in Input) fill(ctx context.Context, t *liquid.Template) (string, error) {
	result, err := in.filled(ctx, t, (*liquid.Template).Render)
	return result.Text, err
}

// fillJSON fills in a text that is JSON.
func (in Input) fillJSON(ctx context.Context, t *liquid.Template) (string, error) {
	result, err := in.filled(ctx, t, (*liquid.Template).RenderJSON)
	return result.Text, err
}

func (in Input) filled(ctx context.Context, t *liquid.Template, render func(*liquid.Template, map[string]any, time.Time) (liquid.Result, error)) (liquid.Result, error) {
	if t == nil {
		return liquid.Result{}, nil
	}
	if t.Plain() {
		return liquid.Result{Text: t.Source()}, nil
	}
	values, err := in.values(ctx, t.Names())
	if err != nil {
		return liquid.Result{}, err
	}
	result, err := render(t, values, in.Now.In(in.Settings.Location()))
	if err != nil {
		return liquid.Result{}, neo.Errorf(neo.CodeInvalid, "A text of step %d of the workflow cannot be filled in: %w", in.Position+1, err)
	}
	return result, nil
}

// values returns what the names stand for, and no more: texts are filled in for
// each of a hundred thousand events when a workflow is tried on them.
func (in Input) values(ctx context.Context, names []string) (map[string]any, error) {
	zone := in.Settings.Location()
	values := map[string]any{}
	put := func(value any, path ...string) {
		at := values
		for _, part := range path[:len(path)-1] {
			inner, ok := at[part].(map[string]any)
			if !ok {
				inner = map[string]any{}
				at[part] = inner
			}
			at = inner
		}
		at[path[len(path)-1]] = value
	}
	for _, name := range names {
		path := strings.Split(name, ".")
		switch {
		case path[0] == "ticket" && len(path) == 2:
			put(in.ticketValue(path[1]), path...)
		case name == "change.by":
			put(in.Event.ChangedBy, path...)
		case path[0] == "change" && path[1] == "fields":
			put(changedFields(in.Event), "change", "fields")
		case path[0] == "change" && len(path) == 3:
			put(in.changedValue(path[1], path[2]), path...)
		case name == "comment":
			put(newestComment(in.Event), name)
		case path[0] == "steps" && len(path) == 3:
			put(in.Steps[path[1]][path[2]], path...)
		case name == "technician.name":
			put(in.Ticket.Fields["assigned_to"].String(), path...)
		case name == "technician.email":
			email, err := in.technicianEmail(ctx)
			if err != nil {
				return nil, err
			}
			put(email, path...)
		case name == "company.name":
			put(in.Ticket.Fields["company"].String(), path...)
		case name == "now":
			put(in.Now.In(zone), name)
		case name == "run.workflow":
			put(in.Run.WorkflowName, path...)
		case path[0] == "duplicate" && len(path) == 2:
			put(in.duplicate[path[1]], path...)
		}
	}
	return values, nil
}

func (in Input) ticketValue(name string) any {
	if v, ok := in.Ticket.Fields[name]; ok {
		return in.shown(name, v)
	}
	if field, ok := strings.CutSuffix(name, "_value"); ok {
		return in.Ticket.Fields[field].Value
	}
	switch name {
	case "number":
		return in.Ticket.Number
	case "url":
		return in.URL
	case neo.FieldTicketType:
		return string(in.Ticket.Class)
	}
	return nil
}

// shown is a field of the ticket as people see it, with what is stored beside it: texts
// compare and calculate with that.
func (in Input) shown(field string, v neo.Value) any {
	entry, _ := in.Dictionaries[in.Ticket.IntegrationID].Entry(in.Ticket.Class, field)
	zone := in.Settings.Location()
	switch {
	case entry.Type == neo.TextField:
		return v.String()
	case len(v.Value) == len(time.DateTime):
		at, err := time.Parse(time.DateTime, v.Value)
		switch {
		case err != nil:
		case entry.Type == neo.DurationField: // seconds to calculate with
			return liquid.Shown{Text: v.String(), Stored: strconv.FormatInt(at.Unix(), 10)}
		default:
			return liquid.Moment{Text: v.String(), At: at.In(zone)}
		}
	case len(v.Value) == len(time.DateOnly):
		if at, err := time.ParseInLocation(time.DateOnly, v.Value, zone); err == nil {
			return liquid.Moment{Text: v.String(), At: at, Day: true}
		}
	}
	if code, amount, ok := strings.Cut(v.Value, ";"); ok && len(code) == len("USD") { // a currency: "USD;90.00"
		if _, err := strconv.ParseFloat(amount, 64); err == nil {
			return liquid.Shown{Text: v.String(), Stored: amount}
		}
	}
	if v.Display != "" && v.Display != v.Value {
		return liquid.Shown{Text: v.Display, Stored: v.Value}
	}
	return v.String()
}

func changedFields(e neo.Event) []any {
	fields := make([]any, len(e.Changes))
	for i := range e.Changes {
		fields[i] = e.Changes[i].Field
	}
	return fields
}

func (in Input) changedValue(field, end string) any {
	for _, c := range in.Event.Changes {
		if c.Field == field {
			if end == "from" {
				return in.shown(field, c.From)
			}
			return in.shown(field, c.To)
		}
	}
	return nil
}

// newestComment is the last client-facing note that the change added.
func newestComment(e neo.Event) any {
	for _, entry := range slices.Backward(e.Journal) {
		if entry.Element == "comments" {
			return entry.Text
		}
	}
	return nil
}

func (in Input) technicianEmail(ctx context.Context) (string, error) {
	id := in.Ticket.Fields["assigned_to"].Value
	if id == "" {
		return "", nil
	}
	return in.Tickets.UserEmail(ctx, id)
}

// cutTo shortens a text that came out longer than the ticket system takes.
func cutTo(text string, most int) string {
	if len(text) <= most {
		return text
	}
	end := most - len("…")
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return strings.TrimRight(text[:end], " \n") + "…"
}

// oneLine makes one line of a text that came out with several.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
