package servicenow

import (
	"github.com/neoagent/neo"
)

// stateBefore returns what Neo knew of a ticket before the state t, which was read, of
// what it knows, the oldest version first; false when it knows nothing.
// Usually that is the newest state. Where t counts less than that, the instance counts
// anew (it was restored or cloned over), or the newest is of a version that it never had.
// The latter stands apart from those below it, and is passed over.
func stateBefore(known []neo.Event, t *neo.Ticket) (*neo.Event, bool) {
	if len(known) == 0 {
		return nil, false
	}
	newest := &known[len(known)-1]
	if newest.Version <= t.Version {
		return newest, true
	}
	for i := len(known) - 1; i >= 0; i-- {
		e := &known[i]
		inRow := i == 0 || e.Version-known[i-1].Version <= 1
		if e.Version <= t.Version || inRow && e.Dated() && !e.ChangedAt.After(t.UpdatedAt) {
			return e, true
		}
	}
	return newest, true
}
