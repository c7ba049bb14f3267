package web

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/neoagent/neo"
)

// Messages sends messages to endpoints, and keeps their addresses sealed.
type Messages interface {
	// Seal puts an address into an endpoint: sealed, and its host to be shown. What is
	// zero in the address stays as it was before; headers that are not nil replace all.
	Seal(ctx context.Context, e *neo.Endpoint, a neo.Address) error
	// Send sends a message about a ticket; one without a number is not mentioned.
	Send(ctx context.Context, tenant string, m neo.Message, t neo.Ticket) error
}

// Endpoint is a place to which workflows may send messages. Its address is never shown.
type Endpoint struct {
	ID   string           `json:"id"`
	Name string           `json:"name"`
	Kind neo.EndpointKind `json:"kind" enum:"SLACK,TEAMS,HTTPS"`
	Host string           `json:"host" doc:"Of its address; the rest is a secret"`
}

func (s *Server) registerEndpoints(api huma.API) {
	huma.Register(api, op("list-endpoints", http.MethodGet, "/endpoints", "Settings", "Where workflows may send messages"), s.listEndpoints)
	create := op("create-endpoint", http.MethodPost, "/endpoints", "Settings", "Allow workflows to send messages to an address")
	create.DefaultStatus = http.StatusCreated
	huma.Register(api, create, s.createEndpoint)
	huma.Register(api, op("save-endpoint", http.MethodPut, "/endpoints/{id}", "Settings", "Change an endpoint; an address that is not given stays"), s.saveEndpoint)
	huma.Register(api, op("delete-endpoint", http.MethodDelete, "/endpoints/{id}", "Settings", "Delete an endpoint that no enabled workflow uses"), s.deleteEndpoint)
	huma.Register(api, op("test-endpoint", http.MethodPost, "/endpoints/{id}/test", "Settings", "Send a test message"), s.testEndpoint)
}

func (s *Server) listEndpoints(ctx context.Context, _ *empty) (*out[[]Endpoint], error) {
	list, err := s.store.Endpoints(ctx, userOf(ctx).TenantID)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	shown := make([]Endpoint, 0, len(list))
	for _, e := range list {
		shown = append(shown, shownEndpoint(e))
	}
	return answer(ctx, shown), nil
}

type endpointForm struct {
	Name    string           `json:"name" maxLength:"100"`
	Kind    neo.EndpointKind `json:"kind" enum:"SLACK,TEAMS,HTTPS"`
	URL     string           `json:"url,omitempty" maxLength:"4000" doc:"Write-only. When saved again without it, it stays"`
	Headers []neo.Header     `json:"headers,omitempty" nullable:"true" doc:"Write-only. When saved again without them, they stay; [] removes them"`
}

type createEndpointInput struct {
	Body endpointForm
}

func (s *Server) createEndpoint(ctx context.Context, in *createEndpointInput) (*out[Endpoint], error) {
	e := neo.Endpoint{ID: neo.NewID(), TenantID: userOf(ctx).TenantID}
	if err := s.fill(ctx, &e, in.Body); err != nil {
		return nil, s.fail(ctx, err)
	}
	if err := s.store.CreateEndpoint(ctx, &e); err != nil {
		return nil, s.fail(ctx, err)
	}
	s.log.Info("an endpoint was added", "endpoint", e.ID, "name", e.Name, "host", e.Host, "user", userOf(ctx).Email)
	return answer(ctx, shownEndpoint(e)), nil
}

type saveEndpointInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body endpointForm
}

func (s *Server) saveEndpoint(ctx context.Context, in *saveEndpointInput) (*out[Endpoint], error) {
	e, err := s.store.Endpoint(ctx, userOf(ctx).TenantID, in.ID)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	if err := s.fill(ctx, &e, in.Body); err != nil {
		return nil, s.fail(ctx, err)
	}
	if err := s.store.SaveEndpoint(ctx, &e); err != nil {
		return nil, s.fail(ctx, err)
	}
	s.log.Info("an endpoint was changed", "endpoint", e.ID, "name", e.Name, "host", e.Host, "user", userOf(ctx).Email)
	return answer(ctx, shownEndpoint(e)), nil
}

// fill puts what a person typed into an endpoint.
func (s *Server) fill(ctx context.Context, e *neo.Endpoint, form endpointForm) error {
	e.Name, e.Kind = strings.TrimSpace(form.Name), form.Kind
	if problem := neo.CheckName(e.Name); problem != "" {
		return invalid("name", problem)
	}
	return s.options.Messages.Seal(ctx, e, neo.Address{URL: form.URL, Headers: form.Headers})
}

func (s *Server) deleteEndpoint(ctx context.Context, in *idInput) (*out[empty], error) {
	if err := s.store.DeleteEndpoint(ctx, userOf(ctx).TenantID, in.ID); err != nil {
		return nil, s.fail(ctx, err)
	}
	s.log.Info("an endpoint was deleted", "endpoint", in.ID, "user", userOf(ctx).Email)
	return answer(ctx, empty{}), nil
}

func (s *Server) testEndpoint(ctx context.Context, in *idInput) (*out[empty], error) {
	user := userOf(ctx)
	e, err := s.store.Endpoint(ctx, user.TenantID, in.ID)
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	err = s.options.Messages.Send(ctx, user.TenantID, neo.Message{
		EndpointID: e.ID, Endpoint: e.Name, Key: neo.NewID(),
		Text: "Test message from Neo Agent, sent by " + user.Name + ". Messages of workflows will arrive here.",
	}, neo.Ticket{})
	if err != nil {
		return nil, s.fail(ctx, err)
	}
	return answer(ctx, empty{}), nil
}

func shownEndpoint(e neo.Endpoint) Endpoint {
	return Endpoint{ID: e.ID, Name: e.Name, Kind: e.Kind, Host: e.Host}
}
