package simulator

import (
	"crypto/subtle"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// authorization is a checked request for consent.
type authorization struct {
	app               *oauthApp
	redirect, state   string
	scope             string
	challenge, method string
	query             string // of the request, to come back to it
}

// authorize serves GET /oauth_auth.do: what is wrong with the request is a page, never a redirect; a browser that is not
// signed in is sent to sign in and back; whoever is signed in already is the one who is asked.
func (in *Instance) authorize(w http.ResponseWriter, r *http.Request) {
	a, problem := in.readAuthorization(r.URL.Query(), r.URL.RawQuery)
	if problem != "" {
		in.oauthProblem(w, problem)
		return
	}
	who, ses := in.browserUser(r)
	if who == nil {
		http.Redirect(w, r, "/oauth_login.do?"+r.URL.RawQuery, http.StatusFound)
		return
	}
	in.page(w, "consent.html", map[string]any{"App": a.app.name, "User": who.shown(), "Host": hostOf(a.redirect), "CSRF": ses.csrf,
		"Action": "/oauth_auth.do?" + a.query, "SignOut": "/logout.do?sysparm_goto_url=" + url.QueryEscape("/oauth_auth.do?"+a.query)})
}

// answerConsent serves POST /oauth_auth.do: the Allow and Deny buttons. The request itself is in the URL and is checked again.
func (in *Instance) answerConsent(w http.ResponseWriter, r *http.Request) {
	a, problem := in.readAuthorization(r.URL.Query(), r.URL.RawQuery)
	if problem != "" {
		in.oauthProblem(w, problem)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	who, ses := in.browserUser(r)
	if who == nil {
		http.Redirect(w, r, "/oauth_login.do?"+r.URL.RawQuery, http.StatusFound)
		return
	}
	if r.ParseForm() != nil || subtle.ConstantTimeCompare([]byte(r.PostForm.Get("sysparm_ck")), []byte(ses.csrf)) != 1 {
		w.Header().Set("Content-Type", "text/html;charset=UTF-8")
		w.WriteHeader(http.StatusForbidden)
		in.oauthProblem(w, "This form is no longer valid. Go back and connect again.")
		return
	}
	back := url.Values{}
	if r.PostForm.Has("Allow") {
		now := in.opts.Now()
		back.Set("code", in.grants.issueCode(code{entity: a.app.id, user: who.id, scope: a.scope, redirect: a.redirect,
			challenge: a.challenge, method: a.method, expires: now.Add(time.Duration(a.app.codeLife) * time.Second)}, now))
	} else {
		// The shape of a refusal was never captured; this is the standard's.
		back.Set("error", "access_denied")
	}
	if a.state != "" {
		back.Set("state", a.state)
	}
	sep := "?"
	if strings.Contains(a.redirect, "?") {
		sep = "&"
	}
	http.Redirect(w, r, a.redirect+sep+back.Encode(), http.StatusFound)
}

// readAuthorization checks the parameters in the platform's order and words.
func (in *Instance) readAuthorization(q url.Values, raw string) (authorization, string) {
	a := authorization{state: q.Get("state"), scope: q.Get("scope"), query: raw,
		challenge: q.Get("code_challenge"), method: q.Get("code_challenge_method")}
	if a.state == "" && !in.quirks.Load().StateParameterOptional {
		return a, "Missing State parameter in request"
	}
	if a.app = in.appByClient(q.Get("client_id")); a.app == nil {
		return a, "unauthorized_client: The client credentials provided (those of the service you are using) are either not valid or not trusted"
	}
	if q.Get("response_type") != "code" {
		return a, "unsupported_response_type: Use response_type=code"
	}
	if a.redirect = q.Get("redirect_uri"); !slices.Contains(a.app.redirects, a.redirect) {
		if !in.quirks.Load().RedirectMismatchGoesOn || len(a.app.redirects) == 0 {
			return a, "Invalid redirect_uri"
		}
		a.redirect = a.app.redirects[0]
	}
	if a.method != "" && a.method != "S256" && a.method != "plain" {
		return a, "invalid_request: Unsupported code_challenge_method"
	}
	if a.challenge == "" && (a.app.public || a.app.pkce) {
		return a, "invalid_request: Missing code_challenge"
	}
	return a, ""
}

// oauthProblem is the page a person sees; the application that asked never hears of it.
func (in *Instance) oauthProblem(w http.ResponseWriter, message string) {
	in.syslog.write("warning", "OAuth", "Authorization refused: "+message)
	in.page(w, "oauth_problem.html", map[string]any{"Message": message})
}

func hostOf(raw string) string {
	if u, err := url.Parse(raw); err == nil && u.Host != "" {
		return u.Host
	}
	return raw
}
