// Package flow carries a change from delivery to answer: it takes events in,
// decides with rules which workflows they start, and runs those.
//
// From delivery to runnable work is one transaction (ingest.go); every write to a
// ticket system goes through one place (write.go).
package flow

import (
	"context"
	"time"

	"github.com/neoagent/neo"
)

// Store is what flow reads and writes.
type Store interface {
	InTx(ctx context.Context, f func(tx neo.Tx) error) error
	ConfigEpoch(ctx context.Context, tx neo.Tx) (int64, error)
	LoadConfig(ctx context.Context, tx neo.Tx) (neo.Config, error)

	AppendEvents(ctx context.Context, tx neo.Tx, events []neo.Event) (isNew []bool, err error)
	Revisions(ctx context.Context, tx neo.Tx, events []neo.Event) ([][]neo.Event, error)
	AppendRevision(ctx context.Context, tx neo.Tx, e neo.Event) (isNew bool, err error)
	EventsAround(ctx context.Context, tx neo.Tx, e neo.Event) ([]neo.Event, error)
	LockTicket(ctx context.Context, tx neo.Tx, ref neo.TicketRef) error
	Retell(ctx context.Context, tx neo.Tx, e neo.Event) error
	Confirm(ctx context.Context, tx neo.Tx, e neo.Event, readAt time.Time) error
	TrimEvent(ctx context.Context, eventID string, data neo.EventData) error
	EventsAfter(ctx context.Context, e neo.Event, limit int) ([]neo.Event, error)
	EventBefore(ctx context.Context, e neo.Event) (before neo.Event, known bool, err error)
	Disbelieve(ctx context.Context, tx neo.Tx, eventID string) error
	InsertRuns(ctx context.Context, tx neo.Tx, runs []neo.Run) (isNew []bool, err error)
	WritingSteps(ctx context.Context, tx neo.Tx, tickets []neo.TicketRef) (map[neo.TicketRef]string, error)
	OwnVersions(ctx context.Context, tx neo.Tx, events []neo.Event) ([]bool, error)
	AddOwnVersion(ctx context.Context, tx neo.Tx, ticket neo.TicketRef, version int64, stepID string) error
	HeldEvents(ctx context.Context, tx neo.Tx, stepID string) ([]neo.Event, error)
	SetDisposition(ctx context.Context, tx neo.Tx, eventID string, d neo.Disposition) error

	TakeRun(ctx context.Context, id, owner string, now, until time.Time) (run neo.Run, taken bool, leasedUntil time.Time, err error)
	RenewLease(ctx context.Context, id, owner string, until time.Time) (bool, error)
	UpdateRun(ctx context.Context, tx neo.Tx, run neo.Run, owner string) error
	RunBefore(ctx context.Context, r neo.Run) (id string, err error)
	PutAfter(ctx context.Context, tx neo.Tx, id, afterID string) error
	RunsAfter(ctx context.Context, tx neo.Tx, r neo.Run) ([]neo.Job, error)
	AnyRunWaits(ctx context.Context) (bool, error)
	WaitingRuns(ctx context.Context, tickets []neo.TicketRef) ([]neo.Job, error)
	Run(ctx context.Context, tenant, id string) (neo.Run, error)
	ChildRun(ctx context.Context, tenant, parent string, cause neo.RunCause) (neo.Run, error)
	RequestCancel(ctx context.Context, tx neo.Tx, tenant, id string) error
	CancelRequested(ctx context.Context, id string) (bool, error)
	RetryRun(ctx context.Context, tx neo.Tx, tenant, id string, now time.Time) error

	StepsForRun(ctx context.Context, runID string) ([]neo.Step, error)
	PutStep(ctx context.Context, tx neo.Tx, s neo.Step) error
	PastSteps(ctx context.Context, ticket neo.TicketRef, since time.Time) ([]neo.PastStep, error)
	CreatedFrom(ctx context.Context, ticket neo.TicketRef, since time.Time) (from neo.TicketRef, workflow string, known bool, err error)

	AddApproval(ctx context.Context, tx neo.Tx, a neo.Approval) error
	Approval(ctx context.Context, tenant, id string) (neo.Approval, error)
	Decide(ctx context.Context, tx neo.Tx, tenant, id string, state neo.ApprovalState, comment, by string, at time.Time) error
	CancelApprovals(ctx context.Context, tx neo.Tx, runID string, at time.Time) error

	Event(ctx context.Context, tenant, id string) (neo.Event, error)
	LastReply(ctx context.Context, ticket neo.TicketRef, until time.Time) (time.Time, error)
	Ticket(ctx context.Context, tenant string, ref neo.TicketRef) (neo.Ticket, error)
	TicketsAfter(ctx context.Context, tenant string, after neo.TicketRef, limit int) ([]neo.Ticket, error)
	TicketsNumbered(ctx context.Context, tenant, number string) ([]neo.Ticket, error)
	RecentTickets(ctx context.Context, tenant, integrationID string, class neo.TicketClass, since time.Time, limit int) ([]neo.Ticket, error)

	Workflow(ctx context.Context, tenant, id string) (neo.Workflow, error)
	WorkflowNamed(ctx context.Context, tenant, name string) (neo.Workflow, error)
	WorkflowVersion(ctx context.Context, id string, version int64) (neo.Definition, error)
	CountFailure(ctx context.Context, workflowID string, version int64, hasFailed bool) (inRow int, err error)
	PauseWorkflow(ctx context.Context, tenant, id string, version int64, why string) error
	RaiseAlert(ctx context.Context, a neo.Alert) error
	RaiseAlertIn(ctx context.Context, tx neo.Tx, a neo.Alert) error
	ResolveFailures(ctx context.Context, tx neo.Tx, tenant, workflow, integration string, now time.Time) error
	Settings(ctx context.Context, tenant string) (neo.Settings, error)
	Permissions(ctx context.Context, integrationID string) (neo.Permissions, error)
	Endpoint(ctx context.Context, tenant, name string) (neo.Endpoint, error)
	Turn(ctx context.Context, run neo.Run, position int) (int, error)

	Schedules(ctx context.Context) ([]neo.NextFiring, error)
	PutSchedule(ctx context.Context, f neo.NextFiring) error
	DropSchedule(ctx context.Context, workflowID string) error
	Fire(ctx context.Context, tx neo.Tx, due neo.NextFiring, next, now time.Time) (bool, error)
	UnfinishedTickets(ctx context.Context, tenant, workflowID string) (map[neo.TicketRef]bool, error)
	AddWork(ctx context.Context, tx neo.Tx, w neo.ScheduledWork) error
	Work(ctx context.Context, tenant, id string) (neo.ScheduledWork, error)
	ChangeWork(ctx context.Context, w neo.ScheduledWork, cancel bool) error
	DueWork(ctx context.Context, now time.Time, limit int) ([]neo.ScheduledWork, error)
	BeginWork(ctx context.Context, tx neo.Tx, id, runID, message string) (bool, error)
}

// Sender sends messages to places outside the ticket system. neo.CodeUnavailable
// leaves open whether it arrived.
type Sender interface {
	Send(ctx context.Context, tenant string, m neo.Message, t neo.Ticket) error
}

// Queue rings for runs. It promises that a worker is told about each job at least
// once, not before its time, if and only if tx commits.
type Queue interface {
	Add(ctx context.Context, tx neo.Tx, jobs ...neo.Job) error
}

// TicketSystem is one connected instance, as actions see it. Each method belongs to
// permission groups (gate.go); what actions are handed is behind that gate.
type TicketSystem interface {
	// Read returns the ticket as it is now.
	Read(ctx context.Context, ref neo.TicketRef) (neo.Ticket, error)
	// Write applies w in one call and returns the ticket as the system echoed it: at
	// least its version and the fields of w. An e-mail makes no version; a time entry may,
	// which is returned if it is known to be Neo's.
	Write(ctx context.Context, ref neo.TicketRef, w neo.Write) (neo.Ticket, error)
	// HasNote reports whether a note that Neo's account wrote since then, and whose text
	// contains text, is in that journal of the ticket.
	HasNote(ctx context.Context, ref neo.TicketRef, journal neo.Journal, text string, since time.Time) (bool, error)
	// HasEntry reports whether anybody's note with that text is in that journal of the
	// ticket, written since then by the ticket system's clock; zero: at any time.
	HasEntry(ctx context.Context, ref neo.TicketRef, journal neo.Journal, text string, since time.Time) (bool, error)
	// HasEmail reports whether an e-mail about the ticket that contains marker was
	// sent. neo.CodeRefused means that it cannot be found out.
	HasEmail(ctx context.Context, ref neo.TicketRef, marker string) (bool, error)
	// HasTimeEntry reports whether a time entry whose text contains marker is on the ticket.
	HasTimeEntry(ctx context.Context, ref neo.TicketRef, marker string) (bool, error)
	// Create makes a ticket and returns it as the system has it then.
	Create(ctx context.Context, n neo.NewTicket) (neo.Ticket, error)
	// Created returns the ticket that was created with that mark, if there is one.
	Created(ctx context.Context, class neo.TicketClass, mark string) (t neo.Ticket, found bool, err error)

	// ContactEmail returns the address of the person affected by a ticket.
	ContactEmail(ctx context.Context, t neo.Ticket) (string, error)
	// UserEmail returns the address of a user by its id; "" when it has none.
	UserEmail(ctx context.Context, userID string) (string, error)
	// Lookup resolves the name or id of a "group", "user", "company" or "ci".
	Lookup(ctx context.Context, kind, name string) (neo.Value, error)
	// Members returns the active technicians of a group, by name.
	Members(ctx context.Context, groupID string) ([]neo.Value, error)
	// OpenTickets counts the open tickets that are assigned to each of the users.
	OpenTickets(ctx context.Context, userIDs []string) (map[string]int, error)
	// MoveTo returns the fields that bring the ticket there, with what its class needs
	// besides; code and notes are the close code and notes, where the class has them. A
	// code that the instance does not have is neo.CodeInvalid and names those it has.
	MoveTo(ctx context.Context, t neo.Ticket, to neo.Lifecycle, code, notes string) (map[string]string, error)
	// LinkTo returns the fields that make child a child, or a duplicate, of parent.
	LinkTo(ctx context.Context, child, parent neo.Ticket) (map[string]string, error)

	// Fields describes the fields of a class.
	Fields(ctx context.Context, class neo.TicketClass) ([]neo.Field, error)
	// Choices returns values that a field of the class can have and that contain query,
	// at most limit: the choices of a choice field, the records of a reference field.
	Choices(ctx context.Context, class neo.TicketClass, field, query string, limit int) ([]neo.Choice, error)
	// AllChoices returns all choices of a choice field of the class. complete is false
	// when Neo's account may not read them: there may be others then.
	AllChoices(ctx context.Context, class neo.TicketClass, field string) (all []neo.Choice, complete bool, err error)
}

// TicketSystems gives the ticket system of an integration.
type TicketSystems func(ctx context.Context, integrationID string) (TicketSystem, error)
