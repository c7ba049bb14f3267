package web

import (
	"context"
	"embed"
	"html/template"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/neoagent/neo"
)

//go:embed connected.html
var pages embed.FS

var connectedPage = template.Must(template.ParseFS(pages, "connected.html"))

// oauthCallback ends consent: it is the page to which the instance sends the
// popup. When the consent is good it tells the dashboard that opened it and closes
// itself, while the connection is set up; the dashboard watches that. Otherwise it
// says what happened.
func (s *Server) oauthCallback(w http.ResponseWriter, r *http.Request) {
	attempt, err := s.consented(r)
	page := consentPage{Attempt: attempt.ID, OK: err == nil && attempt.Outcome != neo.Failure}
	switch {
	case err != nil:
		page.Title, page.Message = "Not connected", neo.MessageOf(err)
	case page.OK:
		page.Title, page.Message = "Access granted", "Neo is setting up the connection; the dashboard shows how it goes. You can close this window."
	default:
		page.Title, page.Message = "Not connected", attempt.Message
	}
	s.showConsent(w, page)
}

// consentPage is what the window of consent shows in the end.
type consentPage struct {
	Nonce, Attempt, Title, Message string
	OK                             bool
}

func (s *Server) showConsent(w http.ResponseWriter, page consentPage) {
	page.Nonce = neo.NewSecret()
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-"+page.Nonce+"'; frame-ancestors 'none'")
	if err := connectedPage.Execute(w, page); err != nil {
		s.log.Error("consent page", "err", err)
	}
}

// consented returns when the consent has proved good, or when the attempt has
// ended, well or not. The rest goes on meanwhile.
func (s *Server) consented(r *http.Request) (neo.ConnectAttempt, error) {
	type end struct {
		attempt neo.ConnectAttempt
		err     error
	}
	session, back := s.sessions.GetString(r.Context(), sessionBinding), r.URL
	good, ended := make(chan neo.ConnectAttempt, 1), make(chan end, 1)
	s.settingUp.Go(func() {
		attempt, err := s.options.Connector.Complete(context.WithoutCancel(r.Context()), session, back,
			func(a neo.ConnectAttempt) {
				s.options.Live.Changed()
				good <- a
			})
		if err != nil {
			s.log.Warn("the connection was not set up", "attempt", attempt.ID, "err", err)
		}
		if attempt.ID != "" { // else it was none that Neo waits for, and nothing has changed
			s.options.Live.Changed()
		}
		ended <- end{attempt, err}
	})
	select {
	case attempt := <-good:
		return attempt, nil
	case e := <-ended:
		return e.attempt, e.err
	}
}

// isOAuthCallback reports whether a path is that of the callback in another spelling: an
// instance may send the browser to the Redirect URL as somebody typed it there.
func isOAuthCallback(p string) bool {
	return strings.ToLower(path.Clean(strings.TrimRight(p, "/.,; "))) == OAuthCallbackPath
}

// fromConsent reports whether an address looks like one to which a consent page sends
// the browser back.
func fromConsent(u *url.URL) bool {
	q := u.Query()
	return len(q.Get("state")) >= 20 && (q.Get("code") != "" || q.Get("error") != "")
}

// strayConsent answers a browser that a consent page has sent to another address than
// Neo's, and reports whether it has. Neo's own "not found" would leave it stranded.
func (s *Server) strayConsent(w http.ResponseWriter, r *http.Request) bool {
	if !fromConsent(r.URL) {
		return false
	}
	if isOAuthCallback(r.URL.Path) {
		s.consent.ServeHTTP(w, r)
		return true
	}
	right := s.options.PublicURL + OAuthCallbackPath
	s.log.Warn("a consent came back to an address that is not the Redirect URL", "path", r.URL.Path)
	s.showConsent(w, consentPage{Title: "The Redirect URL is not right", Message: "ServiceNow sent this window to " + r.URL.Path +
		" and not to Neo's Redirect URL. In ServiceNow, open the Application Registry entry, set its Redirect URL to exactly " + right +
		" and leave no other one there. Then close this window and connect again."})
	return true
}
