package servicenow

// Replaced by the real thing before it is merged.

import (
	"context"
	"errors"

	"github.com/neoagent/neo"
)

var errPending = errors.New("servicenow: not written yet")

func (s *Tickets) HasTimeEntry(ctx context.Context, ref neo.TicketRef, marker string) (bool, error) {
	return false, errPending
}
func (s *Tickets) Create(ctx context.Context, n neo.NewTicket) (neo.Ticket, error) {
	return neo.Ticket{}, errPending
}
func (s *Tickets) Created(ctx context.Context, class neo.TicketClass, mark string) (neo.Ticket, bool, error) {
	return neo.Ticket{}, false, errPending
}
func (s *Tickets) Members(ctx context.Context, groupID string) ([]neo.Value, error) {
	return nil, errPending
}
func (s *Tickets) OpenTickets(ctx context.Context, userIDs []string) (map[string]int, error) {
	return nil, errPending
}
func (s *Tickets) MoveTo(ctx context.Context, t neo.Ticket, to neo.Lifecycle, code, notes string) (map[string]string, error) {
	return nil, errPending
}
func (s *Tickets) LinkTo(ctx context.Context, child, parent neo.Ticket) (map[string]string, error) {
	return nil, errPending
}
func (s *Tickets) Fields(ctx context.Context, class neo.TicketClass) ([]neo.Field, error) {
	return nil, errPending
}
func (s *Tickets) Choices(ctx context.Context, class neo.TicketClass, field, query string, limit int) ([]neo.Choice, error) {
	return nil, errPending
}
