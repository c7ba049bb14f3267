package web

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/neoagent/neo"
)

// Version is one save of a workflow.
type Version struct {
	Version  int64     `json:"version"`
	SavedAt  time.Time `json:"saved_at"`
	SavedBy  string    `json:"saved_by" doc:"Name of the person; empty when that is not known any more"`
	Override *Override `json:"override,omitempty" doc:"Who enabled it although something that it needs was missing"`
	Summary  []string  `json:"summary" nullable:"false" doc:"What changed against the version before, for people"`
}

// VersionInFull is one save of a workflow with its definition.
type VersionInFull struct {
	Version     int64            `json:"version"`
	SavedAt     time.Time        `json:"saved_at"`
	SavedBy     string           `json:"saved_by"`
	Override    *Override        `json:"override,omitempty"`
	Definition  neo.Definition   `json:"definition"`
	Differences []neo.Difference `json:"differences" nullable:"false" doc:"Against the version before; none for the first"`
}

func (s *Server) registerVersions(api huma.API) {
	huma.Register(api, op("list-versions", http.MethodGet, "/workflows/{id}/versions", "Workflows", "The saves of a workflow, newest first"), s.listVersions)
	huma.Register(api, op("get-version", http.MethodGet, "/workflows/{id}/versions/{version}", "Workflows", "One save of a workflow, and how it differs from the one before"), s.getVersion)
}

// versionsShown bounds the list.
const versionsShown = 100

func (s *Server) listVersions(ctx context.Context, in *idInput) (*out[[]Version], error) {
	tenant := userOf(ctx).TenantID
	if _, err := s.store.Workflow(ctx, tenant, in.ID); err != nil {
		return nil, s.fail(ctx, err)
	}
	all, err := s.store.WorkflowVersions(ctx, tenant, in.ID, versionsShown+1) // the last one to compare with
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	shown := make([]Version, 0, len(all))
	for i, v := range all[:min(len(all), versionsShown)] {
		line := Version{Version: v.Version, SavedAt: v.SavedAt.UTC(), SavedBy: v.SavedBy, Override: shownOverride(v.Override), Summary: []string{}}
		switch {
		case i+1 < len(all):
			for _, d := range s.options.Differences(all[i+1].Definition, v.Definition) {
				line.Summary = append(line.Summary, d.Text)
			}
			if len(line.Summary) == 0 {
				line.Summary = append(line.Summary, "Saved without a change.")
			}
		default:
			line.Summary = append(line.Summary, "The first version.")
		}
		shown = append(shown, line)
	}
	return answer(ctx, shown), nil
}

type versionInput struct {
	ID      string `path:"id" maxLength:"64"`
	Version int64  `path:"version" minimum:"1"`
}

func (s *Server) getVersion(ctx context.Context, in *versionInput) (*out[VersionInFull], error) {
	tenant := userOf(ctx).TenantID
	if _, err := s.store.Workflow(ctx, tenant, in.ID); err != nil {
		return nil, s.fail(ctx, err)
	}
	v, err := s.store.SavedVersion(ctx, tenant, in.ID, in.Version)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	shown := VersionInFull{Version: v.Version, SavedAt: v.SavedAt.UTC(), SavedBy: v.SavedBy, Override: shownOverride(v.Override), Definition: v.Definition, Differences: []neo.Difference{}}
	if in.Version > 1 {
		before, err := s.store.SavedVersion(ctx, tenant, in.ID, in.Version-1)
		if err != nil {
			return nil, s.fail(ctx, err)
		}
		shown.Differences = append(shown.Differences, s.options.Differences(before.Definition, v.Definition)...)
	}
	return answer(ctx, shown), nil
}
