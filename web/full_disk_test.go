package web

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/alexedwards/scs/v2/memstore"

	"github.com/neoagent/neo"
)

var errFull = neo.Errorf(neo.CodeUnavailable, "Neo could not write: the database's disk is full. Free some space, then try again.")

// disk is below the sessions and the store of a test.
type disk struct {
	full    bool
	commits int
}

func (d *disk) Writable(context.Context) error {
	if d.full {
		return errFull
	}
	return nil
}

type diskSessions struct {
	scs.Store
	*disk
}

func (s diskSessions) Commit(token string, b []byte, expiry time.Time) error {
	s.commits++
	if s.full {
		return errFull
	}
	return s.Store.Commit(token, b, expiry)
}

type diskStore struct {
	*people
	*disk
}

func (diskStore) Ping(context.Context) error { return nil }

func (s diskStore) User(context.Context, string, string) (neo.User, error) { return s.admin, nil }

func (diskStore) Settings(context.Context, string) (neo.Settings, error) {
	return neo.DefaultSettings(), nil
}

// With a full disk what is there can be read, what cannot be done is answered once, and
// readiness says why.
func TestFault22FullDisk(t *testing.T) {
	disk := &disk{}
	d := newDoorstep(t, func(o *Options) {
		o.Store, o.Sessions = diskStore{o.Store.(*people), disk}, diskSessions{memstore.NewWithCleanupInterval(0), disk}
	})
	signedIn := d.signIn("10.0.0.1", "admin@neo.example", rightPassword).Cookies()
	disk.full = true
	before := disk.commits
	get := func(path string) *http.Response {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		for _, c := range signedIn {
			r.AddCookie(c)
		}
		w := httptest.NewRecorder()
		d.ServeHTTP(w, r)
		return w.Result()
	}
	for range 3 {
		d.wants("reading", get("/api/v1/settings"), http.StatusOK)
	}
	if disk.commits != before {
		t.Errorf("reading wrote the session %d times", disk.commits-before)
	}
	response := d.wants("signing in", d.signIn("10.0.0.1", "admin@neo.example", rightPassword), http.StatusServiceUnavailable)
	if text, _ := io.ReadAll(response.Body); !json.Valid(text) || !strings.Contains(string(text), "disk is full") {
		t.Errorf("signing in was answered %s, which is not one document", text)
	}
	if len(response.Cookies()) > 1 || len(response.Cookies()) == 1 && response.Cookies()[0].Name == "neo_session" {
		t.Errorf("a session that is not stored was handed out: %v", response.Cookies())
	}
	response = d.wants("readiness", get("/readyz"), http.StatusServiceUnavailable)
	if text, _ := io.ReadAll(response.Body); !strings.Contains(string(text), "disk is full") {
		t.Errorf("readiness says %q", text)
	}
	disk.full = false
	d.wants("readiness with space", get("/readyz"), http.StatusOK)
}
