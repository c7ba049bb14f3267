package flow

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/liquid"
)

// assign gives the ticket to a group, a technician, or both, by name or id, or to the
// technician that a strategy chooses.
// {"group": "Network", "technician": "beth.anglin"}
// {"group": "Network", "strategy": "LEAST_OPEN"}
// {"strategy": "ON_SHIFT", "shifts": [{"name": "Early", "days": ["MON"], "from": "06:00", "to": "14:00", "technicians": ["beth.anglin"]}]}
type assign struct {
	group, technician *liquid.Template
	strategy          strategy
	shifts            []shift
}

// strategy is how a technician is chosen.
type strategy string

const (
	byHand    strategy = "NAMED"       // the one in the settings
	leastOpen strategy = "LEAST_OPEN"  // of the group, with the fewest open tickets
	inTurn    strategy = "ROUND_ROBIN" // of the group, one after the other
	onShift   strategy = "ON_SHIFT"    // of the shift that is now, with the fewest open tickets
)

// shift is who works when, in the tenant's time zone.
type shift struct {
	Name        string   `json:"name"`
	Days        []string `json:"days"`
	From        string   `json:"from"`
	To          string   `json:"to"`
	Technicians []string `json:"technicians"` // by name or id
}

func (s shift) span() neo.Span { return neo.Span{Days: s.Days, From: s.From, To: s.To} }

const (
	maxShifts      = 50
	maxTechnicians = 50 // of a shift; each is looked up
)

func parseAssign(s *setup) Action {
	var c struct {
		Group      string   `json:"group"`
		Technician string   `json:"technician"`
		Strategy   strategy `json:"strategy"`
		Shifts     []shift  `json:"shifts"`
	}
	if !s.read(&c) {
		return nil
	}
	s.needsToWrite(neo.GroupTickets)
	s.needsRecord("group", "group", c.Group)
	s.needsRecord("technician", "user", c.Technician)
	for i, shift := range c.Shifts {
		for j, name := range shift.Technicians {
			s.needsRecord(fmt.Sprintf("shifts[%d].technicians[%d]", i, j), "user", name)
		}
	}
	a := assign{shifts: c.Shifts}
	a.strategy = choiceOf(s, "strategy", c.Strategy, byHand, leastOpen, inTurn, onShift)
	group, technician := strings.TrimSpace(c.Group) != "", strings.TrimSpace(c.Technician) != ""
	if group {
		a.group = s.text("group", c.Group)
	}
	if technician {
		a.technician = s.text("technician", c.Technician)
	}
	if technician && a.strategy != byHand {
		s.wrong("technician", "The strategy %s chooses the technician: leave this empty.", a.strategy)
	}
	if len(c.Shifts) > 0 && a.strategy != onShift {
		s.wrong("shifts", "Only the strategy %s has shifts.", onShift)
	}
	switch a.strategy {
	case byHand:
		if !group && !technician {
			s.wrong("group", "There is neither a group nor a technician: name at least one of them.")
		}
	case leastOpen, inTurn:
		if !group {
			s.wrong("group", "This is empty: the strategy %s chooses among the members of a group.", a.strategy)
		}
	case onShift:
		s.checkShifts(c.Shifts)
	}
	return a
}

func (s *setup) checkShifts(shifts []shift) {
	if len(shifts) == 0 || len(shifts) > maxShifts {
		s.wrong("shifts", "There are %d; there must be 1 to %d.", len(shifts), maxShifts)
		return
	}
	for i, shift := range shifts {
		at := fmt.Sprintf("shifts[%d]", i)
		if strings.TrimSpace(shift.Name) == "" {
			s.wrong(at+".name", "This is empty: give the shift a name.")
		}
		if len(shift.Days) == 0 {
			s.wrong(at+".days", "There are none: name the days on which the shift begins.")
		}
		if err := shift.span().Check(); err != nil {
			s.wrong(at, "%s.", upperFirst(err.Error()))
		}
		if len(shift.Technicians) == 0 || len(shift.Technicians) > maxTechnicians || slices.ContainsFunc(shift.Technicians, func(t string) bool { return strings.TrimSpace(t) == "" }) {
			s.wrong(at+".technicians", "Name 1 to %d technicians.", maxTechnicians)
		}
	}
}

// Plan resolves the names each time: groups and people are renamed, and a name
// that is gone must be an error and not a wrong assignment.
func (a assign) Plan(ctx context.Context, in Input) (neo.Plan, error) {
	group, err := in.lookUp(ctx, "group", a.group)
	if err != nil {
		return neo.Plan{}, err
	}
	var technician neo.Value
	reason := ""
	switch a.strategy {
	case byHand:
		technician, err = in.lookUp(ctx, "user", a.technician)
		if err == nil && group.Value == "" && technician.Value == "" {
			err = neo.Errorf(neo.CodeInvalid, "The names of group and technician came out empty: nobody can be assigned. Name one that does not depend on the ticket alone.")
		}
	case onShift:
		technician, reason, err = a.ofShift(ctx, in)
		if err == nil && technician.Value == "" && group.Value == "" {
			err = neo.Errorf(neo.CodeInvalid, "No shift is on now, so nobody can be assigned. Add a shift that covers this time, or name a group for it.")
		}
	default:
		technician, reason, err = a.ofGroup(ctx, in, group)
	}
	if err != nil {
		return neo.Plan{}, err
	}
	plan := neo.Plan{Write: neo.Write{Fields: map[string]string{}}, Outputs: map[string]any{"technician": technician.String(), "group": group.String()}, Reason: reason}
	if group.Value != "" {
		plan.Write.Fields["assignment_group"] = group.Value
	}
	if technician.Value != "" {
		plan.Write.Fields["assigned_to"] = technician.Value
	}
	return plan, nil
}

// lookUp resolves a name in the settings; none when it is empty.
func (in Input) lookUp(ctx context.Context, kind string, t *liquid.Template) (neo.Value, error) {
	name, err := in.fill(ctx, t)
	if name = strings.TrimSpace(name); err != nil || name == "" {
		return neo.Value{}, err
	}
	return in.Tickets.Lookup(ctx, kind, name)
}

// ofGroup chooses among the members of the group.
func (a assign) ofGroup(ctx context.Context, in Input, group neo.Value) (chosen neo.Value, reason string, err error) {
	if group.Value == "" {
		return chosen, "", neo.Errorf(neo.CodeInvalid, "The name of the group came out empty: there is nobody to choose from. Name one that does not depend on the ticket alone.")
	}
	members, err := in.Tickets.Members(ctx, group.Value)
	if err != nil {
		return chosen, "", err
	}
	if len(members) == 0 {
		return chosen, "", neo.Errorf(neo.CodeInvalid, "The group “%s” has no active members to choose from. Add some, or name another group in the workflow.", group)
	}
	members = byName(members)
	if a.strategy == leastOpen {
		return fewestOpen(ctx, in, members)
	}
	turn, err := in.Desk.Turn(ctx, in.Run, in.Position)
	if err != nil {
		return chosen, "", err
	}
	n := turn % len(members)
	return members[n], fmt.Sprintf("next in turn (%d of %d)", n+1, len(members)), nil
}

// ofShift chooses among those whose shift is now; nobody when there is none.
func (a assign) ofShift(ctx context.Context, in Input) (chosen neo.Value, reason string, err error) {
	now := in.Now.In(in.Settings.Location())
	var shifts []string
	var technicians []neo.Value
	for _, s := range a.shifts {
		if !s.span().Holds(now) {
			continue
		}
		shifts = append(shifts, s.Name)
		for _, name := range s.Technicians {
			found, err := in.Tickets.Lookup(ctx, "user", strings.TrimSpace(name))
			if err != nil {
				return chosen, "", err
			}
			technicians = append(technicians, found)
		}
	}
	if len(shifts) == 0 {
		return chosen, "no shift is on now: the group alone", nil
	}
	chosen, reason, err = fewestOpen(ctx, in, byName(technicians))
	return chosen, "on shift (" + strings.Join(shifts, ", ") + "), " + reason, err
}

// byName sorts and takes out who comes twice.
func byName(people []neo.Value) []neo.Value {
	people = slices.Clone(people)
	slices.SortFunc(people, func(a, b neo.Value) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.String()), strings.ToLower(b.String())), strings.Compare(a.Value, b.Value))
	})
	return slices.CompactFunc(people, func(a, b neo.Value) bool { return a.Value == b.Value })
}

// fewestOpen chooses the first, by name, of those with the fewest open tickets. This
// ticket does not count: whoever has it now does not have more work by keeping it.
func fewestOpen(ctx context.Context, in Input, people []neo.Value) (chosen neo.Value, reason string, err error) {
	ids := make([]string, len(people))
	for i := range people {
		ids[i] = people[i].Value
	}
	open, err := in.Tickets.OpenTickets(ctx, ids)
	if err != nil {
		return chosen, "", err
	}
	count := func(p neo.Value) int {
		n := open[p.Value]
		if p.Value == in.Ticket.Fields["assigned_to"].Value {
			n = max(n-1, 0)
		}
		return n
	}
	chosen = slices.MinFunc(people, func(a, b neo.Value) int { return cmp.Compare(count(a), count(b)) })
	return chosen, fmt.Sprintf("fewest open tickets (%d)", count(chosen)), nil
}
