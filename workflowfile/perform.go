package workflowfile

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/flow"
)

// run carries the actions out, as the engine would. wanted is what the case expects,
// and what it lets happen meanwhile.
func (t *trial) run(ctx context.Context, wanted []Effect) (wrong string) {
	outputs := map[string]map[string]any{}
	d := t.desk
	actions, mistakes := flow.ParseActions(t.workflow.Definition.Actions, d.context())
	if actions == nil {
		return mistakes[0].Path + ": " + mistakes[0].Message
	}
	for i, action := range actions {
		spec := t.workflow.Definition.Actions[i]
		run := neo.Run{
			ID: "00000000-0000-7000-8000-000000000000", TenantID: neo.DefaultTenant, WorkflowID: cmp.Or(t.workflow.ID, "workflow"),
			WorkflowName: t.workflow.Definition.Name, EventID: t.event.ID, Ticket: d.ticket.TicketRef, Number: d.ticket.Number, CreatedAt: d.now,
		}
		plan, err := action.Plan(ctx, flow.Input{
			Ticket: d.ticket, URL: "https://instance.example.com/" + d.ticket.Number, Event: t.event, Run: run, Position: i, Now: d.now, Settings: d.Settings,
			Tickets: system{d}, Desk: records{d}, Steps: outputs,
		})
		if err != nil {
			t.effects = append(t.effects, Effect{Fails: neo.MessageOf(err)})
			return ""
		}
		input := Effect{}
		if len(t.effects) < len(wanted) {
			input = wanted[len(t.effects)]
		}
		end, found, wrong := t.carryOut(plan, input)
		if wrong != "" {
			return fmt.Sprintf("actions[%d] (%s): %s", i, spec.Type, wrong)
		}
		if spec.Name != "" {
			outputs[spec.Name] = merged(plan.Outputs, found)
		}
		if end {
			return ""
		}
	}
	return ""
}

func merged(a, b map[string]any) map[string]any {
	all := map[string]any{}
	for _, m := range []map[string]any{a, b} {
		for k, v := range m {
			all[k] = v
		}
	}
	return all
}

// carryOut does what an action has planned. end: the run is over, or waits for ever.
func (t *trial) carryOut(p neo.Plan, input Effect) (end bool, outputs map[string]any, wrong string) {
	d := t.desk
	switch {
	case p.Stop != "":
		t.effects = append(t.effects, Effect{Stops: p.Stop})
		return true, nil, ""
	case p.Wait != nil:
		return t.wait(p.Wait, input)
	case p.Ask != nil:
		return t.ask(p.Ask, input)
	case p.Start != nil:
		t.effects = append(t.effects, Effect{Starts: cmp.Or(p.Start.Name, p.Start.WorkflowID)})
		return false, nil, ""
	case p.Send != nil:
		t.effects = append(t.effects, Effect{Message: &message{p.Send.Endpoint, p.Send.Text, p.Send.Body}})
		return false, nil, ""
	case p.Create != nil:
		made, err := system{d}.Create(context.Background(), *p.Create)
		if err != nil {
			return false, nil, neo.MessageOf(err)
		}
		e := Effect{
			Create:   &created{string(p.Create.Class), map[string]string{}, p.Create.Parent != nil},
			WorkNote: p.Create.WorkNote, ClientNote: p.Create.ClientNote, values: map[string]neo.Value{},
		}
		for field := range p.Create.Fields {
			e.values[field] = made.Fields[field]
			e.Create.Fields[field] = made.Fields[field].String()
		}
		t.effects = append(t.effects, e)
		return false, map[string]any{"number": made.Number, "id": made.RemoteID}, ""
	}
	return false, nil, t.write(p.Write)
}

// write carries a write out, but for what is as wanted already.
func (t *trial) write(w neo.Write) (wrong string) {
	d := t.desk
	e := Effect{WorkNote: w.WorkNote, ClientNote: w.ClientNote, Set: map[string]string{}, values: map[string]neo.Value{}}
	needed := map[string]string{}
	for _, field := range sorted(w.Fields) {
		v := w.Fields[field]
		found, known := d.value(d.ticket.Class, field, v)
		if !known {
			return fmt.Sprintf("ServiceNow would ignore %q for %s of class %s; %s", v, field, d.ticket.Class, suggest(v, d.shown(d.ticket.Class, field)))
		}
		if d.ticket.Fields[field].Value != found.Value {
			needed[field], e.values[field], e.Set[field] = found.Value, found, found.String()
		}
	}
	if w.Email != nil {
		e.Email = &email{w.Email.To, w.Email.Subject, w.Email.Text}
	}
	if w.TimeEntry != nil {
		e.TimeEntry = &timeEntry{w.TimeEntry.Minutes, w.TimeEntry.Text}
	}
	w.Fields = needed
	if w.Empty() {
		return ""
	}
	d.apply(w)
	t.effects = append(t.effects, e)
	return ""
}

// wait lets time pass, and happen what the case says.
func (t *trial) wait(w *neo.Wait, input Effect) (end bool, outputs map[string]any, wrong string) {
	d := t.desk
	became := func() bool {
		if w.Becomes == nil || wrong != "" {
			return false
		}
		holds, err := t.holds(w.Becomes)
		if err != nil {
			wrong = neo.MessageOf(err)
		}
		return holds
	}
	if became() || !w.Until.IsZero() && !w.Until.After(d.now) {
		return false, map[string]any{"became": wrong == "" && w.Becomes != nil}, wrong
	}
	e := Effect{Wait: "forever", Then: input.Then}
	if !w.Until.IsZero() {
		e.Wait = span(w.Until.Sub(d.now))
	}
	t.effects = append(t.effects, e)
	if input.Then != nil {
		d.now = d.now.Add(time.Minute)
		if _, wrong = t.change(neo.Event{Type: neo.EntityUpdated}, *input.Then); wrong != "" {
			return false, nil, wrong
		}
	}
	held := became()
	switch {
	case held || wrong != "":
		return false, map[string]any{"became": true}, wrong
	case w.Until.IsZero():
		return true, nil, ""
	case w.Becomes != nil && w.StopIfNot:
		t.effects = append(t.effects, Effect{Stops: "The ticket did not become what was waited for."})
		return true, nil, ""
	}
	d.now = w.Until
	return false, map[string]any{"became": false}, ""
}

// ask lets a technician answer as the case says.
func (t *trial) ask(q *neo.Question, input Effect) (end bool, outputs map[string]any, wrong string) {
	d := t.desk
	t.effects = append(t.effects, Effect{Ask: q.Text, Answer: input.Answer, Comment: input.Comment})
	yes, decision, says := true, "approved", ""
	switch cmp.Or(input.Answer, approve) {
	case reject:
		yes, decision, says = false, "rejected", "A technician said no."
	case changes:
		yes, decision, says = false, "changes", "A technician asked for changes."
	case nothing:
		if q.Deadline.IsZero() {
			return true, nil, ""
		}
		d.now = q.Deadline
		yes, decision, says = q.OnDeadline == neo.ExpireApproves, "expired", "Nobody answered in time."
		if q.OnDeadline == neo.ExpireFails {
			t.effects = append(t.effects, Effect{Fails: says})
			return true, nil, ""
		}
	}
	if !yes && q.OnReject != neo.RejectContinues {
		t.effects = append(t.effects, Effect{Stops: says})
		return true, nil, ""
	}
	return false, map[string]any{"decision": decision, "approved": yes, "comment": input.Comment, "by": someTechnician}, ""
}

// span writes a duration as cases do: "2d", "1d12h", "30m".
func span(d time.Duration) string {
	d = d.Round(time.Minute)
	var b strings.Builder
	for _, unit := range []struct {
		name string
		long time.Duration
	}{{"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}} {
		if n := d / unit.long; n > 0 {
			fmt.Fprintf(&b, "%d%s", n, unit.name)
			d -= n * unit.long
		}
	}
	return cmp.Or(b.String(), "0m")
}

var spanPart = regexp.MustCompile(`(\d+)([mhd])`)

// minutes is how long a span is; -1 for "forever".
func minutes(s string) int {
	if s == "forever" {
		return -1
	}
	sum := 0
	for _, part := range spanPart.FindAllStringSubmatch(s, -1) {
		n, _ := strconv.Atoi(part[1])
		sum += n * map[string]int{"m": 1, "h": 60, "d": 24 * 60}[part[2]]
	}
	return sum
}
