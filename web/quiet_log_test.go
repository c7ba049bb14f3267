package web

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/neoagent/neo"
)

// stranger's deliveries are refused.
type locked struct {
	Ingest
	Watch
}

func (locked) Authorize(_ context.Context, id, _ string) (neo.Integration, error) {
	return neo.Integration{}, neo.Errorf(neo.CodeForbidden, "There is no integration %s.", id)
}

func (locked) Integration(context.Context, string, bool) (neo.Integration, error) {
	return neo.Integration{}, neo.Errorf(neo.CodeForbidden, "There is no such integration.")
}

// However many deliveries of whatever size are refused, the log stays small; and it says
// how many there were.
func TestFault22LogOfRefusedDeliveries(t *testing.T) {
	var text bytes.Buffer
	d := newDoorstep(t, func(o *Options) {
		o.Ingest, o.Watch = locked{}, locked{}
		o.Log = slog.New(slog.NewTextHandler(&text, nil))
	})
	now := time.Unix(1_000_000, 0)
	var later func()
	quiet := d.log.Handler().(*quietLog)
	quiet.now = func() time.Time { return now }
	quiet.after = func(in time.Duration, f func()) {
		if in != logWindow {
			t.Errorf("the count is written after %s", in)
		}
		later = f
	}
	deliver := func(times int) {
		for range times {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/callback/servicenow?integration="+url.QueryEscape(strings.Repeat("ö", 8000)), nil)
			w := httptest.NewRecorder()
			d.ServeHTTP(w, r)
			if w.Code != http.StatusForbidden {
				t.Fatalf("a delivery of a stranger was answered %d", w.Code)
			}
		}
	}
	deliver(1000)
	if n := strings.Count(text.String(), "delivery refused"); n != logMost {
		t.Errorf("%d lines were written of 1,000", n)
	}
	if most := logMost * (2*logValue + 500); text.Len() > most {
		t.Errorf("the log has %d bytes, more than %d", text.Len(), most)
	}
	text.Reset()
	now = now.Add(logWindow)
	later()
	if !strings.Contains(text.String(), `message="delivery refused"`) || !strings.Contains(text.String(), "count=970") {
		t.Errorf("the sum is %q", text.String())
	}
	deliver(1)
	if !strings.Contains(text.String(), "delivery refused") {
		t.Error("the next minute is silent")
	}
}

// consent answers as a Connector does for a state that it does not know, or for one it does.
type consent struct {
	Connector
	attempt neo.ConnectAttempt
	err     error
}

func (c consent) Complete(context.Context, string, *url.URL, func(neo.ConnectAttempt)) (neo.ConnectAttempt, error) {
	return c.attempt, c.err
}

// A consent that nobody began wakes no dashboard.
func TestFault22AnonymousConsentWakesNobody(t *testing.T) {
	for _, c := range []struct {
		name    string
		consent consent
		wakes   bool
	}{
		{"nobody's", consent{err: neo.Errorf(neo.CodeInvalid, "This consent is not one that Neo waits for.")}, false},
		{"one that fails", consent{attempt: neo.ConnectAttempt{ID: "a", Outcome: neo.Failure}, err: neo.Errorf(neo.CodeRefused, "No.")}, true},
		{"one that succeeds", consent{attempt: neo.ConnectAttempt{ID: "a", Outcome: neo.Success}}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			live := NewLive()
			d := newDoorstep(t, func(o *Options) { o.Live, o.Connector = live, c.consent })
			changes, stop := live.listen()
			defer stop()
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, OAuthCallbackPath+"?state=x&code=y", nil)
			d.ServeHTTP(httptest.NewRecorder(), r)
			d.Wait(t.Context())
			woken := false
			select {
			case <-changes:
				woken = true
			default:
			}
			if woken != c.wakes {
				t.Errorf("dashboards are woken: %v, want %v", woken, c.wakes)
			}
		})
	}
}
