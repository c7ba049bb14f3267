package neo

import "time"

// Outcome is how the work for an event stands.
type Outcome string

// The outcomes. The last three are final.
const (
	Pending Outcome = "PENDING" // waiting for a worker, or for the time of a retry
	Running Outcome = "RUNNING"
	Success Outcome = "SUCCESS"
	Failure Outcome = "FAILURE"
	Skipped Outcome = "SKIPPED"
)

// Final reports whether the work is over.
func (o Outcome) Final() bool { return o == Success || o == Failure || o == Skipped }

// Run is one workflow carried out for one event. (Workflow, Event) is unique.
type Run struct {
	ID              string
	TenantID        string
	WorkflowID      string
	WorkflowVersion int64
	WorkflowName    string
	EventID         string
	Ticket          TicketRef
	Number          string
	Outcome         Outcome
	Message         string // a sentence for people; why it failed, what it did
	Attempt         int    // how often a worker has begun the current step
	DueAt           time.Time
	CreatedAt       time.Time
	StartedAt       time.Time // zero until a worker took it
	FinishedAt      time.Time // zero until Outcome is final
	// OnceKey, when not empty, is unique per workflow: a second run with it is not made.
	OnceKey string
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
	StepDone    StepState = "DONE"
	StepFailed  StepState = "FAILED"
	// StepSkipped: there was nothing to do; the ticket was as wanted already.
	StepSkipped StepState = "SKIPPED"
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
	Write         Write            `json:"write"`
	Before        map[string]Value `json:"before,omitempty"`
	After         map[string]Value `json:"after,omitempty"`
	BeforeVersion int64            `json:"before_version"`
	AfterVersion  int64            `json:"after_version,omitempty"`
}
