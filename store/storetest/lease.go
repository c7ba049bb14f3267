package storetest

import (
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/store"
)

// take leases a run for a minute and fails the test when it cannot.
func take(t testing.TB, db *store.DB, id, owner string, now time.Time) neo.Run {
	t.Helper()
	r, taken, _, err := db.TakeRun(t.Context(), id, owner, now, now.Add(time.Minute))
	noError(t, err)
	if !taken {
		t.Fatal("not taken")
	}
	return r
}

// refused checks that a run is not taken.
func refused(t testing.TB, db *store.DB, id, owner string, now time.Time) (neo.Run, time.Time) {
	t.Helper()
	r, taken, leasedUntil, err := db.TakeRun(t.Context(), id, owner, now, now.Add(time.Minute))
	noError(t, err)
	if taken {
		t.Fatal("taken")
	}
	return r, leasedUntil
}

var leaseTests = []test{
	{"belong to one owner until they end", func(t *testing.T, db *store.DB) {
		want := run("w1", event("1", 1))
		insertRuns(t, db, want)
		want.Outcome, want.StartedAt = neo.Running, noon

		equal(t, "taken", take(t, db, want.ID, "worker-1", noon), want)
		got, until := refused(t, db, want.ID, "worker-2", noon.Add(time.Second))
		equal(t, "refused", got, want)
		equal(t, "leased until", until, noon.Add(time.Minute))

		take(t, db, want.ID, "worker-1", noon.Add(30*time.Second)) // the owner may take it again, and prolongs it
		refused(t, db, want.ID, "worker-2", noon.Add(time.Minute))

		equal(t, "renewed", must[bool](t)(db.RenewLease(t.Context(), want.ID, "worker-1", noon.Add(time.Hour))), true)
		equal(t, "renewed by another", must[bool](t)(db.RenewLease(t.Context(), want.ID, "worker-2", noon.Add(time.Hour))), false)
		equal(t, "renewed by nobody", must[bool](t)(db.RenewLease(t.Context(), want.ID, "", noon.Add(time.Hour))), false)
		refused(t, db, want.ID, "worker-2", noon.Add(time.Hour-time.Millisecond))

		equal(t, "taken over", take(t, db, want.ID, "worker-2", noon.Add(time.Hour)), want)
		equal(t, "renewed too late", must[bool](t)(db.RenewLease(t.Context(), want.ID, "worker-1", noon.Add(2*time.Hour))), false)
	}},
	{"are not given for finished and unknown runs", func(t *testing.T, db *store.DB) {
		for _, outcome := range []neo.Outcome{neo.Success, neo.Failure, neo.Skipped} {
			r := run("w-"+string(outcome), event("1", 1))
			r.Outcome = outcome
			insertRuns(t, db, r)
			got, until := refused(t, db, r.ID, "worker-1", noon)
			equal(t, "run", got, r)
			equal(t, "leased until", until, time.Time{})
		}
		_, _, _, err := db.TakeRun(t.Context(), newID(), "worker-1", noon, noon)
		fails(t, err, neo.CodeNotFound)
	}},
	{"are void once released", func(t *testing.T, db *store.DB) {
		r := run("w1", event("1", 1))
		insertRuns(t, db, r)
		take(t, db, r.ID, "worker-1", noon)
		noError(t, db.ReleaseLeases(t.Context()))
		equal(t, "renewed", must[bool](t)(db.RenewLease(t.Context(), r.ID, "worker-1", noon.Add(time.Hour))), false)
		take(t, db, r.ID, "worker-2", noon)
	}},
	{"are given to one of many", func(t *testing.T, db *store.DB) {
		r := run("w1", event("1", 1))
		insertRuns(t, db, r)
		var taken atomic.Int64
		var wg sync.WaitGroup
		for n := range 8 {
			wg.Go(func() {
				_, ok, until, err := db.TakeRun(t.Context(), r.ID, "worker-"+strconv.Itoa(n), noon, noon.Add(time.Minute))
				if err != nil {
					t.Error(err)
				}
				if ok {
					taken.Add(1)
				}
				if !until.Equal(noon.Add(time.Minute)) {
					t.Errorf("leased until %v", until)
				}
			})
		}
		wg.Wait()
		equal(t, "taken", taken.Load(), int64(1))
	}},
}
