package flow_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/neoagent/neo"
)

func TestFightIsStopped(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		a := on("state", spec(neo.ActionUpdateTicket, `{"fields":{"urgency":"1"}}`))
		b := on("state", spec(neo.ActionUpdateTicket, `{"fields":{"urgency":"2"}}`))
		a.Name, b.Name = "Raise", "Lower"
		w.save(a)
		w.save(b)
		e := w.start(w.store)
		for n := range 4 {
			w.submit(w.change(id(1), "state", fmt.Sprint(n+2), "beth.anglin"))
			w.tell(e)
		}
		alerts, err := w.store.Alerts(t.Context(), neo.DefaultTenant)
		w.must(err)
		if len(alerts) == 0 || !strings.Contains(alerts[0].Message, "“Raise”") || !strings.Contains(alerts[0].Message, "“Lower”") {
			t.Fatalf("the alerts are %+v, want one that names both workflows", alerts)
		}
		if failed := w.history(neo.HistoryFilter{Outcome: neo.Failure}); len(failed) == 0 || w.system.writes > 5 {
			t.Errorf("%d runs failed after %d writes", len(failed), w.system.writes)
		}
	})
}

func TestWorkflowThatAnswersItselfIsStopped(t *testing.T) {
	w := newWorld(t, sqlite(t))
	d := on("urgency", spec(neo.ActionUpdateTicket, `{"fields":{"urgency":"{% if ticket.urgency_value == '1' %}2{% else %}1{% endif %}"}}`))
	d.TriggerOnOwnChanges = true
	w.save(d)
	e := w.start(w.store)
	w.submit(w.change(id(1), "urgency", "2", "beth.anglin"))
	for range 20 {
		w.tell(e)
		if ticket := w.system.ticket(id(1)); w.disposition(id(1), ticket.Version-1) != "" && w.system.writes > 0 {
			e := report(ticket, neo.FieldChange{Field: "urgency", To: ticket.Fields["urgency"]}, account)
			w.submit(e)
		}
	}
	if w.system.writes != 5 {
		t.Errorf("it wrote %d times in answer to itself, want 5", w.system.writes)
	}
}
