package servicenow

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/spelling"
)

// searchBy are the fields by which records of a table are found and shown; name for
// tables that are not here.
var searchBy = map[string][]string{
	"sys_user": {"name", "user_name", "email"},
	baseTable:  {"number", "short_description"},
}

// hasActive are tables whose records can be switched off.
var hasActive = []string{"sys_user", "sys_user_group"}

// mostChoices bounds what Choices answers.
const mostChoices = 500

// Choices returns values that a field of the class can have and that contain query: of
// a choice field its choices, of a reference the records whose name does, of a boolean
// both. For other types there are none. Where one stored value means different things
// in different classes, as of the state, each choice has its class.
func (s *Tickets) Choices(ctx context.Context, class neo.TicketClass, name, query string, limit int) ([]neo.Choice, error) {
	all, err := s.fields(ctx, class)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(f field) bool { return f.Name == name })
	if i < 0 {
		return nil, neo.Errorf(neo.CodeInvalid, "%s has no field %q in this instance.", class, oneLine(name, 80))
	}
	limit = min(limit, mostChoices)
	if limit <= 0 {
		limit = mostChoices
	}
	var list []neo.Choice
	switch f := all[i]; f.Type {
	case neo.ReferenceField:
		return s.records(ctx, f, strings.TrimSpace(query), limit)
	case neo.BooleanField:
		list = []neo.Choice{{Value: "true", Label: "Yes"}, {Value: "false", Label: "No"}}
	case neo.ChoiceField:
		if list, err = s.choicesOf(ctx, class, name); err != nil {
			return nil, err
		}
	}
	found := []neo.Choice{}
	query = spelling.Normal(query)
	for _, c := range list {
		if len(found) < limit && (spelling.Contains(c.Label, query) || spelling.Contains(c.Value, query)) {
			found = append(found, c)
		}
	}
	return found, nil
}

// AllChoices returns all choices of a choice field of the class; complete is false where
// the instance does not show them to Neo's account.
func (s *Tickets) AllChoices(ctx context.Context, class neo.TicketClass, name string) (all []neo.Choice, complete bool, err error) {
	lists, err := s.choiceLists(ctx, name)
	return slices.Clone(lists.of(class)), lists.readable, err
}

// inUseDays is how far back tickets are looked at for the choices that they have.
const inUseDays = 180

// choicesOf returns the choices of a field in a class. Where the instance does not show
// its choices, they are those that its tickets have, and the states that Neo knows.
func (s *Tickets) choicesOf(ctx context.Context, class neo.TicketClass, name string) ([]neo.Choice, error) {
	lists, err := s.choiceLists(ctx, name)
	if err != nil {
		return nil, err
	}
	list, collide := slices.Clone(lists.of(class)), lists.collide()
	if !lists.readable {
		if list, err = s.choicesInUse(ctx, class, name); err != nil {
			return nil, err
		}
		collide = strings.HasSuffix(name, "state")
	}
	if collide {
		for i := range list {
			list[i].Class = class
		}
	}
	return list, nil
}

func (s *Tickets) choicesInUse(ctx context.Context, class neo.TicketClass, name string) ([]neo.Choice, error) {
	list, err := remember(s.learnt, "in-use/"+string(class)+"/"+name, func() ([]neo.Choice, error) {
		since := s.client.now().AddDate(0, 0, -inUseDays).UTC().Format(timeLayout)
		groups, err := s.client.countBy(ctx, string(class), "sys_created_on>="+since, name)
		if _, later := neo.Retryable(err); later {
			return nil, err
		}
		byValue := map[string]neo.Choice{}
		for _, g := range groups {
			if g.Value.Value != "" {
				byValue[g.Value.Value] = neo.Choice{Value: g.Value.Value, Label: g.Value.String()}
			}
		}
		list := slices.Collect(maps.Values(byValue))
		if name == neo.FieldState {
			list = withShipped(class, list)
		}
		return slices.SortedFunc(slices.Values(list), func(a, b neo.Choice) int {
			x, errX := strconv.Atoi(a.Value)
			y, errY := strconv.Atoi(b.Value)
			if errX == nil && errY == nil {
				return cmp.Compare(x, y)
			}
			return strings.Compare(a.Label, b.Label)
		}), nil
	})
	return slices.Clone(list), err
}

// records returns the records of a reference field's table whose name contains query,
// by name; not those that are switched off. A query that is an id finds that record,
// also when it is switched off: whoever stored the id wants to see its name.
func (s *Tickets) records(ctx context.Context, f field, query string, limit int) ([]neo.Choice, error) {
	if !fieldName(f.table) {
		return []neo.Choice{}, nil
	}
	by := searchBy[f.table]
	if f.Reference == "ticket" {
		by = searchBy[baseTable]
	}
	if by == nil {
		by = []string{"name"}
	}
	var terms []string
	for _, column := range by {
		if query == "" {
			break
		}
		t, err := term(column, opContains, query)
		if err != nil {
			return nil, err
		}
		terms = append(terms, t)
	}
	byID := madeID(query)
	encoded := strings.Join(terms, "^OR")
	if byID {
		encoded = "sys_id" + opIs + query
	} else if slices.Contains(hasActive, f.table) {
		encoded += "^active=true"
	}
	page, err := s.client.List(ctx, f.table, ListOptions{
		Query:  strings.TrimPrefix(encoded+"^ORDERBY"+by[0]+"^ORDERBYsys_id", "^"),
		Fields: append([]string{"sys_id", "active"}, by...),
		Limit:  limit,
	})
	if err != nil {
		return nil, err
	}
	found := []neo.Choice{}
	for _, r := range page.Records {
		label := r[by[0]].Value
		matches := slices.ContainsFunc(by, func(column string) bool {
			return spelling.Contains(r[column].Value, query)
		})
		inactive := slices.Contains(hasActive, f.table) && r["active"].Value == "false"
		if byID {
			matches, inactive = strings.EqualFold(r["sys_id"].Value, query), false
		}
		if label == "" || !recordID(r["sys_id"].Value) || !matches || inactive {
			continue
		}
		if f.Reference == "ticket" && r["short_description"].Value != "" {
			label += " " + r["short_description"].Value
		}
		found = append(found, neo.Choice{Value: r["sys_id"].Value, Label: label})
	}
	return found, nil
}
