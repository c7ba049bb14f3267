package flow

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/neoagent/neo"
)

// Engine carries out runs. Everything it knows is in the rows, so that any replica
// can take a run over where another one left it.
type Engine struct {
	matcher *Matcher
	store   Store
	queue   Queue
	systems TicketSystems
	owner   string // names this process in leases
	settle  time.Duration
	now     func() time.Time
	changed func()
	send    Sender
	url     func(ctx context.Context, ticket neo.TicketRef) string
	kindsOf func(e *neo.Event, d *neo.Dictionary) []neo.ChangeType
	log     *slog.Logger

	mu          sync.Mutex
	definitions map[versionOf]neo.Definition
	inHand      map[string]bool // the runs that this process works on now
}

type versionOf struct {
	workflow string
	version  int64
}

// EngineOptions is what an Engine is built from.
type EngineOptions struct {
	Matcher *Matcher
	Store   Store
	Queue   Queue
	Systems TicketSystems
	Sender  Sender
	// URL is where a person sees a ticket; "" when that is not known. It may be nil.
	URL func(ctx context.Context, ticket neo.TicketRef) string
	// Kinds works out the kinds of changes of an event of which only a part was confirmed.
	// It may be nil.
	Kinds func(e *neo.Event, d *neo.Dictionary) []neo.ChangeType
	// Settle is how long a write whose answer was lost is given to take effect
	// before the ticket is read to find out: the instance may still be working on it.
	Settle  time.Duration
	Now     func() time.Time
	Changed func() // called after each commit that people may want to see
	Log     *slog.Logger
}

// NewEngine returns an engine that leases runs under a name of its own.
func NewEngine(o EngineOptions) *Engine {
	if o.URL == nil {
		o.URL = noURL
	}
	return &Engine{
		matcher: o.Matcher, store: o.Store, queue: o.Queue, systems: o.Systems, owner: neo.NewID(), settle: o.Settle,
		now: o.Now, changed: o.Changed, send: o.Sender, url: o.URL, kindsOf: o.Kinds, log: o.Log, definitions: map[versionOf]neo.Definition{},
		inHand: map[string]bool{},
	}
}

func noURL(context.Context, neo.TicketRef) string { return "" }

const (
	// leaseTime is how long a run stays with a process that gives no sign of life.
	leaseTime = 15 * time.Second
	// stepTime bounds one step, all its calls to the ticket system together.
	stepTime = 25 * time.Second
	// maxAttempts bounds the tries of one step. With the waits between them (retryIn)
	// a ticket system may be away for about four hours.
	maxAttempts = 24
	retryFirst  = 2 * time.Second
	retryMost   = 15 * time.Minute
	// awayLook is when a run looks by itself that waits for its ticket system to answer:
	// whoever finds that it does rings.
	awayLook = 15 * time.Minute
	// maxDefinitions bounds the versions kept in memory.
	maxDefinitions = 4_096
	// turnAgain is when a run that waits for another looks by itself: who ends rings.
	turnAgain = 5 * time.Minute
	// maxDepth bounds how many workflows start each other.
	maxDepth = 5
)

// Work carries out the run, or the rest of it. It is the queue's worker: an error
// means that it has to be told again. To be told about a run that is finished, or
// that another process has, does nothing.
func (e *Engine) Work(ctx context.Context, runID string) error {
	if !e.take(runID) {
		return &neo.Error{Code: neo.CodeUnavailable, Message: "This process is at work on this run.", RetryAfter: time.Second}
	}
	defer e.release(runID)
	now := e.now()
	run, taken, leasedUntil, err := e.store.TakeRun(ctx, runID, e.owner, now, now.Add(leaseTime))
	if err != nil {
		if neo.CodeOf(err) == neo.CodeNotFound {
			return nil // deleted; there is nothing to do
		}
		return err
	}
	if !taken {
		if run.Outcome.Final() {
			return nil
		}
		return &neo.Error{Code: neo.CodeUnavailable, Message: "Another process has this run.", RetryAfter: max(leasedUntil.Sub(now), time.Second)}
	}
	away := run.Away
	run.Away = false // unless it finds so again
	if run.DueAt.After(now) && !run.CancelRequested {
		early, err := e.tooEarly(ctx, run)
		if err != nil || early {
			run.Outcome, run.Away = neo.Pending, away
			return errors.Join(err, e.store.InTx(ctx, func(tx neo.Tx) error { return e.later(ctx, tx, run) }))
		}
	}
	ctx, lost := e.keepLease(ctx, runID)
	defer lost()
	return e.carryOut(ctx, &run)
}

// take reports whether no other worker of this process has the run: its lease is the
// process's, and keeps only others off.
func (e *Engine) take(runID string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.inHand[runID] {
		return false
	}
	e.inHand[runID] = true
	return true
}

func (e *Engine) release(runID string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.inHand, runID)
}

// tooEarly reports whether there is nothing to do for a run before its time. One that
// waits for something may be told that it has come.
func (e *Engine) tooEarly(ctx context.Context, run neo.Run) (bool, error) {
	steps, err := e.store.StepsForRun(ctx, run.ID)
	return !slices.ContainsFunc(steps, func(s neo.Step) bool { return s.State == neo.StepWaiting }), err
}

// keepLease renews the lease while the run is worked on. When that fails the
// context ends: somebody else may have the run.
func (e *Engine) keepLease(ctx context.Context, runID string) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	var renewing sync.WaitGroup
	renewing.Go(func() {
		tick := time.NewTicker(leaseTime / 3)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				kept, err := e.store.RenewLease(ctx, runID, e.owner, e.now().Add(leaseTime))
				if err != nil || !kept {
					cancel()
					return
				}
			}
		}
	})
	return ctx, func() { cancel(); renewing.Wait() }
}

// carryOut does the steps that are not done, in order.
func (e *Engine) carryOut(ctx context.Context, run *neo.Run) error {
	before, err := e.before(ctx, *run)
	if err != nil {
		return e.end(ctx, nil, run, err)
	}
	if before != "" {
		// It stays due: whoever ends rings, and that must not be too early.
		run.Outcome, run.Message = neo.Pending, "Waits for the run before it."
		return e.store.InTx(ctx, func(tx neo.Tx) error { return e.tell(ctx, tx, *run, e.now().Add(turnAgain)) })
	}
	w, err := e.load(ctx, run)
	if err != nil {
		return e.end(ctx, nil, run, err)
	}
	if run.CancelRequested && !w.writing() {
		return e.stop(ctx, w, neo.Cancelled, "Cancelled.")
	}
	if err := e.connect(ctx, w); err != nil {
		return e.end(ctx, w, run, err)
	}
	if matches, err := e.stillMatches(ctx, w); err != nil {
		return e.end(ctx, w, run, err)
	} else if !matches {
		return e.stop(ctx, w, neo.Skipped, "When its turn came, the ticket no longer matched the conditions.")
	}
	for position := range w.actions {
		if s := w.steps[position]; s != nil && (s.State == neo.StepDone || s.State == neo.StepSkipped || s.State == neo.StepPlanned) {
			continue
		}
		if position > 0 && !w.writing() {
			cancelled, err := e.store.CancelRequested(ctx, run.ID)
			if err != nil {
				return e.end(ctx, w, run, err)
			}
			if run.CancelRequested = cancelled; cancelled {
				return e.stop(ctx, w, neo.Cancelled, "Cancelled.")
			}
		}
		if err := e.step(ctx, w, position); err != nil {
			return e.end(ctx, w, run, err)
		}
		if run.Outcome != neo.Running { // it waits, or this step has ended it
			return nil
		}
	}
	return e.stop(ctx, w, neo.Success, "")
}

// before returns the run that has to be over before this one may begin. "" when there
// is none, and for one that has begun or is to stop.
func (e *Engine) before(ctx context.Context, run neo.Run) (string, error) {
	if run.CancelRequested || run.AfterID == "" && run.Lane == "" {
		return "", nil
	}
	steps, err := e.store.StepsForRun(ctx, run.ID)
	if err != nil || len(steps) > 0 {
		return "", err
	}
	return e.store.RunBefore(ctx, run)
}

// stillMatches reads the ticket of a run that a schedule made: Neo's own copy, by
// which it was chosen, may be older than the ticket.
func (e *Engine) stillMatches(ctx context.Context, w *work) (bool, error) {
	if w.run.Cause != neo.CauseSchedule || w.definition.Conditions == nil || len(w.steps) > 0 && w.steps[0] != nil {
		return true, nil
	}
	ticket, err := w.gate(false).Read(ctx, w.run.Ticket)
	if neo.CodeOf(err) == neo.CodeNotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	now := asEvent(ticket, e.now())
	if now.LastReplyAt, err = e.store.LastReply(ctx, ticket.TicketRef, e.now()); err != nil {
		return false, err
	}
	return ruleHolds(w.definition.Conditions, &now, w.context, nil)
}

// stop ends the run.
func (e *Engine) stop(ctx context.Context, w *work, outcome neo.Outcome, message string) error {
	run := w.run
	run.Outcome, run.FinishedAt = outcome, e.now()
	run.Message = strings.TrimSpace(run.Message + " " + message)
	if run.Message == "" {
		run.Message = "Nothing to change: the ticket was as wanted."
	}
	return e.over(ctx, w, func(tx neo.Tx) error {
		for _, s := range w.steps {
			if s == nil || s.State != neo.StepWaiting {
				continue
			}
			s.State, s.FinishedAt, s.Message = neo.StepFailed, e.now(), "Not waited for any more."
			if err := e.store.PutStep(ctx, tx, *s); err != nil {
				return err
			}
		}
		return e.store.CancelApprovals(ctx, tx, run.ID, e.now())
	})
}

// over stores the end of a run, with what else belongs into that transaction, rings
// for the runs that waited for it, and counts failures.
func (e *Engine) over(ctx context.Context, w *work, also func(tx neo.Tx) error) error {
	err := e.store.InTx(ctx, func(tx neo.Tx) error {
		tx.OnCommit(e.changed)
		if err := also(tx); err != nil {
			return err
		}
		return e.storeEnd(ctx, tx, w)
	})
	if err == nil {
		e.countFailures(ctx, w)
	}
	return err
}

// storeEnd stores a run that is over and rings for those that waited for it.
func (e *Engine) storeEnd(ctx context.Context, tx neo.Tx, w *work) error {
	if err := e.store.UpdateRun(ctx, tx, *w.run, e.owner); err != nil {
		return err
	}
	if err := e.alertEnd(ctx, tx, w); err != nil {
		return err
	}
	if w.run.Lane == "" && !w.definition.Ordered() {
		return nil
	}
	next, err := e.store.RunsAfter(ctx, tx, *w.run)
	if err != nil || len(next) == 0 {
		return err
	}
	return e.queue.Add(ctx, tx, next...)
}

// countFailures switches the workflow off when it has failed too often in a row.
func (e *Engine) countFailures(ctx context.Context, w *work) {
	run, most := w.run, w.definition.PauseAfterFailures
	if most <= 0 || run.Outcome != neo.Failure && run.Outcome != neo.Success || run.Cause == neo.CauseUndo {
		return
	}
	inRow, err := e.store.CountFailure(ctx, run.WorkflowID, run.WorkflowVersion, run.Outcome == neo.Failure)
	if err == nil && inRow >= most {
		why := fmt.Sprintf("Neo has switched this workflow off: %d of its runs in a row have failed. The last one, on %s, said: %s", inRow, run.Number, run.Message)
		if err = e.store.PauseWorkflow(ctx, run.TenantID, run.WorkflowID, run.WorkflowVersion, why); err == nil {
			err = e.store.RaiseAlert(ctx, neo.Alert{
				TenantID: run.TenantID, IntegrationID: run.Ticket.IntegrationID, Key: neo.PausedAlert(run.WorkflowID), WorkflowID: run.WorkflowID, RunID: run.ID, Level: neo.AlertProblem, Occurrences: 1, LastAt: e.now(),
				Title: "The workflow “" + run.WorkflowName + "” is switched off", Message: why + " Correct what is wrong, then switch it on again.",
			})
			if err == nil { // this alert tells it now
				err = e.store.InTx(ctx, func(tx neo.Tx) error {
					return e.store.ResolveFailures(ctx, tx, run.TenantID, run.WorkflowID, "", e.now())
				})
			}
		}
		e.changed()
	}
	if err != nil && neo.CodeOf(err) != neo.CodeNotFound { // somebody was faster
		e.log.Error("a workflow's failures could not be counted", "workflow", run.WorkflowID, "err", err)
	}
}

// end decides what an error does to the run: try again later, or fail. w is nil when
// the run could not be loaded.
func (e *Engine) end(ctx context.Context, w *work, run *neo.Run, err error) error {
	if ctx.Err() != nil {
		return e.giveBack(ctx, *run)
	}
	if errors.Is(err, errTurn) { // nothing was tried
		run.Outcome, run.DueAt, run.Message = neo.Pending, e.now().Add(retryFirst/4+rand.N(retryFirst/2)), neo.MessageOf(err)
		return e.store.InTx(ctx, func(tx neo.Tx) error { return e.later(ctx, tx, *run) })
	}
	wait, again := neo.Retryable(err)
	run.Message = neo.MessageOf(err)
	if neo.Away(err) && again && !run.CancelRequested { // nothing was tried
		if wait == 0 {
			wait = awayLook
		}
		run.Outcome, run.Away, run.DueAt = neo.Pending, true, e.now().Add(wait+rand.N(wait/4+1))
		return e.store.InTx(ctx, func(tx neo.Tx) error { return e.later(ctx, tx, *run) })
	}
	run.Attempt++
	run.Away = neo.CodeOf(err) == neo.CodeUnavailable // when the ticket system answers again, it need not wait for its time
	if again && run.Attempt < maxAttempts && !run.CancelRequested {
		run.Outcome, run.DueAt = neo.Pending, e.now().Add(max(wait, retryIn(run.Attempt)))
		e.log.Warn("a run will be tried again", "run", run.ID, "ticket", run.Number, "attempt", run.Attempt, "err", err)
		return e.store.InTx(ctx, func(tx neo.Tx) error { return e.later(ctx, tx, *run) })
	}
	run.Outcome, run.FinishedAt, run.Away = neo.Failure, e.now(), false
	switch {
	case run.CancelRequested:
		run.Outcome, run.Message = neo.Cancelled, "Cancelled. The last try said: "+run.Message
	case again:
		run.Message = fmt.Sprintf("Given up after %d tries. The last one said: %s", run.Attempt, run.Message)
	}
	e.log.Warn("a run has failed", "run", run.ID, "ticket", run.Number, "workflow", run.WorkflowName, "err", err)
	why := err
	steps, err := e.store.StepsForRun(ctx, run.ID)
	if err != nil {
		return err
	}
	if w == nil {
		w = &work{run: run}
	}
	w.failed = why
	return e.over(ctx, w, func(tx neo.Tx) error {
		for i := range steps {
			if steps[i].State != neo.StepWriting {
				continue
			}
			// Nobody will look for this write any more; what waited for it goes on.
			steps[i].State, steps[i].Unsure, steps[i].FinishedAt = neo.StepFailed, true, e.now()
			steps[i].Message = "It is not known whether this write arrived. Look at the ticket. " + run.Message
			if err := e.settled(ctx, tx, &steps[i]); err != nil {
				return err
			}
		}
		return e.store.CancelApprovals(ctx, tx, run.ID, e.now())
	})
}

// giveBack ends work on a run because this process is stopping or has lost its
// lease. The rows stay as they are, so that whoever is told next goes on.
func (e *Engine) giveBack(ctx context.Context, run neo.Run) error {
	free, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	run.Outcome = neo.Pending
	steps, err := e.store.StepsForRun(free, run.ID)
	if i := slices.IndexFunc(steps, func(s neo.Step) bool { return s.State == neo.StepWaiting }); i >= 0 {
		run.Outcome, run.Message = neo.Waiting, steps[i].Message // else nobody would ring when the ticket changes
	}
	if err == nil {
		err = e.store.InTx(free, func(tx neo.Tx) error { return e.store.UpdateRun(free, tx, run, e.owner) })
	}
	if err != nil && neo.CodeOf(err) != neo.CodeConflict {
		e.log.Warn("a run stays leased until its lease ends", "run", run.ID, "err", err)
	}
	return ctx.Err()
}

// later gives the run back and rings for it when it is due.
func (e *Engine) later(ctx context.Context, tx neo.Tx, run neo.Run) error {
	return e.tell(ctx, tx, run, run.DueAt)
}

// tell gives the run back and rings for it at a time.
func (e *Engine) tell(ctx context.Context, tx neo.Tx, run neo.Run, at time.Time) error {
	tx.OnCommit(e.changed)
	if err := e.store.UpdateRun(ctx, tx, run, e.owner); err != nil {
		return err
	}
	return e.queue.Add(ctx, tx, neo.Job{RunID: run.ID, At: at})
}

// retryIn is the wait before the given try: doubling, half of it random, so that
// many runs that failed together do not come back together.
func retryIn(attempt int) time.Duration {
	wait := retryMost
	if attempt < 10 {
		wait = min(retryFirst<<(attempt-1), retryMost)
	}
	return wait/2 + rand.N(wait/2)
}

// definition returns a version of a workflow. Versions never change.
func (e *Engine) definition(ctx context.Context, workflow string, version int64) (neo.Definition, error) {
	key := versionOf{workflow, version}
	e.mu.Lock()
	d, ok := e.definitions[key]
	e.mu.Unlock()
	if ok {
		return d, nil
	}
	d, err := e.store.WorkflowVersion(ctx, workflow, version)
	if err != nil {
		return d, err
	}
	e.mu.Lock()
	if len(e.definitions) >= maxDefinitions {
		clear(e.definitions)
	}
	e.definitions[key] = d
	e.mu.Unlock()
	return d, nil
}
