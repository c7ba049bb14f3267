package flow

import (
	"fmt"
	"slices"
	"strings"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/rules"
)

// need is something outside of a definition without which it cannot work as written.
type need struct {
	path string
	what needKind
	// name is what people wrote: the name of a record, an endpoint or a workflow, a
	// value, a close code. Never one with a template in it.
	name  string
	field string          // of a value
	kind  string          // of a record: "group", "user", "company", "ci"
	class neo.TicketClass // of a value: that it is for; "" is any
	to    neo.Lifecycle   // of a close code
	body  bool            // of an endpoint: it gets a body, which only HTTPS ones take
	group neo.PermissionGroup
	level neo.PermissionLevel
}

// needKind is a kind of need.
type needKind int

const (
	needPermission needKind = iota
	needRecord              // that Lookup finds
	needValue               // of a field: one of its choices, or a record that it refers to
	needCloseCode
	needEndpoint
	needWorkflow
	needApprover // a user of Neo, by e-mail address
)

// needsOf returns what a definition needs, in its order; fields that it names are
// FieldsNamed.
func needsOf(d neo.Definition) []need {
	var all []need
	for i, c := range d.Changes {
		field := c.Field
		if c.ChangeType == neo.StateChanged {
			field = neo.FieldState
		}
		for end, value := range map[string]*string{"source_value": c.From, "target_value": c.To} {
			if value != nil && field != "" {
				all = append(all, valueNeeds(fmt.Sprintf("target_changes[%d].%s", i, end), field, *value)...)
			}
		}
	}
	if d.Conditions != nil {
		all = append(all, ruleNeeds("conditions", d.Conditions, 0)...)
	}
	for i, spec := range d.Actions {
		if i == maxActions {
			break
		}
		s := &setup{at: fmt.Sprintf("actions[%d]", i), config: spec.Config}
		s.needsPermission(neo.GroupTickets, neo.ReadOnly) // each step reads the ticket
		s.parse(spec.Type)
		all = append(all, s.needs...)
	}
	return all
}

// ruleNeeds returns the values that a rule compares fields of tickets with.
func ruleNeeds(path string, r *neo.Rule, depth int) (all []need) {
	if depth > mostNested {
		return nil // the compiler refuses it
	}
	if r.Field != "" && !strings.HasPrefix(r.Field, "steps.") && !rules.WorkedOut(r.Field) && !journals[r.Field] {
		for _, value := range rules.Values(r) {
			all = append(all, valueNeeds(path+".value", r.Field, value)...)
		}
	}
	for i := range r.Rules {
		all = append(all, ruleNeeds(fmt.Sprintf("%s.rules[%d]", path, i), &r.Rules[i], depth+1)...)
	}
	return all
}

// valueNeeds returns the need of a value, which may be for one class: "problem:106".
func valueNeeds(path, field, value string) []need {
	n := need{path: path, what: needValue, field: field, name: strings.TrimSpace(value)}
	if class, stored, ok := strings.Cut(n.name, ":"); ok && neo.TicketClass(class).Known() {
		n.class, n.name = neo.TicketClass(class), stored
	}
	if n.name == "" || isTemplate(n.name) {
		return nil
	}
	return []need{n}
}

// isTemplate reports whether what a text comes to is known only when it is filled in.
func isTemplate(text string) bool {
	return strings.Contains(text, "{{") || strings.Contains(text, "{%")
}

// needsPermission records that the action touches a permission group.
func (s *setup) needsPermission(group neo.PermissionGroup, level neo.PermissionLevel) {
	for i := range s.needs {
		if n := &s.needs[i]; n.what == needPermission && n.group == group {
			if level == neo.ReadWrite {
				n.level = level
			}
			return
		}
	}
	s.needs = append(s.needs, need{path: s.at, what: needPermission, group: group, level: level})
}

// needsToWrite records that the action writes to a permission group.
func (s *setup) needsToWrite(group neo.PermissionGroup) { s.needsPermission(group, neo.ReadWrite) }

// needsRecord records that a setting names a record of that kind.
func (s *setup) needsRecord(path, kind, name string) {
	if strings.TrimSpace(name) == "" {
		return
	}
	s.needsPermission(groupOfKind(kind), neo.ReadOnly)
	s.needsNamed(path, need{what: needRecord, kind: kind, name: name})
}

// needsNamed records a need for something that a setting names, unless the name is a
// template.
func (s *setup) needsNamed(path string, n need) {
	if n.name = strings.TrimSpace(n.name); n.name != "" && !isTemplate(n.name) {
		n.path = s.at + ".config." + path
		s.needs = append(s.needs, n)
	}
}

// needsValues records what is needed for values that an action gives to fields of
// tickets of a class, "" for the ticket's own.
func (s *setup) needsValues(values map[string]any, class neo.TicketClass) {
	s.needsToWrite(neo.GroupTickets)
	for _, name := range sortedKeys(values) {
		value, isText := values[name].(string)
		path := "fields." + printable(name)
		switch kind, refers := referenceKinds[name]; {
		case !isText:
		case refers:
			s.needsRecord(path, kind, value)
		case name == neo.FieldState:
			for part := range strings.SplitSeq(value, ",") {
				s.needs = append(s.needs, valueNeeds(s.at+".config."+path, name, part)...)
			}
		default:
			s.needsNamed(path, need{what: needValue, field: name, name: value, class: class})
		}
	}
}

// classesOf returns the classes of the tickets for which a rule can hold; nil is all.
func classesOf(r *neo.Rule) []neo.TicketClass {
	if r == nil || r.Not {
		return nil
	}
	if r.Field == neo.FieldTicketType && (r.Operator == neo.OpEqual || r.Operator == neo.OpIn) {
		var classes []neo.TicketClass
		for _, v := range rules.Values(r) {
			if c := neo.TicketClass(strings.ToLower(strings.TrimSpace(v))); c.Known() {
				classes = append(classes, c)
			}
		}
		return classes
	}
	if r.Combinator != neo.And {
		return nil
	}
	var classes []neo.TicketClass
	for i := range r.Rules {
		of := classesOf(&r.Rules[i])
		switch {
		case of == nil:
		case classes == nil:
			classes = of
		default:
			classes = slices.DeleteFunc(classes, func(c neo.TicketClass) bool { return !slices.Contains(of, c) })
		}
	}
	return classes
}
