package storetest

import (
	"testing"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/store"
)

var stepTests = []test{
	{"are read as they were stored last, in order", func(t *testing.T, db *store.DB) {
		r := run("w1", event("1", 1))
		second, first := step(r, 1, neo.StepFailed), step(r, 0, neo.StepWriting)
		putSteps(t, db, second, first, step(run("w1", event("1", 2)), 0, neo.StepDone))
		equal(t, "steps", must[[]neo.Step](t)(db.Steps(t.Context(), ours, r.ID)), []neo.Step{first, second})

		first.State, first.Message, first.AfterVersion = neo.StepDone, "Written.", 9
		putSteps(t, db, first)
		equal(t, "steps", must[[]neo.Step](t)(db.StepsForRun(t.Context(), r.ID)), []neo.Step{first, second})
	}},
	{"have one position each", func(t *testing.T, db *store.DB) {
		r := run("w1", event("1", 1))
		putSteps(t, db, step(r, 0, neo.StepDone))
		fails(t, db.InTx(t.Context(), func(tx neo.Tx) error { return db.PutStep(t.Context(), tx, step(r, 0, neo.StepDone)) }), neo.CodeConflict)
	}},
	{"write to a ticket one at a time", func(t *testing.T, db *store.DB) {
		first, second := step(run("w1", event("1", 1)), 0, neo.StepWriting), step(run("w2", event("1", 1)), 0, neo.StepWriting)
		putSteps(t, db, first)
		put := func(s neo.Step) error {
			return db.InTx(t.Context(), func(tx neo.Tx) error { return db.PutStep(t.Context(), tx, s) })
		}
		fails(t, put(second), neo.CodeConflict)
		noError(t, put(first)) // itself again, after a crash
		first.State = neo.StepDone
		putSteps(t, db, first, second)
	}},
	{"that write are found by their tickets", func(t *testing.T, db *store.DB) {
		writing := func(remoteID string, state neo.StepState) neo.Step {
			return step(run("w1", event(remoteID, 1)), 0, state)
		}
		one, two, done := writing("1", neo.StepWriting), writing("2", neo.StepWriting), writing("3", neo.StepDone)
		elsewhere := writing("4", neo.StepWriting)
		elsewhere.Ticket.Class = neo.Problem
		putSteps(t, db, one, two, done, elsewhere, writing("5", neo.StepWriting), writing("2", neo.StepDone))

		refs := []neo.TicketRef{ref("2"), ref("1"), ref("1"), ref("3"), ref("4"), ref("6")}
		for range 100 { // more than one statement takes
			refs = append(refs, ref(newID()))
		}
		inTx(t, db, func(tx neo.Tx) error {
			equal(t, "writing", must[map[neo.TicketRef]string](t)(db.WritingSteps(t.Context(), tx, refs)),
				map[neo.TicketRef]string{ref("1"): one.ID, ref("2"): two.ID})
			equal(t, "writing to none", must[map[neo.TicketRef]string](t)(db.WritingSteps(t.Context(), tx, nil)), map[neo.TicketRef]string{})
			return nil
		})
	}},
	{"remember what they wrote", func(t *testing.T, db *store.DB) {
		s := step(run("w1", event("1", 1)), 0, neo.StepDone)
		other := event("1", 5)
		other.Ticket.Class = neo.Problem
		events := []neo.Event{event("1", 4), event("1", 5), other, event("2", 5), event("1", 5)}
		for version := range int64(100) {
			events = append(events, event("1", 100+version))
		}
		inTx(t, db, func(tx neo.Tx) error {
			noError(t, db.PutStep(t.Context(), tx, s))
			noError(t, db.AddOwnVersion(t.Context(), tx, ref("1"), 5, s.ID))
			noError(t, db.AddOwnVersion(t.Context(), tx, ref("1"), 5, s.ID)) // said twice after a crash
			noError(t, db.AddOwnVersion(t.Context(), tx, ref("1"), 150, s.ID))
			return nil
		})
		inTx(t, db, func(tx neo.Tx) error {
			for i, own := range must[[]bool](t)(db.OwnVersions(t.Context(), tx, events)) {
				if own != (i == 1 || i == 4 || i == 55) {
					t.Errorf("event %d: own is %v", i, own)
				}
			}
			return nil
		})
		equal(t, "from 0 to 149", must[[]int64](t)(db.OwnVersionsFrom(t.Context(), ref("1"), 0, 149)), []int64{5})
		equal(t, "from 5 to 150", must[[]int64](t)(db.OwnVersionsFrom(t.Context(), ref("1"), 5, 150)), []int64{5, 150})
		equal(t, "of another ticket", must[[]int64](t)(db.OwnVersionsFrom(t.Context(), ref("2"), 0, 200)), []int64(nil))
	}},
	{"cannot finish unseen by a delivery that saw them writing", func(t *testing.T, db *store.DB) {
		s := step(run("w1", event("1", 1)), 0, neo.StepWriting)
		putSteps(t, db, s)
		held := event("1", 5)
		held.Disposition, held.HeldBy = neo.DispositionHeld, s.ID

		finished := make(chan []neo.Event)
		inTx(t, db, func(tx neo.Tx) error {
			equal(t, "writing", must[map[neo.TicketRef]string](t)(db.WritingSteps(t.Context(), tx, []neo.TicketRef{ref("1")})),
				map[neo.TicketRef]string{ref("1"): s.ID})
			go func() {
				var events []neo.Event
				err := db.InTx(t.Context(), func(tx neo.Tx) (err error) {
					s.State = neo.StepDone
					if err := db.PutStep(t.Context(), tx, s); err != nil {
						return err
					}
					events, err = db.HeldEvents(t.Context(), tx, s.ID)
					return err
				})
				if err != nil {
					t.Error(err)
				}
				finished <- events
			}()
			lockWaited(t, db)
			_, err := db.AppendEvents(t.Context(), tx, []neo.Event{held})
			return err
		})
		equal(t, "held", <-finished, []neo.Event{held})
	}},
	{"that finish are followed by what they wrote", func(t *testing.T, db *store.DB) {
		s := step(run("w1", event("1", 1)), 0, neo.StepWriting)
		putSteps(t, db, s)
		type found struct {
			writing int
			own     []bool
		}
		delivered := make(chan found)
		inTx(t, db, func(tx neo.Tx) error {
			s.State = neo.StepDone
			noError(t, db.PutStep(t.Context(), tx, s))
			go func() {
				var f found
				err := db.InTx(t.Context(), func(tx neo.Tx) error {
					writing, err := db.WritingSteps(t.Context(), tx, []neo.TicketRef{ref("1")})
					if err != nil {
						return err
					}
					f.writing = len(writing)
					f.own, err = db.OwnVersions(t.Context(), tx, []neo.Event{event("1", 5)})
					return err
				})
				if err != nil {
					t.Error(err)
				}
				delivered <- f
			}()
			lockWaited(t, db)
			return db.AddOwnVersion(t.Context(), tx, ref("1"), 5, s.ID)
		})
		f := <-delivered
		equal(t, "still writing", f.writing, 0)
		equal(t, "own", f.own, []bool{true})
	}},
}
