package servicenow

import (
	"context"
	"strings"

	"github.com/neoagent/neo"
)

// States returns the states that a class has in an instance as ServiceNow delivers it.
func States(class neo.TicketClass) []neo.Choice { return states[class] }

// states are the states that a current instance ships with, by class: what Neo goes by
// where it may not read the instance's own.
var states = map[neo.TicketClass][]neo.Choice{
	neo.Incident: {{Value: "1", Label: "New"}, {Value: "2", Label: "In Progress"}, {Value: "3", Label: "On Hold"}, {Value: "6", Label: "Resolved"},
		{Value: "7", Label: "Closed"}, {Value: "8", Label: "Canceled"}},
	neo.Problem: {{Value: "101", Label: "New"}, {Value: "102", Label: "Assess"}, {Value: "103", Label: "Root Cause Analysis"},
		{Value: "104", Label: "Fix in Progress"}, {Value: "106", Label: "Resolved"}, {Value: "107", Label: "Closed"}},
	neo.ChangeRequest: {{Value: "-5", Label: "New"}, {Value: "-4", Label: "Assess"}, {Value: "-3", Label: "Authorize"}, {Value: "-2", Label: "Scheduled"},
		{Value: "-1", Label: "Implement"}, {Value: "0", Label: "Review"}, {Value: "3", Label: "Closed"}, {Value: "4", Label: "Canceled"}},
	neo.Request:     taskStates,
	neo.RequestItem: taskStates,
	neo.CatalogTask: taskStates,
}

var taskStates = []neo.Choice{{Value: "-5", Label: "Pending"}, {Value: "1", Label: "Open"}, {Value: "2", Label: "Work in Progress"},
	{Value: "3", Label: "Closed Complete"}, {Value: "4", Label: "Closed Incomplete"}, {Value: "7", Label: "Closed Skipped"}}

// lifecycle is how the tickets of one class are brought to their end and back.
type lifecycle struct {
	called                    string       // by people
	resolved, closed, working neo.Choice   // resolved is closed where the class knows no difference; working is "" where nothing leads back
	code, notes               string       // the fields for the close code and notes
	needs                     bool         // the instance refuses without them
	ends                      []string     // the states in which a ticket is over, in words for people too: a code of classes without a close code
	also                      [2][2]string // a second field and its value: at the end, and on the way back
}

var lifecycles = map[neo.TicketClass]lifecycle{
	neo.Incident: {called: "an incident", resolved: states[neo.Incident][3], closed: states[neo.Incident][4], working: states[neo.Incident][1],
		code: "close_code", notes: "close_notes", needs: true, ends: []string{"6", "7", "8"}},
	neo.Problem: {called: "a problem", resolved: states[neo.Problem][4], closed: states[neo.Problem][5], working: states[neo.Problem][2],
		code: "resolution_code", notes: "fix_notes", ends: []string{"106", "107"}},
	neo.ChangeRequest: {called: "a change", resolved: states[neo.ChangeRequest][6], closed: states[neo.ChangeRequest][6],
		code: "close_code", notes: "close_notes", needs: true, ends: []string{"3", "4"}},
	neo.Request: {called: "a request", resolved: taskStates[3], closed: taskStates[3], working: taskStates[2], notes: "close_notes",
		ends: []string{"3", "4", "7"}, also: [2][2]string{{"request_state", "closed_complete"}, {"request_state", "in_process"}}},
	neo.RequestItem: {called: "a request item", resolved: taskStates[3], closed: taskStates[3], working: taskStates[2], notes: "close_notes", ends: []string{"3", "4", "7"}},
	neo.CatalogTask: {called: "a catalog task", resolved: taskStates[3], closed: taskStates[3], working: taskStates[2], notes: "close_notes", ends: []string{"3", "4", "7"}},
}

// MoveTo returns the fields that bring the ticket there, with what its class needs
// besides; none when it is there already, or further. code and notes are the close code
// and notes, where the class has them; a catalog ticket has none: its code names one of
// its closed states. neo.CodeInvalid says what is missing, or which codes the instance has.
func (s *Tickets) MoveTo(ctx context.Context, t neo.Ticket, to neo.Lifecycle, code, notes string) (map[string]string, error) {
	if err := s.check(t.TicketRef); err != nil {
		return nil, err
	}
	return MoveTo(t, to, code, notes, func(field string) ([]neo.Choice, error) {
		lists, err := s.choiceLists(ctx, field)
		return lists.of(t.Class), err
	})
}

// MoveTo is the method of that name for an instance whose fields have these choices;
// none where Neo may not read them.
func MoveTo(t neo.Ticket, to neo.Lifecycle, code, notes string, choices func(field string) ([]neo.Choice, error)) (map[string]string, error) {
	class := lifecycles[t.Class]
	known, err := choices("state")
	if err != nil {
		return nil, err
	}
	if len(known) == 0 {
		known = states[t.Class]
	}
	var wanted neo.Choice
	switch to {
	case neo.ToResolved:
		wanted = class.resolved
	case neo.ToClosed:
		wanted = class.closed
	case neo.ToReopened:
		wanted = class.working
		if wanted.Value == "" && t.Fields["active"].Value == "false" {
			return nil, neo.Errorf(neo.CodeInvalid, "ServiceNow does not open %s again once it is closed. Create a new one instead.", class.called)
		}
	default:
		return nil, neo.Errorf(neo.CodeInvalid, "%q is not a place that a ticket can be brought to.", oneLine(string(to), 40))
	}
	if isThere(t, to, class, known) {
		return map[string]string{}, nil
	}
	state, err := stateIn(known, wanted, class)
	if err != nil {
		return nil, err
	}
	if to == neo.ToReopened {
		fields := map[string]string{"state": state.Value}
		class.addAlso(fields, t, 1)
		return fields, nil
	}
	return endOf(t, class, state, known, code, notes, choices)
}

// endOf returns the fields that resolve or close a ticket.
func endOf(t neo.Ticket, class lifecycle, state neo.Choice, known []neo.Choice, code, notes string, choices func(string) ([]neo.Choice, error)) (map[string]string, error) {
	fields := map[string]string{}
	code, notes = strings.TrimSpace(code), strings.TrimSpace(notes)
	switch {
	case class.code != "":
		codes, err := choices(class.code)
		if err != nil {
			return nil, err
		}
		if code == "" {
			code = t.Fields[class.code].Value
		}
		if code == "" && class.needs {
			return nil, neo.Errorf(neo.CodeInvalid, "To end %s, ServiceNow needs a close code. %s", class.called, whichCodes(codes))
		}
		if c, ok := named(codes, code); ok {
			code = c.Value
		} else if code != "" && len(codes) > 0 {
			return nil, neo.Errorf(neo.CodeInvalid, "ServiceNow has no close code %q for %s. %s", oneLine(code, 80), class.called, whichCodes(codes))
		}
		if code != "" {
			fields[class.code] = code
		}
	case code != "":
		var ends []neo.Choice
		for _, c := range known {
			if class.isEnd(c.Value) {
				ends = append(ends, c)
			}
		}
		c, ok := named(ends, code)
		if !ok {
			return nil, neo.Errorf(neo.CodeInvalid, "%s has no close code in ServiceNow; it ends in one of the states: %s. %q is none of them.",
				strings.ToUpper(class.called[:1])+class.called[1:], labels(ends), oneLine(code, 80))
		}
		state = c
	}
	fields["state"] = state.Value
	if notes == "" {
		notes = t.Fields[class.notes].Value
	}
	if notes == "" && class.needs {
		return nil, neo.Errorf(neo.CodeInvalid, "To end %s, ServiceNow needs close notes: what was done. Write them in the workflow's action.", class.called)
	}
	if notes != "" {
		fields[class.notes] = notes
	}
	if state.Value == class.closed.Value {
		class.addAlso(fields, t, 0)
	}
	return fields, nil
}

// isThere reports whether a ticket is where it is to be brought, or further on that way.
func isThere(t neo.Ticket, to neo.Lifecycle, class lifecycle, known []neo.Choice) bool {
	state := t.Fields["state"].Value
	over := t.Fields["active"].Value == "false"
	resolved := over || state == class.resolved.Value
	if r, err := stateIn(known, class.resolved, class); err == nil && state == r.Value {
		resolved = true
	}
	switch to {
	case neo.ToResolved:
		return resolved
	case neo.ToClosed:
		return over || class.resolved == class.closed && resolved
	}
	return !resolved
}

func (l lifecycle) isEnd(state string) bool {
	for _, e := range l.ends {
		if e == state {
			return true
		}
	}
	return false
}

// addAlso sets the second field, where the ticket has it.
func (l lifecycle) addAlso(fields map[string]string, t neo.Ticket, i int) {
	if _, has := t.Fields[l.also[i][0]]; has {
		fields[l.also[i][0]] = l.also[i][1]
	}
}

// stateIn returns the state of an instance that is the wanted one: by its label, for an
// administrator may have numbered them anew, else, where they are named in another
// language, by its value.
func stateIn(known []neo.Choice, wanted neo.Choice, class lifecycle) (neo.Choice, error) {
	for _, same := range []func(c neo.Choice) bool{
		func(c neo.Choice) bool { return strings.EqualFold(c.Label, wanted.Label) },
		func(c neo.Choice) bool { return c.Value == wanted.Value },
	} {
		for _, c := range known {
			if same(c) {
				return c, nil
			}
		}
	}
	return neo.Choice{}, neo.Errorf(neo.CodeInvalid, "This instance has no state %s for %s. It has: %s. Set the state with the action Update ticket fields instead.",
		wanted.Label, class.called, labels(known))
}

func whichCodes(codes []neo.Choice) string {
	if len(codes) == 0 {
		return "Neo's account may not read which ones there are; ask an administrator, and write one in the workflow's action."
	}
	return "Choose one of: " + labels(codes) + "."
}

// LinkTo returns the fields that make child a child of parent, or, of two problems,
// its duplicate.
func (s *Tickets) LinkTo(_ context.Context, child, parent neo.Ticket) (map[string]string, error) {
	for _, t := range []neo.Ticket{child, parent} {
		if err := s.check(t.TicketRef); err != nil {
			return nil, err
		}
	}
	return LinkTo(child, parent)
}

// LinkTo is the method of that name for tickets of one instance.
func LinkTo(child, parent neo.Ticket) (map[string]string, error) {
	field := "parent"
	switch {
	case child.RemoteID == parent.RemoteID:
		return nil, neo.Errorf(neo.CodeInvalid, "%s cannot be linked to itself.", oneLine(child.Number, 40))
	case child.Class == neo.Incident && parent.Class == neo.Incident:
		field = "parent_incident"
	case child.Class == neo.Problem && parent.Class == neo.Problem:
		field = "duplicate_of"
	}
	if parent.Fields[field].Value == child.RemoteID {
		return nil, neo.Errorf(neo.CodeInvalid, "%s is linked to %s already, the other way round. Take that link off first.", oneLine(parent.Number, 40), oneLine(child.Number, 40))
	}
	return map[string]string{field: parent.RemoteID}, nil
}
