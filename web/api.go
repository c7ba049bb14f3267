package web

import (
	"context"
	"net/http"
	"regexp"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// out is a successful answer: the data in the API's envelope.
type out[T any] struct {
	Body struct {
		Data T    `json:"data"`
		Meta Meta `json:"meta"`
	}
}

func answer[T any](ctx context.Context, data T) *out[T] {
	o := &out[T]{}
	o.Body.Data = data
	o.Body.Meta = meta(ctx)
	return o
}

// empty is the answer of calls that have nothing to say.
type empty struct{}

func meta(ctx context.Context) Meta { return Meta{RequestID: requestID(ctx)} }

// Page is the paging part of a list's input.
type Page struct {
	Cursor string `query:"cursor" doc:"next_cursor of the page before" maxLength:"64"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

// Resolve refuses a cursor that no page has given.
func (p *Page) Resolve(huma.Context) []error {
	if p.Cursor != "" && !cursor.MatchString(p.Cursor) {
		return []error{&huma.ErrorDetail{Location: "query.cursor", Message: "This is not a cursor. Give the next_cursor of the page before, or none for the first page."}}
	}
	return nil
}

var cursor = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// huma keeps these in variables of its own; they are set before anything runs.
func init() {
	huma.NewErrorWithContext = func(c huma.Context, code int, message string, errs ...error) huma.StatusError {
		return humaError(c.Context(), code, message, errs...)
	}
	huma.NewError = func(code int, message string, errs ...error) huma.StatusError {
		return humaError(context.Background(), code, message, errs...)
	}
}

const schemasPath = "/api/v1/schemas"

// api describes and registers every call under /api/v1.
func (s *Server) api(mux *http.ServeMux) huma.API {
	config := huma.DefaultConfig("Neo Agent", s.options.Version)
	config.OpenAPIPath = "/api/v1/openapi"
	config.DocsPath = ""
	config.SchemasPath = schemasPath
	config.CreateHooks = nil // no $schema key in answers
	config.Info.Description = "What the dashboard uses; the same calls are open to scripts."
	api := humago.New(mux, config)

	open := huma.NewGroup(api, "/api/v1")
	open.UseMiddleware(s.readBody(maxOpenBody))
	s.registerSession(open)

	signedIn := huma.NewGroup(api, "/api/v1")
	signedIn.UseMiddleware(s.requireUser, s.readBody(maxBody))
	s.registerIntegrations(signedIn)
	s.registerPermissions(signedIn)
	s.registerWatch(signedIn)
	s.registerAlerts(signedIn)
	s.registerSettings(signedIn)
	s.registerEndpoints(signedIn)
	s.registerCatalogue(signedIn)
	s.registerWorkflows(signedIn)
	s.registerWork(signedIn)
	s.registerApprovals(signedIn)
	s.registerTrials(signedIn)
	s.registerBacktests(signedIn)
	s.registerVersions(signedIn)
	s.registerHistory(signedIn)
	s.registerRuns(signedIn)
	s.registerExplanations(signedIn)
	s.registerTemplates(signedIn)
	s.registerAPIKeys(signedIn)
	return api
}

// requireUser refuses calls of which no person is known, neither signed in nor by an
// API key.
func (s *Server) requireUser(c huma.Context, next func(huma.Context)) {
	ctx := c.Context()
	if key, ok := bearer(c.Header("Authorization")); ok {
		user, err := s.userByKey(ctx, key)
		if err != nil {
			s.refuse(c, err)
			return
		}
		next(huma.WithContext(c, withKey(withUser(ctx, user))))
		return
	}
	user, err := s.currentUser(ctx)
	if err != nil {
		s.refuse(c, err)
		return
	}
	next(huma.WithContext(c, withUser(ctx, user)))
}

// op names a call: its id in the generated clients, its method, path and tag.
func op(id, method, path, tag, summary string) huma.Operation {
	return huma.Operation{OperationID: id, Method: method, Path: path, Tags: []string{tag}, Summary: summary}
}
