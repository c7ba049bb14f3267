package web

import (
	"io"
	"net/http"

	"github.com/neoagent/neo"
)

// maxDelivery bounds the body of a delivery. The planted script caps what it
// sends at about a quarter of this.
const maxDelivery = 1 << 20

// maxDrained bounds what is read, and thrown away, of a delivery that is too large.
const maxDrained = 8 << 20

// callback takes a delivery of a planted Business Rule. A 2xx answer promises
// that the event is on disk and its runs exist; ServiceNow never tries again, so
// everything else is counted and logged here.
func (s *Server) callback(w http.ResponseWriter, r *http.Request) {
	result, err := s.deliver(w, r)
	s.options.Metrics.delivered(result)
	if err != nil {
		if result != "unavailable" {
			s.log.Warn("delivery refused", "result", result, "integration", r.URL.Query().Get("integration"), "err", err)
		}
		s.writeError(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"data":{"result":"`+result+`"}}`)
}

// deliver returns how the delivery went, as the metrics name it.
func (s *Server) deliver(w http.ResponseWriter, r *http.Request) (result string, err error) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return "method", errMethod
	}
	query := r.URL.Query()
	integration, err := s.options.Ingest.Authorize(r.Context(), query.Get("integration"), query.Get("key"))
	if err != nil {
		if neo.CodeOf(err) == neo.CodeForbidden {
			return "key", err
		}
		return "unavailable", err
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxDelivery+1))
	if len(body) > maxDelivery {
		// Whoever is still sending would not see the answer.
		_, _ = io.Copy(io.Discard, io.LimitReader(r.Body, maxDrained))
		return "too_large", errTooLarge
	}
	if err != nil {
		return "body", neo.Errorf(neo.CodeInvalid, "The body of the delivery could not be read to its end: %w", err)
	}
	event, err := s.options.Decode(body)
	if err != nil {
		return "body", err
	}
	event.TenantID, event.Ticket.IntegrationID, event.Source = integration.TenantID, integration.ID, neo.SourceWebhook
	isNew, err := s.options.Ingest.Submit(r.Context(), event)
	switch {
	case neo.CodeOf(err) == neo.CodeForbidden:
		return "key", err
	case err != nil:
		return "unavailable", err
	case !isNew:
		return "duplicate", nil
	}
	return "accepted", nil
}

var (
	errTooLarge = neo.Errorf(neo.CodeTooLarge, "A delivery may have 1 MiB at most. The script that Neo plants sends less; reconnect to plant it again.")
	errMethod   = neo.Errorf(neo.CodeMethod, "Deliveries are POSTed here by the Business Rule that Neo plants.")
)
