package servicenow

import (
	"cmp"
	"context"
	"maps"
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
	byTable  map[string]neo.FieldEntry
}

// entry returns the choices of a class, in the instance's order.
func (l choiceLists) entry(class neo.TicketClass) neo.FieldEntry {
	if own := l.byTable[string(class)]; len(own.Choices) > len(own.Off) {
		return own
	}
	return l.byTable[baseTable]
}

// of returns the choices of a class that a ticket can be given.
func (l choiceLists) of(class neo.TicketClass) []neo.Choice { return l.entry(class).Offered() }

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
	return remember(s.learnt, "choices/"+field, func() (choiceLists, error) {
		rows, readable, err := s.readChoices(ctx, field)
		if err != nil {
			return choiceLists{}, err
		}
		language, err := s.languageOf(ctx, rows)
		if err != nil {
			return choiceLists{}, err
		}
		return choiceLists{readable, choicesByTable(rows, language)}, nil
	})
}

// choiceRow is one row of sys_choice: a value comes once for each language, and for each
// value that it depends on.
type choiceRow struct {
	neo.Choice
	table, element string
	language       string
	sequence       int
	off            bool
}

// readChoices reads the choices of a field, or, with "", of all fields. They are
// readable also when there are none.
func (s *Tickets) readChoices(ctx context.Context, field string) (rows []choiceRow, readable bool, err error) {
	query := "nameIN" + baseTable + "," + strings.ReplaceAll(classList, ", ", ",")
	if field != "" {
		element, err := term("element", opIs, field)
		if err != nil {
			return nil, false, err
		}
		query += "^" + element
	}
	page, err := s.client.All(ctx, "sys_choice", ListOptions{
		Query:  query,
		Fields: []string{"name", "element", "value", "label", "language", "sequence", "inactive"},
		Limit:  choicesPage,
	})
	if neo.CodeOf(err) == neo.CodeRefused {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	for _, r := range page.Records {
		table, element := r["name"].Value, r["element"].Value
		if field != "" && element != field || !fieldName(element) || table != baseTable && !neo.TicketClass(table).Known() {
			continue
		}
		c := choiceRow{neo.Choice{Value: r["value"].Value, Label: cmp.Or(r["label"].Value, r["value"].Value)},
			table, element, cmp.Or(r["language"].Value, defaultLanguage), 0, r["inactive"].Value == "true"}
		c.sequence, _ = strconv.Atoi(r["sequence"].Value)
		rows = append(rows, c)
	}
	return rows, len(rows) > 0 || page.Total <= 0, nil
}

// choicesPage is how many choices one question asks for: with some hundred bytes each,
// those of a whole instance are one answer.
const choicesPage = 5000

// choicesByTable returns, for rows of one field, the choices of each table in the
// instance's order, those that are switched off last. Labels are in that language where
// there are some, else in English; the others are Labels.
func choicesByTable(rows []choiceRow, language string) map[string]neo.FieldEntry {
	best := func(r choiceRow) int { return slices.Index([]string{defaultLanguage, language}, r.language) }
	byTable := map[string]map[string]choiceRow{}
	for _, r := range rows {
		byValue := byTable[r.table]
		if byValue == nil {
			byValue = map[string]choiceRow{}
			byTable[r.table] = byValue
		}
		known, ok := byValue[r.Value]
		switch {
		case !ok:
			byValue[r.Value] = r
		case known.off && !r.off || known.off == r.off && best(r) > best(known):
			byValue[r.Value] = r
		}
	}
	entries := map[string]neo.FieldEntry{}
	for table, byValue := range byTable {
		list := slices.SortedFunc(maps.Values(byValue), func(a, b choiceRow) int {
			return cmp.Or(compareBool(a.off, b.off), cmp.Compare(a.sequence, b.sequence), strings.Compare(a.Label, b.Label), strings.Compare(a.Value, b.Value))
		})
		e := neo.FieldEntry{Type: neo.ChoiceField}
		shown := map[string]bool{}
		for _, c := range list {
			e.Choices = append(e.Choices, c.Choice)
			shown[c.Label] = true
			if c.off {
				e.Off = append(e.Off, c.Value)
			}
		}
		for _, r := range rows {
			if r.table != table || shown[r.Label] {
				continue
			}
			// One label of two values is that of the one that is not switched off.
			if was, ok := e.Labels[r.Label]; ok && (was == r.Value || !slices.Contains(e.Off, was)) {
				continue
			}
			if e.Labels == nil {
				e.Labels = map[string]string{}
			}
			e.Labels[r.Label] = r.Value
		}
		entries[table] = e
	}
	return entries
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
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
