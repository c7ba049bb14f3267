package flow

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/neoagent/neo"
)

// Whatever stands behind a rehearsal, nothing is written to it.
func TestRehearsalsWriteNothing(t *testing.T) {
	for name, system := range map[string]TicketSystem{
		"now":  newGate(noWrites{written{t: t}}, neo.FullAccess(), false),
		"past": newGate(noWrites{newPast(func(context.Context, string) (TicketSystem, error) { return written{t: t}, nil }).of("i", newNames())}, neo.FullAccess(), false),
	} {
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

// desk has a turn to give, and must not be asked for one.
type testDesk struct {
	Desk
	t *testing.T
}

func (d testDesk) Turn(context.Context, neo.Run, int) (int, error) {
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
			"Would wait until 2026-05-04 15:00 UTC. The steps after it are shown as the ticket is now.",
			"Would wait until the ticket is as the rule says, at the longest until 2026-05-04 15:00 UTC. The steps after it are shown as the ticket is now.",
			"Would ask a technician and wait for the answer. The steps after it are shown as if it was approved.",
			"Would end here: approve",
		}},
		{"what depends on the moment is left open", []Action{turn, plan(neo.Plan{Write: neo.Write{WorkNote: "x"}})},
			[]string{decidedLater, "A technician would be asked first. Would add a work note."}},
		{"the reason is said", []Action{plan(neo.Plan{Reason: "fewest open tickets (3)", Write: neo.Write{TimeEntry: &neo.TimeEntry{Minutes: 5}}})},
			[]string{"Would log 5 minutes. Fewest open tickets (3)."}},
		{"other effects", []Action{plan(neo.Plan{Create: &neo.NewTicket{Class: neo.Problem}}), plan(neo.Plan{Send: &neo.Message{Endpoint: "Ops"}}),
			plan(neo.Plan{Start: &neo.StartWorkflow{Name: "Other"}}), plan(neo.Plan{Write: neo.Write{ClientNote: "x"}})},
			[]string{"Would create a ticket (problem).", "Would send a message to Ops.", "Would start the workflow “Other” on this ticket.", "Would add a note that the customer sees."}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &rehearsal{tenant: "t", actions: c.actions, desk: testDesk{t: t}, now: time.Now}
			for i := range c.actions {
				r.definition.Actions = append(r.definition.Actions, neo.ActionSpec{Type: neo.ActionUpdateTicket, Name: "s" + string(rune('0'+i))})
			}
			permissions := neo.FullAccess()
			permissions[neo.GroupWorkNotes] = neo.Permission{Level: neo.ReadWrite, AskFirst: true}
			s := &scene{
				ticket: neo.Ticket{Fields: map[string]neo.Value{"state": {Value: "1"}}}, permissions: permissions, names: newNames(),
				system: newGate(noWrites{written{t: t}}, permissions, false),
			}
			var said []string
			for _, p := range r.play(t.Context(), s) {
				text := p.Message
				if p.Error != "" {
					text += " " + p.Error
				}
				said = append(said, text)
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

// Notes are put in after the question, which is asked once for all tickets of a state.
func TestPastMovesAskOnce(t *testing.T) {
	asked := 0
	p := newPast(func(context.Context, string) (TicketSystem, error) {
		return moving{to: func(code, notes string) map[string]string {
			asked++
			return map[string]string{"state": "6", "close_code": code, "close_notes": notes}
		}}, nil
	})
	system := p.of("i", newNames())
	ticket := neo.Ticket{TicketRef: neo.TicketRef{Class: neo.Incident}, Fields: map[string]neo.Value{"state": {Value: "2"}}}
	for _, notes := range []string{"one", "two", ""} {
		fields, err := system.MoveTo(t.Context(), ticket, neo.ToResolved, "Solved", notes)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[string]string{"state": "6", "close_code": "Solved", "close_notes": notes}, fields); diff != "" {
			t.Error(diff)
		}
	}
	if asked != 2 { // with notes, and without
		t.Errorf("asked %d times", asked)
	}
}

type moving struct {
	TicketSystem
	to func(code, notes string) map[string]string
}

func (m moving) MoveTo(_ context.Context, _ neo.Ticket, _ neo.Lifecycle, code, notes string) (map[string]string, error) {
	return m.to(code, notes), nil
}
