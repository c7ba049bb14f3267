package workflowfile

import (
	"context"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/servicenow"
)

// What an instance is like as ServiceNow delivers it, as far as cases need it. States,
// and how tickets are resolved, closed, reopened and linked, are those of the connector.

var prefixes = map[neo.TicketClass]string{
	neo.Incident: "INC", neo.Request: "REQ", neo.RequestItem: "RITM", neo.CatalogTask: "SCTASK", neo.ChangeRequest: "CHG", neo.Problem: "PRB",
}

// firstState is the state of a ticket for which a case gives none.
var firstState = map[neo.TicketClass]string{
	neo.Incident: "1", neo.Request: "1", neo.RequestItem: "1", neo.CatalogTask: "1", neo.ChangeRequest: "-5", neo.Problem: "101",
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
		all := map[string]string{}
		for _, c := range servicenow.States(class) {
			all[c.Value] = c.Label
		}
		return all
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

// standardFields are the fields of which standardChoices knows choices.
var standardFields = []string{"state", "impact", "urgency", "priority", "approval", "close_code", "hold_reason", "type"}

// dictionary is what the instance of the case says about its fields.
func (d *desk) dictionary() *neo.Dictionary {
	if d.known == nil {
		all := map[neo.TicketClass]map[string][]neo.Choice{}
		for _, class := range neo.TicketClasses {
			all[class] = map[string][]neo.Choice{}
			for _, field := range append(sorted(d.Choices), standardFields...) {
				if list := d.choicesOf(class, field); len(list) > 0 {
					all[class][field] = list
				}
			}
		}
		d.known = servicenow.Standard(all)
	}
	return d.known
}

// choicesOf returns the choices of a field, by stored value: those of the case come
// before the usual ones.
func (d *desk) choicesOf(class neo.TicketClass, field string) []neo.Choice {
	all := union(standardChoices(class, field), d.Choices[field])
	list := make([]neo.Choice, 0, len(all))
	for _, stored := range sorted(all) {
		list = append(list, neo.Choice{Value: stored, Label: all[stored]})
	}
	return list
}

// MoveTo is that of the connector.
func (d system) MoveTo(_ context.Context, t neo.Ticket, to neo.Lifecycle, code, notes string) (map[string]string, error) {
	return servicenow.MoveTo(d.dictionary(), t, to, code, notes, func(field string) (neo.FieldEntry, error) {
		return neo.FieldEntry{Choices: d.choicesOf(t.Class, field)}, nil
	})
}

// LinkTo is that of the connector.
func (d system) LinkTo(_ context.Context, child, parent neo.Ticket) (map[string]string, error) {
	return servicenow.LinkTo(child, parent)
}
