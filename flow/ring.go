package flow

import (
	"context"
	"slices"
	"time"

	"github.com/neoagent/neo"
)

// lookForWaits tells whose tickets have changed. When that is too much at once, some
// are left out: what waits looks by itself as well.
func (in *Ingest) lookForWaits(batch []*delivery) {
	var tickets []neo.TicketRef
	for _, d := range batch {
		if d.isNew && !slices.Contains(tickets, d.event.Ticket) {
			tickets = append(tickets, d.event.Ticket)
		}
	}
	if len(tickets) == 0 {
		return
	}
	select {
	case in.waits <- tickets:
	default:
	}
}

// ringWaiting rings for the runs that wait for tickets which have changed.
func (in *Ingest) ringWaiting() {
	for tickets := range in.waits {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		if err := in.ringFor(ctx, tickets); err != nil {
			in.log.Warn("runs that wait will look later", "err", err)
		}
		cancel()
	}
}

func (in *Ingest) ringFor(ctx context.Context, tickets []neo.TicketRef) error {
	if any, err := in.store.AnyRunWaits(ctx); err != nil || !any {
		return err
	}
	waiting, err := in.store.WaitingRuns(ctx, tickets)
	if err != nil || len(waiting) == 0 {
		return err
	}
	return in.store.InTx(ctx, func(tx neo.Tx) error { return in.queue.Add(ctx, tx, waiting...) })
}
