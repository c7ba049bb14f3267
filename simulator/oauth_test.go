package simulator

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const callback = "http://127.0.0.1/callback"

// fakeClock is a settable clock for one instance.
type fakeClock struct{ at atomic.Int64 }

func newClock() *fakeClock {
	c := &fakeClock{}
	c.at.Store(time.Date(2026, 11, 24, 5, 21, 0, 0, time.UTC).UnixNano())
	return c
}
func (c *fakeClock) now() time.Time          { return time.Unix(0, c.at.Load()).UTC() }
func (c *fakeClock) advance(d time.Duration) { c.at.Add(int64(d)) }

func (rn *Running) authorizeURL(change ...string) string {
	q := url.Values{"response_type": {"code"}, "client_id": {rn.ClientID()}, "redirect_uri": {callback}, "state": {"st-1"},
		"scope": {"useraccount"}}
	for i := 0; i+1 < len(change); i += 2 {
		if change[i+1] == "" {
			q.Del(change[i])
		} else {
			q.Set(change[i], change[i+1])
		}
	}
	return "/oauth_auth.do?" + q.Encode()
}

// allow signs in, presses Allow and returns the code.
func (rn *Running) allow(t *testing.T, b *browser, change ...string) string {
	t.Helper()
	page := b.get(rn.authorizeURL(change...))
	a := b.post(formAction(t, page), url.Values{"sysparm_ck": {csrf(t, page)}, "Allow": {"Allow"}})
	u, err := url.Parse(a.header.Get("Location"))
	if err != nil || a.status != 302 || u.Query().Get("code") == "" {
		t.Fatalf("consent answered %d %q %s", a.status, a.header.Get("Location"), a.body)
	}
	return u.Query().Get("code")
}

func (rn *Running) tokens(t *testing.T, form url.Values) answer {
	t.Helper()
	resp, err := testClient.PostForm(rn.URL+"/oauth_token.do", form)
	return read(t, resp, err)
}

func (rn *Running) codeForm(code string) url.Values {
	return url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {callback},
		"client_id": {rn.ClientID()}, "client_secret": {rn.ClientSecret()}}
}

func (rn *Running) bearer(t *testing.T, token, path string) answer {
	t.Helper()
	req, err := http.NewRequest("GET", rn.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := testClient.Do(req)
	return read(t, resp, err)
}

func TestConsentFromNoSessionToFirstCall(t *testing.T) {
	rn := Start(t)
	b := rn.browser(t)
	start := rn.authorizeURL()
	a := b.get(start)
	login := a.header.Get("Location")
	if a.status != 302 || !strings.HasPrefix(login, "/oauth_login.do?") {
		t.Fatalf("without a session: %d %q", a.status, login)
	}
	page := b.get(login)
	if page.status != 200 || !strings.Contains(page.body, "Simulated ServiceNow instance") || !strings.Contains(page.body, `name="user_password"`) {
		t.Fatalf("login page: %d %s", page.status, page.body)
	}
	bad := b.post("/login.do", url.Values{"user_name": {"neo.agent"}, "user_password": {"wrong"}})
	if bad.status != 200 || !strings.Contains(bad.body, "User name or password invalid") {
		t.Fatalf("wrong password: %d", bad.status)
	}
	in := b.post("/login.do", url.Values{"user_name": {"neo.agent"}, "user_password": {"neo.agent"},
		"sysparm_goto_url": {"/oauth_auth.do?" + strings.TrimPrefix(login, "/oauth_login.do?")}})
	if in.status != 302 || !strings.HasPrefix(in.header.Get("Location"), "/oauth_auth.do?") {
		t.Fatalf("login: %d %q", in.status, in.header.Get("Location"))
	}
	consent := b.get(in.header.Get("Location"))
	for _, want := range []string{"Neo Agent user", ">Allow</button>", ">Deny</button>", "Not you?"} {
		if !strings.Contains(consent.body, want) {
			t.Errorf("consent page lacks %q", want)
		}
	}
	tok := rn.tokens(t, rn.codeForm(rn.allow(t, b))).json(t)
	if tok["expires_in"] != 1799.0 || tok["token_type"] != "Bearer" || tok["scope"] != "useraccount" || tok["refresh_token"] == "" {
		t.Errorf("token answer: %v", tok)
	}
	me := rn.bearer(t, tok["access_token"].(string), "/api/now/ui/user/current_user").result(t)
	if me["user_name"] != "neo.agent" || me["user_sys_id"] != UserID("neo.agent") {
		t.Errorf("who am I: %v", me)
	}
}

func TestConsentDenied(t *testing.T) {
	rn := Start(t)
	b := rn.browser(t)
	b.login("beth.anglin")
	path := rn.authorizeURL()
	page := b.get(path)
	a := b.post(formAction(t, page), url.Values{"sysparm_ck": {csrf(t, page)}, "Deny": {"Deny"}})
	if a.status != 302 || a.header.Get("Location") != callback+"?error=access_denied&state=st-1" {
		t.Errorf("deny: %d %q", a.status, a.header.Get("Location"))
	}
	if a := b.post(path, url.Values{"Allow": {"Allow"}}); a.status != 403 || a.header.Get("Location") != "" {
		t.Errorf("consent without the form token: %d", a.status)
	}
}

func TestAuthorizationProblemsArePages(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change []string
		quirk  func(*Options)
		want   string
	}{
		{"no state", []string{"state", ""}, nil, "Missing State parameter in request"},
		{"unknown client", []string{"client_id", "f00"}, nil, "unauthorized_client: The client credentials provided"},
		{"redirect mismatch", []string{"redirect_uri", "https://evil.example/cb"}, nil, "Invalid redirect_uri"},
		{"no redirect", []string{"redirect_uri", ""}, nil, "Invalid redirect_uri"},
		{"implicit", []string{"response_type", "token"}, nil, "unsupported_response_type"},
		{"state optional on old instances", []string{"state", ""}, func(o *Options) { o.Quirks.StateParameterOptional = true }, ""},
		{"old mismatch goes to the first URL", []string{"redirect_uri", "https://evil.example/cb"},
			func(o *Options) { o.Quirks.RedirectMismatchGoesOn = true }, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var change []func(*Options)
			if tt.quirk != nil {
				change = append(change, tt.quirk)
			}
			rn := Start(t, change...)
			b := rn.browser(t)
			b.login("beth.anglin")
			a := b.get(rn.authorizeURL(tt.change...))
			if a.status != 200 || a.header.Get("Location") != "" || !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
				t.Fatalf("%d %v", a.status, a.header)
			}
			if tt.want == "" {
				tt.want = ">Allow</button>"
			}
			if !strings.Contains(a.body, tt.want) {
				t.Errorf("page lacks %q:\n%s", tt.want, a.body)
			}
		})
	}
}

const oneFailure = `{"error_description":"access_denied","error":"server_error"}`

func TestTokenFailuresLookAlike(t *testing.T) {
	verifier := strings.Repeat("v", 43)
	sum := sha256.Sum256([]byte(verifier))
	challenge := base64.RawURLEncoding.EncodeToString(sum[:])
	set := func(k, v string) func(*Running, url.Values) {
		return func(_ *Running, f url.Values) { f.Set(k, v) }
	}
	for _, tt := range []struct {
		name   string
		pkce   bool
		before func(*Running, *fakeClock)
		form   func(*Running, url.Values)
		ok     bool
	}{
		{name: "good", ok: true},
		{name: "good with PKCE", pkce: true, form: set("code_verifier", verifier), ok: true},
		{name: "PKCE verifier missing", pkce: true},
		{name: "PKCE verifier wrong", pkce: true, form: set("code_verifier", "x")},
		{name: "wrong secret", form: set("client_secret", "x")},
		{name: "no secret", form: set("client_secret", "")},
		{name: "unknown client", form: set("client_id", "x")},
		{name: "other redirect", form: set("redirect_uri", callback+"/")},
		{name: "unknown code", form: set("code", "x")},
		{name: "unknown grant", form: set("grant_type", "magic")},
		{name: "code just in time", before: func(_ *Running, c *fakeClock) { c.advance(60 * time.Second) }, ok: true},
		{name: "code too old", before: func(_ *Running, c *fakeClock) { c.advance(61 * time.Second) }},
		{name: "user locked", before: func(rn *Running, _ *fakeClock) {
			_ = rn.Update("system", "sys_user", UserID("neo.agent"), map[string]string{"locked_out": "true"})
		}},
		{name: "password must be reset", before: func(rn *Running, _ *fakeClock) {
			_ = rn.Update("system", "sys_user", UserID("neo.agent"), map[string]string{"password_needs_reset": "true"})
		}},
		{name: "application off", before: func(rn *Running, _ *fakeClock) { _ = rn.SetOAuthApp(map[string]string{"active": "false"}) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			clock := newClock()
			rn := Start(t, func(o *Options) { o.Now = clock.now })
			b := rn.browser(t)
			b.login("neo.agent")
			var change []string
			if tt.pkce {
				change = []string{"code_challenge", challenge, "code_challenge_method", "S256"}
			}
			form := rn.codeForm(rn.allow(t, b, change...))
			if tt.before != nil {
				tt.before(rn, clock)
			}
			if tt.form != nil {
				tt.form(rn, form)
			}
			a := rn.tokens(t, form)
			if tt.ok {
				if a.status != 200 {
					t.Fatalf("%d %s", a.status, a.body)
				}
				if again := rn.tokens(t, form); again.status != 401 {
					t.Errorf("a code worked twice")
				}
				return
			}
			if a.status != 401 || strings.TrimSpace(a.body) != oneFailure {
				t.Errorf("%d %s", a.status, a.body)
			}
		})
	}
}

func TestTokenEndpointTakesFormBodiesOnly(t *testing.T) {
	rn := Start(t)
	b := rn.browser(t)
	b.login("neo.agent")
	form := rn.codeForm(rn.allow(t, b))
	for _, tt := range []struct{ name, method, path, kind, body string }{
		{"JSON", "POST", "/oauth_token.do", "application/json", `{"grant_type":"authorization_code"}`},
		{"in the URL", "POST", "/oauth_token.do?" + form.Encode(), "application/x-www-form-urlencoded", ""},
		{"GET", "GET", "/oauth_token.do?" + form.Encode(), "", ""},
		{"rubbish", "POST", "/oauth_token.do", "application/x-www-form-urlencoded", "%zz=%"},
	} {
		req, err := http.NewRequest(tt.method, rn.URL+tt.path, strings.NewReader(tt.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", tt.kind)
		resp, err := testClient.Do(req)
		if a := read(t, resp, err); a.status != 401 || strings.TrimSpace(a.body) != oneFailure {
			t.Errorf("%s: %d %s", tt.name, a.status, a.body)
		}
	}
}

func TestTokenLifetimes(t *testing.T) {
	clock := newClock()
	rn := Start(t, func(o *Options) { o.Now = clock.now })
	b := rn.browser(t)
	b.login("neo.agent")
	get := func() map[string]any { return rn.tokens(t, rn.codeForm(rn.allow(t, b))).json(t) }
	refresh := func(token string) answer {
		return rn.tokens(t, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}, "client_id": {rn.ClientID()},
			"client_secret": {rn.ClientSecret()}})
	}
	works := func(token any) int {
		return rn.bearer(t, token.(string), "/api/now/table/incident?sysparm_limit=1").status
	}
	first := get()
	clock.advance(10 * time.Minute)
	second := get()
	if second["access_token"] != first["access_token"] || second["expires_in"] != 1199.0 || second["refresh_token"] != first["refresh_token"] {
		t.Errorf("a grant while the token lives must repeat it: %v", second)
	}
	clock.advance(20 * time.Minute)
	if s := works(first["access_token"]); s != 401 {
		t.Errorf("expired token answered %d", s)
	}
	renewed := refresh(first["refresh_token"].(string)).json(t)
	if renewed["refresh_token"] != first["refresh_token"] || renewed["access_token"] == first["access_token"] || works(renewed["access_token"]) != 200 {
		t.Errorf("refresh: %v", renewed)
	}
	if a := b.get("/oauth_revoke_token.do?token=" + renewed["access_token"].(string)); a.status != 200 {
		t.Errorf("revoke: %d", a.status)
	}
	if s := works(renewed["access_token"]); s != 401 {
		t.Errorf("revoked token answered %d", s)
	}
	clock.advance(101 * 24 * time.Hour)
	if a := refresh(first["refresh_token"].(string)); a.status != 401 || strings.TrimSpace(a.body) != oneFailure {
		t.Errorf("refresh after 101 days: %d %s", a.status, a.body)
	}
	b.login("neo.agent") // the session is long gone
	third := get()
	if third["refresh_token"] == first["refresh_token"] {
		t.Error("an expired refresh token came back to life")
	}
	rn.tokens(t, url.Values{}) // nothing at all must not panic
	b.get("/oauth_revoke_token.do?token=" + third["refresh_token"].(string))
	if a := refresh(third["refresh_token"].(string)); a.status != 401 {
		t.Errorf("revoked refresh token: %d", a.status)
	}
}

func TestRefreshTokenMayBeOmitted(t *testing.T) {
	rn := Start(t, func(o *Options) { o.Quirks.RefreshTokenOmitted = true; o.Quirks.EmptyScope = true })
	b := rn.browser(t)
	b.login("neo.agent")
	tok := rn.tokens(t, rn.codeForm(rn.allow(t, b))).json(t)
	again := rn.tokens(t, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {tok["refresh_token"].(string)},
		"client_id": {rn.ClientID()}, "client_secret": {rn.ClientSecret()}}).json(t)
	if _, there := again["refresh_token"]; there || again["scope"] != "" {
		t.Errorf("refresh answer: %v", again)
	}
}

func TestPublicClientsNeedPKCEAndGetNoRefreshToken(t *testing.T) {
	rn := Start(t)
	if err := rn.SetOAuthApp(map[string]string{"public_client": "true"}); err != nil {
		t.Fatal(err)
	}
	b := rn.browser(t)
	b.login("neo.agent")
	if a := b.get(rn.authorizeURL()); !strings.Contains(a.body, "Missing code_challenge") {
		t.Errorf("no challenge: %s", a.body)
	}
	sum := sha256.Sum256([]byte("verifier"))
	form := rn.codeForm(rn.allow(t, b, "code_challenge", base64.RawURLEncoding.EncodeToString(sum[:]), "code_challenge_method", "S256"))
	form.Del("client_secret")
	form.Set("code_verifier", "verifier")
	if tok := rn.tokens(t, form).json(t); tok["access_token"] == nil || tok["refresh_token"] != nil {
		t.Errorf("token answer: %v", tok)
	}
}

func TestRedirectsStayOnTheInstance(t *testing.T) {
	for raw, want := range map[string]string{
		"/tickets/new": "/tickets/new", "/oauth_auth.do?a=b": "/oauth_auth.do?a=b", "": "/", "//evil.example": "/",
		"https://evil.example/": "/", `/\evil.example`: "/", "javascript:alert(1)": "/", "/\tevil": "/", "tickets": "/",
	} {
		if got := localTarget(raw); got != want {
			t.Errorf("localTarget(%q) = %q, want %q", raw, got, want)
		}
	}
}

func TestSignOutFromConsentComesBack(t *testing.T) {
	rn := Start(t)
	b := rn.browser(t)
	b.login("beth.anglin")
	path := rn.authorizeURL()
	a := b.get("/logout.do?sysparm_goto_url=" + url.QueryEscape(path))
	if a.header.Get("Location") != path {
		t.Fatalf("sign out goes to %q", a.header.Get("Location"))
	}
	if a := b.get(path); a.status != 302 || !strings.HasPrefix(a.header.Get("Location"), "/oauth_login.do") {
		t.Errorf("still signed in: %d", a.status)
	}
}
