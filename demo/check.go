package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/visitor"
)

// Station is one place on the way from a ticket to an answer.
type Station struct {
	Name   string  `json:"name"`
	OK     bool    `json:"ok"`
	MS     float64 `json:"ms"` // since the station before
	Detail string  `json:"detail"`
}

// stationTime bounds each station.
const stationTime = 20 * time.Second

// errCheck is Check's error when a station did not hold; its report says which.
var errCheck = neo.Errorf(neo.CodeInternal, "Not every station held. The report says which one and why.")

// Check walks the whole way without a person, in a world of its own, looking from
// outside: at Neo's API and at the simulator's tables. It writes a line for each
// station, or one JSON object, and returns an error unless every station held.
func Check(ctx context.Context, o Options, asJSON bool) error {
	if o.Neo.DatabaseURL == "" {
		dir, err := os.MkdirTemp("", "neo-check-*")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(dir) }()
		o.Neo.DataDir = dir
	}
	o.Neo.Listen, o.SimulatorListen = "127.0.0.1:0", "127.0.0.1:0"
	c := &check{out: o.Out, asJSON: asJSON, last: time.Now()}
	w, err := start(ctx, o)
	if err != nil {
		return err
	}
	defer w.stop()
	c.world = w
	c.walk(ctx)
	return c.report()
}

type check struct {
	world    *world
	out      io.Writer
	asJSON   bool
	last     time.Time
	stations []Station

	integration visitor.Integration
	workflow    string // id
	ticket      struct {
		SysID  string `json:"sys_id"`
		Number string `json:"number"`
	}
	event string // id
	run   string // id
}

// walk visits the stations until one does not hold.
func (c *check) walk(ctx context.Context) {
	for _, s := range []struct {
		name string
		do   func(context.Context) (string, error)
	}{
		{"sign-in", c.signIn},
		{"consent", c.consent},
		{"identity", c.identity},
		{"property", c.property},
		{"rule", c.rule},
		{"webhook received", c.webhook},
		{"event stored", c.eventStored},
		{"workflow matched", c.matched},
		{"ticket updated", c.updated},
		{"note present exactly once", c.noted},
	} {
		bounded, cancel := context.WithTimeout(ctx, stationTime)
		detail, err := s.do(bounded)
		cancel()
		now := time.Now()
		station := Station{Name: s.name, OK: err == nil, MS: float64(now.Sub(c.last).Microseconds()) / 1000, Detail: detail}
		if err != nil {
			station.Detail = neo.MessageOf(err)
			if neo.CodeOf(err) == neo.CodeInternal {
				station.Detail = err.Error()
			}
		}
		c.last = now
		c.stations = append(c.stations, station)
		if !c.asJSON {
			mark := "ok  "
			if !station.OK {
				mark = "FAIL"
			}
			fmt.Fprintf(c.out, "%s  %-26s %8.1f ms  %s\n", mark, station.Name, station.MS, station.Detail)
		}
		if err != nil {
			return
		}
	}
}

func (c *check) report() error {
	ok := len(c.stations) > 0 && c.stations[len(c.stations)-1].OK
	if c.asJSON {
		encoder := json.NewEncoder(c.out)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(map[string]any{"ok": ok, "stations": c.stations}); err != nil {
			return err
		}
	}
	if !ok {
		return errCheck
	}
	return nil
}

func (c *check) signIn(ctx context.Context) (string, error) {
	return "as " + Email, c.world.signIn(ctx)
}

func (c *check) consent(ctx context.Context) (detail string, err error) {
	if c.integration, err = c.world.connect(ctx); err != nil {
		return "", err
	}
	if c.integration.State != neo.StateReady {
		return "", errors.New(string(c.integration.State) + ": " + c.integration.Message)
	}
	if err := c.world.visitor.Allow(ctx, c.integration.ID, neo.FullAccess()); err != nil {
		return "", err
	}
	return c.integration.InstanceURL + " is " + string(c.integration.State), nil
}

func (c *check) identity(ctx context.Context) (string, error) {
	found, err := c.world.as("admin").Records(ctx, "sys_user", "user_name="+serviceAccount, "sys_id,name")
	if err != nil {
		return "", err
	}
	if len(found) != 1 || found[0]["sys_id"] != c.integration.Identity.RemoteID {
		return "", fmt.Errorf("the dashboard shows the identity %s %s", c.integration.Identity.Name, c.integration.Identity.RemoteID)
	}
	return found[0]["name"] + " " + found[0]["sys_id"], nil
}

func (c *check) property(ctx context.Context) (string, error) {
	found, err := c.world.as("admin").Records(ctx, "sys_properties", "name=x_neoagent.callback_url", "value,description")
	if err != nil {
		return "", err
	}
	if len(found) != 1 || !strings.HasPrefix(found[0]["value"], c.world.neo.URL()+"/callback/servicenow?") {
		return "", fmt.Errorf("there are %d properties x_neoagent.callback_url with the right address", len(found))
	}
	return "x_neoagent.callback_url", nil
}

func (c *check) rule(ctx context.Context) (string, error) {
	const name = "Neo Agent — Task Webhook"
	found, err := c.world.as("admin").Records(ctx, "sys_script", "collection=task^name="+name, "active,when")
	if err != nil {
		return "", err
	}
	if len(found) != 1 || found[0]["active"] != "true" {
		return "", fmt.Errorf("there are %d rules %q, and the one that is needed is not active", len(found), name)
	}
	return name, nil
}

// note is the text of the check's work note.
const note = "Checked by neo demo --check."

func (c *check) webhook(ctx context.Context) (string, error) {
	definition, err := json.Marshal(neo.Definition{
		Name: "Check " + neo.NewID(), TriggerType: neo.Triggered, Changes: []neo.TargetChange{{ChangeType: neo.TicketCreated}},
		Conditions: &neo.Rule{Combinator: neo.And, Rules: []neo.Rule{{Field: "short_description", Operator: neo.OpEqual, Value: c.subject()}}},
		Actions: []neo.ActionSpec{
			{Type: neo.ActionUpdateTicket, Config: json.RawMessage(`{"fields":{"urgency":"1"}}`)},
			{Type: neo.ActionAddWorkNote, Config: json.RawMessage(`{"text":"` + note + `"}`)},
		},
	})
	if err != nil {
		return "", err
	}
	if c.workflow, err = c.world.visitor.SaveWorkflow(ctx, definition); err != nil {
		return "", err
	}
	var created struct{ Result any }
	created.Result = &c.ticket
	err = c.world.as(technician).Call(ctx, http.MethodPost, "/api/now/table/incident",
		map[string]string{"short_description": c.subject(), "urgency": "3"}, &created)
	if err != nil {
		return "", err
	}
	return "for " + c.ticket.Number, visitor.Until(ctx, func() (bool, error) {
		list, err := visitor.Get[[]struct {
			ID string `json:"id"`
		}](ctx, &c.world.visitor.Client, "/api/v1/history?type=ENTITY_CREATED&ticket="+c.ticket.Number)
		if len(list) > 0 {
			c.event = list[len(list)-1].ID
		}
		return len(list) > 0, err
	})
}

// subject is the short description of the check's ticket, different for each check.
func (c *check) subject() string { return "neo check " + c.integration.InstanceURL }

type event struct {
	Source      neo.EventSource `json:"source"`
	RemoteID    string          `json:"remote_id"`
	Disposition neo.Disposition `json:"disposition"`
	Runs        []struct {
		ID         string `json:"id"`
		WorkflowID string `json:"workflow_id"`
	} `json:"runs"`
}

func (c *check) eventStored(ctx context.Context) (string, error) {
	e, err := visitor.Get[event](ctx, &c.world.visitor.Client, "/api/v1/events/"+c.event)
	if err != nil {
		return "", err
	}
	if e.Source != neo.SourceWebhook || e.RemoteID != c.ticket.SysID {
		return "", fmt.Errorf("the event came by %s and is about %s", e.Source, e.RemoteID)
	}
	return c.event, nil
}

func (c *check) matched(ctx context.Context) (string, error) {
	e, err := visitor.Get[event](ctx, &c.world.visitor.Client, "/api/v1/events/"+c.event)
	if err != nil {
		return "", err
	}
	for _, r := range e.Runs {
		if r.WorkflowID == c.workflow {
			c.run = r.ID
			return "run " + r.ID, nil
		}
	}
	return "", fmt.Errorf("the event is %s and has %d runs, none of the check's workflow", e.Disposition, len(e.Runs))
}

func (c *check) updated(ctx context.Context) (string, error) {
	var urgency string
	err := visitor.Until(ctx, func() (bool, error) {
		found, err := c.world.as(technician).Records(ctx, "incident", "sys_id="+c.ticket.SysID, "urgency")
		if len(found) == 1 {
			urgency = found[0]["urgency"]
		}
		return urgency == "1", err
	})
	return "urgency 3 → " + urgency, err
}

func (c *check) noted(ctx context.Context) (string, error) {
	var outcome neo.Outcome
	err := visitor.Until(ctx, func() (bool, error) {
		r, err := visitor.Get[struct {
			Outcome neo.Outcome `json:"outcome"`
			Message string      `json:"message"`
		}](ctx, &c.world.visitor.Client, "/api/v1/runs/"+c.run)
		outcome = r.Outcome
		if outcome == neo.Failure {
			return true, nil
		}
		return outcome.Final(), err
	})
	if err != nil {
		return "", err
	}
	found, err := c.world.as("admin").Records(ctx, "sys_journal_field", "element_id="+c.ticket.SysID+"^element=work_notes", "value")
	if err != nil {
		return "", err
	}
	notes := 0
	for _, n := range found {
		if strings.Contains(n["value"], note) {
			notes++
		}
	}
	if notes != 1 {
		return "", fmt.Errorf("the run is %s and the note is there %d times", outcome, notes)
	}
	return "run " + string(outcome), nil
}
