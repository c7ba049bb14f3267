package servicenow

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/neoagent/neo"
)

const (
	// suspectAfter is how many calls in a row must get no answer before a process holds
	// its other calls back and has whoever looks after the connection find out.
	suspectAfter = 3
	// trialEvery is how often one call is let through meanwhile.
	trialEvery = 2 * time.Second
)

// errNoAnswer marks the errors of calls that got no answer of the instance's own: the
// network failed, or something else answered (a page of hibernation, of maintenance, of
// a sign-in). An error that the instance itself reports is an answer.
var errNoAnswer = errors.New("no answer of the instance")

func noAnswer(err error) bool { return errors.Is(err, errNoAnswer) }

// watching marks the calls of whoever looks after a connection: they are made whatever
// is known, since they find out.
type watching struct{}

func asWatcher(ctx context.Context) context.Context { return context.WithValue(ctx, watching{}, true) }

func isWatcher(ctx context.Context) bool { return ctx.Value(watching{}) != nil }

// silence is what one process has noticed of an instance that does not answer. It bridges
// the seconds until the integration's row says so to all processes (neo.Reach).
type silence struct {
	now     func() time.Time
	suspect func() // has it found out; must not block

	mu         sync.Mutex
	unanswered int       // calls in a row
	trial      time.Time // of the next call that is let through
	heardAt    time.Time // when the last answer came
}

// held returns an error when a call is not to be made now, and reports whether it is the
// one that is let through to find out.
func (s *silence) held(ctx context.Context, instanceURL string) (trial bool, _ error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.unanswered < suspectAfter || isWatcher(ctx) {
		return false, nil
	}
	now := s.now()
	if left := s.trial.Sub(now); left > 0 {
		return false, &neo.Error{Code: neo.CodeUnavailable, Away: true, RetryAfter: left, Message: hostOf(instanceURL) +
			" is hibernating, under maintenance or unreachable. Neo is finding out; this waits a moment."}
	}
	s.trial = now.Add(trialEvery)
	return true, nil
}

// heard notes an answer of the instance's own.
func (s *silence) heard() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unanswered, s.heardAt = 0, s.now()
}

// unheard notes a call that got none.
func (s *silence) unheard() {
	s.mu.Lock()
	s.unanswered++
	tell := s.unanswered >= suspectAfter
	if s.unanswered == suspectAfter {
		s.trial = s.now().Add(trialEvery)
	}
	s.mu.Unlock()
	if tell && s.suspect != nil {
		s.suspect()
	}
}

// forget lets calls through again: another process has heard of the instance.
func (s *silence) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unanswered = 0
}

func (s *silence) heardSince(t time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.heardAt.IsZero() && !s.heardAt.Before(t)
}

// silent is the error for calls to an instance that is known not to answer. Nothing is
// sent; whoever waits is rung when it answers.
func silent(in neo.Integration) *neo.Error {
	return &neo.Error{Code: neo.CodeUnavailable, Away: true, Message: hostOf(in.InstanceURL) +
		" is hibernating, under maintenance or unreachable: it has not answered since " + neo.Moment(in.SilentSince) +
		". What is to be done there waits and goes on when it answers; nothing is lost."}
}
