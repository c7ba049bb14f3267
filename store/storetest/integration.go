package storetest

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/store"
)

func integration(url string) neo.Integration {
	return neo.Integration{
		ID: newID(), TenantID: ours, Kind: "servicenow", InstanceURL: url, Simulated: true, State: neo.StateReady, Message: "Connected.", ClientID: "client",
		Identity:    neo.Identity{RemoteID: "6816f79cc0a8016401c5a33be04be441", UserName: "neo", Name: "Neo Agent"},
		Checks:      []neo.Check{{Name: "identity", Label: "Identity", State: "ok", Detail: "Signed in as neo."}},
		ConnectedAt: noon, CreatedAt: noon, UpdatedAt: noon,
		Sealed:       neo.SealedSecrets{ClientSecret: []byte{0, 1, 0xff}, Tokens: []byte("tokens"), CallbackSecret: []byte("callback")},
		CallbackHash: []byte("hash"),
	}
}

func saveIntegration(t testing.TB, db *store.DB, i neo.Integration) {
	t.Helper()
	inTx(t, db, func(tx neo.Tx) error { return db.SaveIntegration(t.Context(), tx, i) })
}

var integrationTests = []test{
	{"are read as they were saved", func(t *testing.T, db *store.DB) {
		i, bare := integration("https://one.service-now.com"), neo.Integration{ID: newID(), TenantID: ours, InstanceURL: "https://two.service-now.com"}
		saveIntegration(t, db, i)
		saveIntegration(t, db, bare)
		equal(t, "integrations", must[[]neo.Integration](t)(db.Integrations(t.Context(), ours)), []neo.Integration{i, bare})

		i.State, i.Message, i.Simulated, i.Checks, i.Sealed.Tokens, i.BackfillDays = neo.StateReconnect, "Consent again.", false, nil, nil, 90
		noError(t, db.SetReach(t.Context(), i.ID, neo.Reach{SilentSince: noon, AnswersSince: noon}))
		saveIntegration(t, db, i) // leaves alone whether it answers
		i.SilentSince, i.AnswersSince = noon, noon
		fails(t, db.SetReach(t.Context(), newID(), neo.Reach{}), neo.CodeNotFound)
		equal(t, "integration", must[neo.Integration](t)(db.Integration(t.Context(), ours, i.ID)), i)
		equal(t, "integration", must[neo.Integration](t)(db.IntegrationByID(t.Context(), i.ID)), i)
		_, err := db.IntegrationByID(t.Context(), newID())
		fails(t, err, neo.CodeNotFound)
	}},
	{"are one for each instance of a tenant", func(t *testing.T, db *store.DB) {
		i, again, foreign := integration("https://one.service-now.com"), integration("https://one.service-now.com"), integration("https://one.service-now.com")
		foreign.TenantID = theirs
		saveIntegration(t, db, i)
		saveIntegration(t, db, foreign)
		fails(t, db.InTx(t.Context(), func(tx neo.Tx) error { return db.SaveIntegration(t.Context(), tx, again) }), neo.CodeConflict)
		stolen := i
		stolen.TenantID, stolen.InstanceURL = theirs, "https://three.service-now.com"
		fails(t, db.InTx(t.Context(), func(tx neo.Tx) error { return db.SaveIntegration(t.Context(), tx, stolen) }), neo.CodeNotFound)
	}},
	{"get new tokens", func(t *testing.T, db *store.DB) {
		i := integration("https://one.service-now.com")
		saveIntegration(t, db, i)
		noError(t, db.SaveTokens(t.Context(), i.ID, []byte("newer")))
		i.Sealed.Tokens = []byte("newer")
		equal(t, "integration", must[neo.Integration](t)(db.IntegrationByID(t.Context(), i.ID)), i)
		fails(t, db.SaveTokens(t.Context(), newID(), []byte("x")), neo.CodeNotFound)
	}},
	{"are locked by one at a time, who can still write", func(t *testing.T, db *store.DB) {
		i := integration("https://one.service-now.com")
		saveIntegration(t, db, i)
		inside, most := 0, 0
		var mu sync.Mutex
		var wg sync.WaitGroup
		for range 30 { // more than there are connections
			wg.Go(func() {
				err := db.WithIntegrationLock(t.Context(), i.ID, func(ctx context.Context) error {
					mu.Lock()
					inside++
					most = max(most, inside)
					mu.Unlock()
					err := db.SaveTokens(ctx, i.ID, []byte("newer"))
					mu.Lock()
					inside--
					mu.Unlock()
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		equal(t, "most at once", most, 1)
	}},
	{"are locked each for itself, many at once", func(t *testing.T, db *store.DB) {
		var wg sync.WaitGroup
		for range 30 {
			wg.Go(func() {
				err := db.WithIntegrationLock(t.Context(), newID(), func(ctx context.Context) error {
					return db.SetMeta(ctx, "key", []byte("value"))
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		noError(t, db.WithIntegrationLock(t.Context(), "a", func(ctx context.Context) error {
			return db.WithIntegrationLock(ctx, "b", func(context.Context) error { return nil })
		}))
	}},
	{"are unlocked by error and panic, and not waited for forever", func(t *testing.T, db *store.DB) {
		broken := errors.New("broken")
		if err := db.WithIntegrationLock(t.Context(), "a", func(context.Context) error { return broken }); err != broken {
			t.Errorf("error is %v", err)
		}
		func() {
			defer func() { _ = recover() }()
			_ = db.WithIntegrationLock(t.Context(), "a", func(context.Context) error { panic("oh") })
		}()
		noError(t, db.WithIntegrationLock(t.Context(), "a", func(ctx context.Context) error {
			impatient, cancel := context.WithCancel(ctx)
			cancel()
			err := db.WithIntegrationLock(impatient, "a", func(context.Context) error { return nil })
			fails(t, err, neo.CodeUnavailable)
			return nil
		}))
	}},
}
