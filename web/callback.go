package web

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/neoagent/neo"
)

// maxDelivery bounds the body of a delivery. The planted script caps what it
// sends at about a quarter of this.
const maxDelivery = 1 << 20

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
	integration, signature, err := s.caller(r)
	if err != nil {
		if neo.CodeOf(err) == neo.CodeForbidden {
			return "key", err
		}
		return "unavailable", err
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxDelivery+1))
	if len(body) > maxDelivery {
		return "too_large", errTooLarge
	}
	if err != nil {
		return "body", neo.Errorf(neo.CodeInvalid, "The body of the delivery could not be read to its end: %w", err)
	}
	if signature != "" {
		switch err := s.verify(r, &integration, signature, body); neo.CodeOf(err) {
		case "":
		case neo.CodeForbidden:
			s.options.Watch.Delivered(integration.ID, neo.Deliveries{Refused: 1})
			return "key", err
		case neo.CodeConflict:
			return "replay", err
		default:
			return "unavailable", err
		}
	}
	event, err := s.options.Decode(body)
	if err != nil {
		return "body", err
	}
	event.TenantID, event.Ticket.IntegrationID, event.Source = integration.TenantID, integration.ID, neo.SourceWebhook
	// What has been read to its end is kept, whether or not the instance still waits.
	isNew, err := s.options.Ingest.Submit(context.WithoutCancel(r.Context()), event)
	switch {
	case neo.CodeOf(err) == neo.CodeForbidden:
		return "key", err
	case err != nil:
		return "unavailable", err
	}
	if signature != "" {
		s.options.Signed.Taken(signature)
	}
	if !isNew {
		s.options.Watch.Delivered(integration.ID, neo.Deliveries{Last: time.Now()})
		return "duplicate", nil
	}
	s.options.Watch.Delivered(integration.ID, neo.Deliveries{Webhook: 1, Last: time.Now()})
	return "accepted", nil
}

// verify checks a signature; before it is refused, with the key that the store has
// now, in case another replica has just planted a new one.
func (s *Server) verify(r *http.Request, in *neo.Integration, signature string, body []byte) error {
	timestamp := r.Header.Get(headerTimestamp)
	err := s.options.Signed.Verify(r.Context(), *in, timestamp, signature, body)
	if neo.CodeOf(err) != neo.CodeForbidden {
		return err
	}
	fresh, freshErr := s.options.Ingest.Integration(r.Context(), in.ID, true)
	if freshErr != nil {
		return freshErr
	}
	*in = fresh
	return s.options.Signed.Verify(r.Context(), fresh, timestamp, signature, body)
}

// The headers of a signed delivery; the planted script sets them.
const (
	headerTimestamp = "X-Neo-Timestamp"
	headerSignature = "X-Neo-Signature"
)

// caller returns the integration that delivers, and the signature that is still to
// be checked against the body. A delivery that is not signed shows the key itself:
// instances without the class for signing do.
func (s *Server) caller(r *http.Request) (in neo.Integration, signature string, err error) {
	query := r.URL.Query()
	id := query.Get("integration")
	if signature := r.Header.Get(headerSignature); signature != "" && !query.Has("key") {
		in, err := s.options.Ingest.Integration(r.Context(), id, false)
		return in, signature, err
	}
	in, err = s.options.Ingest.Authorize(r.Context(), id, query.Get("key"))
	if neo.CodeOf(err) == neo.CodeForbidden {
		if known, knownErr := s.options.Ingest.Integration(r.Context(), id, false); knownErr == nil {
			s.options.Watch.Delivered(known.ID, neo.Deliveries{Refused: 1})
		}
	}
	return in, "", err
}

var (
	errTooLarge = neo.Errorf(neo.CodeTooLarge, "A delivery may have 1 MiB at most. The script that Neo plants sends less; reconnect to plant it again.")
	errMethod   = neo.Errorf(neo.CodeMethod, "Deliveries are POSTed here by the Business Rule that Neo plants.")
)
