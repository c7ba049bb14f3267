package neo

import "time"

// Question is what an action asks technicians.
type Question struct {
	Text string `json:"text"`
	// Approvers are the e-mail addresses of Neo's users who may decide; none: everybody.
	Approvers []string `json:"approvers,omitempty"`
	// Deadline is when the question expires; zero: never. OnDeadline says what happens then.
	Deadline   time.Time  `json:"deadline,omitzero"`
	OnDeadline OnDeadline `json:"on_deadline,omitempty"`
	// OnReject says what a rejection does to the run: "" stops it, CONTINUE lets later
	// steps look at {{ steps.name.decision }}.
	OnReject OnReject `json:"on_reject,omitempty"`
}

// OnDeadline is what a question becomes that nobody answered.
type OnDeadline string

// The choices.
const (
	ExpireRejects  OnDeadline = "REJECT"
	ExpireApproves OnDeadline = "APPROVE"
	ExpireFails    OnDeadline = "FAIL"
)

// OnReject is what a rejection does to the run.
type OnReject string

// The choices.
const (
	RejectStops     OnReject = "STOP"
	RejectContinues OnReject = "CONTINUE"
)

// ApprovalState is how a question stands.
type ApprovalState string

// The states; all but the first are final.
const (
	ApprovalPending   ApprovalState = "PENDING"
	ApprovalApproved  ApprovalState = "APPROVED"
	ApprovalRejected  ApprovalState = "REJECTED"
	ApprovalChanges   ApprovalState = "CHANGES_REQUESTED" // not so: the comment says how
	ApprovalExpired   ApprovalState = "EXPIRED"
	ApprovalCancelled ApprovalState = "CANCELLED" // the run was
)

// Approval is a question of a run's to technicians, and the answer.
type Approval struct {
	ID           string
	TenantID     string
	RunID        string
	StepID       string
	WorkflowID   string
	WorkflowName string
	Ticket       TicketRef
	Number       string
	Title        string // of the ticket
	Question
	// Gate is the permission group that asks; "" for the action "ask a technician".
	Gate PermissionGroup
	// Planned is what the step will do when it is approved.
	Planned *Plan
	// Before is what the fields of Planned are now.
	Before    map[string]Value
	State     ApprovalState
	Comment   string // of the person who decided
	DecidedBy string // name
	DecidedAt time.Time
	CreatedAt time.Time
}
