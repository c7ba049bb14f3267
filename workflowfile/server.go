package workflowfile

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/neoagent/neo"
)

// Server is a running Neo, used by an API key.
type Server struct {
	url  string
	key  string
	http *http.Client
	// OverrideReason, when not empty, is why workflows are enabled although something that
	// they need is missing.
	OverrideReason string
	warnings       []string
}

// Warnings returns what the server has warned of since it was last asked for them.
func (s *Server) Warnings() []string {
	told := s.warnings
	s.warnings = nil
	return told
}

// Remote is a workflow on a server.
type Remote struct {
	ID         string         `json:"id"`
	Enabled    bool           `json:"enabled"`
	Version    int64          `json:"version"`
	Definition neo.Definition `json:"definition"`
}

// At returns the Neo at an address.
func At(address, key string) (*Server, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return nil, neo.Errorf(neo.CodeInvalid, "%q is not the address of a Neo. Give scheme and host with --url or NEO_URL, as in https://neo.example.com.", address)
	}
	if strings.TrimSpace(key) == "" {
		return nil, neo.Errorf(neo.CodeInvalid, "There is no API key. Make one in Neo's settings, and give it with NEO_API_KEY or --api-key.")
	}
	client := &http.Client{
		Timeout: time.Minute,
		// A key must not follow a redirect to somewhere else.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return &Server{url: u.Scheme + "://" + u.Host, key: strings.TrimSpace(key), http: client}, nil
}

// URL is where the server is.
func (s *Server) URL() string { return s.url }

// Close ends idle connections.
func (s *Server) Close() { s.http.CloseIdleConnections() }

// Workflows returns all workflows of the server, oldest first.
func (s *Server) Workflows(ctx context.Context) (all []Remote, err error) {
	return all, s.call(ctx, http.MethodGet, "/workflows", nil, &all)
}

func (s *Server) create(ctx context.Context, w *Workflow) error {
	on := w.Enabled != nil && *w.Enabled
	path := fmt.Sprintf("/workflows?enabled=%t", on)
	if on && s.OverrideReason != "" {
		path += "&override_reason=" + url.QueryEscape(s.OverrideReason)
	}
	return s.call(ctx, http.MethodPost, path, w.Definition, nil)
}

func (s *Server) update(ctx context.Context, r *Remote, w *Workflow, d neo.Definition) error {
	path := "/workflows/" + url.PathEscape(r.ID)
	if !sameDefinition(r.Definition, d) {
		if err := s.call(ctx, http.MethodPut, fmt.Sprintf("%s?version=%d", path, r.Version), d, nil); err != nil {
			return err
		}
	}
	if w.Enabled == nil || *w.Enabled == r.Enabled {
		return nil
	}
	change := map[string]any{"enabled": *w.Enabled}
	if *w.Enabled && s.OverrideReason != "" {
		change["override_reason"] = s.OverrideReason
	}
	return s.call(ctx, http.MethodPatch, path, change, nil)
}

func (s *Server) delete(ctx context.Context, r *Remote) error {
	return s.call(ctx, http.MethodDelete, "/workflows/"+url.PathEscape(r.ID), nil, nil)
}

// sameDefinition reports whether two definitions say the same.
func sameDefinition(a, b neo.Definition) bool {
	x, errX := (&Workflow{Definition: a}).Text()
	y, errY := (&Workflow{Definition: b}).Text()
	return errX == nil && errY == nil && x == y
}

const maxAnswer = 256 << 20

// refusal is an error of the server that names places in a definition.
type refusal struct {
	why      *neo.Error
	mistakes []neo.Mistake
}

func (r refusal) Error() string { return r.why.Error() }
func (r refusal) Unwrap() error { return r.why }

// call makes a call of the API. out, when not nil, gets the data of the answer.
func (s *Server) call(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		content, err := json.Marshal(in)
		if err != nil {
			return neo.Errorf(neo.CodeInvalid, "A setting of an action is not valid JSON: %w.", err)
		}
		body = bytes.NewReader(content)
	}
	req, err := http.NewRequestWithContext(ctx, method, s.url+"/api/v1"+path, body)
	if err != nil {
		return neo.Errorf(neo.CodeInvalid, "%s is not an address that can be called: %w.", s.url, err)
	}
	req.Header.Set("Authorization", "Bearer "+s.key)
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := s.http.Do(req)
	if err != nil {
		return neo.Errorf(neo.CodeUnavailable, "Neo at %s does not answer: %w. Is the address right, and does Neo run?", s.url, reasonOf(err))
	}
	defer func() { _ = resp.Body.Close() }()
	content, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return neo.Errorf(neo.CodeUnavailable, "Neo at %s broke off its answer: %w. Try again.", s.url, reasonOf(err))
	}
	var answer struct {
		Data json.RawMessage `json:"data"`
		Meta struct {
			Warnings []string `json:"warnings"`
		} `json:"meta"`
		Error *struct {
			Code    neo.Code        `json:"code"`
			Message string          `json:"message"`
			Details json.RawMessage `json:"details"`
		} `json:"error"`
	}
	if err := json.Unmarshal(content, &answer); err != nil || answer.Error == nil && resp.StatusCode/100 != 2 {
		return neo.Errorf(neo.CodeUnavailable, "What answers at %s (%s) is not Neo's API. Look whether --url is right.", s.url, resp.Status)
	}
	if f := answer.Error; f != nil {
		var details struct {
			Mistakes []neo.Mistake `json:"mistakes"`
		}
		_ = json.Unmarshal(f.Details, &details) // details of other kinds are for other clients
		return refusal{neo.Errorf(f.Code, "%s", f.Message), details.Mistakes}
	}
	for _, w := range answer.Meta.Warnings {
		if !slices.Contains(s.warnings, w) {
			s.warnings = append(s.warnings, w)
		}
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(answer.Data, out); err != nil {
		return neo.Errorf(neo.CodeUnavailable, "The answer of Neo at %s is not understood: %w. Is it a newer version than this program?", s.url, err)
	}
	return nil
}

// reasonOf is err without the address, which is told already.
func reasonOf(err error) error {
	if e, ok := err.(*url.Error); ok { //nolint:errorlint // what the client returns is one
		return e.Err
	}
	return err
}
