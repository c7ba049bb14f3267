package web

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/spelling"
)

// learnt is what recent changes show about the fields of tickets: the editor's
// knowledge where the ticket system does not tell.
type learnt map[neo.TicketClass]map[string]*seen

// seen are the values that a field had.
type seen struct {
	labels map[string]string // by stored value
}

// maxSeen bounds the values that are kept of one field.
const maxSeen = 200

// learn reads events, the newest first.
func learn(events []neo.Event) learnt {
	l := learnt{}
	for i := range events {
		fields := l[events[i].Ticket.Class]
		if fields == nil {
			fields = map[string]*seen{}
			l[events[i].Ticket.Class] = fields
		}
		for name, value := range events[i].Fields {
			s := fields[name]
			if s == nil {
				s = &seen{labels: map[string]string{}}
				fields[name] = s
			}
			if _, known := s.labels[value.Value]; !known && value.Value != "" && len(s.labels) < maxSeen {
				s.labels[value.Value] = value.String() // the newest label
			}
		}
	}
	return l
}

// fields returns the fields that tickets of a class had.
func (l learnt) fields(class neo.TicketClass) []neo.Field {
	fields := make([]neo.Field, 0, len(l[class]))
	for name, s := range l[class] {
		fields = append(fields, neo.Field{
			Name: name, Label: labelOf(name), Type: s.kind(), Classes: []neo.TicketClass{class}, Custom: customField(name),
			ReadOnly: strings.HasPrefix(name, "sys_"),
		})
	}
	return fields
}

// choices returns values that the field had and whose value or label contains query.
func (l learnt) choices(class neo.TicketClass, field, query string) []neo.Choice {
	s := l[class][field]
	if s == nil {
		return nil
	}
	var choices []neo.Choice
	for value, label := range s.labels {
		if contains(label, query) || contains(value, query) {
			choices = append(choices, neo.Choice{Value: value, Label: label})
		}
	}
	slices.SortFunc(choices, byLabel)
	return choices
}

func contains(s, query string) bool {
	return spelling.Contains(s, query)
}

func byLabel(a, b neo.Choice) int {
	return cmp.Or(cmp.Compare(strings.ToLower(a.Label), strings.ToLower(b.Label)), cmp.Compare(a.Value, b.Value))
}

// kind guesses what a field holds from the values that it had.
func (s *seen) kind() neo.FieldType {
	all := func(is func(value, label string) bool) bool {
		for value, label := range s.labels {
			if !is(value, label) {
				return false
			}
		}
		return len(s.labels) > 0
	}
	switch {
	case all(func(v, _ string) bool { return v == "true" || v == "false" }):
		return neo.BooleanField
	case all(func(v, _ string) bool { _, err := time.Parse(time.DateTime, v); return err == nil }):
		return neo.TimeField
	case all(func(v, label string) bool { return v != label && isID(v) }):
		return neo.ReferenceField
	case all(func(v, label string) bool { return v != label }):
		return neo.ChoiceField
	case all(func(v, _ string) bool { _, err := strconv.ParseFloat(v, 64); return err == nil }):
		return neo.NumberField
	}
	return neo.TextField
}

// isID reports whether a value can be the id of a record: long, and hexadecimal.
func isID(s string) bool {
	return len(s) >= 16 && strings.Trim(s, "0123456789abcdefABCDEF-") == ""
}

// customField reports whether a customer or an app has added a field, by its name.
func customField(name string) bool {
	return strings.HasPrefix(name, "u_") || strings.HasPrefix(name, "x_")
}

// labelOf makes a name readable: u_cost_center is Cost center.
func labelOf(name string) string {
	words := strings.TrimSpace(strings.ReplaceAll(strings.TrimPrefix(name, "u_"), "_", " "))
	if words == "" {
		return name
	}
	return strings.ToUpper(words[:1]) + words[1:]
}
