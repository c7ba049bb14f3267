package neo

import (
	"slices"
	"strings"
)

// Dictionary is what an instance says about the fields of its tickets: what each
// holds and which choices it has. It is learnt from the instance (ServiceNow:
// sys_dictionary, sys_choice), stored with the integration, and part of the
// configuration that events are matched against. What it does not say is not known:
// values are then taken for what they look like. A nil one says nothing.
type Dictionary struct {
	Classes map[TicketClass]map[string]FieldEntry `json:"classes,omitempty"` // by class, by field
	// States says, by class, what the states mean in the life of a ticket.
	States map[TicketClass]States `json:"states,omitempty"`
}

// FieldEntry is one field of one class.
type FieldEntry struct {
	Type FieldType `json:"type"`
	// Reference is what a reference or a list field holds, as in Field.
	Reference string `json:"reference,omitempty"`
	// Choices of a choice field, with the labels of the instance's own language; also
	// those that are switched off, which come last, since tickets still have them.
	Choices []Choice `json:"choices,omitempty"`
	// Off are the values of choices that are switched off.
	Off []string `json:"off,omitempty"`
	// Labels are the labels of choices in other languages: stored value by label.
	Labels map[string]string `json:"labels,omitempty"`
}

// Phase is where a state puts a ticket in its life.
type Phase string

// The phases. Cancelled tickets are closed.
const (
	PhaseOpen     Phase = "OPEN"
	PhaseResolved Phase = "RESOLVED"
	PhaseClosed   Phase = "CLOSED"
)

// States is what the states of one class mean. Triggers and actions both go by it.
type States struct {
	Phases map[string]Phase `json:"phases,omitempty"` // by stored state; what is not here is not known
	// The states by which a ticket is resolved, closed and reopened; "" where the
	// class has none. Where a class knows no difference, Resolve is Close.
	Resolve string `json:"resolve,omitempty"`
	Close   string `json:"close,omitempty"`
	Reopen  string `json:"reopen,omitempty"`
	// Code is the field for the close code. A class without one has the state here: its
	// code names one of the states in which a ticket is over.
	Code string `json:"code,omitempty"`
}

// Entry returns what is known of a field of a class.
func (d *Dictionary) Entry(class TicketClass, field string) (FieldEntry, bool) {
	if d == nil {
		return FieldEntry{}, false
	}
	e, ok := d.Classes[class][field]
	return e, ok
}

// StatesOf returns what the states of a class mean; false when that is not known.
func (d *Dictionary) StatesOf(class TicketClass) (States, bool) {
	if d == nil {
		return States{}, false
	}
	s, ok := d.States[class]
	return s, ok && len(s.Phases) > 0
}

// Label returns the text that people see for a stored value of a choice field; false
// when the field has no such choice, or is none.
func (e FieldEntry) Label(stored string) (string, bool) {
	for i := range e.Choices {
		if e.Choices[i].Value == stored {
			return e.Choices[i].Label, true
		}
	}
	return "", false
}

// Stored returns the stored values of a choice field that text means: that of the
// value itself, or else those with the label text, in whatever language; case and
// blanks around it do not matter. Those that are switched off come last. Two choices
// can have one label.
func (e FieldEntry) Stored(text string) []string {
	if text = even(text); text == "" {
		return nil
	}
	for i := range e.Choices {
		if strings.EqualFold(e.Choices[i].Value, text) {
			return []string{e.Choices[i].Value}
		}
	}
	var values []string
	for i := range e.Choices {
		if strings.EqualFold(even(e.Choices[i].Label), text) {
			values = append(values, e.Choices[i].Value)
		}
	}
	if len(values) > 0 {
		return values
	}
	for label, value := range e.Labels {
		if strings.EqualFold(even(label), text) && !slices.Contains(values, value) {
			values = append(values, value)
		}
	}
	slices.Sort(values)
	return values
}

// Offered returns the choices that a ticket can be given.
func (e FieldEntry) Offered() []Choice {
	return slices.DeleteFunc(slices.Clone(e.Choices), func(c Choice) bool { return slices.Contains(e.Off, c.Value) })
}

// even is text with single blanks.
func even(s string) string { return strings.Join(strings.Fields(s), " ") }
