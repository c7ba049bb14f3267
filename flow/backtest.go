package flow

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/rules"
)

const (
	// MaxBacktestDays is how far back a backtest can look.
	MaxBacktestDays = 365
	// backtestBeat is how often a backtest says how far it has come, and looks whether
	// somebody has cancelled it.
	backtestBeat = time.Second
	// backtestLost is how long one may say nothing before it is taken for lost.
	backtestLost = 30 * time.Second
	// backtestsAtOnce bounds how many a process works on; others wait.
	backtestsAtOnce = 2
	// backtestPage is how many events are read at a time.
	backtestPage = 1_000
)

// backtests are those that this process works on.
type backtests struct {
	ctx     context.Context
	stop    context.CancelFunc
	running sync.WaitGroup
	turn    chan struct{}
}

func (b *backtests) init() {
	b.ctx, b.stop = context.WithCancel(context.Background())
	b.turn = make(chan struct{}, backtestsAtOnce)
}

// Stop interrupts the backtests of this process and returns when they have said so.
func (t *Trials) Stop() {
	t.tests.stop()
	t.tests.running.Wait()
}

// StartBacktest begins to try a definition on the events of the last days, and
// returns at once.
func (t *Trials) StartBacktest(ctx context.Context, tenant, by string, d neo.Definition, days int) (neo.Backtest, error) {
	if d.TriggerType != neo.Triggered {
		return neo.Backtest{}, neo.Errorf(neo.CodeInvalid, "A backtest asks recorded changes of tickets which of them would start the workflow; this one is not started by changes. Test it on a ticket instead.")
	}
	if days < 1 || days > MaxBacktestDays {
		return neo.Backtest{}, neo.Errorf(neo.CodeInvalid, "days must be from 1 to %d.", MaxBacktestDays)
	}
	if t.tests.ctx.Err() != nil {
		return neo.Backtest{}, errStopping
	}
	now := t.now()
	b := neo.Backtest{
		ID: neo.NewID(), TenantID: tenant, State: neo.BacktestRunning, Definition: d, Days: days, CreatedBy: by, CreatedAt: now, UpdatedAt: now,
	}
	if err := t.store.AddBacktest(ctx, b); err != nil {
		return neo.Backtest{}, err
	}
	t.tests.running.Go(func() { t.carryOut(b) })
	return b, nil
}

// Backtest returns how a backtest stands. One whose process is gone has failed.
func (t *Trials) Backtest(ctx context.Context, tenant, id string) (neo.Backtest, error) {
	b, err := t.store.Backtest(ctx, tenant, id)
	if err != nil || b.State != neo.BacktestRunning || t.now().Sub(b.UpdatedAt) < backtestLost {
		return b, err
	}
	b.State, b.Message, b.UpdatedAt = neo.BacktestFailed, interrupted, t.now()
	if _, err := t.store.EndBacktest(ctx, b); err != nil {
		return b, err
	}
	return t.store.Backtest(ctx, tenant, id)
}

const interrupted = "It was interrupted: the Neo that worked on it was stopped. Start it again."

// CancelBacktest ends a backtest; neo.CodeConflict: it is over.
func (t *Trials) CancelBacktest(ctx context.Context, tenant, id string) (neo.Backtest, error) {
	b, err := t.Backtest(ctx, tenant, id)
	if err != nil {
		return b, err
	}
	cancelled := b
	cancelled.State, cancelled.UpdatedAt = neo.BacktestCancelled, t.now()
	ended, err := t.store.EndBacktest(ctx, cancelled)
	if err != nil {
		return b, err
	}
	if !ended {
		return b, neo.Errorf(neo.CodeConflict, "This backtest is over: there is nothing to cancel.")
	}
	return t.store.Backtest(ctx, tenant, id)
}

// progress is how far a backtest has come.
type progress struct{ looked, total atomic.Int64 }

// carryOut works on a backtest to its end.
func (t *Trials) carryOut(b neo.Backtest) {
	ctx, cancel := context.WithCancel(t.tests.ctx)
	defer cancel()
	var p progress
	var beating sync.WaitGroup
	beating.Go(func() { t.beat(ctx, cancel, b.ID, &p) })

	result, err := t.backtest(ctx, b, &p)
	cancelled := ctx.Err() != nil && t.tests.ctx.Err() == nil // its row says so
	cancel()
	beating.Wait()
	if cancelled {
		return
	}
	b.State, b.Result = neo.BacktestDone, result
	if err != nil {
		b.State, b.Result, b.Message = neo.BacktestFailed, nil, neo.MessageOf(err)
		if t.tests.ctx.Err() != nil {
			b.Message = interrupted
		} else {
			t.log.Warn("a backtest has failed", "backtest", b.ID, "err", err)
		}
	}
	b.Progress, b.Total, b.UpdatedAt = int(p.looked.Load()), int(p.total.Load()), t.now()
	end, done := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer done()
	if _, err := t.store.EndBacktest(end, b); err != nil {
		t.log.Warn("what came of a backtest could not be stored", "backtest", b.ID, "err", err)
	}
}

// beat stores the progress now and then, and ends the work when the row says so.
func (t *Trials) beat(ctx context.Context, cancel context.CancelFunc, id string, p *progress) {
	tick := time.NewTicker(backtestBeat)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		goOn, err := t.store.BacktestProgress(ctx, id, int(p.looked.Load()), int(p.total.Load()), t.now())
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			t.log.Warn("the progress of a backtest could not be stored", "backtest", id, "err", err)
		} else if !goOn {
			cancel()
			return
		}
	}
}

// backtest finds the events that would have started the workflow and what it would
// have done.
func (t *Trials) backtest(ctx context.Context, b neo.Backtest, p *progress) (*neo.BacktestResult, error) {
	select {
	case t.tests.turn <- struct{}{}:
		defer func() { <-t.tests.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	in, err := t.context(ctx, b.TenantID)
	if err != nil {
		return nil, err
	}
	compiled, err := rules.Compile(&neo.Workflow{Definition: b.Definition}, in)
	if err != nil {
		return nil, err
	}
	ends, total, err := t.store.EventPages(ctx, b.TenantID, b.CreatedAt.AddDate(0, 0, -b.Days), backtestPage)
	if err != nil {
		return nil, err
	}
	p.total.Store(int64(total))

	h := &hindsight{
		trials: t, backtest: b, context: in, compiled: compiled, want: scanFor(b.Definition), progress: p,
		past: newPast(t.systems), labels: newPast(t.systems), names: newNames(),
		permissions: map[string]neo.Permissions{},
	}
	pages := make(chan page)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var workers sync.WaitGroup
	var first error
	var once sync.Once
	for range backtestWorkers() {
		workers.Go(func() {
			if err := h.work(ctx, pages); err != nil {
				once.Do(func() { first = err })
				cancel()
			}
		})
	}
	h.hand(ctx, ends, total, pages)
	workers.Wait()
	if first != nil {
		return nil, first
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return h.result(ctx)
}

// backtestWorkers leaves half of a larger machine, and of the connections to its
// database, to what people and deliveries want.
func backtestWorkers() int { return min(max(2, runtime.GOMAXPROCS(0)/2), 8) }

// scanFor says which recorded events may start the workflow.
func scanFor(d neo.Definition) neo.EventScan {
	want := neo.EventScan{Own: d.TriggerOnOwnChanges}
	for _, c := range d.Changes {
		switch {
		case c.ChangeType == neo.TicketCreated:
			want.Created = true
		case c.ChangeType == neo.FieldUpdated && c.Field == "":
			want.Updated = true
		case c.ChangeType == neo.FieldUpdated:
			want.Fields = append(want.Fields, c.Field)
		case c.ChangeType == neo.StateChanged:
			want.Fields = append(want.Fields, neo.FieldState)
		default:
			want.Kinds = append(want.Kinds, c.ChangeType)
		}
	}
	return want
}

// page is a range of ids: after one, up to another.
type page struct {
	after, until string
	events       int
}

// hand gives the pages to the workers.
func (h *hindsight) hand(ctx context.Context, ends []string, total int, pages chan<- page) {
	defer close(pages)
	after := neo.FirstID(h.backtest.CreatedAt.AddDate(0, 0, -h.backtest.Days))
	for i, end := range ends {
		n := min(backtestPage, total-i*backtestPage)
		select {
		case pages <- page{after, end, n}:
		case <-ctx.Done():
			return
		}
		after = end
	}
}
