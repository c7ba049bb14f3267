package servicenow

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/neoagent/neo"
)

// Store is what this package needs of the database.
type Store interface {
	// CreateAttempt stores a new attempt.
	CreateAttempt(ctx context.Context, a neo.ConnectAttempt) error
	// TakeAttempt returns the attempt with that state hash, once: a second call, or
	// one after its expiry, is neo.CodeNotFound.
	TakeAttempt(ctx context.Context, stateHash []byte, now time.Time) (neo.ConnectAttempt, error)
	// SaveAttempt stores Outcome, Message, IntegrationID and Checks of an attempt under way.
	SaveAttempt(ctx context.Context, a neo.ConnectAttempt) error
	// FinishAttempt records how an attempt ended.
	FinishAttempt(ctx context.Context, id string, outcome neo.Outcome, message string) error

	Integration(ctx context.Context, tenant, id string) (neo.Integration, error)
	IntegrationByID(ctx context.Context, id string) (neo.Integration, error)
	Integrations(ctx context.Context, tenant string) ([]neo.Integration, error)
	// SaveIntegration inserts or replaces the whole row.
	SaveIntegration(ctx context.Context, tx neo.Tx, in neo.Integration) error
	InTx(ctx context.Context, f func(tx neo.Tx) error) error
	// SaveTokens replaces the sealed tokens alone.
	SaveTokens(ctx context.Context, id string, sealed []byte) error
	// StartWatch stores a new watch; one that is there already stays as it is.
	StartWatch(ctx context.Context, w neo.Watch) error
	// AskWatch asks for a sweep or an inspection.
	AskWatch(ctx context.Context, integrationID string, sweep, inspect bool) error
	RaiseAlert(ctx context.Context, a neo.Alert) error
	ResolveAlert(ctx context.Context, tenant, key string, now time.Time) (bool, error)
	// Dictionary returns what is known of the fields of an instance's tickets; nil before
	// it was learnt.
	Dictionary(ctx context.Context, integrationID string) (*neo.Dictionary, error)
	// SaveDictionary stores it, and reports whether it is another than before.
	SaveDictionary(ctx context.Context, tenant, integrationID string, d *neo.Dictionary) (changed bool, err error)
	// UserByEmail finds a person who signs in to Neo.
	UserByEmail(ctx context.Context, email string) (neo.User, error)
	// WithIntegrationLock runs f while no other goroutine or replica is inside it for
	// the same integration. f uses the context that it is given.
	WithIntegrationLock(ctx context.Context, id string, f func(ctx context.Context) error) error
}

// Vault seals secrets. The purpose is bound to what is sealed: it opens only for
// the same one, so that a sealed secret copied into another row is worthless.
type Vault interface {
	Seal(ctx context.Context, plain []byte, purpose string) ([]byte, error)
	Open(ctx context.Context, sealed []byte, purpose string) ([]byte, error)
}

// The purposes under which secrets are sealed. id is of the integration or, for the
// last two, of the attempt to connect.
func purposeClientSecret(id string) string  { return "servicenow/integration/" + id + "/client-secret" }
func purposeTokens(id string) string        { return "servicenow/integration/" + id + "/tokens" }
func purposeCallback(id string) string      { return "servicenow/integration/" + id + "/callback-secret" }
func purposeAttemptSecret(id string) string { return "servicenow/attempt/" + id + "/client-secret" }
func purposeAttemptVerify(id string) string { return "servicenow/attempt/" + id + "/verifier" }

// Connections holds what one process keeps of its integrations: a client for each,
// with its limits, and the access token in use. Everything else is in the store, so
// that a consent or a refresh by another replica is seen at the next use.
type Connections struct {
	// CallsPerSecond bounds the calls to each instance; 0: DefaultCallsPerSecond. It
	// is set before the first use.
	CallsPerSecond int
	// Learnt is called when an instance says something else of its fields than before; nil
	// for nothing. It is set before the first use.
	Learnt func(ctx context.Context)

	store     Store
	vault     Vault
	http      *http.Client
	now       func() time.Time
	suspected func(integrationID string) // calls to that instance get no answer; nil: nobody finds out

	mu   sync.Mutex
	open map[string]*connection // by integration
}

// connection is one integration's client with the tokens that it uses, and what is
// known of the instance for a while.
type connection struct {
	tokens *tokens
	client *Client
	learnt *learnt
	since  time.Time // the consent that learnt is of
	back   time.Time // neo.Reach.AnswersSince of which silence knows
}

// NewConnections returns an empty set. version is told to instances in the
// User-Agent. now is the clock; nil means time.Now.
func NewConnections(store Store, vault Vault, version string, now func() time.Time) *Connections {
	if now == nil {
		now = time.Now
	}
	return &Connections{
		store: store,
		vault: vault,
		http:  newHTTPClient(version),
		now:   now,
		open:  map[string]*connection{},
	}
}

// Close ends idle network connections. Calls under way end as their contexts do.
func (c *Connections) Close() { c.http.CloseIdleConnections() }

// Tickets returns access to the tickets of an integration. neo.CodeRefused means
// that somebody must connect, or connect again, first.
func (c *Connections) Tickets(ctx context.Context, integrationID string) (*Tickets, error) {
	in, o, err := c.connection(ctx, integrationID)
	if err != nil {
		return nil, err
	}
	return &Tickets{connections: c, tenant: in.TenantID, integration: in.ID, account: in.Identity, client: o.client, learnt: o.learnt}, nil
}

// client returns the client of an integration.
func (c *Connections) client(ctx context.Context, id string) (*Client, error) {
	_, o, err := c.connection(ctx, id)
	if err != nil {
		return nil, err
	}
	return o.client, nil
}

// connection returns the integration as it is stored now, and what is kept of it here.
func (c *Connections) connection(ctx context.Context, id string) (neo.Integration, *connection, error) {
	in, err := c.store.IntegrationByID(ctx, id)
	if err != nil {
		return neo.Integration{}, nil, err
	}
	if err := usable(in); err != nil {
		return neo.Integration{}, nil, err
	}
	if in.Silent() && !isWatcher(ctx) {
		return neo.Integration{}, nil, silent(in)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	o := c.open[id]
	if o == nil || o.client.instanceURL != in.InstanceURL {
		t := &tokens{connections: c, integration: id, turn: make(chan struct{}, 1)}
		o = &connection{tokens: t, client: NewClient(in.InstanceURL, t, c.http, c.now), learnt: newLearnt(c.now)}
		if c.CallsPerSecond > 0 {
			o.client.limit = newLimit(c.CallsPerSecond)
		}
		if c.suspected != nil {
			o.client.silence.suspect = func() { c.suspected(id) }
		}
		c.open[id] = o
	}
	if !o.back.Equal(in.AnswersSince) {
		o.back = in.AnswersSince
		o.client.silence.forget()
	}
	o.tokens.offer(in.Sealed.Tokens)
	if !o.since.Equal(in.ConnectedAt) {
		o.learnt.forget()
		o.since = in.ConnectedAt
	}
	return in, o, nil
}

// heardSince reports whether this process has had an answer of the instance's own since.
func (c *Connections) heardSince(id string, since time.Time) bool {
	c.mu.Lock()
	o := c.open[id]
	c.mu.Unlock()
	return o != nil && o.client.silence.heardSince(since)
}

// backSince returns when the instance last came back, and how far its clock is ahead.
func (c *Connections) backSince(id string) (back time.Time, ahead time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if o := c.open[id]; o != nil {
		return o.back, time.Duration(o.client.ahead.Load())
	}
	return time.Time{}, 0
}

// usable reports whether the integration has a consent that may still work.
func usable(in neo.Integration) error {
	if in.State == neo.StateReconnect || in.State == neo.StateDisconnected {
		// Who waits for a new consent is rung by it.
		return &neo.Error{Code: neo.CodeRefused, Message: in.Message, Away: in.State == neo.StateReconnect}
	}
	if len(in.Sealed.Tokens) == 0 || len(in.Sealed.ClientSecret) == 0 {
		return neo.Errorf(neo.CodeRefused, "%s is not connected. Connect it on the Integrations page.", hostOf(in.InstanceURL))
	}
	return nil
}

// application returns the OAuth application of an integration.
func (c *Connections) application(ctx context.Context, in neo.Integration) (*application, error) {
	secret, err := c.vault.Open(ctx, in.Sealed.ClientSecret, purposeClientSecret(in.ID))
	if err != nil {
		return nil, err
	}
	return &application{instanceURL: in.InstanceURL, clientID: in.ClientID, secret: string(secret), http: c.http, now: c.now}, nil
}

// markReconnect records that the instance refused the refresh token of in, and why.
// It runs inside the integration's lock, so that it never undoes a new consent.
func (c *Connections) markReconnect(ctx context.Context, in neo.Integration, why string) error {
	in.State, in.Message, in.UpdatedAt = neo.StateReconnect, why, c.now()
	if err := c.store.InTx(ctx, func(tx neo.Tx) error { return c.store.SaveIntegration(ctx, tx, in) }); err != nil {
		return err
	}
	return c.store.RaiseAlert(ctx, neo.Alert{
		TenantID: in.TenantID, IntegrationID: in.ID, Key: alertReconnect + "/" + in.ID, Level: neo.AlertProblem, LastAt: c.now(), Occurrences: 1,
		Title: "ServiceNow needs your consent again", Message: why,
	})
}

// alertReconnect is the condition that the refresh token is refused.
const alertReconnect = "servicenow/reconnect"
