package web

import (
	"context"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"
)

// sessionTime bounds how long a changed session may take to be stored.
const sessionTime = 10 * time.Second

// withSession loads the session of a request. One that has changed is stored before the
// first byte of the answer; when that fails, the failure is the answer, and the only one.
func (s *Server) withSession(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Cookie")
		var token string
		if cookie, err := r.Cookie(s.sessions.Cookie.Name); err == nil {
			token = cookie.Value
		}
		ctx, err := s.sessions.Load(r.Context(), token)
		if err != nil {
			s.writeError(w, r, err)
			return
		}
		sw := &sessionWriter{ResponseWriter: w, server: s, request: r.WithContext(ctx)}
		next.ServeHTTP(sw, sw.request)
		sw.store()
	})
}

type sessionWriter struct {
	http.ResponseWriter
	server  *Server
	request *http.Request
	stored  bool
	failed  bool // the answer was given here: what the handler writes is dropped
}

// store keeps a session that has changed, whether or not its browser still waits.
func (w *sessionWriter) store() {
	if w.stored {
		return
	}
	w.stored = true
	sessions := w.server.sessions
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.request.Context()), sessionTime)
	defer cancel()
	switch sessions.Status(ctx) {
	case scs.Modified:
		token, expiry, err := sessions.Commit(ctx)
		if err != nil {
			w.failed = true
			w.Header().Del("Content-Length")
			w.server.writeError(w.ResponseWriter, w.request, err)
			return
		}
		sessions.WriteSessionCookie(ctx, w.ResponseWriter, token, expiry)
	case scs.Destroyed:
		sessions.WriteSessionCookie(ctx, w.ResponseWriter, "", time.Time{})
	}
}

func (w *sessionWriter) WriteHeader(status int) {
	if w.store(); !w.failed {
		w.ResponseWriter.WriteHeader(status)
	}
}

func (w *sessionWriter) Write(b []byte) (int, error) {
	if w.store(); w.failed {
		return len(b), nil
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController find what the connection can do.
func (w *sessionWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
