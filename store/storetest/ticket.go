package storetest

import (
	"testing"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/store"
)

var ticketTests = []test{
	{"are read as they were stored", func(t *testing.T, db *store.DB) {
		want := ticket("1", 7)
		appendStates(t, db, want)
		equal(t, "ticket", must[neo.Ticket](t)(db.Ticket(t.Context(), ours, ref("1"))), want)
	}},
	{"keep the newest version, whatever the order", func(t *testing.T, db *store.DB) {
		state := func(version int64, text string) neo.Ticket {
			k := ticket("1", version)
			k.Fields = map[string]neo.Value{"short_description": {Value: text}}
			return k
		}
		for _, c := range []struct {
			name  string
			batch []neo.Ticket
			want  neo.Ticket
		}{
			{"first", []neo.Ticket{state(5, "a")}, state(5, "a")},
			{"older", []neo.Ticket{state(4, "b")}, state(5, "a")},
			{"same", []neo.Ticket{state(5, "c")}, state(5, "a")},
			{"newer", []neo.Ticket{state(6, "d")}, state(6, "d")},
			{"several", []neo.Ticket{state(8, "e"), state(9, "f"), state(7, "g"), state(9, "h")}, state(9, "f")},
			{"several, all older", []neo.Ticket{state(1, "i"), state(2, "j")}, state(9, "f")},
		} {
			appendStates(t, db, c.batch...)
			equal(t, c.name, must[neo.Ticket](t)(db.Ticket(t.Context(), ours, ref("1"))), c.want)
		}
	}},
	{"are told apart by class and instance", func(t *testing.T, db *store.DB) {
		a, b, c := ticket("1", 1), ticket("1", 2), ticket("1", 3)
		b.Class = neo.Problem
		c.IntegrationID = "integration-2"
		appendStates(t, db, a, b, c)
		for _, want := range []neo.Ticket{a, b, c} {
			equal(t, "ticket", must[neo.Ticket](t)(db.Ticket(t.Context(), ours, want.TicketRef)), want)
		}
	}},
}
