package servicenow

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/neoagent/neo"
)

// baseTable is what every class of tickets extends: its fields and choices are theirs
// unless they have their own.
const baseTable = "task"

// choiceLists are the choices of one field: of each class that has its own, and of
// task for the others.
type choiceLists struct {
	// readable: the instance showed its choices. Otherwise there is nothing here.
	readable bool
	byTable  map[string][]neo.Choice
}

// of returns the choices of a class, in the instance's order.
func (l choiceLists) of(class neo.TicketClass) []neo.Choice {
	if own := l.byTable[string(class)]; len(own) > 0 {
		return own
	}
	return l.byTable[baseTable]
}

// collide reports whether a value of the field means different things in different
// classes.
func (l choiceLists) collide() bool {
	labels := map[string]string{}
	for _, class := range neo.TicketClasses {
		for _, c := range l.of(class) {
			if other, known := labels[c.Value]; known && other != c.Label {
				return true
			}
			labels[c.Value] = c.Label
		}
	}
	return false
}

// choiceLists reads the choices of a field, for all classes. Accounts without the role
// admin are often shown nothing of sys_choice but labels: that is no error.
func (s *Tickets) choiceLists(ctx context.Context, field string) (choiceLists, error) {
	return remember(s.learnt, "choices/"+field, func() (choiceLists, error) { return s.readChoices(ctx, field) })
}

func (s *Tickets) readChoices(ctx context.Context, field string) (choiceLists, error) {
	element, err := term("element", opIs, field)
	if err != nil {
		return choiceLists{}, err
	}
	type row struct {
		neo.Choice
		language string
		sequence int
	}
	rows := map[string]map[string]row{} // by table and value
	total, readable := 0, 0
	for offset := 0; ; offset += rowsPage {
		page, err := s.client.List(ctx, "sys_choice", ListOptions{
			Query:  "nameIN" + baseTable + "," + strings.ReplaceAll(classList, ", ", ",") + "^" + element + "^ORDERBYsys_id",
			Fields: []string{"name", "element", "value", "label", "language", "sequence", "inactive"},
			Limit:  rowsPage, Offset: offset, Count: true,
		})
		if neo.CodeOf(err) == neo.CodeRefused {
			return choiceLists{}, nil
		}
		if err != nil {
			return choiceLists{}, err
		}
		for _, r := range page.Records {
			table := r["name"].Value
			if r["element"].Value != field || table == "" {
				continue
			}
			readable++
			if r["inactive"].Value == "true" {
				continue
			}
			c := row{neo.Choice{Value: r["value"].Value, Label: cmp.Or(r["label"].Value, r["value"].Value)}, r["language"].Value, 0}
			c.sequence, _ = strconv.Atoi(r["sequence"].Value)
			if rows[table] == nil {
				rows[table] = map[string]row{}
			}
			// The same value comes once for each language, and for each value it depends on.
			if known, ok := rows[table][c.Value]; !ok || known.language != "en" && c.language == "en" {
				rows[table][c.Value] = c
			}
		}
		if total = page.Total; total <= offset+rowsPage {
			break
		}
	}
	lists := choiceLists{readable: readable > 0 || total <= 0, byTable: map[string][]neo.Choice{}}
	for table, byValue := range rows {
		list := make([]row, 0, len(byValue))
		for _, c := range byValue {
			list = append(list, c)
		}
		slices.SortFunc(list, func(a, b row) int {
			return cmp.Or(cmp.Compare(a.sequence, b.sequence), strings.Compare(a.Label, b.Label), strings.Compare(a.Value, b.Value))
		})
		for _, c := range list {
			lists.byTable[table] = append(lists.byTable[table], c.Choice)
		}
	}
	return lists, nil
}

// named returns the choice that people mean by its value or label. Case does not
// matter.
func named(list []neo.Choice, name string) (neo.Choice, bool) {
	name = strings.TrimSpace(name)
	for _, c := range list {
		if c.Value == name {
			return c, true
		}
	}
	for _, c := range list {
		if strings.EqualFold(c.Label, name) || strings.EqualFold(c.Value, name) {
			return c, true
		}
	}
	return neo.Choice{}, false
}

// labels lists choices for people.
func labels(list []neo.Choice) string {
	const most = 20
	var names []string
	for _, c := range list {
		if c.Value != "" {
			names = append(names, oneLine(c.Label, 60))
		}
	}
	if len(names) > most {
		names = append(names[:most], "…")
	}
	return strings.Join(names, ", ")
}
