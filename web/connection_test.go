package web

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/neoagent/neo"
)

// desk is what a Server of these tests stands on. A save of the settings takes as long
// as the test says; whoever calls has the one API key.
type desk struct {
	Store
	saving func(context.Context) error
}

func (*desk) Ping(context.Context) error              { return nil }
func (*desk) Writable(context.Context) error          { return nil }
func (*desk) CountUsers(context.Context) (int, error) { return 1, nil }

func (d *desk) APIKeyByHash(_ context.Context, hash []byte) (neo.APIKey, error) {
	return neo.APIKey{Hash: hash, LastUsedAt: time.Now()}, nil
}
func (*desk) User(context.Context, string, string) (neo.User, error) { return neo.User{ID: "u"}, nil }
func (*desk) Settings(context.Context, string) (neo.Settings, error) {
	return neo.DefaultSettings(), nil
}
func (d *desk) SaveSettings(ctx context.Context, _ string, _ neo.Settings) error {
	return d.saving(ctx)
}

// door takes deliveries for these tests.
type door struct {
	Ingest
	Watch
}

func (door) Authorize(context.Context, string, string) (neo.Integration, error) {
	return neo.Integration{ID: "i"}, nil
}

func (door) Submit(ctx context.Context, _ neo.Event) (bool, error) { return true, ctx.Err() }
func (door) Delivered(string, neo.Deliveries)                      {}

// serve starts a Server with the time limits of a real one, and a proxy that keeps 32
// connections to it.
func serve(t *testing.T, d *desk) (direct, proxied string) {
	t.Helper()
	s, err := New(Options{
		Store: d, Ingest: door{}, Watch: door{}, Log: slog.New(slog.DiscardHandler), Live: NewLive(), Metrics: NewMetrics(),
		Decode: func([]byte) (neo.Event, error) { return neo.Event{}, nil },
		UI:     fstest.MapFS{"index.html": {Data: []byte("<title>Neo</title>")}}, Version: "dev",
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(s)
	server.Config.ReadTimeout, server.Config.WriteTimeout = 30*time.Second, 90*time.Second
	server.Start()
	t.Cleanup(server.Close)
	target, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	transport := &http.Transport{MaxIdleConns: 32, MaxIdleConnsPerHost: 32}
	t.Cleanup(transport.CloseIdleConnections)
	proxy.Transport = transport
	front := httptest.NewServer(proxy)
	t.Cleanup(front.Close)
	return server.URL, front.URL
}

const goodSettings = `{"time_zone":"UTC","business_days":["MON"],"opens_at":"09:00","closes_at":"17:00"}`

func saveRequest(t *testing.T, at string, body io.Reader) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, at+"/api/v1/settings", body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer neo_sk_x")
	r.Header.Set("Content-Type", "application/json")
	return r
}

// one answers an error unless the answer has this status and is one JSON document.
func one(response *http.Response, want int) error {
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != want || !json.Valid(text) {
		return fmt.Errorf("%s %s was answered %d %s", response.Request.Method, response.Request.URL.Path, response.StatusCode, text)
	}
	return nil
}

// A call that takes longer than huma gives to the reading of a body (5 s, the default
// that each call has) is answered, and its connection goes on.
func TestFault17SlowCallKeepsItsConnection(t *testing.T) {
	if testing.Short() {
		t.Skip("takes six seconds")
	}
	const parallel = 60
	for _, name := range []string{"direct", "through a proxy"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var quick atomic.Bool
			at, proxied := serve(t, &desk{saving: func(ctx context.Context) error {
				if quick.Load() {
					return ctx.Err()
				}
				select {
				case <-time.After(6 * time.Second):
					return nil
				case <-ctx.Done():
					return ctx.Err()
				}
			}})
			if name != "direct" {
				at = proxied
			}
			transport := &http.Transport{MaxIdleConnsPerHost: parallel}
			defer transport.CloseIdleConnections()
			client := &http.Client{Transport: transport}
			var all sync.WaitGroup
			failed := make(chan error, 10*parallel)
			for range parallel {
				all.Go(func() {
					response, err := client.Do(saveRequest(t, at, strings.NewReader(goodSettings)))
					if err == nil {
						err = one(response, http.StatusOK)
					}
					failed <- err
				})
			}
			all.Wait()
			quick.Store(true)
			// Each of the connections is used again, by all that there is.
			for range parallel {
				all.Go(func() {
					for _, ask := range []func() (*http.Response, error){
						func() (*http.Response, error) { return client.Do(saveRequest(t, at, strings.NewReader(goodSettings))) },
						func() (*http.Response, error) {
							return client.Post(at+"/callback/servicenow?integration=i&key=k", "application/json", strings.NewReader("{}"))
						},
						func() (*http.Response, error) { return client.Get(at + "/api/v1/session") },
					} {
						response, err := ask()
						if err == nil {
							err = one(response, http.StatusOK)
						}
						failed <- err
					}
					for _, path := range []string{"/", "/readyz"} {
						response, err := client.Get(at + path)
						if err == nil {
							if _ = response.Body.Close(); response.StatusCode != http.StatusOK {
								err = fmt.Errorf("%s was answered %s", path, response.Status)
							}
						}
						failed <- err
					}
				})
			}
			all.Wait()
			close(failed)
			for err := range failed {
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// On one connection: what comes before must not spoil what comes after. Either the next
// request is answered, or the connection was closed with the answer before it.
func TestFault17OneRequestDoesNotSpoilTheNext(t *testing.T) {
	big := strings.Repeat("x", 3<<20)
	for _, c := range []struct {
		name, first string
		saving      func(context.Context) error
		want        int
		closed      bool
	}{
		{name: "a refused body that is read", first: post("/api/v1/workflows", "", "{}"), want: 401},
		{name: "a refused body of 3 MiB", first: post("/api/v1/workflows", "", big), want: 401},
		{name: "a delivery that is too large", first: post("/callback/servicenow?integration=i&key=k", "", big), want: 413},
		{name: "a call that is too large", first: post("/api/v1/session", "", big), want: 413},
		{name: "a call that does not exist", first: post("/api/v1/nothing", "", big), want: 404},
		{name: "a page that is posted to", first: post("/pages", "", big), want: 405},
		{name: "from another site", first: post("/api/v1/session", "Sec-Fetch-Site: cross-site\r\n", big), want: 403},
		{name: "who waits for leave to send", first: "POST /pages HTTP/1.1\r\nHost: neo\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n", want: 405, closed: true},
		{
			name: "a panic", want: 500, saving: func(context.Context) error { panic("on purpose") },
			first: strings.Replace(post("/api/v1/settings", "Authorization: Bearer neo_sk_x\r\n", goodSettings), "POST", "PUT", 1),
		},
		{
			name: "a time-out", want: 503, saving: func(context.Context) error { return context.DeadlineExceeded },
			first: strings.Replace(post("/api/v1/settings", "Authorization: Bearer neo_sk_x\r\n", goodSettings), "POST", "PUT", 1),
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			direct, _ := serve(t, &desk{saving: c.saving})
			connection, err := net.Dial("tcp", strings.TrimPrefix(direct, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = connection.Close() }()
			_ = connection.SetDeadline(time.Now().Add(time.Minute))
			if _, err := io.WriteString(connection, c.first); err != nil {
				t.Fatal(err)
			}
			reader := bufio.NewReader(connection)
			response, err := http.ReadResponse(reader, nil)
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(response.Body)
			if err != nil || response.StatusCode != c.want || !json.Valid(text) {
				t.Errorf("it was answered %d %s, %v; want one document with %d", response.StatusCode, text, err, c.want)
			}
			if response.Close != c.closed {
				t.Fatalf("the connection is closed: %v, want %v", response.Close, c.closed)
			}
			if c.closed {
				return
			}
			if _, err := io.WriteString(connection, post("/callback/servicenow?integration=i&key=k", "", "{}")); err != nil {
				t.Fatal(err)
			}
			if response, err = http.ReadResponse(reader, nil); err != nil || response.StatusCode != http.StatusOK {
				t.Errorf("the next request on the connection was answered %+v, %v", response, err)
			}
		})
	}
}

func post(path, headers, body string) string {
	return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: neo\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%s\r\n%s", path, len(body), headers, body)
}

// An answer of which a part was sent does not end as if it were whole.
func TestFault17PanicAfterTheAnswerHasBegun(t *testing.T) {
	s := &Server{log: slog.New(slog.DiscardHandler)}
	server := httptest.NewServer(s.observe(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"data":{}}`)
		panic(errors.New("too late"))
	})))
	defer server.Close()
	response, err := server.Client().Get(server.URL)
	if err != nil {
		return // nothing was sent: as good
	}
	defer func() { _ = response.Body.Close() }()
	if text, err := io.ReadAll(response.Body); err == nil {
		t.Errorf("it was answered %d %s, as if it were whole", response.StatusCode, text)
	}
}
