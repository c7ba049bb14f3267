package river_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"go.uber.org/goleak"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/queue"
	"github.com/neoagent/neo/queue/queuetest"
	"github.com/neoagent/neo/queue/river"
	"github.com/neoagent/neo/store/postgrestest"
)

const childEnv = "NEO_QUEUE_TEST_CHILD"

func TestMain(m *testing.M) {
	if url := os.Getenv(childEnv); url != "" {
		child(url)
	}
	goleak.VerifyTestMain(postgrestest.Tests(m))
}

func TestQueue(t *testing.T) {
	queuetest.Run(t, func(t *testing.T) queuetest.Harness {
		url := postgrestest.URL(t)
		db := open(t, url, nil)
		wires := make(map[queue.Queue]*wire)
		return queuetest.Harness{
			New: func(t *testing.T) queue.Queue {
				w := new(wire)
				q := newQueue(t, open(t, url, w))
				wires[q] = w
				t.Cleanup(w.mend) // before newQueue's stop, which would wait for the database
				return q
			},
			Begin:  func(t *testing.T) queuetest.Tx { return begin(t, db) },
			Finish: func(string) {}, // River's job is gone when its worker returns
			Crash:  func(_ *testing.T, q queue.Queue) { wires[q].cut() },
		}
	})
}

// Replicas that start for the first time together migrate once, and share the work.
func TestReplicas(t *testing.T) {
	url := postgrestest.URL(t)
	db := open(t, url, nil)
	const replicas, jobs = 4, 400
	var told sync.Map
	var tellings, busy atomic.Int64
	done := make(chan struct{})
	queues := make([]*river.Queue, replicas)
	var wg sync.WaitGroup
	for i := range queues {
		pool := open(t, url, nil)
		wg.Go(func() {
			queues[i] = newQueue(t, pool)
			var mine atomic.Int64
			if err := queues[i].Start(t.Context(), func(_ context.Context, runID string) error {
				if mine.Add(1) == 1 {
					busy.Add(1)
				}
				tellings.Add(1)
				if _, again := told.LoadOrStore(runID, true); !again && runID == "last" {
					close(done)
				}
				return nil
			}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for i := range jobs {
		add(t, db, queues[i%replicas], neo.Job{RunID: fmt.Sprint("run-", i)})
	}
	add(t, db, queues[0], neo.Job{RunID: "last"})
	receive(t, done)
	for _, q := range queues {
		if err := q.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	}
	for i := range jobs {
		if _, ok := told.Load(fmt.Sprint("run-", i)); !ok {
			t.Errorf("run-%d was not told", i)
		}
	}
	t.Logf("%d tellings of %d jobs by %d of %d replicas", tellings.Load(), jobs+1, busy.Load(), replicas)
}

// A replica that is killed, and is the leader of River, holds up nothing for long:
// neither what it was working on nor what has a time.
func TestKilledReplica(t *testing.T) {
	url := postgrestest.URL(t)
	db := open(t, url, nil)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+url)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	killed := false
	defer func() {
		if !killed {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	}()
	lines := bufio.NewScanner(out)
	says := func(want string) {
		t.Helper()
		if !lines.Scan() || lines.Text() != want {
			t.Fatalf("the other process says %q, want %q", lines.Text(), want)
		}
	}
	says("started")

	// The survivor adds, and starts only when the other process works on the run.
	survivor := newQueue(t, open(t, url, nil))
	add(t, db, survivor, neo.Job{RunID: "running"})
	says("running")
	type telling struct {
		runID string
		at    time.Time
	}
	told := make(chan telling, 10)
	if err := survivor.Start(t.Context(), func(_ context.Context, runID string) error {
		told <- telling{runID, time.Now()}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	at := time.Now().Add(3 * time.Second)
	add(t, db, survivor, neo.Job{RunID: "timed", At: at})
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	death := time.Now()
	_ = cmd.Wait()
	killed = true

	for range 2 {
		select {
		case got := <-told:
			switch got.runID {
			case "running":
				t.Logf("the run of the dead replica was told %v after its death", got.at.Sub(death).Round(time.Millisecond))
			case "timed":
				t.Logf("the run with a time was told %v after it", got.at.Sub(at).Round(time.Millisecond))
				if got.at.Before(at) {
					t.Error("told before its time")
				}
			}
			if late := got.at.Sub(death); late > 20*time.Second {
				t.Errorf("%s had to wait %v", got.runID, late)
			}
		case <-time.After(queuetest.Patience):
			t.Fatal("the jobs of a dead replica were lost")
		}
	}
}

// child is a replica that takes a run and never comes back from it.
func child(url string) {
	fail := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	pool, err := pgxpool.New(context.Background(), url)
	fail(err)
	q, err := river.New(context.Background(), river.Options{Pool: pool})
	fail(err)
	fail(q.Start(context.Background(), func(_ context.Context, runID string) error {
		fmt.Println(runID)
		select {}
	}))
	fmt.Println("started")
	select {}
}

// A replica that lives keeps its work, however long that takes.
func TestLivingReplicaKeepsItsWork(t *testing.T) {
	if testing.Short() {
		t.Skip("waits until a dead replica would have been noticed")
	}
	url := postgrestest.URL(t)
	db := open(t, url, nil)
	var tellings atomic.Int64
	leave := make(chan struct{})
	inside := make(chan struct{}, 2)
	slow := func(_ context.Context, runID string) error {
		if runID == "slow" {
			tellings.Add(1)
			inside <- struct{}{}
			<-leave
			return nil
		}
		close(leave)
		return nil
	}
	a, b := newQueue(t, open(t, url, nil)), newQueue(t, open(t, url, nil))
	for _, q := range []*river.Queue{a, b} {
		if err := q.Start(t.Context(), slow); err != nil {
			t.Fatal(err)
		}
	}
	add(t, db, a, neo.Job{RunID: "slow"})
	<-inside
	// By then each has looked for dead ones several times.
	add(t, db, a, neo.Job{RunID: "end", At: time.Now().Add(8 * time.Second)})
	receive(t, leave)
	for _, q := range []*river.Queue{a, b} {
		if err := q.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if n := tellings.Load(); n != 1 {
		t.Errorf("the run was told %d times", n)
	}
}

func TestAddRefusesOtherTransactions(t *testing.T) {
	q := newQueue(t, open(t, postgrestest.URL(t), nil))
	if err := q.Add(t.Context(), otherTx{}, neo.Job{RunID: "run-1"}); err == nil {
		t.Error("a transaction that is not PostgreSQL's was taken")
	}
}

type otherTx struct{ neo.Tx }

func (otherTx) Native() any { return nil }

func newQueue(t testing.TB, pool *pgxpool.Pool) *river.Queue {
	t.Helper()
	q, err := river.New(context.Background(), river.Options{Pool: pool, Workers: 16})
	if err != nil {
		t.Error(err)
		return nil
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_ = q.Stop(ctx)
	})
	return q
}

// open opens a pool that is closed with the test. With a wire, it can be cut off.
func open(t testing.TB, url string, w *wire) *pgxpool.Pool {
	t.Helper()
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	config.MaxConns = 8
	if w != nil {
		config.ConnConfig.DialFunc = w.dial
	}
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

func add(t testing.TB, db *pgxpool.Pool, q queue.Queue, jobs ...neo.Job) {
	t.Helper()
	tx := begin(t, db)
	if err := q.Add(context.Background(), tx, jobs...); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func receive(t *testing.T, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(queuetest.Patience):
		t.Fatal("waited in vain")
	}
}

// transaction is a neo.Tx on a database without the store's tables: the jobs in it
// are all there is.
type transaction struct {
	pgx.Tx
	onCommit []func()
}

func begin(t testing.TB, db *pgxpool.Pool) *transaction {
	t.Helper()
	tx, err := db.Begin(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return &transaction{Tx: tx}
}

func (tx *transaction) OnCommit(f func())     { tx.onCommit = append(tx.onCommit, f) }
func (tx *transaction) Native() any           { return tx.Tx }
func (tx *transaction) Save(...neo.Job) error { return nil }
func (tx *transaction) Commit(ctx context.Context) error {
	err := tx.Tx.Commit(ctx)
	if err == nil {
		for _, f := range tx.onCommit {
			f()
		}
	}
	return err
}

// wire is all that connects a queue with its database.
type wire struct {
	mu    sync.Mutex
	conns []net.Conn
	isCut bool
}

func (w *wire) dial(ctx context.Context, network, address string) (net.Conn, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.isCut {
		return nil, errors.New("the wire is cut")
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err == nil {
		w.conns = append(w.conns, conn)
	}
	return conn, err
}

// cut is what a dead process looks like from the database.
func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.isCut = true
	for _, conn := range w.conns {
		_ = conn.Close()
	}
}

func (w *wire) mend() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.isCut = false
}

// BenchmarkThroughput adds in transactions of 100 jobs, as the group commit does,
// and ends when all are told.
func BenchmarkThroughput(b *testing.B) {
	db := open(b, postgrestest.URL(b), nil)
	q, err := river.New(b.Context(), river.Options{Pool: db, Workers: 200})
	if err != nil {
		b.Fatal(err)
	}
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
	b.ResetTimer()
	for n := 0; n < b.N; n += 100 {
		jobs := make([]neo.Job, min(100, b.N-n))
		for i := range jobs {
			jobs[i].RunID = neo.NewID()
		}
		add(b, db, q, jobs...)
	}
	<-done
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "jobs/s")
	if err := q.Stop(context.Background()); err != nil {
		b.Error(err)
	}
}

// BenchmarkIdle is the time from a commit to the worker when nothing else happens.
func BenchmarkIdle(b *testing.B) {
	db := open(b, postgrestest.URL(b), nil)
	q := newQueue(b, db)
	told := make(chan struct{})
	if err := q.Start(b.Context(), func(context.Context, string) error { told <- struct{}{}; return nil }); err != nil {
		b.Fatal(err)
	}
	var waited time.Duration
	n := 0
	for b.Loop() {
		tx := begin(b, db)
		if err := q.Add(b.Context(), tx, neo.Job{RunID: "run-1"}); err != nil {
			b.Fatal(err)
		}
		committed := time.Now()
		if err := tx.Commit(b.Context()); err != nil {
			b.Fatal(err)
		}
		<-told
		waited += time.Since(committed)
		n++
	}
	b.ReportMetric(float64(waited.Microseconds())/float64(n)/1000, "ms/commit-to-work")
	if err := q.Stop(context.Background()); err != nil {
		b.Error(err)
	}
}
