package web

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/neoagent/neo"
)

// Alert is something that is wrong, and what to do about it.
type Alert struct {
	ID            string         `json:"id"`
	IntegrationID string         `json:"integration_id,omitempty"`
	Level         neo.AlertLevel `json:"level" enum:"warning,problem"`
	Title         string         `json:"title"`
	Message       string         `json:"message"`
	WorkflowID    string         `json:"workflow_id,omitempty" doc:"The workflow that it is about"`
	RunID         string         `json:"run_id,omitempty" doc:"The last run that met the condition"`
	// Group is the switch that leads out of it, on the integration's page.
	Group       neo.PermissionGroup `json:"permission_group,omitempty" doc:"The permission group that refused the run"`
	Occurrences int64               `json:"occurrences"`
	FirstAt     time.Time           `json:"first_at"`
	LastAt      time.Time           `json:"last_at"`
	Read        bool                `json:"read"`
	ResolvedAt  *time.Time          `json:"resolved_at" doc:"null while the condition holds"`
}

func (s *Server) registerAlerts(api huma.API) {
	huma.Register(api, op("list-alerts", http.MethodGet, "/alerts", "Alerts", "What is wrong and what was, newest first"), s.listAlerts)
	huma.Register(api, op("read-alert", http.MethodPost, "/alerts/{id}/read", "Alerts", "Mark an alert as read"), s.readAlert)
}

func (s *Server) listAlerts(ctx context.Context, _ *empty) (*out[[]Alert], error) {
	list, err := s.store.Alerts(ctx, userOf(ctx).TenantID)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	shown := make([]Alert, 0, len(list))
	for _, a := range list {
		shown = append(shown, Alert{
			ID: a.ID, IntegrationID: a.IntegrationID, Level: a.Level, Title: a.Title, Message: a.Message,
			WorkflowID: a.WorkflowID, RunID: a.RunID, Group: a.Group, Occurrences: a.Occurrences,
			FirstAt: a.FirstAt.UTC(), LastAt: a.LastAt.UTC(), Read: !a.ReadAt.IsZero(), ResolvedAt: timeOrNull(a.ResolvedAt),
		})
	}
	return answer(ctx, shown), nil
}

func (s *Server) readAlert(ctx context.Context, in *idInput) (*out[empty], error) {
	if err := s.store.ReadAlert(ctx, userOf(ctx).TenantID, in.ID, time.Now()); err != nil {
		return nil, s.fail(ctx, err)
	}
	s.options.Live.Changed()
	return answer(ctx, empty{}), nil
}
