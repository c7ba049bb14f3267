package flow

import (
	"context"
	"slices"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/rules"
)

const (
	// countOf is how many tickets a count looks at.
	countOf = 500
	// countShown is how many of those that match are named.
	countShown = 10
	// newestFor is how long the newest tickets are kept: counts come while somebody types.
	newestFor = 5 * time.Second
)

// newestTickets are the newest tickets of a tenant as of a time, as events.
type newestTickets struct {
	at     time.Time
	events []neo.Event
}

// Count says how many of the newest tickets hold the definition's conditions now.
func (t *Trials) Count(ctx context.Context, tenant string, d neo.Definition) (neo.MatchCount, error) {
	in, err := t.context(ctx, tenant)
	if err != nil {
		return neo.MatchCount{}, err
	}
	// Only the conditions count: the trigger may be unfinished.
	c, err := rules.Compile(&neo.Workflow{Definition: neo.Definition{TriggerType: neo.OnRequest, Conditions: d.Conditions}}, in)
	if err != nil {
		return neo.MatchCount{}, err
	}
	if looksAtChange(d.Conditions, 0) {
		return neo.MatchCount{PastOnly: true, Tickets: []neo.TicketLine{}}, nil
	}
	tickets, err := t.newestTickets(ctx, tenant, c.NeedsReply())
	if err != nil {
		return neo.MatchCount{}, err
	}
	n := neo.MatchCount{Of: len(tickets), Tickets: []neo.TicketLine{}}
	for i := range tickets {
		e := tickets[i]
		if d.TriggerType != neo.Triggered {
			e.ChangedAt = t.now() // it is the moment at which the ticket is looked at that counts
		}
		if !c.Holds(&e) {
			continue
		}
		n.Matched++
		if len(n.Tickets) < countShown {
			n.Tickets = append(n.Tickets, neo.TicketLine{Ticket: e.Ticket, Number: e.Number, Title: e.Fields[titleField].String()})
		}
	}
	return n, nil
}

// looksAtChange reports whether a rule is about what a change did, and not about the
// ticket alone.
func looksAtChange(r *neo.Rule, depth int) bool {
	if r == nil || depth > mostNested {
		return false
	}
	switch r.Operator {
	case neo.OpChanged, neo.OpChangedFrom, neo.OpChangedTo:
		return true
	}
	switch r.Field {
	case neo.FieldKinds, neo.FieldChangedBy, neo.FieldByNeo, neo.FieldSinceUpdate:
		return true
	}
	if journals[r.Field] {
		return true
	}
	return slices.ContainsFunc(r.Rules, func(part neo.Rule) bool { return looksAtChange(&part, depth+1) })
}

// newestTickets returns the newest tickets, newest first; with the customers' last
// replies when they are asked for.
func (t *Trials) newestTickets(ctx context.Context, tenant string, replies bool) ([]neo.Event, error) {
	t.mu.Lock()
	kept, ok := t.newest[tenant]
	t.mu.Unlock()
	if !ok || t.now().Sub(kept.at) > newestFor {
		events, err := t.store.NewestTickets(ctx, tenant, countOf)
		if err != nil {
			return nil, err
		}
		kept = newestTickets{t.now(), events}
		t.mu.Lock()
		t.newest[tenant] = kept
		t.mu.Unlock()
	}
	if !replies {
		return kept.events, nil
	}
	events := slices.Clone(kept.events)
	for i := range events {
		at, err := t.store.LastReply(ctx, events[i].Ticket, t.now())
		if err != nil {
			return nil, err
		}
		events[i].LastReplyAt = at
	}
	return events, nil
}
