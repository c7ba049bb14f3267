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

// Open reports whether there is still something to do about the ticket. Connectors
// say so in the field active, by ServiceNow's name.
func (t *Ticket) Open() bool { return t.Fields["active"].Value != "false" }

// Email is a message to a person about a ticket, sent by the ticket system.
type Email struct {
	To      string `json:"to"`
	Subject string `json:"subject"`
	Text    string `json:"text"`
}

// TimeEntry is time worked on a ticket.
type TimeEntry struct {
	Minutes int    `json:"minutes"`
	Text    string `json:"text,omitempty"` // what was done; internal
}

// Write is a change that Neo wants to make to one ticket, in one call. An Email and
// a TimeEntry go alone: they change nothing of the ticket itself.
type Write struct {
	Fields     map[string]string `json:"fields,omitempty"` // field → stored value
	WorkNote   string            `json:"work_note,omitempty"`
	ClientNote string            `json:"client_note,omitempty"` // the customer sees it
	Email      *Email            `json:"email,omitempty"`
	TimeEntry  *TimeEntry        `json:"time_entry,omitempty"`
}

// Empty reports whether there is nothing to write.
func (w Write) Empty() bool {
	return len(w.Fields) == 0 && w.WorkNote == "" && w.ClientNote == "" && w.Email == nil && w.TimeEntry == nil
}

// NewTicket is a ticket that Neo wants to create.
type NewTicket struct {
	Class      TicketClass       `json:"class"`
	Fields     map[string]string `json:"fields,omitempty"` // field → stored value
	WorkNote   string            `json:"work_note,omitempty"`
	ClientNote string            `json:"client_note,omitempty"`
	// Parent, when set, is the ticket that the new one belongs to.
	Parent *TicketRef `json:"parent,omitempty"`
	// Mark is put where the ticket system keeps ids of other systems: it tells whether
	// the ticket was created, and that Neo did it.
	Mark string `json:"mark,omitempty"`
}

// Journal is one of the two lists of notes of a ticket.
type Journal string

// WorkNotes are internal; ClientNotes are seen by the customer.
const (
	WorkNotes   Journal = "work_notes"
	ClientNotes Journal = "client_notes"
)

// Field describes a field of a class of tickets, as the instance has it.
type Field struct {
	Name  string    `json:"name"`
	Label string    `json:"label"`
	Type  FieldType `json:"type" enum:"text,choice,reference,list,number,currency,boolean,time,date,duration,journal"`
	// Classes that have the field.
	Classes []TicketClass `json:"classes"`
	// Reference is what a reference field holds: "user", "group", "company", "ci",
	// "ticket", or the table's name.
	Reference string `json:"reference,omitempty"`
	ReadOnly  bool   `json:"read_only,omitempty"`
	// Custom: added by the customer (u_…) or by an app (x_…).
	Custom bool `json:"custom,omitempty"`
}

// FieldType is what a field holds.
type FieldType string

// The types.
const (
	TextField      FieldType = "text"
	ChoiceField    FieldType = "choice"
	ReferenceField FieldType = "reference"
	ListField      FieldType = "list" // of references or choices, separated by commas
	NumberField    FieldType = "number"
	CurrencyField  FieldType = "currency" // stored as "USD;90.00" or as an amount
	BooleanField   FieldType = "boolean"
	TimeField      FieldType = "time"     // stored in UTC, "2006-01-02 15:04:05"
	DateField      FieldType = "date"     // stored as "2006-01-02", without a time zone
	DurationField  FieldType = "duration" // stored as time since "1970-01-01 00:00:00"
	JournalField   FieldType = "journal"
)

// Choice is one value that a field can have. Class is set where the same stored value
// means different things in different classes: a rule then names it "class:value".
type Choice struct {
	Value string      `json:"value"`
	Label string      `json:"label"`
	Class TicketClass `json:"class,omitempty"`
}

// Lifecycle is where a workflow can bring a ticket.
type Lifecycle string

// The places.
const (
	ToResolved Lifecycle = "resolve"
	ToClosed   Lifecycle = "close"
	ToReopened Lifecycle = "reopen"
)
