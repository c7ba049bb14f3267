package flow_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

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

// reply is a customer's note on a ticket, as a delivery reports it.
func (w *world) reply(id string) neo.Event {
	w.system.mu.Lock()
	defer w.system.mu.Unlock()
	t := w.system.ticket(id)
	t.Version++
	text := fmt.Sprintf("Automatic reply %d: I am out of the office.", t.Version)
	w.system.clientNotes[id] = append(w.system.clientNotes[id], text)
	e := report(t, neo.FieldChange{}, "mailbox")
	e.Changes, e.Kinds = nil, []neo.ChangeType{neo.CustomerReplied}
	e.Journal = []neo.JournalEntry{{Element: "comments", Text: text, Author: "mailbox"}}
	return e
}

// onReply returns a workflow for each note of a customer.
func onReply(actions ...neo.ActionSpec) neo.Definition {
	return neo.Definition{Name: "Thank", TriggerType: neo.Triggered, Actions: actions, Changes: []neo.TargetChange{{ChangeType: neo.CustomerReplied}}}
}

func (w *world) alertNamed(key string) []neo.Alert {
	w.t.Helper()
	all, err := w.store.Alerts(w.t.Context(), neo.DefaultTenant)
	w.must(err)
	var found []neo.Alert
	for _, a := range all {
		if strings.HasPrefix(a.Key, key) {
			found = append(found, a)
		}
	}
	return found
}

// A mailbox that answers each note, e-mail, message or whatever else Neo sends.
func TestFault4LoopsAreStopped(t *testing.T) {
	for name, action := range map[string]neo.ActionSpec{
		"client note": spec(neo.ActionAddClientNote, `{"text":"Thank you."}`),
		"work note":   note,
		"e-mail":      spec(neo.ActionNotify, `{"mode":"EMAIL","subject":"Thank you","text":"We have your reply."}`),
		"message":     spec(neo.ActionSendMessage, `{"endpoint":"On-call","text":"A reply."}`),
		"new ticket":  spec(neo.ActionCreateTicket, `{"class":"incident","fields":{"short_description":"A reply"}}`),
		"workflow":    spec(neo.ActionRunWorkflow, `{"workflow":"Other"}`),
		"time":        spec(neo.ActionLogTime, `{"minutes":5,"text":"Read."}`),
	} {
		t.Run("fault 4: "+name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, w *world) {
				w.must(w.store.CreateEndpoint(t.Context(), &neo.Endpoint{ID: "e1", TenantID: neo.DefaultTenant, Name: "On-call", Kind: neo.EndpointSlack, Host: "x", Sealed: []byte{1}}))
				other := onReply(spec(neo.ActionUpdateTicket, `{"fields":{"impact":"{{ now }}"}}`))
				other.Name, other.TriggerType, other.Changes = "Other", neo.OnRequest, nil
				w.save(other)
				w.save(onReply(action))
				e := w.start(w.store)
				for range 12 {
					w.submit(w.reply(id(1)))
					w.tell(e)
					w.tell(e)
					w.pass(time.Second)
				}
				done := 0
				for _, h := range w.history(neo.HistoryFilter{Type: neo.WorkflowExecution, Outcome: neo.Success}) {
					if h.WorkflowName == "Thank" {
						done++
					}
				}
				if done != 5 {
					t.Errorf("%d runs were carried out, want 5", done)
				}
				alerts := w.alertNamed("")
				if len(alerts) != 1 || !strings.HasPrefix(alerts[0].Key, "loop/") || !strings.Contains(alerts[0].Title, "INC"+id(1)) || !strings.Contains(alerts[0].Message, "“Thank”") {
					t.Errorf("the alerts are %+v, want one that names the ticket and the workflow", alerts)
				}
			})
		})
	}
}

// A person who writes now and then gets an answer each time.
func TestFault4ConversationGoesOn(t *testing.T) {
	w := newWorld(t, sqlite(t))
	w.save(onReply(spec(neo.ActionAddClientNote, `{"text":"Thank you."}`)))
	e := w.start(w.store)
	for range 12 {
		w.submit(w.reply(id(1)))
		w.tell(e)
		w.pass(8 * time.Minute)
	}
	if w.system.writes != 12 || len(w.alertNamed("loop/")) != 0 {
		t.Errorf("%d of 12 replies were answered, alerts %v", w.system.writes, w.alertNamed("loop/"))
	}
}

// Each ticket is created because of the one before it, so that none has much done to it.
func TestFault4TicketsCreatedForEachOther(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.save(onReply(spec(neo.ActionCreateTicket, `{"class":"incident","fields":{"short_description":"A reply"}}`)))
		e := w.start(w.store)
		ticket := id(1)
		for range 9 {
			made := len(w.system.created)
			w.submit(w.reply(ticket))
			w.tell(e)
			if len(w.system.created) > made {
				ticket = fmt.Sprintf("new%d", made)
			}
		}
		if len(w.system.created) != 5 || len(w.alertNamed("loop/")) != 1 {
			t.Errorf("%d tickets were created, alerts %+v; want 5 and one", len(w.system.created), w.alertNamed("loop/"))
		}
	})
}
