package flow_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/flow"
	"github.com/neoagent/neo/rules"
)

var update = flag.Bool("update", false, "write what the actions answer into the golden files")

// actionCase is one case of a golden file: an action's settings and what differs from
// the scene, and what comes of it.
type actionCase struct {
	Case    string           `json:"case"`
	Config  json.RawMessage  `json:"config"`
	Name    string           `json:"name,omitempty"`
	Earlier []neo.ActionSpec `json:"earlier,omitempty"` // steps before it
	// What differs from the scene.
	Now      *time.Time                `json:"now,omitempty"`
	Settings *neo.Settings             `json:"settings,omitempty"`
	Class    neo.TicketClass           `json:"class,omitempty"`
	Fields   map[string]neo.Value      `json:"fields,omitempty"`
	Steps    map[string]map[string]any `json:"steps,omitempty"`
	Want     *actionWant               `json:"want,omitempty"`
}

type actionWant struct {
	Mistakes []neo.Mistake `json:"mistakes,omitempty"`
	Plan     *neo.Plan     `json:"plan,omitempty"`
	Says     string        `json:"says,omitempty"` // Describe
	Error    *actionError  `json:"error,omitempty"`
}

type actionError struct {
	Code    neo.Code `json:"code"`
	Message string   `json:"message"`
}

// scene is where the cases take place: a ticket, the change that started the run, and
// what an instance and Neo's records answer.
type scene struct {
	Now       time.Time           `json:"now"`
	Settings  neo.Settings        `json:"settings"`
	Ticket    sceneTicket         `json:"ticket"`
	Event     neo.Event           `json:"event"`
	Users     map[string]string   `json:"users"` // name → id
	Emails    map[string]string   `json:"emails"`
	Groups    map[string]string   `json:"groups"`
	Others    map[string]string   `json:"others"` // companies and configuration items
	Members   map[string][]string `json:"members"`
	Open      map[string]int      `json:"open"`
	Turn      int                 `json:"turn"`
	Tickets   []sceneTicket       `json:"tickets"`
	Endpoints []neo.Endpoint      `json:"endpoints"`
	Workflows []neo.Workflow      `json:"workflows"`
}

type sceneTicket struct {
	neo.TicketRef
	Number string               `json:"number"`
	Fields map[string]neo.Value `json:"fields"`
}

func (t sceneTicket) ticket() neo.Ticket {
	return neo.Ticket{TicketRef: t.TicketRef, TenantID: neo.DefaultTenant, Number: t.Number, Fields: maps.Clone(t.Fields)}
}

func readScene(t testing.TB) *scene {
	t.Helper()
	text, err := os.ReadFile("testdata/actions/scene.json")
	if err != nil {
		t.Fatal(err)
	}
	s := &scene{}
	strict := json.NewDecoder(bytes.NewReader(text))
	strict.DisallowUnknownFields()
	if err := strict.Decode(s); err != nil {
		t.Fatal(err)
	}
	return s
}

// input is what an action plans from in this scene.
func (s *scene) input(c actionCase) flow.Input {
	in := flow.Input{
		Ticket: s.Ticket.ticket(), URL: "https://acme.example/INC0010023", Event: s.Event, Position: len(c.Earlier), Now: s.Now, Settings: s.Settings,
		Run:     neo.Run{ID: "run-1", TenantID: neo.DefaultTenant, WorkflowID: "w-1", WorkflowName: "This one"},
		Tickets: sceneInstance{s: s}, Desk: sceneDesk{s}, Steps: c.Steps,
	}
	maps.Copy(in.Ticket.Fields, c.Fields)
	if c.Class != "" {
		in.Ticket.Class = c.Class
	}
	if c.Now != nil {
		in.Now = *c.Now
	}
	if c.Settings != nil {
		in.Settings = *c.Settings
	}
	return in
}

// sceneInstance answers as a ticket system.
type sceneInstance struct {
	flow.TicketSystem // what no action uses
	s                 *scene
}

func (i sceneInstance) Lookup(_ context.Context, kind, name string) (neo.Value, error) {
	all := map[string]map[string]string{"user": i.s.Users, "group": i.s.Groups, "company": i.s.Others, "ci": i.s.Others}[kind]
	for display, id := range all {
		if strings.EqualFold(display, name) || id == name {
			return neo.Value{Value: id, Display: display}, nil
		}
	}
	return neo.Value{}, neo.Errorf(neo.CodeNotFound, "There is no %s %q.", kind, name)
}

func (i sceneInstance) Members(_ context.Context, groupID string) ([]neo.Value, error) {
	var members []neo.Value
	for _, id := range i.s.Members[groupID] {
		for name, is := range i.s.Users {
			if is == id {
				members = append(members, neo.Value{Value: id, Display: name})
			}
		}
	}
	return members, nil
}

func (i sceneInstance) OpenTickets(_ context.Context, ids []string) (map[string]int, error) {
	open := map[string]int{}
	for _, id := range ids {
		open[id] = i.s.Open[id]
	}
	return open, nil
}

func (i sceneInstance) UserEmail(_ context.Context, id string) (string, error) {
	return i.s.Emails[id], nil
}

func (i sceneInstance) ContactEmail(_ context.Context, t neo.Ticket) (string, error) {
	if email := i.s.Emails[t.Fields["caller_id"].Value]; email != "" {
		return email, nil
	}
	return "", neo.Errorf(neo.CodeInvalid, "The ticket has no contact. Set its caller, then retry.")
}

func (i sceneInstance) MoveTo(_ context.Context, _ neo.Ticket, to neo.Lifecycle, code, notes string) (map[string]string, error) {
	if code == "Nonsense" {
		return nil, neo.Errorf(neo.CodeInvalid, "There is no close code %q. Choose one of: Solution provided, Duplicate.", code)
	}
	fields := map[string]string{"state": map[neo.Lifecycle]string{neo.ToResolved: "6", neo.ToClosed: "7", neo.ToReopened: "2"}[to]}
	if code != "" {
		fields["close_code"] = code
	}
	if notes != "" {
		fields["close_notes"] = notes
	}
	return fields, nil
}

func (i sceneInstance) LinkTo(_ context.Context, child, parent neo.Ticket) (map[string]string, error) {
	if parent.Fields["parent_incident"].Value == child.RemoteID {
		return nil, neo.Errorf(neo.CodeInvalid, "They are linked the other way round.")
	}
	return map[string]string{"parent_incident": parent.RemoteID}, nil
}

// sceneDesk answers from Neo's own records.
type sceneDesk struct{ s *scene }

func (d sceneDesk) Turn(context.Context, neo.Run, int) (int, error) { return d.s.Turn, nil }

func (d sceneDesk) OpenTickets(_ context.Context, _, _ string, class neo.TicketClass, since time.Time, limit int) ([]neo.Ticket, error) {
	var open []neo.Ticket
	for _, t := range d.s.Tickets {
		if t.Class == class && t.Fields["opened_at"].Value >= since.UTC().Format(time.DateTime) && len(open) < limit {
			open = append(open, t.ticket())
		}
	}
	return open, nil
}

func (d sceneDesk) Endpoint(_ context.Context, _, name string) (neo.Endpoint, error) {
	for _, e := range d.s.Endpoints {
		if e.Name == name || e.ID == name {
			return e, nil
		}
	}
	return neo.Endpoint{}, neo.Errorf(neo.CodeNotFound, "There is no endpoint %q.", name)
}

func (d sceneDesk) Workflow(_ context.Context, _, name string) (neo.Workflow, error) {
	for _, w := range d.s.Workflows {
		if w.Name == name || w.ID == name {
			return w, nil
		}
	}
	return neo.Workflow{}, neo.Errorf(neo.CodeNotFound, "There is no workflow %q.", name)
}

// answer is what comes of a case.
func (s *scene) answer(t neo.ActionType, c actionCase) *actionWant {
	specs := append(append([]neo.ActionSpec{}, c.Earlier...), neo.ActionSpec{Type: t, Name: c.Name, Config: c.Config})
	actions, mistakes := flow.ParseActions(specs, rules.Context{})
	if len(mistakes) > 0 {
		return &actionWant{Mistakes: mistakes}
	}
	in := s.input(c)
	plan, err := actions[len(actions)-1].Plan(context.Background(), in)
	if err != nil {
		return &actionWant{Error: &actionError{neo.CodeOf(err), neo.MessageOf(err)}}
	}
	return &actionWant{Plan: &plan, Says: flow.Describe(plan, in.Ticket)}
}

// The golden files have a case for each option and each refusal of each action. With
// -update they are written anew; read what changed.
func TestActions(t *testing.T) {
	s := readScene(t)
	for _, action := range flow.ActionTypes() {
		t.Run(string(action), func(t *testing.T) {
			path := filepath.Join("testdata", "actions", string(action)+".json")
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var cases []actionCase
			strict := json.NewDecoder(bytes.NewReader(text))
			strict.DisallowUnknownFields()
			if err := strict.Decode(&cases); err != nil {
				t.Fatal(err)
			}
			if len(cases) < 2 {
				t.Fatal("an action needs a case that works and one that does not")
			}
			for i := range cases {
				c := &cases[i]
				got := s.answer(action, *c)
				if *update {
					c.Want = got
					continue
				}
				t.Run(c.Case, func(t *testing.T) {
					if diff := cmp.Diff(asJSON(t, c.Want), asJSON(t, got)); diff != "" {
						t.Errorf("want (-), got (+):\n%s", diff)
					}
				})
			}
			if *update {
				var out bytes.Buffer
				e := json.NewEncoder(&out)
				e.SetEscapeHTML(false)
				e.SetIndent("", "  ")
				if err := e.Encode(cases); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
