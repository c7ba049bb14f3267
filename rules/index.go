package rules

import "github.com/neoagent/neo"

// Index finds the workflows that an event starts without asking each of them: they
// are filed under the change that starts them.
type Index struct {
	created []*Compiled
	updated []*Compiled            // by any update
	field   map[string][]*Compiled // by an update of that field or journal
}

// NewIndex files the workflows.
func NewIndex(workflows []*Compiled) *Index {
	x := &Index{field: map[string][]*Compiled{}}
	for _, w := range workflows {
		filed := map[string]bool{} // once per place, however many changes name it
		for _, c := range w.Workflow.Changes {
			place := string(c.ChangeType) + "/" + c.Field
			if filed[place] {
				continue
			}
			filed[place] = true
			switch {
			case c.ChangeType == neo.TicketCreated:
				x.created = append(x.created, w)
			case c.Field == "":
				x.updated = append(x.updated, w)
			default:
				x.field[c.Field] = append(x.field[c.Field], w)
			}
		}
	}
	return x
}

// Match returns the workflows that the event starts, each once.
func (x *Index) Match(e *neo.Event) []*Compiled {
	if x == nil {
		return nil
	}
	var found []*Compiled
	try := func(candidates []*Compiled) {
		for _, c := range candidates {
			if c.Matches(e) && !has(found, c) {
				found = append(found, c)
			}
		}
	}
	if e.Type == neo.EntityCreated {
		try(x.created)
		return found
	}
	try(x.updated)
	for i := range e.Changes {
		try(x.field[e.Changes[i].Field])
	}
	for i := range e.Journal {
		try(x.field[e.Journal[i].Element])
	}
	return found
}

func has(found []*Compiled, c *Compiled) bool {
	for _, f := range found {
		if f == c {
			return true
		}
	}
	return false
}
