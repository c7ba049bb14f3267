package web

import (
	"io"
	"net/http"

	"github.com/neoagent/neo"
)

// healthz says that the process lives.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	_, _ = io.WriteString(w, "ok\n")
}

// readyz says that requests can be served: the database answers and can be written. Where
// it can only be read, the dashboard still shows what is there.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	err := s.store.Ping(r.Context())
	if err == nil {
		err = s.store.Writable(r.Context())
	}
	if err != nil {
		s.log.Error("not ready", "err", err)
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, neo.MessageOf(err)+"\n")
		return
	}
	_, _ = io.WriteString(w, "ok\n")
}
