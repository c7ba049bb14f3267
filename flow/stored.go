package flow

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/rules"
)

// Stored returns a definition with the stored values of choices in place of the labels
// that people write: what a workflow means does not depend on the language of who saves
// it, nor on a label that is changed later. known are what the tenant's instances say
// about their fields, by integration.
//
// A label that is not known, or that instances store differently, stays; rules take it
// for what it means on each ticket's instance. d itself is not changed.
func Stored(d neo.Definition, known map[string]*neo.Dictionary) neo.Definition {
	if len(known) == 0 || tooDeep(d.Conditions, mostNested) || len(d.Actions) > maxActions {
		return d // which is a mistake
	}
	l := labels{known}
	classes := within(neo.TicketClasses, d.Conditions)
	d.Conditions = l.rule(d.Conditions, neo.TicketClasses)
	d.Changes = slices.Clone(d.Changes)
	for i := range d.Changes {
		c := &d.Changes[i]
		field := c.Field
		if c.ChangeType == neo.StateChanged {
			field = neo.FieldState
		}
		c.From, c.To = l.end(field, c.From, classes), l.end(field, c.To, classes)
	}
	d.Actions = slices.Clone(d.Actions)
	for i := range d.Actions {
		d.Actions[i].Config = l.config(d.Actions[i], classes)
	}
	return d
}

// tooDeep reports whether a rule nests deeper than that.
func tooDeep(r *neo.Rule, most int) bool {
	return r != nil && (most < 0 || slices.ContainsFunc(r.Rules, func(child neo.Rule) bool { return tooDeep(&child, most-1) }))
}

// labels resolves the labels of choices.
type labels struct{ known map[string]*neo.Dictionary }

// within returns those of the classes for which a rule can hold, as far as it says so
// plainly; all of them when it holds for none.
func within(classes []neo.TicketClass, r *neo.Rule) []neo.TicketClass {
	some := classesOf(r)
	left := slices.DeleteFunc(slices.Clone(classes), func(c neo.TicketClass) bool { return some != nil && !slices.Contains(some, c) })
	if len(left) == 0 {
		return classes
	}
	return left
}

// rule returns a rule with stored values. classes are those of the tickets that come to it.
func (l labels) rule(r *neo.Rule, classes []neo.TicketClass) *neo.Rule {
	if r == nil {
		return nil
	}
	own := *r
	if r.IsGroup() {
		classes = within(classes, r)
		own.Rules = slices.Clone(r.Rules)
		for i := range own.Rules {
			own.Rules[i] = *l.rule(&r.Rules[i], classes)
		}
		return &own
	}
	switch r.Operator {
	case neo.OpEqual, neo.OpNotEqual:
		switch values := l.values(r.Field, r.Value, classes); {
		case len(values) == 1:
			own.Value = values[0]
		case len(values) > 1:
			own.Value = rules.JoinList(values)
			if own.Operator = neo.OpIn; r.Operator == neo.OpNotEqual {
				own.Operator = neo.OpNotIn
			}
		}
	case neo.OpIn, neo.OpNotIn:
		var all []string
		changed := false
		for _, v := range rules.Values(r) {
			values := l.values(r.Field, v, classes)
			if len(values) == 0 {
				values = []string{v}
			} else if !slices.Equal(values, []string{v}) {
				changed = true
			}
			for _, one := range values {
				if !slices.Contains(all, one) {
					all = append(all, one)
				}
			}
		}
		if changed {
			own.Value = rules.JoinList(all)
		}
	case neo.OpChangedFrom, neo.OpChangedTo:
		if values := l.values(r.Field, r.Value, classes); len(values) == 1 {
			own.Value = values[0]
		}
	}
	return &own
}

// end returns the value before or after a change; nil is any.
func (l labels) end(field string, value *string, classes []neo.TicketClass) *string {
	if value == nil {
		return nil
	}
	if values := l.values(field, *value, classes); len(values) == 1 {
		return &values[0]
	}
	return value
}

// meaning is what a text stands for in each class.
type meaning struct {
	class  neo.TicketClass
	stored string
}

// meanings returns the stored value that text means in each of the classes; none when
// it is no label, or instances differ. literal: text is a stored value somewhere.
func (l labels) meanings(field, text string, classes []neo.TicketClass) (list []meaning, literal bool) {
	text = strings.TrimSpace(text)
	for _, class := range classes {
		found := ""
		for _, d := range l.known {
			entry, ok := d.Entry(class, field)
			if !ok || entry.Type != neo.ChoiceField {
				continue
			}
			values := entry.Stored(text)
			if len(values) == 0 {
				continue
			}
			if found != "" && found != values[0] {
				return nil, literal
			}
			found = values[0]
			literal = literal || found == text
		}
		if found != "" {
			list = append(list, meaning{class, found})
		}
	}
	return list, literal
}

// shownAs returns the labels that a stored value has in the classes.
func (l labels) shownAs(field, stored string, classes []neo.TicketClass) map[string]bool {
	all := map[string]bool{}
	for _, d := range l.known {
		for _, class := range classes {
			if entry, ok := d.Entry(class, field); ok {
				if label, ok := entry.Label(stored); ok {
					all[label] = true
				}
			}
		}
	}
	return all
}

// collides reports whether a value of the field means different things in different
// classes.
func (l labels) collides(field string) bool {
	seen := map[string]string{}
	for _, d := range l.known {
		for _, class := range neo.TicketClasses {
			entry, _ := d.Entry(class, field)
			for _, c := range entry.Choices {
				if other, ok := seen[c.Value]; ok && other != c.Label {
					return true
				}
				seen[c.Value] = c.Label
			}
		}
	}
	return false
}

// values returns how a rule names what text means: by the stored value, with its class
// where that means something else in another class. None: the text stays as it is.
func (l labels) values(field, text string, classes []neo.TicketClass) []string {
	if field == "" || strings.TrimSpace(text) == "" {
		return nil
	}
	if name, rest, ok := strings.Cut(strings.TrimSpace(text), ":"); ok && neo.TicketClass(name).Known() {
		list, literal := l.meanings(field, rest, []neo.TicketClass{neo.TicketClass(name)})
		if literal || len(list) == 0 {
			return nil
		}
		return []string{name + ":" + list[0].stored}
	}
	list, literal := l.meanings(field, text, classes)
	if literal || len(list) == 0 {
		return nil
	}
	// The editor, too, names the class where the workflow is about some classes.
	withClass := len(classes) < len(neo.TicketClasses) && l.collides(field)
	var values []string
	for _, m := range list {
		value := m.stored
		if withClass || len(l.shownAs(field, m.stored, neo.TicketClasses)) > 1 {
			value = string(m.class) + ":" + m.stored
		}
		if !slices.Contains(values, value) {
			values = append(values, value)
		}
	}
	return values
}

// value returns the value that an action gives to a field of a ticket of the classes.
func (l labels) value(field, text string, classes []neo.TicketClass) string {
	if template(text) || strings.TrimSpace(text) == "" {
		return text
	}
	if field == neo.FieldState && strings.Contains(text, ":") { // "incident:Resolved, problem:106"
		parts := strings.Split(text, ",")
		for i, part := range parts {
			if values := l.values(field, part, classes); len(values) == 1 {
				parts[i] = values[0]
			} else {
				parts[i] = strings.TrimSpace(part)
			}
		}
		return strings.Join(parts, ", ")
	}
	list, literal := l.meanings(field, text, classes)
	if literal || len(list) == 0 {
		return text
	}
	same := !slices.ContainsFunc(list, func(m meaning) bool { return m.stored != list[0].stored })
	switch {
	case same && len(l.shownAs(field, list[0].stored, classes)) == 1:
		return list[0].stored
	case field != neo.FieldState:
		return text // each ticket's class decides when it is written
	}
	parts := make([]string, len(list))
	for i, m := range list {
		parts[i] = string(m.class) + ":" + m.stored
	}
	return strings.Join(parts, ", ")
}

// code returns a close code as it is stored.
func (l labels) code(text string, classes []neo.TicketClass) string {
	stored := ""
	for _, class := range classes {
		for _, d := range l.known {
			s, _ := d.StatesOf(class)
			list, literal := l.meanings(s.Code, text, []neo.TicketClass{class})
			if literal || len(list) > 0 && stored != "" && stored != list[0].stored {
				return text
			}
			if len(list) > 0 {
				stored = list[0].stored
			}
		}
	}
	if stored == "" {
		return text
	}
	return stored
}

func template(text string) bool { return strings.Contains(text, "{{") || strings.Contains(text, "{%") }

// config returns the settings of an action with stored values.
func (l labels) config(a neo.ActionSpec, classes []neo.TicketClass) json.RawMessage {
	var all map[string]json.RawMessage
	if json.Unmarshal(a.Config, &all) != nil {
		return a.Config
	}
	changed := false
	put := func(key string, v any) {
		if text, err := json.Marshal(v); err == nil {
			all[key], changed = text, true
		}
	}
	if a.Type == neo.ActionCreateTicket {
		var class neo.TicketClass
		if json.Unmarshal(all["class"], &class) == nil && class.Known() {
			classes = []neo.TicketClass{class}
		}
	}
	var fields map[string]any
	if (a.Type == neo.ActionUpdateTicket || a.Type == neo.ActionCreateTicket) && json.Unmarshal(all["fields"], &fields) == nil {
		some := false
		for name, v := range fields {
			if text, ok := v.(string); ok {
				if stored := l.value(name, text, classes); stored != text {
					fields[name], some = stored, true
				}
			}
		}
		if some {
			put("fields", fields)
		}
	}
	var code string
	if (a.Type == neo.ActionResolve || a.Type == neo.ActionClose) && json.Unmarshal(all["code"], &code) == nil {
		if stored := l.code(code, classes); stored != code {
			put("code", stored)
		}
	}
	for _, key := range []string{"until_rule", "conditions"} {
		var r *neo.Rule
		if json.Unmarshal(all[key], &r) != nil || r == nil || tooDeep(r, mostNested) {
			continue
		}
		before, err := json.Marshal(r)
		after, errAfter := json.Marshal(l.rule(r, classes))
		if err == nil && errAfter == nil && string(before) != string(after) {
			all[key], changed = after, true
		}
	}
	if !changed {
		return a.Config
	}
	text, err := json.Marshal(all)
	if err != nil {
		return a.Config
	}
	return text
}
