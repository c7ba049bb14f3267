package servicenow

import (
	"context"
	"slices"
	"strings"

	"github.com/neoagent/neo"
)

// lifecycle is how the tickets of one class are brought to their end and back. The states
// are those that instances ship with: which they are in this one, statesOf says.
type lifecycle struct {
	called                    string       // by people
	resolved, closed, working neo.Choice   // resolved is closed where the class knows no difference; working is "" where nothing leads back
	code, notes               string       // the fields for the close code and notes; no code: it names one of the states in which a ticket is over
	needs                     bool         // the instance refuses without them
	also                      [2][2]string // a second field and its value: at the end, and on the way back
}

var lifecycles = map[neo.TicketClass]lifecycle{
	neo.Incident: {called: "an incident", resolved: states[neo.Incident][3], closed: states[neo.Incident][4], working: states[neo.Incident][1],
		code: "close_code", notes: "close_notes", needs: true},
	neo.Problem: {called: "a problem", resolved: states[neo.Problem][4], closed: states[neo.Problem][5], working: states[neo.Problem][2],
		code: "resolution_code", notes: "fix_notes"},
	neo.ChangeRequest: {called: "a change", resolved: states[neo.ChangeRequest][6], closed: states[neo.ChangeRequest][6],
		code: "close_code", notes: "close_notes", needs: true},
	neo.Request: {called: "a request", resolved: taskStates[3], closed: taskStates[3], working: taskStates[2], notes: "close_notes",
		also: [2][2]string{{"request_state", "closed_complete"}, {"request_state", "in_process"}}},
	neo.RequestItem: {called: "a request item", resolved: taskStates[3], closed: taskStates[3], working: taskStates[2], notes: "close_notes"},
	neo.CatalogTask: {called: "a catalog task", resolved: taskStates[3], closed: taskStates[3], working: taskStates[2], notes: "close_notes"},
}

// MoveTo returns the fields that bring the ticket there, with what its class needs
// besides; none when it is there already, or further. code and notes are the close code
// and notes, where the class has them; a catalog ticket has none: its code names one of
// its closed states. neo.CodeInvalid says what is missing, or which codes the instance has.
func (s *Tickets) MoveTo(ctx context.Context, t neo.Ticket, to neo.Lifecycle, code, notes string) (map[string]string, error) {
	if err := s.check(t.TicketRef); err != nil {
		return nil, err
	}
	d, err := s.dictionary(ctx)
	if err != nil {
		return nil, err
	}
	if _, known := d.StatesOf(t.Class); !known { // it is not learnt yet
		if d, err = s.statesNow(ctx, t.Class); err != nil {
			return nil, err
		}
	}
	codes := func(field string) (neo.FieldEntry, error) {
		lists, err := s.choiceLists(ctx, field)
		return lists.entry(t.Class), err
	}
	return MoveTo(d, t, to, code, notes, codes)
}

// MoveTo is the method of that name for an instance with that dictionary. codes returns
// the choices of the field for close codes; none where Neo may not read them.
func MoveTo(d *neo.Dictionary, t neo.Ticket, to neo.Lifecycle, code, notes string, codes func(field string) (neo.FieldEntry, error)) (map[string]string, error) {
	class := lifecycles[t.Class]
	known, learnt := d.StatesOf(t.Class)
	entry, _ := d.Entry(t.Class, neo.FieldState)
	if !learnt {
		known, entry = shippedStates[t.Class], neo.FieldEntry{Choices: states[t.Class]}
	}
	phase := phaseOf(d, t.Class, t.Fields[neo.FieldState], t.Fields["active"].Value)
	var wanted neo.Choice
	state, there := "", false
	switch to {
	case neo.ToResolved:
		wanted, state, there = class.resolved, known.Resolve, phase != neo.PhaseOpen
	case neo.ToClosed:
		wanted, state, there = class.closed, known.Close, phase == neo.PhaseClosed
	case neo.ToReopened:
		wanted, state, there = class.working, known.Reopen, phase == neo.PhaseOpen
		if wanted.Label == "" && !there {
			return nil, neo.Errorf(neo.CodeInvalid, "ServiceNow does not open %s again once it is closed. Create a new one instead.", class.called)
		}
	default:
		return nil, neo.Errorf(neo.CodeInvalid, "%q is not a place that a ticket can be brought to.", oneLine(string(to), 40))
	}
	switch {
	case there:
		return map[string]string{}, nil
	case state == "":
		return nil, neo.Errorf(neo.CodeInvalid, "This instance has no state %s for %s. It has: %s. Set the state with the action Update ticket fields instead.",
			wanted.Label, class.called, labels(entry.Offered()))
	case to == neo.ToReopened:
		fields := map[string]string{neo.FieldState: state}
		class.addAlso(fields, d, t, 1)
		return fields, nil
	}
	return endOf(d, t, class, known, entry, state, code, notes, codes)
}

// endOf returns the fields that resolve or close a ticket.
func endOf(d *neo.Dictionary, t neo.Ticket, class lifecycle, known neo.States, entry neo.FieldEntry, state, code, notes string,
	codes func(string) (neo.FieldEntry, error)) (map[string]string, error) {
	fields := map[string]string{}
	code, notes = strings.TrimSpace(code), strings.TrimSpace(notes)
	switch {
	case class.code != "":
		all, err := codes(class.code)
		if err != nil {
			return nil, err
		}
		if code == "" {
			code = t.Fields[class.code].Value
		}
		if code == "" && class.needs {
			return nil, neo.Errorf(neo.CodeInvalid, "To end %s, ServiceNow needs a close code. %s", class.called, whichCodes(all.Offered()))
		}
		if values := offered(all, code); len(values) > 0 {
			code = values[0]
		} else if code != "" && len(all.Choices) > 0 {
			return nil, neo.Errorf(neo.CodeInvalid, "ServiceNow has no close code %q for %s. %s", oneLine(code, 80), class.called, whichCodes(all.Offered()))
		}
		if code != "" {
			fields[class.code] = code
		}
	case code != "":
		ends := entry
		ends.Choices = slices.DeleteFunc(slices.Clone(entry.Choices), func(c neo.Choice) bool { return known.Phases[c.Value] == neo.PhaseOpen })
		values := offered(ends, code)
		if len(values) == 0 || known.Phases[values[0]] == neo.PhaseOpen {
			return nil, neo.Errorf(neo.CodeInvalid, "%s has no close code in ServiceNow; it ends in one of the states: %s. %q is none of them.",
				strings.ToUpper(class.called[:1])+class.called[1:], labels(ends.Offered()), oneLine(code, 80))
		}
		state = values[0]
	}
	fields[neo.FieldState] = state
	if notes == "" {
		notes = t.Fields[class.notes].Value
	}
	if notes == "" && class.needs {
		return nil, neo.Errorf(neo.CodeInvalid, "To end %s, ServiceNow needs close notes: what was done. Write them in the workflow's action.", class.called)
	}
	if notes != "" {
		fields[class.notes] = notes
	}
	if state == known.Close {
		class.addAlso(fields, d, t, 0)
	}
	return fields, nil
}

// addAlso sets the second field, where the ticket has it and the instance has the value.
func (l lifecycle) addAlso(fields map[string]string, d *neo.Dictionary, t neo.Ticket, i int) {
	name, value := l.also[i][0], l.also[i][1]
	if _, has := t.Fields[name]; !has {
		return
	}
	if e, known := d.Entry(t.Class, name); known && len(e.Choices) > 0 {
		values := e.Stored(value)
		if len(values) == 0 {
			values = e.Stored(strings.ReplaceAll(value, "_", " ")) // by its label
		}
		if len(values) == 0 {
			return
		}
		value = values[0]
	}
	fields[name] = value
}

// offered returns the stored values that text means and that a ticket can be given.
func offered(e neo.FieldEntry, text string) []string {
	return slices.DeleteFunc(e.Stored(text), func(value string) bool { return slices.Contains(e.Off, value) })
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
