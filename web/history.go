package web

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/neoagent/neo"
)

// HistoryEntry is one line of the Event History.
type HistoryEntry struct {
	ID           string          `json:"id" doc:"Of the event; for executions of the run; for requests of the scheduled work"`
	Type         neo.EventType   `json:"type" enum:"ENTITY_CREATED,ENTITY_UPDATED,WORKFLOW_EXECUTION,WORKFLOW_TRIGGER_REQUESTED"`
	At           time.Time       `json:"at"`
	Source       neo.EventSource `json:"source,omitempty" enum:"webhook,sweep,backfill" doc:"How Neo learned of a change"`
	Class        neo.TicketClass `json:"class"`
	Number       string          `json:"number"`
	Title        string          `json:"title"`
	WorkflowID   string          `json:"workflow_id,omitempty"`
	WorkflowName string          `json:"workflow_name,omitempty"`
	Outcome      neo.Outcome     `json:"outcome" enum:"PENDING,RUNNING,WAITING,SUCCESS,FAILURE,SKIPPED,CANCELLED"`
	Message      string          `json:"message"`
	RunID        string          `json:"run_id,omitempty" doc:"Of a request: the execution that it became"`
	Cause        neo.RunCause    `json:"cause,omitempty" enum:"EVENT,SCHEDULE,REQUEST,WORKFLOW,UNDO" doc:"Of an execution: why it was made"`
	Shadow       bool            `json:"shadow" doc:"The execution only recorded what it would do"`
	DurationMS   int64           `json:"duration_ms" doc:"0 for changes and for executions under way"`
}

// Event is one change of a ticket in full.
type Event struct {
	ID            string               `json:"id"`
	Type          neo.EventType        `json:"type" enum:"ENTITY_CREATED,ENTITY_UPDATED"`
	IntegrationID string               `json:"integration_id"`
	Class         neo.TicketClass      `json:"class"`
	RemoteID      string               `json:"remote_id"`
	TicketURL     string               `json:"ticket_url,omitempty" doc:"The ticket in the ticket system's own pages"`
	Number        string               `json:"number"`
	Version       int64                `json:"version" doc:"ServiceNow's sys_mod_count"`
	Source        neo.EventSource      `json:"source" enum:"webhook,sweep,backfill"`
	Missed        int64                `json:"missed" doc:"How many updates just before this one nobody ever reported; what they did is part of this state"`
	ChangedBy     string               `json:"changed_by"`
	ChangedAt     *time.Time           `json:"changed_at"`
	ReceivedAt    time.Time            `json:"received_at"`
	Disposition   neo.Disposition      `json:"disposition" enum:"MATCHED,UNMATCHED,OWN_WRITE,HELD,RECORDED"`
	Changes       []neo.FieldChange    `json:"changes" nullable:"false"`
	Journal       []neo.JournalEntry   `json:"journal" nullable:"false"`
	Fields        map[string]neo.Value `json:"fields" nullable:"false"`
	Runs          []Run                `json:"runs" nullable:"false" doc:"What the workflows that matched did; without steps"`
}

func (s *Server) registerHistory(api huma.API) {
	huma.Register(api, op("list-history", http.MethodGet, "/history", "Event History", "Changes of tickets and executions of workflows, newest first"), s.listHistory)
	huma.Register(api, op("get-event", http.MethodGet, "/events/{id}", "Event History", "One change of a ticket"), s.getEvent)
}

type historyInput struct {
	Page
	Ticket  string `query:"ticket" maxLength:"64" doc:"A number or its beginning"`
	Type    string `query:"type" enum:"ENTITY_CREATED,ENTITY_UPDATED,WORKFLOW_EXECUTION,WORKFLOW_TRIGGER_REQUESTED"`
	Outcome string `query:"outcome" enum:"PENDING,RUNNING,WAITING,SUCCESS,FAILURE,SKIPPED,CANCELLED"`
}

func (s *Server) listHistory(ctx context.Context, in *historyInput) (*out[[]HistoryEntry], error) {
	list, err := s.store.History(ctx, userOf(ctx).TenantID, neo.HistoryFilter{
		Ticket: in.Ticket, Type: neo.EventType(in.Type), Outcome: neo.Outcome(in.Outcome), Before: in.Cursor, Limit: in.Limit + 1,
	})
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	more := len(list) > in.Limit
	if more {
		list = list[:in.Limit]
	}
	shown := make([]HistoryEntry, 0, len(list))
	for _, e := range list {
		shown = append(shown, HistoryEntry{
			ID: e.ID, Type: e.Type, At: e.At.UTC(), Source: e.Source, Class: e.Ticket.Class, Number: e.Number, Title: e.Title,
			WorkflowID: e.WorkflowID, WorkflowName: e.WorkflowName, Outcome: e.Outcome, Message: e.Message,
			RunID: e.RunID, Cause: e.Cause, Shadow: e.Shadow, DurationMS: e.Duration.Milliseconds(),
		})
	}
	o := answer(ctx, shown)
	if more {
		o.Body.Meta.NextCursor = &shown[len(shown)-1].ID
	}
	return o, nil
}

// eventAndRuns returns an event of the caller's tenant, and the runs that it started.
func (s *Server) eventAndRuns(ctx context.Context, id string) (neo.Event, []neo.Run, error) {
	tenant := userOf(ctx).TenantID
	e, err := s.store.Event(ctx, tenant, id)
	if err != nil {
		return e, nil, err
	}
	runs, err := s.store.EventRuns(ctx, tenant, e.ID)
	return e, runs, err
}

func (s *Server) getEvent(ctx context.Context, in *idInput) (*out[Event], error) {
	e, runs, err := s.eventAndRuns(ctx, in.ID)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	missed, err := s.store.MissedBefore(ctx, e)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	shown := Event{
		ID: e.ID, Type: e.Type, IntegrationID: e.Ticket.IntegrationID, Class: e.Ticket.Class, RemoteID: e.Ticket.RemoteID,
		TicketURL: s.ticketURL(ctx, e.TenantID, e.Ticket), Number: e.Number, Version: e.Version, Source: e.Source, Missed: missed,
		ChangedBy: e.ChangedBy, ChangedAt: timeOrNull(e.ChangedAt), ReceivedAt: e.ReceivedAt.UTC(), Disposition: e.Disposition,
		Changes: append([]neo.FieldChange{}, e.Changes...), Journal: append([]neo.JournalEntry{}, e.Journal...),
		Fields: fields(e.Fields), Runs: []Run{},
	}
	for _, r := range runs {
		shown.Runs = append(shown.Runs, shownRun(r, nil, shown.TicketURL))
	}
	return answer(ctx, shown), nil
}

// ticketURL is where a person sees the ticket itself; "" when the connection is gone.
func (s *Server) ticketURL(ctx context.Context, tenant string, ref neo.TicketRef) string {
	i, err := s.store.Integration(ctx, tenant, ref.IntegrationID)
	if err != nil || s.options.TicketURL == nil {
		return ""
	}
	return s.options.TicketURL(i, ref)
}

func fields(f map[string]neo.Value) map[string]neo.Value {
	if f == nil {
		return map[string]neo.Value{}
	}
	return f
}
