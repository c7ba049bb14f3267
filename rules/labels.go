package rules

import (
	"slices"
	"strings"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/spelling"
)

// place is where a stored value has its meaning: in a class of tickets of an instance.
type place struct {
	integration string
	class       neo.TicketClass
}

// ofLabel adds what a label means: the value that is stored for it, on each ticket by its
// own instance and class, in whatever language the label is. So a rule that names a label
// matches the same tickets whoever saved them.
func (w wanted) ofLabel(dictionaries map[string]*neo.Dictionary, field, value string) wanted {
	meant := map[place][]string{}
	for integration, d := range dictionaries {
		if d == nil {
			continue
		}
		for class := range d.Classes {
			entry, _ := d.Entry(class, field)
			if entry.Type != neo.ChoiceField {
				continue
			}
			for _, stored := range entry.Stored(value) {
				if normal := spelling.Normal(stored); normal != w.plain {
					at := place{integration, class}
					meant[at] = append(meant[at], normal)
					w.keys = append(w.keys, key(stored))
				}
			}
		}
	}
	if len(meant) == 0 {
		return w
	}
	before := w
	w.other = func(v neo.Value, e *neo.Event) bool {
		return before.is(v, e) || slices.ContainsFunc(meant[place{e.Ticket.IntegrationID, e.Ticket.Class}], func(normal string) bool {
			return spelling.Is(v.Value, normal)
		})
	}
	return w
}

// JoinList is the value of an operator that takes several, for which Values returns these.
func JoinList(values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		if strings.ContainsAny(v, `",`) || spelling.Trim(v) != v {
			v = `"` + strings.ReplaceAll(v, `"`, `""`) + `"`
		}
		quoted[i] = v
	}
	return strings.Join(quoted, ",")
}
