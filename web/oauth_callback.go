package web

import (
	"embed"
	"html/template"
	"net/http"

	"github.com/neoagent/neo"
)

//go:embed connected.html
var pages embed.FS

var connectedPage = template.Must(template.ParseFS(pages, "connected.html"))

// oauthCallback ends consent: it is the page to which the instance sends the
// popup. It does all the work before it answers, tells the dashboard that opened
// it, and closes itself; where that is not possible it says what happened.
func (s *Server) oauthCallback(w http.ResponseWriter, r *http.Request) {
	attempt, err := s.options.Connector.Complete(r.Context(), s.sessions.GetString(r.Context(), sessionBinding), r.URL.Query())
	page := struct {
		Nonce, Attempt, Title, Message string
		OK                             bool
	}{Nonce: neo.NewSecret(), Attempt: attempt.ID, OK: err == nil && attempt.Outcome == neo.Success}
	switch {
	case err != nil:
		s.log.Warn("consent did not succeed", "attempt", attempt.ID, "err", err)
		page.Title, page.Message = "Not connected", neo.MessageOf(err)
	case page.OK:
		page.Title, page.Message = "ServiceNow connected", "You can close this window."
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
