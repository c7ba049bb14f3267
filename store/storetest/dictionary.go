package storetest

import (
	"testing"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/store"
)

func dictionary(label string) *neo.Dictionary {
	return &neo.Dictionary{
		Classes: map[neo.TicketClass]map[string]neo.FieldEntry{neo.Incident: {
			"state": {Type: neo.ChoiceField, Choices: []neo.Choice{{Value: "9", Label: label}}, Labels: map[string]string{"Gelöst": "9"}},
		}},
		States: map[neo.TicketClass]neo.States{neo.Incident: {Phases: map[string]neo.Phase{"9": neo.PhaseResolved}, Resolve: "9"}},
	}
}

var dictionaryTests = []test{
	{"is part of the configuration", func(t *testing.T, db *store.DB) {
		i := integration("https://one.service-now.com")
		saveIntegration(t, db, i)
		equal(t, "before", must[*neo.Dictionary](t)(db.Dictionary(t.Context(), i.ID)), (*neo.Dictionary)(nil))
		for _, label := range []string{"Resolved", "Solved"} {
			equal(t, "changed", must[bool](t)(db.SaveDictionary(t.Context(), ours, i.ID, dictionary(label))), true)
			equal(t, "read", must[*neo.Dictionary](t)(db.Dictionary(t.Context(), i.ID)), dictionary(label))
			want := map[string]*neo.Dictionary{i.ID: dictionary(label)}
			equal(t, "loaded", must[neo.Config](t)(db.LoadConfig(t.Context(), nil)).Dictionaries, want)
			inTx(t, db, func(tx neo.Tx) error {
				equal(t, "loaded in a transaction", must[neo.Config](t)(db.LoadConfig(t.Context(), tx)).Dictionaries, want)
				return nil
			})
		}
	}},
	{"raises the epoch when it changes, and only then", func(t *testing.T, db *store.DB) {
		i := integration("https://one.service-now.com")
		saveIntegration(t, db, i)
		for _, c := range []struct {
			label string
			rises bool
		}{{"Resolved", true}, {"Resolved", false}, {"Solved", true}, {"Solved", false}, {"Resolved", true}} {
			before := epoch(t, db)
			equal(t, "changed", must[bool](t)(db.SaveDictionary(t.Context(), ours, i.ID, dictionary(c.label))), c.rises)
			equal(t, "epoch rises with "+c.label, epoch(t, db) > before, c.rises)
		}
	}},
}
