package workflowfile

import (
	"slices"

	"github.com/neoagent/neo"
)

const maxWait = 366 * 24 * 60 // minutes

// configs are the settings of each action. A test holds them to what flow takes.
var configs = map[neo.ActionType]*shape{
	neo.ActionUpdateTicket: keys("Sets fields.",
		must("fields", &shape{kind: table, min: 1, item: templateValue(), doc: "The values, by field: stored ones, or as ServiceNow shows them."})),
	neo.ActionAssign: keys("Gives the ticket to a group, a technician, or both.",
		may("group", template("Name or id.")),
		may("technician", template("Name, user name or id.")),
		may("strategy", oneOf("How the technician is chosen among the group's members. Default: NAMED.",
			"NAMED", "LEAST_OPEN", "ROUND_ROBIN", "ON_SHIFT")),
		may("shifts", listOf("ON_SHIFT: who works when, in the tenant's time zone.", keys("",
			must("name", says("For people.")),
			must("days", listOf("On which the shift begins.", oneOf("", weekdays...))),
			must("from", clock("When it begins.")),
			must("to", clock("When it ends; a time before from is on the next day.")),
			must("technicians", listOf("Names, user names or ids.", says(""))),
		)))),
	neo.ActionAddWorkNote:   keys("Adds an internal note.", must("text", template("The note."))),
	neo.ActionAddClientNote: keys("Adds a note that the customer sees.", must("text", template("The note."))),
	neo.ActionLogTime: keys("Logs time worked.",
		must("minutes", number("How long.", 1, 24*60)), may("text", template("What was done."))),
	neo.ActionResolve: keys("Resolves the ticket.",
		must("code", says("The close code, as the instance has it.")), must("notes", template("The close notes."))),
	neo.ActionClose: keys("Closes the ticket.",
		may("code", says("The close code, where the class has one.")), may("notes", template("The close notes."))),
	neo.ActionReopen: keys("Reopens the ticket.", may("note", template("A work note that says why."))),
	neo.ActionCreateTicket: keys("Creates a ticket.",
		must("class", oneOf("Of which class.", neo.TicketClasses...)),
		must("fields", tableOf("Its fields.", templateValue())),
		may("link", yesNo("The new ticket belongs to this one."))),
	neo.ActionLinkDuplicate: keys("Finds the oldest similar open ticket and links this one to it as its child.",
		must("within_days", number("How old the other may be.", 1, 90)),
		must("similarity", number("How similar the texts must be, in per cent.", 50, 100)),
		may("same_caller", yesNo("Only tickets of the same person.")),
		may("note", template("A work note that says so."))),
	neo.ActionNotify: keys("Tells the person affected.",
		must("mode", oneOf("On which way.", "TICKET_NOTE", "TIME_ENTRY", "EMAIL")),
		may("subject", template("EMAIL: one line.")),
		must("text", template("The message.")),
		may("minutes", number("TIME_ENTRY: how long.", 1, 24*60))),
	neo.ActionSendMessage: keys("Sends a message to Slack, Teams or another address.",
		must("endpoint", says("Name or id of one of the endpoints in Neo's settings.")),
		may("text", template("The message; needed without body.")),
		may("body", template("HTTPS: the JSON that is sent."))),
	neo.ActionAskApproval: keys("Asks a technician before it goes on.",
		must("text", template("The question.")),
		may("approvers", listOf("E-mail addresses of those who may decide; none: everybody.", says(""))),
		may("deadline_minutes", number("After which the question expires.", 1, maxWait)),
		may("on_deadline", oneOf("What happens then.", neo.ExpireRejects, neo.ExpireApproves, neo.ExpireFails)),
		may("on_reject", oneOf("What a rejection does.", neo.RejectStops, neo.RejectContinues))),
	neo.ActionWait: keys("Waits, for the first of these.",
		may("for_minutes", number("So long at most.", 1, maxWait)),
		may("for_working_minutes", number("So long at most, counting the business hours only.", 1, maxWait)),
		may("until_rule", rule),
		may("until_business_hours", yesNo("Until business hours begin.")),
		may("stop_if_not", yesNo("Ends the run when the time is over and until_rule does not hold."))),
	neo.ActionContinueIf: keys("Ends the run unless the conditions hold.",
		must("conditions", rule), may("message", template("Why it ends."))),
	neo.ActionRunWorkflow: keys("Starts another workflow on the ticket.", must("workflow", says("Name or id."))),
}

// templateValue is a value of a field: a number may stand there without quotes.
func templateValue() *shape { return value("May use {{ … }}.") }

// actionTypes are the types in the order in which people see them.
func actionTypes() []neo.ActionType {
	all := []neo.ActionType{
		neo.ActionUpdateTicket, neo.ActionAssign, neo.ActionAddWorkNote, neo.ActionAddClientNote, neo.ActionLogTime, neo.ActionResolve,
		neo.ActionClose, neo.ActionReopen, neo.ActionCreateTicket, neo.ActionLinkDuplicate, neo.ActionNotify, neo.ActionSendMessage,
		neo.ActionAskApproval, neo.ActionWait, neo.ActionContinueIf, neo.ActionRunWorkflow,
	}
	return slices.Clip(all)
}
