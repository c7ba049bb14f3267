package servicenow

import (
	"context"
	"time"
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
