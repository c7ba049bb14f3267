package storetest

import (
	"testing"

	"github.com/neoagent/neo/store"
)

var metaTests = []test{
	{"is kept", func(t *testing.T, db *store.DB) {
		_, found, err := db.Meta(t.Context(), "key")
		noError(t, err)
		equal(t, "found", found, false)
		for _, want := range [][]byte{{0, 1, 0xff}, []byte("other"), {}} {
			noError(t, db.SetMeta(t.Context(), "key", want))
			got, found, err := db.Meta(t.Context(), "key")
			noError(t, err)
			equal(t, "found", found, true)
			equal(t, "value", string(got), string(want))
		}
		noError(t, db.SetMeta(t.Context(), "key", nil))
	}},
}
