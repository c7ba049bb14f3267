package workflowfile

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/flow"
	"github.com/neoagent/neo/rules"
	"github.com/neoagent/neo/servicenow"
)

// Result is what came of one case.
type Result struct {
	Workflow *Workflow
	Case     *Case
	// Failure says what is not as expected; "" when all is.
	Failure string
}

// Test tries all cases of a workflow. It needs no server: the instance is the one
// that the cases describe, and time passes as they say.
func (w *Workflow) Test(ctx context.Context) []Result {
	results := make([]Result, len(w.Cases))
	for i := range w.Cases {
		results[i] = Result{w, &w.Cases[i], w.try(ctx, &w.Cases[i])}
	}
	return results
}

// Mistake is the failure of a case, in the file.
func (r Result) Mistake() Mistake {
	at := fmt.Sprintf("cases[%d]", slices.IndexFunc(r.Workflow.Cases, func(c Case) bool { return c.Name == r.Case.Name }))
	return Mistake{r.Workflow.File, r.Workflow.at.line(at), fmt.Sprintf("%q: %s", r.Case.Name, r.Failure)}
}

// someTechnician does what a case does not say by whom.
const someTechnician = "technician"

// neoItself is who changes a ticket when Neo does.
const neoItself = "neo"

// usual is when cases happen that do not say when: a Monday.
const usual = "2026-05-04 10:00"

// try returns what is not as the case expects.
func (w *Workflow) try(ctx context.Context, c *Case) string {
	t := &trial{workflow: w, desk: &desk{Instance: w.Instance.over(c.Instance)}}
	zone, err := time.LoadLocation(t.desk.Settings.TimeZone)
	if err != nil {
		return fmt.Sprintf("the time zone %q is not known.", t.desk.Settings.TimeZone)
	}
	if c.Event != nil {
		t.recorded(c.Event)
	} else {
		at, err := time.ParseInLocation("2006-01-02 15:04", cmp.Or(c.At, usual), zone)
		if err != nil {
			return fmt.Sprintf("%q is no time.", c.At)
		}
		if wrong := t.happens(c, at); wrong != "" {
			return wrong
		}
	}
	matches, why, err := t.matches()
	switch {
	case err != nil:
		return neo.MessageOf(err)
	case matches && !c.Expect.Matches:
		return "the workflow starts, and should not.\n" + why
	case !matches && c.Expect.Matches:
		return "the workflow does not start, and should.\n" + why
	case !matches:
		return ""
	}
	if wrong := t.run(ctx, c.Expect.Actions); wrong != "" {
		return wrong
	}
	return compare(c.Expect.Actions, t.effects)
}

// trial is a workflow carried out in one case.
type trial struct {
	workflow *Workflow
	desk     *desk
	event    neo.Event
	replied  time.Time // when the customer last wrote
	effects  []Effect
}

// happens makes the event and the ticket of a case.
func (t *trial) happens(c *Case, at time.Time) (wrong string) {
	d := t.desk
	d.now = at.UTC()
	fields := map[string]string{}
	class := neo.TicketClass(c.Ticket["class"])
	for name, v := range c.Ticket {
		if name != "class" {
			fields[name] = v
		}
	}
	number := cmp.Or(fields["number"], prefixes[class]+"0010001")
	updated := c.Type == "updated" || c.Type == "" && (len(c.Changes) > 0 || c.Comment != "" || c.WorkNote != "")
	if fields["sys_created_on"] == "" {
		fields["sys_created_on"] = stamp(d.now)
		if updated {
			fields["sys_created_on"] = stamp(d.now.AddDate(0, 0, -1))
		}
	}
	if fields["opened_at"] == "" {
		fields["opened_at"] = fields["sys_created_on"]
	}
	fields["sys_updated_on"] = stamp(d.now)
	for name, v := range fields {
		if _, known := d.value(class, name, v); !known {
			return fmt.Sprintf("%s of class %s cannot be %q; %s", name, class, v, suggest(v, d.shown(class, name)))
		}
	}
	d.ticket = d.made(class, number, fields)
	t.event = neo.Event{Type: neo.EntityCreated, Version: 0}
	if updated {
		t.event = neo.Event{Type: neo.EntityUpdated, Version: 1}
	}
	d.ticket.Version = t.event.Version
	t.event, wrong = t.change(t.event, c.Happening)
	return wrong
}

// shown are the choices of a field as people see them.
func (d *desk) shown(class neo.TicketClass, field string) []string {
	var all []string
	choices := union(standardChoices(class, field), d.Instance.Choices[field])
	for _, stored := range sorted(choices) {
		all = append(all, choices[stored])
	}
	return all
}

// change does to the ticket what happens, and completes the event that reports it.
func (t *trial) change(e neo.Event, h Happening) (_ neo.Event, wrong string) {
	d := t.desk
	by := h.By
	if by == "" {
		by = someTechnician
		if h.Comment != "" || e.Type == neo.EntityCreated {
			by = d.contact()
		}
	}
	for _, field := range sorted(h.Changes) {
		var c neo.FieldChange
		for i, v := range h.Changes[field] {
			found, known := d.value(d.ticket.Class, field, v)
			if !known {
				return e, fmt.Sprintf("%s of class %s cannot be %q; %s", field, d.ticket.Class, v, suggest(v, d.shown(d.ticket.Class, field)))
			}
			if c.Field = field; i == 0 {
				c.From = found
			} else {
				c.To = found
			}
		}
		e.Changes = append(e.Changes, c)
		d.ticket.Fields[field] = c.To
	}
	if h.Comment != "" {
		e.Journal = append(e.Journal, neo.JournalEntry{Element: "comments", Text: h.Comment, Author: by, Technician: by != d.contact() && d.technician(by)})
		if by == d.contact() {
			t.replied = d.now
		}
	}
	if h.WorkNote != "" {
		e.Journal = append(e.Journal, neo.JournalEntry{Element: "work_notes", Text: h.WorkNote, Author: by, Technician: true})
	}
	d.ticket.Fields["sys_updated_by"] = neo.Value{Value: by}
	d.ticket.Fields["sys_updated_on"] = neo.Value{Value: stamp(d.now)}
	if e.ChangedBy = by; by == neoItself {
		e.Disposition = neo.DispositionOwn
	}
	t.complete(&e)
	return e, ""
}

// complete fills in what every event has.
func (t *trial) complete(e *neo.Event) {
	d := t.desk
	e.ID, e.TenantID, e.Ticket, e.Number, e.Source = "event", neo.DefaultTenant, d.ticket.TicketRef, d.ticket.Number, neo.SourceWebhook
	e.ChangedAt, e.ReceivedAt, e.Fields, e.LastReplyAt = d.now, d.now, d.ticket.Fields, t.replied
	e.Kinds = servicenow.Kinds(e)
}

// recorded makes the event and the ticket of an event that a server has recorded.
func (t *trial) recorded(r *recorded) {
	d := t.desk
	d.now = r.ChangedAt.UTC()
	d.ticket = d.made(r.Class, r.Number, nil)
	d.ticket.Fields, d.ticket.Version = map[string]neo.Value{}, r.Version
	for name, v := range r.Fields {
		d.ticket.Fields[name] = v
	}
	d.ticket.RemoteID = cmp.Or(r.RemoteID, r.Number)
	t.event = neo.Event{Type: r.Type, Version: r.Version, ChangedBy: r.ChangedBy, EventData: neo.EventData{Changes: r.Changes, Journal: r.Journal}}
	t.complete(&t.event)
}

// matches asks the rules whether the event starts the workflow, and why. Without a
// trigger only the conditions and business hours count.
func (t *trial) matches() (bool, string, error) {
	w := neo.Workflow{Definition: t.workflow.Definition}
	compiled, err := rules.Compile(&w, t.desk.Settings)
	if err != nil {
		return false, "", err
	}
	x, err := rules.Explain(&w, &t.event, t.desk.Settings)
	if err != nil {
		return false, "", err
	}
	var why strings.Builder
	matches := x.Matches
	switch {
	case w.TriggerType != neo.Triggered:
		matches = compiled.Holds(&t.event) && compiled.Open(t.event.ChangedAt)
	case x.Triggered:
		fmt.Fprintf(&why, "  yes  target_changes, found %s\n", summary(&t.event))
	default:
		fmt.Fprintf(&why, "  no   target_changes, found %s\n", summary(&t.event))
	}
	if x.OwnChange {
		why.WriteString("  The change is Neo's own, and the workflow has no trigger_on_own_changes.\n")
	}
	if h := x.BusinessHours; h != nil {
		fmt.Fprintf(&why, "  %s  business_hours %s, found %s\n", mark(h.Holds), h.Wanted, h.Found)
	}
	if x.Conditions != nil {
		explain(&why, x.Conditions, "  ")
	}
	return matches, strings.TrimRight(why.String(), "\n"), nil
}

// summary says what an event is, in the words of target_changes.
func summary(e *neo.Event) string {
	if e.Type == neo.EntityCreated {
		return string(neo.TicketCreated)
	}
	var parts []string
	for _, c := range e.Changes {
		parts = append(parts, fmt.Sprintf("%s of %s from %q to %q", neo.FieldUpdated, c.Field, c.From.String(), c.To.String()))
	}
	for _, j := range e.Journal {
		parts = append(parts, fmt.Sprintf("%s of %s", neo.FieldUpdated, j.Element))
	}
	for _, k := range e.Kinds {
		parts = append(parts, string(k))
	}
	if parts == nil {
		return string(neo.FieldUpdated)
	}
	return strings.Join(parts, ", ")
}

func mark(holds bool) string {
	if holds {
		return "yes"
	}
	return "no "
}

// explain writes a rule with what was found, a line for each comparison.
func explain(b *strings.Builder, r *neo.RuleExplanation, indent string) {
	if r.Combinator == "" {
		fmt.Fprintf(b, "%s%s  %s %s %q, found %q\n", indent, mark(r.Holds), r.Field, r.Operator, r.Wanted, r.Found.String())
		return
	}
	not := ""
	if r.Not {
		not = "not "
	}
	fmt.Fprintf(b, "%s%s  %s%s\n", indent, mark(r.Holds), not, r.Combinator)
	for i := range r.Rules {
		explain(b, &r.Rules[i], indent+"  ")
	}
}

// holds reports whether a rule holds for the ticket as it is now.
func (t *trial) holds(r *neo.Rule) (bool, error) {
	holds, err := rules.CompileRule(r, t.desk.Settings, nil)
	if err != nil {
		return false, err
	}
	e := neo.Event{Type: neo.EntityUpdated}
	t.complete(&e)
	return holds(&e), nil
}

// run carries the actions out, as the engine would. wanted is what the case expects,
// and what it lets happen meanwhile.
func (t *trial) run(ctx context.Context, wanted []Effect) (wrong string) {
	outputs := map[string]map[string]any{}
	d := t.desk
	actions, mistakes := flow.ParseActions(t.workflow.Definition.Actions)
	if len(mistakes) > 0 {
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
	return false, map[string]any{"decision": decision, "approved": yes, "comment": input.Comment, "by": someTechnician, "decided_by": someTechnician}, ""
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

// compare returns the differences between what a case expects and what was done.
func compare(want, got []Effect) string {
	shown := make([]Effect, len(got))
	for i := range got {
		if shown[i] = got[i]; i < len(want) {
			shown[i] = want[i].shown(got[i])
		}
	}
	wanted, done := effectsText(want), effectsText(shown)
	if wanted == done {
		return ""
	}
	return "it does not do what is expected (- expected, + done).\n" + Diff(wanted, done)
}

func effectsText(all []Effect) string {
	if len(all) == 0 {
		return "nothing\n"
	}
	list := make([]any, len(all))
	for i, e := range all {
		list[i] = plain(e)
	}
	text, err := encode(node(list, listOf("", effect)))
	if err != nil {
		return err.Error() + "\n"
	}
	return text
}

// plain is an effect as JSON's types.
func plain(e Effect) any {
	content, err := json.Marshal(e)
	if err != nil {
		return err.Error()
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return err.Error()
	}
	return v
}

// shown returns what was done, with each part that is as wanted written as it is
// wanted, so that only real differences are left.
func (want Effect) shown(got Effect) Effect {
	got.Answer, got.Comment, got.Then = want.Answer, want.Comment, want.Then
	got.WorkNote, got.ClientNote = likeText(want.WorkNote, got.WorkNote), likeText(want.ClientNote, got.ClientNote)
	got.Ask, got.Stops, got.Fails = likeText(want.Ask, got.Ask), likeText(want.Stops, got.Stops), likeText(want.Fails, got.Fails)
	if want.Wait != "" && minutes(want.Wait) == minutes(got.Wait) {
		got.Wait = want.Wait
	}
	if strings.EqualFold(want.Starts, got.Starts) {
		got.Starts = want.Starts
	}
	got.Set = got.like(want.Set, got.Set)
	if want.Assign != nil {
		wanted := map[string]string{"assignment_group": want.Assign.Group, "assigned_to": want.Assign.Technician}
		fields := got.like(wanted, got.Set)
		got.Assign = &assignment{fields["assignment_group"], fields["assigned_to"]}
		delete(got.Set, "assignment_group")
		delete(got.Set, "assigned_to")
	}
	if w, g := want.Email, got.Email; w != nil && g != nil {
		got.Email = &email{optional(w.To, g.To, likeValue), optional(w.Subject, g.Subject, likeText), optional(w.Text, g.Text, likeText)}
	}
	if w, g := want.TimeEntry, got.TimeEntry; w != nil && g != nil {
		entry := timeEntry{g.Minutes, optional(w.Text, g.Text, likeText)}
		if w.Minutes == 0 {
			entry.Minutes = 0
		}
		got.TimeEntry = &entry
	}
	if w, g := want.Message, got.Message; w != nil && g != nil {
		got.Message = &message{likeValue(w.To, g.To), optional(w.Text, g.Text, likeText), optional(w.Body, g.Body, likeText)}
	}
	if w, g := want.Create, got.Create; w != nil && g != nil {
		got.Create = &created{g.Class, got.like(w.Fields, g.Fields), g.Linked}
	}
	return got
}

// like returns fields, each that is as wanted, stored or shown, as it is wanted.
func (e Effect) like(want, fields map[string]string) map[string]string {
	alike := map[string]string{}
	for k, shown := range fields {
		alike[k] = likeValue(want[k], shown)
		if stored := e.values[k].Value; likeValue(want[k], stored) == want[k] && want[k] != "" {
			alike[k] = want[k]
		}
	}
	return alike
}

// optional compares only what is wanted.
func optional(want, got string, like func(want, got string) string) string {
	if want == "" {
		return ""
	}
	return like(want, got)
}

// likeText: a text has to contain what is wanted; white space does not count.
func likeText(want, got string) string {
	if want != "" && strings.Contains(strings.Join(strings.Fields(got), " "), strings.Join(strings.Fields(want), " ")) {
		return want
	}
	return got
}

// likeValue: a value has to be what is wanted, or to begin with it where that ends
// with "…".
func likeValue(want, got string) string {
	begin, some := strings.CutSuffix(want, "…")
	if strings.EqualFold(want, got) || some && strings.HasPrefix(got, begin) {
		return want
	}
	return got
}
