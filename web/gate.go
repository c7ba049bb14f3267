package web

import (
	"context"
	"time"

	"github.com/neoagent/neo"
)

// gate lets a few at a time do what costs much memory, and a few more wait. The others
// are told to come back.
type gate struct {
	inside chan struct{}
	coming chan struct{} // those inside, and those who wait
}

func newGate(inside, waiting int) *gate {
	return &gate{inside: make(chan struct{}, inside), coming: make(chan struct{}, inside+waiting)}
}

// enter returns when there is room. Call leave when done.
func (g *gate) enter(ctx context.Context) (leave func(), err error) {
	select {
	case g.coming <- struct{}{}:
	default:
		return nil, &neo.Error{Code: neo.CodeUnavailable, RetryAfter: time.Second,
			Message: "Neo is checking as many passwords as it can at once. Wait a few seconds, then try again."}
	}
	select {
	case g.inside <- struct{}{}:
		return func() { <-g.inside; <-g.coming }, nil
	case <-ctx.Done():
		<-g.coming
		return nil, ctx.Err()
	}
}
