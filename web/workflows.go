package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/neoagent/neo"
)

// Workflow is a workflow with how it has done so far.
type Workflow struct {
	ID         string          `json:"id"`
	Enabled    bool            `json:"enabled"`
	Paused     string          `json:"paused,omitempty" doc:"Why Neo itself has switched it off"`
	Version    int64           `json:"version" doc:"Give it back when saving: a save over a newer version is refused"`
	Definition neo.Definition  `json:"definition"`
	UpdatedAt  time.Time       `json:"updated_at"`
	Runs       int             `json:"runs"`
	Successes  int             `json:"successes"`
	Failures   int             `json:"failures"`
	LastRunAt  *time.Time      `json:"last_run_at"`
	Days       []neo.RunsOfDay `json:"days" nullable:"false" doc:"The last 14 days, oldest first"`
}

func (s *Server) registerWorkflows(api huma.API) {
	huma.Register(api, op("list-workflows", http.MethodGet, "/workflows", "Workflows", "All workflows"), s.listWorkflows)
	huma.Register(api, op("get-workflow", http.MethodGet, "/workflows/{id}", "Workflows", "One workflow"), s.getWorkflow)
	create := op("create-workflow", http.MethodPost, "/workflows", "Workflows", "Save a new workflow; it starts disabled unless enabled=true")
	create.DefaultStatus = http.StatusCreated
	huma.Register(api, create, s.createWorkflow)
	huma.Register(api, op("save-workflow", http.MethodPut, "/workflows/{id}", "Workflows", "Save a new version of a workflow"), s.saveWorkflow)
	huma.Register(api, op("enable-workflow", http.MethodPatch, "/workflows/{id}", "Workflows", "Turn a workflow on or off"), s.enableWorkflow)
	huma.Register(api, op("delete-workflow", http.MethodDelete, "/workflows/{id}", "Workflows", "Delete a workflow; its history stays"), s.deleteWorkflow)
}

func (s *Server) listWorkflows(ctx context.Context, _ *empty) (*out[[]Workflow], error) {
	tenant := userOf(ctx).TenantID
	list, err := s.store.Workflows(ctx, tenant)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	stats, err := s.store.WorkflowStats(ctx, tenant)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	shown := make([]Workflow, 0, len(list))
	for _, w := range list {
		shown = append(shown, workflow(w, stats[w.ID]))
	}
	return answer(ctx, shown), nil
}

func (s *Server) getWorkflow(ctx context.Context, in *idInput) (*out[Workflow], error) {
	return s.shownWorkflow(ctx, in.ID)
}

func (s *Server) shownWorkflow(ctx context.Context, id string) (*out[Workflow], error) {
	tenant := userOf(ctx).TenantID
	w, err := s.store.Workflow(ctx, tenant, id)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	stats, err := s.store.WorkflowStats(ctx, tenant)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	return answer(ctx, workflow(w, stats[w.ID])), nil
}

type createWorkflowInput struct {
	Enabled bool `query:"enabled"`
	Body    neo.Definition
}

func (s *Server) createWorkflow(ctx context.Context, in *createWorkflowInput) (*out[Workflow], error) {
	w := neo.Workflow{ID: neo.NewID(), TenantID: userOf(ctx).TenantID, Enabled: in.Enabled, Definition: in.Body}
	if err := s.save(ctx, &w); err != nil {
		return nil, s.fail(ctx, err)
	}
	return s.shownWorkflow(ctx, w.ID)
}

type saveWorkflowInput struct {
	ID      string `path:"id" maxLength:"64"`
	Version int64  `query:"version" required:"true" doc:"The version that was edited"`
	Body    neo.Definition
}

func (s *Server) saveWorkflow(ctx context.Context, in *saveWorkflowInput) (*out[Workflow], error) {
	w, err := s.store.Workflow(ctx, userOf(ctx).TenantID, in.ID)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	w.Version, w.Definition = in.Version, in.Body
	if err := s.save(ctx, &w); err != nil {
		return nil, s.fail(ctx, err)
	}
	return s.shownWorkflow(ctx, w.ID)
}

func (s *Server) save(ctx context.Context, w *neo.Workflow) error {
	mistakes, err := s.check(ctx, w.ID, w.Definition)
	if err != nil {
		return err
	}
	if err := invalidWorkflow(mistakes); err != nil {
		return err
	}
	return s.store.InTx(ctx, func(tx neo.Tx) error {
		return s.store.SaveWorkflow(ctx, tx, w, userOf(ctx).ID)
	})
}

// check returns all that is wrong with a definition; id is that of the workflow, ""
// for a new one.
func (s *Server) check(ctx context.Context, id string, d neo.Definition) ([]neo.Mistake, error) {
	others, err := s.store.Workflows(ctx, userOf(ctx).TenantID)
	if err != nil {
		return nil, err
	}
	mistakes := append(s.options.Check(userOf(ctx).TenantID, d), s.options.CheckCalls(id, d, others)...)
	if i := slices.IndexFunc(others, func(w neo.Workflow) bool { return w.ID == id }); i >= 0 && others[i].Name != d.Name {
		was := others[i].Name
		if users := s.options.Callers("", was, slices.Delete(others, i, i+1)); len(users) > 0 {
			mistakes = append(mistakes, neo.Mistake{Path: "name", Message: fmt.Sprintf(
				"Workflows that are on run this one by the name it has: %s. Keep the name, or turn them off and choose it anew in them.", strings.Join(users, ", "))})
		}
	}
	unknown, err := s.unknownFields(ctx, d)
	return append(mistakes, unknown...), err
}

// seen ends the alert that Neo has switched a workflow off: a person has decided about it.
func (s *Server) seen(ctx context.Context, id string) error {
	_, err := s.store.ResolveAlert(ctx, userOf(ctx).TenantID, neo.PausedAlert(id), s.now())
	return err
}

type enableWorkflowInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Enabled bool `json:"enabled"`
	}
}

func (s *Server) enableWorkflow(ctx context.Context, in *enableWorkflowInput) (*out[Workflow], error) {
	if err := s.store.SetWorkflowEnabled(ctx, userOf(ctx).TenantID, in.ID, in.Body.Enabled); err != nil {
		return nil, s.fail(ctx, err)
	}
	if err := s.seen(ctx, in.ID); err != nil {
		return nil, s.fail(ctx, err)
	}
	return s.shownWorkflow(ctx, in.ID)
}

func (s *Server) deleteWorkflow(ctx context.Context, in *idInput) (*out[empty], error) {
	w, err := s.store.Workflow(ctx, userOf(ctx).TenantID, in.ID)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	others, err := s.store.Workflows(ctx, w.TenantID)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	if users := s.options.Callers(w.ID, w.Name, others); len(users) > 0 {
		return nil, s.fail(ctx, neo.Errorf(neo.CodeConflict, "Workflows that are on run “%s”: %s. Turn them off or let them run another one, then delete it.", w.Name, strings.Join(users, ", ")))
	}
	if err := s.store.DeleteWorkflow(ctx, w.TenantID, w.ID); err != nil {
		return nil, s.fail(ctx, err)
	}
	return answer(ctx, empty{}), nil
}

func workflow(w neo.Workflow, stats neo.WorkflowStats) Workflow {
	return Workflow{
		ID: w.ID, Enabled: w.Enabled, Paused: w.Paused, Days: append([]neo.RunsOfDay{}, stats.Days...), Version: w.Version, Definition: w.Definition, UpdatedAt: w.UpdatedAt.UTC(),
		Runs: stats.Runs, Successes: stats.Successes, Failures: stats.Failures, LastRunAt: timeOrNull(stats.LastRunAt),
	}
}
