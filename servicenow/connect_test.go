package servicenow_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/servicenow"
	"github.com/neoagent/neo/simulator"
)

// checksOf returns name: state of an integration's checks.
func checksOf(in neo.Integration) map[string]string {
	m := map[string]string{}
	for _, c := range in.Checks {
		m[c.Name] = c.State
	}
	return m
}

func TestConnect(t *testing.T) {
	w := newWorld(t)
	w.clock.add(0)
	a, address, err := w.connector.Begin(t.Context(), neo.DefaultTenant, session, w.input())
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil || u.Path != "/oauth_auth.do" {
		t.Fatalf("consent page %s", address)
	}
	q := u.Query()
	for key, want := range map[string]string{"response_type": "code", "scope": "useraccount", "client_id": w.sim.ClientID(),
		"redirect_uri": w.neo.URL + "/oauth/servicenow/callback", "code_challenge_method": "S256"} {
		if q.Get(key) != want {
			t.Errorf("%s = %q, want %q", key, q.Get(key), want)
		}
	}
	if len(q.Get("state")) != 43 || len(q.Get("code_challenge")) != 43 || q.Has("client_secret") {
		t.Errorf("consent page %s", address)
	}

	// The popup closes as soon as it likes: the context of its request ends.
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	done, err := w.connector.Complete(ctx, session, sentBack(w.consent("neo.agent", address, "Allow")), nil)
	if err != nil {
		t.Fatal(err)
	}
	if done.Outcome != neo.Success || done.ID != a.ID || w.store.attempt(a.ID).Outcome != neo.Success {
		t.Errorf("attempt %+v", done)
	}

	in := w.store.integration(t, done.IntegrationID)
	if in.State != neo.StateReady || in.Kind != "servicenow" || in.InstanceURL != w.sim.URL || !in.Simulated || in.TenantID != neo.DefaultTenant ||
		in.Message != "Connected as neo.agent." || !in.ConnectedAt.Equal(w.clock.now()) {
		t.Errorf("integration %+v", in)
	}
	if want := (neo.Identity{RemoteID: simulator.UserID("neo.agent"), UserName: "neo.agent", Name: "Neo Agent user"}); in.Identity != want {
		t.Errorf("identity %+v", in.Identity)
	}
	if diff := cmp.Diff(map[string]string{"token": "ok", "identity": "warning", "tickets": "ok", "write": "ok", "email": "ok",
		"callback_property": "ok", "business_rule": "ok", "legacy_rule": "ok", "first_sweep": "ok"}, checksOf(in)); diff != "" {
		t.Errorf("checks (-want +got):\n%s\n%+v", diff, in.Checks)
	}
	callback := w.property()
	got, _ := url.Parse(callback)
	if !strings.HasPrefix(callback, w.neo.URL+"/callback/servicenow?") || got.Query().Get("integration") != in.ID ||
		string(servicenow.CallbackHash(got.Query().Get("key"))) != string(in.CallbackHash) {
		t.Errorf("callback %s", callback)
	}
	if _, err := w.connections.Tickets(t.Context(), in.ID); err != nil {
		t.Error(err)
	}
	if _, err := w.connector.Complete(t.Context(), session, sentBack(url.Values{"state": {q.Get("state")}, "code": {"x"}}), nil); neo.CodeOf(err) != neo.CodeInvalid {
		t.Errorf("a state that was used: %v", err)
	}
}

// property returns the callback URL in the instance.
func (w *world) property() string {
	w.t.Helper()
	ids := w.sim.Find("sys_properties", "name=x_neoagent.callback_url")
	if len(ids) != 1 {
		w.t.Fatalf("%d properties", len(ids))
	}
	return w.sim.Get("sys_properties", ids[0])["value"]
}

func TestBeginRefuses(t *testing.T) {
	w := newWorld(t)
	_, in := w.connected()
	for name, tt := range map[string]struct {
		tenant, session string
		change          func(*neo.ConnectInput)
		code            neo.Code
		want            string
	}{
		"vanity host":         {neo.DefaultTenant, session, func(i *neo.ConnectInput) { i.InstanceURL = "https://it.acme.com" }, neo.CodeInvalid, "instance_url must be"},
		"no address":          {neo.DefaultTenant, session, func(i *neo.ConnectInput) { i.InstanceURL = "" }, neo.CodeInvalid, "instance_url must be"},
		"no client id":        {"another", session, func(i *neo.ConnectInput) { i.ClientID = " \n" }, neo.CodeInvalid, "client_id"},
		"space in client id":  {neo.DefaultTenant, session, func(i *neo.ConnectInput) { i.ClientID = "a b" }, neo.CodeInvalid, "client_id"},
		"newline in secret":   {neo.DefaultTenant, session, func(i *neo.ConnectInput) { i.ClientSecret = "a\nb" }, neo.CodeInvalid, "client_secret"},
		"no secret":           {"another", session, func(i *neo.ConnectInput) { i.ClientSecret = "" }, neo.CodeInvalid, "client_secret"},
		"other client, none":  {neo.DefaultTenant, session, func(i *neo.ConnectInput) { i.ClientID, i.ClientSecret = "b", "" }, neo.CodeInvalid, "client_secret"},
		"not signed in":       {neo.DefaultTenant, "", func(*neo.ConnectInput) {}, neo.CodeUnauthorized, "Sign in"},
		"nobody's":            {neo.DefaultTenant, session, func(i *neo.ConnectInput) { i.IntegrationID = neo.NewID() }, neo.CodeNotFound, ""},
		"of another tenant":   {"another", session, func(i *neo.ConnectInput) { i.IntegrationID = in.ID }, neo.CodeNotFound, ""},
		"of another instance": {neo.DefaultTenant, session, func(i *neo.ConnectInput) { i.IntegrationID, i.InstanceURL = in.ID, "https://b.service-now.com" }, neo.CodeInvalid, "belongs to"},
	} {
		t.Run(name, func(t *testing.T) {
			i := w.input()
			tt.change(&i)
			_, _, err := w.connector.Begin(t.Context(), tt.tenant, tt.session, i)
			if neo.CodeOf(err) != tt.code || !strings.Contains(neo.MessageOf(err), tt.want) {
				t.Errorf("got %v, want %s: … %s …", err, tt.code, tt.want)
			}
		})
	}
}

func TestConsentThatDoesNotEndWell(t *testing.T) {
	for name, tt := range map[string]struct {
		user   string
		before func(*world) // Begin
		input  func(*neo.ConnectInput)
		after  func(*world, url.Values) // consent
		code   neo.Code
		want   []string
		saved  neo.SyncState // "" for nothing
		failed string        // the check that failed
	}{
		"denied": {user: "neo.agent", after: func(_ *world, q url.Values) {
			q.Del("code")
			q.Set("error", "access_denied")
			q.Set("error_description", "<b>evil</b>")
		},
			code: neo.CodeRefused, want: []string{"OAuth callback failed: access_denied. Consent was denied", "click Allow"}},
		"strange code": {user: "neo.agent", after: func(_ *world, q url.Values) { q.Set("error", "<script>") },
			code: neo.CodeRefused, want: []string{"OAuth callback failed: unknown_error."}},
		"neither": {user: "neo.agent", after: func(_ *world, q url.Values) { q.Del("code") },
			code: neo.CodeInvalid, want: []string{"neither a code nor an error"}},
		"wrong secret": {user: "neo.agent", input: func(i *neo.ConnectInput) { i.ClientSecret = "wrong" },
			code: neo.CodeRefused, want: []string{"OAuth callback failed: invalid_client.", "Client Secret", "without spaces or newlines", "Active"}},
		"wrong secret, instance by the RFC": {user: "neo.agent", input: func(i *neo.ConnectInput) { i.ClientSecret = "wrong" },
			before: func(w *world) {
				*w = *newWorld(w.t, func(o *simulator.Options) { o.Quirks.TokenErrorsFollowTheSpec = true })
			},
			code: neo.CodeRefused, want: []string{"OAuth callback failed: invalid_client."}},
		"secret with spaces around": {user: "neo.agent", input: func(i *neo.ConnectInput) { i.ClientSecret = " " + i.ClientSecret + "\r\n" }, saved: neo.StateReady},
		"code expired": {user: "neo.agent", after: func(w *world, _ url.Values) { w.clock.add(2 * time.Minute) },
			code: neo.CodeRefused, want: []string{"OAuth callback failed: invalid_client.", "within a minute"}},
		"too late": {user: "neo.agent", after: func(w *world, _ url.Values) { w.clock.add(11 * time.Minute) },
			code: neo.CodeInvalid, want: []string{"longer than 10 minutes"}},
		"unknown state": {user: "neo.agent", after: func(_ *world, q url.Values) { q.Set("state", "x") },
			code: neo.CodeInvalid, want: []string{"not one that Neo waits for"}},
		"public client": {user: "neo.agent", before: func(w *world) { _ = w.sim.SetOAuthApp(map[string]string{"public_client": "true"}) },
			code: neo.CodeRefused, want: []string{"no refresh token", "public client"}},
		"refresh answers without a refresh token": {user: "neo.agent",
			before: func(w *world) {
				*w = *newWorld(w.t, func(o *simulator.Options) { o.Quirks.RefreshTokenOmitted = true })
			}, saved: neo.StateReady},
		"no role": {user: "joe.employee", before: func(w *world) { w.ticket() },
			code: neo.CodeRefused, want: []string{"Insufficient privileges", "itil", "Reconnect"}, saved: neo.StateFailed, failed: "tickets"},
		"not an administrator": {user: "itil.only",
			saved: neo.StateSetup, failed: "business_rule"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if tt.before != nil {
				tt.before(w)
			}
			i := w.input()
			if tt.input != nil {
				tt.input(&i)
			}
			begun, address, err := w.connector.Begin(t.Context(), neo.DefaultTenant, session, i)
			if err != nil {
				t.Fatal(err)
			}
			q := w.consent(tt.user, address, "Allow")
			if tt.after != nil {
				tt.after(w, q)
			}
			a, err := w.connector.Complete(t.Context(), session, sentBack(q), nil)
			if neo.CodeOf(err) != tt.code {
				t.Fatalf("got %v, want %s", err, tt.code)
			}
			for _, want := range tt.want {
				if !strings.Contains(neo.MessageOf(err), want) {
					t.Errorf("%q does not say %q", neo.MessageOf(err), want)
				}
			}
			if strings.Contains(neo.MessageOf(err), "evil") {
				t.Errorf("the page's description is shown: %v", err)
			}
			if a.ID != "" {
				stored := w.store.attempt(begun.ID)
				if !stored.Outcome.Final() || (err == nil) != (stored.Outcome == neo.Success) || stored.Message != a.Message {
					t.Errorf("stored attempt %+v", stored)
				}
			}
			all, _ := w.store.Integrations(t.Context(), neo.DefaultTenant)
			if tt.saved == "" && len(all) != 0 || tt.saved != "" && (len(all) != 1 || all[0].State != tt.saved) {
				t.Fatalf("saved %+v", all)
			}
			if tt.failed != "" && checksOf(all[0])[tt.failed] != "failed" {
				t.Errorf("checks %+v", all[0].Checks)
			}
			if err != nil && len(all) == 1 && all[0].Message != neo.MessageOf(err) {
				t.Errorf("message %q", all[0].Message)
			}
			if tt.user == "joe.employee" && len(w.sim.Find("sys_script", "nameLIKENeo Agent")) != 0 {
				t.Error("a rule was planted although no ticket can be read")
			}
		})
	}
}

func TestDenyButton(t *testing.T) {
	w := newWorld(t)
	_, address, err := w.connector.Begin(t.Context(), neo.DefaultTenant, session, w.input())
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.connector.Complete(t.Context(), session, sentBack(w.consent("neo.agent", address, "Deny")), nil)
	if !strings.HasPrefix(neo.MessageOf(err), "OAuth callback failed: access_denied") {
		t.Error(err)
	}
}

func TestConsentInAnotherBrowserIsRefused(t *testing.T) {
	w := newWorld(t)
	begun, address, err := w.connector.Begin(t.Context(), neo.DefaultTenant, session, w.input())
	if err != nil {
		t.Fatal(err)
	}
	q := w.consent("neo.agent", address, "Allow")
	if _, err := w.connector.Complete(t.Context(), "another", sentBack(q), nil); neo.CodeOf(err) != neo.CodeForbidden {
		t.Errorf("another session: %v", err)
	}
	if w.store.attempt(begun.ID).Outcome != neo.Failure {
		t.Error("the attempt is not finished")
	}
	if _, err := w.connector.Complete(t.Context(), session, sentBack(q), nil); neo.CodeOf(err) != neo.CodeInvalid {
		t.Errorf("the right session afterwards: %v", err)
	}
}

func TestReconnectKeepsIDAndCallback(t *testing.T) {
	w := newWorld(t)
	_, before := w.connected()
	callback := w.property()
	w.clock.add(time.Hour)

	// By the same address, and by id with what is known left out.
	for name, in := range map[string]neo.ConnectInput{"address": w.input(), "id": {IntegrationID: before.ID}} {
		a, err := w.connect("admin", in)
		if err != nil {
			t.Fatalf("by %s: %v", name, err)
		}
		after := w.store.integration(t, a.IntegrationID)
		if after.ID != before.ID || w.property() != callback || string(after.CallbackHash) != string(before.CallbackHash) ||
			!after.CreatedAt.Equal(before.CreatedAt) || !after.ConnectedAt.Equal(w.clock.now()) || after.Identity.UserName != "admin" {
			t.Errorf("by %s: %+v", name, after)
		}
	}
	tickets, err := w.connections.Tickets(t.Context(), before.ID)
	if err != nil {
		t.Fatal(err)
	}
	ref := w.ticket()
	ref.IntegrationID = before.ID
	if _, err := tickets.Read(t.Context(), ref); err != nil {
		t.Errorf("reading after the reconnect: %v", err)
	}
}

func TestFailedReconnectLeavesTheConnection(t *testing.T) {
	w := newWorld(t)
	w.ticket()
	tickets, before := w.connected()
	for name, try := range map[string]func() error{
		"without a role": func() error { _, err := w.connect("joe.employee", w.input()); return err },
		"wrong secret": func() error {
			in := w.input()
			in.ClientSecret = "wrong"
			_, err := w.connect("neo.agent", in)
			return err
		},
	} {
		if err := try(); neo.CodeOf(err) != neo.CodeRefused {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(before, w.store.integration(t, before.ID)); diff != "" {
			t.Errorf("%s changed the connection (-before +after):\n%s", name, diff)
		}
	}
	ref := w.ticket()
	ref.IntegrationID = before.ID
	if _, err := tickets.Read(t.Context(), ref); err != nil {
		t.Error(err)
	}
}

func TestSecretsAreNowhereElse(t *testing.T) {
	w := newWorld(t)
	w.ticket()
	_, in := w.connected()
	var said []any
	for _, user := range []string{"joe.employee", "itil.only", "neo.agent"} {
		a, err := w.connect(user, w.input())
		said = append(said, a, fmt.Sprint(err))
	}
	bad := w.input()
	bad.ClientSecret = "wrong-secret"
	a, err := w.connect("neo.agent", bad)
	said = append(said, a, fmt.Sprint(err), w.store.integration(t, in.ID), w.sim.SystemLog())
	_ = w.sim.SetOAuthApp(map[string]string{"active": "false"})
	w.clock.add(time.Hour)
	tickets, err := w.connections.Tickets(t.Context(), in.ID)
	if err != nil {
		t.Fatal(err)
	}
	_, err = tickets.Lookup(t.Context(), "group", "Network")
	said = append(said, fmt.Sprint(err), w.store.integration(t, in.ID))

	text := fmt.Sprintf("%+v", said)
	asJSON, _ := json.Marshal(said)
	for _, plain := range w.vault.plain {
		secrets := []string{string(plain)}
		var token map[string]any
		if json.Unmarshal(plain, &token) == nil {
			secrets = []string{token["access_token"].(string), token["refresh_token"].(string)}
		}
		for _, s := range secrets {
			if strings.Contains(text, s) || strings.Contains(string(asJSON), s) {
				t.Errorf("the secret %q is in what people or logs see", s)
			}
		}
	}
	if len(w.vault.plain) < 10 {
		t.Errorf("only %d secrets were looked for", len(w.vault.plain))
	}
}

// ticket makes an incident in the instance.
func (w *world) ticket() neo.TicketRef {
	w.t.Helper()
	id, err := w.sim.Create("beth.anglin", "incident", map[string]string{"short_description": "Printer on fire", "caller_id": simulator.UserID("abigail.turner")})
	if err != nil {
		w.t.Fatal(err)
	}
	return neo.TicketRef{Class: neo.Incident, RemoteID: id}
}
