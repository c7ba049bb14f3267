package queue

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/neoagent/neo"
)

func TestBackoff(t *testing.T) {
	plain := errors.New("connection reset")
	asked := &neo.Error{Code: neo.CodeRateLimited, RetryAfter: 90 * time.Second}
	for _, tt := range []struct {
		name     string
		tries    int
		err      error
		min, max time.Duration
	}{
		{"first", 1, plain, time.Second, 1400 * time.Millisecond},
		{"none is the first", 0, plain, time.Second, 1400 * time.Millisecond},
		{"second", 2, plain, 2 * time.Second, 2700 * time.Millisecond},
		{"sixth", 6, plain, 32 * time.Second, 43 * time.Second},
		{"seventh is the longest", 7, plain, 45 * time.Second, time.Minute},
		{"it stays there", 1 << 30, plain, 45 * time.Second, time.Minute},
		{"as long as asked", 1, asked, 90 * time.Second, 113 * time.Second},
		{"a shorter request does not shorten", 7, &neo.Error{Code: neo.CodeUnavailable, RetryAfter: time.Second}, 45 * time.Second, time.Minute},
		{"not retryable is still told later", 1, &neo.Error{Code: neo.CodeInvalid, RetryAfter: time.Hour}, time.Second, 1400 * time.Millisecond},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for range 1000 {
				if got := Backoff(tt.tries, tt.err); got < tt.min || got > tt.max {
					t.Fatalf("Backoff(%d) = %v, want %v to %v", tt.tries, got, tt.min, tt.max)
				}
			}
		})
	}
}

func TestTell(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	err := Tell(t.Context(), log, func(context.Context, string) error { panic("boom") }, "run-1")
	if err == nil {
		t.Error("a panic was not turned into an error")
	}
	err = Tell(t.Context(), log, func(ctx context.Context, _ string) error {
		deadline, ok := ctx.Deadline()
		if left := time.Until(deadline); !ok || left > Timeout {
			t.Errorf("the worker has %v (%v), want at most %v", left, ok, Timeout)
		}
		return nil
	}, "run-1")
	if err != nil {
		t.Error(err)
	}
}
