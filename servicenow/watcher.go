package servicenow

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/neoagent/neo"
)

const (
	// watchLease is how long a process has a watch without renewing it.
	watchLease = 2 * time.Minute
	// settle is how long a change is left alone before the sweep takes it: its
	// delivery, which knows more, is usually on its way.
	settle = 10 * time.Second
	// overlap is how far before the last change seen a sweep begins: records are
	// committed after their time stamp, nodes' clocks differ, replicas lag.
	overlap = 2 * time.Minute
	// inspectEvery is how often what is planted is looked at.
	inspectEvery = 5 * time.Minute
	// DefaultSweepEvery is the time between sweeps.
	DefaultSweepEvery = time.Minute
)

// WatchStore is what a Watcher needs of the database.
type WatchStore interface {
	AllIntegrations(ctx context.Context) ([]neo.Integration, error)
	Watch(ctx context.Context, integrationID string) (neo.Watch, error)
	StartWatch(ctx context.Context, w neo.Watch) error
	DropWatch(ctx context.Context, integrationID string) error
	AskWatch(ctx context.Context, integrationID string, sweep, inspect bool) error
	AskBackfill(ctx context.Context, integrationID string, days int, paused bool) error
	TakeWatch(ctx context.Context, integrationID, owner string, now, until time.Time) (w neo.Watch, taken bool, err error)
	SaveWatch(ctx context.Context, w neo.Watch, until time.Time) (bool, error)

	Versions(ctx context.Context, refs []neo.TicketRef) (map[neo.TicketRef]neo.Versions, error)
	NewestEvents(ctx context.Context, ref neo.TicketRef, limit int) ([]neo.Event, error)
	OwnVersionsFrom(ctx context.Context, ref neo.TicketRef, first, last int64) ([]int64, error)
	PastSteps(ctx context.Context, ref neo.TicketRef, since time.Time) ([]neo.PastStep, error)
	AddDeliveries(ctx context.Context, integrationID string, at time.Time, d neo.Deliveries) error
	Deliveries(ctx context.Context, integrationID string, since time.Time) (neo.Deliveries, error)
	SetReach(ctx context.Context, integrationID string, r neo.Reach) error
	CountAway(ctx context.Context, integrationID string) (int64, error)
	RingAway(ctx context.Context, tx neo.Tx, integrationID string, now time.Time, limit int) ([]neo.Job, error)
	InTx(ctx context.Context, f func(tx neo.Tx) error) error
	RaiseAlert(ctx context.Context, a neo.Alert) error
	ResolveAlert(ctx context.Context, tenant, key string, now time.Time) (bool, error)
}

// WatcherOptions is what a Watcher is made of.
type WatcherOptions struct {
	Connector  *Connector
	Store      WatchStore
	Submit     func(ctx context.Context, e neo.Event) (isNew bool, err error) // takes an event in, by the door that deliveries use
	SweepEvery time.Duration                                                  // 0: DefaultSweepEvery
	Ring       func(ctx context.Context, tx neo.Tx, jobs ...neo.Job) error    // has runs looked at that waited for their instance
	Changed    func()                                                         // something that people see has changed
	Log        *slog.Logger

	// 0 means what Neo uses.
	Tick, Settle, InspectEvery time.Duration
}

// Watcher looks after connected integrations: it sweeps for changes that were not
// delivered, reads older tickets, looks whether what is planted is still as it was,
// repairs it, and raises alerts. Replicas share the work: each integration is looked
// after by one process at a time.
type Watcher struct {
	WatcherOptions
	connections *Connections
	now         func() time.Time
	owner       string
	bell        chan struct{}
	authors     authors

	mu    sync.Mutex
	busy  map[string]bool            // integrations that this process looks after right now
	soon  map[string]time.Time       // when to sweep, earlier than planned
	tally map[string]*neo.Deliveries // not stored yet

	doubts map[string]bool  // whose calls got no answer
	missed map[string]int64 // changes that the sweep under way had to find
	began  time.Time        // deliveries could be taken since
}

// NewWatcher returns a watcher; Run starts it.
func NewWatcher(o WatcherOptions) *Watcher {
	if o.SweepEvery <= 0 {
		o.SweepEvery = DefaultSweepEvery
	}
	if o.Tick <= 0 {
		o.Tick = time.Second
	}
	if o.Settle <= 0 {
		o.Settle = min(settle, o.SweepEvery/4)
	}
	if o.InspectEvery <= 0 {
		o.InspectEvery = inspectEvery
	}
	w := &Watcher{
		WatcherOptions: o, connections: o.Connector.connections, now: o.Connector.now, owner: neo.NewID(),
		bell: make(chan struct{}, 1), busy: map[string]bool{}, soon: map[string]time.Time{}, tally: map[string]*neo.Deliveries{},
		doubts: map[string]bool{}, missed: map[string]int64{}, began: o.Connector.now(),
	}
	w.connections.suspected = w.suspected
	return w
}

// Run looks after all integrations until ctx ends, and returns when nothing of it
// goes on any more.
func (w *Watcher) Run(ctx context.Context) {
	tick := time.NewTicker(w.Tick)
	defer tick.Stop()
	var rounds sync.WaitGroup
	for ctx.Err() == nil {
		w.storeTally(ctx)
		w.startRounds(ctx, &rounds)
		select {
		case <-ctx.Done():
		case <-tick.C:
		case <-w.bell:
		}
	}
	rounds.Wait()
	w.storeTally(context.WithoutCancel(ctx))
}

// ring makes Run look at once what there is to do.
func (w *Watcher) ring() {
	select {
	case w.bell <- struct{}{}:
	default:
	}
}

// Gap makes the integration be swept soon: a version of a ticket was not delivered,
// though it may still come.
func (w *Watcher) Gap(integrationID string) { w.sweepSoon(integrationID, w.now().Add(w.Settle)) }

func (w *Watcher) sweepSoon(integrationID string, at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if planned, ok := w.soon[integrationID]; !ok || at.Before(planned) {
		w.soon[integrationID] = at
	}
}

// takeSoon reports whether an early sweep is due, and forgets it.
func (w *Watcher) takeSoon(integrationID string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	at, ok := w.soon[integrationID]
	if !ok || at.After(w.now()) {
		return false
	}
	delete(w.soon, integrationID)
	return true
}

// Delivered adds to the counts of an integration.
func (w *Watcher) Delivered(integrationID string, d neo.Deliveries) {
	w.mu.Lock()
	defer w.mu.Unlock()
	sum := w.tally[integrationID]
	if sum == nil {
		sum = &neo.Deliveries{}
		w.tally[integrationID] = sum
	}
	sum.Webhook += d.Webhook
	sum.Sweep += d.Sweep
	sum.Missed += d.Missed
	sum.Refused += d.Refused
	if d.Last.After(sum.Last) {
		sum.Last = d.Last
	}
}

func (w *Watcher) storeTally(ctx context.Context) {
	w.mu.Lock()
	tally := w.tally
	w.tally = map[string]*neo.Deliveries{}
	w.mu.Unlock()
	for id, d := range tally {
		if err := w.Store.AddDeliveries(ctx, id, w.now(), *d); err != nil {
			w.Log.Warn("deliveries were not counted", "integration", id, "err", err)
			w.Delivered(id, *d)
		}
	}
}

// startRounds begins a round for every integration that has something to do and
// that this process is not looking after already.
func (w *Watcher) startRounds(ctx context.Context, rounds *sync.WaitGroup) {
	all, err := w.Store.AllIntegrations(ctx)
	if err != nil {
		if ctx.Err() == nil {
			w.Log.Error("integrations cannot be looked after", "err", err)
		}
		return
	}
	for _, in := range all {
		if in.Kind == kind && in.State == neo.StateConnecting && w.now().Sub(in.UpdatedAt) > interrupted {
			w.giveUp(ctx, in)
		}
		if in.Kind != kind || !in.State.Watched() || !w.begin(in.ID) {
			continue
		}
		rounds.Go(func() {
			defer w.end(in.ID)
			if err := w.round(ctx, in); err != nil && ctx.Err() == nil {
				w.Log.Error("an integration could not be looked after", "integration", in.ID, "err", err)
			}
		})
	}
}

// interrupted is after how long nobody can be setting up a connection any more.
const interrupted = completeTimeout + time.Minute

// giveUp ends the set-up of a connection whose process is gone.
func (w *Watcher) giveUp(ctx context.Context, in neo.Integration) {
	store := w.connections.store
	err := store.WithIntegrationLock(ctx, in.ID, func(ctx context.Context) error {
		now, err := store.IntegrationByID(ctx, in.ID)
		if err != nil || now.State != neo.StateConnecting {
			return err
		}
		now.State, now.Message, now.UpdatedAt = neo.StateFailed, "Neo was interrupted while it set up the connection. Click Reconnect.", w.now()
		return store.InTx(ctx, func(tx neo.Tx) error { return store.SaveIntegration(ctx, tx, now) })
	})
	if err != nil {
		w.Log.Error("an interrupted set-up stays", "integration", in.ID, "err", err)
	}
}

func (w *Watcher) begin(id string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.busy[id] {
		return false
	}
	w.busy[id] = true
	return true
}

func (w *Watcher) end(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.busy, id)
}

// round does everything that is due for one integration. It stops when that is
// done, when the connection is no longer there, or when somebody else has it.
func (w *Watcher) round(ctx context.Context, in neo.Integration) error {
	ctx = asWatcher(ctx)
	watch, err := w.Store.Watch(ctx, in.ID)
	if err != nil {
		return err
	}
	early, doubt := w.takeSoon(in.ID), w.takeDoubt(in.ID)
	if !early && !doubt && w.due(watch) == nil {
		return nil
	}
	watch, taken, err := w.Store.TakeWatch(ctx, in.ID, w.owner, w.now(), w.now().Add(watchLease))
	if err != nil || !taken {
		if err == nil && (early || doubt) { // whoever has it is told
			return w.Store.AskWatch(ctx, in.ID, early, doubt)
		}
		return err
	}
	watch.SweepAsked = watch.SweepAsked || early
	if doubt && watch.Answering.Failures == 0 {
		watch.Answering.DueAt = w.now()
	}
	for taken && ctx.Err() == nil {
		work := w.due(watch)
		if work == nil {
			break
		}
		if watch.InspectAsked { // everything is read anew
			watch.LearntAt = time.Time{}
		}
		watch.SweepAsked, watch.InspectAsked = false, false // whoever sees to it says so
		began := w.now()
		w.judge(ctx, in, &watch, began, work(ctx, in, &watch))
		if taken, err = w.Store.SaveWatch(ctx, watch, w.now().Add(watchLease)); err != nil || !taken {
			return err
		}
		w.Changed()
		if in, err = w.connections.store.IntegrationByID(ctx, in.ID); err != nil || !in.State.Watched() {
			break
		}
		if watch, taken, err = w.Store.TakeWatch(ctx, in.ID, w.owner, w.now(), w.now().Add(watchLease)); err != nil {
			return err
		}
	}
	watch.SweepAsked, watch.InspectAsked, watch.BackfillDays = false, false, 0 // not seen to
	_, saveErr := w.Store.SaveWatch(context.WithoutCancel(ctx), watch, time.Time{})
	if err == nil {
		err = saveErr
	}
	return err
}

// due returns what to do next for an integration, or nil. While an instance leaves
// checks without an answer, it is probed and left alone otherwise.
func (w *Watcher) due(watch neo.Watch) func(context.Context, neo.Integration, *neo.Watch) error {
	now, a := w.now(), watch.Answering
	answers := a.Failures == 0
	switch {
	case !a.DueAt.IsZero() && !a.DueAt.After(now), a.Silent() && (watch.InspectAsked || watch.SweepAsked):
		return w.probe
	case answers && (watch.InspectAsked || !watch.Inspection.DueAt.After(now)):
		return w.inspect
	case answers && (watch.SweepAsked || !watch.Sweep.DueAt.After(now)):
		return w.sweep
	case watch.BackfillDays > 0:
		return w.beginBackfill
	case watch.Backfill.State == neo.BackfillRunning && watch.BackfillPaused,
		watch.Backfill.State == neo.BackfillPaused && !watch.BackfillPaused:
		return w.turnBackfill
	case answers && watch.Backfill.State == neo.BackfillRunning && !watch.Backfill.DueAt.After(now):
		return w.backfill
	}
	return nil
}

// retryIn returns when to try again after an error of the instance.
func (w *Watcher) retryIn(err error) time.Duration {
	if after, ok := neo.Retryable(err); ok && after > 0 {
		return min(after, maxPause)
	}
	return min(w.SweepEvery, 15*time.Second)
}

// alert raises an alert about an integration. Its key is completed with the
// integration's id.
func (w *Watcher) alert(ctx context.Context, in neo.Integration, a neo.Alert) {
	a.TenantID, a.IntegrationID, a.LastAt = in.TenantID, in.ID, w.now()
	a.Key += "/" + in.ID
	if err := w.Store.RaiseAlert(ctx, a); err != nil {
		w.Log.Error("an alert was not stored", "alert", a.Title, "err", err)
	}
	w.Changed()
}

func (w *Watcher) resolve(ctx context.Context, in neo.Integration, key string) {
	resolved, err := w.Store.ResolveAlert(ctx, in.TenantID, key+"/"+in.ID, w.now())
	if err != nil {
		w.Log.Error("an alert was not resolved", "alert", key, "err", err)
	}
	if resolved {
		w.Changed()
	}
}
