package neo

import (
	"encoding/json"
	"time"
)

// Workflow is an automation that a team built: when it fires, for which tickets,
// and what it does. Definition is its exchange format; the rest is Neo's.
type Workflow struct {
	ID        string
	TenantID  string
	Enabled   bool
	Version   int64 // 1 for the first save, +1 for each one after
	CreatedAt time.Time
	UpdatedAt time.Time
	Definition
}

// Definition is the JSON of a workflow.
type Definition struct {
	Name        string         `json:"name"`
	Description string         `json:"description,omitempty"`
	TriggerType TriggerType    `json:"trigger_type"`
	Changes     []TargetChange `json:"target_changes"`
	Conditions  *Rule          `json:"conditions,omitempty"`
	Actions     []ActionSpec   `json:"actions"`
	// RunOnlyOncePerEntity allows at most one run per ticket, ever.
	RunOnlyOncePerEntity bool `json:"run_only_once_per_entity,omitempty"`
}

// TriggerType says what starts a workflow.
type TriggerType string

// Triggered: by changes of tickets.
const Triggered TriggerType = "TRIGGERED"

// ChangeType is a kind of change that can start a workflow.
type ChangeType string

const (
	// TicketCreated: the ticket's first version.
	TicketCreated ChangeType = "TICKET_CREATED"
	// FieldUpdated: a field changed in an update, or any field when none is named.
	FieldUpdated ChangeType = "FIELD_UPDATED"
)

// TargetChange is one change that starts a workflow; several are joined by or.
type TargetChange struct {
	ChangeType ChangeType `json:"change_type"`
	Field      string     `json:"target_field,omitempty"`
	From       *string    `json:"source_value,omitempty"` // nil: from any value
	To         *string    `json:"target_value,omitempty"` // nil: to any value
}

// ActionSpec is one step of a workflow as it is written down: a type and the
// settings of that type.
type ActionSpec struct {
	Type   ActionType      `json:"type"`
	Config json.RawMessage `json:"config"`
}

// ActionType names an action; flow has one file for each.
type ActionType string

// The actions.
const (
	ActionUpdateTicket ActionType = "UPDATE_TICKET_FIELDS"
	ActionAddWorkNote  ActionType = "ADD_WORK_NOTE"
	ActionNotify       ActionType = "NOTIFY_CONTACT"
	ActionAssign       ActionType = "ASSIGN_TICKET"
)

// WorkflowStats sums up the runs of one workflow.
type WorkflowStats struct {
	Runs      int
	Successes int
	Failures  int
	LastRunAt time.Time // zero when it never ran
}
