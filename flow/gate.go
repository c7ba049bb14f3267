package flow

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/neoagent/neo"
)

// gate is the one way from an action to a ticket system. It knows for each call the
// permission group that it touches, and refuses what the integration's settings do
// not allow. What is not listed here does not pass: gate does not embed the system.
type gate struct {
	system      TicketSystem
	permissions neo.Permissions
	// approved: a technician has said yes to this write, where the group asks first.
	approved bool
}

func newGate(system TicketSystem, p neo.Permissions, approved bool) TicketSystem {
	return gate{system, p, approved}
}

// Gated returns the ticket system of an integration behind the gate, for what is read
// outside of runs. No write passes that a technician would have to approve.
func Gated(ctx context.Context, systems TicketSystems, store interface {
	Permissions(ctx context.Context, integrationID string) (neo.Permissions, error)
}, integrationID string) (TicketSystem, error) {
	system, err := systems(ctx, integrationID)
	if err != nil {
		return nil, err
	}
	p, err := store.Permissions(ctx, integrationID)
	if err != nil {
		return nil, err
	}
	return newGate(system, p, false), nil
}

// Where people change what Neo may do, in the dashboard.
const permissionsPlace = "An administrator can change that under Integrations → Permissions."

// notAllowed is the cause of an error by which the gate refuses: the group, and the level
// that it would have to have.
type notAllowed struct {
	group neo.PermissionGroup
	needs neo.PermissionLevel
}

// Error is empty: the sentence of the neo.Error says it all.
func (notAllowed) Error() string { return "" }

// refuse is the error for a group that is at a level at which it allows too little.
func refuse(group neo.PermissionGroup, is, needs neo.PermissionLevel) error {
	verb := "write"
	if needs == neo.ReadOnly {
		verb = "read"
	}
	return &neo.Error{Code: neo.CodeForbidden, Cause: notAllowed{group, needs}, Message: fmt.Sprintf(
		"%s is set to %s for this connection, so Neo may not %s there. %s", group.Label(), is.Label(), verb, permissionsPlace)}
}

// read asks for the right to read from a group.
func (g gate) read(group neo.PermissionGroup) error {
	if level := g.permissions.Of(group).Level; !level.Allows(neo.ReadOnly) {
		return refuse(group, level, neo.ReadOnly)
	}
	return nil
}

// write asks for the right to write to groups.
func (g gate) write(groups ...neo.PermissionGroup) error {
	for _, group := range groups {
		switch p := g.permissions.Of(group); {
		case !p.Level.Allows(neo.ReadWrite):
			return refuse(group, p.Level, neo.ReadWrite)
		case p.AskFirst && !g.approved:
			return neo.Errorf(neo.CodeForbidden, "A technician has to approve each write to %s first.", group.Label())
		}
	}
	return nil
}

// writes returns the groups that a plan writes to.
func writes(p *neo.Plan) []neo.PermissionGroup {
	if p.Create != nil {
		return groupsOfNew(*p.Create)
	}
	return groupsOf(p.Write)
}

func groupsOf(w neo.Write) (groups []neo.PermissionGroup) {
	if len(w.Fields) > 0 {
		groups = append(groups, neo.GroupTickets)
	}
	if w.WorkNote != "" {
		groups = append(groups, neo.GroupWorkNotes)
	}
	if w.ClientNote != "" {
		groups = append(groups, neo.GroupClientNotes)
	}
	if w.TimeEntry != nil {
		groups = append(groups, neo.GroupTimeEntries)
	}
	if w.Email != nil {
		groups = append(groups, neo.GroupEmail)
	}
	return groups
}

func groupsOfNew(n neo.NewTicket) []neo.PermissionGroup {
	return append([]neo.PermissionGroup{neo.GroupTickets}, groupsOf(neo.Write{WorkNote: n.WorkNote, ClientNote: n.ClientNote})...)
}

// asksFirst returns the first group that a plan writes to and for which a technician
// has to be asked, or "".
func asksFirst(p neo.Permissions, plan *neo.Plan) neo.PermissionGroup {
	for _, group := range writes(plan) {
		if p.Of(group).AskFirst {
			return group
		}
	}
	return ""
}

func (g gate) Read(ctx context.Context, ref neo.TicketRef) (neo.Ticket, error) {
	if err := g.read(neo.GroupTickets); err != nil {
		return neo.Ticket{}, err
	}
	return g.system.Read(ctx, ref)
}

func (g gate) Write(ctx context.Context, ref neo.TicketRef, w neo.Write) (neo.Ticket, error) {
	if err := g.write(groupsOf(w)...); err != nil {
		return neo.Ticket{}, err
	}
	return g.system.Write(ctx, ref, w)
}

func (g gate) HasNote(ctx context.Context, ref neo.TicketRef, journal neo.Journal, text string, since time.Time) (bool, error) {
	group := neo.GroupWorkNotes
	if journal == neo.ClientNotes {
		group = neo.GroupClientNotes
	}
	if err := g.read(group); err != nil {
		return false, err
	}
	return g.system.HasNote(ctx, ref, journal, text, since)
}

func (g gate) HasEntry(ctx context.Context, ref neo.TicketRef, journal neo.Journal, text string, since time.Time) (bool, error) {
	group := neo.GroupWorkNotes
	if journal == neo.ClientNotes {
		group = neo.GroupClientNotes
	}
	if err := g.read(group); err != nil {
		return false, err
	}
	return g.system.HasEntry(ctx, ref, journal, text, since)
}

func (g gate) HasEmail(ctx context.Context, ref neo.TicketRef, marker string) (bool, error) {
	if err := g.read(neo.GroupEmail); err != nil {
		return false, err
	}
	return g.system.HasEmail(ctx, ref, marker)
}

func (g gate) HasTimeEntry(ctx context.Context, ref neo.TicketRef, marker string) (bool, error) {
	if err := g.read(neo.GroupTimeEntries); err != nil {
		return false, err
	}
	return g.system.HasTimeEntry(ctx, ref, marker)
}

func (g gate) Create(ctx context.Context, n neo.NewTicket) (neo.Ticket, error) {
	if err := g.write(groupsOfNew(n)...); err != nil {
		return neo.Ticket{}, err
	}
	return g.system.Create(ctx, n)
}

func (g gate) Created(ctx context.Context, class neo.TicketClass, mark string) (neo.Ticket, bool, error) {
	if err := g.read(neo.GroupTickets); err != nil {
		return neo.Ticket{}, false, err
	}
	return g.system.Created(ctx, class, mark)
}

func (g gate) ContactEmail(ctx context.Context, t neo.Ticket) (string, error) {
	if err := g.read(neo.GroupPeople); err != nil {
		return "", err
	}
	return g.system.ContactEmail(ctx, t)
}

func (g gate) UserEmail(ctx context.Context, userID string) (string, error) {
	if err := g.read(neo.GroupPeople); err != nil {
		return "", err
	}
	return g.system.UserEmail(ctx, userID)
}

// groupOfKind is the group of the records that Lookup and Choices find.
func groupOfKind(kind string) neo.PermissionGroup {
	switch kind {
	case "company":
		return neo.GroupCompanies
	case "ci":
		return neo.GroupCIs
	case "user", "group":
		return neo.GroupPeople
	}
	return neo.GroupTickets
}

func (g gate) Lookup(ctx context.Context, kind, name string) (neo.Value, error) {
	if err := g.read(groupOfKind(kind)); err != nil {
		return neo.Value{}, err
	}
	return g.system.Lookup(ctx, kind, name)
}

func (g gate) Members(ctx context.Context, groupID string) ([]neo.Value, error) {
	if err := g.read(neo.GroupPeople); err != nil {
		return nil, err
	}
	return g.system.Members(ctx, groupID)
}

func (g gate) OpenTickets(ctx context.Context, userIDs []string) (map[string]int, error) {
	if err := g.read(neo.GroupTickets); err != nil {
		return nil, err
	}
	return g.system.OpenTickets(ctx, userIDs)
}

func (g gate) MoveTo(ctx context.Context, t neo.Ticket, to neo.Lifecycle, code, notes string) (map[string]string, error) {
	if err := g.read(neo.GroupTickets); err != nil {
		return nil, err
	}
	return g.system.MoveTo(ctx, t, to, code, notes)
}

func (g gate) LinkTo(ctx context.Context, child, parent neo.Ticket) (map[string]string, error) {
	if err := g.read(neo.GroupTickets); err != nil {
		return nil, err
	}
	return g.system.LinkTo(ctx, child, parent)
}

func (g gate) Fields(ctx context.Context, class neo.TicketClass) ([]neo.Field, error) {
	if err := g.read(neo.GroupTickets); err != nil {
		return nil, err
	}
	return g.system.Fields(ctx, class)
}

// Choices of a field that refers to people, companies or items belong to those
// groups; which it is, the class's fields say.
func (g gate) Choices(ctx context.Context, class neo.TicketClass, field, query string, limit int) ([]neo.Choice, error) {
	fields, err := g.Fields(ctx, class)
	if err != nil {
		return nil, err
	}
	for _, f := range fields {
		if strings.EqualFold(f.Name, field) && f.Reference != "" {
			if err := g.read(groupOfKind(f.Reference)); err != nil {
				return nil, err
			}
		}
	}
	return g.system.Choices(ctx, class, field, query, limit)
}

func (g gate) AllChoices(ctx context.Context, class neo.TicketClass, field string) ([]neo.Choice, bool, error) {
	if err := g.read(neo.GroupTickets); err != nil {
		return nil, false, err
	}
	return g.system.AllChoices(ctx, class, field)
}
