package workflowfile

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/flow"
	"github.com/neoagent/neo/rules"
	"github.com/neoagent/neo/servicenow"
	"github.com/neoagent/neo/spelling"
)

// Instance is what a case says of the instance and of Neo's settings.
type Instance struct {
	Groups      map[string][]string          `json:"groups"`
	Users       map[string]string            `json:"users"`
	OpenTickets map[string]int               `json:"open_tickets"`
	Choices     map[string]map[string]string `json:"choices"`
	Tickets     []map[string]string          `json:"tickets"`
	Endpoints   map[string]neo.EndpointKind  `json:"endpoints"`
	Workflows   []string                     `json:"workflows"`
	Turn        int                          `json:"turn"`
	Settings    neo.Settings                 `json:"settings"`
}

// over returns i with what a case says in addition; i and more may be nil.
func (i *Instance) over(more *Instance) Instance {
	var all Instance
	for _, one := range []*Instance{i, more} {
		if one == nil {
			continue
		}
		all.Groups = union(all.Groups, one.Groups)
		all.Users = union(all.Users, one.Users)
		all.OpenTickets = union(all.OpenTickets, one.OpenTickets)
		all.Choices = union(all.Choices, one.Choices)
		all.Endpoints = union(all.Endpoints, one.Endpoints)
		all.Tickets = append(slices.Clip(all.Tickets), one.Tickets...)
		all.Workflows = append(slices.Clip(all.Workflows), one.Workflows...)
		all.Turn = cmp.Or(one.Turn, all.Turn)
		s := &all.Settings
		s.TimeZone, s.OpensAt, s.ClosesAt = cmp.Or(one.Settings.TimeZone, s.TimeZone), cmp.Or(one.Settings.OpensAt, s.OpensAt), cmp.Or(one.Settings.ClosesAt, s.ClosesAt)
		if one.Settings.BusinessDays != nil {
			s.BusinessDays = one.Settings.BusinessDays
		}
		s.Holidays = append(slices.Clip(s.Holidays), one.Settings.Holidays...)
	}
	s, defaults := &all.Settings, neo.DefaultSettings()
	s.TimeZone, s.OpensAt, s.ClosesAt = cmp.Or(s.TimeZone, defaults.TimeZone), cmp.Or(s.OpensAt, defaults.OpensAt), cmp.Or(s.ClosesAt, defaults.ClosesAt)
	if s.BusinessDays == nil {
		s.BusinessDays = defaults.BusinessDays
	}
	return all
}

// context is what rules are judged by: no instance says what its fields are, so that
// values are taken for what they look like.
func (i *Instance) context() rules.Context {
	return rules.Context{Settings: i.Settings}
}

// union returns a and b; b counts where both have a key. nil stays nil.
func union[V any](a, b map[string]V) map[string]V {
	if a == nil {
		return maps.Clone(b)
	}
	a = maps.Clone(a)
	maps.Copy(a, b)
	return a
}

// desk is an instance in memory, and Neo's own records beside it. A record's id is
// its name: a case can be read without a table of ids.
type desk struct {
	Instance
	ticket  neo.Ticket
	created int
	now     time.Time
	known   *neo.Dictionary // see dictionary
}

var (
	_ flow.TicketSystem = system{}
	_ flow.Desk         = records{}
)

// peopleFields are fields that hold a person, of all classes.
var peopleFields = []string{
	"assigned_to", "caller_id", "opened_by", "requested_by", "requested_for", "resolved_by", "closed_by", "reopened_by", "sys_created_by",
}

// value returns what a field holds when somebody writes given into it: stored value
// and shown text. known is false when the field has choices, and given is none of them.
func (d *desk) value(class neo.TicketClass, field, given string) (v neo.Value, known bool) {
	switch {
	case given == "":
		return neo.Value{}, true
	case field == "assignment_group":
		return neo.Value{Value: given, Display: given}, true
	case slices.Contains(peopleFields, field):
		return d.user(given), true
	}
	choices := union(standardChoices(class, field), d.Choices[field])
	if label, ok := choices[given]; ok {
		return neo.Value{Value: given, Display: label}, true
	}
	for stored, label := range choices {
		if spelling.Same(label, given) {
			return neo.Value{Value: stored, Display: label}, true
		}
	}
	return neo.Value{Value: given}, choices == nil
}

func (d *desk) user(given string) neo.Value {
	for name, shown := range d.Users {
		if spelling.Same(name, given) || spelling.Same(shown, given) {
			return neo.Value{Value: name, Display: shown}
		}
	}
	return neo.Value{Value: given, Display: given}
}

// technician reports whether a user works on tickets.
func (d *desk) technician(user string) bool {
	return user == someTechnician || user == d.ticket.Fields["assigned_to"].Value ||
		slices.ContainsFunc(slices.Collect(maps.Values(d.Groups)), func(members []string) bool { return slices.Contains(members, user) })
}

// contact is the user name of the person affected by the ticket.
func (d *desk) contact() string {
	for _, field := range []string{"caller_id", "requested_for", "requested_by", "opened_by"} {
		if v := d.ticket.Fields[field].Value; v != "" {
			return v
		}
	}
	return "customer"
}

// apply carries a write out.
func (d *desk) apply(w neo.Write) {
	d.ticket.Fields = maps.Clone(d.ticket.Fields)
	for field, v := range w.Fields {
		d.ticket.Fields[field], _ = d.value(d.ticket.Class, field, v)
	}
	if _, ok := w.Fields["state"]; ok {
		d.ticket.Fields["active"] = d.active(d.ticket.Class, d.ticket.Fields["state"])
	}
	if len(w.Fields) > 0 || w.WorkNote != "" || w.ClientNote != "" {
		d.ticket.Version++
		d.ticket.UpdatedAt = d.now
		d.ticket.Fields["sys_updated_on"] = neo.Value{Value: stamp(d.now)}
	}
}

// active follows the state, as ServiceNow's own rules see to it.
func (d *desk) active(class neo.TicketClass, state neo.Value) neo.Value {
	return neo.Value{Value: strconv.FormatBool(!servicenow.Closed(d.dictionary(), class, state))}
}

func stamp(t time.Time) string { return t.UTC().Format(time.DateTime) }

func (d system) Read(context.Context, neo.TicketRef) (neo.Ticket, error) { return d.ticket, nil }

func (d system) Write(_ context.Context, _ neo.TicketRef, w neo.Write) (neo.Ticket, error) {
	d.apply(w)
	return d.ticket, nil
}

func (d system) HasNote(context.Context, neo.TicketRef, neo.Journal, string, time.Time) (bool, error) {
	return false, nil
}
func (d system) HasEntry(context.Context, neo.TicketRef, neo.Journal, string, time.Time) (bool, error) {
	return false, nil
}
func (d system) HasEmail(context.Context, neo.TicketRef, string) (bool, error)     { return false, nil }
func (d system) HasTimeEntry(context.Context, neo.TicketRef, string) (bool, error) { return false, nil }

func (d system) Create(_ context.Context, n neo.NewTicket) (neo.Ticket, error) {
	d.created++
	return d.made(n.Class, fmt.Sprintf("%s%07d", prefixes[n.Class], 90_000+d.created), n.Fields), nil
}

func (d system) Created(context.Context, neo.TicketClass, string) (neo.Ticket, bool, error) {
	return neo.Ticket{}, false, nil
}

// made returns a ticket with those fields.
func (d *desk) made(class neo.TicketClass, number string, fields map[string]string) neo.Ticket {
	t := neo.Ticket{
		TicketRef: neo.TicketRef{IntegrationID: "instance", Class: class, RemoteID: number},
		TenantID:  neo.DefaultTenant, Number: number, Version: 1, UpdatedAt: d.now, Fields: map[string]neo.Value{},
	}
	t.Fields["number"], t.Fields["sys_class_name"] = neo.Value{Value: number}, neo.Value{Value: string(class)}
	t.Fields["state"], _ = d.value(class, "state", cmp.Or(fields["state"], firstState[class]))
	t.Fields["active"] = d.active(class, t.Fields["state"])
	for field, v := range fields {
		t.Fields[field], _ = d.value(class, field, v)
	}
	return t
}

func (d system) ContactEmail(context.Context, neo.Ticket) (string, error) {
	return d.contact() + "@example.com", nil
}

// UserEmail is asked for by actions that write to technicians.
func (d system) UserEmail(_ context.Context, userID string) (string, error) {
	return userID + "@example.com", nil
}

func (d system) Lookup(_ context.Context, kind, name string) (neo.Value, error) {
	switch kind {
	case "user":
		return d.user(name), nil
	case "group":
		for group := range d.Groups {
			if spelling.Same(group, name) {
				return neo.Value{Value: group, Display: group}, nil
			}
		}
		if d.Groups != nil {
			return neo.Value{}, neo.Errorf(neo.CodeNotFound, "The case's instance has no group %q.", name)
		}
	}
	return neo.Value{Value: name, Display: name}, nil
}

func (d system) Members(_ context.Context, groupID string) ([]neo.Value, error) {
	var members []neo.Value
	for _, name := range d.Groups[groupID] {
		members = append(members, d.user(name))
	}
	slices.SortFunc(members, func(a, b neo.Value) int { return cmp.Compare(a.Display, b.Display) })
	return members, nil
}

// system is the desk as a ticket system.
type system struct{ *desk }

func (d system) OpenTickets(_ context.Context, users []string) (map[string]int, error) {
	counts := map[string]int{}
	for _, u := range users {
		counts[u] = d.Instance.OpenTickets[u]
	}
	return counts, nil
}

func (d system) Fields(context.Context, neo.TicketClass) ([]neo.Field, error) { return nil, nil }

func (d system) AllChoices(ctx context.Context, class neo.TicketClass, field string) ([]neo.Choice, bool, error) {
	all, err := d.Choices(ctx, class, field, "", 1_000)
	return all, true, err
}

func (d system) Choices(_ context.Context, class neo.TicketClass, field, query string, limit int) ([]neo.Choice, error) {
	var found []neo.Choice
	all := union(standardChoices(class, field), d.Instance.Choices[field])
	for _, stored := range sorted(all) {
		if spelling.Contains(all[stored], query) && len(found) < limit {
			found = append(found, neo.Choice{Value: stored, Label: all[stored]})
		}
	}
	return found, nil
}

// records is the desk as Neo's own records.
type records struct{ *desk }

func (d records) Turn(context.Context, neo.Run, int) (int, error) { return d.Instance.Turn, nil }

func (d records) OpenTickets(_ context.Context, _, _ string, class neo.TicketClass, since time.Time, limit int) ([]neo.Ticket, error) {
	var found []neo.Ticket
	for _, fields := range d.Tickets {
		t := d.listed(fields)
		at, err := time.Parse(time.DateTime, t.Fields["sys_created_on"].Value)
		if err == nil && t.Class == class && !at.Before(since) && t.Number != d.ticket.Number && len(found) < limit {
			found = append(found, t)
		}
	}
	slices.SortStableFunc(found, func(a, b neo.Ticket) int {
		return cmp.Compare(b.Fields["sys_created_on"].Value, a.Fields["sys_created_on"].Value)
	})
	return found, nil
}

// listed returns an open ticket that the case's instance lists.
func (d *desk) listed(fields map[string]string) neo.Ticket {
	fields = maps.Clone(fields)
	class, number := neo.TicketClass(fields["class"]), fields["number"]
	delete(fields, "class")
	if fields["sys_created_on"] == "" {
		fields["sys_created_on"] = stamp(d.now.Add(-time.Hour))
	}
	return d.made(class, number, fields)
}

func (d records) Endpoint(_ context.Context, _, name string) (neo.Endpoint, error) {
	kind, ok := d.Endpoints[name]
	if !ok && d.Endpoints != nil {
		return neo.Endpoint{}, neo.Errorf(neo.CodeNotFound, "The case's instance has no endpoint %q.", name)
	}
	return neo.Endpoint{ID: name, TenantID: neo.DefaultTenant, Name: name, Kind: cmp.Or(kind, neo.EndpointHTTPS), Host: "example.com"}, nil
}

func (d records) Workflow(_ context.Context, _, name string) (neo.Workflow, error) {
	if d.Workflows != nil && !slices.Contains(d.Workflows, name) {
		return neo.Workflow{}, neo.Errorf(neo.CodeNotFound, "The case's instance has no workflow %q.", name)
	}
	return neo.Workflow{ID: name, TenantID: neo.DefaultTenant, Enabled: true, Version: 1, Definition: neo.Definition{Name: name}}, nil
}
