package app_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/goleak"
	_ "modernc.org/sqlite"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/app"
	"github.com/neoagent/neo/simulator"
	"github.com/neoagent/neo/store/postgrestest"
	"github.com/neoagent/neo/visitor"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(postgrestest.Tests(m)) }

const (
	email    = "admin@neo.example"
	password = "correct horse battery"
)

// log collects what a Neo says.
type log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// running is a Neo beside a simulated instance.
type running struct {
	*app.App
	log       *log
	visitor   *visitor.Neo
	instance  *simulator.Running
	metrics   string
	dir       string
	allowHost string
}

func config(t *testing.T, l *log) app.Config {
	return app.Config{
		Listen: "127.0.0.1:0", DataDir: t.TempDir(), Version: "test", UI: fstest.MapFS{"index.html": {Data: []byte("<title>Neo</title>")}},
		Log: app.NewLog(l, slog.LevelDebug, false),
	}
}

func run(t *testing.T, change ...func(*app.Config)) *running {
	t.Helper()
	r := &running{log: &log{}}
	c := config(t, r.log)
	for _, f := range change {
		f(&c)
	}
	r.instance = simulator.Start(t)
	r.allowHost = strings.TrimPrefix(r.instance.URL, "http://")
	c.AllowHosts = append(c.AllowHosts, r.allowHost)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.metrics = l.Addr().String()
	_ = l.Close()
	c.MetricsListen, r.dir = r.metrics, c.DataDir
	if r.App, err = app.New(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		r.visitor.Close()
		r.Stop(ctx)
	})
	r.visitor = visitor.At(r.URL())
	if err := r.instance.SetRedirectURLs(r.URL() + "/oauth/servicenow/callback"); err != nil {
		t.Fatal(err)
	}
	if err := r.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return r
}

// connect signs in, connects the instance and lets Neo write there; it returns the
// planted callback.
func (r *running) connect(t *testing.T) string {
	t.Helper()
	if err := r.visitor.SignIn(t.Context(), email, password, r.SetupToken); err != nil {
		t.Fatal(err)
	}
	i, err := r.visitor.Connect(t.Context(), visitor.Consent{
		InstanceURL: r.instance.URL, ClientID: r.instance.ClientID(), ClientSecret: r.instance.ClientSecret(), User: "neo.agent", Password: "neo.agent",
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.visitor.Allow(t.Context(), i.ID, neo.FullAccess()); err != nil {
		t.Fatal(err)
	}
	found := r.instance.Find("sys_properties", "name=x_neoagent.callback_url")
	if len(found) != 1 {
		t.Fatalf("%d callback properties are planted, want 1", len(found))
	}
	return r.instance.Get("sys_properties", found[0])["value"]
}

func send(t *testing.T, method, url, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// counted returns a counter of deliveries as Prometheus would read it.
func (r *running) counted(t *testing.T, result string) string {
	t.Helper()
	_, text := send(t, http.MethodGet, "http://"+r.metrics+"/metrics", "")
	m := regexp.MustCompile(`neo_deliveries_total\{result="` + result + `"\} (\d+)`).FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("no counter for %q", result)
	}
	return m[1]
}

func TestBadDeliveries(t *testing.T) {
	r := run(t)
	callback := r.connect(t)
	good := func(table string) string {
		return fmt.Sprintf(`{"sys_id":"%032x","number":"INC0000001","sys_mod_count":"1","table":%q}`, 1, table)
	}
	for _, c := range []struct {
		name, method, url, body string
		status                  int
		says, counter           string
	}{
		{"wrong token", "POST", strings.Replace(callback, "key=", "key=x", 1), good("incident"), 403, "Reconnect", "key"},
		{"no token", "POST", r.URL() + "/callback/servicenow", good("incident"), 403, "Reconnect", "key"},
		{"not JSON", "POST", callback, "sys_id=1", 400, "JSON", "body"},
		{"empty", "POST", callback, "", 400, "JSON", "body"},
		{"2 MiB", "POST", callback, `{"sys_id":"` + strings.Repeat("a", 2<<20) + `"}`, 413, "1 MiB", "too_large"},
		{"10,000 levels", "POST", callback, strings.Repeat(`{"a":`, 10_000) + "1" + strings.Repeat("}", 10_000), 400, "", "body"},
		{"unknown table", "POST", callback, good("kb_knowledge"), 400, "change_request", "body"},
		{"missing keys", "POST", callback, `{"number":"INC0000001"}`, 400, "sys_id", "body"},
		{"control bytes", "POST", callback, "{\"sys_id\":\"\x00\x01\"}", 400, "", "body"},
		{"wrong method", "GET", callback, "", 405, "POST", "method"},
		{"wrong method with a body", "PUT", callback, good("incident"), 405, "POST", "method"},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := r.counted(t, c.counter)
			status, text := send(t, c.method, c.url, c.body)
			if status != c.status || !strings.Contains(text, c.says) || !strings.Contains(text, `"error"`) {
				t.Errorf("answered %d %s\nwant %d and %q", status, text, c.status, c.says)
			}
			if len(text) > 2000 {
				t.Errorf("the answer has %d bytes", len(text))
			}
			if after := r.counted(t, c.counter); after == before {
				t.Errorf("the counter %q stayed at %s", c.counter, before)
			}
		})
	}
	if status, text := send(t, "POST", callback, good("incident")); status != 200 {
		t.Errorf("a good delivery after all the bad ones was answered %d %s", status, text)
	}
	if r.counted(t, "accepted") != "1" {
		t.Error("the good delivery is not counted as accepted, or a bad one is")
	}
}

// The secrets of connections and endpoints are in no log line, answer or database file.
func TestSecretsStayInside(t *testing.T) {
	inside := receiver(t)
	r := run(t, fast, func(c *app.Config) { c.MessageAllowHosts = []string{inside.host()} })
	callback := r.connect(t)
	_, key, _ := strings.Cut(callback, "key=")
	secrets := map[string]string{"client secret": r.instance.ClientSecret(), "callback secret": key, "password": password}
	r.ticket(t, "Delivered and signed")
	r.untilKnown(t, "Delivered and signed")
	for i, token := range r.instance.IssuedTokens() {
		secrets[fmt.Sprintf("token %d", i)] = token
	}
	r.instance.RevokeTokens() // what fails now must not tell either
	r.untilState(t, neo.StateReconnect)
	if len(key) < 20 {
		t.Fatalf("the callback %q has no secret", callback)
	}
	ofEndpoints, said := r.endpointSecrets(t, inside)
	maps.Copy(secrets, ofEndpoints)
	status, _ := send(t, "POST", callback, "not JSON") // is logged, with its address
	if status != 400 {
		t.Fatalf("answered %d", status)
	}
	var answers strings.Builder
	answers.WriteString(said)
	for _, path := range []string{"/api/v1/integrations", "/api/v1/workflows", "/api/v1/history", "/api/v1/session", "/api/v1/integrations/servicenow/form",
		"/api/v1/alerts", "/api/v1/endpoints", "/api/v1/integrations/" + r.integration(t).ID, "/api/v1/integrations/" + r.integration(t).ID + "/health"} {
		text, err := visitor.Get[any](t.Context(), &r.visitor.Client, path)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&answers, text)
	}
	places := map[string]string{"the log": r.log.String(), "an answer": answers.String()}
	for _, name := range []string{"neo.db", "neo.db-wal"} {
		text, err := os.ReadFile(filepath.Join(r.dir, name))
		if err != nil {
			t.Fatal(err)
		}
		places[name] = string(text)
	}
	if len(secrets) < 5 {
		t.Fatalf("only %d secrets are looked for", len(secrets))
	}
	for what, secret := range secrets {
		for where, text := range places {
			if strings.Contains(text, secret) {
				t.Errorf("the %s is in %s", what, where)
			}
		}
	}
}

func TestRefusalsToStart(t *testing.T) {
	t.Run("the port is taken", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = l.Close() }()
		c := config(t, &log{})
		c.Listen = l.Addr().String()
		refused(t, c, "is taken by another program", "--listen")
	})
	t.Run("the directory is not writable", func(t *testing.T) {
		c := config(t, &log{})
		c.DataDir = "/proc"
		refused(t, c, "/proc is not writable", "--data-dir")
	})
	t.Run("the directory cannot be made", func(t *testing.T) {
		c := config(t, &log{})
		file := filepath.Join(c.DataDir, "file")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		c.DataDir = filepath.Join(file, "data")
		refused(t, c, "cannot be made", "--data-dir")
	})
	t.Run("a running Neo has the directory", func(t *testing.T) {
		c := config(t, &log{})
		first, err := app.New(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		defer first.Stop(context.Background())
		refused(t, c, fmt.Sprintf("(process %d) is running", os.Getpid()), "--data-dir")
	})
	t.Run("the database is newer", func(t *testing.T) {
		c := config(t, &log{})
		startAndStop(t, c)
		change(t, c.DataDir, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)`)
		refused(t, c, "newer", "9999")
	})
	t.Run("the key is another one", func(t *testing.T) {
		c := config(t, &log{})
		startAndStop(t, c)
		if err := os.Remove(filepath.Join(c.DataDir, "neo.key")); err != nil {
			t.Fatal(err)
		}
		refused(t, c, "neo.key", "key")
	})
	t.Run("the public URL has a path", func(t *testing.T) {
		c := config(t, &log{})
		c.PublicURL = "https://neo.example.com/neo"
		refused(t, c, "NEO_PUBLIC_URL")
	})
}

func refused(t *testing.T, c app.Config, says ...string) {
	t.Helper()
	a, err := app.New(t.Context(), c)
	if err == nil {
		a.Stop(context.Background())
		t.Fatal("it started")
	}
	for _, s := range says {
		if !strings.Contains(neo.MessageOf(err), s) {
			t.Errorf("it says %q, want %q in it", neo.MessageOf(err), s)
		}
	}
}

func startAndStop(t *testing.T, c app.Config) {
	t.Helper()
	a, err := app.New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	a.Stop(context.Background())
}

func change(t *testing.T, dir, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, "neo.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

func TestKeyFileIsForItsOwnerAlone(t *testing.T) {
	c := config(t, &log{})
	startAndStop(t, c)
	info, err := os.Stat(filepath.Join(c.DataDir, "neo.key"))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the key file has mode %o, want 600", info.Mode().Perm())
	}
}

func TestSetupLinkWorksOnce(t *testing.T) {
	r := run(t)
	m := regexp.MustCompile(`/setup\?token=([\w-]+)`).FindStringSubmatch(r.log.String())
	if m == nil {
		t.Fatalf("no setup link in the log:\n%s", r.log)
	}
	body := fmt.Sprintf(`{"token":%q,"name":"A","email":%q,"password":%q}`, m[1], email, password)
	for i, want := range []int{200, 409} {
		status, text := send(t, "POST", r.URL()+"/api/v1/setup", body)
		if status != want && (i == 0 || status/100 != 4) {
			t.Errorf("use %d of the link was answered %d %s, want %d", i+1, status, text, want)
		}
	}
}

func TestAPINeedsSignIn(t *testing.T) {
	r := run(t)
	for _, path := range []string{"/api/v1/integrations", "/api/v1/workflows", "/api/v1/history", "/api/v1/live", "/api/v1/runs/x", "/api/v1/events/x"} {
		if status, text := send(t, "GET", r.URL()+path, ""); status != 401 || !strings.Contains(text, `"code":"unauthorized"`) {
			t.Errorf("%s was answered %d %s, want 401", path, status, text)
		}
	}
}

func TestOtherSitesCannotWrite(t *testing.T) {
	r := run(t)
	req, err := http.NewRequestWithContext(t.Context(), "POST", r.URL()+"/api/v1/session", strings.NewReader(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	req.Header.Set("Origin", "https://evil.example")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != 403 {
		t.Errorf("a request from another site was answered %s, want 403", resp.Status)
	}
}
