package flow

import (
	"encoding/json"

	"github.com/neoagent/neo"
)

// behindGate is the ticket system as the engine hands it to actions.
func behindGate(system TicketSystem, _ neo.Permissions) TicketSystem { return system }

// asksFirst reports whether the gate would have a technician asked about a plan.
func asksFirst(permissions neo.Permissions, plan neo.Plan) bool {
	for _, g := range groupsOf(plan) {
		if permissions.Of(g).AskFirst {
			return true
		}
	}
	return false
}

// groupsOf returns the permission groups to which the writes of a plan belong.
func groupsOf(plan neo.Plan) []neo.PermissionGroup {
	var groups []neo.PermissionGroup
	add := func(is bool, g neo.PermissionGroup) {
		if is {
			groups = append(groups, g)
		}
	}
	w := plan.Write
	if c := plan.Create; c != nil {
		add(true, neo.GroupTickets)
		w.WorkNote, w.ClientNote = c.WorkNote, c.ClientNote
	}
	add(len(w.Fields) > 0, neo.GroupTickets)
	add(w.WorkNote != "", neo.GroupWorkNotes)
	add(w.ClientNote != "", neo.GroupClientNotes)
	add(w.Email != nil, neo.GroupEmail)
	add(w.TimeEntry != nil, neo.GroupTimeEntries)
	return groups
}

// groupOf returns the settings of an assignment without what chooses a technician.
func groupOf(spec neo.ActionSpec) (json.RawMessage, bool) {
	var config map[string]json.RawMessage
	if spec.Type != neo.ActionAssign || json.Unmarshal(spec.Config, &config) != nil {
		return nil, false
	}
	group, ok := config["group"]
	if !ok || string(group) == `""` {
		return nil, false
	}
	alone, err := json.Marshal(map[string]json.RawMessage{"group": group})
	return alone, err == nil
}
