package web

import (
	"context"
	"embed"
	"html/template"
	"net/http"

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
	page := struct {
		Nonce, Attempt, Title, Message string
		OK                             bool
	}{Nonce: neo.NewSecret(), Attempt: attempt.ID, OK: err == nil && attempt.Outcome != neo.Failure}
	switch {
	case err != nil:
		page.Title, page.Message = "Not connected", neo.MessageOf(err)
	case page.OK:
		page.Title, page.Message = "Access granted", "Neo is setting up the connection; the dashboard shows how it goes. You can close this window."
	default:
		page.Title, page.Message = "Not connected", attempt.Message
	}
	s.options.Live.Changed()
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
	session, query := s.sessions.GetString(r.Context(), sessionBinding), r.URL.Query()
	good, ended := make(chan neo.ConnectAttempt, 1), make(chan end, 1)
	s.settingUp.Go(func() {
		attempt, err := s.options.Connector.Complete(context.WithoutCancel(r.Context()), session, query,
			func(a neo.ConnectAttempt) { good <- a })
		if err != nil {
			s.log.Warn("the connection was not set up", "attempt", attempt.ID, "err", err)
		}
		s.options.Live.Changed()
		ended <- end{attempt, err}
	})
	select {
	case attempt := <-good:
		return attempt, nil
	case e := <-ended:
		return e.attempt, e.err
	}
}
