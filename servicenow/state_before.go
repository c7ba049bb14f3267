package servicenow

import (
	"context"

	"github.com/neoagent/neo"
)

// stateBefore returns what Neo knew of a ticket before the state t, which was read.
// Usually that is the newest state it knows. Where t counts less than that, the
// instance counts anew (it was restored or cloned over), or the newest is of a version
// that it never had. The latter stands apart from those below it, and is passed over.
func (w *Watcher) stateBefore(ctx context.Context, t neo.Ticket) (neo.Event, bool, error) {
	newest, err := w.Store.NewestEvents(ctx, t.TicketRef, 1)
	if err != nil || len(newest) == 0 || newest[0].Version <= t.Version {
		return first(newest), len(newest) > 0, err
	}
	if newest, err = w.Store.NewestEvents(ctx, t.TicketRef, gapsLookedAt); err != nil {
		return neo.Event{}, false, err
	}
	for i, e := range newest {
		inRow := i+1 == len(newest) || e.Version-newest[i+1].Version <= 1
		if e.Version <= t.Version || inRow && e.Dated() && !e.ChangedAt.After(t.UpdatedAt) {
			return e, true, nil
		}
	}
	return newest[0], true, nil
}

func first(events []neo.Event) (e neo.Event) {
	if len(events) > 0 {
		e = events[0]
	}
	return e
}
