package servicenow

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/neoagent/neo"
)

// markField is where a ticket keeps its id in another system; Neo's marks are there.
const markField = "correlation_id"

// belongs are the fields by which a new ticket belongs to another, by the classes of
// both. Tickets of other pairs have parent, the one of every task.
var belongs = map[[2]neo.TicketClass][]string{
	{neo.Incident, neo.Incident}:       {"parent_incident"},
	{neo.Incident, neo.Problem}:        {"problem_id"},
	{neo.Incident, neo.ChangeRequest}:  {"rfc"},
	{neo.Problem, neo.Incident}:        {"first_reported_by_task"},
	{neo.Problem, neo.ChangeRequest}:   {"rfc"},
	{neo.RequestItem, neo.Request}:     {"request", "parent"},
	{neo.CatalogTask, neo.RequestItem}: {"request_item", "parent"},
}

// Create makes a ticket and returns it as the instance has it then. The instance may
// have dropped or changed values without a word, so compare. That the ticket was made
// but without its mark, or without belonging to its parent, is neo.CodeRefused with
// the number of the ticket.
//
// neo.CodeUnavailable leaves open whether the ticket was made; Created tells.
func (s *Tickets) Create(ctx context.Context, n neo.NewTicket) (neo.Ticket, error) {
	if !n.Class.Known() {
		return neo.Ticket{}, neo.Errorf(neo.CodeInvalid, "%q is not a class of tickets that Neo handles.", oneLine(string(n.Class), 80))
	}
	values, err := stored(n.Fields, n.WorkNote, n.ClientNote)
	if err != nil {
		return neo.Ticket{}, err
	}
	must := map[string]string{} // what the ticket is worth nothing without
	if n.Mark != "" {
		must[markField] = n.Mark
	}
	if n.Parent != nil {
		if err := s.check(*n.Parent); err != nil {
			return neo.Ticket{}, err
		}
		fields := belongs[[2]neo.TicketClass{n.Class, n.Parent.Class}]
		if fields == nil {
			fields = []string{"parent"}
		}
		for _, f := range fields {
			values[f] = n.Parent.RemoteID
		}
		must[fields[0]] = n.Parent.RemoteID
	}
	maps.Copy(values, must)

	r, err := s.client.Insert(ctx, string(n.Class), values)
	if err != nil {
		// A 403 can come after the record was made (KB2697679).
		if n.Mark != "" && neo.CodeOf(err) == neo.CodeRefused {
			if t, found, lookErr := s.Created(ctx, n.Class, n.Mark); lookErr == nil && found {
				return t, nil
			}
		}
		return neo.Ticket{}, err
	}
	t, err := s.ticket(neo.TicketRef{IntegrationID: s.integration, Class: n.Class, RemoteID: r["sys_id"].Value}, r)
	if err != nil {
		return neo.Ticket{}, err
	}
	for _, field := range slices.Sorted(maps.Keys(must)) {
		if t.Fields[field].Value != must[field] {
			return t, &neo.Error{Code: neo.CodeRefused, Cause: fmt.Errorf("%s is %q", field, t.Fields[field].Value), Message: fmt.Sprintf(
				"%s was created, but ServiceNow did not keep its %s. Let Neo's account read and write that field, then set it on %[1]s or delete it.",
				oneLine(t.Number, 40), strings.ReplaceAll(field, "_", " "))}
		}
	}
	return t, nil
}

// Created returns the ticket of a class that was created with that mark, if there is
// one; the oldest, should there be several. neo.CodeRefused means that it cannot be
// found out.
func (s *Tickets) Created(ctx context.Context, class neo.TicketClass, mark string) (t neo.Ticket, found bool, err error) {
	if !class.Known() || mark == "" {
		return neo.Ticket{}, false, fmt.Errorf("servicenow: ticket of class %q with the mark %q", class, mark)
	}
	query, err := term(markField, opIs, mark)
	if err != nil {
		return neo.Ticket{}, false, err
	}
	page, err := s.client.List(ctx, string(class), ListOptions{Query: query + "^ORDERBYsys_created_on^ORDERBYsys_id", Limit: 5, Display: true, Count: true})
	if err != nil {
		return neo.Ticket{}, false, err
	}
	for _, r := range page.Records {
		if r[markField].Value != mark {
			continue // the instance dropped the term, and answers with whatever it has
		}
		ref := neo.TicketRef{IntegrationID: s.integration, Class: class, RemoteID: r["sys_id"].Value}
		if err := s.check(ref); err != nil {
			return neo.Ticket{}, false, err
		}
		t, err := s.ticket(ref, r)
		return t, err == nil, err
	}
	if page.Total > 0 {
		return neo.Ticket{}, false, &neo.Error{Code: neo.CodeRefused, Cause: fmt.Errorf("%s: %d of %d records could be read, none with the mark", class, len(page.Records), page.Total),
			Message: "It is not known whether a ticket was created whose answer was lost, so Neo does not create it again. " +
				"Let Neo's account read the tickets of this class and their correlation ID (the role itil does), then retry."}
	}
	return neo.Ticket{}, false, nil
}
