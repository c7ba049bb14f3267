package simulator

import (
	"context"
	"slices"
	"sync"
)

// runBefore runs before-rules on the draft; they may change it or refuse the write.
func (in *Instance) runBefore(ctx context.Context, w writeRequest, d *draft, rules []*rule) error {
	for _, r := range rules {
		s := in.newScript(ctx, r, w)
		if !s.applies(d) {
			continue
		}
		if r.abort {
			return errAborted(d.table.name, r.name, r.id)
		}
		s.run(d, previousOf(d))
		if d.abort != nil {
			return d.abort
		}
	}
	return nil
}

// runAfter runs after-rules on the writer's goroutine and queues async ones. Conditions of async rules are judged now,
// while what changed is still known.
func (in *Instance) runAfter(ctx context.Context, w writeRequest, done *commitment, rules firing) {
	for _, r := range rules.after {
		d := committed(done.op, done.after, done.before, done.journals)
		if s := in.newScript(ctx, r, w); s.applies(d) {
			s.run(d, previousOf(d))
		}
	}
	for _, r := range rules.async {
		d := committed(done.op, done.after, done.before, done.journals)
		if s := in.newScript(ctx, r, w); s.applies(d) {
			in.async.enqueue(asyncJob{rule: r, request: w, op: done.op, record: done.after})
		}
	}
}

// previousOf is the record a rule sees as previous; on insert it is an empty one.
func previousOf(d *draft) *record {
	if d.base != nil {
		return d.base
	}
	return &record{d.table, make([]string, len(d.table.columns))}
}

// asyncJob is one run of an async rule. The record is read again when the job runs, so several quick updates look alike
// to their jobs; only a deleted record is seen as it was.
type asyncJob struct {
	rule    *rule
	request writeRequest
	op      operation
	record  *record
}

// asyncRules runs async rules on a few workers, so they may run out of order.
type asyncRules struct {
	in     *Instance
	queue  chan asyncJob
	idle   *idle
	ctx    context.Context
	cancel context.CancelFunc
	stop   chan struct{}
	once   sync.Once
	done   sync.WaitGroup
}

const (
	asyncWorkers   = 2
	asyncQueueSize = 10_000
)

func startAsyncRules(in *Instance) *asyncRules {
	a := &asyncRules{in: in, queue: make(chan asyncJob, asyncQueueSize), idle: newIdle(), stop: make(chan struct{})}
	a.ctx, a.cancel = context.WithCancel(context.Background())
	for range asyncWorkers {
		a.done.Go(a.work)
	}
	return a
}

func (a *asyncRules) enqueue(j asyncJob) {
	a.idle.begin()
	select {
	case <-a.stop:
	default:
		select {
		case a.queue <- j:
			return
		default:
		}
	}
	a.idle.end()
	a.in.syslog.write("error", j.rule.name, "Async rule lost: the queue is full or the instance is stopping")
}

func (a *asyncRules) work() {
	for {
		select {
		case j := <-a.queue:
			a.run(j)
			a.idle.end()
		case <-a.stop:
			return
		}
	}
}

func (a *asyncRules) run(j asyncJob) {
	rec := j.record
	if j.op != opDelete {
		if rec = a.in.store.find(rec.table, rec.id()); rec == nil {
			return
		}
	}
	d := newUpdate(rec)
	d.op = j.op
	a.in.newScript(a.ctx, j.rule, j.request).run(d, nil)
}

func (a *asyncRules) close(ctx context.Context) {
	_ = a.idle.wait(ctx)
	a.once.Do(func() { close(a.stop) })
	a.cancel()
	a.done.Wait()
}

// running is the mark of one rule at work on one record.
func running(r *rule, d *draft) string { return r.id + " " + d.vals[colSysID] }

func isRunning(w writeRequest, mark string) bool { return slices.Contains(w.running, mark) }
