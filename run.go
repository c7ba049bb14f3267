package neo

import (
	"encoding/json"
	"time"
)

// Outcome is how the work for an event stands.
type Outcome string

// The outcomes. The last four are final.
const (
	Pending   Outcome = "PENDING" // waiting for a worker, for its turn, or for the time of a retry
	Running   Outcome = "RUNNING"
	Waiting   Outcome = "WAITING" // for a time, a change of the ticket, or a technician
	Success   Outcome = "SUCCESS"
	Failure   Outcome = "FAILURE"
	Skipped   Outcome = "SKIPPED" // it decided to do nothing (any more)
	Cancelled Outcome = "CANCELLED"
)

// Final reports whether the work is over.
func (o Outcome) Final() bool {
	return o == Success || o == Failure || o == Skipped || o == Cancelled
}

// RunCause is why a run was made.
type RunCause string

// The causes.
const (
	CauseEvent    RunCause = "EVENT"    // a change of the ticket
	CauseSchedule RunCause = "SCHEDULE" // the workflow's schedule
	CauseRequest  RunCause = "REQUEST"  // a person: run now, or scheduled work
	CauseWorkflow RunCause = "WORKFLOW" // an action of another workflow
	CauseUndo     RunCause = "UNDO"     // a person: take back what another run changed
)

// Run is one workflow carried out for one ticket.
type Run struct {
	ID              string
	TenantID        string
	WorkflowID      string
	WorkflowVersion int64
	WorkflowName    string
	EventID         string // "" unless Cause is CauseEvent
	Ticket          TicketRef
	Number          string
	Outcome         Outcome
	Message         string // a sentence for people; why it failed, what it did, what it waits for
	Attempt         int    // how often a worker has begun the current step
	DueAt           time.Time
	CreatedAt       time.Time
	StartedAt       time.Time // zero until a worker took it
	FinishedAt      time.Time // zero until Outcome is final
	// OnceKey, when not empty, is unique per workflow: a second run with it is not made.
	OnceKey string

	Cause RunCause
	// StartKey is unique per workflow: what started the run. A second run with it is
	// not made.
	StartKey string
	// ParentID is the run that started this one (CauseWorkflow) or that this one
	// undoes (CauseUndo).
	ParentID string
	Depth    int // how many workflows started each other before this one
	// AfterID is the run that must be over before this one begins; Lane names a queue
	// of runs that go one by one, by their ids. Both may be "".
	AfterID string
	Lane    string
	Shadow  bool // plans only
	// Away: the ticket system does not answer. The run is rung when it does; DueAt is the
	// latest look.
	Away bool
	// CancelRequested: a person wants the run to stop before its next step.
	CancelRequested bool
	// Alerted: an alert about the workflow was open when a worker took the run. It is not
	// stored.
	Alerted bool
}

// Job asks the queue to tell a worker about a run, not before At (zero: now).
type Job struct {
	RunID string
	At    time.Time
}

// StepState is how far one step of a run has come.
type StepState string

const (
	// StepWriting: the write is about to be sent, or was sent and its answer is not
	// known. After a crash the ticket is read before anything is sent again.
	StepWriting StepState = "WRITING"
	// StepWaiting: for a time, a change of the ticket, or a technician.
	StepWaiting StepState = "WAITING"
	StepDone    StepState = "DONE"
	StepFailed  StepState = "FAILED"
	// StepSkipped: there was nothing to do; the ticket was as wanted already.
	StepSkipped StepState = "SKIPPED"
	// StepPlanned: what would have been done, in shadow mode.
	StepPlanned StepState = "PLANNED"
)

// Step is one action of a run, with what the ticket was before and after it.
type Step struct {
	ID         string
	TenantID   string
	RunID      string
	Position   int // 0-based
	Action     ActionType
	State      StepState
	Ticket     TicketRef
	Message    string
	StartedAt  time.Time
	FinishedAt time.Time
	StepData
}

// StepData is the part of a Step that is stored as one JSON text.
type StepData struct {
	Plan
	Before        map[string]Value `json:"before,omitempty"`
	After         map[string]Value `json:"after,omitempty"`
	BeforeVersion int64            `json:"before_version,omitempty"`
	AfterVersion  int64            `json:"after_version,omitempty"`
	// Unsure: the step was given up without knowing whether its write arrived.
	Unsure bool `json:"unsure,omitempty"`
	// ApprovalID is the question to a technician that this step waits for or was
	// allowed by.
	ApprovalID string `json:"approval_id,omitempty"`
	// Created is the ticket that the step made, StartedRun the run that it started.
	Created    *TicketRef `json:"created,omitempty"`
	StartedRun string     `json:"started_run,omitempty"`
}

// Plan is what one action decided to do about a ticket as it is now. At most one of
// Write, Create, Send, Ask, Wait, Stop and Start is set; none means that there is
// nothing to do.
type Plan struct {
	Write  Write          `json:"write"`
	Create *NewTicket     `json:"create,omitempty"`
	Send   *Message       `json:"send,omitempty"`
	Ask    *Question      `json:"ask,omitempty"`
	Wait   *Wait          `json:"wait,omitempty"`
	Stop   string         `json:"stop,omitempty"` // why the run ends here, as Skipped
	Start  *StartWorkflow `json:"start,omitempty"`
	// Outputs are what later steps may use as {{ steps.name.key }}; of JSON's types.
	Outputs map[string]any `json:"outputs,omitempty"`
	// Reason says for people why this was chosen, where the settings do not say it:
	// "fewest open tickets (3)".
	Reason string `json:"reason,omitempty"`
}

// Wait is what a run waits for; the first that comes.
type Wait struct {
	Until time.Time `json:"until,omitzero"` // zero: for ever, with Becomes
	// Becomes, when set, ends the wait as soon as the ticket's newest state holds it.
	Becomes *Rule `json:"becomes,omitempty"`
	// StopIfNot ends the run, as Skipped, when Until came and Becomes does not hold.
	StopIfNot bool `json:"stop_if_not,omitempty"`
}

// StartWorkflow asks for a run of another workflow on the same ticket.
type StartWorkflow struct {
	WorkflowID string `json:"workflow_id"`
	Name       string `json:"name,omitempty"`
}

// ScheduledWork is a workflow that a person wants to be carried out on a ticket at a
// time; "run now" is one whose time has come.
type ScheduledWork struct {
	ID           string
	TenantID     string
	WorkflowID   string
	WorkflowName string
	Ticket       TicketRef
	Number       string
	At           time.Time
	State        WorkState
	Note         string // of the person who asked for it
	RunID        string // "" until it began
	Message      string // of the run
	RequestedBy  string // name of the person
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// WorkState is how scheduled work stands.
type WorkState string

// The states. Only pending work can be edited or cancelled.
const (
	WorkPending    WorkState = "PENDING"
	WorkProcessing WorkState = "PROCESSING"
	WorkCompleted  WorkState = "COMPLETED"
	WorkFailed     WorkState = "FAILED"
	WorkCancelled  WorkState = "CANCELLED"
)

// NextFiring is when a scheduled workflow fires.
type NextFiring struct {
	WorkflowID string
	TenantID   string
	Version    int64  // of the workflow, whose schedule says so
	TimeZone   string // in which the schedule counted
	At         time.Time
	LastAt     time.Time // when it last fired; zero: never
}

// PastStep is what a workflow did to a ticket, or because of it.
type PastStep struct {
	RunID        string
	WorkflowID   string
	WorkflowName string
	Fields       map[string]string // that it wrote
	Effects      []Effect
}

// Effect is a kind of thing that a step does, which somebody may answer.
type Effect string

// The effects, as people read them in "has … 5 times".
const (
	EffectFields     Effect = "changed fields"
	EffectWorkNote   Effect = "written a work note"
	EffectClientNote Effect = "written a client note"
	EffectEmail      Effect = "sent an e-mail"
	EffectTime       Effect = "logged time"
	EffectMessage    Effect = "sent a message"
	EffectTicket     Effect = "created a ticket"
	EffectWorkflow   Effect = "started a workflow"
)

// Effects returns what carrying out the plan does.
func (p *Plan) Effects() (all []Effect) {
	for _, e := range []struct {
		effect Effect
		has    bool
	}{
		{EffectFields, len(p.Write.Fields) > 0},
		{EffectWorkNote, p.Write.WorkNote != ""},
		{EffectClientNote, p.Write.ClientNote != ""},
		{EffectEmail, p.Write.Email != nil},
		{EffectTime, p.Write.TimeEntry != nil},
		{EffectMessage, p.Send != nil},
		{EffectTicket, p.Create != nil},
		{EffectWorkflow, p.Start != nil},
	} {
		if e.has {
			all = append(all, e.effect)
		}
	}
	return all
}

// Preview is one action as it would be carried out now: what "Test on a ticket"
// shows, step by step, and what the backtest compares.
type Preview struct {
	Position int              `json:"position"`
	Action   ActionType       `json:"action"`
	Plan     Plan             `json:"plan"`
	Before   map[string]Value `json:"before,omitempty"`
	Message  string           `json:"message"`         // a sentence: what would happen
	Error    string           `json:"error,omitempty"` // why the step would fail
	// Refused: the permission group's level does not allow it; the sentence says where
	// to change that. Approval: a technician would be asked first.
	Refused  string `json:"refused,omitempty"`
	Approval bool   `json:"approval,omitempty"`
}

// Template is a workflow to begin with.
type Template struct {
	ID         string          `json:"id"`
	Definition json.RawMessage `json:"definition"`
}
