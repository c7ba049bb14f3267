package neo

import "time"

// EventType is what an entry of the Event History is about.
type EventType string

// The types, by the names under which the Event History shows them.
const (
	EntityCreated     EventType = "ENTITY_CREATED"
	EntityUpdated     EventType = "ENTITY_UPDATED"
	WorkflowExecution EventType = "WORKFLOW_EXECUTION"
	// TriggerRequested: a person asked for a workflow on a ticket.
	TriggerRequested EventType = "WORKFLOW_TRIGGER_REQUESTED"
)

// EventSource is the way on which Neo learned of a change.
type EventSource string

const (
	// SourceWebhook is a hint that may come late, twice or never.
	SourceWebhook EventSource = "webhook"
	// SourceSweep: the sweep found what no webhook had reported.
	SourceSweep EventSource = "sweep"
	// SourceBackfill: read after a connect, so that Neo knows the ticket. It starts nothing.
	SourceBackfill EventSource = "backfill"
)

// FieldChange is one field of a ticket before and after one update of it.
type FieldChange struct {
	Field string `json:"field"`
	From  Value  `json:"from"`
	To    Value  `json:"to"`
}

// JournalEntry is a note that was added in one update. Element is the journal
// (work_notes: internal, comments: seen by the customer).
type JournalEntry struct {
	// ID is the entry's own in the ticket system; "" when it was delivered: a delivery
	// does not say. Entries are known by it, by whoever reads the journal.
	ID      string `json:"id,omitempty"`
	Element string `json:"element"`
	Text    string `json:"text"`
	Author  string `json:"author,omitempty"` // user name
	// Technician: the author works on tickets. False for customers, and where it could
	// not be found out for somebody who is the ticket's contact.
	Technician bool `json:"technician,omitempty"`
}

// Event is one state of one ticket, reported once. Its identity is (TicketRef, Version,
// Revision): a second delivery of the same state is the same event. Nearly every
// version has one state; another one is a revision of it (KnownAmong).
type Event struct {
	ID         string
	TenantID   string
	Ticket     TicketRef
	Number     string
	Version    int64
	Revision   int64 // 0 is the first state that was reported under the version
	Type       EventType
	Source     EventSource
	ChangedBy  string    // user name in the ticket system
	ChangedAt  time.Time // the ticket system's clock
	ReceivedAt time.Time // Neo's clock
	EventData

	Disposition Disposition
	// HeldBy is the step whose unfinished write may have made this version; set
	// only with DispositionHeld.
	HeldBy string
	// Unconfirmed: the instance does not have this state, or nobody knows yet that it
	// has. It is not the ticket's newest, whatever its version.
	Unconfirmed bool

	// The rest is not stored; it is set where it is needed.

	// Overtaken: when this event was stored, one of a later version was that the sweep had
	// found. AppendEvents says it.
	Overtaken bool
	// Missing are the versions of the ticket, each from the first to the last, that were not
	// known when the sweep found this event.
	Missing [][2]int64
	// CreatedByMark is the mark of a ticket that Neo created (NewTicket.Mark).
	CreatedByMark string
	// LastReplyAt is when the customer last wrote on the ticket, up to this event; zero
	// if never, or not looked up.
	LastReplyAt time.Time
	// ReadAt is when Neo read this state from the instance (Neo's clock): what it had
	// been told before and is of a later version, the instance does not have. Zero when it
	// was not read.
	ReadAt time.Time
}

// EventData is the part of an Event that is stored as one JSON text.
type EventData struct {
	Changes []FieldChange  `json:"changes,omitempty"`
	Journal []JournalEntry `json:"journal,omitempty"`
	// Told are notes of this update that another event of the ticket has in its Journal:
	// the sweep and a late delivery found the same (Untold). They start nothing here.
	Told []JournalEntry `json:"told,omitempty"`
	// First is the first version that an event stands for, of those that the sweep could
	// not tell apart; the last is its Version. 0 when it is not known, or there is one.
	First int64 `json:"first,omitempty,string"`
	// Kinds are the changes that this update was, beside TICKET_CREATED and
	// FIELD_UPDATED, which Type and Changes say.
	Kinds []ChangeType `json:"kinds,omitempty"`
	// PreviousAt is when the ticket had been updated before this update; zero when it was
	// not, or when that is not known.
	PreviousAt time.Time `json:"previous_at,omitzero"`
	// PreviousBy is who made that update before, by user name; "" when it is not known.
	PreviousBy string           `json:"previous_by,omitempty"`
	Fields     map[string]Value `json:"fields,omitempty"` // the whole record after the update
}

// Disposition says what Neo decided to do about an event.
type Disposition string

const (
	// DispositionMatched: at least one workflow matched and has a run.
	DispositionMatched Disposition = "MATCHED"
	// DispositionUnmatched: no enabled workflow concerns this event.
	DispositionUnmatched Disposition = "UNMATCHED"
	// DispositionOwn: Neo's own write produced exactly this version.
	DispositionOwn Disposition = "OWN_WRITE"
	// DispositionRecorded: taken in for the record alone (a backfill); no workflow
	// was asked.
	DispositionRecorded Disposition = "RECORDED"
	// DispositionHeld: a write of Neo's to this ticket is under way; whether this
	// version is its own is decided when the write's answer is known.
	DispositionHeld Disposition = "HELD"
)
