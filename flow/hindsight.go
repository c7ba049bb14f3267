package flow

import (
	"cmp"
	"context"
	"maps"
	"runtime"
	"slices"
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
	settings neo.Settings
	compiled *rules.Compiled
	want     neo.EventScan
	replies  bool // conditions look at when the customer last wrote
	progress *progress
	past     *past
	names    *names

	mu          sync.Mutex
	cases       []foundCase
	permissions map[string]neo.Permissions // by integration
}

// foundCase is a case whose fields have not been compared yet.
type foundCase struct {
	neo.Case
	before, would map[string]neo.Value
}

// work looks at pages until there are no more.
func (h *hindsight) work(ctx context.Context, pages <-chan page) error {
	// Whatever is asked about Neo's own records is about the moment.
	r, err := newRehearsal(h.backtest.TenantID, h.backtest.Definition, h.settings, pastDesk{h.trials.desk}, h.trials.now)
	if err != nil {
		return err
	}
	for p := range pages {
		err := h.trials.store.RecordedEvents(ctx, h.backtest.TenantID, p.after, p.until, h.want, func(e neo.Event) error {
			return h.look(ctx, r, e)
		})
		if err != nil {
			return err
		}
		h.progress.looked.Add(int64(p.events))
	}
	return ctx.Err()
}

// look asks whether an event would have started the workflow, and what that would
// have done.
func (h *hindsight) look(ctx context.Context, r *rehearsal, e neo.Event) error {
	if h.replies {
		at, err := h.trials.store.LastReply(ctx, e.Ticket, e.ChangedAt)
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
	system := h.past.of(e.Ticket.IntegrationID, h.names)
	s := &scene{
		event: e, names: h.names, permissions: permissions, system: newGate(noWrites{system}, permissions, false),
		ticket: neo.Ticket{TicketRef: e.Ticket, TenantID: e.TenantID, Number: e.Number, Version: e.Version, Fields: e.Fields, UpdatedAt: e.ChangedAt},
	}
	at := e.ChangedAt
	if at.IsZero() {
		at = e.ReceivedAt
	}
	r.now = func() time.Time { return at }
	previews := r.play(ctx, s)
	if err := h.past.failure(); err != nil {
		return err
	}
	c := foundCase{Case: neo.Case{
		EventID: e.ID, Ticket: e.Ticket, Number: e.Number, Title: e.Fields[titleField].String(), At: at.UTC(), Also: besides(previews),
	}}
	c.before, c.would = wouldBecome(previews, e.Fields, s.ticket.Fields)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.cases = append(h.cases, c); len(h.cases) > casesMost {
		return neo.Errorf(neo.CodeTooLarge, "More than %d events would start this workflow. Narrow its trigger or conditions, or look back fewer days.", casesMost)
	}
	return nil
}

// permissionsOf returns what Neo may do in an integration. One that is gone refuses
// nothing: its events are of another time.
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
	h.mu.Lock()
	defer h.mu.Unlock()
	h.permissions[integration] = p
	return p, nil
}

// wouldBecome returns the fields that the actions would have changed: as they were,
// and as they would have been in the end.
func wouldBecome(previews []neo.Preview, was, is map[string]neo.Value) (before, would map[string]neo.Value) {
	for _, p := range previews {
		if p.Refused != "" {
			continue
		}
		for name := range p.Plan.Write.Fields {
			if was[name].Value == is[name].Value {
				continue
			}
			if would == nil {
				before, would = map[string]neo.Value{}, map[string]neo.Value{}
			}
			before[name], would[name] = was[name], is[name]
		}
	}
	return before, would
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
	slices.SortFunc(h.cases, func(a, b foundCase) int { return cmp.Compare(b.EventID, a.EventID) })
	if h.backtest.Definition.RunOnlyOncePerEntity {
		h.cases = firstOfEach(h.cases)
	}
	byTicket := map[neo.TicketRef][]*foundCase{}
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
		c := &h.cases[i].Case
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
func firstOfEach(cases []foundCase) []foundCase {
	seen := map[neo.TicketRef]bool{}
	var kept []foundCase
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
func (h *hindsight) compareAll(ctx context.Context, byTicket map[neo.TicketRef][]*foundCase) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	refs := make(chan neo.TicketRef)
	var workers sync.WaitGroup
	for range max(4, runtime.GOMAXPROCS(0)) {
		workers.Go(func() {
			for ref := range refs {
				ticket, err := h.trials.store.Ticket(ctx, h.backtest.TenantID, ref)
				if err != nil {
					cancel(err)
					return
				}
				for _, c := range byTicket[ref] {
					c.Changes = compare(c.before, c.would, ticket.Fields)
				}
			}
		})
	}
	for ref, cases := range byTicket {
		changes := false
		for _, c := range cases {
			c.Changes = []neo.Comparison{}
			changes = changes || len(c.would) > 0
		}
		if !changes {
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
