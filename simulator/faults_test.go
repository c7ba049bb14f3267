package simulator

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// bare makes a request without signing in.
func (rn *Running) bare(t *testing.T, method, path, body string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, rn.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var b strings.Builder
	buf := make([]byte, 1<<16)
	for {
		n, err := resp.Body.Read(buf)
		b.Write(buf[:n])
		if err != nil {
			return resp, b.String()
		}
	}
}

func TestFaultsOnTheWay(t *testing.T) {
	const list = "/api/now/table/incident?sysparm_limit=1"
	for name, tt := range map[string]struct {
		faults Faults
		path   string
		status int
		says   string
		header map[string]string // "" means that it is missing
	}{
		"hibernating":          {Faults{Hibernating: true}, list, 200, "Your instance is hibernating", map[string]string{"Content-Type": "text/html", "X-Transaction-ID": "", "Set-Cookie": "", "WWW-Authenticate": ""}},
		"hibernating, tokens":  {Faults{Hibernating: true}, "/oauth_token.do", 200, "Instance Hibernating page", nil},
		"reclaimed":            {Faults{Reclaimed: true}, list, 502, "snow_adc", nil},
		"maintenance":          {Faults{Maintenance: true}, list, 503, "currently offline", nil},
		"login page":           {Faults{LoginPage: true}, list, 200, `action="/login.do"`, map[string]string{"Content-Type": "text/html"}},
		"identity provider":    {Faults{SSORedirect: true}, list, 302, "", nil},
		"no semaphore":         {Faults{Semaphore: 1}, list, 429, "", map[string]string{"Retry-After": "", "X-RateLimit-Limit": ""}},
		"challenge by default": {Faults{}, list, 401, "User is not authenticated", map[string]string{"WWW-Authenticate": `Basic realm="Service-now"`}},
		"bearer challenge":     {Faults{WWWAuthenticate: "bearer"}, list, 401, "", map[string]string{"WWW-Authenticate": `BEARER realm="Service-now"`}},
		"no challenge":         {Faults{WWWAuthenticate: "none"}, list, 401, "", map[string]string{"WWW-Authenticate": ""}},
	} {
		t.Run(name, func(t *testing.T) {
			rn := Start(t, func(o *Options) { o.Faults = tt.faults })
			resp, body := rn.bare(t, "GET", tt.path, "")
			if resp.StatusCode != tt.status || !strings.Contains(body, tt.says) {
				t.Errorf("%d %s", resp.StatusCode, body)
			}
			for h, want := range tt.header {
				if got := resp.Header.Get(h); got != want {
					t.Errorf("%s is %q, want %q", h, got, want)
				}
			}
		})
	}
}

func TestFaultsOfCalls(t *testing.T) {
	rn := Start(t)
	set := func(f Faults) {
		t.Helper()
		if err := rn.SetFaults(f); err != nil {
			t.Fatal(err)
		}
	}
	id, err := rn.Create("admin", "incident", map[string]string{"short_description": "x"})
	if err != nil {
		t.Fatal(err)
	}
	path := "/api/now/table/incident/" + id

	set(Faults{TruncatedJSON: 1})
	if a := rn.api(t, "admin", "GET", "/api/now/table/incident", ""); a.status != 200 || json.Valid([]byte(a.body)) || !strings.Contains(a.body, "Transaction cancelled") {
		t.Errorf("cut: %d %s", a.status, a.body)
	}
	set(Faults{FailAfterCommit: 1})
	if a := rn.api(t, "admin", "PATCH", path, `{"urgency":"1"}`); a.status != 500 || rn.Get("incident", id)["urgency"] != "1" {
		t.Errorf("failed after the commit: %d, urgency %s", a.status, rn.Get("incident", id)["urgency"])
	}
	set(Faults{RefuseAfterCommit: 1})
	if a := rn.api(t, "admin", "PATCH", path, `{"urgency":"2"}`); a.status != 403 || rn.Get("incident", id)["urgency"] != "2" {
		t.Errorf("refused after the commit: %d", a.status)
	}

	// The rule notices late: the count is flushed every so often.
	set(Faults{RateLimitPerHour: 2, RetryAfterS: 7})
	for n, want := range []int{200, 200, 429} {
		a := rn.api(t, "beth.anglin", "GET", path, "")
		if a.status != want || a.header.Get("X-RateLimit-Limit") != "2" || (a.header.Get("Retry-After") == "7") != (want == 429) {
			t.Errorf("call %d: %d, %v", n+1, a.status, a.header)
		}
	}
	set(Faults{RateLimitPerHour: 1, RateLimitFlushMS: 3_600_000})
	for range 5 {
		if a := rn.api(t, "david.loo", "GET", path, ""); a.status != 200 {
			t.Errorf("before the flush: %d", a.status)
		}
	}

	set(Faults{ClockSkewS: 600})
	a := rn.api(t, "admin", "GET", path, "")
	served, err := http.ParseTime(a.header.Get("Date"))
	if ahead := time.Until(served); err != nil || ahead < 9*time.Minute || ahead > 11*time.Minute {
		t.Errorf("the Date header is %s ahead (%v)", ahead, err)
	}
}

// receivedBodies collects what arrives at a hook.
type receivedBodies struct {
	mu   sync.Mutex
	list []string
}

func (r *receivedBodies) ServeHTTP(_ http.ResponseWriter, req *http.Request) {
	b := make([]byte, req.ContentLength)
	_, _ = req.Body.Read(b)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, string(b))
}

func TestFaultsOfDeliveries(t *testing.T) {
	for name, tt := range map[string]struct {
		faults Faults
		want   func(got []string) bool
	}{
		"none":       {Faults{}, func(got []string) bool { return len(got) == 3 }},
		"lost":       {Faults{Lost: 1}, func(got []string) bool { return len(got) == 0 }},
		"duplicated": {Faults{Duplicated: 1}, func(got []string) bool { return len(got) == 6 }},
		"delayed":    {Faults{Delayed: 1, DelayMS: 5}, func(got []string) bool { return len(got) == 3 }},
		"reordered":  {Faults{Reordered: 1}, func(got []string) bool { return len(got) == 3 }},
		"some lost":  {Faults{Lost: 0.5, Seed: 7}, func(got []string) bool { return len(got) < 3 }},
	} {
		t.Run(name, func(t *testing.T) {
			got := &receivedBodies{}
			hook := httptest.NewServer(got)
			defer hook.Close()
			rn := Start(t, func(o *Options) { o.Faults = tt.faults; o.DeliveryWorkers = 1 })
			addRule(t, rn, map[string]any{"script": `var r = new sn_ws.RESTMessageV2(); r.setEndpoint('` + hook.URL + `'); r.setHttpMethod('post');
				r.setRequestBody(String(current.sys_mod_count)); r.executeAsync();`})
			id, err := rn.Create("beth.anglin", "incident", map[string]string{"short_description": "x"})
			if err != nil {
				t.Fatal(err)
			}
			for _, urgency := range []string{"1", "2"} {
				if err := rn.Update("beth.anglin", "incident", id, map[string]string{"urgency": urgency}); err != nil {
					t.Fatal(err)
				}
			}
			if err := rn.Quiesce(t.Context()); err != nil {
				t.Fatal(err)
			}
			hook.Close() // what is being answered has been received
			if !tt.want(got.list) {
				t.Errorf("received %q", got.list)
			}
		})
	}

	// One that is held is overtaken by the next.
	got := &receivedBodies{}
	hook := httptest.NewServer(got)
	defer hook.Close()
	rn := Start(t, func(o *Options) { o.Faults = Faults{Reordered: 1}; o.DeliveryWorkers = 1 })
	addRule(t, rn, map[string]any{"script": `var r = new sn_ws.RESTMessageV2(); r.setEndpoint('` + hook.URL + `'); r.setHttpMethod('post');
		r.setRequestBody(String(current.sys_mod_count)); r.executeAsync();`})
	id, err := rn.Create("beth.anglin", "incident", map[string]string{"short_description": "x"})
	if err != nil {
		t.Fatal(err)
	}
	if err := rn.SetFaults(Faults{}); err != nil {
		t.Fatal(err)
	}
	if err := rn.Update("beth.anglin", "incident", id, map[string]string{"urgency": "1"}); err != nil {
		t.Fatal(err)
	}
	if err := rn.Quiesce(t.Context()); err != nil {
		t.Fatal(err)
	}
	if strings.Join(got.list, ",") != "1,0" {
		t.Errorf("received %q, want the second first", got.list)
	}
}

func TestSwitchesOverTheAPI(t *testing.T) {
	rn := Start(t)
	if resp, body := rn.bare(t, "PUT", "/simulator/faults", `{"faults":{"hibernating":true,"deliveries_lost":0.02},"quirks":{"old_unauthenticated_text":true}}`); resp.StatusCode != 200 {
		t.Fatalf("%d %s", resp.StatusCode, body)
	}
	if f := rn.Faults(); !f.Hibernating || f.Lost != 0.02 || !rn.Quirks().OldUnauthenticatedText {
		t.Errorf("faults %+v, quirks %+v", f, rn.Quirks())
	}
	// The switches work while everything else is away.
	if resp, body := rn.bare(t, "PUT", "/simulator/faults", `{"faults":{"hibernating":false}}`); resp.StatusCode != 200 || rn.Faults().Hibernating || rn.Faults().Lost != 0.02 {
		t.Errorf("%d %s: %+v", resp.StatusCode, body, rn.Faults())
	}
	for body, says := range map[string]string{
		`{"faults":{"no_such":true}}`:      "there are: hibernating",
		`{"faults":{"deliveries_lost":2}}`: "from 0 to 1",
		`{"quirks":{"no_such":true}}`:      "old_unauthenticated_text",
		`{"faults":{"slow_ms":"soon"}}`:    "is not a int",
		`{`:                                "unexpected end",
	} {
		if resp, got := rn.bare(t, "PUT", "/simulator/faults", body); resp.StatusCode != 400 || !strings.Contains(got, says) {
			t.Errorf("%s: %d %s", body, resp.StatusCode, got)
		}
	}
	if _, page := rn.bare(t, "GET", "/simulator", ""); !strings.Contains(page, "deliveries_lost") || !strings.Contains(page, "The API answers 200 with the login page") {
		t.Errorf("the page does not show the switches: %.300s", page)
	}
	if resp, body := rn.bare(t, "POST", "/simulator/actions", `{"action":"revoke_tokens"}`); resp.StatusCode != 200 {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
	if resp, _ := rn.bare(t, "POST", "/simulator/actions", `{"action":"nothing"}`); resp.StatusCode != 400 {
		t.Errorf("an unknown action: %d", resp.StatusCode)
	}
}

func TestQuietUpdatesTellNobody(t *testing.T) {
	got := &receivedBodies{}
	hook := httptest.NewServer(got)
	defer hook.Close()
	rn := Start(t)
	addRule(t, rn, map[string]any{"script": `var r = new sn_ws.RESTMessageV2(); r.setEndpoint('` + hook.URL + `'); r.setHttpMethod('post'); r.executeAsync();`})
	id, err := rn.Create("beth.anglin", "incident", map[string]string{"short_description": "x"})
	if err != nil {
		t.Fatal(err)
	}
	if err := rn.UpdateQuietly("incident", id, map[string]string{"urgency": "1"}); err != nil {
		t.Fatal(err)
	}
	if err := rn.Quiesce(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r := rn.Get("incident", id); len(got.list) != 1 || r["urgency"] != "1" || r["sys_mod_count"] != "1" {
		t.Errorf("%d deliveries, %v", len(got.list), r)
	}
}
