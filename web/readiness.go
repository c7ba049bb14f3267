package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/neoagent/neo"
)

func (s *Server) registerReadiness(api huma.API) {
	huma.Register(api, op("check-readiness", http.MethodPost, "/workflows/readiness", "Workflows",
		"What keeps a definition from working: names that do not exist, permissions that are missing, and what could not be checked"), s.checkReadiness)
}

func (s *Server) checkReadiness(ctx context.Context, in *definitionInput) (*out[neo.Readiness], error) {
	r, err := s.ready(ctx, in.Body.ID, in.Body.Definition)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	return answer(ctx, r), nil
}

// ready says what keeps a workflow from working, as it would be saved; id is "" for a new one.
func (s *Server) ready(ctx context.Context, id string, d neo.Definition) (neo.Readiness, error) {
	d, err := s.options.Stored(ctx, userOf(ctx).TenantID, d)
	if err != nil {
		return neo.Readiness{}, err
	}
	return s.options.Ready(ctx, userOf(ctx).TenantID, id, d, s.fieldsKnown)
}

// fieldsKnown returns the fields of an integration, those of recent changes included,
// and why they are not all.
func (s *Server) fieldsKnown(ctx context.Context, integrationID string) (map[neo.TicketClass][]neo.Field, string, error) {
	q, err := s.ask(ctx, CatalogueQuery{Integration: integrationID})
	if err != nil {
		return nil, "", err
	}
	fields := q.fields(ctx, neo.TicketClasses, neo.TicketClasses)
	return fields, strings.Join(q.warnings, " "), nil
}

// mayEnable decides whether a workflow may be switched on: without mistakes, and without
// obstacles unless a reason is given. It returns the override to record, if the reason
// is needed, and what people have to be warned of.
func (s *Server) mayEnable(ctx context.Context, id string, d neo.Definition, reason string) (o neo.Override, warnings []string, err error) {
	mistakes, err := s.check(ctx, id, d)
	if err != nil {
		return o, nil, err
	}
	if err := invalidWorkflow(mistakes); err != nil {
		return o, nil, err
	}
	r, err := s.ready(ctx, id, d)
	if err != nil {
		return o, nil, err
	}
	for _, why := range r.Unchecked {
		warnings = append(warnings, "Not checked: "+why)
	}
	if len(r.Obstacles) == 0 {
		return o, warnings, nil
	}
	if reason = strings.TrimSpace(reason); reason == "" {
		return o, nil, hindered(r)
	}
	for _, obstacle := range r.Obstacles {
		warnings = append(warnings, obstacle.Path+": "+obstacle.Message)
	}
	return neo.Override{Reason: reason, By: userOf(ctx).ID, At: s.now()}, warnings, nil
}

// hindered is the error for a workflow that cannot work.
func hindered(r neo.Readiness) error {
	first := r.Obstacles[0]
	message := fmt.Sprintf("The workflow cannot work yet, so it was not enabled. %s: %s", first.Path, first.Message)
	if n := len(r.Obstacles); n > 1 {
		message = fmt.Sprintf("The workflow cannot work yet, so it was not enabled. There are %d problems. The first: %s: %s", n, first.Path, first.Message)
	}
	return &neo.Error{Code: neo.CodeConflict, Cause: obstacles(r), Message: message + " To enable it anyway, give a reason (override_reason)."}
}

// obstacles carries what keeps a workflow from working to the answer.
type obstacles neo.Readiness

func (o obstacles) Error() string { return fmt.Sprintf("%d obstacles", len(o.Obstacles)) }
