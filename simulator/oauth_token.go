package simulator

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"net/url"
)

// tokenFailure is why no token was given. The client is told the same thing for every cause; the cause goes to the log.
type tokenFailure struct{ code, reason string }

func (e *tokenFailure) Error() string { return e.reason }

func refuse(code, reason string) (issued, error) { return issued{}, &tokenFailure{code, reason} }

// token serves POST /oauth_token.do.
func (in *Instance) token(w http.ResponseWriter, r *http.Request) {
	t, err := in.grantToken(w, r)
	if err != nil {
		in.tokenRefused(w, err)
		return
	}
	body := map[string]any{"access_token": t.access, "scope": t.scope, "token_type": "Bearer", "expires_in": t.expiresIn}
	if t.refresh != "" {
		body["refresh_token"] = t.refresh
	}
	writeJSON(w, http.StatusOK, body)
}

func (in *Instance) grantToken(w http.ResponseWriter, r *http.Request) (issued, error) {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if r.Method != http.MethodPost || kind != "application/x-www-form-urlencoded" {
		return refuse("invalid_request", "unspecified error: send the parameters as a form in the body of a POST")
	}
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		return refuse("invalid_request", "unreadable body")
	}
	form := r.PostForm
	if in.quirks.Load().TokenParametersInURL {
		form = r.Form
	} else if len(r.URL.Query()) > 0 {
		return refuse("invalid_request", "parameters in the URL are not allowed")
	}
	app := in.appByClient(form.Get("client_id"))
	if app == nil {
		return refuse("invalid_client", "no active application has this client_id")
	}
	if !app.public && !app.secretIs(form.Get("client_secret")) {
		return refuse("invalid_client", "client secret is wrong")
	}
	switch form.Get("grant_type") {
	case "authorization_code":
		return in.redeemCode(app, form)
	case "refresh_token":
		return in.refreshToken(app, form)
	case "password":
		who := in.signIn(form.Get("username"), form.Get("password"))
		if who == nil {
			return refuse("invalid_grant", "user name or password is wrong")
		}
		return in.grantTo(app, who.id, form.Get("scope"))
	}
	return refuse("unsupported_grant_type", "unsupported grant_type "+form.Get("grant_type"))
}

func (in *Instance) redeemCode(app *oauthApp, form url.Values) (issued, error) {
	c, ok := in.grants.takeCode(form.Get("code"), in.opts.Now())
	switch {
	case !ok:
		return refuse("invalid_grant", "authorization code is unknown, used or expired")
	case c.entity != app.id:
		return refuse("invalid_grant", "authorization code belongs to another application")
	case c.redirect != form.Get("redirect_uri"):
		return refuse("invalid_grant", "redirect_uri differs from the authorization request")
	case c.challenge != "" && !verifies(c, form.Get("code_verifier")):
		return refuse("invalid_grant", "code_verifier does not match the challenge")
	}
	return in.grantTo(app, c.user, c.scope)
}

func (in *Instance) grantTo(app *oauthApp, userID, _ string) (issued, error) {
	if !in.mayHoldTokens(userID) {
		return refuse("invalid_grant", "user is inactive, locked or must reset the password")
	}
	t := in.grants.consent(app.id, userID, in.scope(), !app.public, app.life, in.opts.Now())
	in.saver.touch()
	return t, nil
}

func (in *Instance) refreshToken(app *oauthApp, form url.Values) (issued, error) {
	t, userID, ok := in.grants.refresh(form.Get("refresh_token"), app.id, app.life, in.opts.Now())
	if !ok {
		return refuse("invalid_grant", "refresh token is unknown, expired or revoked")
	}
	if !in.mayHoldTokens(userID) {
		return refuse("invalid_grant", "user is inactive, locked or must reset the password")
	}
	if in.quirks.Load().RefreshTokenOmitted {
		t.refresh = ""
	}
	in.saver.touch()
	return t, nil
}

// mayHoldTokens is false for a user whose tokens the platform refuses.
func (in *Instance) mayHoldTokens(userID string) bool {
	u := in.store.find(schema["sys_user"], userID)
	return u != nil && u.get("active") == "true" && u.get("locked_out") != "true" && u.get("password_needs_reset") != "true" &&
		u.get("web_service_access_only") != "true"
}

func (in *Instance) scope() string {
	if in.quirks.Load().EmptyScope {
		return ""
	}
	return "useraccount"
}

// verifies checks PKCE. A challenge without a method is "plain" by the standard; no source says what the platform does.
func verifies(c code, verifier string) bool {
	if verifier == "" {
		return false
	}
	if c.method == "S256" {
		sum := sha256.Sum256([]byte(verifier))
		verifier = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	return subtle.ConstantTimeCompare([]byte(c.challenge), []byte(verifier)) == 1
}

func (in *Instance) tokenRefused(w http.ResponseWriter, err error) {
	in.syslog.write("warning", "OAuth", "Exception on token flow - "+err.Error())
	code := "server_error"
	var f *tokenFailure
	if in.quirks.Load().TokenErrorsFollowTheSpec && errors.As(err, &f) {
		code = f.code
	}
	writeJSON(w, http.StatusUnauthorized, struct {
		Description string `json:"error_description"`
		Error       string `json:"error"`
	}{"access_denied", code})
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
