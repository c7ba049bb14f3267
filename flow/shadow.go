package flow

import (
	"context"
	"maps"
	"slices"
	"strings"

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
			Changes: changesOf(before, fields), Also: []string{},
		}
		judge(c.Changes, ticket.Fields)
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
			fields[name] = neo.Value{Value: value}
			if text, ok := s.Outputs[outputOf[name]].(string); ok && text != value {
				fields[name] = neo.Value{Value: value, Display: text}
			}
		}
	}
	maps.DeleteFunc(fields, func(name string, v neo.Value) bool { return v.Value == before[name].Value })
	return fields, before, version
}

// changesOf returns the fields that would have changed, by name.
func changesOf(before, would map[string]neo.Value) []neo.Comparison {
	all := make([]neo.Comparison, 0, len(would))
	for _, name := range slices.Sorted(maps.Keys(would)) {
		all = append(all, neo.Comparison{Field: name, Before: before[name], Would: would[name]})
	}
	return all
}

// judge compares the changes with what has become of the fields.
func judge(changes []neo.Comparison, became map[string]neo.Value) {
	for i := range changes {
		c := &changes[i]
		c.Became = alone(became[c.Field])
		c.Agreed = c.Would.Value == c.Became.Value
		if c.Would.Display == "" {
			// The text for the same stored value may be known from another place.
			for _, v := range []neo.Value{c.Became, c.Before} {
				if v.Value == c.Would.Value {
					c.Would.Display = v.Display
				}
			}
		}
	}
}

// alone copies a value out of the text of its event, which need not be kept for it.
func alone(v neo.Value) neo.Value {
	return neo.Value{Value: strings.Clone(v.Value), Display: strings.Clone(v.Display)}
}
