package flow

import (
	"context"
	"maps"
	"slices"

	"github.com/neoagent/neo"
)

// shadowRuns is how many shadow runs the statistics look at.
const shadowRuns = 200

// Shadow compares what the workflow's recent shadow runs would have done with what
// has become of their tickets.
func (t *Trials) Shadow(ctx context.Context, tenant, workflow string) (neo.ShadowStats, error) {
	stats := neo.ShadowStats{Recent: []neo.Case{}}
	runs, steps, err := t.store.ShadowRuns(ctx, tenant, workflow, shadowRuns)
	if err != nil {
		return stats, err
	}
	tickets := map[neo.TicketRef]neo.Ticket{}
	for _, r := range runs {
		fields, before, version := planned(steps[r.ID])
		if len(fields) == 0 {
			continue
		}
		ticket, known := tickets[r.Ticket]
		if !known {
			if ticket, err = t.store.Ticket(ctx, tenant, r.Ticket); err != nil && neo.CodeOf(err) != neo.CodeNotFound {
				return stats, err
			}
			tickets[r.Ticket] = ticket
		}
		if ticket.Version <= version {
			stats.Open++
			continue
		}
		c := neo.Case{
			RunID: r.ID, EventID: r.EventID, Ticket: r.Ticket, Number: r.Number, Title: ticket.Fields[titleField].String(), At: r.CreatedAt.UTC(),
			Changes: compare(before, fields, ticket.Fields), Also: []string{},
		}
		stats.Cases++
		if c.Agreed() {
			stats.Agreed++
		}
		stats.Recent = append(stats.Recent, c)
	}
	return stats, nil
}

// planned returns what the steps of a shadow run would have set in the end, what was
// there before, and in which version of the ticket.
func planned(steps []neo.Step) (fields, before map[string]neo.Value, version int64) {
	fields, before = map[string]neo.Value{}, map[string]neo.Value{}
	for _, s := range steps {
		if s.State != neo.StepPlanned {
			continue
		}
		version = max(version, s.BeforeVersion)
		for name, value := range s.Write.Fields {
			if _, known := before[name]; !known {
				before[name] = s.Before[name]
			}
			would := s.After[name]
			if would.Value != value {
				would = neo.Value{Value: value}
			}
			fields[name] = would
		}
	}
	maps.DeleteFunc(fields, func(name string, v neo.Value) bool { return v.Value == before[name].Value })
	return fields, before, version
}

// compare puts beside each other what each field was, would have been, and is.
func compare(before, would, became map[string]neo.Value) []neo.Comparison {
	all := make([]neo.Comparison, 0, len(would))
	for _, name := range slices.Sorted(maps.Keys(would)) {
		c := neo.Comparison{Field: name, Before: before[name], Would: would[name], Became: became[name]}
		c.Agreed = c.Would.Value == c.Became.Value
		if c.Would.Display == "" {
			// The text for the same stored value may be known from another place.
			for _, v := range []neo.Value{c.Became, c.Before} {
				if v.Value == c.Would.Value {
					c.Would.Display = v.Display
				}
			}
		}
		all = append(all, c)
	}
	return all
}
