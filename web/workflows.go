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
	Draft      bool            `json:"draft" doc:"It was saved unfinished, and cannot be enabled before its mistakes are corrected"`
	Override   *Override       `json:"override,omitempty" doc:"Who enabled this version although something that it needs was missing. Only when one workflow is read"`
	Version    int64           `json:"version" doc:"Give it back when saving: a save over a newer version is refused"`
	Definition neo.Definition  `json:"definition"`
	UpdatedAt  time.Time       `json:"updated_at"`
	Runs       int             `json:"runs"`
	Successes  int             `json:"successes"`
	Failures   int             `json:"failures"`
	LastRunAt  *time.Time      `json:"last_run_at"`
	LastFailed bool            `json:"last_run_failed" doc:"Of the runs that succeeded or failed, the last one failed"`
	Days       []neo.RunsOfDay `json:"days" nullable:"false" doc:"The last 14 days, oldest first"`
}

// Override is the decision to enable a version of a workflow in spite of what it lacks.
type Override struct {
	Reason string    `json:"reason"`
	By     string    `json:"by" doc:"Name of the person; empty when that is not known any more"`
	At     time.Time `json:"at"`
}

func shownOverride(o neo.Override) *Override {
	if o.Reason == "" {
		return nil
	}
	return &Override{o.Reason, o.By, o.At.UTC()}
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
	shown := workflow(w, stats[w.ID])
	version, err := s.store.SavedVersion(ctx, tenant, id, w.Version)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	shown.Override = shownOverride(version.Override)
	return answer(ctx, shown), nil
}

// warned adds to an answer what people have to know besides.
func warned[T any](o *out[T], err error, warnings []string) (*out[T], error) {
	if err == nil {
		o.Body.Meta.Warnings = warnings
	}
	return o, err
}

type createWorkflowInput struct {
	Enabled        bool   `query:"enabled"`
	OverrideReason string `query:"override_reason" maxLength:"500" doc:"With enabled: enable it although something that it needs is missing, for this reason"`
	Draft          bool   `query:"draft" doc:"Save it with its mistakes; it is not enabled then"`
	Body           neo.Definition
}

func (s *Server) createWorkflow(ctx context.Context, in *createWorkflowInput) (*out[Workflow], error) {
	w := neo.Workflow{ID: neo.NewID(), TenantID: userOf(ctx).TenantID, Enabled: in.Enabled, Draft: in.Draft, Definition: in.Body}
	var override neo.Override
	var warnings []string
	if in.Enabled && !in.Draft {
		var err error
		if override, warnings, err = s.mayEnable(ctx, "", in.Body, in.OverrideReason); err != nil {
			return nil, s.fail(ctx, err)
		}
	}
	if err := s.save(ctx, &w, override); err != nil {
		return nil, s.fail(ctx, err)
	}
	o, err := s.shownWorkflow(ctx, w.ID)
	return warned(o, err, warnings)
}

type saveWorkflowInput struct {
	ID      string `path:"id" maxLength:"64"`
	Version int64  `query:"version" required:"true" doc:"The version that was edited"`
	Draft   bool   `query:"draft" doc:"Save it with its mistakes; with any, the workflow is disabled"`
	Body    neo.Definition
}

func (s *Server) saveWorkflow(ctx context.Context, in *saveWorkflowInput) (*out[Workflow], error) {
	w, err := s.store.Workflow(ctx, userOf(ctx).TenantID, in.ID)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	w.Version, w.Definition, w.Draft = in.Version, in.Body, in.Draft
	if err := s.save(ctx, &w, neo.Override{}); err != nil {
		return nil, s.fail(ctx, err)
	}
	if err := s.decided(ctx, w.ID); err != nil {
		return nil, s.fail(ctx, err)
	}
	o, err := s.shownWorkflow(ctx, w.ID)
	return warned(o, err, s.lacking(ctx, w))
}

// saveWaits is how long a save waits to hear what the workflow lacks.
const saveWaits = 3 * time.Second

// lacking warns of what an enabled workflow needs and does not have. That keeps nobody
// from saving it.
func (s *Server) lacking(ctx context.Context, w neo.Workflow) (warnings []string) {
	if !w.Enabled {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, saveWaits)
	defer cancel()
	r, err := s.ready(ctx, w.ID, w.Definition)
	if err != nil {
		return []string{"Not checked: " + neo.MessageOf(err)}
	}
	for _, o := range r.Obstacles {
		warnings = append(warnings, o.Path+": "+o.Message)
	}
	for _, why := range r.Unchecked {
		warnings = append(warnings, "Not checked: "+why)
	}
	return warnings
}

// save stores a workflow. One that is a draft may have mistakes, and is off with them;
// its name has to be right: people look for it by that.
func (s *Server) save(ctx context.Context, w *neo.Workflow, override neo.Override) error {
	mistakes, err := s.check(ctx, w.ID, w.Definition)
	if err != nil {
		return err
	}
	if w.Draft {
		w.Draft = len(mistakes) > 0
		w.Enabled = w.Enabled && !w.Draft
		mistakes = slices.DeleteFunc(mistakes, func(m neo.Mistake) bool { return m.Path != "name" })
	}
	if err := invalidWorkflow(mistakes); err != nil {
		return err
	}
	if w.Definition, err = s.options.Stored(ctx, w.TenantID, w.Definition); err != nil {
		return err
	}
	return s.store.InTx(ctx, func(tx neo.Tx) error {
		if err := s.store.SaveWorkflow(ctx, tx, w, userOf(ctx).ID); err != nil || override.Reason == "" {
			return err
		}
		return s.store.PutOverride(ctx, tx, w.TenantID, w.ID, w.Version, override)
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
	return mistakes, nil
}

// decided ends the alerts about a workflow: a person has changed it, or switched it on or off.
func (s *Server) decided(ctx context.Context, id string) error {
	_, err := s.store.ResolveAlertsOf(ctx, userOf(ctx).TenantID, id, s.now())
	return err
}

type enableWorkflowInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Enabled        bool   `json:"enabled"`
		OverrideReason string `json:"override_reason,omitempty" maxLength:"500" doc:"Enable it although something that it needs is missing, for this reason; it is stored with the version"`
	}
}

func (s *Server) enableWorkflow(ctx context.Context, in *enableWorkflowInput) (*out[Workflow], error) {
	tenant := userOf(ctx).TenantID
	var warnings []string
	if in.Body.Enabled {
		w, err := s.store.Workflow(ctx, tenant, in.ID)
		if err != nil {
			return nil, s.fail(ctx, err)
		}
		override, lacks, err := s.mayEnable(ctx, w.ID, w.Definition, in.Body.OverrideReason)
		if warnings = lacks; err == nil && override.Reason != "" {
			err = s.store.InTx(ctx, func(tx neo.Tx) error {
				return s.store.PutOverride(ctx, tx, tenant, w.ID, w.Version, override)
			})
		}
		if err != nil {
			return nil, s.fail(ctx, err)
		}
	}
	if err := s.store.SetWorkflowEnabled(ctx, tenant, in.ID, in.Body.Enabled); err != nil {
		return nil, s.fail(ctx, err)
	}
	if err := s.decided(ctx, in.ID); err != nil {
		return nil, s.fail(ctx, err)
	}
	o, err := s.shownWorkflow(ctx, in.ID)
	return warned(o, err, warnings)
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
	if err := s.decided(ctx, w.ID); err != nil {
		return nil, s.fail(ctx, err)
	}
	return answer(ctx, empty{}), nil
}

func workflow(w neo.Workflow, stats neo.WorkflowStats) Workflow {
	return Workflow{
		ID: w.ID, Enabled: w.Enabled, Paused: w.Paused, Draft: w.Draft, Days: append([]neo.RunsOfDay{}, stats.Days...), Version: w.Version, Definition: w.Definition, UpdatedAt: w.UpdatedAt.UTC(),
		Runs: stats.Runs, Successes: stats.Successes, Failures: stats.Failures, LastRunAt: timeOrNull(stats.LastRunAt), LastFailed: stats.LastFailed,
	}
}
