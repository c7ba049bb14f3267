package queue

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"github.com/neoagent/neo"
)

const (
	firstWait = time.Second
	lastWait  = time.Minute
)

// Backoff is how long to wait before telling a worker again, after it has failed
// tries times in a row (1 for the first failure), the last time with err. It
// doubles from one second to one minute, less or more a little, so that many runs
// that failed together do not come back together. It is never shorter than the
// wait that err asks for.
func Backoff(tries int, err error) time.Duration {
	wait := lastWait
	if shift := max(tries, 1) - 1; shift < 6 { // 1 s << 6 is more than a minute
		wait = min(lastWait, firstWait<<shift*4/3)
	}
	wait -= rand.N(wait/4 + 1)
	if asked, _ := neo.Retryable(err); asked > wait {
		wait = asked + rand.N(asked/4+1)
	}
	return wait
}

// Tell calls work as the contract of Worker says: within Timeout, and with a panic
// turned into an error, so that one bad run cannot end the process.
func Tell(ctx context.Context, log *slog.Logger, work Worker, runID string) (err error) {
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			log.ErrorContext(ctx, "A worker panicked; the run will be told again.", "run", runID, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("worker panicked on run %s: %v", runID, p)
		}
	}()
	return work(ctx, runID)
}
