package flow

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/neoagent/neo"
)

// Readiness looks whether workflows can work: whether what they name exists and what
// they do is permitted, on what is connected now. It is asked before a workflow is
// switched on, and by the editor. What is wrong with a definition by itself is Check's.
type Readiness struct {
	store   readyStore
	systems TicketSystems
}

type readyStore interface {
	Integrations(ctx context.Context, tenant string) ([]neo.Integration, error)
	Permissions(ctx context.Context, integrationID string) (neo.Permissions, error)
	Endpoints(ctx context.Context, tenant string) ([]neo.Endpoint, error)
	Workflows(ctx context.Context, tenant string) ([]neo.Workflow, error)
	UserByEmail(ctx context.Context, email string) (neo.User, error)
}

// NewReadiness returns one for the integrations of a store.
func NewReadiness(store readyStore, systems TicketSystems) *Readiness {
	return &Readiness{store, systems}
}

// FieldsOf returns the fields of each class of an integration, as far as they are known;
// incomplete says why they are not all, "" when they are.
type FieldsOf func(ctx context.Context, integrationID string) (fields map[neo.TicketClass][]neo.Field, incomplete string, err error)

// readyTime bounds what all instances together are asked. What does not answer in it
// could not be checked, which is said.
const readyTime = 8 * time.Second

// Of returns what keeps a workflow from working. id is that of the workflow, "" for a
// new one.
func (r *Readiness) Of(ctx context.Context, tenant, id string, d neo.Definition, fields FieldsOf) (neo.Readiness, error) {
	c := &readyCheck{tenant: tenant, id: id, classes: classesOf(d.Conditions), result: neo.Readiness{Obstacles: []neo.Obstacle{}, Unchecked: []string{}}}
	var err error
	if c.endpoints, err = r.store.Endpoints(ctx, tenant); err != nil {
		return c.result, err
	}
	if c.workflows, err = r.store.Workflows(ctx, tenant); err != nil {
		return c.result, err
	}
	c.user = r.store.UserByEmail
	integrations, err := r.store.Integrations(ctx, tenant)
	if err != nil {
		return c.result, err
	}
	asking, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	for _, i := range integrations {
		c.connected = append(c.connected, r.connect(asking, i, fields))
	}
	if len(integrations) == 0 {
		c.unchecked("No ticket system is connected, so Neo could not check names and permissions. Connect one on the Integrations page.")
	}
	c.fields(FieldsNamed(d))
	for _, n := range needsOf(d) {
		if err := c.need(ctx, asking, n); err != nil {
			return c.result, err
		}
	}
	return c.result, nil
}

// connected is one integration, as far as it answers.
type connected struct {
	integration neo.Integration
	permissions neo.Permissions
	system      TicketSystem // nil: it cannot be asked
	fields      map[neo.TicketClass][]neo.Field
	incomplete  string // why fields may be missing in fields
}

func (r *Readiness) connect(ctx context.Context, i neo.Integration, fields FieldsOf) *connected {
	c := &connected{integration: i, permissions: i.Permissions}
	var err error
	if c.system, err = Gated(ctx, r.systems, r.store, i.ID); err != nil {
		c.system, c.incomplete = nil, neo.MessageOf(err)
		return c
	}
	if c.fields, c.incomplete, err = fields(ctx, i.ID); err != nil {
		c.incomplete = neo.MessageOf(err)
	}
	return c
}

// name is how people know the instance.
func (c *connected) name() string { return strings.TrimPrefix(c.integration.InstanceURL, "https://") }

// readyCheck is one check under way.
type readyCheck struct {
	tenant, id string
	classes    []neo.TicketClass // of the tickets that it is for; nil: all
	endpoints  []neo.Endpoint
	workflows  []neo.Workflow
	connected  []*connected
	user       func(ctx context.Context, email string) (neo.User, error)
	result     neo.Readiness
}

func (c *readyCheck) obstacle(path, nearest, format string, args ...any) {
	o := neo.Obstacle{Path: path, Nearest: nearest, Message: fmt.Sprintf(format, args...)}
	if nearest != "" {
		o.Message += " Did you mean “" + nearest + "”?"
	}
	c.add(o)
}

func (c *readyCheck) add(o neo.Obstacle) {
	if !slices.Contains(c.result.Obstacles, o) {
		c.result.Obstacles = append(c.result.Obstacles, o)
	}
}

func (c *readyCheck) unchecked(why string) {
	if !slices.Contains(c.result.Unchecked, why) {
		c.result.Unchecked = append(c.result.Unchecked, why)
	}
}

// notAsked says that an instance could not be asked about something.
func (c *readyCheck) notAsked(i *connected, what, why string) {
	c.unchecked(i.name() + " could not be asked whether " + what + " exist. " + why)
}

// fields looks for fields that no instance has.
func (c *readyCheck) fields(named []neo.NamedField) {
	if len(named) == 0 || len(c.connected) == 0 {
		return
	}
	var known []string
	for _, i := range c.connected {
		if i.incomplete != "" {
			c.notAsked(i, "the fields", i.incomplete)
			return
		}
		for _, fields := range i.fields {
			for _, f := range fields {
				known = append(known, f.Name)
			}
		}
	}
	for _, n := range named {
		if !slices.Contains(known, n.Field) {
			c.obstacle(n.Path, nearest(n.Field, known), "No connected ticket system has a field “%s”, as far as Neo's account may see. Correct the name, or let the account read the field.", n.Field)
		}
	}
}

// need looks at one need. asking is the context for what is asked of instances.
func (c *readyCheck) need(ctx, asking context.Context, n need) error {
	switch n.what {
	case needPermission:
		c.permission(n)
	case needEndpoint:
		c.endpoint(n)
	case needWorkflow:
		c.workflow(n)
	case needApprover:
		return c.approver(ctx, n)
	case needRecord, needValue, needCloseCode:
		c.onInstances(asking, n)
	}
	return nil
}

func (c *readyCheck) permission(n need) {
	for _, i := range c.connected {
		is := i.permissions.Of(n.group).Level
		if is.Allows(n.level) {
			continue
		}
		c.add(neo.Obstacle{Path: n.path, IntegrationID: i.integration.ID, Group: n.group, Needs: n.level, Message: fmt.Sprintf(
			"%s is set to %s for %s; this action needs %s. Change the permission, or take the action out.", n.group.Label(), is.Label(), i.name(), n.level.Label())})
	}
}

func (c *readyCheck) endpoint(n need) {
	var names []string
	for _, e := range c.endpoints {
		if e.Name != n.name && e.ID != n.name {
			names = append(names, e.Name)
			continue
		}
		if n.body && e.Kind != neo.EndpointHTTPS {
			c.obstacle(n.path, "", "The endpoint “%s” takes a text and no body: it is not an HTTPS endpoint. Remove the body, or choose another endpoint.", e.Name)
		}
		return
	}
	c.obstacle(n.path, nearest(n.name, names), "There is no endpoint “%s”. Choose one that exists, or add it under Settings.", n.name)
}

func (c *readyCheck) workflow(n need) {
	var names []string
	var found []neo.Workflow
	for _, w := range c.workflows {
		switch {
		case w.ID == c.id:
		case w.ID == n.name || w.Name == n.name:
			found = append(found, w)
		default:
			names = append(names, w.Name)
		}
	}
	switch {
	case len(found) == 0:
		c.obstacle(n.path, nearest(n.name, names), "There is no workflow “%s”. Choose one that exists.", n.name)
	case len(found) > 1:
		c.obstacle(n.path, "", "%d workflows have the name “%s”. Choose the one you mean by its id.", len(found), n.name)
	case !found[0].Enabled:
		c.obstacle(n.path, "", "The workflow “%s” is off, so it cannot be run. Enable it first.", found[0].Name)
	}
}

func (c *readyCheck) approver(ctx context.Context, n need) error {
	user, err := c.user(ctx, n.name)
	if neo.CodeOf(err) == neo.CodeNotFound || err == nil && user.TenantID != c.tenant {
		c.obstacle(n.path, "", "Nobody signs in to Neo as “%s”, so nobody with this address can answer. Correct the address, or remove it.", n.name)
		return nil
	}
	return err
}

// onInstances looks on each instance for something that is named; it is missing when
// all of them could be asked and none has it.
func (c *readyCheck) onInstances(ctx context.Context, n need) {
	missing, near := "", ""
	for _, i := range c.connected {
		if i.system == nil {
			c.notAsked(i, "what the workflow names", i.incomplete)
			missing = ""
			return
		}
		v := askInstance(ctx, c, i, n)
		switch {
		case v.err != nil:
			c.notAsked(i, "what the workflow names", neo.MessageOf(notInTime(ctx, v.err)))
			return
		case v.unknown:
			c.unchecked(fmt.Sprintf("Neo's account may not read all values of “%s” on %s, so Neo could not check “%s”.", n.field, i.name(), n.name))
			return
		case v.missing == "":
			return
		}
		if missing == "" {
			missing = v.missing
		}
		if near == "" {
			near = v.nearest
		}
	}
	if missing != "" {
		c.obstacle(n.path, near, "%s", missing)
	}
}

// notInTime replaces the error of a context that has ended by a sentence.
func notInTime(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return neo.Errorf(neo.CodeUnavailable, "It did not answer in time.")
	}
	return err
}
