package flow

import (
	"sync"

	"github.com/neoagent/neo"
)

// newest remembers which version of each ticket this process took in last, to see
// at once that one in between is missing. It forgets everything when it is full:
// the sweep finds what it does not.
type newest struct {
	mu       sync.Mutex
	versions map[neo.TicketRef]int64
}

const maxNewest = 20_000 // about 4 MB

// next notes a version and reports whether it is more than one after the last.
func (n *newest) next(ref neo.TicketRef, version int64) (gap bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	last, known := n.versions[ref]
	if known && version <= last {
		return false
	}
	if n.versions == nil || len(n.versions) >= maxNewest {
		n.versions = make(map[neo.TicketRef]int64)
	}
	n.versions[ref] = version
	return known && version > last+1
}

// near reports whether a version is not far ahead of the last one taken in.
func (n *newest) near(ref neo.TicketRef, version int64) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	last, known := n.versions[ref]
	return known && version <= last+mostJump
}

// lookForGaps tells about the integrations of whose tickets a version is missing.
func (in *Ingest) lookForGaps(batch []*delivery) {
	if in.onGap == nil {
		return
	}
	for _, d := range batch {
		if d.isNew && (d.event.Unconfirmed || in.seen.next(d.event.Ticket, d.event.Version)) {
			in.onGap(d.event.Ticket.IntegrationID)
		}
	}
}
