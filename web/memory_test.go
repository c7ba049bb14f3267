package web

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func TestMemory(t *testing.T) {
	c := &clock{at: time.Unix(1_000_000, 0)}
	m := &memory[int]{good: time.Minute, bad: time.Second, now: c.now}
	asked := 0
	get := func(key string, err error) (int, error) {
		return m.get(t.Context(), key, func(context.Context) (int, error) { asked++; return asked, err })
	}
	broken := errors.New("broken")
	for _, step := range []struct {
		name  string
		after time.Duration
		key   string
		err   error // of who is asked
		asked bool
		fails bool
	}{
		{"the first time", 0, "a/1", nil, true, false},
		{"again", 59 * time.Second, "a/1", nil, false, false},
		{"another key", 0, "a/2", nil, true, false},
		{"too old", time.Second, "a/1", nil, true, false},
		{"an error", 0, "b/1", broken, true, true},
		{"an error that is remembered", 0, "b/1", nil, false, true},
		{"an error that is too old", time.Second, "b/1", nil, true, false},
	} {
		c.at = c.at.Add(step.after)
		before := asked
		_, err := get(step.key, step.err)
		if (asked > before) != step.asked || (err != nil) != step.fails {
			t.Errorf("%s: asked %v, error %v", step.name, asked > before, err)
		}
	}
	before := asked
	m.forget("a/")
	_, _ = get("b/1", nil)
	if asked != before {
		t.Error("what has another beginning was forgotten")
	}
	_, _ = get("a/1", nil)
	_, _ = get("a/2", nil)
	if asked != before+2 {
		t.Error("not everything was forgotten")
	}
	for n := range 2 * maxRemembered {
		_, _ = get(fmt.Sprint("many/", n), nil)
	}
	if len(m.kept) > maxRemembered {
		t.Errorf("%d answers are kept", len(m.kept))
	}
}

func TestMemoryAsksOnceForMany(t *testing.T) {
	m := &memory[int]{good: time.Minute, bad: time.Minute, now: time.Now}
	var asked atomic.Int64
	begun, answer := make(chan struct{}), make(chan struct{})
	ask := func(context.Context) (int, error) {
		if asked.Add(1) == 1 {
			close(begun)
		}
		<-answer
		return 7, nil
	}
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if v, err := m.get(t.Context(), "key", ask); v != 7 || err != nil {
				t.Errorf("%d, %v", v, err)
			}
		})
	}
	<-begun
	impatient, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.get(impatient, "key", ask); !errors.Is(err, context.Canceled) {
		t.Errorf("who went away got %v", err)
	}
	close(answer)
	wg.Wait()
	if asked.Load() != 1 {
		t.Errorf("asked %d times", asked.Load())
	}
}

// When whoever asks goes away, the next one asks.
func TestMemoryOfAnInterruptedQuestion(t *testing.T) {
	m := &memory[int]{good: time.Minute, bad: time.Minute, now: time.Now}
	ctx, cancel := context.WithCancel(t.Context())
	begun := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		_, err := m.get(ctx, "key", func(ctx context.Context) (int, error) {
			close(begun)
			<-ctx.Done()
			return 0, ctx.Err()
		})
		if err == nil {
			t.Error("an interrupted question was answered")
		}
	})
	<-begun
	wg.Go(func() {
		v, err := m.get(t.Context(), "key", func(context.Context) (int, error) { return 7, nil })
		if v != 7 || err != nil {
			t.Errorf("the next one got %d, %v", v, err)
		}
	})
	cancel()
	wg.Wait()
}

// A fault while asking does not keep others waiting.
func TestMemoryAfterAPanic(t *testing.T) {
	c := &clock{at: time.Unix(1_000_000, 0)}
	m := &memory[int]{good: time.Minute, bad: time.Second, now: c.now}
	func() {
		defer func() { _ = recover() }()
		_, _ = m.get(t.Context(), "key", func(context.Context) (int, error) { panic("oh") })
	}()
	if _, err := m.get(t.Context(), "key", nil); !errors.Is(err, errUnanswered) {
		t.Errorf("the next one got %v", err)
	}
	c.at = c.at.Add(time.Second)
	if v, err := m.get(t.Context(), "key", func(context.Context) (int, error) { return 7, nil }); v != 7 || err != nil {
		t.Errorf("the one after got %d, %v", v, err)
	}
}
