package storetest

import (
	"testing"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/store"
)

func apiKey(hash string) neo.APIKey {
	return neo.APIKey{ID: newID(), TenantID: ours, UserID: "user-1", Name: "Pipeline", Hash: []byte(hash), Hint: "wxyz", CreatedAt: noon}
}

var apiKeyTests = []test{
	{"are found by their hash, and by nothing else", func(t *testing.T, db *store.DB) {
		k, limited := apiKey("one"), apiKey("two")
		limited.ExpiresAt = noon.Add(time.Hour)
		noError(t, db.CreateAPIKey(t.Context(), k))
		noError(t, db.CreateAPIKey(t.Context(), limited))
		equal(t, "key", must[neo.APIKey](t)(db.APIKeyByHash(t.Context(), []byte("one"))), k)
		equal(t, "key", must[neo.APIKey](t)(db.APIKeyByHash(t.Context(), []byte("two"))), limited)
		for _, wrong := range [][]byte{nil, {}, []byte("on"), []byte("one\x00"), []byte("ONE")} {
			_, err := db.APIKeyByHash(t.Context(), wrong)
			fails(t, err, neo.CodeNotFound)
		}
		equal(t, "all", must[[]neo.APIKey](t)(db.APIKeys(t.Context(), ours)), []neo.APIKey{k, limited})
		equal(t, "theirs", len(must[[]neo.APIKey](t)(db.APIKeys(t.Context(), theirs))), 0)
	}},
	{"remember when they were last used", func(t *testing.T, db *store.DB) {
		k := apiKey("one")
		noError(t, db.CreateAPIKey(t.Context(), k))
		for _, c := range []struct{ used, last time.Time }{
			{noon.Add(time.Hour), noon.Add(time.Hour)},
			{noon, noon.Add(time.Hour)}, // another replica was later
			{noon.Add(2 * time.Hour), noon.Add(2 * time.Hour)},
		} {
			noError(t, db.APIKeyUsed(t.Context(), k.ID, c.used))
			equal(t, "last used", must[neo.APIKey](t)(db.APIKeyByHash(t.Context(), k.Hash)).LastUsedAt, c.last)
		}
		noError(t, db.APIKeyUsed(t.Context(), "no such key", noon))
	}},
	{"are worth nothing once deleted", func(t *testing.T, db *store.DB) {
		k := apiKey("one")
		noError(t, db.CreateAPIKey(t.Context(), k))
		fails(t, db.DeleteAPIKey(t.Context(), theirs, k.ID), neo.CodeNotFound)
		noError(t, db.DeleteAPIKey(t.Context(), ours, k.ID))
		fails(t, db.DeleteAPIKey(t.Context(), ours, k.ID), neo.CodeNotFound)
		_, err := db.APIKeyByHash(t.Context(), k.Hash)
		fails(t, err, neo.CodeNotFound)
	}},
}
