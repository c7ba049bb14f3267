package servicenow_test

import (
	"strings"
	"testing"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/simulator"
)

// TestAccess: what the check says about accounts of several roles. Without a role an
// instance answers with an empty list, so only its count gives the lack away.
func TestAccess(t *testing.T) {
	for name, tt := range map[string]struct {
		roles []string
		state string
		says  []string
	}{
		"none":               {nil, "failed", []string{"Insufficient privileges: the account cannot read incident, problem. ", "itil", "Without any record yet: sc_request"}},
		"read-only, a trap":  {[]string{"snc_read_only"}, "failed", []string{"Insufficient privileges"}},
		"incidents only":     {[]string{"sn_incident_read"}, "warning", []string{"cannot read problem.", "Readable: incident"}},
		"itil":               {[]string{"itil"}, "ok", []string{"readable: incident, problem; without any record yet: sc_request"}},
		"itil and an admin":  {[]string{"itil", "admin"}, "ok", nil},
		"admin without itil": {[]string{"admin"}, "ok", nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.ticket()
			w.create("problem", map[string]string{"short_description": "x"})
			if _, err := w.sim.AddUser(simulator.User{UserName: "test.account", Password: "test.account", Name: "Test", Roles: tt.roles}); err != nil {
				t.Fatal(err)
			}
			_, _ = w.connect("test.account", w.input())
			all, _ := w.store.Integrations(t.Context(), neo.DefaultTenant)
			if len(all) != 1 {
				t.Fatalf("%d integrations", len(all))
			}
			for _, c := range all[0].Checks {
				if c.Name != "tickets" {
					continue
				}
				if c.State != tt.state {
					t.Errorf("%s: %s", c.State, c.Detail)
				}
				for _, want := range tt.says {
					if !strings.Contains(c.Detail, want) {
						t.Errorf("%q does not say %q", c.Detail, want)
					}
				}
			}
		})
	}
}
