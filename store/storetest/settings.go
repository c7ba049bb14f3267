package storetest

import (
	"testing"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/store"
)

var settingsTests = []test{
	{"are the usual ones until others are saved", func(t *testing.T, db *store.DB) {
		equal(t, "settings", must[neo.Settings](t)(db.Settings(t.Context(), ours)), neo.DefaultSettings())
		for _, s := range []neo.Settings{
			{TimeZone: "Europe/Berlin", BusinessDays: []string{"MON", "SAT"}, OpensAt: "07:30", ClosesAt: "18:00"},
			{TimeZone: "Asia/Tokyo", BusinessDays: []string{"SUN"}, OpensAt: "00:00", ClosesAt: "23:59"},
		} {
			before := epoch(t, db)
			noError(t, db.SaveSettings(t.Context(), ours, s))
			equal(t, "settings", must[neo.Settings](t)(db.Settings(t.Context(), ours)), s)
			equal(t, "settings of another tenant", must[neo.Settings](t)(db.Settings(t.Context(), theirs)), neo.DefaultSettings())
			equal(t, "epoch", epoch(t, db), before+1)
			equal(t, "settings of the configuration", must[neo.Config](t)(db.LoadConfig(t.Context(), nil)).Settings, map[string]neo.Settings{ours: s})
		}
	}},
}

var permissionTests = []test{
	{"are none on a new integration, and stay when it is saved", func(t *testing.T, db *store.DB) {
		i := integration("https://one.service-now.com")
		saveIntegration(t, db, i)
		fresh := must[neo.Integration](t)(db.Integration(t.Context(), ours, i.ID)).Permissions
		for _, g := range neo.PermissionGroups {
			equal(t, g.Label, fresh.Of(g.Group), neo.Permission{Level: neo.ReadOnly})
		}
		given := neo.Permissions{neo.GroupTickets: {Level: neo.ReadWrite, AskFirst: true}, neo.GroupEmail: {Level: neo.Disabled}}
		before := epoch(t, db)
		noError(t, db.SavePermissions(t.Context(), ours, i.ID, given))
		equal(t, "epoch", epoch(t, db), before+1)
		i.Message, i.Permissions = "Connected again.", nil
		saveIntegration(t, db, i)
		equal(t, "permissions", must[neo.Integration](t)(db.Integration(t.Context(), ours, i.ID)).Permissions, given)
		equal(t, "permissions of the configuration", must[neo.Config](t)(db.LoadConfig(t.Context(), nil)).Integrations[0].Permissions, given)
		fails(t, db.SavePermissions(t.Context(), theirs, i.ID, given), neo.CodeNotFound)
		fails(t, db.SavePermissions(t.Context(), ours, newID(), given), neo.CodeNotFound)
	}},
}
