package flow

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/servicenow"
)

// calls is what the gate knows of each method of a ticket system: the permission
// groups that a call of it needs, and whether it writes.
var calls = map[string]struct {
	groups []neo.PermissionGroup
	writes bool
	call   func(ctx context.Context, g TicketSystem) error
}{
	"Read": {[]neo.PermissionGroup{neo.GroupTickets}, false, func(ctx context.Context, g TicketSystem) error {
		_, err := g.Read(ctx, neo.TicketRef{})
		return err
	}},
	"Write": {[]neo.PermissionGroup{neo.GroupTickets, neo.GroupWorkNotes, neo.GroupClientNotes, neo.GroupTimeEntries, neo.GroupEmail}, true,
		func(ctx context.Context, g TicketSystem) error {
			_, err := g.Write(ctx, neo.TicketRef{}, neo.Write{
				Fields: map[string]string{"state": "2"}, WorkNote: "x", ClientNote: "x", TimeEntry: &neo.TimeEntry{}, Email: &neo.Email{},
			})
			return err
		}},
	"HasNote": {[]neo.PermissionGroup{neo.GroupWorkNotes, neo.GroupClientNotes}, false, func(ctx context.Context, g TicketSystem) error {
		if _, err := g.HasNote(ctx, neo.TicketRef{}, neo.WorkNotes, "x", time.Time{}); err != nil {
			return err
		}
		_, err := g.HasNote(ctx, neo.TicketRef{}, neo.ClientNotes, "x", time.Time{})
		return err
	}},
	"HasEntry": {[]neo.PermissionGroup{neo.GroupWorkNotes, neo.GroupClientNotes}, false, func(ctx context.Context, g TicketSystem) error {
		if _, err := g.HasEntry(ctx, neo.TicketRef{}, neo.WorkNotes, "x", time.Time{}); err != nil {
			return err
		}
		_, err := g.HasEntry(ctx, neo.TicketRef{}, neo.ClientNotes, "x", time.Time{})
		return err
	}},
	"HasEmail": {[]neo.PermissionGroup{neo.GroupEmail}, false, func(ctx context.Context, g TicketSystem) error {
		_, err := g.HasEmail(ctx, neo.TicketRef{}, "x")
		return err
	}},
	"HasTimeEntry": {[]neo.PermissionGroup{neo.GroupTimeEntries}, false, func(ctx context.Context, g TicketSystem) error {
		_, err := g.HasTimeEntry(ctx, neo.TicketRef{}, "x")
		return err
	}},
	"Create": {[]neo.PermissionGroup{neo.GroupTickets, neo.GroupWorkNotes, neo.GroupClientNotes}, true, func(ctx context.Context, g TicketSystem) error {
		_, err := g.Create(ctx, neo.NewTicket{WorkNote: "x", ClientNote: "x"})
		return err
	}},
	"Created": {[]neo.PermissionGroup{neo.GroupTickets}, false, func(ctx context.Context, g TicketSystem) error {
		_, _, err := g.Created(ctx, neo.Incident, "x")
		return err
	}},
	"ContactEmail": {[]neo.PermissionGroup{neo.GroupPeople}, false, func(ctx context.Context, g TicketSystem) error {
		_, err := g.ContactEmail(ctx, neo.Ticket{})
		return err
	}},
	"UserEmail": {[]neo.PermissionGroup{neo.GroupPeople}, false, func(ctx context.Context, g TicketSystem) error {
		_, err := g.UserEmail(ctx, "x")
		return err
	}},
	"Lookup": {[]neo.PermissionGroup{neo.GroupPeople, neo.GroupCompanies, neo.GroupCIs}, false, func(ctx context.Context, g TicketSystem) error {
		for _, kind := range []string{"user", "group", "company", "ci"} {
			if _, err := g.Lookup(ctx, kind, "x"); err != nil {
				return err
			}
		}
		return nil
	}},
	"Members": {[]neo.PermissionGroup{neo.GroupPeople}, false, func(ctx context.Context, g TicketSystem) error {
		_, err := g.Members(ctx, "x")
		return err
	}},
	"OpenTickets": {[]neo.PermissionGroup{neo.GroupTickets}, false, func(ctx context.Context, g TicketSystem) error {
		_, err := g.OpenTickets(ctx, nil)
		return err
	}},
	"MoveTo": {[]neo.PermissionGroup{neo.GroupTickets}, false, func(ctx context.Context, g TicketSystem) error {
		_, err := g.MoveTo(ctx, neo.Ticket{}, neo.ToResolved, "", "")
		return err
	}},
	"LinkTo": {[]neo.PermissionGroup{neo.GroupTickets}, false, func(ctx context.Context, g TicketSystem) error {
		_, err := g.LinkTo(ctx, neo.Ticket{}, neo.Ticket{})
		return err
	}},
	"Fields": {[]neo.PermissionGroup{neo.GroupTickets}, false, func(ctx context.Context, g TicketSystem) error {
		_, err := g.Fields(ctx, neo.Incident)
		return err
	}},
	"Choices": {[]neo.PermissionGroup{neo.GroupTickets, neo.GroupPeople, neo.GroupCompanies, neo.GroupCIs}, false, func(ctx context.Context, g TicketSystem) error {
		for _, field := range []string{"state", "assigned_to", "company", "cmdb_ci"} {
			if _, err := g.Choices(ctx, neo.Incident, field, "", 1); err != nil {
				return err
			}
		}
		return nil
	}},
	"AllChoices": {[]neo.PermissionGroup{neo.GroupTickets}, false, func(ctx context.Context, g TicketSystem) error {
		_, _, err := g.AllChoices(ctx, neo.Incident, "state")
		return err
	}},
}

// TestEveryCallOfTheConnectorHasItsPermissionGroup walks the methods of the connector:
// one that is not in the table above fails, and each is refused as soon as one of its
// groups does not allow it.
func TestEveryCallOfTheConnectorHasItsPermissionGroup(t *testing.T) {
	connector := reflect.TypeFor[*servicenow.Tickets]()
	for m := range connector.Methods() {
		if _, ok := calls[m.Name]; !ok {
			t.Errorf("%s of the connector has no permission group: write down in gate.go and here which it needs", m.Name)
		}
	}
	for name, c := range calls {
		t.Run(name, func(t *testing.T) {
			if _, ok := connector.MethodByName(name); !ok {
				t.Fatal("the connector has no such method")
			}
			reached := &everything{}
			if err := c.call(t.Context(), newGate(reached, neo.FullAccess(), false)); err != nil || !reached.was {
				t.Fatalf("with full access: reached %v, %v", reached.was, err)
			}
			for _, group := range neo.PermissionGroups {
				needed := false
				for _, g := range c.groups {
					needed = needed || g == group.Group
				}
				levels := map[neo.Permission]bool{{Level: neo.Disabled}: needed, {Level: neo.ReadOnly}: needed && c.writes, {Level: neo.ReadWrite, AskFirst: true}: needed && c.writes}
				for p, refused := range levels {
					all := neo.FullAccess()
					all[group.Group] = p
					err := c.call(t.Context(), newGate(&everything{}, all, false))
					if (err != nil) != refused || refused && (neo.CodeOf(err) != neo.CodeForbidden || !strings.Contains(neo.MessageOf(err), group.Label)) {
						t.Errorf("with %s %s, ask first %v: %v, want refused %v", group.Label, p.Level, p.AskFirst, err, refused)
					}
				}
			}
		})
	}
}

// everything is a ticket system that answers yes to all.
type everything struct{ was bool }

func (s *everything) Read(context.Context, neo.TicketRef) (t neo.Ticket, _ error) {
	s.was = true
	return t, nil
}
func (s *everything) Write(context.Context, neo.TicketRef, neo.Write) (t neo.Ticket, _ error) {
	s.was = true
	return t, nil
}
func (s *everything) HasNote(context.Context, neo.TicketRef, neo.Journal, string, time.Time) (bool, error) {
	s.was = true
	return true, nil
}
func (s *everything) HasEntry(context.Context, neo.TicketRef, neo.Journal, string, time.Time) (bool, error) {
	s.was = true
	return true, nil
}
func (s *everything) HasEmail(context.Context, neo.TicketRef, string) (bool, error) {
	s.was = true
	return true, nil
}
func (s *everything) HasTimeEntry(context.Context, neo.TicketRef, string) (bool, error) {
	s.was = true
	return true, nil
}
func (s *everything) Create(context.Context, neo.NewTicket) (t neo.Ticket, _ error) {
	s.was = true
	return t, nil
}
func (s *everything) Created(context.Context, neo.TicketClass, string) (t neo.Ticket, _ bool, _ error) {
	s.was = true
	return t, true, nil
}
func (s *everything) ContactEmail(context.Context, neo.Ticket) (string, error) {
	s.was = true
	return "", nil
}
func (s *everything) UserEmail(context.Context, string) (string, error) {
	s.was = true
	return "", nil
}
func (s *everything) Lookup(context.Context, string, string) (v neo.Value, _ error) {
	s.was = true
	return v, nil
}
func (s *everything) Members(context.Context, string) ([]neo.Value, error) {
	s.was = true
	return nil, nil
}
func (s *everything) OpenTickets(context.Context, []string) (map[string]int, error) {
	s.was = true
	return nil, nil
}
func (s *everything) MoveTo(context.Context, neo.Ticket, neo.Lifecycle, string, string) (map[string]string, error) {
	s.was = true
	return nil, nil
}
func (s *everything) LinkTo(context.Context, neo.Ticket, neo.Ticket) (map[string]string, error) {
	s.was = true
	return nil, nil
}
func (s *everything) Fields(context.Context, neo.TicketClass) ([]neo.Field, error) {
	s.was = true
	return []neo.Field{{Name: "state"}, {Name: "assigned_to", Reference: "user"}, {Name: "company", Reference: "company"}, {Name: "cmdb_ci", Reference: "ci"}}, nil
}
func (s *everything) AllChoices(context.Context, neo.TicketClass, string) ([]neo.Choice, bool, error) {
	s.was = true
	return nil, true, nil
}

func (s *everything) Choices(context.Context, neo.TicketClass, string, string, int) ([]neo.Choice, error) {
	s.was = true
	return nil, nil
}
