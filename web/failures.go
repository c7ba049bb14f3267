package web

import (
	"strings"
	"sync"
	"time"
)

// failures slows down guessing of passwords and keys: after five failures for an
// address within a minute, that address has to wait for the rest of it. It is
// held by one replica; with several, guessing is slowed by each of them.
type failures struct {
	now func() time.Time
	mu  sync.Mutex
	by  map[string]failure
}

type failure struct {
	since time.Time
	count int
}

const (
	failureWindow = time.Minute
	failureLimit  = 5
	failureKeys   = 10_000 // addresses remembered at most
)

func newFailures(now func() time.Time) *failures {
	return &failures{now: now, by: map[string]failure{}}
}

// wait returns how long the address has to wait; 0 when it may try.
func (f *failures) wait(email string) time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	was := f.by[strings.ToLower(email)]
	if was.count < failureLimit {
		return 0
	}
	return max(0, failureWindow-f.now().Sub(was.since))
}

func (f *failures) failed(email string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	key, now := strings.ToLower(email), f.now()
	was := f.by[key]
	if now.Sub(was.since) >= failureWindow {
		was = failure{since: now}
	}
	was.count++
	if len(f.by) >= failureKeys {
		for k, old := range f.by {
			if now.Sub(old.since) >= failureWindow {
				delete(f.by, k)
			}
		}
	}
	if len(f.by) < failureKeys {
		f.by[key] = was
	}
}

func (f *failures) succeeded(email string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.by, strings.ToLower(email))
}
