package servicenow_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/servicenow"
)

// mustQuery returns the query with which the consent page at address sends back.
func mustQuery(t *testing.T, address, key, value string) url.Values {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return url.Values{"state": {u.Query().Get("state")}, key: {value}}
}

// tokenWorld is an integration whose instance is a token endpoint and one group.
type tokenWorld struct {
	store     *memStore
	vault     *memVault
	clock     *clock
	url       string
	refreshes atomic.Int64
	endpoint  atomic.Value // http.HandlerFunc; nil for the usual
	good      atomic.Value // string: the access token that the API takes
}

func newTokenWorld(t *testing.T) *tokenWorld {
	t.Helper()
	w := &tokenWorld{store: newMemStore(), vault: newMemVault(), clock: &clock{}}
	w.clock.set(time.Unix(1_800_000_000, 0).UTC())
	w.good.Store("access-0")
	w.endpoint.Store(http.HandlerFunc(nil))
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/oauth_token.do" {
			n := w.refreshes.Add(1)
			if f := w.endpoint.Load().(http.HandlerFunc); f != nil {
				f(rw, r)
				return
			}
			if r.PostFormValue("grant_type") != "refresh_token" || r.PostFormValue("refresh_token") != "the-refresh-token" || r.PostFormValue("client_secret") != "the-secret" {
				t.Errorf("form %v", r.PostForm)
			}
			token := fmt.Sprintf("access-%d", n)
			w.good.Store(token)
			says(200, asJSON, fmt.Sprintf(`{"access_token":%q,"expires_in":1799,"token_type":"Bearer","scope":""}`, token))(rw, r)
			return
		}
		if r.Header.Get("Authorization") != "Bearer "+w.good.Load().(string) {
			says(401, asJSON, `{"error":{"message":"User is not authenticated","detail":"x"},"status":"failure"}`)(rw, r)
			return
		}
		says(200, asJSON, `{"result":[{"sys_id":"g1","name":"Network","active":"true"}]}`)(rw, r)
	}))
	t.Cleanup(srv.Close)
	w.url = srv.URL

	in := neo.Integration{ID: "i1", TenantID: neo.DefaultTenant, Kind: "servicenow", InstanceURL: srv.URL, State: neo.StateReady, ClientID: "cli"}
	in.Sealed.ClientSecret, _ = w.vault.Seal(t.Context(), []byte("the-secret"), "servicenow/integration/i1/client-secret")
	w.store.integrations["i1"] = in
	w.give(t, "access-0", w.clock.now().Add(30*time.Minute))
	return w
}

// give makes the row hold that access token.
func (w *tokenWorld) give(t *testing.T, access string, expiry time.Time) {
	t.Helper()
	plain, _ := json.Marshal(map[string]any{"access_token": access, "refresh_token": "the-refresh-token", "expiry": expiry})
	sealed, _ := w.vault.Seal(t.Context(), plain, "servicenow/integration/i1/tokens")
	_ = w.store.SaveTokens(t.Context(), "i1", sealed)
	w.store.tokenSaves = 0
}

// replica is one more process with the same store.
func (w *tokenWorld) replica(t *testing.T) *servicenow.Connections {
	c := servicenow.NewConnections(w.store, w.vault, "", w.clock.now)
	t.Cleanup(c.Close)
	return c
}

func use(ctx context.Context, c *servicenow.Connections) error {
	tickets, err := c.Tickets(ctx, "i1")
	if err != nil {
		return err
	}
	_, err = tickets.Lookup(ctx, "group", "Network")
	return err
}

func TestTokenIsKeptUntilItEndsSoon(t *testing.T) {
	w := newTokenWorld(t)
	c := w.replica(t)
	for range 3 {
		if err := use(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	w.clock.add(28 * time.Minute)
	if err := use(t.Context(), c); err != nil || w.refreshes.Load() != 0 || w.vault.opened != 1 {
		t.Fatalf("%v, %d refreshes, %d opened", err, w.refreshes.Load(), w.vault.opened)
	}
	w.clock.add(61 * time.Second) // 59 s are left
	for range 3 {
		if err := use(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	if w.refreshes.Load() != 1 || w.store.tokenSaves != 1 {
		t.Errorf("%d refreshes, %d saves", w.refreshes.Load(), w.store.tokenSaves)
	}
	// The answer had no refresh token: the old one stays.
	w.clock.add(30 * time.Minute)
	if err := use(t.Context(), c); err != nil || w.refreshes.Load() != 2 {
		t.Errorf("%v, %d refreshes", err, w.refreshes.Load())
	}
}

func TestOneRefreshForTenReplicas(t *testing.T) {
	for name, spoil := range map[string]func(*tokenWorld){
		"expired":                func(w *tokenWorld) { w.clock.add(time.Hour) },
		"refused while it lasts": func(w *tokenWorld) { w.good.Store("revoked") },
	} {
		t.Run(name, func(t *testing.T) {
			w := newTokenWorld(t)
			var replicas []*servicenow.Connections
			for range 10 {
				replicas = append(replicas, w.replica(t))
			}
			for _, c := range replicas {
				if err := use(t.Context(), c); err != nil {
					t.Fatal(err)
				}
			}
			spoil(w)
			var wg sync.WaitGroup
			for i := range 200 {
				wg.Go(func() {
					if err := use(t.Context(), replicas[i%len(replicas)]); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if w.refreshes.Load() != 1 || w.store.tokenSaves != 1 {
				t.Errorf("%d refreshes, %d saves", w.refreshes.Load(), w.store.tokenSaves)
			}
		})
	}
}

func TestRefusedRefreshAsksToReconnect(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"as instances do": says(401, asJSON, `{"error_description":"access_denied","error":"server_error"}`),
		"by the RFC":      says(400, asJSON, `{"error":"invalid_grant"}`),
	} {
		t.Run(name, func(t *testing.T) {
			w := newTokenWorld(t)
			c := w.replica(t)
			w.clock.add(time.Hour)
			w.endpoint.Store(answer)
			err := use(t.Context(), c)
			in := w.store.integration(t, "i1")
			if neo.CodeOf(err) != neo.CodeRefused || in.State != neo.StateReconnect || in.Message != neo.MessageOf(err) || !strings.Contains(in.Message, "Click Reconnect") {
				t.Fatalf("got %v, integration %+v", err, in)
			}
			if err := use(t.Context(), c); neo.CodeOf(err) != neo.CodeRefused || w.refreshes.Load() != 1 {
				t.Errorf("asked again: %v, %d refreshes", err, w.refreshes.Load())
			}
			// A new consent, by whatever replica, is picked up.
			in.State = neo.StateReady
			_ = w.store.SaveIntegration(t.Context(), nil, in)
			w.give(t, "access-new", w.clock.now().Add(time.Hour))
			w.good.Store("access-new")
			if err := use(t.Context(), c); err != nil || w.refreshes.Load() != 1 {
				t.Errorf("after the new consent: %v, %d refreshes", err, w.refreshes.Load())
			}
		})
	}
}

func TestUnavailableTokenEndpointDisconnectsNothing(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"hibernating":  says(200, asHTML, hibernating),
		"502":          says(502, asHTML, "<html>"),
		"401 as HTML":  says(401, asHTML, "<html>"),
		"server error": says(500, asJSON, `{"error":"server_error"}`),
		"redirect":     says(302, asHTML, "", "Location", "https://idp.example"),
		"cut":          func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newTokenWorld(t)
			c := w.replica(t)
			w.clock.add(time.Hour)
			w.endpoint.Store(answer)
			var wg sync.WaitGroup
			for range 20 {
				wg.Go(func() {
					if err := use(t.Context(), c); neo.CodeOf(err) != neo.CodeUnavailable {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if in := w.store.integration(t, "i1"); in.State != neo.StateReady {
				t.Errorf("integration %+v", in)
			}
			if w.refreshes.Load() != 1 {
				t.Errorf("a dead instance was asked %d times", w.refreshes.Load())
			}
			w.endpoint.Store(http.HandlerFunc(nil))
			w.clock.add(3 * time.Second)
			if err := use(t.Context(), c); err != nil {
				t.Errorf("when it is back: %v", err)
			}
		})
	}
}

func TestShortTokensAreNotReplacedAtEveryCall(t *testing.T) {
	w := newTokenWorld(t)
	c := w.replica(t)
	w.clock.add(time.Hour)
	w.endpoint.Store(says(200, asJSON, `{"access_token":"access-0","expires_in":"60"}`))
	for range 5 {
		if err := use(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	if w.refreshes.Load() != 1 {
		t.Errorf("%d refreshes", w.refreshes.Load())
	}
	w.clock.add(31 * time.Second)
	if err := use(t.Context(), c); err != nil || w.refreshes.Load() != 2 {
		t.Errorf("%v, %d refreshes", err, w.refreshes.Load())
	}
}

func TestWaitingForATokenEndsWithItsContext(t *testing.T) {
	w := newTokenWorld(t)
	c := w.replica(t)
	w.clock.add(time.Hour)
	asked, release := make(chan struct{}), make(chan struct{})
	w.endpoint.Store(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		close(asked)
		<-release
		says(200, asJSON, `{"access_token":"access-0","expires_in":1799}`)(rw, r)
	}))
	first := make(chan error, 1)
	go func() { first <- use(t.Context(), c) }()
	<-asked
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := use(ctx, c); err == nil {
		t.Error("waited for the other's refresh")
	}
	close(release)
	if err := <-first; err != nil {
		t.Error(err)
	}
}

func TestNotConnected(t *testing.T) {
	w := newTokenWorld(t)
	c := w.replica(t)
	if _, err := c.Tickets(t.Context(), "none"); neo.CodeOf(err) != neo.CodeNotFound {
		t.Error(err)
	}
	in := w.store.integration(t, "i1")
	in.Sealed = neo.SealedSecrets{}
	_ = w.store.SaveIntegration(t.Context(), nil, in)
	if _, err := c.Tickets(t.Context(), "i1"); neo.CodeOf(err) != neo.CodeRefused || !strings.Contains(neo.MessageOf(err), "not connected") {
		t.Error(err)
	}
}
