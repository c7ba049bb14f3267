package web

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/neoagent/neo"
)

// Trials try workflows. They write nothing to a ticket system.
type Trials interface {
	// Test says what a definition would do to the ticket with that number.
	Test(ctx context.Context, tenant string, d neo.Definition, number string) (neo.Trial, error)
	// Count says how many of the newest tickets hold a definition's conditions.
	Count(ctx context.Context, tenant string, d neo.Definition) (neo.MatchCount, error)
	// Shadow compares a workflow's shadow runs with what technicians did.
	Shadow(ctx context.Context, tenant, workflow string) (neo.ShadowStats, error)

	// StartBacktest begins to try a definition on the events of the last days. by is
	// the name of the person who asks for it.
	StartBacktest(ctx context.Context, tenant, by string, d neo.Definition, days int) (neo.Backtest, error)
	Backtest(ctx context.Context, tenant, id string) (neo.Backtest, error)
	CancelBacktest(ctx context.Context, tenant, id string) (neo.Backtest, error)
}

// Mistakes are what is wrong with a definition.
type Mistakes struct {
	Mistakes []neo.Mistake  `json:"mistakes" nullable:"false" doc:"Empty when the definition can be saved"`
	Stored   neo.Definition `json:"stored" doc:"The definition as it would be saved: labels of choices are the values that the ticket system stores"`
}

// Shadow is how well a workflow in shadow mode foresaw what technicians did.
type Shadow struct {
	neo.ShadowStats
	Share *float64 `json:"share" minimum:"0" maximum:"1" doc:"agreed / cases; null while there is no case"`
}

func (s *Server) registerTrials(api huma.API) {
	s.registerReadiness(api)
	huma.Register(api, op("check-workflow", http.MethodPost, "/workflows/check", "Workflows", "What is wrong with a definition, and where"), s.checkWorkflow)
	huma.Register(api, op("count-tickets", http.MethodPost, "/workflows/count", "Workflows", "How many of the newest tickets hold a definition's conditions"), s.countTickets)
	huma.Register(api, op("test-workflow", http.MethodPost, "/workflows/test", "Workflows", "What a definition would do to a ticket, step by step; nothing is written"), s.testWorkflow)
	huma.Register(api, op("get-shadow", http.MethodGet, "/workflows/{id}/shadow", "Workflows", "What the shadow runs would have done, beside what technicians did"), s.getShadow)
}

type definitionInput struct {
	Body struct {
		ID         string         `json:"id,omitempty" maxLength:"64" doc:"Of the workflow that it is a draft of; none for a new one"`
		Definition neo.Definition `json:"definition"`
	}
}

func (s *Server) checkWorkflow(ctx context.Context, in *definitionInput) (*out[Mistakes], error) {
	mistakes, err := s.check(ctx, in.Body.ID, in.Body.Definition)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	stored, err := s.options.Stored(ctx, userOf(ctx).TenantID, in.Body.Definition)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	return answer(ctx, Mistakes{append([]neo.Mistake{}, mistakes...), stored}), nil
}

// countTickets looks at the conditions alone: the rest may be unfinished.
func (s *Server) countTickets(ctx context.Context, in *definitionInput) (*out[neo.MatchCount], error) {
	wrong := slices.DeleteFunc(s.options.Check(userOf(ctx).TenantID, in.Body.Definition), func(m neo.Mistake) bool { return !strings.HasPrefix(m.Path, "conditions") })
	if err := invalidWorkflow(wrong); err != nil {
		return nil, s.fail(ctx, err)
	}
	n, err := s.options.Trials.Count(ctx, userOf(ctx).TenantID, in.Body.Definition)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	return answer(ctx, n), nil
}

type testWorkflowInput struct {
	Body struct {
		Definition neo.Definition `json:"definition"`
		Number     string         `json:"number" minLength:"1" maxLength:"64" doc:"Of the ticket"`
	}
}

func (s *Server) testWorkflow(ctx context.Context, in *testWorkflowInput) (*out[neo.Trial], error) {
	if err := invalidWorkflow(s.options.Check(userOf(ctx).TenantID, in.Body.Definition)); err != nil {
		return nil, s.fail(ctx, err)
	}
	trial, err := s.options.Trials.Test(ctx, userOf(ctx).TenantID, in.Body.Definition, in.Body.Number)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	return answer(ctx, trial), nil
}

func (s *Server) getShadow(ctx context.Context, in *idInput) (*out[Shadow], error) {
	tenant := userOf(ctx).TenantID
	if _, err := s.store.Workflow(ctx, tenant, in.ID); err != nil {
		return nil, s.fail(ctx, err)
	}
	stats, err := s.options.Trials.Shadow(ctx, tenant, in.ID)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	shown := Shadow{ShadowStats: stats}
	if stats.Cases > 0 {
		share := float64(stats.Agreed) / float64(stats.Cases)
		shown.Share = &share
	}
	return answer(ctx, shown), nil
}
