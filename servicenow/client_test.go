package servicenow_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/servicenow"
)

// stubTokens gives "access-1", and one more with each Renew.
type stubTokens struct{ renewals atomic.Int64 }

func (s *stubTokens) Token(context.Context) (string, error) {
	return fmt.Sprintf("access-%d", s.renewals.Load()+1), nil
}

func (s *stubTokens) Renew(_ context.Context, refused string) (string, error) {
	return fmt.Sprintf("access-%d", s.renewals.Add(1)+1), nil
}

// instance is a server that answers everything with f, and a client of it.
func instance(t *testing.T, f http.HandlerFunc) (*servicenow.Client, *stubTokens, *clock) {
	t.Helper()
	srv := httptest.NewServer(f)
	t.Cleanup(srv.Close)
	clk := &clock{}
	clk.set(time.Unix(1_800_000_000, 0))
	tokens := &stubTokens{}
	hc := &http.Client{Transport: &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return servicenow.NewClient(srv.URL, tokens, hc, clk.now), tokens, clk
}

// says answers with that status, type and body.
func says(status int, contentType, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", contentType)
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

const (
	asJSON      = "application/json;charset=UTF-8"
	asHTML      = "text/html;charset=UTF-8"
	hibernating = `<html><head><title>Instance Hibernating page</title></head><body>Your instance is hibernating</body></html>`
	loginPage   = `<html><form action="/login.do"><input name="user_name"><input name="user_password"></form></html>`
)

// TestAnswers: what an instance, or what stands before it, can answer, and what it means.
func TestAnswers(t *testing.T) {
	errorJSON := func(message, detail string) string {
		return fmt.Sprintf(`{"error":{"message":%q,"detail":%s},"status":"failure"}`, message, detail)
	}
	for name, tt := range map[string]struct {
		answer http.HandlerFunc
		code   neo.Code
		want   []string
	}{
		"hibernating":              {says(200, asHTML, hibernating, "Server", "snow_adc"), neo.CodeUnavailable, []string{"hibernating, under maintenance or unreachable; try again"}},
		"login page":               {says(200, asHTML, loginPage), neo.CodeUnavailable, nil},
		"JSON called HTML":         {says(200, asHTML, `{"result":{"sys_id":"a"}}`), neo.CodeUnavailable, nil},
		"HTML called JSON":         {says(200, asJSON, hibernating), neo.CodeUnavailable, nil},
		"no type":                  {says(200, "", `{"result":{"sys_id":"a"}}`), neo.CodeUnavailable, nil},
		"truncated":                {says(200, asJSON, `{"result":{"sys_id":"a","number":"IN`), neo.CodeUnavailable, nil},
		"truncated with an error":  {says(200, asJSON, `{"result":[{"sys_id":"a"},{"error":{"message":"Transaction cancelled: maximum execution time exceeded"},"status":"failure"}`), neo.CodeUnavailable, nil},
		"empty":                    {says(200, asJSON, ``), neo.CodeUnavailable, nil},
		"no result":                {says(200, asJSON, `{"status":"ok"}`), neo.CodeUnavailable, nil},
		"result and error":         {says(200, asJSON, `{"result":[],"error":{"message":"x"}}`), neo.CodeUnavailable, nil},
		"result of another kind":   {says(200, asJSON, `{"result":"ok"}`), neo.CodeUnavailable, nil},
		"204 to a read":            {says(204, asJSON, ``), neo.CodeUnavailable, nil},
		"500":                      {says(500, asJSON, errorJSON("Transaction cancelled: maximum execution time exceeded", "null")), neo.CodeUnavailable, nil},
		"502":                      {says(502, asHTML, `<html>502</html>`), neo.CodeUnavailable, nil},
		"503":                      {says(503, asHTML, `<html>currently offline</html>`), neo.CodeUnavailable, nil},
		"503 with JSON":            {says(503, asJSON, errorJSON("x", "null")), neo.CodeUnavailable, nil},
		"redirect to the IdP":      {says(302, asHTML, ``, "Location", "https://idp.example/sso"), neo.CodeUnavailable, nil},
		"redirect on the instance": {says(302, asHTML, ``, "Location", "/login_redirect.do"), neo.CodeUnavailable, nil},
		"401 as HTML":              {says(401, asHTML, `<html>proxy</html>`), neo.CodeUnavailable, nil},
		"401, new words":           {says(401, asJSON, errorJSON("User is not authenticated", `"Required to provide Auth information"`), "X-Transaction-ID", "9b49"), neo.CodeRefused, []string{"click Reconnect"}},
		"401, old words":           {says(401, asJSON, errorJSON("User Not Authenticated", `"Required to provide Auth information"`)), neo.CodeRefused, []string{"click Reconnect"}},
		"403 as HTML":              {says(403, asHTML, `<html>blocked</html>`), neo.CodeUnavailable, []string{"Neo's address"}},
		"404 as HTML":              {says(404, asHTML, `<html>not here</html>`), neo.CodeUnavailable, nil},
		"404":                      {says(404, asJSON, errorJSON("No Record found", `"Record doesn't exist or ACL restricts the record retrieval"`)), neo.CodeNotFound, []string{"no such record, or Neo's account may not see it"}},
		"404, other words":         {says(404, asJSON, errorJSON("Requested URI does not represent any resource", `"/api/now/table/incident"`)), neo.CodeUnavailable, nil},
		"400, table":               {says(400, asJSON, errorJSON("Invalid table incident", "null")), neo.CodeInvalid, []string{"Invalid table incident"}},
		"400, detail is missing":   {says(400, asJSON, `{"error":{"message":"Invalid table incident"},"status":"failure"}`), neo.CodeInvalid, nil},
		"414":                      {says(414, asHTML, `Request-URI Too Long`), neo.CodeTooLarge, []string{"8192"}},
		"415":                      {says(415, asJSON, errorJSON("Unsupported media type", "null")), neo.CodeRefused, []string{"415"}},
		"403, record":              {says(403, asJSON, errorJSON("Operation Failed", `"ACL Exception Update Failed due to security constraints"`)), neo.CodeRefused, []string{"ACL Exception Update Failed due to security constraints. Give", "itil", "No reconnect"}},
		"403, data policy":         {says(403, asJSON, errorJSON("Operation Failed", `"Data Policy Exception: The following fields are mandatory: Resolution code"`)), neo.CodeRefused, []string{"mandatory: Resolution code", "Fill in these fields"}},
		"403, business rule":       {says(403, asJSON, errorJSON("Operation Failed", `"Operation against file 'incident' was aborted by Business Rule 'Abort changes on group^6a2e9d14'. Business Rule Stack:Abort changes on group"`)), neo.CodeRefused, []string{"'Abort changes on group", "ask an administrator"}},
		"403, endpoint":            {says(403, asJSON, errorJSON("User Not Authorized", `"Failed API level ACL Validation"`)), neo.CodeRefused, []string{"itil, or sn_incident_read", "No reconnect"}},
		"403, scope":               {says(403, asJSON, errorJSON("Forbidden", `"Missing required api access scope"`)), neo.CodeRefused, []string{"useraccount"}},
		"403, field in query":      {says(403, asJSON, errorJSON("Insufficient rights to query records", `"Field(s) present in the query do not have permission to be read"`)), neo.CodeRefused, []string{"may read these fields"}},
		"403, unheard of":          {says(403, asJSON, errorJSON("Nope", "null")), neo.CodeRefused, []string{"ServiceNow refused: Nope. Check the roles"}},
		"403, control characters":  {says(403, asJSON, `{"error":{"message":"a\u001b[31m\nb","detail":null},"status":"failure"}`), neo.CodeRefused, []string{"refused: a [31m b."}},
		"403, endless":             {says(403, asJSON, errorJSON(strings.Repeat("é", 10_000), "null")), neo.CodeRefused, []string{"é…"}},
		"more than 10 MiB":         {func(w http.ResponseWriter, r *http.Request) { w.Header().Set("Content-Type", asJSON); endless(w) }, neo.CodeTooLarge, []string{"10 MiB"}},
		"connection cut":           {func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) }, neo.CodeUnavailable, nil},
		"cut inside the body": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "500")
			says(200, asJSON, `{"result"`)(w, r)
			panic(http.ErrAbortHandler)
		}, neo.CodeUnavailable, nil},
	} {
		t.Run(name, func(t *testing.T) {
			c, _, _ := instance(t, tt.answer)
			r, err := c.Get(t.Context(), "incident", "a1", nil, true)
			if neo.CodeOf(err) != tt.code {
				t.Fatalf("got %v, %v; want %s", r, err, tt.code)
			}
			for _, want := range tt.want {
				if !strings.Contains(neo.MessageOf(err), want) {
					t.Errorf("%q does not say %q", neo.MessageOf(err), want)
				}
			}
			if len(neo.MessageOf(err)) > 700 || strings.Contains(err.Error(), "access-") {
				t.Errorf("error %v", err)
			}
			if tt.code == neo.CodeUnavailable {
				if wait, ok := neo.Retryable(err); !ok || wait != 0 {
					t.Errorf("retryable %v %t", wait, ok)
				}
			}
		})
	}
}

func endless(w io.Writer) {
	chunk := strings.Repeat("x", 1<<20)
	_, _ = io.WriteString(w, `{"result":{"a":"`)
	for range 11 {
		if _, err := io.WriteString(w, chunk); err != nil {
			return
		}
	}
}

func TestRateLimits(t *testing.T) {
	const body = `{"error":{"message":"Rate limit exceeded","detail":"Rate limit of 100 requests per hour for Table API exceeded"},"status":"failure"}`
	for name, tt := range map[string]struct {
		answer http.HandlerFunc
		wait   time.Duration
	}{
		"with Retry-After":         {says(429, asJSON, body, "Retry-After", "30"), 30 * time.Second},
		"with an hour":             {says(429, asJSON, body, "Retry-After", "3600"), 5 * time.Minute},
		"with a date":              {says(429, asJSON, body, "Retry-After", time.Unix(1_800_000_060, 0).UTC().Format(http.TimeFormat)), time.Minute},
		"with a reset alone":       {says(429, asJSON, body, "X-RateLimit-Reset", "1800000045"), 45 * time.Second},
		"with a reset in the past": {says(429, asJSON, body, "X-RateLimit-Reset", "1700000000"), 0},
		"with nonsense":            {says(429, asJSON, body, "Retry-After", "-Inf"), 0},
		"out of semaphores":        {says(429, asHTML, `<html>busy</html>`), 0},
	} {
		t.Run(name, func(t *testing.T) {
			var calls atomic.Int64
			c, _, clk := instance(t, func(w http.ResponseWriter, r *http.Request) { calls.Add(1); tt.answer(w, r) })
			_, err := c.Get(t.Context(), "incident", "a1", nil, true)
			if wait, ok := neo.Retryable(err); neo.CodeOf(err) != neo.CodeRateLimited || !ok || wait != tt.wait {
				t.Fatalf("got %v, wait %v; want %v", err, wait, tt.wait)
			}
			// Until then nothing is sent; after it, again.
			_, err = c.Get(t.Context(), "incident", "a1", nil, true)
			sent := int64(2)
			if tt.wait > 0 {
				sent = 1
			}
			if neo.CodeOf(err) != neo.CodeRateLimited || calls.Load() != sent {
				t.Errorf("%d calls, %v", calls.Load(), err)
			}
			clk.add(tt.wait)
			if _, _ = c.Get(t.Context(), "incident", "a1", nil, true); calls.Load() != sent+1 {
				t.Errorf("%d calls after the wait", calls.Load())
			}
		})
	}
}

func TestRefusedTokenIsRenewedOnce(t *testing.T) {
	var mu sync.Mutex
	var seen []string
	c, tokens, _ := instance(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, r.Header.Get("Authorization"))
		if len(seen) == 1 {
			says(401, asJSON, `{"error":{"message":"User is not authenticated","detail":"x"},"status":"failure"}`)(w, r)
			return
		}
		b, _ := io.ReadAll(r.Body)
		if r.Method != http.MethodPatch || string(b) != `{"state":"2"}` {
			t.Errorf("the second time: %s %s", r.Method, b)
		}
		says(200, asJSON, `{"result":{"sys_id":"a1"}}`)(w, r)
	})
	if _, err := c.Patch(t.Context(), "incident", "a1", map[string]string{"state": "2"}, nil); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(seen) != "[Bearer access-1 Bearer access-2]" || tokens.renewals.Load() != 1 {
		t.Errorf("seen %v", seen)
	}
}

func TestAtMostFourCallsAtOnce(t *testing.T) {
	var now, most atomic.Int64
	full, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	c, _, _ := instance(t, func(w http.ResponseWriter, r *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		if n == 4 {
			once.Do(func() { close(full) })
		}
		<-release
		says(200, asJSON, `{"result":{"sys_id":"a1"}}`)(w, r)
	})
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := c.Get(t.Context(), "incident", "a1", nil, false); err != nil {
				t.Error(err)
			}
		})
	}
	<-full
	close(release)
	wg.Wait()
	if most.Load() != 4 {
		t.Errorf("%d at once", most.Load())
	}
}

func TestSlowInstance(t *testing.T) {
	arrived := make(chan struct{})
	c, _, _ := instance(t, func(w http.ResponseWriter, r *http.Request) { close(arrived); <-r.Context().Done() })
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	if _, err := c.Get(ctx, "incident", "a1", nil, false); neo.CodeOf(err) != neo.CodeUnavailable {
		t.Error(err)
	}
}

func TestNothingIsKeptOrFollowed(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") }))
	t.Cleanup(other.Close)
	var cookies, agents []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cookies, agents = append(cookies, r.Header.Get("Cookie")), append(agents, r.UserAgent())
		switch {
		case strings.HasSuffix(r.URL.Path, "_token.do"):
			says(200, asJSON, `{"access_token":"a","refresh_token":"r","expires_in":1799}`, "Set-Cookie", "JSESSIONID=1; Path=/")(w, r)
		default:
			says(307, asHTML, "", "Set-Cookie", "glide_user=1; Path=/", "Location", other.URL+"/login")(w, r)
		}
	}))
	t.Cleanup(srv.Close)
	store, vault := newMemStore(), newMemVault()
	cs := servicenow.NewConnections(store, vault, "1.2.3", nil)
	t.Cleanup(cs.Close)
	con := servicenow.NewConnector(cs, "https://neo.example", []string{strings.TrimPrefix(srv.URL, "http://")})
	_, address, err := con.Begin(t.Context(), neo.DefaultTenant, session, neo.ConnectInput{InstanceURL: srv.URL, ClientID: "c", ClientSecret: "s"})
	if err != nil {
		t.Fatal(err)
	}
	a, err := con.Complete(t.Context(), session, sentBack(mustQuery(t, address, "code", "x")), nil)
	if neo.CodeOf(err) != neo.CodeUnavailable || a.Outcome != neo.Failure {
		t.Errorf("got %v", err)
	}
	for i := range cookies {
		if cookies[i] != "" || agents[i] != "Neo-Agent/1.2.3" {
			t.Errorf("call %d: cookie %q, agent %q", i, cookies[i], agents[i])
		}
	}
	if len(cookies) < 4 {
		t.Errorf("%d calls", len(cookies))
	}
	if in := store.integration(t, a.IntegrationID); in.State != neo.StateFailed || !strings.Contains(in.Message, "try again") {
		t.Errorf("integration %+v", in)
	}
}

// TestTokenEndpoint: what its answers to the code mean.
func TestTokenEndpoint(t *testing.T) {
	for name, tt := range map[string]struct {
		answer http.HandlerFunc
		code   neo.Code
		want   string
	}{
		"server_error":        {says(401, asJSON, `{"error_description":"access_denied","error":"server_error"}`), neo.CodeRefused, "OAuth callback failed: invalid_client. "},
		"access_denied":       {says(401, asJSON, `{"error":"access_denied"}`), neo.CodeRefused, "OAuth callback failed: invalid_client. "},
		"invalid_client":      {says(400, asJSON, `{"error":"invalid_client"}`), neo.CodeRefused, "OAuth callback failed: invalid_client. "},
		"invalid_grant":       {says(400, asJSON, `{"error":"invalid_grant"}`), neo.CodeRefused, "OAuth callback failed: invalid_client. "},
		"another code":        {says(400, asJSON, `{"error":"unsupported_grant_type"}`), neo.CodeRefused, "OAuth callback failed: unsupported_grant_type. "},
		"a code of HTML":      {says(400, asJSON, `{"error":"<b>"}`), neo.CodeRefused, "OAuth callback failed: unknown_error. "},
		"hibernating":         {says(200, asHTML, hibernating), neo.CodeUnavailable, "hibernating"},
		"401 as HTML":         {says(401, asHTML, hibernating), neo.CodeUnavailable, "hibernating"},
		"401 without a code":  {says(401, asJSON, `{}`), neo.CodeUnavailable, "hibernating"},
		"401 of the REST API": {says(401, asJSON, `{"error":{"message":"User is not authenticated"}}`), neo.CodeUnavailable, "hibernating"},
		"500 with a code":     {says(500, asJSON, `{"error":"server_error"}`), neo.CodeUnavailable, "hibernating"},
		"502":                 {says(502, asHTML, `<html></html>`), neo.CodeUnavailable, "hibernating"},
		"redirect":            {says(302, asHTML, ``, "Location", "https://idp.example"), neo.CodeUnavailable, "hibernating"},
		"no token":            {says(200, asJSON, `{"token_type":"Bearer"}`), neo.CodeUnavailable, "hibernating"},
		"huge":                {func(w http.ResponseWriter, r *http.Request) { w.Header().Set("Content-Type", asJSON); endless(w) }, neo.CodeUnavailable, "hibernating"},
		"cut":                 {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, neo.CodeUnavailable, "hibernating"},
	} {
		t.Run(name, func(t *testing.T) {
			var sent atomic.Value
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				b, _ := io.ReadAll(r.Body)
				sent.Store(string(b))
				if r.URL.RawQuery != "" || r.Header.Get("Authorization") != "" {
					t.Errorf("parameters outside the body: %s, %s", r.URL, r.Header.Get("Authorization"))
				}
				tt.answer(w, r)
			}))
			t.Cleanup(srv.Close)
			store := newMemStore()
			cs := servicenow.NewConnections(store, newMemVault(), "", nil)
			t.Cleanup(cs.Close)
			con := servicenow.NewConnector(cs, "https://neo.example", []string{strings.TrimPrefix(srv.URL, "http://")})
			_, address, err := con.Begin(t.Context(), neo.DefaultTenant, session, neo.ConnectInput{InstanceURL: srv.URL, ClientID: " cli ", ClientSecret: "s3cret\n"})
			if err != nil {
				t.Fatal(err)
			}
			a, err := con.Complete(t.Context(), session, sentBack(mustQuery(t, address, "code", "c0de")), nil)
			if neo.CodeOf(err) != tt.code || !strings.Contains(neo.MessageOf(err), tt.want) || a.Outcome != neo.Failure {
				t.Errorf("got %v, want %s: %s", err, tt.code, tt.want)
			}
			form := sent.Load().(string)
			for _, part := range []string{"grant_type=authorization_code", "code=c0de", "client_id=cli&", "client_secret=s3cret&", "code_verifier=", "redirect_uri=https%3A%2F%2Fneo.example%2Foauth%2Fservicenow%2Fcallback"} {
				if !strings.Contains(form+"&", part) {
					t.Errorf("the form %s lacks %s", form, part)
				}
			}
			if all, _ := store.Integrations(t.Context(), neo.DefaultTenant); len(all) != 0 {
				t.Errorf("saved %+v", all)
			}
			for _, secret := range []string{"s3cret", "c0de"} {
				if strings.Contains(fmt.Sprint(err), secret) {
					t.Errorf("%q is in %v", secret, err)
				}
			}
		})
	}
}
