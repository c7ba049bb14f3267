package servicenow

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/neoagent/neo"
)

const emailPath = "/api/now/v1/email"

// contactFields say who the person affected by a ticket is, by its class; whoever
// opened it is the last resort.
var contactFields = map[neo.TicketClass]string{
	neo.Incident: "caller_id", neo.Request: "requested_for", neo.RequestItem: "requested_for", neo.ChangeRequest: "requested_by",
}

// ContactEmail returns the e-mail address of the person affected by a ticket.
// neo.CodeInvalid says that there is none.
func (s *Tickets) ContactEmail(ctx context.Context, t neo.Ticket) (string, error) {
	person := t.Fields[contactFields[t.Class]].Value
	if person == "" {
		person = t.Fields["opened_by"].Value
	}
	if !recordID(person) {
		return "", neo.Errorf(neo.CodeInvalid, "The ticket has no contact. Set its caller in ServiceNow, then retry.")
	}
	r, err := s.client.Get(ctx, "sys_user", person, []string{"sys_id", "email", "name"}, false)
	if err != nil {
		return "", err
	}
	if r["email"].Value == "" {
		return "", neo.Errorf(neo.CodeInvalid, "The ticket's contact %s has no e-mail address in ServiceNow.", oneLine(r["name"].Value, 80))
	}
	return r["email"].Value, nil
}

// UserEmail returns the e-mail address of a user; "" when it has none, or is not there.
func (s *Tickets) UserEmail(ctx context.Context, userID string) (string, error) {
	if !recordID(userID) {
		return "", nil
	}
	r, err := s.client.Get(ctx, "sys_user", userID, []string{"sys_id", "email"}, false)
	if neo.CodeOf(err) == neo.CodeNotFound {
		return "", nil
	}
	return r["email"].Value, err
}

// sendEmail sends an e-mail about a ticket through the instance ("Email (sent via
// PSA)"), which needs the role email_api_send. A refusal raises an alert with what to
// do; the next e-mail that goes through resolves it.
func (s *Tickets) sendEmail(ctx context.Context, ref neo.TicketRef, m neo.Email) error {
	_, _, err := s.client.do(ctx, call{method: http.MethodPost, path: emailPath, body: map[string]any{
		"to": []string{m.To}, "subject": m.Subject, "text": m.Text, "table_name": string(ref.Class), "table_record_id": ref.RemoteID,
	}})
	if s.connections == nil {
		return err
	}
	store, key := s.connections.store, alertEmail+"/"+s.integration
	switch {
	case neo.CodeOf(err) == neo.CodeRefused:
		refused := neo.Errorf(neo.CodeRefused, "ServiceNow answered 403 to the email: Neo's account lacks the role email_api_send, which is separate from itil. %s", emailRemedy)
		refused.Cause = err
		alertErr := store.RaiseAlert(ctx, neo.Alert{
			TenantID: s.tenant, IntegrationID: s.integration, Key: key, Level: neo.AlertProblem, LastAt: s.connections.now(), Occurrences: 1,
			Title: "ServiceNow does not let Neo send email", Message: refused.Message,
		})
		if alertErr != nil {
			return alertErr
		}
		return refused
	case err == nil:
		if _, err := store.ResolveAlert(ctx, s.tenant, key, s.connections.now()); err != nil {
			return err
		}
	}
	return err
}

// HasEmail reports whether an e-mail about the ticket whose text contains marker is
// among those that the instance has sent or will send. The account may not be able
// to read them; the total counts them all the same. neo.CodeRefused means that it
// cannot be found out.
func (s *Tickets) HasEmail(ctx context.Context, ref neo.TicketRef, marker string) (bool, error) {
	if err := s.check(ref); err != nil {
		return false, err
	}
	text, err := term("body_text", opContains, marker)
	if err != nil {
		return false, err
	}
	page, err := s.client.List(ctx, "sys_email", ListOptions{
		Query: "instance=" + ref.RemoteID + "^" + text, Fields: []string{"instance", "body_text"}, Limit: 10, Count: true,
	})
	if err != nil {
		return false, err
	}
	for _, r := range page.Records {
		if r["instance"].Value != ref.RemoteID || !strings.Contains(r["body_text"].Value, marker) {
			return false, &neo.Error{Code: neo.CodeRefused, Cause: fmt.Errorf("sys_email: the query was not applied"),
				Message: "It is not known whether an email was sent whose answer was lost, so Neo does not send it again. Look at the ticket's emails in ServiceNow."}
		}
	}
	return page.Total > 0, nil
}
