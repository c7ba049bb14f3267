package simulator

import (
	"net/http"
	"sync"
	"time"
)

// session is one signed-in browser. Sessions live in memory: a restart signs everyone out.
type session struct {
	id     string
	userID string
	csrf   string
	seen   time.Time
}

const (
	sessionCookie = "JSESSIONID"
	sessionIdle   = 30 * time.Minute
)

type sessions struct {
	now func() time.Time
	mu  sync.Mutex
	all map[string]*session
}

func newSessions(now func() time.Time) *sessions {
	return &sessions{now: now, all: map[string]*session{}}
}

// begin signs a user in under a fresh id, so that an id planted before login is worth nothing.
func (s *sessions) begin(w http.ResponseWriter, r *http.Request, userID string) {
	ses := &session{id: randomHex(16), userID: userID, csrf: randomHex(16), seen: s.now()}
	s.mu.Lock()
	for id, old := range s.all {
		if s.now().Sub(old.seen) > sessionIdle {
			delete(s.all, id)
		}
	}
	s.all[ses.id] = ses
	s.mu.Unlock()
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: ses.id, Path: "/", HttpOnly: true, Secure: r.TLS != nil,
		SameSite: http.SameSiteLaxMode})
	http.SetCookie(w, &http.Cookie{Name: "glide_user_route", Value: "glide." + stableID("node"), Path: "/", HttpOnly: true,
		SameSite: http.SameSiteLaxMode})
}

func (s *sessions) end(w http.ResponseWriter, r *http.Request) {
	if c, err := r.Cookie(sessionCookie); err == nil {
		s.mu.Lock()
		delete(s.all, c.Value)
		s.mu.Unlock()
	}
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Path: "/", MaxAge: -1, HttpOnly: true})
}

// of is the request's live session, or nil.
func (s *sessions) of(r *http.Request) *session {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	ses := s.all[c.Value]
	if ses == nil || s.now().Sub(ses.seen) > sessionIdle {
		delete(s.all, c.Value)
		return nil
	}
	ses.seen = s.now()
	return ses
}

// browserUser is who a browser is signed in as, or nil.
func (in *Instance) browserUser(r *http.Request) (*actor, *session) {
	ses := in.sessions.of(r)
	if ses == nil {
		return nil, nil
	}
	a := in.actorOf(ses.userID)
	if a == nil {
		return nil, nil
	}
	return a, ses
}
