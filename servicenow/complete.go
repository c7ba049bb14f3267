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

// Complete carries out what follows the consent page: it is called with the query
// with which that page sent the browser back. It returns the attempt with its
// Outcome and Message; when the connection is not ready, also an error with the same
// message. IntegrationID is the one that was saved.
//
// It goes on when ctx is cancelled: the window closes when it likes.
func (c *Connector) Complete(ctx context.Context, sessionToken string, query url.Values) (neo.ConnectAttempt, error) {
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

	in, err := c.complete(work, a, sessionToken, query)
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

func (c *Connector) complete(ctx context.Context, a neo.ConnectAttempt, sessionToken string, query url.Values) (neo.Integration, error) {
	if subtle.ConstantTimeCompare(hash(sessionToken), a.SessionHash) != 1 {
		return neo.Integration{}, neo.Errorf(neo.CodeForbidden, "This consent was begun in another browser or by another person. Click Connect ServiceNow again in this one.")
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
	token, err := c.consented(ctx, c.application(a, string(secret)), query.Get("code"), string(verifier))
	if err != nil {
		return neo.Integration{}, err
	}
	return c.setUp(ctx, a, secret, token)
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
// integration: READY_TO_SYNC, or FAILED with what to do.
func (c *Connector) setUp(ctx context.Context, a neo.ConnectAttempt, secret []byte, token *oauth2.Token) (neo.Integration, error) {
	in, err := c.integration(ctx, a, secret, token)
	if err != nil {
		return in, err
	}
	client := NewClient(in.InstanceURL, fixedToken(token.AccessToken), c.connections.http, c.now)
	in.Checks = append(in.Checks, neo.Check{Name: "token", Label: "Refresh token", State: "ok", Detail: "ServiceNow gave an access token for it."})

	problem := c.inspect(ctx, client, &in)
	if problem == nil {
		// A delivery can come as soon as the rule is there, and is not repeated: the
		// row that it is checked against must be there first.
		if in, err = c.save(ctx, in); err != nil {
			return in, err
		}
		problem = c.plant(ctx, client, &in)
	}
	if problem != nil {
		in.Message = problem.Message
	} else {
		in.State, in.Message = neo.StateReady, "Connected as "+in.Identity.UserName+"."
	}
	if in, err = c.save(ctx, in); err != nil {
		return in, err
	}
	if problem != nil {
		return in, problem
	}
	return in, nil
}

// integration returns the integration as this consent makes it, for now FAILED: what
// was there keeps its id, its callback secret and its age.
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
	in.State, in.Message = neo.StateFailed, "Neo was interrupted while it set up the connection. Click Reconnect."
	in.Simulated, in.ClientID, in.Identity, in.Checks = simulated, a.ClientID, neo.Identity{}, nil
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

// inspect reads who Neo is and what it may see.
func (c *Connector) inspect(ctx context.Context, client *Client, in *neo.Integration) *neo.Error {
	check := neo.Check{Name: "identity", Label: "Neo's account"}
	who, err := client.identity(ctx)
	if err != nil {
		check.State, check.Detail = "failed", neo.MessageOf(err)
		in.Checks = append(in.Checks, check)
		return asError(err)
	}
	in.Identity = who
	check.State, check.Detail = "ok", strings.TrimSpace(who.Name+" ("+who.UserName+")")
	in.Checks = append(in.Checks, check)

	check, err = client.checkAccess(ctx)
	if err != nil {
		check = neo.Check{Name: "tickets", Label: "Read tickets", State: "failed", Detail: neo.MessageOf(err)}
	}
	in.Checks = append(in.Checks, check)
	if err != nil {
		return asError(err)
	}
	return failedCheck(in.Checks)
}

// plant makes the instance report changes to Neo.
func (c *Connector) plant(ctx context.Context, client *Client, in *neo.Integration) *neo.Error {
	secret, err := c.vault.Open(ctx, in.Sealed.CallbackSecret, purposeCallback(in.ID))
	if err != nil {
		return asError(err)
	}
	if !in.Simulated && !strings.HasPrefix(c.publicURL, "https://") {
		in.Checks = append(in.Checks, neo.Check{Name: "public_url", Label: "Neo's address", State: "warning",
			Detail: "ServiceNow cannot deliver to " + c.publicURL + ". Set NEO_PUBLIC_URL to the https address at which the instance reaches Neo, then click Reconnect."})
	}
	in.Checks = append(in.Checks, Provision(ctx, client, CallbackURL(c.publicURL, in.ID, string(secret)))...)
	return failedCheck(in.Checks)
}

// save stores in, except that a connection that is ready is never replaced by one
// that is not: a failed reconnect leaves it as it was. It returns in with the
// callback secret of the row, which stays the same once it is there.
func (c *Connector) save(ctx context.Context, in neo.Integration) (neo.Integration, error) {
	err := c.store.WithIntegrationLock(ctx, in.ID, func(ctx context.Context) error {
		now, err := c.store.IntegrationByID(ctx, in.ID)
		if err != nil && neo.CodeOf(err) != neo.CodeNotFound {
			return err
		}
		if err == nil && len(now.Sealed.CallbackSecret) > 0 {
			in.Sealed.CallbackSecret, in.CallbackHash = now.Sealed.CallbackSecret, now.CallbackHash
		}
		if now.State == neo.StateReady && in.State != neo.StateReady {
			return nil
		}
		in.UpdatedAt = c.now()
		return c.store.InTx(ctx, func(tx neo.Tx) error { return c.store.SaveIntegration(ctx, tx, in) })
	})
	return in, err
}

// failedCheck returns the first failed check as an error.
func failedCheck(checks []neo.Check) *neo.Error {
	for _, check := range checks {
		if check.State == "failed" {
			return neo.Errorf(neo.CodeRefused, "%s", check.Detail)
		}
	}
	return nil
}

func asError(err error) *neo.Error {
	code := neo.CodeOf(err)
	return &neo.Error{Code: code, Message: neo.MessageOf(err), Cause: err}
}

// fixedToken is the TokenSource of a client that lives as long as one consent.
type fixedToken string

func (t fixedToken) Token(context.Context) (string, error)         { return string(t), nil }
func (t fixedToken) Renew(context.Context, string) (string, error) { return string(t), nil }
