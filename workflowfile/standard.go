package workflowfile

import (
	"context"

	"github.com/neoagent/neo"
)

// What an instance is like as ServiceNow delivers it, as far as cases need it: the
// states and choices of the task family, and how its tickets are resolved, closed,
// reopened and linked.

var prefixes = map[neo.TicketClass]string{
	neo.Incident: "INC", neo.Request: "REQ", neo.RequestItem: "RITM", neo.CatalogTask: "SCTASK", neo.ChangeRequest: "CHG", neo.Problem: "PRB",
}

// firstState is the state of a ticket for which a case gives none.
var firstState = map[neo.TicketClass]string{
	neo.Incident: "1", neo.Request: "1", neo.RequestItem: "1", neo.CatalogTask: "1", neo.ChangeRequest: "-5", neo.Problem: "101",
}

var taskStates = map[string]string{
	"-5": "Pending", "1": "Open", "2": "Work in Progress", "3": "Closed Complete", "4": "Closed Incomplete", "7": "Closed Skipped",
}

var states = map[neo.TicketClass]map[string]string{
	neo.Incident: {"1": "New", "2": "In Progress", "3": "On Hold", "6": "Resolved", "7": "Closed", "8": "Canceled"},
	neo.Problem: {
		"101": "New", "102": "Assess", "103": "Root Cause Analysis", "104": "Fix in Progress", "106": "Resolved", "107": "Closed",
	},
	neo.ChangeRequest: {
		"-5": "New", "-4": "Assess", "-3": "Authorize", "-2": "Scheduled", "-1": "Implement", "0": "Review", "3": "Closed", "4": "Canceled",
	},
	neo.CatalogTask: taskStates, neo.RequestItem: taskStates, neo.Request: taskStates,
}

var (
	levels     = map[string]string{"1": "1 - High", "2": "2 - Medium", "3": "3 - Low"}
	priorities = map[string]string{"1": "1 - Critical", "2": "2 - High", "3": "3 - Moderate", "4": "4 - Low", "5": "5 - Planning"}
	holds      = map[string]string{"1": "Awaiting Caller", "3": "Awaiting Problem", "4": "Awaiting Vendor", "5": "Awaiting Change"}
	approvals  = map[string]string{
		"not requested": "Not Yet Requested", "requested": "Requested", "approved": "Approved", "rejected": "Rejected",
		"cancelled": "Cancelled", "not_required": "Not Required", "duplicate": "Duplicate",
	}
	changeTypes = map[string]string{"normal": "Normal", "standard": "Standard", "emergency": "Emergency"}
	closeCodes  = map[neo.TicketClass]map[string]string{
		neo.Incident: same("Solution provided", "Workaround provided", "Resolved by caller", "Resolved by change", "Resolved by problem",
			"Resolved by request", "Known error", "Duplicate", "User error", "No resolution provided"),
		neo.ChangeRequest: {"successful": "Successful", "successful_issues": "Successful with issues", "unsuccessful": "Unsuccessful"},
	}
)

func same(values ...string) map[string]string {
	m := map[string]string{}
	for _, v := range values {
		m[v] = v
	}
	return m
}

// standardChoices returns the choices of a field, stored value to shown text, or nil.
func standardChoices(class neo.TicketClass, field string) map[string]string {
	switch field {
	case "state":
		return states[class]
	case "impact", "urgency":
		return levels
	case "priority":
		return priorities
	case "approval":
		return approvals
	case "close_code":
		return closeCodes[class]
	}
	switch {
	case class == neo.Incident && field == "hold_reason":
		return holds
	case class == neo.ChangeRequest && field == "type":
		return changeTypes
	}
	return nil
}

// MoveTo returns the fields that bring a ticket there.
func (d system) MoveTo(_ context.Context, t neo.Ticket, to neo.Lifecycle, code, notes string) (map[string]string, error) {
	fields := map[string]string{"close_notes": notes}
	state := map[neo.Lifecycle]map[neo.TicketClass]string{
		neo.ToResolved: {neo.Incident: "6", neo.Problem: "106", neo.CatalogTask: "3", neo.RequestItem: "3", neo.Request: "3", neo.ChangeRequest: "3"},
		neo.ToClosed:   {neo.Incident: "7", neo.Problem: "107", neo.CatalogTask: "3", neo.RequestItem: "3", neo.Request: "3", neo.ChangeRequest: "3"},
		neo.ToReopened: {neo.Incident: "2", neo.Problem: "103", neo.CatalogTask: "2", neo.RequestItem: "2", neo.Request: "2"},
	}[to][t.Class]
	if state == "" {
		return nil, neo.Errorf(neo.CodeInvalid, "A %s cannot be brought there (%s).", t.Class, to)
	}
	if code != "" && to != neo.ToReopened {
		field := "close_code"
		if t.Class == neo.Problem {
			field = "resolution_code"
		}
		v, known := d.value(t.Class, field, code)
		if !known {
			return nil, neo.Errorf(neo.CodeInvalid, "The case's instance has no close code %q.", code)
		}
		fields[field] = v.Value
	}
	if notes == "" || to == neo.ToReopened {
		delete(fields, "close_notes")
	}
	fields["state"] = state
	return fields, nil
}

// LinkTo returns the fields that make a ticket the child of another.
func (d system) LinkTo(_ context.Context, child, parent neo.Ticket) (map[string]string, error) {
	switch {
	case child.Class == neo.Incident && parent.Class == neo.Incident:
		return map[string]string{"parent_incident": parent.RemoteID}, nil
	case child.Class == neo.Problem && parent.Class == neo.Problem:
		return map[string]string{"duplicate_of": parent.RemoteID}, nil
	}
	return map[string]string{"parent": parent.RemoteID}, nil
}
