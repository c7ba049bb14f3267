package servicenow

import (
	"context"
	"fmt"

	"github.com/neoagent/neo"
)

// Disconnect removes from the instance what Provision planted and revokes the
// consent there. What could not be done is a failed check that says what to do by
// hand; the integration can be deleted all the same, and its row is the caller's.
// The error is for an integration that cannot be read at all.
func (c *Connections) Disconnect(ctx context.Context, integrationID string) ([]neo.Check, error) {
	in, err := c.store.IntegrationByID(ctx, integrationID)
	if err != nil {
		return nil, err
	}
	checks := []neo.Check{
		{Name: "business_rule", Label: "Business Rule " + ruleName},
		{Name: "callback_property", Label: "System Property " + propertyName},
		{Name: "consent", Label: "Consent"},
	}
	client, err := c.client(ctx, integrationID)
	for i, p := range []planted{plantedRule(), plantedProperty("")} {
		if err == nil {
			checks[i] = client.uproot(ctx, checks[i], p)
		} else {
			checks[i] = uprootFailed(checks[i], err)
		}
	}
	checks[2].State, checks[2].Detail = "ok", "Revoked."
	if err := c.revoke(ctx, in); err != nil {
		checks[2].State = "failed"
		checks[2].Detail = neo.MessageOf(err) + " Revoke it in ServiceNow under System OAuth, Manage Tokens."
	}
	c.mu.Lock()
	delete(c.open, integrationID)
	c.mu.Unlock()
	return checks, nil
}

// uproot deletes every record that is p.
func (c *Client) uproot(ctx context.Context, check neo.Check, p planted) neo.Check {
	found, hidden, err := c.find(ctx, p)
	for _, r := range found {
		if deleteErr := c.Delete(ctx, p.table, r["sys_id"].Value); deleteErr != nil && neo.CodeOf(deleteErr) != neo.CodeNotFound {
			err = deleteErr
		}
	}
	if err != nil {
		return uprootFailed(check, err)
	}
	switch {
	case len(found) > 0:
		check.State, check.Detail = "ok", fmt.Sprintf("Removed (%d).", len(found))
	case hidden:
		check.State, check.Detail = "warning", "It is still there, and Neo's account may not delete it. Have an administrator delete it in ServiceNow; until then the instance goes on delivering, and Neo refuses it."
	default:
		check.State, check.Detail = "ok", "There is none."
	}
	return check
}

func uprootFailed(check neo.Check, err error) neo.Check {
	check.State = "failed"
	check.Detail = neo.MessageOf(err) + " Have an administrator delete it in ServiceNow."
	return check
}

func (c *Connections) revoke(ctx context.Context, in neo.Integration) error {
	if len(in.Sealed.Tokens) == 0 {
		return nil
	}
	t := &tokens{connections: c, integration: in.ID}
	token, err := t.openTokens(ctx, in.Sealed.Tokens)
	if err != nil {
		return err
	}
	app := &application{instanceURL: in.InstanceURL, http: c.http, now: c.now}
	if err := app.revoke(ctx, token.RefreshToken); err != nil {
		return err
	}
	return app.revoke(ctx, token.AccessToken)
}
