package simulator

import "context"

// sampleTicket is one ticket of Options.SampleTickets, opened by its caller's service desk.
type sampleTicket struct {
	table, short, description  string
	caller, group, assigned    string
	impact, urgency, categoryV string
	state, item, note          string
}

// categoryOf is the category that a subcategory belongs to.
var categoryOf = map[string]string{"antivirus": "inquiry", "email": "inquiry", "internal application": "inquiry",
	"operating system": "software", "cpu": "hardware", "disk": "hardware", "keyboard": "hardware", "monitor": "hardware", "mouse": "hardware",
	"dhcp": "network", "dns": "network", "vpn": "network", "wireless": "network", "db2": "database", "sql server": "database", "oracle": "database"}

var sampleTickets = []sampleTicket{
	{"incident", "Outlook keeps asking for a password", "Since this morning Outlook asks for my password every few minutes. Web mail works.",
		"abigail.turner", "Email & Collaboration", "fred.luddy", "3", "2", "software", "2", "Exchange Online",
		"Cleared the cached credentials, waiting to hear whether it comes back."},
	{"incident", "No internet on the third floor", "About twenty people cannot reach anything. The lights on the switch are amber.",
		"ingrid.solberg", "Network", "", "1", "2", "network", "1", "Halden core switch HAL-SW01", ""},
	{"incident", "Cannot log in after holiday", "My account says it is locked. I am back from two weeks away.",
		"priya.nair", "Identity & Access", "", "3", "3", "password_reset", "1", "", ""},
	{"incident", "Packing line terminal freezes", "Terminal 7 freezes after every scan, the line stops for minutes.",
		"liam.oconnor", "Hardware", "beth.anglin", "2", "1", "hardware", "2", "Packing line terminal BW-T07", ""},
	{"incident", "Suspicious invoice e-mail", "I received an invoice from a supplier we do not have and clicked the link before thinking.",
		"magnus.dahl", "Security Operations", "david.loo", "2", "2", "inquiry", "1", "", ""},
	{"incident", "Shared drive is very slow", "Opening a document on the case drive takes a minute.",
		"elena.petrova", "Service Desk", "", "3", "2", "software", "1", "Document server CF-DOC02", ""},
	{"change_request", "Replace core switch HAL-SW01", "Swap the failing switch outside office hours.",
		"ingrid.solberg", "Change Management", "howard.johnson", "2", "3", "Network", "-5", "Halden core switch HAL-SW01", ""},
	{"problem", "Recurring VPN drops after 30 minutes", "Several customers report the tunnel dropping after half an hour.",
		"", "Network", "david.loo", "2", "2", "network", "102", "VPN gateway", ""},
}

// seedTickets goes through the ordinary write path, so numbers, priorities and journals come out right.
func (in *Instance) seedTickets() {
	in.store.mu.Lock()
	in.store.rebuildChoices()
	in.store.mu.Unlock()
	by := in.actorOf(userID("beth.anglin"))
	for _, st := range sampleTickets {
		values := map[string]string{"short_description": st.short, "description": st.description, "impact": st.impact,
			"urgency": st.urgency, "category": st.categoryV, "state": st.state, "work_notes": st.note,
			"assignment_group": stableID("sys_user_group " + st.group)}
		if st.caller != "" {
			person := map[string]string{"incident": "caller_id", "change_request": "requested_by"}[st.table]
			values[person] = userID(st.caller)
		}
		if st.assigned != "" {
			values["assigned_to"] = userID(st.assigned)
		}
		if st.item != "" {
			values["cmdb_ci"] = stableID("cmdb_ci " + st.item)
		}
		if _, err := in.write(context.Background(), writeRequest{op: opInsert, table: schema[st.table],
			id: stableID("ticket " + st.short), set: values, actor: by, quiet: true}); err != nil {
			panic("simulator: sample ticket " + st.short + ": " + err.Error())
		}
	}
}
