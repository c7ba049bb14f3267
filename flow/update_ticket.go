package flow

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/liquid"
)

// updateTicket sets fields to values. {"fields": {"urgency": "1"}}
type updateTicket struct{ fields fieldValues }

func parseUpdateTicket(s *setup) Action {
	var c struct {
		Fields map[string]any `json:"fields"`
	}
	if !s.read(&c) {
		return nil
	}
	if len(c.Fields) == 0 {
		s.wrong("fields", `There are none: name at least one, as in {"urgency": "1"}.`)
	}
	s.needsValues(c.Fields, "")
	return updateTicket{s.fields(c.Fields)}
}

func (a updateTicket) Plan(ctx context.Context, in Input) (neo.Plan, error) {
	fields, left, err := a.fields.fill(ctx, in, in.Ticket.Class)
	if err != nil {
		return neo.Plan{}, err
	}
	plan := neo.Plan{Write: neo.Write{Fields: fields}}
	if len(left) > 0 {
		plan.Reason = strings.Join(left, ", ") + " is set on tickets of other types only"
	}
	return plan, nil
}

// fieldValues are the values that an action gives to fields.
type fieldValues map[string]*liquid.Template

const (
	maxFields     = 100
	maxFieldValue = 8_000
)

// journals are fields that append a note each time they are written.
var journals = map[string]bool{"work_notes": true, "comments": true, "comments_and_work_notes": true}

// referenceKinds are the fields whose values are named as people name them, with the
// kind of what they hold (TicketSystem.Lookup).
var referenceKinds = map[string]string{
	"assignment_group": "group", "assigned_to": "user", "caller_id": "user", "requested_for": "user", "requested_by": "user",
	"company": "company", "cmdb_ci": "ci",
}

// fields reads the setting "fields".
func (s *setup) fields(values map[string]any) fieldValues {
	if len(values) > maxFields {
		s.wrong("fields", "There are %d; %d are allowed.", len(values), maxFields)
		return nil
	}
	all := fieldValues{}
	for _, name := range sortedKeys(values) {
		path := "fields." + printable(name)
		source, isText := values[name].(string)
		switch {
		case fieldName(name) != nil:
			s.wrong(path, "%s.", fieldName(name))
		case journals[name]:
			s.wrong(path, "This is a journal, not a field: use the actions %s and %s.", neo.ActionAddWorkNote, neo.ActionAddClientNote)
		case strings.HasPrefix(name, "sys_"), name == "number":
			s.wrong(path, "This belongs to the ticket system and cannot be set.")
		case !isText:
			s.wrong(path, "A text is needed here: put the value in quotes.")
		default:
			s.names(path, name)
			all[name] = s.text(path, source)
		}
	}
	return all
}

// fill returns the stored values for a ticket of the class. Names of people, groups
// and the like are resolved each time: they are renamed, and a name that is gone must
// be an error and not a wrong value. left are the fields whose values are for tickets
// of other classes.
func (f fieldValues) fill(ctx context.Context, in Input, class neo.TicketClass) (fields map[string]string, left []string, err error) {
	fields = make(map[string]string, len(f))
	for _, name := range slices.Sorted(maps.Keys(f)) {
		value, err := in.fillField(ctx, f[name], class, name)
		if err != nil {
			return nil, nil, err
		}
		value = cutTo(value, maxFieldValue)
		if kind, ok := referenceKinds[name]; ok && strings.TrimSpace(value) != "" {
			found, err := in.Tickets.Lookup(ctx, kind, strings.TrimSpace(value))
			if err != nil {
				return nil, nil, err
			}
			value = found.Value
		}
		if name == neo.FieldState {
			ofClass, ok := stateOf(value, class)
			if !ok {
				left = append(left, name)
				continue
			}
			value = ofClass
		}
		value = in.storedChoice(class, name, value)
		fields[name] = value
	}
	return fields, left, nil
}

// storedChoice returns the stored value of the choice with that label, in whatever
// language; what is no label of the field stays as it is.
func (in Input) storedChoice(class neo.TicketClass, field, text string) string {
	entry, _ := in.Dictionaries[in.Ticket.IntegrationID].Entry(class, field)
	if entry.Type != neo.ChoiceField {
		return text
	}
	for _, value := range entry.Stored(text) {
		if !slices.Contains(entry.Off, value) || value == strings.TrimSpace(text) {
			return value
		}
	}
	return text
}

// stateOf picks the stored state for a class from "6", which is for all, or from
// "incident:6, problem:106", since the same state means other things in other classes.
func stateOf(value string, class neo.TicketClass) (stored string, ok bool) {
	for part := range strings.SplitSeq(value, ",") {
		of, state, found := strings.Cut(strings.TrimSpace(part), ":")
		if !found || !neo.TicketClass(of).Known() {
			return value, true
		}
		if neo.TicketClass(of) == class {
			return state, true
		}
	}
	return "", false
}
