package flow

import (
	"context"
	"strings"

	"github.com/neoagent/neo"
)

// createTicket makes another ticket.
// {"class": "problem", "fields": {"short_description": "…"}, "link": true}
type createTicket struct {
	class  neo.TicketClass
	fields fieldValues
	link   bool // the new ticket belongs to this one
}

func parseCreateTicket(s *setup) Action {
	var c struct {
		Class  neo.TicketClass `json:"class"`
		Fields map[string]any  `json:"fields"`
		Link   bool            `json:"link"`
	}
	if !s.read(&c) {
		return nil
	}
	if !c.Class.Known() {
		classes := make([]string, len(neo.TicketClasses))
		for i, class := range neo.TicketClasses {
			classes[i] = string(class)
		}
		s.wrong("class", "%.80q is not a type of ticket; use one of %s.", c.Class, strings.Join(classes, ", "))
	}
	if title, _ := c.Fields["short_description"].(string); strings.TrimSpace(title) == "" {
		s.wrong("fields.short_description", "This is empty: a new ticket needs a short description.")
	}
	if _, ok := c.Fields["parent"]; ok && c.Link {
		s.wrong("fields.parent", "The new ticket is linked to this one already: keep either link or parent.")
	}
	s.needsValues(c.Fields, c.Class)
	return createTicket{c.Class, s.fields(c.Fields), c.Link}
}

func (a createTicket) Plan(ctx context.Context, in Input) (neo.Plan, error) {
	fields, _, err := a.fields.fill(ctx, in, a.class)
	if err != nil {
		return neo.Plan{}, err
	}
	if fields["short_description"] = oneLine(fields["short_description"]); fields["short_description"] == "" {
		return neo.Plan{}, neo.Errorf(neo.CodeInvalid, "The short description of the new ticket came out empty. Give it a text that does not depend on the ticket alone.")
	}
	n := &neo.NewTicket{Class: a.class, Fields: fields}
	if a.link {
		n.Parent = &in.Ticket.TicketRef
	}
	return neo.Plan{Create: n}, nil
}
