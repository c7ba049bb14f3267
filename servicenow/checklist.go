package servicenow

import (
	"context"
	"strings"
	"time"

	"github.com/neoagent/neo"
)

// checklist is what is verified after consent, line by line, for somebody who is
// watching.
type checklist struct {
	checks  []neo.Check
	problem *neo.Error        // why the first line failed that did
	show    func([]neo.Check) // called whenever a line begins or ends
}

// do adds a line and carries out f, which fills it in.
func (l *checklist) do(name, label string, f func(c *neo.Check)) {
	l.checks = append(l.checks, neo.Check{Name: name, Label: label, State: "running"})
	l.show(l.checks)
	c := &l.checks[len(l.checks)-1]
	f(c)
	if c.State == "running" {
		c.State = "ok"
	}
	l.show(l.checks)
}

// fail makes c, the line under way, a failed one.
func (l *checklist) fail(c *neo.Check, err error) {
	c.State, c.Detail = "failed", neo.MessageOf(err)
	if l.problem == nil {
		l.problem = &neo.Error{Code: neo.CodeOf(err), Message: neo.MessageOf(err), Cause: err}
	}
}

// roles returns the active roles of a user, and whether the account may see them:
// access rules can hide them, which looks like having none.
func (c *Client) roles(ctx context.Context, userID string) (roles map[string]bool, visible bool, err error) {
	page, err := c.All(ctx, "sys_user_has_role", ListOptions{
		Query: "user=" + userID + "^state=active", Fields: []string{"user", "role.name"}, Limit: rowsPage,
	})
	if _, later := neo.Retryable(err); later {
		return nil, false, err
	}
	roles = map[string]bool{}
	for _, r := range page.Records {
		if r["user"].Value == userID {
			roles[r["role.name"].Value] = true
		}
	}
	return roles, err == nil && len(roles) > 0, nil
}

// writers are the roles of which one lets an account write tickets.
var writers = []string{"admin", "itil", "sn_incident_write", "sn_problem_write", "sn_change_write", "sn_request_write"}

// checkWriting looks whether the account may write tickets. Nothing is written to
// find out, so it is the roles that are looked at.
func checkWriting(c *neo.Check, roles map[string]bool, visible bool) {
	for _, role := range writers {
		if roles[role] {
			c.State, c.Detail = "ok", "By the role "+role+"."
			return
		}
	}
	if !visible {
		c.State, c.Detail = "ok", "ServiceNow does not let the account see its own roles; the first write will show it."
		return
	}
	c.State, c.Detail = "warning", "None of the account's roles is known to allow it."
	c.Remedies = []string{"In ServiceNow, navigate to the user record and assign the itil role. No reconnect is needed."}
}

// checkEmail looks whether the account may send "Email (sent via PSA)".
func checkEmail(c *neo.Check, roles map[string]bool, visible bool) {
	switch {
	case roles["email_api_send"] || roles["admin"]:
		c.State, c.Detail = "ok", "The account may send email."
	case !visible:
		c.State, c.Detail = "ok", "Optional. ServiceNow does not let the account see its own roles; the first email will show it."
	default:
		c.State, c.Detail = "warning", "Optional: “Email (sent via PSA)” needs the role email_api_send, separate from itil."
		c.Remedies = []string{emailRemedy}
	}
}

// emailRemedy is the seed page's.
const emailRemedy = "In ServiceNow, navigate to the user record and assign the email_api_send role. No reconnect needed: the next workflow run will pick it up."

// checkIdentity warns of accounts that Neo should not act as. people reports whether
// an e-mail address belongs to somebody who signs in to Neo.
func checkIdentity(c *neo.Check, who account, roles map[string]bool, people func(email string) bool) {
	c.State = "ok"
	c.Detail = strings.TrimSpace(who.Name+" ("+who.UserName+", "+who.RemoteID+")") + ". This is who Neo will act as."
	switch {
	case who.Email != "" && people(who.Email):
		c.State = "warning"
		c.Detail += " It looks like a person's own account: what Neo does will look as if that person did it."
		c.Remedies = []string{"Log out of ServiceNow, sign in as the dedicated Neo service account, and click Reconnect."}
	case roles["admin"]:
		c.State = "warning"
		c.Detail += " It is an administrator."
		c.Remedies = []string{"Neo needs the role admin only while it plants. Take it away now; itil is enough from here on."}
	}
}

// account is an identity with what is not kept of it.
type account struct {
	neo.Identity
	Email string
}

// firstSweep looks for changes once, and begins the watch at the instance's present
// time.
func (c *Connector) firstSweep(ctx context.Context, client *Client, in neo.Integration, backfillDays int, planted bool) (string, error) {
	tickets := &Tickets{tenant: in.TenantID, integration: in.ID, client: client}
	list, _, now, err := tickets.changes(ctx, cursor{at: c.now().Add(-overlap)})
	if err != nil {
		return "", err
	}
	for _, change := range list {
		if change.at.After(now) {
			now = change.at
		}
	}
	watch := neo.Watch{IntegrationID: in.ID, TenantID: in.TenantID, BackfillDays: backfillDays}
	watch.Since, watch.Sweep.Watermark = now.UTC().Truncate(time.Second), now.UTC().Truncate(time.Second)
	watch.Sweep.DueAt = c.now().Add(DefaultSweepEvery / 4)
	watch.Inspection.DueAt = c.now().Add(inspectEvery)
	if planted {
		watch.PlantedAt = c.now()
	}
	if err := c.store.StartWatch(ctx, watch); err != nil {
		return "", err
	}
	return "Watching for changes since " + watch.Since.Format(time.TimeOnly) + " UTC, by the instance's clock.", nil
}
