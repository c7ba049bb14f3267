package simulator

import (
	"context"
	"sync"
)

// idle counts work in hand and lets others wait for none.
type idle struct {
	mu   sync.Mutex
	n    int
	none chan struct{} // closed while n is 0
}

func newIdle() *idle {
	i := &idle{none: make(chan struct{})}
	close(i.none)
	return i
}

func (i *idle) begin() {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.n++; i.n == 1 {
		i.none = make(chan struct{})
	}
}

func (i *idle) end() {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.n--; i.n == 0 {
		close(i.none)
	}
}

func (i *idle) isIdle() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.n == 0
}

func (i *idle) wait(ctx context.Context) error {
	i.mu.Lock()
	none := i.none
	i.mu.Unlock()
	select {
	case <-none:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
