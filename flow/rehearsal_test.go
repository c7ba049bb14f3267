package flow

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/neoagent/neo"
)

// Whatever stands behind a rehearsal, nothing is written to it.
func TestRehearsalsWriteNothing(t *testing.T) {
	for name, system := range map[string]TicketSystem{
		"now":  written{t: t},
		"past": newPast(func(context.Context, string) (TicketSystem, error) { return written{t: t}, nil }).of("i"),
	} {
		system = rehearsalGate(system, neo.FullAccess())
		_, err := system.Write(t.Context(), neo.TicketRef{}, neo.Write{WorkNote: "x"})
		if !errors.Is(err, errRehearsal) {
			t.Errorf("%s: a write came to %v", name, err)
		}
		if _, err = system.Create(t.Context(), neo.NewTicket{Class: neo.Incident}); !errors.Is(err, errRehearsal) {
			t.Errorf("%s: a creation came to %v", name, err)
		}
	}
}

// written is a ticket system that must not be written to.
type written struct {
	TicketSystem
	t *testing.T
}

func (w written) Write(context.Context, neo.TicketRef, neo.Write) (neo.Ticket, error) {
	w.t.Error("a ticket was written")
	return neo.Ticket{}, nil
}

func (w written) Create(context.Context, neo.NewTicket) (neo.Ticket, error) {
	w.t.Error("a ticket was created")
	return neo.Ticket{}, nil
}

func (w written) Fields(context.Context, neo.TicketClass) ([]neo.Field, error) { return nil, nil }

func (w written) Choices(context.Context, neo.TicketClass, string, string, int) ([]neo.Choice, error) {
	return nil, nil
}

// act is an action that is a function.
type act func(in Input) (neo.Plan, error)

func (a act) Plan(_ context.Context, in Input) (neo.Plan, error) { return a(in) }

// turns has turns to give, and must not be asked for one.
type turns struct {
	Desk
	t *testing.T
}

func (d turns) Turn(context.Context, neo.Run, int) (int, error) {
	d.t.Error("a rehearsal has taken a turn")
	return 0, nil
}

func TestRehearsalGoesThroughTheSteps(t *testing.T) {
	plan := func(p neo.Plan) act { return func(Input) (neo.Plan, error) { return p, nil } }
	turn := act(func(in Input) (neo.Plan, error) {
		if _, err := in.Desk.Turn(context.Background(), in.Run, in.Position); err != nil {
			return neo.Plan{}, neo.Errorf(neo.CodeInvalid, "No turn: %s", neo.MessageOf(err)) // in words of its own
		}
		return neo.Plan{}, nil
	})
	until := time.Date(2026, 5, 4, 15, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name    string
		actions []Action
		want    []string
	}{
		{"later steps see what earlier ones would have done", []Action{
			plan(neo.Plan{Write: neo.Write{Fields: map[string]string{"state": "2"}}, Outputs: map[string]any{"n": 7}}),
			act(func(in Input) (neo.Plan, error) {
				if in.Ticket.Fields["state"].Value != "2" || in.Steps["s0"]["n"] != 7 {
					t.Errorf("the second step sees %v and %v", in.Ticket.Fields, in.Steps)
				}
				return neo.Plan{Write: neo.Write{Fields: map[string]string{"state": "3"}}}, nil
			}),
		}, []string{"Would set State to 2.", "Would set State to 3."}},
		{"a stop ends it", []Action{plan(neo.Plan{Stop: "The ticket is closed."}), plan(neo.Plan{})}, []string{"Would end here: The ticket is closed."}},
		{"an error ends it", []Action{act(func(Input) (neo.Plan, error) { return neo.Plan{}, neo.Errorf(neo.CodeNotFound, "No such group.") }), plan(neo.Plan{})},
			[]string{"Would fail. No such group."}},
		{"waits and questions are passed", []Action{
			plan(neo.Plan{Wait: &neo.Wait{Until: until}}), plan(neo.Plan{Wait: &neo.Wait{Becomes: &neo.Rule{}, Until: until}}), plan(neo.Plan{Ask: &neo.Question{Text: "?"}}),
			act(func(in Input) (neo.Plan, error) { return neo.Plan{Stop: in.Steps["s2"]["decision"].(string)}, nil }),
		}, []string{
			"Would wait until 2026-05-04 15:00 UTC. The steps after it are shown for the ticket as it is now.",
			"Would wait until the ticket is as the rule says, but not longer than until 2026-05-04 15:00 UTC. The steps after it are shown for the ticket as it is now.",
			"Would ask a technician for approval. The steps after it are shown as if it was approved.",
			"Would end here: approved.",
		}},
		{"what depends on the moment is left open", []Action{turn, plan(neo.Plan{Write: neo.Write{WorkNote: "x"}})},
			[]string{decidedLater, "A technician would be asked first. Would add a work note."}},
		{"the reason is said", []Action{plan(neo.Plan{Reason: "fewest open tickets (3)", Write: neo.Write{TimeEntry: &neo.TimeEntry{Minutes: 5}}})},
			[]string{"Would log 5 minutes. Fewest open tickets (3)."}},
		{"other effects", []Action{plan(neo.Plan{Create: &neo.NewTicket{Class: neo.Problem}}), plan(neo.Plan{Send: &neo.Message{Endpoint: "Ops"}}),
			plan(neo.Plan{Start: &neo.StartWorkflow{Name: "Other"}}), plan(neo.Plan{Write: neo.Write{ClientNote: "x"}})},
			[]string{"Would create a ticket (problem) “”.", "Would send a message to “Ops”.", "Would run the workflow “Other” on this ticket.", "Would add a note that the customer sees."}},
		{"the gate refuses", []Action{plan(neo.Plan{Write: neo.Write{Email: &neo.Email{To: "a@b.c"}}}), plan(neo.Plan{})},
			[]string{"Would send an email to a@b.c. Neo may not do that now. The steps after it are shown as if it may. " +
				"Email is set to Read Only for this connection, so Neo may not write there. " + permissionsPlace, "Nothing to do."}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &rehearsal{tenant: "t", actions: c.actions, desk: turns{t: t}, now: time.Now}
			for i := range c.actions {
				r.definition.Actions = append(r.definition.Actions, neo.ActionSpec{Type: neo.ActionUpdateTicket, Name: "s" + string(rune('0'+i))})
			}
			permissions := neo.FullAccess()
			permissions[neo.GroupWorkNotes] = neo.Permission{Level: neo.ReadWrite, AskFirst: true}
			permissions[neo.GroupEmail] = neo.Permission{Level: neo.ReadOnly}
			s := &scene{
				ticket: neo.Ticket{Fields: map[string]neo.Value{"state": {Value: "1"}}}, permissions: permissions, names: newNames(),
				system: rehearsalGate(written{t: t}, permissions),
			}
			s.labels = s.system
			var said []string
			for _, p := range r.play(t.Context(), s) {
				said = append(said, strings.TrimSpace(p.Message+" "+p.Error+p.Refused))
			}
			if diff := cmp.Diff(c.want, said); diff != "" {
				t.Errorf("what is said (-want +got):\n%s", diff)
			}
		})
	}
}

// A backtest knows the group of an assignment whose technician is chosen when it runs.
func TestTheGroupIsKnownWithoutTheTechnician(t *testing.T) {
	for config, want := range map[string]string{
		`{"group":"Network","strategy":"LEAST_OPEN"}`: `{"group":"Network"}`,
		`{"technician":"beth"}`:                       "",
		`{"group":"","technician":"beth"}`:            "",
	} {
		got, ok := groupOf(neo.ActionSpec{Type: neo.ActionAssign, Config: []byte(config)})
		if string(got) != want || ok != (want != "") {
			t.Errorf("%s: %s %v", config, got, ok)
		}
	}
}

// A backtest asks for each name once, however many events and workers there are.
func TestPastAsksOnce(t *testing.T) {
	var asked atomic.Int64
	p := newPast(func(context.Context, string) (TicketSystem, error) { return knowing{asked: &asked}, nil })
	var workers sync.WaitGroup
	for range 8 {
		workers.Go(func() {
			system := p.of("i")
			if v, err := system.Lookup(t.Context(), "group", "Network"); err != nil || v.Value != "id of Network" {
				t.Errorf("%+v, %v", v, err)
			}
			if _, err := system.Lookup(t.Context(), "group", "Gone"); neo.CodeOf(err) != neo.CodeNotFound {
				t.Error(err)
			}
		})
	}
	workers.Wait()
	if asked.Load() != 2 {
		t.Errorf("asked %d times for two names", asked.Load())
	}
	if p.failure() != nil {
		t.Errorf("a clear no is a failure: %v", p.failure())
	}
	if _, err := p.of("i").Lookup(t.Context(), "group", "Timeout"); err == nil || !errors.Is(p.failure(), err) {
		t.Errorf("no answer at all is no failure: %v, %v", err, p.failure())
	}
}

// knowing is a ticket system that counts how often it is asked for a name.
type knowing struct {
	TicketSystem
	asked *atomic.Int64
}

func (k knowing) Lookup(_ context.Context, kind, name string) (neo.Value, error) {
	k.asked.Add(1)
	switch name {
	case "Gone":
		return neo.Value{}, neo.Errorf(neo.CodeNotFound, "There is no %s %q.", kind, name)
	case "Timeout":
		return neo.Value{}, neo.Errorf(neo.CodeUnavailable, "The instance does not answer.")
	}
	return neo.Value{Value: "id of " + name, Display: name}, nil
}
