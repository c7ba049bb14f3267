package web

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/neoagent/neo"
)

// ScheduledWork is a workflow that a person wants to be carried out on a ticket.
type ScheduledWork struct {
	ID           string        `json:"id"`
	WorkflowID   string        `json:"workflow_id"`
	WorkflowName string        `json:"workflow_name"`
	Ticket       neo.TicketRef `json:"ticket"`
	Number       string        `json:"number"`
	At           time.Time     `json:"at"`
	State        neo.WorkState `json:"state" enum:"PENDING,PROCESSING,COMPLETED,FAILED,CANCELLED"`
	Note         string        `json:"note"`
	RunID        string        `json:"run_id,omitempty"`
	Message      string        `json:"message" doc:"What the execution says"`
	RequestedBy  string        `json:"requested_by"`
	CreatedAt    time.Time     `json:"created_at"`
}

func (s *Server) registerWork(api huma.API) {
	run := op("run-workflow", http.MethodPost, "/workflows/{id}/run", "Scheduled Work", "Carry a workflow out on tickets, now or at a time")
	run.DefaultStatus = http.StatusCreated
	huma.Register(api, run, s.runWorkflow)
	huma.Register(api, op("list-scheduled-work", http.MethodGet, "/scheduled-work", "Scheduled Work", "What people asked for, newest first"), s.listWork)
	huma.Register(api, op("edit-scheduled-work", http.MethodPatch, "/scheduled-work/{id}", "Scheduled Work", "Another time or note, while it is pending"), s.editWork)
	huma.Register(api, op("cancel-scheduled-work", http.MethodPost, "/scheduled-work/{id}/cancel", "Scheduled Work", "Do not carry it out"), s.cancelWork)
}

type runWorkflowInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Tickets []string   `json:"tickets" minItems:"1" maxItems:"200" doc:"Their numbers"`
		At      *time.Time `json:"at,omitempty" doc:"Now, if there is none"`
		Note    string     `json:"note,omitempty" maxLength:"1000"`
	}
}

func (s *Server) runWorkflow(ctx context.Context, in *runWorkflowInput) (*out[[]ScheduledWork], error) {
	var at time.Time
	if in.Body.At != nil {
		if at = *in.Body.At; at.IsZero() { // is past, and does not mean now
			at = time.Unix(0, 0)
		}
	}
	list, err := s.options.Requests.Ask(ctx, userOf(ctx), in.ID, in.Body.Tickets, at, in.Body.Note)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	return answer(ctx, shownWork(list)), nil
}

func (s *Server) listWork(ctx context.Context, in *Page) (*out[[]ScheduledWork], error) {
	list, err := s.store.ScheduledWork(ctx, userOf(ctx).TenantID, in.Cursor, in.Limit+1)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	more := len(list) > in.Limit
	if more {
		list = list[:in.Limit]
	}
	o := answer(ctx, shownWork(list))
	if more {
		o.Body.Meta.NextCursor = &list[len(list)-1].ID
	}
	return o, nil
}

type editWorkInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		At   *time.Time `json:"at,omitempty"`
		Note *string    `json:"note,omitempty" maxLength:"1000"`
	}
}

func (s *Server) editWork(ctx context.Context, in *editWorkInput) (*out[ScheduledWork], error) {
	return s.changeWork(ctx, in.ID, in.Body.At, in.Body.Note, false)
}

func (s *Server) cancelWork(ctx context.Context, in *idInput) (*out[ScheduledWork], error) {
	return s.changeWork(ctx, in.ID, nil, nil, true)
}

func (s *Server) changeWork(ctx context.Context, id string, at *time.Time, note *string, cancel bool) (*out[ScheduledWork], error) {
	w, err := s.options.Requests.ChangeWork(ctx, userOf(ctx).TenantID, id, at, note, cancel)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	return answer(ctx, shownWork([]neo.ScheduledWork{w})[0]), nil
}

func shownWork(list []neo.ScheduledWork) []ScheduledWork {
	shown := make([]ScheduledWork, 0, len(list))
	for _, w := range list {
		shown = append(shown, ScheduledWork{
			ID: w.ID, WorkflowID: w.WorkflowID, WorkflowName: w.WorkflowName, Ticket: w.Ticket, Number: w.Number, At: w.At.UTC(), State: w.State,
			Note: w.Note, RunID: w.RunID, Message: w.Message, RequestedBy: w.RequestedBy, CreatedAt: w.CreatedAt.UTC(),
		})
	}
	return shown
}
