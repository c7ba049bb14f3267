package flow

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/liquid"
)

// sendMessage sends a message to a place outside the ticket system.
// {"endpoint": "On-call", "text": "…"}, or with "body" the JSON for an HTTPS endpoint.
type sendMessage struct {
	endpoint   string
	text, body *liquid.Template
}

// maxChat is what Slack and Teams both take.
const maxChat = 20_000

func parseSendMessage(s *setup) Action {
	var c struct {
		Endpoint string `json:"endpoint"`
		Text     string `json:"text"`
		Body     string `json:"body"`
	}
	if !s.read(&c) {
		return nil
	}
	a := sendMessage{endpoint: strings.TrimSpace(c.Endpoint)}
	s.needsNamed("endpoint", need{what: needEndpoint, name: a.endpoint, body: strings.TrimSpace(c.Body) != ""})
	if a.endpoint == "" {
		s.wrong("endpoint", "This is empty: choose where the message goes. Endpoints are made under Settings.")
	}
	if strings.TrimSpace(c.Body) == "" {
		a.text = s.needText("text", c.Text, "say what the message should say")
		return a
	}
	a.text, a.body = s.text("text", c.Text), s.text("body", c.Body)
	if a.body == nil {
		return a
	}
	// Values cannot change the structure of the JSON, so one try shows whether it is right.
	if tried, err := a.body.RenderJSON(nil, time.Time{}); err != nil || !json.Valid([]byte(tried.Text)) {
		s.wrong("body", "This is not JSON once it is filled in. Write it as JSON, with values as in {\"title\": \"{{ ticket.short_description }}\"} or {\"count\": {{ steps.found.similarity }}}.")
	}
	return a
}

func (a sendMessage) Plan(ctx context.Context, in Input) (neo.Plan, error) {
	endpoint, err := in.Desk.Endpoint(ctx, in.Run.TenantID, a.endpoint)
	if err != nil {
		return neo.Plan{}, err
	}
	text, err := in.chat(ctx, a.text)
	if err != nil {
		return neo.Plan{}, err
	}
	m := &neo.Message{EndpointID: endpoint.ID, Endpoint: endpoint.Name, Text: cutTo(strings.TrimSpace(text), maxChat)}
	if a.body != nil {
		if endpoint.Kind != neo.EndpointHTTPS {
			return neo.Plan{}, neo.Errorf(neo.CodeInvalid, "The endpoint “%s” takes a text and no body: it is not an HTTPS endpoint. Take the body out of step %d, or choose another endpoint.", endpoint.Name, in.Position+1)
		}
		if m.Body, err = in.fillJSON(ctx, chatBody(a.body, endpoint.Host)); err != nil {
			return neo.Plan{}, err
		}
		if !json.Valid([]byte(m.Body)) {
			return neo.Plan{}, neo.Errorf(neo.CodeInvalid, "The body of the message to “%s” is not JSON once it is filled in. Correct it in step %d of the workflow.", endpoint.Name, in.Position+1)
		}
		return neo.Plan{Send: m}, nil
	}
	if m.Text == "" {
		return neo.Plan{Reason: "the text of the message came out empty"}, nil
	}
	return neo.Plan{Send: m}, nil
}
