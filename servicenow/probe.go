package servicenow

import (
	"context"
	"errors"
	"time"

	"github.com/neoagent/neo"
)

const (
	// probeTimeout bounds the small call that finds out whether an instance answers.
	probeTimeout = 30 * time.Second
	probeFirst   = time.Second
	probeMost    = 15 * time.Second
	// ringAgain is how long after an instance came back runs are rung again that have
	// begun to wait for it while it did.
	ringAgain = 2 * time.Minute
	// ringAtOnce is how many runs are rung in one transaction.
	ringAtOnce = 500
)

// errNotAsked says that nothing was asked of the instance.
var errNotAsked = errors.New("the instance was not asked")

// probe finds out by one small call whether the instance answers. While it does not,
// this is the only call that is made to it.
func (w *Watcher) probe(ctx context.Context, in neo.Integration, watch *neo.Watch) error {
	watch.BackfillDays = 0 // not seen to
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	client, err := w.connections.client(ctx, in.ID)
	if err != nil {
		return err
	}
	_, err = client.List(ctx, "sys_user", ListOptions{Query: "sys_id=" + in.Identity.RemoteID, Fields: []string{"sys_id"}, Limit: 1})
	return err
}

// suspected makes the instance be probed now: calls to it get no answer.
func (w *Watcher) suspected(integrationID string) {
	w.mu.Lock()
	w.doubts[integrationID] = true
	w.mu.Unlock()
	w.ring()
}

func (w *Watcher) takeDoubt(integrationID string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	doubt := w.doubts[integrationID]
	delete(w.doubts, integrationID)
	return doubt
}

// judge draws the conclusions of what was asked of the instance since began and ended
// with err: whether it answers, and what follows when that has changed.
func (w *Watcher) judge(ctx context.Context, in neo.Integration, watch *neo.Watch, began time.Time, err error) {
	a := &watch.Answering
	switch {
	case noAnswer(err):
		if a.Failures == 0 {
			a.Since = began
		}
		a.Failures++
		a.Why, a.DueAt = neo.MessageOf(err), w.now().Add(min(probeFirst<<min(a.Failures-1, 10), probeMost))
		if a.Silent() {
			watch.InspectAsked, watch.SweepAsked = true, true // whoever asked has the answer
			w.fellSilent(ctx, in, watch)
		}
	case w.connections.heardSince(in.ID, began):
		was := a.Silent() || in.Silent()
		*a = neo.Answering{At: w.now()}
		if was {
			w.cameBack(ctx, in, watch)
		}
	case err != nil && !errors.Is(err, errNotAsked) && (a.Failures > 0 || !a.DueAt.IsZero()):
		a.DueAt = w.now().Add(probeMost) // it could not be asked; that says nothing
	}
}

// fellSilent tells processes and people, once, that the instance does not answer.
func (w *Watcher) fellSilent(ctx context.Context, in neo.Integration, watch *neo.Watch) {
	watch.Sweep.Error = watch.Answering.Why
	if in.Silent() {
		return
	}
	since := watch.Answering.Since
	w.Log.Warn("the instance does not answer", "integration", in.ID, "since", since, "why", watch.Answering.Why)
	w.alert(ctx, in, neo.Alert{Key: alertSilent, Level: neo.AlertProblem, Occurrences: 1, Title: hostOf(in.InstanceURL) + " does not answer",
		Message: neo.NotAnsweringMessage(since, watch.Sweep.Watermark, 0)})
	if err := w.Store.SetReach(ctx, in.ID, neo.Reach{SilentSince: since, AnswersSince: in.AnswersSince}); err != nil {
		w.Log.Error("that the instance does not answer was not stored", "integration", in.ID, "err", err)
	}
	w.Changed()
}

// cameBack lets everything go on that waited for the instance: calls, runs, and the look
// for what changed meanwhile.
func (w *Watcher) cameBack(ctx context.Context, in neo.Integration, watch *neo.Watch) {
	now := w.now()
	w.Log.Info("the instance answers again", "integration", in.ID, "silent since", in.SilentSince)
	watch.Inspection.DueAt, watch.Sweep.DueAt = now, now
	if err := w.Store.SetReach(ctx, in.ID, neo.Reach{AnswersSince: now}); err != nil {
		w.Log.Error("that the instance answers was not stored", "integration", in.ID, "err", err)
		watch.Answering = neo.Answering{Failures: neo.SilentAfter, Since: in.SilentSince, DueAt: now.Add(probeFirst)} // look again
		return
	}
	w.resolve(ctx, in, alertSilent)
	w.ringRuns(ctx, in)
	w.Changed()
}

// ringRuns makes the runs due that wait for the instance, and rings for them.
func (w *Watcher) ringRuns(ctx context.Context, in neo.Integration) {
	for rung := ringAtOnce; rung == ringAtOnce; {
		err := w.Store.InTx(ctx, func(tx neo.Tx) error {
			jobs, err := w.Store.RingAway(ctx, tx, in.ID, w.now(), ringAtOnce)
			if rung = len(jobs); err != nil || rung == 0 {
				return err
			}
			return w.Ring(ctx, tx, jobs...)
		})
		if err != nil {
			w.Log.Error("runs that wait for the instance were not rung", "integration", in.ID, "err", err)
			return
		}
	}
}
