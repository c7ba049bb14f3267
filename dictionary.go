package neo

// Dictionary is what an instance says about the fields of its tickets: what each
// holds and which choices it has. It is learnt from the instance (ServiceNow:
// sys_dictionary, sys_choice), stored with the integration, and part of the
// configuration that events are matched against. What it does not say is not known:
// values are then taken for what they look like.
type Dictionary struct {
	Classes map[TicketClass]map[string]FieldEntry `json:"classes,omitempty"` // by class, by field
}

// FieldEntry is one field of one class.
type FieldEntry struct {
	Type FieldType `json:"type"`
	// Reference is what a reference or a list field holds, as in Field.
	Reference string `json:"reference,omitempty"`
	// Choices of a choice field, with the labels of the instance's own language; also
	// those that are switched off, since tickets still have them.
	Choices []Choice `json:"choices,omitempty"`
	// Labels are the labels of choices in other languages: stored value by label.
	Labels map[string]string `json:"labels,omitempty"`
}

// Entry returns what is known of a field of a class.
func (d *Dictionary) Entry(class TicketClass, field string) (FieldEntry, bool) {
	if d == nil {
		return FieldEntry{}, false
	}
	e, ok := d.Classes[class][field]
	return e, ok
}
