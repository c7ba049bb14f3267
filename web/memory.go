package web

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"
)

// memory keeps what took a question to another system, for a while. Those who want
// the same at the same time wait for one answer.
type memory[T any] struct {
	good time.Duration // how long an answer is kept
	bad  time.Duration // how long an error is kept, so that not everybody waits for it
	now  func() time.Time

	mu   sync.Mutex
	kept map[string]*remembered[T]
}

type remembered[T any] struct {
	done  chan struct{} // closed when the rest is set
	value T
	err   error
	until time.Time
}

// errUnanswered is what others get when whoever asked did not come back.
var errUnanswered = errors.New("the question was not answered")

// maxRemembered bounds the answers of one memory.
const maxRemembered = 1_000

// get returns what is kept under key, or what ask answers.
func (m *memory[T]) get(ctx context.Context, key string, ask func(ctx context.Context) (T, error)) (T, error) {
	for {
		r, mine := m.entry(key)
		if mine {
			defer m.settle(ctx, key, r)
			r.err = errUnanswered // unless ask returns
			r.value, r.err = ask(ctx)
			return r.value, r.err
		}
		select {
		case <-r.done:
			if !r.until.IsZero() {
				return r.value, r.err
			}
			// Whoever asked was interrupted: ask again.
		case <-ctx.Done():
			var none T
			return none, ctx.Err()
		}
	}
}

// entry returns what is kept or being asked for under key; mine says that the caller
// has to ask and settle it.
func (m *memory[T]) entry(key string) (r *remembered[T], mine bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	if r, ok := m.kept[key]; ok && !r.over(now) {
		return r, false
	}
	if m.kept == nil || len(m.kept) >= maxRemembered {
		m.kept = map[string]*remembered[T]{}
	}
	r = &remembered[T]{done: make(chan struct{})}
	m.kept[key] = r
	return r, true
}

// over reports whether an answer is there and too old.
func (r *remembered[T]) over(now time.Time) bool {
	select {
	case <-r.done:
		return !now.Before(r.until)
	default:
		return false
	}
}

func (m *memory[T]) settle(ctx context.Context, key string, r *remembered[T]) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case r.err == nil:
		r.until = m.now().Add(m.good)
	case ctx.Err() == nil:
		r.until = m.now().Add(m.bad)
	case m.kept[key] == r:
		delete(m.kept, key)
	}
	close(r.done)
}

// forget drops everything whose key begins with prefix.
func (m *memory[T]) forget(prefix string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for key := range m.kept {
		if strings.HasPrefix(key, prefix) {
			delete(m.kept, key)
		}
	}
}
