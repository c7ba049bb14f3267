package simulator

import "strings"

// choiceBook is the live choice lists, read from sys_choice, by table and column position. A list of a parent table
// serves its descendants unless they have their own.
type choiceBook map[string][][]choice

// rebuildChoices reads sys_choice again. Call it with the lock held after that table changed.
func (s *store) rebuildChoices() {
	own := map[string]map[string][]choice{}
	for _, sl := range s.tables.rows["sys_choice"].slots {
		r := sl.rec
		if r.get("inactive") == "true" {
			continue
		}
		byField := own[r.get("name")]
		if byField == nil {
			byField = map[string][]choice{}
			own[r.get("name")] = byField
		}
		byField[r.get("element")] = append(byField[r.get("element")], choice{r.get("value"), r.get("label")})
	}
	book := choiceBook{}
	for name, t := range schema {
		book[name] = make([][]choice, len(t.columns))
		for i, c := range t.columns {
			for _, up := range t.chain {
				if list := own[up.name][c.name]; list != nil {
					book[name][i] = list
					break
				}
			}
		}
	}
	s.choices = book
}

// label is what a choice value shows as, or the value itself.
func label(list []choice, value string) string {
	for _, c := range list {
		if c.value == value {
			return c.label
		}
	}
	return value
}

// choiceFor finds a choice by value, or by label when labels are allowed.
func choiceFor(list []choice, given string, labels bool) (string, bool) {
	for _, c := range list {
		if c.value == given || labels && strings.EqualFold(c.label, given) {
			return c.value, true
		}
	}
	return "", false
}
