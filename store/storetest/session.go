package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/neoagent/neo/store"
)

// sessionStore is scs's Store and CtxStore.
type sessionStore interface {
	Delete(token string) error
	Find(token string) (b []byte, found bool, err error)
	Commit(token string, b []byte, expiry time.Time) error
	DeleteCtx(ctx context.Context, token string) error
	FindCtx(ctx context.Context, token string) (b []byte, found bool, err error)
	CommitCtx(ctx context.Context, token string, b []byte, expiry time.Time) error
}

var sessionTests = []test{
	{"are kept until they expire", func(t *testing.T, db *store.DB) {
		var s sessionStore = db.Sessions()
		find := func(token string) string {
			t.Helper()
			data, found, err := s.Find(token)
			noError(t, err)
			if !found {
				return "none"
			}
			return string(data)
		}
		soon := time.Now().Add(time.Hour)
		equal(t, "unknown", find("a"), "none")
		noError(t, s.Commit("a", []byte("one"), soon))
		equal(t, "committed", find("a"), "one")
		noError(t, s.Commit("a", []byte{}, soon))
		equal(t, "changed", find("a"), "")
		noError(t, s.Commit("expired", []byte("x"), time.Now().Add(-time.Second)))
		equal(t, "expired", find("expired"), "none")
		noError(t, s.Delete("a"))
		noError(t, s.Delete("a"))
		equal(t, "deleted", find("a"), "none")
	}},
	{"are removed once expired", func(t *testing.T, db *store.DB) {
		s := db.Sessions()
		now := time.Now()
		noError(t, s.Commit("short", []byte("x"), now.Add(time.Hour)))
		noError(t, s.Commit("long", []byte("x"), now.Add(3*time.Hour)))
		noError(t, db.DeleteExpiredSessions(t.Context(), now.Add(2*time.Hour)))
		_, found, err := s.Find("short")
		noError(t, err)
		equal(t, "short", found, false)
		_, found, err = s.Find("long")
		noError(t, err)
		equal(t, "long", found, true)
	}},
}
