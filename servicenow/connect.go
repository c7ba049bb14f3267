package servicenow

import (
	"context"
	"crypto/sha256"
	"strings"
	"time"
	"unicode"

	"golang.org/x/oauth2"

	"github.com/neoagent/neo"
)

const (
	kind = "servicenow"
	// attemptLife is how long a person has for the consent page.
	attemptLife = 10 * time.Minute
	// maxBackfillDays is ten years.
	maxBackfillDays = 3650
)

// Connector connects integrations: a person types an address and the keys of an
// OAuth application, consents in a window of the instance, and Neo checks what it
// was given and plants what it needs.
type Connector struct {
	connections *Connections
	store       Store
	vault       Vault
	now         func() time.Time
	publicURL   string
	allowHosts  []string
}

// NewConnector returns a connector for a Neo that people and instances reach at
// publicURL. allowHosts are for ParseInstanceURL.
func NewConnector(c *Connections, publicURL string, allowHosts []string) *Connector {
	return &Connector{connections: c, store: c.store, vault: c.vault, now: c.now, publicURL: publicURL, allowHosts: allowHosts}
}

// Begin stores an attempt to connect and returns the address of the consent page to
// open. sessionToken is the person's session: only the same one can complete the
// attempt, within 10 minutes. To connect an instance that is connected already is
// to reconnect it. Errors are neo.CodeInvalid, or neo.CodeNotFound for an
// IntegrationID of nobody's or of another tenant.
func (c *Connector) Begin(ctx context.Context, tenant, sessionToken string, in neo.ConnectInput) (neo.ConnectAttempt, string, error) {
	if sessionToken == "" {
		return neo.ConnectAttempt{}, "", neo.Errorf(neo.CodeUnauthorized, "Sign in first, then connect ServiceNow.")
	}
	known, err := c.known(ctx, tenant, in)
	if err != nil {
		return neo.ConnectAttempt{}, "", err
	}
	in, err = c.completed(ctx, known, in)
	if err != nil {
		return neo.ConnectAttempt{}, "", err
	}

	now := c.now()
	state, verifier := neo.NewSecret(), oauth2.GenerateVerifier()
	a := neo.ConnectAttempt{
		ID:            neo.NewID(),
		TenantID:      tenant,
		IntegrationID: in.IntegrationID,
		InstanceURL:   in.InstanceURL,
		ClientID:      in.ClientID,
		StateHash:     hash(state),
		SessionHash:   hash(sessionToken),
		Outcome:       neo.Pending,
		BackfillDays:  backfillDays(known, in),
		CreatedAt:     now,
		ExpiresAt:     now.Add(attemptLife),
	}
	if a.ClientSecret, err = c.vault.Seal(ctx, []byte(in.ClientSecret), purposeAttemptSecret(a.ID)); err != nil {
		return neo.ConnectAttempt{}, "", err
	}
	if a.Verifier, err = c.vault.Seal(ctx, []byte(verifier), purposeAttemptVerify(a.ID)); err != nil {
		return neo.ConnectAttempt{}, "", err
	}
	if err := c.store.CreateAttempt(ctx, a); err != nil {
		return neo.ConnectAttempt{}, "", err
	}
	return a, c.application(a, "").authorizeURL(state, verifier), nil
}

// backfillDays returns how many days of older tickets to read: as chosen now or, where
// nothing was, at a connect before that has not come that far.
func backfillDays(known neo.Integration, in neo.ConnectInput) int {
	if in.BackfillDays == nil {
		return known.BackfillDays
	}
	return max(0, min(*in.BackfillDays, maxBackfillDays))
}

// known returns the integration that in is about, or one without an id.
func (c *Connector) known(ctx context.Context, tenant string, in neo.ConnectInput) (neo.Integration, error) {
	if in.IntegrationID != "" {
		return c.store.Integration(ctx, tenant, in.IntegrationID)
	}
	instanceURL, _, err := ParseInstanceURL(in.InstanceURL, c.allowHosts)
	if err != nil {
		return neo.Integration{}, err
	}
	return c.at(ctx, tenant, instanceURL)
}

// at returns the tenant's integration with that instance, or one without an id.
func (c *Connector) at(ctx context.Context, tenant, instanceURL string) (neo.Integration, error) {
	all, err := c.store.Integrations(ctx, tenant)
	if err != nil {
		return neo.Integration{}, err
	}
	for _, i := range all {
		if i.Kind == kind && i.InstanceURL == instanceURL {
			return i, nil
		}
	}
	return neo.Integration{}, nil
}

// completed returns in checked, in its one spelling, and with what it leaves to the
// known integration filled in.
func (c *Connector) completed(ctx context.Context, known neo.Integration, in neo.ConnectInput) (neo.ConnectInput, error) {
	in.ClientID, in.ClientSecret = strings.TrimSpace(in.ClientID), strings.TrimSpace(in.ClientSecret)
	if known.ID != "" {
		in.IntegrationID = known.ID
		if strings.TrimSpace(in.InstanceURL) == "" {
			in.InstanceURL = known.InstanceURL
		}
		if in.ClientID == "" {
			in.ClientID = known.ClientID
		}
		if in.ClientSecret == "" && in.ClientID == known.ClientID && len(known.Sealed.ClientSecret) > 0 {
			secret, err := c.vault.Open(ctx, known.Sealed.ClientSecret, purposeClientSecret(known.ID))
			if err != nil {
				return in, err
			}
			in.ClientSecret = string(secret)
		}
	} else {
		in.IntegrationID = neo.NewID()
	}

	instanceURL, _, err := ParseInstanceURL(in.InstanceURL, c.allowHosts)
	switch {
	case err != nil:
		return in, err
	case known.ID != "" && instanceURL != known.InstanceURL:
		return in, neo.Errorf(neo.CodeInvalid, "This connection belongs to %s, and so do its tickets. To connect another instance, add a new connection.", hostOf(known.InstanceURL))
	case in.ClientID == "" || len(in.ClientID) > 255 || strings.ContainsFunc(in.ClientID, unicode.IsSpace) || strings.ContainsFunc(in.ClientID, unicode.IsControl):
		return in, neo.Errorf(neo.CodeInvalid, "client_id must be the Client ID of the Application Registry entry; copy and paste it.")
	case in.ClientSecret == "" || len(in.ClientSecret) > 1024 || strings.ContainsFunc(in.ClientSecret, unicode.IsControl):
		return in, neo.Errorf(neo.CodeInvalid, "client_secret must be the Client Secret of the Application Registry entry; copy and paste it.")
	}
	in.InstanceURL = instanceURL
	return in, nil
}

func (c *Connector) application(a neo.ConnectAttempt, secret string) *application {
	return &application{
		instanceURL: a.InstanceURL,
		clientID:    a.ClientID,
		secret:      secret,
		redirectURL: RedirectURL(c.publicURL),
		http:        c.connections.http,
		now:         c.now,
	}
}

func hash(s string) []byte {
	h := sha256.Sum256([]byte(s))
	return h[:]
}
