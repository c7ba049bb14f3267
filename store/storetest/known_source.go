package storetest

import (
	"strconv"
	"testing"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/store"
)

var knownSourceTests = []test{
	{"are a person's own, for half a year, the newest fifty (fault 19)", func(t *testing.T, db *store.DB) {
		known := func(user, source string) bool {
			t.Helper()
			return must[bool](t)(db.KnownSource(t.Context(), user, []byte(source)))
		}
		now := time.Now()
		equal(t, "nobody's", known("a", "home"), false)
		noError(t, db.RememberSources(t.Context(), "a", now, []byte("home"), []byte("office")))
		noError(t, db.RememberSources(t.Context(), "b", now.AddDate(0, -7, 0), []byte("home")))
		equal(t, "home", known("a", "home"), true)
		equal(t, "office", known("a", "office"), true)
		equal(t, "another's, long ago", known("b", "home"), false)
		for n := range 49 {
			noError(t, db.RememberSources(t.Context(), "a", now.Add(time.Duration(n+1)*time.Second), []byte(strconv.Itoa(n)), []byte("office")))
		}
		equal(t, "the oldest of 51", known("a", "home"), false)
		equal(t, "one that was used again", known("a", "office"), true)
		equal(t, "the oldest of the others", known("a", "0"), true)
	}},
	{"setting up is checked without writing (fault 19)", func(t *testing.T, db *store.DB) {
		check := func(token string, now time.Time) error { return db.CheckSetup(t.Context(), []byte(token), now) }
		fails(t, check("a", noon), neo.CodeUnauthorized)
		noError(t, db.AddSetupToken(t.Context(), []byte("a"), noon.Add(time.Hour)))
		noError(t, check("a", noon))
		fails(t, check("b", noon), neo.CodeUnauthorized)
		fails(t, check("a", noon.Add(time.Hour)), neo.CodeUnauthorized)
		noError(t, db.CreateFirstUser(t.Context(), []byte("a"), noon, user("beth@example.com")))
		fails(t, check("a", noon), neo.CodeConflict)
	}},
}
