package servicenow

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/neoagent/neo"
)

// dictionaryAge is how long Neo goes by what it has learnt of an instance's fields and
// choices. An administrator changes them rarely; asking for an inspection asks for them
// as well.
const dictionaryAge = 15 * time.Minute

// dictionary returns what is stored of what the instance says about its fields; nil
// while nothing is.
func (s *Tickets) dictionary(ctx context.Context) (*neo.Dictionary, error) {
	if s.connections == nil {
		return nil, nil
	}
	return s.connections.store.Dictionary(ctx, s.integration)
}

// learn reads what the instance says about its fields and choices: three calls where the
// account may read sys_dictionary and sys_choice. Where it may not, the fields and
// choices are those that tickets show, two calls for each class, in addition to those
// known before.
func (s *Tickets) learn(ctx context.Context, before *neo.Dictionary) (*neo.Dictionary, error) {
	byClass, whole, err := s.described(ctx, neo.TicketClasses...)
	if err != nil {
		return nil, err
	}
	overrides := map[neo.TicketClass]stateAttributes{}
	if whole {
		if overrides, err = s.stateOverrides(ctx); err != nil {
			return nil, err
		}
	}
	rows, readable, err := s.readChoices(ctx, "")
	if err != nil {
		return nil, err
	}
	language, err := s.languageOf(ctx, rows)
	if err != nil {
		return nil, err
	}
	lists := map[string]choiceLists{} // by field
	for field, of := range byElement(rows) {
		lists[field] = choiceLists{true, choicesByTable(of, language)}
	}
	d := &neo.Dictionary{Classes: map[neo.TicketClass]map[string]neo.FieldEntry{}, States: map[neo.TicketClass]neo.States{}}
	for _, class := range neo.TicketClasses {
		fields := byClass[class]
		if !whole {
			if err := s.addSample(ctx, class, fields); err != nil {
				if _, later := neo.Retryable(err); later {
					return nil, err
				}
			}
		}
		entries := map[string]neo.FieldEntry{}
		for name, f := range fields {
			e := neo.FieldEntry{Type: f.Type, Reference: f.referenceKind()}
			list := lists[name].entry(class)
			if e.Type == neo.ChoiceField || !whole && len(list.Choices) > 0 {
				e.Type, e.Choices, e.Off, e.Labels = neo.ChoiceField, list.Choices, list.Off, list.Labels
				if !readable {
					e.Choices = f.seen
				}
			}
			entries[name] = e
		}
		if !readable {
			if err := s.addStatesInUse(ctx, class, entries); err != nil {
				return nil, err
			}
		}
		if !whole || !readable {
			addKnown(entries, before, class)
		}
		if len(entries) == 0 {
			continue
		}
		d.Classes[class] = entries
		attributes, said := overrides[class]
		if _, own := lists[neo.FieldState].byTable[string(class)]; !said && !own {
			attributes = fields[neo.FieldState].states // numbers of task's say nothing of a class that has its own
		}
		if state := entries[neo.FieldState]; len(state.Choices) > 0 {
			d.States[class] = statesOf(class, state, attributes)
		}
	}
	return d, nil
}

func byElement(rows []choiceRow) map[string][]choiceRow {
	all := map[string][]choiceRow{}
	for _, r := range rows {
		all[r.element] = append(all[r.element], r)
	}
	return all
}

// addStatesInUse adds the states that tickets have, with the labels that Neo's account is
// shown, and those that instances ship with.
func (s *Tickets) addStatesInUse(ctx context.Context, class neo.TicketClass, entries map[string]neo.FieldEntry) error {
	if len(entries) == 0 {
		return nil // not a ticket of the class can be read
	}
	list, err := s.choicesInUse(ctx, class, neo.FieldState)
	if err != nil {
		return err
	}
	entries[neo.FieldState] = neo.FieldEntry{Type: neo.ChoiceField, Choices: list}
	return nil
}

// addKnown adds what was known of a class before and does not show now: a sample is of
// a few tickets.
func addKnown(entries map[string]neo.FieldEntry, before *neo.Dictionary, class neo.TicketClass) {
	if before == nil {
		return
	}
	for name, was := range before.Classes[class] {
		e, ok := entries[name]
		if !ok {
			entries[name] = was
			continue
		}
		if name == neo.FieldState || e.Type != neo.ChoiceField || was.Type != neo.ChoiceField {
			continue // which states there are is read anew each time
		}
		for _, c := range was.Choices {
			if _, known := e.Label(c.Value); !known {
				e.Choices = append(slices.Clip(e.Choices), c)
			}
		}
		if e.Labels == nil {
			e.Labels = was.Labels
		}
		slices.SortFunc(e.Choices, func(a, b neo.Choice) int {
			return cmp.Or(compareBool(slices.Contains(e.Off, a.Value), slices.Contains(e.Off, b.Value)), strings.Compare(a.Value, b.Value))
		})
		entries[name] = e
	}
}

// stateOverrides reads what classes say otherwise than task about the field state. An
// instance without such entries, or that does not show them, has none.
func (s *Tickets) stateOverrides(ctx context.Context) (map[neo.TicketClass]stateAttributes, error) {
	page, err := s.client.All(ctx, "sys_dictionary_override", ListOptions{
		Query:  "nameIN" + strings.ReplaceAll(classList, ", ", ",") + "^element=" + neo.FieldState,
		Fields: []string{"name", "element", "attributes", "attributes_override"}, Limit: rowsPage,
	})
	if _, later := neo.Retryable(err); later {
		return nil, err
	}
	all := map[neo.TicketClass]stateAttributes{}
	for _, r := range page.Records {
		class := neo.TicketClass(r["name"].Value)
		if class.Known() && r["element"].Value == neo.FieldState && r["attributes_override"].Value != "false" && r["attributes"].Value != "" {
			all[class] = attributesOf(r["attributes"].Value)
		}
	}
	return all, nil
}

// statesNow is a dictionary of the states of one class alone, as the instance has them:
// until the whole is learnt.
func (s *Tickets) statesNow(ctx context.Context, class neo.TicketClass) (*neo.Dictionary, error) {
	lists, err := s.choiceLists(ctx, neo.FieldState)
	if err != nil {
		return nil, err
	}
	state := lists.entry(class)
	if len(state.Choices) == 0 {
		state = neo.FieldEntry{Type: neo.ChoiceField, Choices: states[class]}
		if !lists.readable {
			if state.Choices, err = s.choicesInUse(ctx, class, neo.FieldState); err != nil {
				return nil, err
			}
		}
	}
	return ofStates(class, state), nil
}

// ofStates is a dictionary of the states of one class alone.
func ofStates(class neo.TicketClass, state neo.FieldEntry) *neo.Dictionary {
	return &neo.Dictionary{
		Classes: map[neo.TicketClass]map[string]neo.FieldEntry{class: {neo.FieldState: state}},
		States:  map[neo.TicketClass]neo.States{class: statesOf(class, state, stateAttributes{})},
	}
}

// Learn reads what an instance says about its fields and choices, and stores it. It
// reports whether that has changed.
func (c *Connections) Learn(ctx context.Context, integrationID string) (changed bool, err error) {
	tickets, err := c.Tickets(ctx, integrationID)
	if err != nil {
		return false, err
	}
	return c.learn(ctx, tickets)
}

func (c *Connections) learn(ctx context.Context, tickets *Tickets) (changed bool, err error) {
	before, err := c.store.Dictionary(ctx, tickets.integration)
	if err != nil {
		return false, err
	}
	fresh := *tickets
	fresh.learnt = nil // nothing that is remembered
	d, err := fresh.learn(ctx, before)
	if err != nil || len(d.Classes) == 0 && before != nil {
		return false, err
	}
	if changed, err = c.store.SaveDictionary(ctx, tickets.tenant, tickets.integration, d); changed && c.Learnt != nil {
		c.Learnt(ctx)
	}
	return changed, err
}

// Standard is the dictionary of an instance as ServiceNow delivers it, as far as Neo
// knows it, with choices of its own: by class, by field. Where a class has choices of
// its own for state, these are all its states.
func Standard(choices map[neo.TicketClass]map[string][]neo.Choice) *neo.Dictionary {
	d := &neo.Dictionary{Classes: map[neo.TicketClass]map[string]neo.FieldEntry{}, States: map[neo.TicketClass]neo.States{}}
	for _, class := range neo.TicketClasses {
		entries := map[string]neo.FieldEntry{}
		for name, f := range wellKnown {
			entries[name] = neo.FieldEntry{Type: f.Type, Reference: f.referenceKind()}
		}
		entries["active"] = neo.FieldEntry{Type: neo.BooleanField}
		entries[neo.FieldState] = neo.FieldEntry{Type: neo.ChoiceField, Choices: states[class]}
		for _, name := range slices.Sorted(maps.Keys(choices[class])) {
			entries[name] = neo.FieldEntry{Type: neo.ChoiceField, Choices: choices[class][name]}
		}
		d.Classes[class] = entries
		d.States[class] = statesOf(class, entries[neo.FieldState], stateAttributes{})
	}
	return d
}
