package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/neoagent/neo"
)

// Approval is a question of a workflow's to technicians.
type Approval struct {
	ID           string               `json:"id"`
	RunID        string               `json:"run_id"`
	WorkflowID   string               `json:"workflow_id"`
	WorkflowName string               `json:"workflow_name"`
	Ticket       neo.TicketRef        `json:"ticket"`
	TicketURL    string               `json:"ticket_url,omitempty"`
	Number       string               `json:"number"`
	Title        string               `json:"title"`
	Text         string               `json:"text"`
	Approvers    []string             `json:"approvers" nullable:"false" doc:"E-mail addresses of those who may decide; none: everybody"`
	Deadline     *time.Time           `json:"deadline"`
	OnDeadline   neo.OnDeadline       `json:"on_deadline,omitempty" doc:"REJECT, APPROVE or FAIL"`
	Gate         neo.PermissionGroup  `json:"gate,omitempty" doc:"The permission group that asks; none: the workflow does"`
	Planned      *neo.Plan            `json:"planned,omitempty" doc:"What happens after a yes"`
	Before       map[string]neo.Value `json:"before" nullable:"false" doc:"What the planned fields were when the question was asked"`
	State        neo.ApprovalState    `json:"state" enum:"PENDING,APPROVED,REJECTED,CHANGES_REQUESTED,EXPIRED,CANCELLED"`
	Comment      string               `json:"comment"`
	DecidedBy    string               `json:"decided_by"`
	DecidedAt    *time.Time           `json:"decided_at"`
	CreatedAt    time.Time            `json:"created_at"`
	Mine         bool                 `json:"mine" doc:"The caller may decide"`
}

func (s *Server) registerApprovals(api huma.API) {
	huma.Register(api, op("list-approvals", http.MethodGet, "/approvals", "Approvals", "Questions to technicians, newest first"), s.listApprovals)
	huma.Register(api, op("get-approval", http.MethodGet, "/approvals/{id}", "Approvals", "One question"), s.getApproval)
	huma.Register(api, op("decide-approval", http.MethodPost, "/approvals/{id}/decision", "Approvals",
		"Answer a question; 409 when somebody else has"), s.decide)
}

type approvalsInput struct {
	Page
	State string `query:"state" enum:"PENDING,APPROVED,REJECTED,CHANGES_REQUESTED,EXPIRED,CANCELLED"`
}

func (s *Server) listApprovals(ctx context.Context, in *approvalsInput) (*out[[]Approval], error) {
	user := userOf(ctx)
	list, err := s.store.Approvals(ctx, user.TenantID, neo.ApprovalState(in.State), in.Cursor, in.Limit+1)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	more := len(list) > in.Limit
	if more {
		list = list[:in.Limit]
	}
	shown := make([]Approval, 0, len(list))
	for _, a := range list {
		shown = append(shown, approval(a, user, s.ticketURL(ctx, user.TenantID, a.Ticket)))
	}
	o := answer(ctx, shown)
	if more {
		o.Body.Meta.NextCursor = &shown[len(shown)-1].ID
	}
	return o, nil
}

func (s *Server) getApproval(ctx context.Context, in *idInput) (*out[Approval], error) {
	user := userOf(ctx)
	a, err := s.store.Approval(ctx, user.TenantID, in.ID)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	return answer(ctx, approval(a, user, s.ticketURL(ctx, user.TenantID, a.Ticket))), nil
}

type decisionInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Action string `json:"action" enum:"approve,reject,ask_for_changes"`
		Note   string `json:"note,omitempty" maxLength:"4000"`
	}
}

var decisions = map[string]neo.ApprovalState{
	"approve": neo.ApprovalApproved, "reject": neo.ApprovalRejected, "ask_for_changes": neo.ApprovalChanges,
}

func (s *Server) decide(ctx context.Context, in *decisionInput) (*out[Approval], error) {
	if err := s.options.Requests.Decide(ctx, userOf(ctx), in.ID, decisions[in.Body.Action], in.Body.Note); err != nil {
		return nil, s.fail(ctx, err)
	}
	return s.getApproval(ctx, &idInput{ID: in.ID})
}

func approval(a neo.Approval, user neo.User, ticketURL string) Approval {
	return Approval{
		ID: a.ID, RunID: a.RunID, WorkflowID: a.WorkflowID, WorkflowName: a.WorkflowName, Ticket: a.Ticket, TicketURL: ticketURL, Number: a.Number,
		Title: a.Title, Text: a.Text, Approvers: append([]string{}, a.Approvers...), Deadline: timeOrNull(a.Deadline), OnDeadline: a.OnDeadline,
		Gate: a.Gate, Planned: a.Planned, Before: fields(a.Before), State: a.State, Comment: a.Comment, DecidedBy: a.DecidedBy,
		DecidedAt: timeOrNull(a.DecidedAt), CreatedAt: a.CreatedAt.UTC(),
		Mine: len(a.Approvers) == 0 || slices.ContainsFunc(a.Approvers, func(email string) bool { return strings.EqualFold(email, user.Email) }),
	}
}
