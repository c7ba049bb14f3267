// Package visitor uses Neo and the simulator from outside, as a person at a browser
// and a script would: it signs in, walks through consent, saves workflows, reads
// what happened. The demo, the benchmarks and tests are built on it.
package visitor

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/neoagent/neo"
)

// Neo is a person who uses a Neo that answers at a URL.
type Neo struct {
	Client
	browser *browser
}

// At returns a visitor of the Neo at url. Nobody is signed in yet.
func At(url string) *Neo {
	b := newBrowser()
	return &Neo{Client: Client{base: url, http: b.http}, browser: b}
}

// SignIn signs in, and creates the first administrator where nobody can sign in
// yet; token gives the one-time token of the setup link then.
func (n *Neo) SignIn(ctx context.Context, email, password string, token func(context.Context) (string, error)) error {
	session, err := Get[struct {
		SetupRequired bool `json:"setup_required"`
	}](ctx, &n.Client, "/api/v1/session")
	if err != nil {
		return err
	}
	if session.SetupRequired {
		t, err := token(ctx)
		if err != nil {
			return err
		}
		return n.Call(ctx, http.MethodPost, "/api/v1/setup",
			map[string]string{"token": t, "name": "Demo Administrator", "email": email, "password": password}, nil)
	}
	return n.Call(ctx, http.MethodPost, "/api/v1/session", map[string]string{"email": email, "password": password}, nil)
}

// Integration is what a visitor sees of a connection.
type Integration struct {
	ID          string        `json:"id"`
	InstanceURL string        `json:"instance_url"`
	State       neo.SyncState `json:"state"`
	Message     string        `json:"message"`
	Identity    neo.Identity  `json:"identity"`
	Checks      []neo.Check   `json:"checks"`
}

// Connected returns the connection to the instance, if there is one.
func (n *Neo) Connected(ctx context.Context, instanceURL string) (Integration, bool, error) {
	list, err := Get[[]Integration](ctx, &n.Client, "/api/v1/integrations")
	for _, i := range list {
		if i.InstanceURL == instanceURL {
			return i, true, err
		}
	}
	return Integration{}, false, err
}

// Consent is what a person types and clicks to connect an instance.
type Consent struct {
	InstanceURL, ClientID, ClientSecret string
	User, Password                      string // who allows it, in the instance
	BackfillDays                        *int   // of older tickets to read; nil: the form does not ask
}

// Connect does what a person does in the dashboard and in the popup. Its error is
// what that person would read.
func (n *Neo) Connect(ctx context.Context, c Consent) (Integration, error) {
	var begun struct {
		Data struct {
			ID           string `json:"id"`
			AuthorizeURL string `json:"authorize_url"`
		}
	}
	err := n.Call(ctx, http.MethodPost, "/api/v1/integrations/servicenow/connect", map[string]any{
		"instance_url": c.InstanceURL, "client_id": c.ClientID, "client_secret": c.ClientSecret, "backfill_days": c.BackfillDays,
	}, &begun)
	if err != nil {
		return Integration{}, err
	}
	if err := n.browser.consent(ctx, begun.Data.AuthorizeURL, c.User, c.Password); err != nil {
		return Integration{}, err
	}
	type progress struct {
		Outcome neo.Outcome `json:"outcome"`
		Message string      `json:"message"`
	}
	var attempt progress
	err = Until(ctx, func() (_ bool, err error) {
		attempt, err = Get[progress](ctx, &n.Client, "/api/v1/integrations/servicenow/attempts/"+begun.Data.ID)
		return attempt.Outcome.Final(), err
	})
	if err != nil {
		return Integration{}, err
	}
	if attempt.Outcome != neo.Success {
		return Integration{}, errors.New(attempt.Message)
	}
	i, ok, err := n.Connected(ctx, c.InstanceURL)
	if err == nil && !ok {
		err = errors.New("the connection is not in the list of integrations")
	}
	return i, err
}

// SaveWorkflow saves a new workflow, enabled, and returns its id.
func (n *Neo) SaveWorkflow(ctx context.Context, definition json.RawMessage) (id string, err error) {
	var saved struct {
		Data struct {
			ID string `json:"id"`
		}
	}
	err = n.Call(ctx, http.MethodPost, "/api/v1/workflows?enabled=true", definition, &saved)
	return saved.Data.ID, err
}

// Allow sets what Neo may do in an instance, as a person does on its page. A new
// connection may only read.
func (n *Neo) Allow(ctx context.Context, integrationID string, p neo.Permissions) error {
	type permission struct {
		Group neo.PermissionGroup `json:"group"`
		neo.Permission
	}
	var all struct {
		Permissions []permission `json:"permissions"`
	}
	for _, g := range neo.PermissionGroups {
		all.Permissions = append(all.Permissions, permission{g.Group, p.Of(g.Group)})
	}
	return n.Call(ctx, http.MethodPut, "/api/v1/integrations/"+integrationID+"/permissions", all, nil)
}
