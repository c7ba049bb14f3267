package web

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/neoagent/neo"
)

// Template is a workflow to begin with.
type Template struct {
	ID          string         `json:"id"`
	Name        string         `json:"name"`
	Description string         `json:"description"`
	Definition  neo.Definition `json:"definition"`
}

func (s *Server) registerTemplates(api huma.API) {
	huma.Register(api, op("list-workflow-templates", http.MethodGet, "/workflow-templates", "Workflows", "Workflows to begin with"), s.listTemplates)
	schema := op("get-workflow-schema", http.MethodGet, "/workflow-schema", "Workflows", "The JSON Schema of a workflow's file")
	schema.Responses = map[string]*huma.Response{"200": {
		Description: "OK", Content: map[string]*huma.MediaType{schemaType: {Schema: &huma.Schema{Type: huma.TypeObject}}},
	}}
	huma.Register(api, schema, s.getSchema)
}

func (s *Server) listTemplates(ctx context.Context, _ *empty) (*out[[]Template], error) {
	shown := make([]Template, 0, len(s.options.Templates))
	for _, t := range s.options.Templates {
		one := Template{ID: t.ID}
		if err := json.Unmarshal(t.Definition, &one.Definition); err != nil {
			return nil, s.fail(ctx, err)
		}
		one.Name, one.Description = one.Definition.Name, one.Definition.Description
		shown = append(shown, one)
	}
	return answer(ctx, shown), nil
}

const schemaType = "application/schema+json"

// getSchema answers with the schema alone: editors read it from this address.
func (s *Server) getSchema(context.Context, *empty) (*schemaOutput, error) {
	return &schemaOutput{ContentType: schemaType, Body: s.options.Schema}, nil
}

type schemaOutput struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}
