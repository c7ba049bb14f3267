package storetest

import (
	"testing"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/store"
)

var runTests = []test{
	{"are read as they were stored", func(t *testing.T, db *store.DB) {
		want := run("w1", event("1", 1))
		want.Outcome, want.Message, want.Attempt, want.OnceKey = neo.Failure, "No such group.", 3, "1"
		want.StartedAt, want.FinishedAt = noon.Add(time.Millisecond), noon.Add(time.Hour)
		insertRuns(t, db, want)
		equal(t, "run", must[neo.Run](t)(db.Run(t.Context(), ours, want.ID)), want)
	}},
	{"are made once for a workflow and an event", func(t *testing.T, db *store.DB) {
		e, other := event("1", 1), event("1", 2)
		a := run("w1", e)
		equal(t, "new", insertRuns(t, db, a), []bool{true})
		equal(t, "new", insertRuns(t, db, a, run("w1", e), run("w2", e), run("w2", e), run("w1", other)),
			[]bool{false, false, true, false, true})
	}},
	{"are made once for a workflow and a once-key", func(t *testing.T, db *store.DB) {
		keyed := func(workflow string, version int64, key string) neo.Run {
			r := run(workflow, event("1", version))
			r.OnceKey = key
			return r
		}
		equal(t, "new", insertRuns(t, db, keyed("w1", 1, "a"), keyed("w1", 2, "a"), keyed("w1", 3, "b"), keyed("w2", 1, "a")),
			[]bool{true, false, true, true})
		equal(t, "new", insertRuns(t, db, keyed("w1", 4, "a"), keyed("w1", 5, ""), keyed("w1", 6, "")), []bool{false, true, true})
	}},
	{"are updated by who holds them", func(t *testing.T, db *store.DB) {
		r := run("w1", event("1", 1))
		insertRuns(t, db, r)
		update := func(r neo.Run, owner string) error {
			return db.InTx(t.Context(), func(tx neo.Tx) error { return db.UpdateRun(t.Context(), tx, r, owner) })
		}
		fails(t, update(r, "worker-1"), neo.CodeConflict) // nobody holds it
		fails(t, update(r, ""), neo.CodeConflict)

		r = take(t, db, r.ID, "worker-1", noon)
		fails(t, update(r, "worker-2"), neo.CodeConflict)

		r.Message, r.Attempt = "Waiting for the instance.", 2
		noError(t, update(r, "worker-1"))
		equal(t, "still running", must[neo.Run](t)(db.Run(t.Context(), ours, r.ID)), r)
		noError(t, update(r, "worker-1")) // the lease is kept while running

		r.Outcome, r.DueAt = neo.Pending, noon.Add(time.Hour)
		noError(t, update(r, "worker-1"))
		equal(t, "to be repeated", must[neo.Run](t)(db.Run(t.Context(), ours, r.ID)), r)
		fails(t, update(r, "worker-1"), neo.CodeConflict) // given up

		r = take(t, db, r.ID, "worker-2", noon.Add(time.Minute))
		equal(t, "first start is kept", r.StartedAt, noon)
		r.Outcome, r.FinishedAt, r.Message = neo.Success, noon.Add(time.Hour), "Done."
		noError(t, update(r, "worker-2"))
		equal(t, "finished", must[neo.Run](t)(db.Run(t.Context(), ours, r.ID)), r)
		fails(t, update(r, "worker-2"), neo.CodeConflict)
	}},
	{"fault 32: that wait for their instance are rung when it answers", func(t *testing.T, db *store.DB) {
		hold := func(e neo.Event, away bool, outcome neo.Outcome) string {
			r := run("w1", e)
			insertRuns(t, db, r)
			r = take(t, db, r.ID, "worker", noon)
			r.Outcome, r.Away, r.DueAt = outcome, away, noon.Add(time.Hour)
			inTx(t, db, func(tx neo.Tx) error { return db.UpdateRun(t.Context(), tx, r, "worker") })
			return r.ID
		}
		first, second := hold(event("1", 1), true, neo.Pending), hold(event("1", 2), true, neo.Pending)
		clock, over := hold(event("1", 3), false, neo.Pending), hold(event("1", 4), true, neo.Failure)
		elsewhere := event("1", 5)
		elsewhere.Ticket.IntegrationID = "another"
		other := hold(elsewhere, true, neo.Pending)
		in := event("1", 1).Ticket.IntegrationID
		equal(t, "waiting", must[int64](t)(db.CountAway(t.Context(), in)), int64(2))
		ring := func(limit int) (jobs []neo.Job) {
			inTx(t, db, func(tx neo.Tx) (err error) {
				jobs, err = db.RingAway(t.Context(), tx, in, noon.Add(time.Minute), limit)
				return err
			})
			return jobs
		}
		equal(t, "rung", ring(1), []neo.Job{{RunID: first}})
		equal(t, "rung", ring(10), []neo.Job{{RunID: second}})
		equal(t, "rung", len(ring(10)), 0)
		equal(t, "waiting", must[int64](t)(db.CountAway(t.Context(), in)), int64(0))
		for id, due := range map[string]time.Time{first: noon.Add(time.Minute), second: noon.Add(time.Minute), clock: noon.Add(time.Hour), over: noon.Add(time.Hour), other: noon.Add(time.Hour)} {
			equal(t, "due", must[neo.Run](t)(db.Run(t.Context(), ours, id)).DueAt, due)
		}
	}},
	{"that are unfinished are listed by page", func(t *testing.T, db *store.DB) {
		var want []neo.Job
		for version := range int64(7) {
			r := run("w1", event("1", version))
			r.DueAt = noon.Add(time.Duration(version) * time.Hour)
			switch version {
			case 0:
				r.DueAt = time.Time{}
			case 2:
				r.Outcome = neo.Success
			case 3:
				r.Outcome = neo.Running
			case 4:
				r.TenantID = theirs
			}
			insertRuns(t, db, r)
			if !r.Outcome.Final() {
				want = append(want, neo.Job{RunID: r.ID, At: r.DueAt})
			}
		}
		var got []neo.Job
		for after := ""; ; after = got[len(got)-1].RunID {
			page := must[[]neo.Job](t)(db.UnfinishedRuns(t.Context(), after, 4))
			if len(page) == 0 {
				break
			}
			got = append(got, page...)
		}
		equal(t, "jobs", got, want)
	}},
}
