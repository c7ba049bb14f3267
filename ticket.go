package neo

import "time"

// Value is one field of a ticket as the ticket system holds it: the stored value
// and the text that it shows to people. Both are "" when the field is empty.
type Value struct {
	Value   string `json:"value"`
	Display string `json:"display,omitempty"` // "" means: the same as Value
}

// String returns the text that a person would recognise.
func (v Value) String() string {
	if v.Display != "" {
		return v.Display
	}
	return v.Value
}

// TicketClass is the kind of a ticket, as the ticket system names it.
type TicketClass string

// The task family of ServiceNow: every class that Neo receives.
const (
	Incident      TicketClass = "incident"
	Request       TicketClass = "sc_request"
	RequestItem   TicketClass = "sc_req_item"
	CatalogTask   TicketClass = "sc_task"
	ChangeRequest TicketClass = "change_request"
	Problem       TicketClass = "problem"
)

// TicketClasses lists the classes in the order in which people see them.
var TicketClasses = []TicketClass{Incident, Request, RequestItem, CatalogTask, ChangeRequest, Problem}

// Known reports whether c is one of TicketClasses.
func (c TicketClass) Known() bool {
	for _, k := range TicketClasses {
		if c == k {
			return true
		}
	}
	return false
}

// TicketRef names one ticket across all connected systems. RemoteID is the id in
// the ticket system (ServiceNow: sys_id); numbers are for people and not unique.
type TicketRef struct {
	IntegrationID string      `json:"integration_id"`
	Class         TicketClass `json:"class"`
	RemoteID      string      `json:"remote_id"`
}

// Ticket is the newest state of a ticket that Neo knows, or that it has just read.
type Ticket struct {
	TicketRef
	TenantID string
	Number   string
	// Version counts the ticket's updates in its system (ServiceNow: sys_mod_count).
	Version   int64
	Fields    map[string]Value
	UpdatedAt time.Time // when the ticket system says it changed
}

// Email is a message to a person about a ticket, sent by the ticket system.
type Email struct {
	To      string `json:"to"`
	Subject string `json:"subject"`
	Text    string `json:"text"`
}

// Write is a change that Neo wants to make to one ticket, in one call. An Email goes
// alone: it changes nothing of the ticket.
type Write struct {
	Fields   map[string]string `json:"fields,omitempty"` // field → stored value
	WorkNote string            `json:"work_note,omitempty"`
	Email    *Email            `json:"email,omitempty"`
}

// Empty reports whether there is nothing to write.
func (w Write) Empty() bool { return len(w.Fields) == 0 && w.WorkNote == "" && w.Email == nil }
