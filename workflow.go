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
	// Paused says why Neo itself has switched the workflow off; "" when it has not.
	Paused string
	// Draft: it was saved with mistakes, and stays off until they are corrected.
	Draft bool
	// Meaning is that of comparisons by which it was saved; see the constant.
	Meaning int64
	Definition
}

// Override is the decision of a person to switch a version of a workflow on although
// something that it needs is missing (Obstacle).
type Override struct {
	Reason string // "" is none
	By     string // stored: the id of the user; read: the name
	At     time.Time
}

// Meaning numbers what comparisons mean. 1: values are compared as what they are; what
// was saved before (0) was compared by the alphabet and letter by letter.
const Meaning = 1

// Definition is the JSON of a workflow.
type Definition struct {
	Name        string         `json:"name"`
	Description string         `json:"description,omitempty"`
	TriggerType TriggerType    `json:"trigger_type"`
	Changes     []TargetChange `json:"target_changes,omitempty"` // TRIGGERED
	Schedule    *Schedule      `json:"schedule,omitempty"`       // SCHEDULED
	Conditions  *Rule          `json:"conditions,omitempty"`
	Actions     []ActionSpec   `json:"actions"`

	// RunOnlyOncePerEntity allows at most one run per ticket, ever.
	RunOnlyOncePerEntity bool `json:"run_only_once_per_entity,omitempty"`
	// ProcessEntitiesSequentially lets one run of the workflow begin when the one
	// before it is over.
	ProcessEntitiesSequentially bool `json:"process_entities_sequentially,omitempty"`
	// ExecutionOrder places the workflow among those that one event starts: lower
	// first. It counts only where IgnoreExecutionOrder is false.
	ExecutionOrder       int   `json:"execution_order,omitempty"`
	IgnoreExecutionOrder *bool `json:"ignore_execution_order,omitempty"` // nil: true
	// DelaySeconds is how long a run waits before its first action.
	DelaySeconds int `json:"delay_seconds,omitempty"`
	// BusinessHours limits the workflow to changes made then, by the tenant's Settings.
	BusinessHours BusinessHoursOption `json:"business_hours,omitempty"`
	// PauseAfterFailures switches the workflow off, with an alert, when so many of its
	// runs in a row have failed. 0: never.
	PauseAfterFailures int `json:"pause_after_failures,omitempty"`
	// Shadow: the workflow plans and records what it would do, and does nothing.
	Shadow bool `json:"shadow,omitempty"`
	// TriggerOnOwnChanges starts the workflow by Neo's own changes as well.
	TriggerOnOwnChanges bool `json:"trigger_on_own_changes,omitempty"`
}

// Ordered reports whether the workflow waits for those before it in ExecutionOrder.
func (d *Definition) Ordered() bool {
	return d.IgnoreExecutionOrder != nil && !*d.IgnoreExecutionOrder
}

// TriggerType says what starts a workflow.
type TriggerType string

// Triggered: by changes of tickets. Scheduled: at times, for the tickets that match
// its conditions then. Both can also be started by hand and by other workflows;
// OnRequest only so.
const (
	Triggered TriggerType = "TRIGGERED"
	Scheduled TriggerType = "SCHEDULED"
	OnRequest TriggerType = "NONE"
)

// ChangeType is a kind of change that can start a workflow.
type ChangeType string

const (
	// TicketCreated: the ticket's first version.
	TicketCreated ChangeType = "TICKET_CREATED"
	// FieldUpdated: a field changed in an update, or any field when none is named.
	FieldUpdated ChangeType = "FIELD_UPDATED"

	// The other kinds are worked out by the connector from an event's own before and
	// after, and are part of the event (EventData.Kinds).

	// StateChanged: the ticket's state; TargetChange may name from and to.
	StateChanged ChangeType = "STATE_CHANGED"
	// Assigned: a technician or a group was set, to another than before.
	Assigned ChangeType = "ASSIGNED"
	// Unassigned: the technician was taken off.
	Unassigned ChangeType = "UNASSIGNED"
	// PriorityRaised: the priority became more urgent.
	PriorityRaised ChangeType = "PRIORITY_RAISED"
	// CustomerReplied: a client-facing note that no technician wrote.
	CustomerReplied ChangeType = "CUSTOMER_REPLIED"
	WorkNoteAdded   ChangeType = "WORK_NOTE_ADDED"
	Resolved        ChangeType = "RESOLVED"
	Closed          ChangeType = "CLOSED" // closed or cancelled
	Reopened        ChangeType = "REOPENED"
	ApprovalChanged ChangeType = "APPROVAL_CHANGED"
	ParentChanged   ChangeType = "PARENT_CHANGED"
	SLAChanged      ChangeType = "SLA_CHANGED"
)

// ChangeTypes lists all kinds in the order in which people see them.
var ChangeTypes = []ChangeType{
	TicketCreated, FieldUpdated, StateChanged, Assigned, Unassigned, PriorityRaised, CustomerReplied, WorkNoteAdded,
	Resolved, Closed, Reopened, ApprovalChanged, ParentChanged, SLAChanged,
}

// TargetChange is one change that starts a workflow; several are joined by or.
// Field is for FIELD_UPDATED; From and To are for FIELD_UPDATED and STATE_CHANGED.
type TargetChange struct {
	ChangeType ChangeType `json:"change_type"`
	Field      string     `json:"target_field,omitempty"`
	From       *string    `json:"source_value,omitempty"` // nil: from any value
	To         *string    `json:"target_value,omitempty"` // nil: to any value
}

// Schedule says when a SCHEDULED workflow fires.
type Schedule struct {
	Every ScheduleEvery `json:"every"`
	Count int           `json:"count,omitempty"` // MINUTES, HOURS: every so many
	At    string        `json:"at,omitempty"`    // DAY, WEEKDAYS, MONTH: "08:30"
	Days  []string      `json:"days,omitempty"`  // WEEKDAYS: MON … SUN; none: Monday to Friday. MONTH with Week
	// Day of the month: 1 … 31, or LastDay. A month without that day is left out. MONTH
	// has either Day, or Week with Days: Week 1 and MON is the first Monday, LastWeek and
	// FRI the last Friday.
	Day  int    `json:"day,omitempty"`
	Week int    `json:"week,omitempty"` // 1 … 5, or LastWeek
	Cron string `json:"cron,omitempty"` // CRON: five fields
	// TimeZone is an IANA name; "" is the tenant's.
	TimeZone string `json:"time_zone,omitempty"`
}

// ScheduleEvery is the unit of a Schedule.
type ScheduleEvery string

// The units.
const (
	EveryMinutes  ScheduleEvery = "MINUTES"
	EveryHours    ScheduleEvery = "HOURS"
	EveryDay      ScheduleEvery = "DAY"
	EveryWeekdays ScheduleEvery = "WEEKDAYS"
	EveryMonth    ScheduleEvery = "MONTH"
	EveryCron     ScheduleEvery = "CRON"
)

// The last day of a month, and the last of each weekday in it.
const (
	LastDay  = -1
	LastWeek = -1
)

// BusinessHoursOption limits when a workflow runs.
type BusinessHoursOption string

// "" is at any time.
const (
	InsideBusinessHours  BusinessHoursOption = "INSIDE"
	OutsideBusinessHours BusinessHoursOption = "OUTSIDE"
)

// ActionSpec is one step of a workflow as it is written down: a type and the
// settings of that type. Name, when not empty, is how later steps refer to what
// this one found ({{ steps.name.… }}): lower-case letters, digits and _.
type ActionSpec struct {
	Type   ActionType      `json:"type"`
	Name   string          `json:"name,omitempty"`
	Config json.RawMessage `json:"config"`
}

// ActionType names an action; flow has one file for each.
type ActionType string

// The actions.
const (
	ActionUpdateTicket  ActionType = "UPDATE_TICKET_FIELDS"
	ActionAssign        ActionType = "ASSIGN_TICKET"
	ActionAddWorkNote   ActionType = "ADD_WORK_NOTE"
	ActionAddClientNote ActionType = "ADD_CLIENT_NOTE"
	ActionLogTime       ActionType = "LOG_TIME_ENTRY"
	ActionResolve       ActionType = "RESOLVE_TICKET"
	ActionClose         ActionType = "CLOSE_TICKET"
	ActionReopen        ActionType = "REOPEN_TICKET"
	ActionCreateTicket  ActionType = "CREATE_TICKET"
	ActionLinkDuplicate ActionType = "LINK_DUPLICATE"
	ActionNotify        ActionType = "NOTIFY_CONTACT"
	ActionSendMessage   ActionType = "SEND_MESSAGE"
	ActionAskApproval   ActionType = "REQUEST_TECHNICIAN_APPROVAL"
	ActionWait          ActionType = "WAIT"
	ActionContinueIf    ActionType = "CONTINUE_IF"
	ActionRunWorkflow   ActionType = "RUN_WORKFLOW"
)

// WorkflowStats sums up the runs of one workflow.
type WorkflowStats struct {
	Runs      int
	Shadow    int // runs that only planned; they are no Successes
	Successes int
	Failures  int
	LastRunAt time.Time // zero when it never ran
	// LastFailed: of the runs that succeeded or failed, the one that began last failed.
	LastFailed bool
	Days       []RunsOfDay
}

// RunsOfDay counts the runs that a workflow began on one day (UTC).
type RunsOfDay struct {
	Day      string `json:"day"` // 2006-01-02
	Runs     int    `json:"runs"`
	Failures int    `json:"failures"`
}

// WorkflowVersion is one save of a workflow.
type WorkflowVersion struct {
	Version    int64
	SavedAt    time.Time
	SavedBy    string // name of the person; "" when that is not known any more
	Override   Override
	Definition Definition
}

// Mistake is something wrong with a definition, and where: a path in its JSON, such
// as "conditions.rules[0].value" or "actions[2].config.text".
type Mistake struct {
	Path    string `json:"path"`
	Message string `json:"message"`
	// Futile: the definition is understood, but the comparison there can never hold, or
	// not as it is meant. It cannot be saved so; what was saved before goes on.
	Futile bool `json:"-"`
}

// NamedField is a field of tickets that a definition names, and where.
type NamedField struct {
	Path  string
	Field string
}
