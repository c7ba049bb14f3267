package simulator

import (
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// answer is one HTTP answer, read to the end.
type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) json(t *testing.T) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		t.Fatalf("not JSON: %v\n%s", err, a.body)
	}
	return v
}

func (a answer) result(t *testing.T) map[string]any {
	t.Helper()
	r, ok := a.json(t)["result"].(map[string]any)
	if !ok {
		t.Fatalf("no result object in %d %s", a.status, a.body)
	}
	return r
}

func (a answer) rows(t *testing.T) []map[string]any {
	t.Helper()
	list, ok := a.json(t)["result"].([]any)
	if !ok {
		t.Fatalf("no result list in %d %s", a.status, a.body)
	}
	out := []map[string]any{}
	for _, r := range list {
		out = append(out, r.(map[string]any))
	}
	return out
}

func read(t *testing.T, resp *http.Response, err error) answer {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(b)}
}

// api calls the API as a sample user by Basic auth.
func (rn *Running) api(t *testing.T, user, method, path, body string) answer {
	t.Helper()
	req, err := http.NewRequest(method, rn.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if user != "" {
		req.SetBasicAuth(user, user)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := testClient.Do(req)
	return read(t, resp, err)
}

// testClient keeps no connection, so that nothing outlives a test.
var testClient = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

// browser keeps cookies and shows redirects instead of following them.
type browser struct {
	t    *testing.T
	base string
	http *http.Client
}

func (rn *Running) browser(t *testing.T) *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t, rn.URL, &http.Client{Transport: testClient.Transport, Jar: jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

func (b *browser) get(path string) answer {
	b.t.Helper()
	resp, err := b.http.Get(b.base + path)
	return read(b.t, resp, err)
}

func (b *browser) post(path string, form url.Values) answer {
	b.t.Helper()
	resp, err := b.http.PostForm(b.base+path, form)
	return read(b.t, resp, err)
}

func (b *browser) login(user string) {
	b.t.Helper()
	a := b.post("/login.do", url.Values{"user_name": {user}, "user_password": {user}})
	if a.status != 302 {
		b.t.Fatalf("login of %s: %d %s", user, a.status, a.body)
	}
}

var hiddenToken = regexp.MustCompile(`name="sysparm_ck" value="([^"]+)"`)

// csrf finds the form token of a page.
func csrf(t *testing.T, a answer) string {
	t.Helper()
	m := hiddenToken.FindStringSubmatch(a.body)
	if m == nil {
		t.Fatalf("no form token in %d %s", a.status, a.body)
	}
	return m[1]
}

var actionAttribute = regexp.MustCompile(`<form method="post" action="([^"]+)"`)

// formAction is where the page's first form posts to, read as a browser reads it.
func formAction(t *testing.T, a answer) string {
	t.Helper()
	m := actionAttribute.FindStringSubmatch(a.body)
	if m == nil {
		t.Fatalf("no form in %d %s", a.status, a.body)
	}
	return html.UnescapeString(m[1])
}

// receiver collects what business rules send.
type receiver struct {
	mu   sync.Mutex
	got  []received
	came chan struct{}
}

type received struct {
	method, path, query, body string
	header                    http.Header
}

func (rc *receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b, _ := io.ReadAll(r.Body)
	rc.mu.Lock()
	rc.got = append(rc.got, received{r.Method, r.URL.Path, r.URL.RawQuery, string(b), r.Header})
	rc.mu.Unlock()
	select {
	case rc.came <- struct{}{}:
	default:
	}
	w.WriteHeader(http.StatusAccepted)
}

func newReceiver() *receiver { return &receiver{came: make(chan struct{}, 1)} }

// wait returns once n requests came.
func (rc *receiver) wait(t *testing.T, n int) []received {
	t.Helper()
	deadline := time.After(10 * time.Second)
	for {
		rc.mu.Lock()
		got := append([]received(nil), rc.got...)
		rc.mu.Unlock()
		if len(got) >= n {
			return got
		}
		select {
		case <-rc.came:
		case <-deadline:
			t.Fatalf("%d of %d requests came", len(got), n)
		}
	}
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// hangUntil is a server that never answers before released.
func hangUntil(release <-chan struct{}) http.Handler {
	return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
}
