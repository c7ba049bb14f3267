// Package web is Neo's HTTP side: the API and the dashboard that uses it, the
// OAuth redirect, and the callback to which ticket systems deliver changes.
package web

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/alexedwards/scs/v2"
	"github.com/danielgtaylor/huma/v2"

	"github.com/neoagent/neo"
)

// Store is what web reads and writes.
type Store interface {
	InTx(ctx context.Context, f func(tx neo.Tx) error) error
	Ping(ctx context.Context) error
	// Writable reports whether the database can be written; it may be asked at any rate.
	Writable(ctx context.Context) error

	CountUsers(ctx context.Context) (int, error)
	CreateFirstUser(ctx context.Context, tokenHash []byte, now time.Time, u neo.User) error
	// CheckSetup returns the error that CreateFirstUser would have for this token.
	CheckSetup(ctx context.Context, tokenHash []byte, now time.Time) error
	// KnownSource reports whether a person has signed in from there lately.
	KnownSource(ctx context.Context, userID string, hash []byte) (bool, error)
	RememberSources(ctx context.Context, userID string, now time.Time, hashes ...[]byte) error
	UserByEmail(ctx context.Context, email string) (neo.User, error)
	User(ctx context.Context, tenant, id string) (neo.User, error)

	Integrations(ctx context.Context, tenant string) ([]neo.Integration, error)
	Integration(ctx context.Context, tenant, id string) (neo.Integration, error)
	Attempt(ctx context.Context, tenant, id string) (neo.ConnectAttempt, error)
	SavePermissions(ctx context.Context, tenant, id string, p neo.Permissions) error

	Settings(ctx context.Context, tenant string) (neo.Settings, error)
	SaveSettings(ctx context.Context, tenant string, s neo.Settings) error

	Endpoints(ctx context.Context, tenant string) ([]neo.Endpoint, error)
	// Endpoint returns the endpoint of that id or name.
	Endpoint(ctx context.Context, tenant, name string) (neo.Endpoint, error)
	CreateEndpoint(ctx context.Context, e *neo.Endpoint) error
	SaveEndpoint(ctx context.Context, e *neo.Endpoint) error
	// DeleteEndpoint is neo.CodeConflict while enabled workflows use it.
	DeleteEndpoint(ctx context.Context, tenant, id string) error

	Workflows(ctx context.Context, tenant string) ([]neo.Workflow, error)
	Workflow(ctx context.Context, tenant, id string) (neo.Workflow, error)
	// WorkflowAt returns a workflow as its newest version was at a time.
	WorkflowAt(ctx context.Context, tenant, id string, at time.Time) (neo.Workflow, error)
	WorkflowVersion(ctx context.Context, id string, version int64) (neo.Definition, error)
	WorkflowStats(ctx context.Context, tenant string) (map[string]neo.WorkflowStats, error)
	// WorkflowVersions returns the saves of a workflow, newest first, at most limit.
	WorkflowVersions(ctx context.Context, tenant, workflow string, limit int) ([]neo.WorkflowVersion, error)
	SavedVersion(ctx context.Context, tenant, workflow string, version int64) (neo.WorkflowVersion, error)
	SaveWorkflow(ctx context.Context, tx neo.Tx, w *neo.Workflow, savedBy string) error
	// PutOverride records that a version is switched on in spite of what it lacks.
	PutOverride(ctx context.Context, tx neo.Tx, tenant, workflow string, version int64, o neo.Override) error
	SetWorkflowEnabled(ctx context.Context, tenant, id string, enabled bool) error
	DeleteWorkflow(ctx context.Context, tenant, id string) error

	History(ctx context.Context, tenant string, f neo.HistoryFilter) ([]neo.HistoryEntry, error)
	Event(ctx context.Context, tenant, id string) (neo.Event, error)
	EventRuns(ctx context.Context, tenant, eventID string) ([]neo.Run, error)
	// RecentEvents returns the newest events of an integration, newest first, of the
	// newest limit events of all.
	RecentEvents(ctx context.Context, tenant, integrationID string, limit int) ([]neo.Event, error)
	Run(ctx context.Context, tenant, id string) (neo.Run, error)
	Steps(ctx context.Context, tenant, runID string) ([]neo.Step, error)
	ChildRun(ctx context.Context, tenant, parent string, cause neo.RunCause) (neo.Run, error)
	Approvals(ctx context.Context, tenant string, state neo.ApprovalState, before string, limit int) ([]neo.Approval, error)
	Approval(ctx context.Context, tenant, id string) (neo.Approval, error)
	ScheduledWork(ctx context.Context, tenant, before string, limit int) ([]neo.ScheduledWork, error)
	MissedBefore(ctx context.Context, e neo.Event) (int64, error)

	CreateAPIKey(ctx context.Context, k neo.APIKey) error
	APIKeys(ctx context.Context, tenant string) ([]neo.APIKey, error)
	APIKeyByHash(ctx context.Context, hash []byte) (neo.APIKey, error)
	APIKeyUsed(ctx context.Context, id string, at time.Time) error
	DeleteAPIKey(ctx context.Context, tenant, id string) error

	Alerts(ctx context.Context, tenant string) ([]neo.Alert, error)
	ResolveAlert(ctx context.Context, tenant, key string, now time.Time) (bool, error)
	// ResolveAlertsOf ends all open alerts about a workflow.
	ResolveAlertsOf(ctx context.Context, tenant, workflow string, now time.Time) (bool, error)
	// RefusedBy returns the open alerts about what an integration's permission groups refuse.
	RefusedBy(ctx context.Context, tenant, integration string) ([]neo.Alert, error)
	ReadAlert(ctx context.Context, tenant, id string, now time.Time) error
}

// Connector carries a person through consent at the ticket system.
type Connector interface {
	Begin(ctx context.Context, tenant, session string, in neo.ConnectInput) (attempt neo.ConnectAttempt, authorizeURL string, err error)
	// Complete carries out what follows the consent page, which has sent the browser back
	// to that address. It calls consented once the consent has proved good, before the
	// connection is set up.
	Complete(ctx context.Context, session string, back *url.URL, consented func(neo.ConnectAttempt)) (neo.ConnectAttempt, error)
}

// Ingest takes deliveries in.
type Ingest interface {
	// Authorize returns the integration to which key opens the callback; any other
	// key, or an unknown id, is CodeForbidden.
	Authorize(ctx context.Context, integrationID, key string) (neo.Integration, error)
	// Submit returns when the event and what follows from it is on disk. isNew is
	// false for a version that was known already.
	Submit(ctx context.Context, e neo.Event) (isNew bool, err error)
	// Integration returns one by its id, with fresh as the store has it now;
	// CodeForbidden for an unknown id.
	Integration(ctx context.Context, id string, fresh bool) (neo.Integration, error)
}

// Signatures checks signed deliveries.
type Signatures interface {
	// Verify checks the signature of a body: CodeForbidden when it is wrong or too
	// old, CodeConflict when the same delivery was taken before.
	Verify(ctx context.Context, in neo.Integration, timestamp, signature string, body []byte) error
	// Taken remembers a delivery that is on disk.
	Taken(signature string)
}

// Options is everything the server is built from.
type Options struct {
	Store     Store
	Sessions  scs.Store
	Connector Connector
	Ingest    Ingest
	Watch     Watch
	Requests  Requests
	Messages  Messages
	Catalogue func(ctx context.Context, integrationID string) (TicketCatalogue, error)
	Signed    Signatures
	Decode    func(body []byte) (neo.Event, error) // a delivery of ServiceNow's
	// Stored returns a definition of a tenant as it is saved: with the stored values of
	// choices in place of their labels.
	Stored func(ctx context.Context, tenant string, d neo.Definition) (neo.Definition, error)
	// Check returns all that is wrong with a definition of a tenant.
	Check func(tenant string, d neo.Definition) []neo.Mistake
	// Ready says what keeps a workflow from working; id is "" for a new one. fields tells
	// the fields of an integration, and why they are not all.
	Ready func(ctx context.Context, tenant, id string, d neo.Definition,
		fields func(ctx context.Context, integrationID string) (map[neo.TicketClass][]neo.Field, string, error)) (neo.Readiness, error)
	// CheckCalls returns what is wrong with the workflows that a definition starts.
	CheckCalls func(id string, d neo.Definition, others []neo.Workflow) []neo.Mistake
	// Callers returns the names of the enabled workflows that start one by that id or name.
	Callers func(id, name string, others []neo.Workflow) []string
	Trials  Trials
	Explain func(context.Context, neo.Workflow, neo.Event) (neo.Explanation, error)
	// Differences returns where two definitions differ.
	Differences func(before, after neo.Definition) []neo.Difference
	TicketURL   func(neo.Integration, neo.TicketRef) string
	Templates   []neo.Template // workflows to begin with
	Schema      []byte         // the JSON Schema of a workflow's file
	Live        *Live
	Metrics     *Metrics
	UI          fs.FS
	Log         *slog.Logger

	Version    string
	PublicURL  string   // scheme and host under which browsers and instances reach Neo
	AllowHosts []string // NEO_SERVICENOW_ALLOW_HOSTS
	Outgoing   []string // addresses from which Neo calls instances, as its operator states them
	// TrustedProxies are those whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
}

// OAuthCallbackPath is where an instance sends the browser after consent. Fixed:
// it is registered in the instances.
const OAuthCallbackPath = "/oauth/servicenow/callback"

// Server answers every request.
type Server struct {
	options   Options
	store     Store
	log       *slog.Logger
	sessions  *scs.SessionManager
	now       func() time.Time
	tries     *tries
	catalogue *catalogue
	dummyHash string // of a password that nobody has
	passwords *gate
	// knownPasswords is for those who have signed in from there before: others cannot
	// keep them waiting.
	knownPasswords *gate

	handler   http.Handler
	consent   http.Handler   // of OAuthCallbackPath
	settingUp sync.WaitGroup // connections after consent
	openapi   *huma.OpenAPI
}

// New builds the server; it starts nothing.
func New(o Options) (*Server, error) {
	dummy, err := argon2id.CreateHash("nobody's password", passwordParams)
	if err != nil {
		return nil, err
	}
	s := &Server{options: o, store: o.Store, log: newQuietLog(o.Log.Handler()), now: time.Now, dummyHash: dummy,
		tries: newTries(time.Now), catalogue: newCatalogue(time.Now),
		passwords: newGate(passwordsAtOnce, passwordsWaiting), knownPasswords: newGate(knownAtOnce, knownWaiting)}

	// Not scs.New: it begins with a store in memory, whose clean-up cannot be ended.
	s.sessions = &scs.SessionManager{
		Store: o.Sessions, Codec: scs.GobCodec{}, Lifetime: 7 * 24 * time.Hour,
		Cookie: scs.SessionCookie{
			Name: "neo_session", Path: "/", HttpOnly: true, Persist: true,
			SameSite: http.SameSiteLaxMode, // the redirect after consent comes from the instance
			Secure:   strings.HasPrefix(o.PublicURL, "https://"),
		},
	}

	// What people use has sessions and is protected against other sites; what
	// instances call has neither.
	ownPages := http.NewCrossOriginProtection()
	ownPages.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.writeError(w, r, errOtherSite) }))
	people := func(h http.Handler) http.Handler { return ownPages.Handler(s.withSession(limitBody(h))) }

	calls := http.NewServeMux()
	s.openapi = s.api(calls).OpenAPI()
	calls.HandleFunc("GET /api/v1/live", s.live)
	calls.HandleFunc("/", s.noSuchCall(calls))

	others := http.NewServeMux()
	others.HandleFunc("/callback/servicenow", s.callback)
	others.HandleFunc("GET /healthz", s.healthz)
	others.HandleFunc("GET /readyz", s.readyz)
	s.consent = people(http.HandlerFunc(s.oauthCallback))
	others.Handle("GET "+OAuthCallbackPath, s.consent)
	others.Handle("/", s.dashboard()) // without a session: pages are the same for everybody
	s.handler = s.observe(s.divide(people(s.knownSchema(calls)), others))
	return s, nil
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Wait returns when no connection is being set up any more, or when ctx ends.
func (s *Server) Wait(ctx context.Context) {
	done := make(chan struct{})
	go func() {
		s.settingUp.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// observe gives each request an id, standard headers, and a guard against panics.
func (s *Server) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(plain http.ResponseWriter, r *http.Request) {
		id := neo.NewID()
		w := &answering{ResponseWriter: plain}
		r = r.WithContext(s.withCaller(context.WithValue(r.Context(), keyRequestID, id), w, r))
		h := w.Header()
		h.Set("X-Request-ID", id)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		body := r.Body
		defer func() {
			if v := recover(); v != nil {
				if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
					panic(v)
				}
				s.log.Error("panic while answering", "request_id", id, "path", r.URL.Path, "panic", v)
				if w.begun {
					panic(http.ErrAbortHandler) // half an answer must not look like a whole one
				}
				s.writeError(w, r, neo.Errorf(neo.CodeInternal, "Something went wrong inside Neo. The server log has the details."))
			}
			if r.Header.Get("Expect") == "" { // who waits for leave to send is given none
				_, _ = io.CopyN(io.Discard, body, maxDrained)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

var errOtherSite = neo.Errorf(neo.CodeForbidden, "This call came from a page of another site. Open Neo under its own address and try again.")

// limitBody bounds what people may send.
func limitBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		next.ServeHTTP(w, r)
	})
}
