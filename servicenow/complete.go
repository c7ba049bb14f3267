package servicenow

import (
	"context"
	"crypto/subtle"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/neoagent/neo"
)

// completeTimeout bounds what happens after consent: some twenty calls.
const completeTimeout = 2 * time.Minute

// Complete carries out what follows the consent page: it is called with the address,
// path and query, to which that page sent the browser back. It returns the attempt with its
// Outcome and Message; when the connection is not ready, also an error with the same
// message. IntegrationID is the one that was saved.
//
// Once the consent has proved good, and before the rest is checked and planted,
// consented is called: the window of the instance has done its part. What follows
// can be watched in the attempt.
//
// It goes on when ctx is cancelled: the window closes when it likes.
func (c *Connector) Complete(ctx context.Context, sessionToken string, back *url.URL, consented func(neo.ConnectAttempt)) (neo.ConnectAttempt, error) {
	query := back.Query()
	ctx = context.WithoutCancel(ctx)
	work, cancel := context.WithTimeout(ctx, completeTimeout)
	defer cancel()

	a, err := c.store.TakeAttempt(work, hash(query.Get("state")), c.now())
	if neo.CodeOf(err) == neo.CodeNotFound {
		if code := query.Get("error"); code != "" {
			return neo.ConnectAttempt{}, consentFailed(code)
		}
		return neo.ConnectAttempt{}, neo.Errorf(neo.CodeInvalid,
			"This consent is not one that Neo waits for: it took longer than 10 minutes, or was used already. Close this window and click Connect ServiceNow again.")
	}
	if err != nil {
		return neo.ConnectAttempt{}, err
	}

	in, err := c.complete(work, &a, sessionToken, back, consented)
	a.Outcome, a.Message = neo.Success, in.Message
	if in.ID != "" {
		a.IntegrationID = in.ID
	}
	if err != nil {
		a.Outcome, a.Message = neo.Failure, neo.MessageOf(err)
	}
	if finishErr := c.store.FinishAttempt(ctx, a.ID, a.Outcome, a.Message); err == nil && finishErr != nil {
		return a, finishErr
	}
	return a, err
}

func (c *Connector) complete(ctx context.Context, a *neo.ConnectAttempt, sessionToken string, back *url.URL, consented func(neo.ConnectAttempt)) (neo.Integration, error) {
	query := back.Query()
	if subtle.ConstantTimeCompare(hash(sessionToken), a.SessionHash) != 1 {
		return neo.Integration{}, neo.Errorf(neo.CodeForbidden, "This consent was begun in another browser, by another person, or with Neo open under another address than %[1]s. Open %[1]s in this browser, sign in there, then click Connect ServiceNow again.", strings.TrimRight(c.publicURL, "/"))
	}
	if code := query.Get("error"); code != "" {
		return neo.Integration{}, consentFailed(code)
	}
	if query.Get("code") == "" {
		return neo.Integration{}, neo.Errorf(neo.CodeInvalid, "ServiceNow sent neither a code nor an error. Close this window and click Connect ServiceNow again.")
	}
	secret, err := c.vault.Open(ctx, a.ClientSecret, purposeAttemptSecret(a.ID))
	if err != nil {
		return neo.Integration{}, err
	}
	verifier, err := c.vault.Open(ctx, a.Verifier, purposeAttemptVerify(a.ID))
	if err != nil {
		return neo.Integration{}, err
	}
	app := c.application(*a, string(secret))
	if back.Path != "" { // an instance that knows the Redirect URL in another spelling wants that one
		app.redirectURL = strings.TrimRight(c.publicURL, "/") + back.EscapedPath()
	}
	token, err := c.consented(ctx, app, query.Get("code"), string(verifier))
	if err != nil {
		return neo.Integration{}, err
	}
	a.Outcome = neo.Running
	in, err := c.integration(ctx, *a, secret, token)
	if err != nil {
		return in, err
	}
	a.IntegrationID = in.ID
	if err := c.store.SaveAttempt(ctx, *a); err != nil {
		return in, err
	}
	if consented != nil {
		consented(*a)
	}
	return c.setUp(ctx, a, in, token)
}

// consented trades the code for tokens and proves that the refresh token works by
// fetching an access token with it: it is what the connection lives on.
func (c *Connector) consented(ctx context.Context, app *application, code, verifier string) (*oauth2.Token, error) {
	token, err := app.exchange(ctx, code, verifier)
	if err != nil {
		return nil, err
	}
	if token.RefreshToken == "" {
		return nil, neo.Errorf(neo.CodeRefused, "ServiceNow gave no refresh token, so the connection would end within the hour. "+
			"Clear “This is a public client” in the Application Registry entry, then connect again.")
	}
	return app.refresh(ctx, token.RefreshToken)
}

// setUp finds out what the consent is good for, plants what Neo needs, and saves the
// integration: ready, waiting for an administrator to plant, or failed with what to do.
func (c *Connector) setUp(ctx context.Context, a *neo.ConnectAttempt, in neo.Integration, token *oauth2.Token) (neo.Integration, error) {
	in, err := c.save(ctx, in)
	if err != nil {
		return in, err
	}
	list := &checklist{show: func(checks []neo.Check) {
		a.Checks = checks
		_ = c.store.SaveAttempt(ctx, *a) // only for those who watch; the integration has them in the end
	}}
	client := NewClient(in.InstanceURL, fixedToken(token.AccessToken), c.connections.http, c.now)
	list.do("token", "Access token by refresh", func(check *neo.Check) { check.Detail = "ServiceNow gave an access token for the refresh token." })

	in.State = neo.StateReady
	problem := c.inspect(ctx, client, &in, list)
	if problem == nil {
		// Before the first delivery comes. The watcher reads it again if this fails.
		_, _ = c.connections.learn(ctx, &Tickets{tenant: in.TenantID, integration: in.ID, account: in.Identity, client: client})
		problem = c.plant(ctx, client, &in, list, a.BackfillDays)
	}
	in.Checks, in.Message = list.checks, "Connected as "+in.Identity.UserName+"."
	if problem != nil {
		in.Message = problem.Message
		if in.State != neo.StateSetup {
			in.State = neo.StateFailed
			if _, later := neo.Retryable(problem); later { // nobody tries again by itself
				problem.Message += " Then click Reconnect."
				in.Message = problem.Message
			}
		}
	}
	if in.State != neo.StateFailed {
		in.BackfillDays = 0 // the watch has them
	}
	if in, err = c.save(ctx, in); err != nil {
		return in, err
	}
	if in.State == neo.StateFailed {
		return in, problem
	}
	// What was found wrong before may have ended with this consent: look at once.
	if err := c.store.AskWatch(ctx, in.ID, true, true); err != nil {
		return in, err
	}
	if _, err := c.store.ResolveAlert(ctx, in.TenantID, alertReconnect+"/"+in.ID, c.now()); err != nil {
		return in, err
	}
	return in, nil
}

// integration returns the integration as this consent makes it, CONNECTING: what was
// there keeps its id, its callback secret and its age.
func (c *Connector) integration(ctx context.Context, a neo.ConnectAttempt, secret []byte, token *oauth2.Token) (neo.Integration, error) {
	_, simulated, err := ParseInstanceURL(a.InstanceURL, c.allowHosts)
	if err != nil {
		return neo.Integration{}, err
	}
	in, err := c.store.IntegrationByID(ctx, a.IntegrationID)
	if neo.CodeOf(err) == neo.CodeNotFound { // or by an attempt that was faster
		in, err = c.at(ctx, a.TenantID, a.InstanceURL)
	}
	if err != nil {
		return neo.Integration{}, err
	}
	now := c.now()
	if in.ID == "" {
		in = neo.Integration{ID: a.IntegrationID, TenantID: a.TenantID, Kind: kind, InstanceURL: a.InstanceURL, CreatedAt: now}
	}
	in.State, in.Message = neo.StateConnecting, "Neo is checking the connection."
	in.Simulated, in.ClientID, in.Identity, in.Checks = simulated, a.ClientID, neo.Identity{}, nil
	in.BackfillDays = a.BackfillDays // for the next try, should this one not come that far
	in.ConnectedAt, in.UpdatedAt = now, now

	if in.Sealed.ClientSecret, err = c.vault.Seal(ctx, secret, purposeClientSecret(in.ID)); err != nil {
		return neo.Integration{}, err
	}
	if in.Sealed.Tokens, err = c.connections.seal(ctx, in.ID, token); err != nil {
		return neo.Integration{}, err
	}
	if len(in.Sealed.CallbackSecret) == 0 {
		callback := neo.NewSecret()
		in.CallbackHash = CallbackHash(callback)
		if in.Sealed.CallbackSecret, err = c.vault.Seal(ctx, []byte(callback), purposeCallback(in.ID)); err != nil {
			return neo.Integration{}, err
		}
	}
	return in, nil
}

// inspect reads who Neo is and what it may do.
func (c *Connector) inspect(ctx context.Context, client *Client, in *neo.Integration, list *checklist) *neo.Error {
	var roles map[string]bool
	var visible bool
	list.do("identity", "Neo's account", func(check *neo.Check) {
		who, err := client.identity(ctx)
		if err == nil {
			roles, visible, err = client.roles(ctx, who.RemoteID)
		}
		if err != nil {
			list.fail(check, err)
			return
		}
		in.Identity = who.Identity
		checkIdentity(check, who, roles, func(email string) bool {
			_, err := c.store.UserByEmail(ctx, email)
			return err == nil
		})
	})
	if list.problem != nil {
		return list.problem
	}
	list.do("tickets", "Read tickets", func(check *neo.Check) {
		found, err := client.checkAccess(ctx)
		if err != nil {
			list.fail(check, err)
			return
		}
		*check = found
		if found.State == "failed" {
			list.fail(check, neo.Errorf(neo.CodeRefused, "%s", found.Detail))
		}
	})
	if list.problem != nil {
		return list.problem
	}
	list.do("write", "Write tickets", func(check *neo.Check) { checkWriting(check, roles, visible) })
	list.do("email", "Email (sent via PSA)", func(check *neo.Check) { checkEmail(check, roles, visible) })
	return nil
}

// plant makes the instance report changes to Neo, and begins to watch. When only an
// administrator can plant, the state becomes neo.StateSetup: the sweep finds changes
// meanwhile.
func (c *Connector) plant(ctx context.Context, client *Client, in *neo.Integration, list *checklist, backfillDays int) *neo.Error {
	callbackURL, err := c.callbackURL(ctx, *in)
	if err != nil {
		return asError(err)
	}
	if !in.Simulated && !strings.HasPrefix(c.publicURL, "https://") {
		list.do("public_url", "Neo's address", func(check *neo.Check) {
			check.State, check.Detail = "warning", "ServiceNow cannot deliver to "+c.publicURL+"."
			check.Remedies = []string{"Set NEO_PUBLIC_URL to the https address at which the instance reaches Neo, then click Reconnect."}
		})
	}
	var problem *neo.Error
	for _, step := range []struct {
		name, label string
		plant       func() plantedCheck
	}{
		{"callback_property", "System Property " + propertyName, func() plantedCheck { return client.plantProperty(ctx, callbackURL) }},
		{"business_rule", "Business Rule " + ruleName, func() plantedCheck { return client.plantRule(ctx) }},
		{"legacy_rule", "Legacy rule " + legacyRuleName, func() plantedCheck { return client.removeLegacy(ctx) }},
	} {
		var done plantedCheck
		list.do(step.name, step.label, func(check *neo.Check) {
			done = step.plant()
			*check = done.Check
		})
		if done.State != "failed" {
			continue
		}
		if len(done.Remedies) == 0 { // not for want of the role
			return neo.Errorf(neo.CodeRefused, "%s", done.Detail)
		}
		if problem == nil {
			problem = neo.Errorf(neo.CodeRefused, "One step is left: an administrator of %s must plant the Business Rule and the System Property. Until then the sweep finds changes once a minute. %s",
				hostOf(in.InstanceURL), strings.Join(done.Remedies, " "))
		}
	}
	list.do("first_sweep", "First sweep", func(check *neo.Check) {
		detail, err := c.firstSweep(ctx, client, *in, backfillDays, problem == nil)
		if err != nil {
			list.fail(check, err)
			problem = asError(err)
			return
		}
		check.Detail = detail
		if problem != nil {
			in.State = neo.StateSetup
		}
	})
	return problem
}

// callbackURL returns the address, with its secret, to which the instance delivers.
func (c *Connector) callbackURL(ctx context.Context, in neo.Integration) (string, error) {
	secret, err := c.vault.Open(ctx, in.Sealed.CallbackSecret, purposeCallback(in.ID))
	if err != nil {
		return "", err
	}
	return CallbackURL(c.publicURL, in.ID, string(secret)), nil
}

// save stores in, except that a connection that works is never replaced by one that
// does not: a failed reconnect leaves it as it was. It returns in with the callback
// secret of the row, which stays the same once it is there.
func (c *Connector) save(ctx context.Context, in neo.Integration) (neo.Integration, error) {
	err := c.store.WithIntegrationLock(ctx, in.ID, func(ctx context.Context) error {
		now, err := c.store.IntegrationByID(ctx, in.ID)
		if err != nil && neo.CodeOf(err) != neo.CodeNotFound {
			return err
		}
		if err == nil && len(now.Sealed.CallbackSecret) > 0 {
			in.Sealed.CallbackSecret, in.CallbackHash = now.Sealed.CallbackSecret, now.CallbackHash
		}
		if now.State.Watched() && !in.State.Watched() {
			return nil
		}
		if !now.State.CanBecome(in.State) && now.State != in.State {
			return neo.Errorf(neo.CodeConflict, "The connection was changed meanwhile (%s). Click Reconnect again.", now.State)
		}
		in.UpdatedAt = c.now()
		return c.store.InTx(ctx, func(tx neo.Tx) error { return c.store.SaveIntegration(ctx, tx, in) })
	})
	return in, err
}

func asError(err error) *neo.Error {
	code := neo.CodeOf(err)
	return &neo.Error{Code: code, Message: neo.MessageOf(err), Cause: err}
}

// fixedToken is the TokenSource of a client that lives as long as one consent.
type fixedToken string

func (t fixedToken) Token(context.Context) (string, error)         { return string(t), nil }
func (t fixedToken) Renew(context.Context, string) (string, error) { return string(t), nil }
