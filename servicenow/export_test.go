package servicenow

import (
	"context"
	"time"

	"github.com/neoagent/neo"
)

// AllChanges walks the changes since a time as the sweep does, and returns how often
// each record came, by sys_id, and in how many pages.
func (s *Tickets) AllChanges(ctx context.Context, since time.Time) (seen map[string]int, pages int, err error) {
	seen = map[string]int{}
	for at := (cursor{at: since}); ; {
		list, more, _, err := s.changes(ctx, at)
		if err != nil {
			return nil, 0, err
		}
		pages++
		for _, c := range list {
			seen[c.ref.RemoteID]++
			at = cursor{c.at, c.ref.RemoteID}
		}
		if !more {
			return seen, pages, nil
		}
	}
}

// SweepSince looks for changes as a sweep does whose watermark is since.
func (w *Watcher) SweepSince(ctx context.Context, in neo.Integration, since time.Time) error {
	watch := neo.Watch{IntegrationID: in.ID, WatchData: neo.WatchData{Since: since, Sweep: neo.Sweep{Watermark: since}}}
	_, err := w.sweepAll(ctx, in, &watch)
	return err
}

// SweepOnce sweeps on from where watch is.
func (w *Watcher) SweepOnce(ctx context.Context, in neo.Integration, watch *neo.Watch) error {
	_, err := w.sweepAll(asWatcher(ctx), in, watch)
	return err
}

// Judge finds out which notes of the events technicians wrote.
func Judge(ctx context.Context, tickets *Tickets, now time.Time, events []neo.Event) error {
	return (&authors{}).judge(ctx, tickets, now, events)
}
