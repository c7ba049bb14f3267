package storetest

import (
	"sync"
	"testing"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/store"
)

var eventTests = []test{
	{"are read newest first, of one integration among the newest of all", func(t *testing.T, db *store.DB) {
		var all []neo.Event
		for n := range 6 {
			e := event("1", int64(n))
			if n == 3 {
				e.Ticket.IntegrationID = "integration-2"
			}
			all = append(all, e)
		}
		foreign := event("2", 1)
		foreign.TenantID = theirs
		appendEvents(t, db, append(all, foreign)...)
		recent := func(integration string, limit int) []neo.Event {
			return must[[]neo.Event](t)(db.RecentEvents(t.Context(), ours, integration, limit))
		}
		equal(t, "all", recent("integration-1", 100), []neo.Event{all[5], all[4], all[2], all[1], all[0]})
		equal(t, "of the newest four", recent("integration-1", 4), []neo.Event{all[5], all[4], all[2]})
		equal(t, "of the other one", recent("integration-2", 4), []neo.Event{all[3]})
		equal(t, "too far back", len(recent("integration-2", 2)), 0)
	}},
	{"are read as they were stored", func(t *testing.T, db *store.DB) {
		want := event("1", 1)
		want.Disposition, want.HeldBy = neo.DispositionHeld, "step-1"
		appendEvents(t, db, want)
		equal(t, "event", must[neo.Event](t)(db.Event(t.Context(), ours, want.ID)), want)

		bare := neo.Event{ID: newID(), TenantID: ours, Ticket: ref("2")}
		appendEvents(t, db, bare)
		equal(t, "bare event", must[neo.Event](t)(db.Event(t.Context(), ours, bare.ID)), bare)
	}},
	{"lose only what no text may hold", func(t *testing.T, db *store.DB) {
		e := event("1", 1)
		e.Number, e.ChangedBy = "INC\x001", "Jos\xe9"
		e.Fields["short_description"] = text("a\x00b\xffc\u2028")
		e.Fields["description"] = text("\x00\x01 \xff")
		r := run("w1", e)
		r.Message = "\xc3( \x00"
		s := step(r, 0, neo.StepDone)
		s.After["state"] = text("\x00\xff")
		appendEvents(t, db, e)
		insertRuns(t, db, r)
		putSteps(t, db, s)

		got := must[neo.Event](t)(db.Event(t.Context(), ours, e.ID))
		equal(t, "number", got.Number, "INC1")
		equal(t, "changed by", got.ChangedBy, "Jos\ufffd")
		equal(t, "fields", got.Fields["description"], text("\x00\x01 \ufffd"))
		equal(t, "message", must[neo.Run](t)(db.Run(t.Context(), ours, r.ID)).Message, "\ufffd( ")
		entries := must[[]neo.HistoryEntry](t)(db.History(t.Context(), ours, neo.HistoryFilter{Ticket: "\x00inc\xff"}))
		equal(t, "found", len(entries), 0)
		entries = must[[]neo.HistoryEntry](t)(db.History(t.Context(), ours, neo.HistoryFilter{Ticket: "INC1", Type: neo.EntityUpdated}))
		equal(t, "title", entries[0].Title, "ab\ufffdc\u2028")
	}},
	{"are stored once for each identity", func(t *testing.T, db *store.DB) {
		first, again, otherVersion, otherTicket := event("1", 1), event("1", 1), event("1", 2), event("2", 1)
		otherClass, otherInstance := event("1", 1), event("1", 1)
		otherClass.Ticket.Class = neo.Problem
		otherInstance.Ticket.IntegrationID = "integration-2"

		equal(t, "new", appendEvents(t, db, first), []bool{true})
		equal(t, "new", appendEvents(t, db, first), []bool{false}) // its commit was not known to have happened
		equal(t, "new", appendEvents(t, db, again, otherVersion, otherTicket, otherClass, otherInstance),
			[]bool{false, true, true, true, true})
		_, err := db.Event(t.Context(), ours, again.ID)
		fails(t, err, neo.CodeNotFound)
	}},
	{"are stored once within a batch, the first of them", func(t *testing.T, db *store.DB) {
		a, b, twin := event("1", 1), event("2", 7), event("1", 1)
		equal(t, "new", appendEvents(t, db, a, twin, b, b, a), []bool{true, false, true, false, false})
		_ = must[neo.Event](t)(db.Event(t.Context(), ours, a.ID))
	}},
	{"are stored in any number", func(t *testing.T, db *store.DB) {
		equal(t, "new", appendEvents(t, db), []bool{})
		const n = 64 + 16 + 4 + 3
		var events []neo.Event
		for version := range int64(n) {
			events = append(events, event("1", n-version)) // newest first: not the order of the index
		}
		old := events[50]
		appendEvents(t, db, old)
		for i, isNew := range appendEvents(t, db, events...) {
			if isNew != (i != 50) {
				t.Errorf("event %d: new is %v", i, isNew)
			}
		}
	}},
	{"are new for one of those who deliver them at once", func(t *testing.T, db *store.DB) {
		const deliverers, versions = 8, 40
		var mu sync.Mutex
		news := make([]int, versions)
		var wg sync.WaitGroup
		for d := range deliverers {
			wg.Go(func() {
				var events []neo.Event
				for v := range versions {
					v = (v*7 + d*11) % versions // each in an order of its own
					events = append(events, event("1", int64(v)))
				}
				for i, isNew := range appendEvents(t, db, events...) {
					if isNew {
						mu.Lock()
						news[events[i].Version]++
						mu.Unlock()
					}
				}
			})
		}
		wg.Wait()
		for version, n := range news {
			if n != 1 {
				t.Errorf("version %d was new %d times", version, n)
			}
		}
	}},
	{"can have several states of one version (fault 2)", func(t *testing.T, db *store.DB) {
		first, second, next := event("1", 1), event("1", 1), event("1", 2)
		second.Revision = 1
		appendEvents(t, db, first, next)
		newest := func(version, revision int64) {
			t.Helper()
			ticket := must[neo.Ticket](t)(db.Ticket(t.Context(), ours, ref("1")))
			all := must[[]neo.Event](t)(db.NewestEvents(t.Context(), ref("1"), 1))
			listed := must[[]neo.Event](t)(db.NewestTickets(t.Context(), ours, 5))
			if ticket.Version != version || len(all) != 1 || all[0].Version != version || all[0].Revision != revision || len(listed) != 1 || listed[0].Version != version {
				t.Errorf("the newest is %d by the ticket, %+v, %d listed; want version %d, revision %d", ticket.Version, all, len(listed), version, revision)
			}
			if states := must[[]neo.Ticket](t)(db.TicketsAfter(t.Context(), ours, neo.TicketRef{}, 5)); len(states) != 1 || states[0].Version != version {
				t.Errorf("the states are %+v", states)
			}
		}
		newest(2, 0)
		inTx(t, db, func(tx neo.Tx) error {
			equal(t, "new", must[bool](t)(db.AppendRevision(t.Context(), tx, second)), true)
			equal(t, "new", must[bool](t)(db.AppendRevision(t.Context(), tx, second)), false)
			stored := must[[][]neo.Event](t)(db.Revisions(t.Context(), tx, []neo.Event{event("2", 1), event("1", 1)}))
			equal(t, "stored", stored, [][]neo.Event{nil, {first, second}})
			return db.Confirm(t.Context(), tx, second, second.ReceivedAt.Add(time.Hour))
		})
		newest(1, 1)
		equal(t, "versions", must[map[neo.TicketRef]neo.Versions](t)(db.Versions(t.Context(), []neo.TicketRef{ref("1")})),
			map[neo.TicketRef]neo.Versions{ref("1"): {First: 1, Newest: 1, Known: 1, ChangedAt: second.ChangedAt}})
		before, known, err := db.EventBefore(t.Context(), second)
		if err != nil || !known || before.ID != first.ID {
			t.Errorf("before it was %s, %v, %v", before.ID, known, err)
		}
		inTx(t, db, func(tx neo.Tx) error { return db.Confirm(t.Context(), tx, next, next.ReceivedAt) })
		newest(2, 0)
		inTx(t, db, func(tx neo.Tx) error { return db.Disbelieve(t.Context(), tx, next.ID) })
		newest(1, 1)
		later := must[[]neo.Event](t)(db.EventsAfter(t.Context(), first, 5))
		equal(t, "after the first", len(later), 1)
		noError(t, db.TrimEvent(t.Context(), first.ID, neo.EventData{}))
		equal(t, "trimmed", len(must[neo.Event](t)(db.Event(t.Context(), ours, first.ID)).Fields), 0)
	}},
	{"know whether the sweep was faster (fault 30)", func(t *testing.T, db *store.DB) {
		appendEvents(t, db, event("1", 1), event("1", 9), event("2", 1))
		found, next, late, before := event("1", 4), event("1", 5), event("1", 3), event("1", 2)
		found.Source = neo.SourceSweep
		overtaken := func(events ...neo.Event) (are []bool) {
			t.Helper()
			appendEvents(t, db, events...)
			for _, e := range events {
				are = append(are, e.Overtaken)
			}
			return are
		}
		equal(t, "after one that was delivered", overtaken(found), []bool{false})
		equal(t, "one after it, one before it, another ticket", overtaken(next, late, event("2", 2)), []bool{false, true, false})
		equal(t, "alone", overtaken(before), []bool{true})
		inTx(t, db, func(tx neo.Tx) error {
			noError(t, db.LockTicket(t.Context(), tx, ref("1")))
			others := must[[]neo.Event](t)(db.EventsAround(t.Context(), tx, late))
			var versions []int64
			for _, e := range others {
				versions = append(versions, e.Version)
			}
			equal(t, "around", versions, []int64{1, 2, 4, 5, 9})
			late.Type, late.Journal, late.Told, late.First, late.Disposition = neo.EntityCreated, nil, late.Journal, 2, neo.DispositionMatched
			return db.Retell(t.Context(), tx, late)
		})
		equal(t, "told", must[neo.Event](t)(db.Event(t.Context(), ours, late.ID)), late)
	}},
	{"are held until decided", func(t *testing.T, db *store.DB) {
		held := func(version int64, step string) neo.Event {
			e := event("1", version)
			e.Disposition, e.HeldBy = neo.DispositionHeld, step
			return e
		}
		a, b, other := held(3, "step-1"), held(2, "step-1"), held(4, "step-2")
		appendEvents(t, db, a, b, other, event("1", 5))
		inTx(t, db, func(tx neo.Tx) error {
			got := must[[]neo.Event](t)(db.HeldEvents(t.Context(), tx, "step-1"))
			equal(t, "held", got, []neo.Event{b, a})
			noError(t, db.SetDisposition(t.Context(), tx, b.ID, neo.DispositionOwn))
			noError(t, db.SetDisposition(t.Context(), tx, a.ID, neo.DispositionMatched))
			equal(t, "held", must[[]neo.Event](t)(db.HeldEvents(t.Context(), tx, "step-1")), []neo.Event(nil))
			return nil
		})
		b.Disposition, b.HeldBy = neo.DispositionOwn, ""
		equal(t, "decided", must[neo.Event](t)(db.Event(t.Context(), ours, b.ID)), b)
		inTx(t, db, func(tx neo.Tx) error {
			fails(t, db.SetDisposition(t.Context(), tx, newID(), neo.DispositionOwn), neo.CodeNotFound)
			equal(t, "held", must[[]neo.Event](t)(db.HeldEvents(t.Context(), tx, "step-2")), []neo.Event{other})
			return nil
		})
	}},
	{"know their runs", func(t *testing.T, db *store.DB) {
		e, other := event("1", 1), event("1", 2)
		a, b := run("w1", e), run("w2", e)
		appendEvents(t, db, e, other)
		insertRuns(t, db, a, b, run("w1", other))
		equal(t, "runs", must[[]neo.Run](t)(db.EventRuns(t.Context(), ours, e.ID)), []neo.Run{a, b})
	}},
}
