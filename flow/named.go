package flow

import (
	"fmt"
	"strings"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/rules"
)

// FieldsNamed returns the fields of tickets that a definition names, each with its
// place: in triggers, rules, settings of actions and their texts. What is misspelt
// cannot be told without the ticket system.
func FieldsNamed(d neo.Definition) []neo.NamedField {
	var named []neo.NamedField
	for i, c := range d.Changes {
		if c.Field != "" && !journals[c.Field] {
			named = append(named, neo.NamedField{Path: fmt.Sprintf("target_changes[%d].target_field", i), Field: c.Field})
		}
	}
	if d.Conditions != nil {
		named = append(named, ruleFields("conditions", d.Conditions, 0)...)
	}
	for i, spec := range d.Actions {
		if i == maxActions {
			break
		}
		s := &setup{at: fmt.Sprintf("actions[%d]", i), config: spec.Config}
		s.parse(spec.Type)
		named = append(named, s.named...)
	}
	return named
}

// ruleFields returns the fields of tickets that a rule names.
func ruleFields(path string, r *neo.Rule, depth int) (named []neo.NamedField) {
	if depth > mostNested {
		return nil // the compiler refuses it
	}
	if r.Field != "" && !strings.HasPrefix(r.Field, "steps.") && !rules.WorkedOut(r.Field) && !journals[r.Field] {
		named = append(named, neo.NamedField{Path: path + ".field", Field: r.Field})
	}
	for i := range r.Rules {
		named = append(named, ruleFields(fmt.Sprintf("%s.rules[%d]", path, i), &r.Rules[i], depth+1)...)
	}
	return named
}

// mostNested is how deep rules are looked into; they may not nest so deep.
const mostNested = 50

// names records that a setting names a field of tickets.
func (s *setup) names(path, field string) {
	s.named = append(s.named, neo.NamedField{Path: s.at + ".config." + path, Field: field})
}

// namesInText records the field that a name in a text stands for, if it is one.
func (s *setup) namesInText(path string, name []string) {
	switch {
	case len(name) == 2 && name[0] == "ticket" && !standing[name[1]]:
		s.names(path, strings.TrimSuffix(name[1], "_value"))
	case len(name) == 3 && name[0] == "change" && name[1] != "fields":
		s.names(path, name[1])
	}
}

// standing are the names after "ticket." that are not the ticket system's fields.
var standing = map[string]bool{"number": true, "url": true, neo.FieldTicketType: true}
