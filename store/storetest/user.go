package storetest

import (
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/store"
)

func user(email string) neo.User {
	return neo.User{ID: newID(), TenantID: ours, Email: email, Name: "Beth Anglin", Role: neo.Admin, PasswordHash: "$argon2id$…", CreatedAt: noon}
}

var userTests = []test{
	{"are read as they were created", func(t *testing.T, db *store.DB) {
		u := user("beth@example.com")
		equal(t, "count", must[int](t)(db.CountUsers(t.Context())), 0)
		noError(t, db.CreateUser(t.Context(), u))
		equal(t, "user", must[neo.User](t)(db.User(t.Context(), ours, u.ID)), u)
		equal(t, "user", must[neo.User](t)(db.UserByEmail(t.Context(), "beth@example.com")), u)
		equal(t, "count", must[int](t)(db.CountUsers(t.Context())), 1)
		_, err := db.UserByEmail(t.Context(), "nobody@example.com")
		fails(t, err, neo.CodeNotFound)
		fails(t, db.CreateUser(t.Context(), user("beth@example.com")), neo.CodeConflict)
	}},
	{"begin with a setup token", func(t *testing.T, db *store.DB) {
		create := func(token string, now time.Time) error {
			return db.CreateFirstUser(t.Context(), []byte(token), now, user("beth@example.com"))
		}
		fails(t, create("a", noon), neo.CodeUnauthorized)
		noError(t, db.AddSetupToken(t.Context(), []byte("a"), noon.Add(time.Hour)))
		noError(t, db.AddSetupToken(t.Context(), []byte("b"), noon.Add(time.Hour)))
		noError(t, db.AddSetupToken(t.Context(), []byte("b"), noon.Add(2*time.Hour)))
		fails(t, create("c", noon), neo.CodeUnauthorized)
		fails(t, create("a", noon.Add(time.Hour)), neo.CodeUnauthorized)
		noError(t, create("a", noon))
		equal(t, "count", must[int](t)(db.CountUsers(t.Context())), 1)
		fails(t, create("b", noon), neo.CodeConflict)
		noError(t, db.AddSetupToken(t.Context(), []byte("d"), noon.Add(time.Hour)))
		fails(t, create("d", noon), neo.CodeConflict)
	}},
	{"are first once, even with different tokens at once", func(t *testing.T, db *store.DB) {
		for n := range 8 {
			noError(t, db.AddSetupToken(t.Context(), []byte(strconv.Itoa(n)), noon.Add(time.Hour)))
		}
		var created atomic.Int64
		var wg sync.WaitGroup
		for n := range 8 {
			wg.Go(func() {
				if db.CreateFirstUser(t.Context(), []byte(strconv.Itoa(n)), noon, user(strconv.Itoa(n)+"@example.com")) == nil {
					created.Add(1)
				}
			})
		}
		wg.Wait()
		equal(t, "created", created.Load(), int64(1))
		equal(t, "count", must[int](t)(db.CountUsers(t.Context())), 1)
	}},
}
