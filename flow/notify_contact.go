package flow

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/neoagent/neo"
)

// notifyContact tells the person affected by a ticket.
// {"mode": "EMAIL", "subject": "…", "text": "…"}; EMAIL is "Email (sent via PSA)".
type notifyContact struct {
	Mode    string `json:"mode"`
	Subject string `json:"subject"`
	Text    string `json:"text"`
}

const maxEmail = 32_000

func parseNotifyContact(config json.RawMessage) (Action, error) {
	var a notifyContact
	if err := settings(config, &a); err != nil {
		return nil, err
	}
	switch {
	case a.Mode != "EMAIL":
		return nil, neo.Errorf(neo.CodeInvalid, "config.mode %q is not known; use EMAIL.", a.Mode)
	case strings.TrimSpace(a.Subject) == "" || len(a.Subject) > 500 || strings.ContainsAny(a.Subject, "\r\n"):
		return nil, neo.Errorf(neo.CodeInvalid, "config.subject must be one line of 1 to 500 bytes.")
	case strings.TrimSpace(a.Text) == "" || len(a.Text) > maxEmail:
		return nil, neo.Errorf(neo.CodeInvalid, "config.text must have 1 to %d bytes.", maxEmail)
	}
	return a, nil
}

func (a notifyContact) Plan(ctx context.Context, in Input) (neo.Plan, error) {
	to, err := in.Tickets.ContactEmail(ctx, in.Ticket)
	if err != nil {
		return neo.Plan{}, err
	}
	return neo.Plan{Write: neo.Write{Email: &neo.Email{To: to, Subject: a.Subject, Text: a.Text}}}, nil
}
