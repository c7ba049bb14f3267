package demo

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"hash/fnv"
	"strings"
)

//go:embed data/incidents.csv
var incidentsCSV string

// update is one recorded update of one incident; see data/README.md.
type update struct {
	incident string // the number in the source; the simulator gives its own
	first    bool   // this update creates the incident
	fields   map[string]string
	user     string // who makes it, a sample user of the simulator
	text     string // short description, with the first update
}

// states maps the source's words to ServiceNow's state and hold_reason.
var states = map[string][2]string{
	"New": {"1", ""}, "Active": {"2", ""}, "Awaiting User Info": {"3", "1"}, "Awaiting Problem": {"3", "3"},
	"Awaiting Vendor": {"3", "4"}, "Awaiting Evidence": {"3", "1"}, "Resolved": {"6", ""}, "Closed": {"7", ""},
}

// technicians, groups, callers and close codes stand in for the anonymous names of
// the source: the same name always becomes the same person.
var (
	technicians = []string{"beth.anglin", "david.loo", "fred.luddy", "howard.johnson"}
	groups      = []string{"Service Desk", "Network", "Hardware", "Database", "Software", "Email & Collaboration",
		"Identity & Access", "Field Services"}
	categories = []string{"inquiry", "software", "hardware", "network", "database"}
	closeCodes = []string{"Solution provided", "Workaround provided", "Resolved by caller", "User error", "No resolution provided"}
)

// pick chooses one of the list for a name of the source, always the same.
func pick(from []string, name string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name))
	return from[h.Sum32()%uint32(len(from))]
}

// updates returns the whole history in its order, in ServiceNow's fields. A field
// is present only when it changes, as a technician's save would send it.
func updates() ([]update, error) {
	rows, err := csv.NewReader(strings.NewReader(incidentsCSV)).ReadAll()
	if err != nil {
		return nil, err
	}
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	before := map[string]map[string]string{}
	var all []update
	for _, row := range rows[1:] {
		get := func(name string) string { return row[column[name]] }
		number := get("number")
		state, known := states[get("incident_state")]
		if !known {
			return nil, fmt.Errorf("incident %s has the unknown state %q", number, get("incident_state"))
		}
		category := pick(categories, get("category"))
		now := map[string]string{
			"state": state[0], "hold_reason": state[1], "category": category, "contact_type": strings.ToLower(get("contact_type")),
			"impact": get("impact")[:1], "urgency": get("urgency")[:1], "caller": get("caller_id"),
		}
		if g := get("assignment_group"); g != "" {
			now["assignment_group"] = pick(groups, g)
		}
		if who := get("assigned_to"); who != "" {
			now["assigned_to"] = pick(technicians, who)
		}
		if state[0] == "6" || state[0] == "7" {
			now["close_code"] = pick(closeCodes, get("closed_code"))
			now["close_notes"] = "Solved and confirmed with the caller."
		}
		u := update{incident: number, user: pick(technicians, get("sys_updated_by")), fields: map[string]string{}}
		was := before[number]
		if was == nil {
			// The first line arrives without a group: giving it one is what Neo is for.
			u.first, u.text = true, pick(descriptions[category], number)
			delete(now, "assignment_group")
			delete(now, "assigned_to")
		}
		for field, value := range now {
			if was == nil && value != "" || was != nil && was[field] != value {
				u.fields[field] = value
			}
		}
		before[number] = now
		if len(u.fields) > 0 {
			all = append(all, u)
		}
	}
	return all, nil
}
