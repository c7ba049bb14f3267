package flow

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/rules"
)

const (
	// casesKept is how many cases of a backtest are stored, the newest.
	casesKept = 5_000
	// casesMost bounds the cases that are held in memory while a backtest runs.
	casesMost = 200_000
)

// hindsight is the work on one backtest.
type hindsight struct {
	trials   *Trials
	backtest neo.Backtest
	context  rules.Context
	compiled *rules.Compiled
	want     neo.EventScan
	progress *progress
	past     *past
	labels   *past // a past whose failures do not matter
	names    *names

	mu          sync.Mutex
	cases       []neo.Case                 // their fields are compared in the end
	permissions map[string]neo.Permissions // by integration
}

// work looks at pages until there are no more.
func (h *hindsight) work(ctx context.Context, pages <-chan page) error {
	// Whatever is asked about Neo's own records is about the moment.
	r, err := newRehearsal(h.backtest.TenantID, h.backtest.Definition, h.context, pastDesk{h.trials.desk}, h.trials.now)
	if err != nil {
		return err
	}
	for p := range pages {
		events, err := h.trials.store.RecordedEvents(ctx, h.backtest.TenantID, p.after, p.until, h.want)
		if err != nil {
			return err
		}
		for i := range events {
			if err := h.look(ctx, r, events[i]); err != nil {
				return err
			}
		}
		h.progress.looked.Add(int64(p.events))
	}
	return ctx.Err()
}

// look asks whether an event would have started the workflow, and what that would
// have done.
func (h *hindsight) look(ctx context.Context, r *rehearsal, e neo.Event) error {
	if h.compiled.NeedsReply() {
		at, err := h.trials.store.LastReply(ctx, e.Ticket, rules.Now(&e))
		if err != nil {
			return err
		}
		e.LastReplyAt = at
	}
	if !h.compiled.Matches(&e) {
		return nil
	}
	permissions, err := h.permissionsOf(ctx, e.Ticket.IntegrationID)
	if err != nil {
		return err
	}
	integration := e.Ticket.IntegrationID
	s := &scene{
		event: e, names: h.names, permissions: permissions,
		system: rehearsalGate(learning{h.past.of(integration), h.names}, permissions),
		labels: rehearsalGate(h.labels.of(integration), permissions),
		ticket: neo.Ticket{TicketRef: e.Ticket, TenantID: e.TenantID, Number: e.Number, Version: e.Version, Fields: e.Fields, UpdatedAt: e.ChangedAt},
	}
	at := rules.Now(&e)
	r.now = func() time.Time { return at }
	previews := r.play(ctx, s)
	if err := h.past.failure(); err != nil {
		return err
	}
	c := neo.Case{
		EventID: e.ID, Ticket: e.Ticket, Number: e.Number, Title: strings.Clone(e.Fields[titleField].String()), At: at.UTC(),
		Changes: wouldBecome(previews, e.Fields, s.ticket.Fields), Also: besides(previews),
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.cases = append(h.cases, c); len(h.cases) > casesMost {
		return neo.Errorf(neo.CodeTooLarge, "More than %d events would start this workflow. Narrow its trigger or conditions, or look back fewer days.", casesMost)
	}
	return nil
}

// permissionsOf returns what Neo may read in an integration. Writes are all allowed:
// a draft is tried before somebody lets Neo write, and what happened is of another
// time. So is an integration that is gone.
func (h *hindsight) permissionsOf(ctx context.Context, integration string) (neo.Permissions, error) {
	h.mu.Lock()
	p, known := h.permissions[integration]
	h.mu.Unlock()
	if known {
		return p, nil
	}
	p, err := h.trials.store.Permissions(ctx, integration)
	if neo.CodeOf(err) == neo.CodeNotFound {
		p, err = neo.FullAccess(), nil
	}
	if err != nil {
		return nil, err
	}
	writable := neo.FullAccess()
	for group := range writable {
		if p.Of(group).Level == neo.Disabled {
			writable[group] = p.Of(group)
		}
	}
	p = writable
	h.mu.Lock()
	defer h.mu.Unlock()
	h.permissions[integration] = p
	return p, nil
}

// wouldBecome returns the fields that the actions would have changed, by name: as they
// were, and as they would have been in the end.
func wouldBecome(previews []neo.Preview, was, is map[string]neo.Value) []neo.Comparison {
	changes := []neo.Comparison{}
	for _, p := range previews {
		if p.Refused != "" {
			continue
		}
		for name := range p.Plan.Write.Fields {
			known := slices.ContainsFunc(changes, func(c neo.Comparison) bool { return c.Field == name })
			if !known && was[name].Value != is[name].Value {
				changes = append(changes, neo.Comparison{Field: name, Before: alone(was[name]), Would: alone(is[name])})
			}
		}
	}
	slices.SortFunc(changes, func(a, b neo.Comparison) int { return cmp.Compare(a.Field, b.Field) })
	return changes
}

// besides says in few words what the actions would have done beside setting fields.
func besides(previews []neo.Preview) []string {
	also := []string{}
	add := func(is bool, text string) {
		if is {
			also = append(also, text)
		}
	}
	for _, p := range previews {
		plan, name := p.Plan, actionLabels[p.Action]
		nothing := len(plan.Write.Fields) == 0
		switch {
		case p.Refused != "":
			also = append(also, name+": not allowed. "+p.Refused)
			continue
		case p.Error != "":
			also = append(also, name+": would fail. "+p.Error)
			continue
		}
		add(plan.Write.WorkNote != "", "Add work note")
		add(plan.Write.ClientNote != "", "Add client-facing note")
		add(plan.Write.Email != nil, "Send email")
		add(plan.Write.TimeEntry != nil, "Log time entry")
		add(plan.Create != nil, "Create ticket")
		add(plan.Ask != nil, "Ask a technician for approval")
		add(plan.Wait != nil, "Wait")
		if plan.Send != nil {
			also = append(also, "Send message to "+plan.Send.Endpoint)
		}
		if plan.Start != nil {
			also = append(also, "Run workflow "+plan.Start.Name)
		}
		if plan.Stop != "" {
			also = append(also, "End: "+plan.Stop)
		}
		add(nothing && p.Message == decidedLater, name+": decided when it runs")
		add(!nothing && plan.Reason == technicianLater, "Technician: decided when it runs")
	}
	return also
}

// actionLabels are the names by which people know the actions.
var actionLabels = map[neo.ActionType]string{
	neo.ActionUpdateTicket: "Update ticket fields", neo.ActionAssign: "Assign ticket", neo.ActionAddWorkNote: "Add work note",
	neo.ActionAddClientNote: "Add client-facing note", neo.ActionLogTime: "Log time entry", neo.ActionResolve: "Resolve ticket",
	neo.ActionClose: "Close ticket", neo.ActionReopen: "Reopen ticket", neo.ActionCreateTicket: "Create ticket",
	neo.ActionLinkDuplicate: "Link duplicate to parent", neo.ActionNotify: "Notify ticket contact", neo.ActionSendMessage: "Send message",
	neo.ActionAskApproval: "Ask a technician for approval", neo.ActionWait: "Wait", neo.ActionContinueIf: "Only continue if",
	neo.ActionRunWorkflow: "Run another workflow",
}

// result compares the cases with what has become of their tickets.
func (h *hindsight) result(ctx context.Context) (*neo.BacktestResult, error) {
	slices.SortFunc(h.cases, func(a, b neo.Case) int { return cmp.Compare(b.EventID, a.EventID) })
	if h.backtest.Definition.RunOnlyOncePerEntity {
		h.cases = firstOfEach(h.cases)
	}
	byTicket := map[neo.TicketRef][]*neo.Case{}
	for i := range h.cases {
		c := &h.cases[i]
		byTicket[c.Ticket] = append(byTicket[c.Ticket], c)
	}
	if err := h.compareAll(ctx, byTicket); err != nil {
		return nil, err
	}
	result := &neo.BacktestResult{Events: len(h.cases), Tickets: len(byTicket), Fields: []neo.Agreement{}, Cases: []neo.Case{}}
	fields := map[string]*neo.Agreement{}
	for i := range h.cases {
		c := &h.cases[i]
		if len(c.Changes) > 0 {
			result.Compared++
		}
		if c.Agreed() {
			result.Agreed++
		}
		for _, f := range c.Changes {
			a := fields[f.Field]
			if a == nil {
				a = &neo.Agreement{Field: f.Field}
				fields[f.Field] = a
			}
			a.Cases++
			if f.Agreed {
				a.Agreed++
			}
		}
		if i < casesKept {
			result.Cases = append(result.Cases, *c)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		result.Fields = append(result.Fields, *fields[name])
	}
	return result, nil
}

// firstOfEach keeps the oldest case of each ticket. The newest come first.
func firstOfEach(cases []neo.Case) []neo.Case {
	seen := map[neo.TicketRef]bool{}
	var kept []neo.Case
	for _, c := range slices.Backward(cases) {
		if !seen[c.Ticket] {
			seen[c.Ticket] = true
			kept = append(kept, c)
		}
	}
	slices.Reverse(kept)
	return kept
}

// compareAll reads the newest state of each ticket with a case that changes a field.
func (h *hindsight) compareAll(ctx context.Context, byTicket map[neo.TicketRef][]*neo.Case) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	refs := make(chan neo.TicketRef)
	var workers sync.WaitGroup
	for range backtestWorkers() {
		workers.Go(func() {
			for ref := range refs {
				ticket, err := h.trials.store.Ticket(ctx, h.backtest.TenantID, ref)
				if err != nil {
					cancel(err)
					return
				}
				for _, c := range byTicket[ref] {
					judge(c.Changes, ticket.Fields)
				}
			}
		})
	}
	for ref, cases := range byTicket {
		if !slices.ContainsFunc(cases, func(c *neo.Case) bool { return len(c.Changes) > 0 }) {
			continue
		}
		select {
		case refs <- ref:
		case <-ctx.Done():
		}
	}
	close(refs)
	workers.Wait()
	return context.Cause(ctx)
}
