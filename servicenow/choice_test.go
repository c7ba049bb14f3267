package servicenow_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/servicenow"
	"github.com/neoagent/neo/simulator"
)

// filled is an instance with some tickets and choices, as that account sees it.
func filled(t *testing.T, account string) *servicenow.Tickets {
	w := newWorld(t)
	tickets, in := w.connectedAs(account)
	w.made(in, neo.Incident, map[string]string{"short_description": "Tunnel drops", "category": "network", "state": "2", "u_business_unit": "clinic"})
	w.made(in, neo.Incident, map[string]string{"short_description": "Mailbox full", "category": "software"})
	w.made(in, neo.RequestItem, map[string]string{"short_description": "A laptop"})
	w.create("sys_choice", map[string]string{"name": "incident", "element": "category", "value": "fax", "label": "Fax", "inactive": "true"})
	w.create("sys_choice", map[string]string{"name": "incident", "element": "category", "value": "network", "label": "Netzwerk", "language": "de"})
	w.update("sys_user", simulator.UserID("fred.luddy"), map[string]string{"active": "false"})
	return tickets
}

func TestChoices(t *testing.T) {
	tickets := filled(t, "neo.agent")
	restricted := filled(t, "itil.only") // sees labels of sys_choice at most
	const incidentStates = "incident:1 New, incident:2 In Progress, incident:3 On Hold, incident:6 Resolved, incident:7 Closed, incident:8 Canceled"
	for name, tt := range map[string]struct {
		class        neo.TicketClass
		field, query string
		limit        int
		want         string
		restricted   string // "" is the same
	}{
		"states of incidents":       {neo.Incident, "state", "", 0, incidentStates, ""},
		"states of tasks":           {neo.CatalogTask, "state", "closed", 0, "sc_task:3 Closed Complete, sc_task:4 Closed Incomplete, sc_task:7 Closed Skipped", "unknown"},
		"by label":                  {neo.Incident, "state", "progress", 0, "incident:2 In Progress", ""},
		"by value":                  {neo.Incident, "state", "8", 0, "incident:8 Canceled", ""},
		"at most":                   {neo.Incident, "state", "", 2, "incident:1 New, incident:2 In Progress", ""},
		"category":                  {neo.Incident, "category", "", 0, "inquiry Inquiry / Help, software Software, hardware Hardware, network Network, database Database, password_reset Password Reset", "network Network, software Software"},
		"inherited":                 {neo.RequestItem, "priority", "", 0, "1 1 - Critical, 2 2 - High, 3 3 - Moderate, 4 4 - Low, 5 5 - Planning", "4 4 - Low"},
		"custom":                    {neo.Incident, "u_business_unit", "", 0, "production Production, office Office, clinic Clinic", "clinic Clinic"},
		"group":                     {neo.Incident, "assignment_group", "o", 3, "Email & Collaboration, Network, On-Call", ""},
		"user":                      {neo.Incident, "assigned_to", "loo", 0, "David Loo", ""},
		"user by user name":         {neo.Incident, "assigned_to", "maria.s", 0, "Maria Santos", ""},
		"a user who is not active":  {neo.Incident, "assigned_to", "fred", 0, "", ""},
		"a user by id":              {neo.Incident, "assigned_to", simulator.UserID("david.loo"), 0, "David Loo", ""},
		"not active, by id":         {neo.Incident, "assigned_to", simulator.UserID("fred.luddy"), 0, "Fred Luddy", ""},
		"an id of another table":    {neo.Incident, "assignment_group", simulator.UserID("david.loo"), 0, "", ""},
		"company":                   {neo.Incident, "company", "halden", 0, "Halden Shipping", ""},
		"ci":                        {neo.Incident, "cmdb_ci", "gateway", 0, "VPN gateway", ""},
		"ticket by number":          {neo.Incident, "parent_incident", "INC0010001", 0, "INC0010001 Tunnel drops", ""},
		"ticket by words":           {neo.Incident, "parent_incident", "mailbox", 0, "INC0010002 Mailbox full", ""},
		"nothing of the kind":       {neo.Incident, "cmdb_ci", "spaceship", 0, "", ""},
		"yes or no":                 {neo.Incident, "active", "", 0, "true Yes, false No", ""},
		"text has no choices":       {neo.Incident, "short_description", "", 0, "", ""},
		"a choice that is not used": {neo.Incident, "category", "fax", 0, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			for account, system := range map[string]interface {
				choices() (string, error)
			}{
				"neo.agent": asker(func() ([]neo.Choice, error) {
					return tickets.Choices(t.Context(), tt.class, tt.field, tt.query, tt.limit)
				}),
				"itil.only": asker(func() ([]neo.Choice, error) {
					return restricted.Choices(t.Context(), tt.class, tt.field, tt.query, tt.limit)
				}),
			} {
				want := tt.want
				if account == "itil.only" && tt.restricted != "" {
					want = tt.restricted
				}
				if want == "unknown" {
					continue // there is no ticket to learn from
				}
				if got, err := system.choices(); err != nil || got != want {
					t.Errorf("%s: %q, %v; want %q", account, got, err, want)
				}
			}
		})
	}
	for field, query := range map[string]string{"no_such": "", "assignment_group": "x^ORname=Network"} {
		if _, err := tickets.Choices(t.Context(), neo.Incident, field, query, 5); neo.CodeOf(err) != neo.CodeInvalid {
			t.Errorf("%s %q: %v", field, query, err)
		}
	}
	if _, err := tickets.Choices(t.Context(), "sys_user", "name", "", 5); neo.CodeOf(err) != neo.CodeInvalid {
		t.Errorf("not a class: %v", err)
	}
}

// asker writes choices as the test's table has them: of references without the id.
type asker func() ([]neo.Choice, error)

func (ask asker) choices() (string, error) {
	list, err := ask()
	var all []string
	for _, c := range list {
		text := c.Value + " " + c.Label
		if len(c.Value) == 32 {
			text = c.Label
		}
		if c.Class != "" {
			text = string(c.Class) + ":" + text
		}
		all = append(all, text)
	}
	return strings.Join(all, ", "), err
}

// TestChoicesAreKeptApart: what one caller does to its list is not seen by the next.
func TestChoicesAreKeptApart(t *testing.T) {
	w := newWorld(t)
	tickets, _ := w.connected()
	first, err := tickets.Choices(t.Context(), neo.Incident, "state", "", 0)
	if err != nil {
		t.Fatal(err)
	}
	was := slices.Clone(first)
	for i := range first {
		first[i].Label = fmt.Sprint("spoiled ", i)
	}
	again, err := tickets.Choices(t.Context(), neo.Incident, "state", "", 0)
	if err != nil || !slices.Equal(was, again) {
		t.Errorf("%v, %v", again, err)
	}
}
