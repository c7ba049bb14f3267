package servicenow

import (
	"sync"
	"time"
)

const (
	// learntFor is how long Neo goes by what it has read of an instance's tables: an
	// administrator changes them rarely, and then waits a moment.
	learntFor = 5 * time.Minute
	// mostLearnt bounds what is kept of one instance: six classes with their fields,
	// and the choice lists that people look at.
	mostLearnt = 300
)

// learnt keeps what is slow to read from an instance and rarely changes, for a while.
// It is safe for concurrent use. A nil one keeps nothing.
type learnt struct {
	now func() time.Time
	mu  sync.Mutex
	all map[string]lesson
}

type lesson struct {
	value any
	until time.Time
}

func newLearnt(now func() time.Time) *learnt { return &learnt{now: now, all: map[string]lesson{}} }

// forget drops everything: another account, or one with other roles, sees other things.
func (l *learnt) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.all)
}

// remember returns what is kept under key, or else reads it and keeps it. A failure is
// not kept. Callers do not change what they get.
func remember[T any](l *learnt, key string, read func() (T, error)) (T, error) {
	if l == nil {
		return read()
	}
	l.mu.Lock()
	known, ok := l.all[key]
	l.mu.Unlock()
	if value, is := known.value.(T); ok && is && l.now().Before(known.until) {
		return value, nil
	}
	value, err := read()
	if err != nil {
		return value, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.all) >= mostLearnt {
		clear(l.all)
	}
	l.all[key] = lesson{value, l.now().Add(learntFor)}
	return value, nil
}
