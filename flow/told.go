package flow

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/neoagent/neo"
)

// untold takes out of the events that were just stored what the ticket's others have
// told: a delivery that comes after the sweep has found its version among others starts
// nothing for it again. Only those that the sweep has overtaken, and what the sweep finds
// itself, are looked at: others cost nothing. It is called after whatever else locks rows,
// in the order of tickets, so that no two transactions wait for each other.
func (in *Ingest) untold(ctx context.Context, tx neo.Tx, s *snapshot, batch []*delivery, events []neo.Event, isNew []bool) error {
	var late []int
	for i := range events {
		e := &events[i]
		if isNew[i] && e.Revision == 0 && !e.Empty() && (e.Overtaken && e.Source == neo.SourceWebhook || e.Source == neo.SourceSweep) {
			late = append(late, i)
		}
	}
	slices.SortFunc(late, func(a, b int) int {
		x, y := events[a].Ticket, events[b].Ticket
		return cmp.Or(strings.Compare(x.IntegrationID, y.IntegrationID), strings.Compare(string(x.Class), string(y.Class)), strings.Compare(x.RemoteID, y.RemoteID),
			cmp.Compare(events[a].Version, events[b].Version))
	})
	for _, i := range late {
		e := &events[i]
		if err := in.store.LockTicket(ctx, tx, e.Ticket); err != nil {
			return err
		}
		others, err := in.store.EventsAround(ctx, tx, *e)
		if err != nil {
			return err
		}
		news, less := e.Untold(others)
		if !less {
			continue
		}
		in.complete(&news, s)
		batch[i].matches, batch[i].told = nil, true
		if !news.Empty() {
			batch[i].matches = s.match(&news)
		}
		if e.Disposition != neo.DispositionOwn && e.Disposition != neo.DispositionHeld {
			e.Disposition = disposition(&news, batch[i].matches)
		}
		e.Type, e.Journal, e.Told, e.Kinds = news.Type, news.Journal, news.Told, news.Kinds // what it changed stays its own
		if err := in.store.Retell(ctx, tx, *e); err != nil {
			return err
		}
	}
	return nil
}
