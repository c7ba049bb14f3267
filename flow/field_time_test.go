package flow_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/flow"
	"github.com/neoagent/neo/rules"
)

// What the instance says about a field counts, whatever its name and its value look like.
func TestFault13FieldsAreWhatTheInstanceSays(t *testing.T) {
	formatted := `{{ now | date: "%Y-%m-%d %H:%M:%S" }}`
	config, err := json.Marshal(map[string]any{"fields": map[string]string{
		"u_time": formatted, "u_day": formatted, "u_text": formatted, "u_copy": "{{ ticket.opened_at }}",
		"u_long": "{% if ticket.u_spent > 3600 %}long{% endif %}", "u_same": `{% if ticket.u_label == "2026-11-24" %}same{% endif %}`,
	}})
	if err != nil {
		t.Fatal(err)
	}
	actions, mistakes := flow.ParseActions([]neo.ActionSpec{{Type: neo.ActionUpdateTicket, Config: config}}, rules.Context{})
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	settings := neo.DefaultSettings()
	settings.TimeZone = "Europe/Berlin"
	plan, err := actions[0].Plan(t.Context(), flow.Input{
		Ticket: neo.Ticket{TicketRef: neo.TicketRef{IntegrationID: "i", Class: "incident", RemoteID: "1"}, Fields: map[string]neo.Value{
			"opened_at": {Value: "2026-11-24 09:00:00", Display: "24/11/2026 10:00:00"}, "u_spent": {Value: "1970-01-01 02:00:00", Display: "2 Hours"},
			"u_label": {Value: "2026-11-24"}, "u_text": {Value: "2026-11-24 09:00:00"},
		}},
		Now: time.Date(2026, 11, 24, 23, 30, 0, 0, time.UTC), Settings: settings,
		Dictionaries: map[string]*neo.Dictionary{"i": {Classes: map[neo.TicketClass]map[string]neo.FieldEntry{"incident": {
			"u_time": {Type: neo.TimeField}, "u_day": {Type: neo.DateField}, "u_text": {Type: neo.TextField}, "u_copy": {Type: neo.TextField},
			"u_spent": {Type: neo.DurationField}, "u_label": {Type: neo.TextField},
		}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"u_time": "2026-11-24 23:30:00", "u_day": "2026-11-25", "u_text": "2026-11-25 00:30:00", "u_copy": "24/11/2026 10:00:00", "u_long": "long", "u_same": "same",
	}
	if diff := cmp.Diff(want, plan.Write.Fields); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
