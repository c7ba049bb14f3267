package web

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/neoagent/neo"
)

// Run is one workflow carried out for one ticket.
type Run struct {
	ID              string          `json:"id"`
	Cause           neo.RunCause    `json:"cause" enum:"EVENT,SCHEDULE,REQUEST,WORKFLOW,UNDO"`
	RequestedBy     string          `json:"requested_by,omitempty" doc:"Name of the person who asked for the run, or for the undo"`
	WorkflowID      string          `json:"workflow_id"`
	WorkflowVersion int64           `json:"workflow_version"`
	WorkflowName    string          `json:"workflow_name"`
	EventID         string          `json:"event_id,omitempty"`
	ParentID        string          `json:"parent_id,omitempty" doc:"The run that started this one, or that this one undoes"`
	UndoneBy        string          `json:"undone_by,omitempty" doc:"The run that takes this one back"`
	Class           neo.TicketClass `json:"class"`
	Number          string          `json:"number"`
	TicketURL       string          `json:"ticket_url,omitempty"`
	Outcome         neo.Outcome     `json:"outcome" enum:"PENDING,RUNNING,WAITING,SUCCESS,FAILURE,SKIPPED,CANCELLED"`
	Message         string          `json:"message"`
	Attempt         int             `json:"attempt"`
	Shadow          bool            `json:"shadow" doc:"It only recorded what it would do"`
	CancelRequested bool            `json:"cancel_requested"`
	CanCancel       bool            `json:"can_cancel"`
	CanRetry        bool            `json:"can_retry"`
	CanUndo         bool            `json:"can_undo"`
	UndoReason      string          `json:"undo_reason,omitempty" doc:"Why it cannot be undone"`
	DueAt           *time.Time      `json:"due_at" doc:"When the next try or look is, while it waits"`
	CreatedAt       time.Time       `json:"created_at"`
	StartedAt       *time.Time      `json:"started_at"`
	FinishedAt      *time.Time      `json:"finished_at"`
	Steps           []Step          `json:"steps" nullable:"false"`
}

// Step is one action of a run.
type Step struct {
	ID            string               `json:"id"`
	Position      int                  `json:"position"`
	Action        neo.ActionType       `json:"action"`
	State         neo.StepState        `json:"state" enum:"WRITING,WAITING,DONE,FAILED,SKIPPED,PLANNED"`
	Message       string               `json:"message"`
	Plan          neo.Plan             `json:"plan"`
	Before        map[string]neo.Value `json:"before" nullable:"false"`
	After         map[string]neo.Value `json:"after" nullable:"false"`
	BeforeVersion int64                `json:"before_version"`
	AfterVersion  int64                `json:"after_version,omitempty"`
	ApprovalID    string               `json:"approval_id,omitempty"`
	Created       *neo.TicketRef       `json:"created,omitempty" doc:"The ticket that this step made"`
	CreatedURL    string               `json:"created_url,omitempty"`
	StartedRun    string               `json:"started_run,omitempty"`
	StartedAt     *time.Time           `json:"started_at"`
	FinishedAt    *time.Time           `json:"finished_at"`
}

// Requests are what people ask of workflows and runs.
type Requests interface {
	Ask(ctx context.Context, by neo.User, workflowID string, numbers []string, at time.Time, note string) ([]neo.ScheduledWork, error)
	ChangeWork(ctx context.Context, tenant, id string, at *time.Time, note *string, cancel bool) (neo.ScheduledWork, error)
	Cancel(ctx context.Context, tenant, runID string) error
	Retry(ctx context.Context, tenant, runID string) error
	Undo(ctx context.Context, by neo.User, runID string) (neo.Run, error)
	// CanUndo says why a run cannot be undone, or nil.
	CanUndo(ctx context.Context, run neo.Run) error
	Decide(ctx context.Context, by neo.User, approvalID string, state neo.ApprovalState, note string) error
}

func (s *Server) registerRuns(api huma.API) {
	huma.Register(api, op("get-run", http.MethodGet, "/runs/{id}", "Event History", "One execution of a workflow, with its steps"), s.getRun)
	huma.Register(api, op("cancel-run", http.MethodPost, "/runs/{id}/cancel", "Event History", "Stop an execution before its next step"),
		func(ctx context.Context, in *idInput) (*out[Run], error) {
			return s.thenRun(ctx, in.ID, s.options.Requests.Cancel(ctx, userOf(ctx).TenantID, in.ID))
		})
	huma.Register(api, op("retry-run", http.MethodPost, "/runs/{id}/retry", "Event History", "Let an execution go on that has failed or was cancelled"),
		func(ctx context.Context, in *idInput) (*out[Run], error) {
			return s.thenRun(ctx, in.ID, s.options.Requests.Retry(ctx, userOf(ctx).TenantID, in.ID))
		})
	huma.Register(api, op("undo-run", http.MethodPost, "/runs/{id}/undo", "Event History", "Restore the fields that an execution changed; answers the new execution"),
		func(ctx context.Context, in *idInput) (*out[Run], error) {
			undo, err := s.options.Requests.Undo(ctx, userOf(ctx), in.ID)
			return s.thenRun(ctx, undo.ID, err)
		})
}

// thenRun answers how a run stands after what was asked of it.
func (s *Server) thenRun(ctx context.Context, id string, err error) (*out[Run], error) {
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	return s.getRun(ctx, &idInput{ID: id})
}

func (s *Server) getRun(ctx context.Context, in *idInput) (*out[Run], error) {
	tenant := userOf(ctx).TenantID
	r, err := s.store.Run(ctx, tenant, in.ID)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	steps, err := s.store.Steps(ctx, tenant, r.ID)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	shown := shownRun(r, steps, s.ticketURL(ctx, tenant, r.Ticket))
	for i := range shown.Steps {
		if made := shown.Steps[i].Created; made != nil {
			shown.Steps[i].CreatedURL = s.ticketURL(ctx, tenant, *made)
		}
	}
	why := s.options.Requests.CanUndo(ctx, r)
	if shown.CanUndo = why == nil; !shown.CanUndo {
		shown.UndoReason = neo.MessageOf(why)
	}
	undo, err := s.store.ChildRun(ctx, tenant, r.ID, neo.CauseUndo)
	if err != nil && neo.CodeOf(err) != neo.CodeNotFound {
		return nil, s.fail(ctx, err)
	}
	if shown.UndoneBy = undo.ID; undo.ID != "" {
		shown.CanRetry = false
	}
	return answer(ctx, shown), nil
}

func shownRun(r neo.Run, steps []neo.Step, ticketURL string) Run {
	shown := Run{
		ID: r.ID, Cause: r.Cause, RequestedBy: r.RequestedBy, WorkflowID: r.WorkflowID, WorkflowVersion: r.WorkflowVersion, WorkflowName: r.WorkflowName, EventID: r.EventID,
		ParentID: r.ParentID, Class: r.Ticket.Class, Number: r.Number, TicketURL: ticketURL, Outcome: r.Outcome, Message: r.Message, Attempt: r.Attempt,
		Shadow: r.Shadow, CancelRequested: r.CancelRequested, CanCancel: !r.Outcome.Final() && !r.CancelRequested,
		CanRetry:  r.Outcome == neo.Failure || r.Outcome == neo.Cancelled,
		CreatedAt: r.CreatedAt.UTC(), StartedAt: timeOrNull(r.StartedAt), FinishedAt: timeOrNull(r.FinishedAt), Steps: []Step{},
	}
	if !r.Outcome.Final() && r.DueAt.After(time.Now()) {
		shown.DueAt = timeOrNull(r.DueAt)
	}
	for _, st := range steps {
		shown.Steps = append(shown.Steps, Step{
			ID: st.ID, Position: st.Position, Action: st.Action, State: st.State, Message: st.Message, Plan: st.Plan,
			Before: fields(st.Before), After: fields(st.After), BeforeVersion: st.BeforeVersion, AfterVersion: st.AfterVersion,
			ApprovalID: st.ApprovalID, Created: st.Created, StartedRun: st.StartedRun,
			StartedAt: timeOrNull(st.StartedAt), FinishedAt: timeOrNull(st.FinishedAt),
		})
	}
	return shown
}
