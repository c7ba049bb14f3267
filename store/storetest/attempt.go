package storetest

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/store"
)

func attempt(state string) neo.ConnectAttempt {
	return neo.ConnectAttempt{
		ID: newID(), TenantID: ours, IntegrationID: "integration-1", InstanceURL: "https://one.service-now.com", ClientID: "client",
		ClientSecret: []byte("sealed secret"), Verifier: []byte("sealed verifier"), StateHash: []byte(state), SessionHash: []byte("session"),
		Outcome: neo.Pending, CreatedAt: noon, ExpiresAt: noon.Add(10 * time.Minute),
	}
}

var attemptTests = []test{
	{"are taken once, and not too late", func(t *testing.T, db *store.DB) {
		a, late := attempt("a"), attempt("late")
		noError(t, db.CreateAttempt(t.Context(), a))
		noError(t, db.CreateAttempt(t.Context(), late))
		equal(t, "attempt", must[neo.ConnectAttempt](t)(db.Attempt(t.Context(), ours, a.ID)), a)
		equal(t, "taken", must[neo.ConnectAttempt](t)(db.TakeAttempt(t.Context(), []byte("a"), noon.Add(time.Minute))), a)
		for name, c := range map[string]struct {
			state string
			now   time.Time
		}{
			"used":    {"a", noon.Add(time.Minute)},
			"expired": {"late", late.ExpiresAt},
			"unknown": {"b", noon},
		} {
			_, err := db.TakeAttempt(t.Context(), []byte(c.state), c.now)
			t.Log(name)
			fails(t, err, neo.CodeNotFound)
		}
	}},
	{"are taken by one of many", func(t *testing.T, db *store.DB) {
		noError(t, db.CreateAttempt(t.Context(), attempt("a")))
		var taken atomic.Int64
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				_, err := db.TakeAttempt(t.Context(), []byte("a"), noon)
				switch neo.CodeOf(err) {
				case "":
					taken.Add(1)
				case neo.CodeNotFound:
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		equal(t, "taken", taken.Load(), int64(1))
	}},
	{"end with a message and without secrets", func(t *testing.T, db *store.DB) {
		a := attempt("a")
		noError(t, db.CreateAttempt(t.Context(), a))
		noError(t, db.FinishAttempt(t.Context(), a.ID, neo.Failure, "Wrong client secret."))
		a.Outcome, a.Message, a.ClientSecret, a.Verifier = neo.Failure, "Wrong client secret.", nil, nil
		equal(t, "attempt", must[neo.ConnectAttempt](t)(db.Attempt(t.Context(), ours, a.ID)), a)
		fails(t, db.FinishAttempt(t.Context(), newID(), neo.Failure, ""), neo.CodeNotFound)
	}},
	{"are forgotten a day after they expired", func(t *testing.T, db *store.DB) {
		old, young, now := attempt("old"), attempt("young"), attempt("now")
		now.CreatedAt = noon.Add(24*time.Hour + 10*time.Minute + time.Second)
		young.ExpiresAt = noon.Add(11 * time.Minute)
		for _, a := range []neo.ConnectAttempt{old, young, now} {
			noError(t, db.CreateAttempt(t.Context(), a))
		}
		_, err := db.Attempt(t.Context(), ours, old.ID)
		fails(t, err, neo.CodeNotFound)
		_ = must[neo.ConnectAttempt](t)(db.Attempt(t.Context(), ours, young.ID))
	}},
}
