package servicenow_test

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/servicenow"
	"github.com/neoagent/neo/simulator"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a Neo that connects to one simulated instance.
type world struct {
	t           *testing.T
	sim         *simulator.Running
	store       *memStore
	vault       *memVault
	clock       *clock
	connections *servicenow.Connections
	connector   *servicenow.Connector
	neo         *httptest.Server // receives deliveries
	delivered   chan delivery
}

type delivery struct {
	path, contentType    string
	timestamp, signature string
	body                 []byte
}

const session = "the-session-of-a-person"

func newWorld(t *testing.T, change ...func(*simulator.Options)) *world {
	t.Helper()
	w := &world{t: t, store: newMemStore(), vault: newMemVault(), clock: &clock{}, delivered: make(chan delivery, 100)}
	w.clock.set(time.Now())
	w.neo = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.delivered <- delivery{r.URL.String(), r.Header.Get("Content-Type"), r.Header.Get(servicenow.HeaderTimestamp), r.Header.Get(servicenow.HeaderSignature), body}
		rw.WriteHeader(http.StatusAccepted)
	}))
	t.Cleanup(w.neo.Close)
	w.sim = simulator.Start(t, append([]func(*simulator.Options){func(o *simulator.Options) {
		o.RedirectURLs = []string{servicenow.RedirectURL(w.neo.URL)}
		o.Now = w.clock.now
	}}, change...)...)
	w.connections = servicenow.NewConnections(w.store, w.vault, "1.2.3", w.clock.now)
	t.Cleanup(w.connections.Close)
	w.connector = servicenow.NewConnector(w.connections, w.neo.URL, []string{strings.TrimPrefix(w.sim.URL, "http://")})
	return w
}

func (w *world) input() neo.ConnectInput {
	return neo.ConnectInput{InstanceURL: w.sim.URL, ClientID: w.sim.ClientID(), ClientSecret: w.sim.ClientSecret()}
}

// connect goes the whole way as that user and returns how it ended.
func (w *world) connect(user string, in neo.ConnectInput) (neo.ConnectAttempt, error) {
	w.t.Helper()
	_, address, err := w.connector.Begin(w.t.Context(), neo.DefaultTenant, session, in)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.connector.Complete(w.t.Context(), session, sentBack(w.consent(user, address, "Allow")), nil)
}

// connected returns the tickets of a connection by the service account, ready.
func (w *world) connected() (*servicenow.Tickets, neo.Integration) {
	w.t.Helper()
	a, err := w.connect("neo.agent", w.input())
	if err != nil {
		w.t.Fatal(err)
	}
	tickets, err := w.connections.Tickets(w.t.Context(), a.IntegrationID)
	if err != nil {
		w.t.Fatal(err)
	}
	return tickets, w.store.integration(w.t, a.IntegrationID)
}

var formToken = regexp.MustCompile(`name="sysparm_ck" value="([^"]+)"`)

// consent is a person's browser on the consent page: it signs in as user, presses
// the button, and returns the query with which it is sent back.
func (w *world) consent(user, address, button string) url.Values {
	w.t.Helper()
	jar, _ := cookiejar.New(nil)
	tr := &http.Transport{DisableKeepAlives: true}
	hc := &http.Client{Transport: tr, Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	do := func(resp *http.Response, err error) (*http.Response, string) {
		w.t.Helper()
		if err != nil {
			w.t.Fatal(err)
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		return resp, string(b)
	}
	do(hc.PostForm(w.sim.URL+"/login.do", url.Values{"user_name": {user}, "user_password": {user}}))
	_, page := do(hc.Get(address))
	m := formToken.FindStringSubmatch(page)
	if m == nil {
		w.t.Fatalf("no consent page: %s", page)
	}
	resp, page := do(hc.PostForm(address, url.Values{"sysparm_ck": {m[1]}, button: {button}}))
	back, err := resp.Location()
	if err != nil || !strings.HasPrefix(back.String(), servicenow.RedirectURL(w.neo.URL)) {
		w.t.Fatalf("sent back to %v: %s", back, page)
	}
	return back.Query()
}

// sentBack is the address to which the consent page sends the browser back.
func sentBack(q url.Values) *url.URL {
	return &url.URL{Path: "/oauth/servicenow/callback", RawQuery: q.Encode()}
}

// next returns the next delivery, when all that the instance has to send is sent.
func (w *world) next() delivery {
	w.t.Helper()
	select {
	case d := <-w.delivered:
		return d
	case <-time.After(10 * time.Second):
		w.t.Fatalf("nothing was delivered; the instance's log: %+v", w.sim.SystemLog())
		return delivery{}
	}
}

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.at }

func (c *clock) set(t time.Time) { c.mu.Lock(); defer c.mu.Unlock(); c.at = t }

func (c *clock) add(d time.Duration) { c.set(c.now().Add(d)) }

// memStore is a Store in memory.
type memStore struct {
	mu           sync.Mutex
	attempts     map[string]neo.ConnectAttempt
	taken        map[string]bool
	integrations map[string]neo.Integration
	locks        map[string]chan struct{}
	dictionaries map[string]*neo.Dictionary
	tokenSaves   int
	saves        int
}

var _ servicenow.Store = (*memStore)(nil)

func newMemStore() *memStore {
	return &memStore{attempts: map[string]neo.ConnectAttempt{}, taken: map[string]bool{},
		integrations: map[string]neo.Integration{}, locks: map[string]chan struct{}{}, dictionaries: map[string]*neo.Dictionary{}}
}

var errNone = neo.Errorf(neo.CodeNotFound, "there is none")

func (s *memStore) CreateAttempt(_ context.Context, a neo.ConnectAttempt) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.attempts[a.ID] = a
	return nil
}

func (s *memStore) TakeAttempt(_ context.Context, stateHash []byte, now time.Time) (neo.ConnectAttempt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.attempts {
		if bytes.Equal(a.StateHash, stateHash) && !s.taken[a.ID] && now.Before(a.ExpiresAt) {
			s.taken[a.ID] = true
			return a, nil
		}
	}
	return neo.ConnectAttempt{}, errNone
}

func (s *memStore) FinishAttempt(ctx context.Context, id string, outcome neo.Outcome, message string) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.attempts[id]
	a.Outcome, a.Message = outcome, message
	s.attempts[id] = a
	return nil
}

func (s *memStore) Integration(ctx context.Context, tenant, id string) (neo.Integration, error) {
	in, err := s.IntegrationByID(ctx, id)
	if err == nil && in.TenantID != tenant {
		return neo.Integration{}, errNone
	}
	return in, err
}

func (s *memStore) IntegrationByID(_ context.Context, id string) (neo.Integration, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	in, ok := s.integrations[id]
	if !ok {
		return neo.Integration{}, errNone
	}
	in.Checks = slices.Clone(in.Checks)
	return in, nil
}

func (s *memStore) Integrations(_ context.Context, tenant string) ([]neo.Integration, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := slices.Collect(maps.Values(s.integrations))
	return slices.DeleteFunc(all, func(in neo.Integration) bool { return in.TenantID != tenant }), nil
}

func (s *memStore) InTx(_ context.Context, f func(tx neo.Tx) error) error { return f(nil) }

func (s *memStore) SaveIntegration(_ context.Context, _ neo.Tx, in neo.Integration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.integrations[in.ID] = in
	s.saves++
	return nil
}

func (s *memStore) SaveTokens(_ context.Context, id string, sealed []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	in := s.integrations[id]
	in.Sealed.Tokens = sealed
	s.integrations[id] = in
	s.tokenSaves++
	return nil
}

func (s *memStore) WithIntegrationLock(ctx context.Context, id string, f func(context.Context) error) error {
	s.mu.Lock()
	if s.locks[id] == nil {
		s.locks[id] = make(chan struct{}, 1)
	}
	lock := s.locks[id]
	s.mu.Unlock()
	select {
	case lock <- struct{}{}:
		defer func() { <-lock }()
		return f(ctx)
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *memStore) integration(t *testing.T, id string) neo.Integration {
	t.Helper()
	in, err := s.IntegrationByID(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func (s *memStore) attempt(id string) neo.ConnectAttempt {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.attempts[id]
}

// memVault seals for real, so that a test can search for what leaks.
type memVault struct {
	aead   cipher.AEAD
	mu     sync.Mutex
	opened int
	plain  [][]byte // everything that was ever sealed
}

var _ servicenow.Vault = (*memVault)(nil)

func newMemVault() *memVault {
	block, _ := aes.NewCipher(make([]byte, 32))
	aead, _ := cipher.NewGCM(block)
	return &memVault{aead: aead}
}

func (v *memVault) Seal(_ context.Context, plain []byte, purpose string) ([]byte, error) {
	v.mu.Lock()
	v.plain = append(v.plain, bytes.Clone(plain))
	v.mu.Unlock()
	nonce := make([]byte, v.aead.NonceSize())
	_, _ = rand.Read(nonce)
	return v.aead.Seal(nonce, nonce, plain, []byte(purpose)), nil
}

func (v *memVault) Open(_ context.Context, sealed []byte, purpose string) ([]byte, error) {
	v.mu.Lock()
	v.opened++
	v.mu.Unlock()
	n := v.aead.NonceSize()
	if len(sealed) < n {
		return nil, errors.New("vault: too short")
	}
	return v.aead.Open(nil, sealed[:n], sealed[n:], []byte(purpose))
}

func (s *memStore) SaveAttempt(_ context.Context, a neo.ConnectAttempt) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a.Checks = slices.Clone(a.Checks)
	s.attempts[a.ID] = a
	return nil
}

func (s *memStore) Dictionary(_ context.Context, id string) (*neo.Dictionary, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dictionaries[id], nil
}

func (s *memStore) SaveDictionary(_ context.Context, _, id string, d *neo.Dictionary) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.dictionaries[id]
	s.dictionaries[id] = d
	return !reflect.DeepEqual(was, d), nil
}

func (s *memStore) StartWatch(context.Context, neo.Watch) error           { return nil }
func (s *memStore) AskWatch(context.Context, string, bool, bool) error    { return nil }
func (s *memStore) RaiseAlert(context.Context, neo.Alert) error           { return nil }
func (s *memStore) UserByEmail(context.Context, string) (neo.User, error) { return neo.User{}, errNone }
func (s *memStore) ResolveAlert(context.Context, string, string, time.Time) (bool, error) {
	return false, nil
}

// keyOf returns the secret in a callback URL.
func keyOf(t *testing.T, callback string) string {
	t.Helper()
	u, err := url.Parse(callback)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query().Get("key")
}
