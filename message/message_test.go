package message

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/vault"
)

var update = flag.Bool("update", false, "write golden files")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	token  = "T0SECRETSECRET" // in the address of every endpoint here
	bearer = "b3arer-s3cret"
)

// endpoints are a Store.
type endpoints map[string]neo.Endpoint

func (e endpoints) Endpoint(_ context.Context, _, name string) (neo.Endpoint, error) {
	if found, ok := e[name]; ok {
		return found, nil
	}
	return neo.Endpoint{}, neo.Errorf(neo.CodeNotFound, "There is no endpoint %q.", name)
}

// sender returns a Sender with a real vault, and its endpoints.
func sender(t *testing.T, allow ...string) (*Sender, endpoints) {
	t.Helper()
	keeper, err := vault.Open(t.Context(), vault.Config{DataDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = keeper.Close() })
	all := endpoints{}
	return New(all, keeper, allow, "test"), all
}

func (e endpoints) add(t *testing.T, s *Sender, kind neo.EndpointKind, address string, headers ...neo.Header) neo.Endpoint {
	t.Helper()
	made := neo.Endpoint{ID: neo.NewID(), Name: "Operations", Kind: kind}
	if err := s.Seal(t.Context(), &made, neo.Address{URL: address, Headers: headers}); err != nil {
		t.Fatal(err)
	}
	e[made.ID] = made
	return made
}

// receiver is a server with TLS whose certificate s trusts, and that s may reach.
func receiver(t *testing.T, s *Sender, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(h)
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	trust(s, server)
	s.allow = append(s.allow, server.Listener.Addr().String())
	return server
}

func trust(s *Sender, server *httptest.Server) {
	c := s.http.Transport.(*http.Transport).TLSClientConfig
	if c.RootCAs == nil {
		c.RootCAs = x509.NewCertPool()
	}
	c.RootCAs.AddCert(server.Certificate())
}

var incident = neo.Ticket{
	TicketRef: neo.TicketRef{IntegrationID: "i", Class: neo.Incident, RemoteID: "abc"}, Number: "INC0010001",
	Fields: map[string]neo.Value{"short_description": {Value: "Mail is down"}, "caller_id": {Value: "x", Display: "Abel Tuter"}},
}

// What arrives, for each kind of endpoint: testdata/*.json.
func TestWhatIsSent(t *testing.T) {
	const text = "P1 <!channel> & more\nSecond line [click](https://evil.example)\n\nhttps://acme.service-now.com/x"
	for name, c := range map[string]struct {
		kind    neo.EndpointKind
		message neo.Message
		ticket  neo.Ticket
	}{
		"slack":                {neo.EndpointSlack, neo.Message{Text: text, Key: "k1"}, incident},
		"teams":                {neo.EndpointTeams, neo.Message{Text: text, Key: "k1"}, incident},
		"https":                {neo.EndpointHTTPS, neo.Message{Text: text, Key: "k1"}, incident},
		"https-without-ticket": {neo.EndpointHTTPS, neo.Message{Text: text, Key: "k1"}, neo.Ticket{}},
		"https-own-body":       {neo.EndpointHTTPS, neo.Message{Text: text, Body: `{"a": [1, "<x>"]}`, Key: "k1"}, incident},
	} {
		t.Run(name, func(t *testing.T) {
			s, all := sender(t)
			var got bytes.Buffer
			server := receiver(t, s, func(w http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				if err != nil {
					t.Error(err)
				}
				fmt.Fprintf(&got, "%s %s\n", r.Method, r.URL)
				for _, h := range []string{"Authorization", "Content-Type", "Idempotency-Key", "User-Agent"} {
					fmt.Fprintf(&got, "%s: %s\n", h, r.Header.Get(h))
				}
				got.WriteByte('\n')
				if err := json.Indent(&got, body, "", "  "); err != nil {
					t.Errorf("%v: %s", err, body)
				}
				w.WriteHeader(http.StatusAccepted)
			})
			e := all.add(t, s, c.kind, server.URL+"/hook/"+token+"?sig=1", neo.Header{Name: "Authorization", Value: "Bearer " + bearer})
			c.message.EndpointID = e.ID
			if err := s.Send(t.Context(), "", c.message, c.ticket); err != nil {
				t.Fatal(err)
			}
			golden(t, name+".txt", got.String()+"\n")
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is\n%s\nwant\n%s", name, got, want)
	}
}

func TestWhatCannotBeWritten(t *testing.T) {
	for name, c := range map[string]struct {
		kind    neo.EndpointKind
		message neo.Message
		says    string
	}{
		"no text":            {neo.EndpointSlack, neo.Message{Text: " \n"}, "text of the message is empty"},
		"a body, for Teams":  {neo.EndpointTeams, neo.Message{Body: `{}`}, "text of the message is empty"},
		"a body not of JSON": {neo.EndpointHTTPS, neo.Message{Body: `{"title": "a "quoted" word"}`}, "not JSON"},
		"a huge body":        {neo.EndpointHTTPS, neo.Message{Body: `"` + strings.Repeat("a", maxBody) + `"`}, "are allowed"},
		"an unknown kind":    {"PAGER", neo.Message{Text: "Hello"}, "PAGER"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := written(c.kind, c.message, incident)
			says(t, err, neo.CodeInvalid, c.says)
		})
	}
}

func TestLongTextsAreCut(t *testing.T) {
	for _, kind := range []neo.EndpointKind{neo.EndpointSlack, neo.EndpointTeams, neo.EndpointHTTPS} {
		for name, text := range map[string]string{"one line": strings.Repeat("é", 100_000), "many lines": strings.Repeat("<é\n", 100_000)} {
			body, err := written(kind, neo.Message{Text: text}, incident)
			if err != nil || len(body) > 120_000 || !bytes.Contains(body, []byte("…")) || !json.Valid(body) {
				t.Errorf("%s, %s: %d bytes, %v", kind, name, len(body), err)
			}
			if kind == neo.EndpointTeams && len(body) > 28_000 {
				t.Errorf("%s: a card of %d bytes", name, len(body))
			}
		}
	}
}

// What each answer means: whether trying again can help, and that no answer brings
// a secret into an error.
func TestAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		header string // Retry-After
		body   string
		code   neo.Code
		wait   time.Duration
		says   string
	}{
		"no such hook":         {404, "", "no_service\nmore", neo.CodeRefused, 0, "answered 404 and said “no_service”"},
		"not authorized":       {401, "", "", neo.CodeRefused, 0, "credentials"},
		"not understood":       {400, "", "\n\n  invalid_payload  ", neo.CodeRefused, 0, "“invalid_payload”. It does not take this message"},
		"too many":             {429, "7", "slow down", neo.CodeRateLimited, 7 * time.Second, "for now"},
		"too many, for years":  {429, "99999999", "", neo.CodeRateLimited, maxWait, "for now"},
		"too many, nonsense":   {429, "soon", "", neo.CodeRateLimited, 0, "for now"},
		"broken":               {500, "", "", neo.CodeUnavailable, 0, "later"},
		"away":                 {503, "2", "", neo.CodeUnavailable, 2 * time.Second, "later"},
		"too slow a request":   {408, "", "", neo.CodeUnavailable, 0, "later"},
		"a repeated address":   {400, "", "cannot POST /hook/" + token + "?sig=s1gnature with Bearer " + bearer, neo.CodeRefused, 0, "[redacted]"},
		"a repeated part":      {403, "", token + ` is not s1gnature, not "` + bearer + `"`, neo.CodeRefused, 0, "[redacted] is not [redacted]"},
		"a long line":          {400, "", strings.Repeat("a", 10_000), neo.CodeRefused, 0, "aaa…”"},
		"a secret at the cut":  {400, "", strings.Repeat(token+bearer, 1000), neo.CodeRefused, 0, "redacted"},
		"control bytes":        {400, "", "\x1b[31mred\x00\u202e", neo.CodeRefused, 0, "“[31mred”"},
		"an unfollowed answer": {302, "", "", neo.CodeRefused, 0, "does not follow"},
	} {
		t.Run(name, func(t *testing.T) {
			s, all := sender(t)
			server := receiver(t, s, func(w http.ResponseWriter, _ *http.Request) {
				if c.header != "" {
					w.Header().Set("Retry-After", c.header)
				}
				if c.status == 302 {
					w.Header().Set("Location", "https://elsewhere.example/"+token)
				}
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			})
			e := all.add(t, s, neo.EndpointHTTPS, server.URL+"/hook/"+token+"?sig=s1gnature", neo.Header{Name: "Authorization", Value: "Bearer " + bearer})
			err := s.Send(t.Context(), "", neo.Message{EndpointID: e.ID, Text: "Hello"}, incident)
			says(t, err, c.code, c.says)
			if wait, _ := neo.Retryable(err); wait != c.wait {
				t.Errorf("to be tried again after %v, want %v", wait, c.wait)
			}
			if len(neo.MessageOf(err)) > 700 {
				t.Errorf("the message has %d bytes", len(neo.MessageOf(err)))
			}
		})
	}
}

func TestRetryAfterADate(t *testing.T) {
	h := http.Header{"Retry-After": {time.Now().Add(5 * time.Minute).UTC().Format(http.TimeFormat)}}
	if wait := retryAfter(h); wait < 4*time.Minute || wait > 5*time.Minute {
		t.Errorf("wait %v", wait)
	}
	h.Set("Retry-After", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat))
	if wait := retryAfter(h); wait != 0 {
		t.Errorf("wait %v for a time that has passed", wait)
	}
}

// says checks the code and the sentence of an error, and that it holds no secret, for
// people or for the log.
func says(t *testing.T, err error, code neo.Code, part string) {
	t.Helper()
	if neo.CodeOf(err) != code || !strings.Contains(neo.MessageOf(err), part) {
		t.Errorf("error is %v, want %s and %q", err, code, part)
	}
	if err == nil {
		return
	}
	for e := err; e != nil; e = errors.Unwrap(e) {
		for _, secret := range []string{token, bearer, "s1gnature"} {
			if strings.Contains(e.Error(), secret) || strings.Contains(fmt.Sprintf("%+v", e), secret) {
				t.Errorf("%s is in %v", secret, e)
			}
		}
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	s, all := sender(t)
	var arrived atomic.Bool
	inside := receiver(t, s, func(http.ResponseWriter, *http.Request) { arrived.Store(true) })
	for _, status := range []int{301, 302, 303, 307, 308} {
		server := receiver(t, s, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, inside.URL, status) })
		e := all.add(t, s, neo.EndpointSlack, server.URL+"/"+token)
		says(t, s.Send(t.Context(), "", neo.Message{EndpointID: e.ID, Text: "Hello"}, incident), neo.CodeRefused, "does not follow")
	}
	if arrived.Load() {
		t.Error("a redirect was followed")
	}
}

// Receivers that never come to an end are left, in time and with little read.
func TestReceiversWithoutAnEnd(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"no answer": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"an answer that never ends": func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusBadGateway)
			for r.Context().Err() == nil {
				if _, err := w.Write(bytes.Repeat([]byte("a\n"), 1<<10)); err != nil {
					return
				}
			}
		},
		"an answer that drips": func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusBadGateway)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		},
		"headers without an end": func(w http.ResponseWriter, _ *http.Request) {
			for i := range 10_000 {
				w.Header().Set(fmt.Sprintf("X-%d", i), strings.Repeat("a", 100))
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, all := sender(t)
			s.timeout = 300 * time.Millisecond
			server := receiver(t, s, answer)
			e := all.add(t, s, neo.EndpointSlack, server.URL+"/"+token)
			began := time.Now()
			says(t, s.Send(t.Context(), "", neo.Message{EndpointID: e.ID, Text: "Hello"}, incident), neo.CodeUnavailable, "later")
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

func TestASuccessIsNotReadToItsEnd(t *testing.T) {
	s, all := sender(t)
	server := receiver(t, s, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	e := all.add(t, s, neo.EndpointSlack, server.URL+"/"+token)
	if err := s.Send(t.Context(), "", neo.Message{EndpointID: e.ID, Text: "Hello"}, incident); err != nil {
		t.Error(err)
	}
}

func TestUnreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := l.Addr().String()
	_ = l.Close()
	s, all := sender(t, closed)
	e := all.add(t, s, neo.EndpointSlack, "https://"+closed+"/"+token)
	says(t, s.Send(t.Context(), "", neo.Message{EndpointID: e.ID, Text: "Hello"}, incident), neo.CodeUnavailable, closed+", the host of the endpoint")

	says(t, s.Send(t.Context(), "", neo.Message{EndpointID: "gone", Text: "Hello"}, incident), neo.CodeNotFound, "gone")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	says(t, s.Send(ctx, "", neo.Message{EndpointID: e.ID, Text: "Hello"}, incident), neo.CodeUnavailable, "later")
}

func TestTLS(t *testing.T) {
	t.Run("a certificate of nobody known", func(t *testing.T) {
		s, all := sender(t)
		server := receiver(t, s, func(http.ResponseWriter, *http.Request) { t.Error("something arrived") })
		s.http.Transport.(*http.Transport).TLSClientConfig.RootCAs = x509.NewCertPool()
		e := all.add(t, s, neo.EndpointSlack, server.URL+"/"+token)
		says(t, s.Send(t.Context(), "", neo.Message{EndpointID: e.ID, Text: "Hello"}, incident), neo.CodeUnavailable, "certificate")
	})
	t.Run("an old version", func(t *testing.T) {
		s, all := sender(t)
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("something arrived") }))
		server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
		server.TLS = &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10} //nolint:gosec // what is refused
		server.StartTLS()
		t.Cleanup(server.Close)
		trust(s, server)
		s.allow = []string{server.Listener.Addr().String()}
		e := all.add(t, s, neo.EndpointSlack, server.URL+"/"+token)
		says(t, s.Send(t.Context(), "", neo.Message{EndpointID: e.ID, Text: "Hello"}, incident), neo.CodeUnavailable, "does not answer")
	})
}
