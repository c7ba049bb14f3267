package web

import (
	"hash/maphash"
	"sync"
	"time"

	"github.com/neoagent/neo"
)

// tries counts what may be guessed at: passwords and keys. A try is counted before it is
// checked, in the same step that looks whether it may be made, so that any number at once
// gets no more than one after the other; one that was right is taken back.
//
// There are a fixed number of counters, chosen by a hash of what is counted with a seed of
// this process: memory is bounded, and counting never stops. Two keys that share a counter
// share their tries; with the few tries that can be checked in a minute (see gate) that
// hardly happens. The counters are one replica's; with several, guessing is slowed by each
// of them.
type tries struct {
	now  func() time.Time
	seed maphash.Seed

	mu       sync.Mutex
	counters []counter
}

type counter struct {
	since time.Time
	count int
}

// try is what one try counts against, and how many of them a minute there may be.
type try struct {
	what string
	most int
}

const (
	tryWindow   = time.Minute
	tryCounters = 1 << 16

	accountTries = 5  // at one account, from sources that are not known
	knownTries   = 5  // at one account, from one source that is known
	sourceTries  = 20 // from one source, at any account
	keyTries     = 5  // wrong API keys from one source
)

func newTries(now func() time.Time) *tries {
	return &tries{now: now, seed: maphash.MakeSeed(), counters: make([]counter, tryCounters)}
}

func (t *tries) counter(what string) *counter {
	return &t.counters[maphash.String(t.seed, what)%tryCounters]
}

// take counts one try against all of these, or against none of them when one has no more
// left: wait says then how long it takes until it has.
func (t *tries) take(all ...try) (wait time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	for _, one := range all {
		c := t.counter(one.what)
		if now.Sub(c.since) >= tryWindow {
			*c = counter{since: now}
		}
		if c.count >= one.most {
			wait = max(wait, tryWindow-now.Sub(c.since))
		}
	}
	if wait > 0 {
		return wait
	}
	for _, one := range all {
		t.counter(one.what).count++
	}
	return 0
}

// giveBack takes back the count of a try that was right, or that was not made after all.
func (t *tries) giveBack(all ...try) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, one := range all {
		if c := t.counter(one.what); c.count > 0 {
			c.count--
		}
	}
}

// tooMany is the error for a try that may not be made yet.
func tooMany(wait time.Duration, message string) error {
	return &neo.Error{Code: neo.CodeRateLimited, RetryAfter: wait, Message: message}
}
