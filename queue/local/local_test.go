package local_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/queue"
	"github.com/neoagent/neo/queue/local"
	"github.com/neoagent/neo/queue/queuetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestQueue(t *testing.T) {
	queuetest.Run(t, func(t *testing.T) queuetest.Harness {
		db := newDatabase()
		return queuetest.Harness{
			New: func(t *testing.T) queue.Queue {
				q := local.New(local.Options{Workers: 4, Unfinished: db.unfinished})
				t.Cleanup(func() { _ = q.Stop(context.Background()) })
				return q
			},
			Begin:  func(*testing.T) queuetest.Tx { return &fakeTx{db: db} },
			Finish: db.finish,
			// A local queue touches nothing but memory: to forget it is to kill it.
			Crash: func(*testing.T, queue.Queue) {},
		}
	})
}

// The clock of the tests below is synctest's: hours pass at once.

func TestWaitsExactly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := newDatabase()
		q := local.New(local.Options{Unfinished: db.unfinished})
		begun := time.Now()
		told := make(chan string, 10)
		start(t, q, func(_ context.Context, runID string) error {
			told <- fmt.Sprint(runID, " ", time.Since(begun))
			return nil
		})
		add(t, db, q, neo.Job{RunID: "tomorrow", At: begun.Add(24 * time.Hour)}, neo.Job{RunID: "soon", At: begun.Add(time.Second)})
		add(t, db, q, neo.Job{RunID: "sooner", At: begun.Add(time.Millisecond)}, neo.Job{RunID: "now"})
		for _, want := range []string{"now 0s", "sooner 1ms", "soon 1s", "tomorrow 24h0m0s"} {
			if got := <-told; got != want {
				t.Errorf("told %q, want %q", got, want)
			}
		}
		stop(t, q)
	})
}

func TestRetriesForever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := newDatabase()
		q := local.New(local.Options{})
		var times []time.Time
		done := make(chan struct{})
		start(t, q, func(context.Context, string) error {
			if times = append(times, time.Now()); len(times) == 100 {
				close(done)
				return nil
			}
			return errors.New("hibernating")
		})
		add(t, db, q, neo.Job{RunID: "run-1"})
		<-done
		for i := 1; i < len(times); i++ {
			wait, least := times[i].Sub(times[i-1]), min(45*time.Second, time.Second<<min(i-1, 10))
			if wait < least || wait > time.Minute {
				t.Errorf("wait %d was %v, want %v to 1m", i, wait, least)
			}
		}
		stop(t, q)
	})
}

func TestNeverTwiceAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := newDatabase()
		q := local.New(local.Options{Workers: 8})
		var inside, most, total atomic.Int32
		start(t, q, func(context.Context, string) error {
			most.Store(max(most.Load(), inside.Add(1)))
			time.Sleep(time.Second) // of synctest's clock
			inside.Add(-1)
			total.Add(1)
			return nil
		})
		for range 5 {
			add(t, db, q, neo.Job{RunID: "run-1"})
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		// Five bells before and during the first telling: one telling more covers them.
		if most.Load() != 1 || total.Load() != 2 {
			t.Errorf("%d tellings, %d at once; want 2, never two at once", total.Load(), most.Load())
		}
		stop(t, q)
	})
}

func TestOrderAndWorkers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := newDatabase()
		q := local.New(local.Options{Workers: 1})
		var told []string
		start(t, q, func(_ context.Context, runID string) error {
			told = append(told, runID)
			return nil
		})
		var jobs []neo.Job
		var want []string
		for i := range 5000 {
			want = append(want, fmt.Sprintf("run-%04d", i))
			jobs = append(jobs, neo.Job{RunID: want[i]})
		}
		add(t, db, q, jobs...)
		synctest.Wait()
		if !slices.Equal(told, want) {
			t.Error("one worker did not get the runs in the order in which they were added")
		}
		stop(t, q)
	})
}

func TestFillsInPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := newDatabase()
		const runs = 12_345
		for i := range runs {
			db.rows[fmt.Sprintf("run-%06d", i)] = time.Time{}
		}
		q := local.New(local.Options{Unfinished: db.unfinished})
		var n atomic.Int32
		start(t, q, func(context.Context, string) error { n.Add(1); return nil })
		synctest.Wait()
		if n.Load() != runs {
			t.Errorf("%d of %d unfinished runs were told", n.Load(), runs)
		}
		stop(t, q)
	})
}

func TestStartFails(t *testing.T) {
	for name, unfinished := range map[string]func(context.Context, string, int) ([]neo.Job, error){
		"when the rows cannot be read":  func(context.Context, string, int) ([]neo.Job, error) { return nil, errors.New("disk full") },
		"when the pages do not advance": func(context.Context, string, int) ([]neo.Job, error) { return []neo.Job{{RunID: "run-1"}}, nil },
	} {
		t.Run(name, func(t *testing.T) {
			q := local.New(local.Options{Unfinished: unfinished})
			if err := q.Start(t.Context(), func(context.Context, string) error { return nil }); err == nil {
				t.Error("Start = nil, want an error")
			}
			stop(t, q)
		})
	}
}

func TestStopGivesUpOnDeafWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := newDatabase()
		q := local.New(local.Options{})
		leave := make(chan struct{})
		start(t, q, func(context.Context, string) error { <-leave; return nil })
		add(t, db, q, neo.Job{RunID: "run-1"})
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begun := time.Now()
		if err := q.Stop(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Stop = %v", err)
		}
		if took := time.Since(begun); took != time.Second+queue.Grace {
			t.Errorf("Stop took %v", took)
		}
		close(leave)
	})
}

func BenchmarkThroughput(b *testing.B) {
	db := newDatabase()
	q := local.New(local.Options{})
	var left atomic.Int64
	left.Store(int64(b.N))
	done := make(chan struct{})
	if err := q.Start(b.Context(), func(context.Context, string) error {
		if left.Add(-1) == 0 {
			close(done)
		}
		return nil
	}); err != nil {
		b.Fatal(err)
	}
	runs := make([]neo.Job, b.N)
	for i := range runs {
		runs[i].RunID = neo.NewID()
	}
	b.ReportAllocs()
	b.ResetTimer()
	for _, job := range runs {
		tx := &fakeTx{db: db}
		_ = q.Add(b.Context(), tx, job)
		_ = tx.Commit(b.Context())
	}
	<-done
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "jobs/s")
	_ = q.Stop(context.Background())
}

// BenchmarkIdle is the time from a commit to the worker when nothing else happens.
func BenchmarkIdle(b *testing.B) {
	db := newDatabase()
	q := local.New(local.Options{})
	told := make(chan struct{})
	if err := q.Start(b.Context(), func(context.Context, string) error { told <- struct{}{}; return nil }); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		tx := &fakeTx{db: db}
		_ = q.Add(b.Context(), tx, neo.Job{RunID: "run-1"})
		_ = tx.Commit(b.Context())
		<-told
	}
	_ = q.Stop(context.Background())
}

func start(t *testing.T, q queue.Queue, work queue.Worker) {
	t.Helper()
	if err := q.Start(t.Context(), work); err != nil {
		t.Fatal(err)
	}
}

func stop(t *testing.T, q queue.Queue) {
	t.Helper()
	if err := q.Stop(context.Background()); err != nil {
		t.Error(err)
	}
}

func add(t *testing.T, db *database, q queue.Queue, jobs ...neo.Job) {
	t.Helper()
	tx := &fakeTx{db: db}
	if err := q.Add(t.Context(), tx, jobs...); err != nil {
		t.Fatal(err)
	}
	_ = tx.Commit(t.Context())
}

// database is rows in memory: unfinished runs by id, with their times.
type database struct {
	mu   sync.Mutex
	rows map[string]time.Time
}

func newDatabase() *database { return &database{rows: make(map[string]time.Time)} }

func (db *database) unfinished(_ context.Context, after string, limit int) ([]neo.Job, error) {
	db.mu.Lock()
	defer db.mu.Unlock()
	var page []neo.Job
	for runID, at := range db.rows {
		if runID > after {
			page = append(page, neo.Job{RunID: runID, At: at})
		}
	}
	slices.SortFunc(page, func(a, b neo.Job) int { return strings.Compare(a.RunID, b.RunID) })
	return page[:min(limit, len(page))], nil
}

func (db *database) finish(runID string) {
	db.mu.Lock()
	defer db.mu.Unlock()
	delete(db.rows, runID)
}

// fakeTx is a transaction of database.
type fakeTx struct {
	db       *database
	saved    []neo.Job
	onCommit []func()
}

func (tx *fakeTx) OnCommit(f func()) { tx.onCommit = append(tx.onCommit, f) }
func (tx *fakeTx) Native() any       { return nil }

func (tx *fakeTx) Save(jobs ...neo.Job) error {
	tx.saved = append(tx.saved, slices.Clone(jobs)...)
	return nil
}

func (tx *fakeTx) Commit(context.Context) error {
	tx.db.mu.Lock()
	for _, job := range tx.saved {
		tx.db.rows[job.RunID] = job.At
	}
	tx.db.mu.Unlock()
	for _, f := range tx.onCommit {
		f()
	}
	return nil
}

func (tx *fakeTx) Rollback(context.Context) error { return nil }
