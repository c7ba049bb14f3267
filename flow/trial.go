package flow

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/rules"
)

// TrialStore is what trying a workflow reads, and where backtests are kept.
type TrialStore interface {
	Settings(ctx context.Context, tenant string) (neo.Settings, error)
	Permissions(ctx context.Context, integrationID string) (neo.Permissions, error)
	Ticket(ctx context.Context, tenant string, ref neo.TicketRef) (neo.Ticket, error)
	TicketsNumbered(ctx context.Context, tenant, number string) ([]neo.Ticket, error)
	LastReply(ctx context.Context, ticket neo.TicketRef, until time.Time) (time.Time, error)
	NewestEvents(ctx context.Context, ref neo.TicketRef, limit int) ([]neo.Event, error)
	NewestTickets(ctx context.Context, tenant string, limit int) ([]neo.Event, error)
	ShadowRuns(ctx context.Context, tenant, workflow string, limit int) ([]neo.Run, map[string][]neo.Step, error)

	EventPages(ctx context.Context, tenant string, since time.Time, size int) (ends []string, total int, err error)
	RecordedEvents(ctx context.Context, tenant, after, until string, want neo.EventScan) ([]neo.Event, error)
	AddBacktest(ctx context.Context, b neo.Backtest) error
	Backtest(ctx context.Context, tenant, id string) (neo.Backtest, error)
	BacktestProgress(ctx context.Context, id string, progress, total int, at time.Time) (goOn bool, err error)
	EndBacktest(ctx context.Context, b neo.Backtest) (ended bool, err error)
}

// TrialOptions is what Trials are built from.
type TrialOptions struct {
	Store   TrialStore
	Systems TicketSystems
	Desk    Desk
	// URL is where a person sees a ticket; "" when that is not known. It may be nil.
	URL func(ctx context.Context, ticket neo.TicketRef) string
	// Dictionaries are what the instances of a tenant say about their fields, by
	// integration. It may be nil.
	Dictionaries func(tenant string) map[string]*neo.Dictionary
	Now          func() time.Time
	Log          *slog.Logger
}

// Trials try workflows before somebody trusts them: on one ticket, on the newest
// tickets, on what was recorded, and beside technicians. They write nothing to a
// ticket system.
type Trials struct {
	store   TrialStore
	systems TicketSystems
	desk    Desk
	url     func(ctx context.Context, ticket neo.TicketRef) string
	known   func(tenant string) map[string]*neo.Dictionary
	now     func() time.Time
	log     *slog.Logger

	mu     sync.Mutex
	newest map[string]newestTickets // by tenant

	tests backtests
}

// NewTrials returns Trials; nothing runs until a backtest is begun.
func NewTrials(o TrialOptions) *Trials {
	if o.URL == nil {
		o.URL = noURL
	}
	if o.Dictionaries == nil {
		o.Dictionaries = func(string) map[string]*neo.Dictionary { return nil }
	}
	t := &Trials{store: o.Store, systems: o.Systems, desk: o.Desk, url: o.URL, known: o.Dictionaries, now: o.Now, log: o.Log, newest: map[string]newestTickets{}}
	t.tests.init()
	return t
}

// context returns what a tenant's workflows are judged by.
func (t *Trials) context(ctx context.Context, tenant string) (rules.Context, error) {
	settings, err := t.store.Settings(ctx, tenant)
	return rules.Context{Settings: settings, Dictionaries: t.known(tenant)}, err
}

// Test says what the definition would do to the ticket with that number, as it is in
// its system now. Its newest change stands for the one that starts the workflow.
func (t *Trials) Test(ctx context.Context, tenant string, d neo.Definition, number string) (neo.Trial, error) {
	found, err := t.store.TicketsNumbered(ctx, tenant, number)
	switch {
	case err != nil:
		return neo.Trial{}, err
	case len(found) == 0:
		return neo.Trial{}, neo.Errorf(neo.CodeNotFound, "Neo does not know a ticket %q. Use the number of one that has changed since it was connected.", number)
	case len(found) > 1:
		return neo.Trial{}, neo.Errorf(neo.CodeConflict, "%d connected instances have a ticket %q. Choose a number that only one of them has.", len(found), number)
	}
	known := found[0]
	in, err := t.context(ctx, tenant)
	if err != nil {
		return neo.Trial{}, err
	}
	permissions, err := t.store.Permissions(ctx, known.IntegrationID)
	if err != nil {
		return neo.Trial{}, err
	}
	live, err := t.systems(ctx, known.IntegrationID)
	if err != nil {
		return neo.Trial{}, err
	}
	s := &scene{permissions: permissions, names: newNames(), url: t.url(ctx, known.TicketRef)}
	s.system = rehearsalGate(learning{live, s.names}, permissions)
	s.labels = s.system
	if s.ticket, err = s.system.Read(ctx, known.TicketRef); err != nil {
		return neo.Trial{}, err
	}
	s.ticket.TenantID = tenant
	if s.event, err = t.eventOf(ctx, d, s.ticket); err != nil {
		return neo.Trial{}, err
	}
	out := neo.Trial{Ticket: known.TicketRef, Number: s.ticket.Number, Title: s.ticket.Fields[titleField].String()}
	if out.Explanation, err = explainDraft(d, in, s.event); err != nil {
		return neo.Trial{}, err
	}
	out.Matches = out.Explanation.Matches
	r, err := newRehearsal(tenant, d, in, t.desk, t.now)
	if err != nil {
		return neo.Trial{}, err
	}
	out.Steps = r.play(ctx, s)
	return out, ctx.Err()
}

// titleField is the field that people know a ticket by.
const titleField = "short_description"

// eventOf returns what stands for the event that starts the workflow: the newest
// change of the ticket that Neo knows, with the state that was just read. A workflow
// that no change starts gets the state alone.
func (t *Trials) eventOf(ctx context.Context, d neo.Definition, ticket neo.Ticket) (neo.Event, error) {
	e := asEvent(ticket, t.now())
	if d.TriggerType == neo.Triggered {
		newest, err := t.store.NewestEvents(ctx, ticket.TicketRef, 1)
		if err != nil {
			return e, err
		}
		if len(newest) > 0 {
			e = newest[0]
			e.Fields = ticket.Fields
		}
	}
	var err error
	e.LastReplyAt, err = t.store.LastReply(ctx, ticket.TicketRef, rules.Now(&e))
	return e, err
}

// explainDraft says why the event starts the workflow; one that no change starts
// matches when its conditions hold.
func explainDraft(d neo.Definition, in rules.Context, e neo.Event) (neo.Explanation, error) {
	x, err := Explain(neo.Workflow{Definition: d}, e, in)
	if d.TriggerType != neo.Triggered {
		x.OwnChange = false
		x.Matches = (x.Conditions == nil || x.Conditions.Holds) && (x.BusinessHours == nil || x.BusinessHours.Holds)
	}
	return x, err
}
