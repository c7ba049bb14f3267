package servicenow

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/neoagent/neo"
)

const (
	authorizePath = "/oauth_auth.do"
	tokenPath     = "/oauth_token.do"
	revokePath    = "/oauth_revoke_token.do"
	redirectPath  = "/oauth/servicenow/callback"

	// scopeUserAccount is the scope that stands for everything the account may do.
	scopeUserAccount = "useraccount"
	// assumedLifetime is taken for an access token whose answer names none. The
	// platform's default is 1800 s.
	assumedLifetime = 25 * time.Minute
)

// RedirectURL returns the redirect URL of a Neo that people reach at publicURL.
// The one in the instance's OAuth application must be the same, byte for byte.
func RedirectURL(publicURL string) string {
	return strings.TrimRight(publicURL, "/") + redirectPath
}

// application is an OAuth application registered in an instance, and the account
// of Neo's at it. All parameters go in the body: an instance refuses them in the URL,
// and trying HTTP Basic first would burn the code, which works once and for 60 s.
type application struct {
	instanceURL string
	clientID    string
	secret      string
	redirectURL string
	http        *http.Client
	now         func() time.Time
}

func (a *application) config() *oauth2.Config {
	return &oauth2.Config{
		ClientID:     strings.TrimSpace(a.clientID),
		ClientSecret: strings.TrimSpace(a.secret),
		RedirectURL:  a.redirectURL,
		Scopes:       []string{scopeUserAccount},
		Endpoint: oauth2.Endpoint{
			AuthURL:   a.instanceURL + authorizePath,
			TokenURL:  a.instanceURL + tokenPath,
			AuthStyle: oauth2.AuthStyleInParams,
		},
	}
}

// authorizeURL returns the address of the consent page. state must consist of
// [A-Za-z0-9_-]; an instance refuses other characters. verifier is PKCE's (S256).
func (a *application) authorizeURL(state, verifier string) string {
	return a.config().AuthCodeURL(state, oauth2.S256ChallengeOption(verifier))
}

// exchange trades the code that the consent page gave for tokens. A refusal is
// neo.CodeRefused and begins with "OAuth callback failed: "; an instance that does
// not answer as one is neo.CodeUnavailable.
func (a *application) exchange(ctx context.Context, code, verifier string) (*oauth2.Token, error) {
	token, err := a.config().Exchange(a.with(ctx), code, oauth2.VerifierOption(verifier))
	if err == nil {
		return a.dated(token), nil
	}
	refusal, err := a.tokenError(err)
	if refusal == "" {
		return nil, err
	}
	return nil, callbackFailed(refusal, err)
}

// refresh fetches a new access token. The refresh token stays the same on this
// platform, and an answer without one means that. A refusal is neo.CodeRefused: the
// refresh token has expired (100 days by default), was revoked, or the account or
// the application no longer works; only a new consent helps.
func (a *application) refresh(ctx context.Context, refreshToken string) (*oauth2.Token, error) {
	refusal, err := "no refresh token", error(nil)
	if refreshToken != "" {
		var token *oauth2.Token
		token, err = a.config().TokenSource(a.with(ctx), &oauth2.Token{RefreshToken: refreshToken}).Token()
		if err == nil {
			return a.dated(token), nil
		}
		if refusal, err = a.tokenError(err); refusal == "" {
			return nil, err
		}
	}
	return nil, &neo.Error{Code: neo.CodeRefused, Cause: err, Message: fmt.Sprintf(
		"%s no longer accepts Neo's consent (%s). Possible reasons: it has expired or was revoked, the client secret was changed, "+
			"the OAuth application is inactive, or the account is locked. Click Reconnect and approve again as the Neo account.",
		hostOf(a.instanceURL), refusal)}
}

// revoke ends a token, access or refresh, at the instance. The endpoint takes no
// authentication. Two connections by one account and one application share their
// access token, so revoking one ends both.
func (a *application) revoke(ctx context.Context, token string) error {
	form := strings.NewReader(url.Values{"token": {token}}.Encode())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.instanceURL+revokePath, form)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := a.http.Do(req)
	if err != nil {
		return unavailable(a.instanceURL, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		return unavailable(a.instanceURL, fmt.Errorf("POST %s: %d", revokePath, resp.StatusCode))
	}
	return nil
}

func (a *application) with(ctx context.Context) context.Context {
	return context.WithValue(ctx, oauth2.HTTPClient, a.http)
}

// dated sets the expiry by a's clock.
func (a *application) dated(t *oauth2.Token) *oauth2.Token {
	life := time.Duration(t.ExpiresIn) * time.Second
	if life <= 0 {
		life = assumedLifetime
	}
	t.Expiry = a.now().Add(life).UTC()
	return t
}

// tokenError says what an error of the token endpoint means. With a refusal, code
// is the instance's error code and err the cause for the log. Without, err is
// neo.CodeUnavailable.
//
// Instances answer nearly every refusal with 401 and "server_error"; others use 400
// and the codes of RFC 6749. All are one class. A 200 or a 5xx with HTML is
// hibernation or maintenance, and says nothing about the credentials.
//
// The answer's body is left out of the cause: it may repeat what was sent.
func (a *application) tokenError(err error) (code string, _ error) {
	re, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok || re.Response == nil {
		if _, network := errors.AsType[*url.Error](err); !network {
			err = fmt.Errorf("%w: %w", errAway, err) // an answer that is no token
		}
		return "", unavailable(a.instanceURL, withoutQuery(err))
	}
	mediaType, _, _ := mime.ParseMediaType(re.Response.Header.Get("Content-Type"))
	code = cleanCode(re.ErrorCode)
	cause := fmt.Errorf("POST %s: %d %s, error %q, transaction %q",
		tokenPath, re.Response.StatusCode, mediaType, code, re.Response.Header.Get("X-Transaction-ID"))

	refused := re.Response.StatusCode == http.StatusBadRequest || re.Response.StatusCode == http.StatusUnauthorized
	if !refused || mediaType != "application/json" || re.ErrorCode == "" {
		return "", unavailable(a.instanceURL, cause)
	}
	return code, cause
}

// clientClass are the token endpoint's codes behind which any fault of client,
// code or account can be. People are shown the one that the documentation explains.
var clientClass = map[string]bool{
	"server_error": true, "access_denied": true, "invalid_client": true, "invalid_grant": true, "unauthorized_client": true,
}

// callbackFailed is the refusal of the code exchange. The instance does not say
// which cause it was (only its own system log does), so all are listed, the most
// likely first.
func callbackFailed(code string, cause error) *neo.Error {
	if clientClass[code] {
		code = "invalid_client"
	}
	return &neo.Error{Code: neo.CodeRefused, Cause: cause, Message: "OAuth callback failed: " + code +
		". ServiceNow does not say why; check in this order: the Client ID and the Client Secret are those of the Application Registry entry " +
		"(copy and paste them, without spaces or newlines; a regenerated secret must be entered again); the OAuth application is Active; " +
		"the account is not locked and may use OAuth; and the consent was given within a minute. Then connect again."}
}

// consentRemedies say what to do about an error with which the consent page sent
// the browser back.
var consentRemedies = map[string]string{
	"access_denied": "Consent was denied, or the account is not allowed to give it (it needs read and write on oauth_credential). " +
		"Connect again, sign in as the Neo account and click Allow.",
	"invalid_client":      "Verify that the Client ID matches the Application Registry entry exactly, and that the entry is Active. Then connect again.",
	"unauthorized_client": "Verify that the Client ID matches the Application Registry entry exactly, and that the entry is Active. Then connect again.",
	"invalid_scope":       "Allow the scope useraccount in the Application Registry entry, then connect again.",
}

// consentFailed is the answer of the consent page to code. The description that
// came with it is not shown: anyone can put words into that address.
func consentFailed(code string) *neo.Error {
	code = cleanCode(code)
	remedy, ok := consentRemedies[code]
	if !ok {
		remedy = "Verify the Application Registry entry (Client ID, Redirect URL, Active), then connect again."
	}
	return neo.Errorf(neo.CodeRefused, "OAuth callback failed: %s. %s", code, remedy)
}

// cleanCode returns code if it looks like an OAuth error code.
func cleanCode(code string) string {
	if code == "" || len(code) > 64 {
		return "unknown_error"
	}
	for i := range len(code) {
		if c := code[i]; (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' && c != '-' && c != '.' {
			return "unknown_error"
		}
	}
	return code
}

// unavailable is the error for an instance that does not answer as one.
func unavailable(instanceURL string, cause error) *neo.Error {
	return inTrouble(instanceURL, fmt.Errorf("%w: %w", errNoAnswer, cause))
}

// inTrouble is the error for a call that an instance has not carried out, though it may
// answer others.
func inTrouble(instanceURL string, cause error) *neo.Error {
	return &neo.Error{Code: neo.CodeUnavailable, Cause: cause, Message: hostOf(instanceURL) +
		" is hibernating, under maintenance or unreachable; try again. If it lasts, open the instance in a browser and check that it accepts calls from Neo's address."}
}

// withoutQuery strips the query from the address in a network error.
func withoutQuery(err error) error {
	if ue, ok := errors.AsType[*url.Error](err); ok {
		address, _, _ := strings.Cut(ue.URL, "?")
		return &url.Error{Op: ue.Op, URL: address, Err: ue.Err}
	}
	return err
}
