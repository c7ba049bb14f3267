package flow

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/rules"
)

// maxBatch bounds how many deliveries share one transaction.
const maxBatch = 256

// Ingest takes events in. Deliveries that arrive while a transaction is being
// committed share the next one, so that under load the cost of making things
// durable is divided among them, and an idle system waits for nothing.
type Ingest struct {
	*Matcher
	store   Store
	queue   Queue
	log     *slog.Logger
	now     func() time.Time
	changed func()
	onGap   func(integrationID string)
	judge   func(e *neo.Event, d *neo.Dictionary)
	seen    newest
	waits   chan []neo.TicketRef // whose tickets have changed

	mu        sync.RWMutex // held for reading while a delivery is handed over
	closed    bool
	incoming  chan *delivery
	stopped   sync.WaitGroup // the committers
	ringing   sync.WaitGroup
	stopWaits sync.Once
}

// delivery is one event on its way to disk.
type delivery struct {
	event   neo.Event
	epoch   int64 // of the configuration with which matches were found
	matches []*rules.Compiled
	isNew   bool
	told    bool // matches are of what no other event has told
	done    chan error
}

// NewIngest starts taking events in with that many committers: one for SQLite,
// which has one writer, a few for PostgreSQL. changed is called after each commit.
func NewIngest(m *Matcher, store Store, queue Queue, committers int, now func() time.Time, changed func(), log *slog.Logger) *Ingest {
	in := &Ingest{Matcher: m, store: store, queue: queue, log: log, now: now, changed: changed, incoming: make(chan *delivery, maxBatch),
		waits: make(chan []neo.TicketRef, maxBatch)}
	in.ringing.Go(in.ringWaiting)
	for range committers {
		in.stopped.Go(in.commitAll)
	}
	return in
}

// OnGap sets what is called when a version of a ticket was delivered and the one
// before it was not, so far. It may be called for nothing, and not for every gap:
// each process knows what it has taken in itself. Set it before the first event.
func (in *Ingest) OnGap(f func(integrationID string)) { in.onGap = f }

// OnEvent sets what completes each event by what its instance says of its fields and
// choices, before it is matched: its kinds, and the texts shown for choices. d is nil
// where the instance has not been asked. It may be called again for the same event. Set
// it before the first event.
func (in *Ingest) OnEvent(f func(e *neo.Event, d *neo.Dictionary)) { in.judge = f }

// complete completes an event by the configuration s.
func (in *Ingest) complete(e *neo.Event, s *snapshot) {
	if in.judge != nil {
		in.judge(e, s.config.Dictionaries[e.Ticket.IntegrationID])
	}
}

// Stop commits what was handed over and refuses what comes after.
func (in *Ingest) Stop() {
	in.mu.Lock()
	if !in.closed {
		in.closed = true
		close(in.incoming)
	}
	in.mu.Unlock()
	in.stopped.Wait()
	in.stopWaits.Do(func() { close(in.waits) })
	in.ringing.Wait()
}

// Submit returns when the event, the runs of matching workflows and the queue's
// jobs for them are on disk together. isNew is false
// when it tells nothing that was not known already (neo.Event.KnownAmong).
func (in *Ingest) Submit(ctx context.Context, e neo.Event) (isNew bool, err error) {
	e.ID, e.ReceivedAt = neo.NewID(), in.now()
	if e.Unconfirmed, err = in.implausible(ctx, &e); err != nil {
		return false, err
	}
	s := in.current.Load()
	in.complete(&e, s)
	d := &delivery{event: e, epoch: s.epoch, done: make(chan error, 1)}
	if s.index[e.TenantID].NeedsReply() {
		if d.event.LastReplyAt, err = in.store.LastReply(ctx, e.Ticket, rules.Now(&d.event)); err != nil {
			return false, err
		}
	}
	d.matches = s.match(&d.event)

	in.mu.RLock()
	if in.closed {
		in.mu.RUnlock()
		return false, errStopping
	}
	select {
	case in.incoming <- d:
	case <-ctx.Done():
		in.mu.RUnlock()
		return false, ctx.Err()
	}
	in.mu.RUnlock()

	select {
	case err := <-d.done:
		return d.isNew, err
	case <-ctx.Done(): // it may still be committed; nobody is told so
		return false, ctx.Err()
	}
}

var errStopping = neo.Errorf(neo.CodeUnavailable, "Neo is shutting down. Deliver again in a moment.")

func (in *Ingest) commitAll() {
	batch := make([]*delivery, 0, maxBatch)
	for d := range in.incoming {
		batch = append(batch[:0], d)
	more:
		for len(batch) < maxBatch {
			select {
			case d, ok := <-in.incoming:
				if !ok {
					break more
				}
				batch = append(batch, d)
			default:
				break more
			}
		}
		in.commit(batch)
	}
}

// commit answers every delivery of the batch. When the batch fails, each is tried
// alone, so that one that cannot be stored does not take others with it.
func (in *Ingest) commit(batch []*delivery) {
	ctx := context.Background() // whoever handed it over may be gone; the event is not
	err := in.commitTogether(ctx, batch)
	if err == nil || len(batch) == 1 {
		if err != nil && neo.CodeOf(err) != neo.CodeForbidden {
			in.log.Error("an event could not be stored", "ticket", batch[0].event.Number, "err", err)
			err = neo.Errorf(neo.CodeUnavailable, "The event could not be stored. Deliver it again in a moment: %w", err)
		}
		if err == nil {
			in.lookForGaps(batch)
			in.lookForWaits(batch)
		}
		for _, d := range batch {
			d.done <- err
		}
		in.changed()
		return
	}
	for _, d := range batch {
		in.commit([]*delivery{d})
	}
}

func (in *Ingest) commitTogether(ctx context.Context, batch []*delivery) error {
	return in.store.InTx(ctx, func(tx neo.Tx) error {
		s, err := in.at(ctx, tx)
		if err != nil {
			return err
		}
		events := make([]neo.Event, len(batch))
		for i, d := range batch {
			if d.epoch != s.epoch {
				in.complete(&d.event, s)
				d.epoch, d.matches = s.epoch, s.match(&d.event)
			}
			if i, ok := s.integrations[d.event.Ticket.IntegrationID]; !ok || len(i.CallbackHash) == 0 {
				return errKey // disconnected since it was authorised; the others are tried alone
			}
			d.event.Disposition = disposition(&d.event, d.matches)
			events[i] = d.event
		}
		if err := in.ownWrites(ctx, tx, s, events); err != nil {
			return err
		}
		isNew, err := in.store.AppendEvents(ctx, tx, events)
		if err != nil {
			return err
		}
		if err := in.revisions(ctx, tx, s, batch, events, isNew); err != nil {
			return err
		}
		if err := in.untold(ctx, tx, s, batch, events, isNew); err != nil {
			return err
		}
		var runs []neo.Run
		for i, d := range batch {
			if d.isNew = isNew[i]; !d.isNew {
				continue
			}
			if events[i].Disposition == neo.DispositionOwn && !d.told {
				d.matches = s.match(&events[i]) // those that answer Neo's own changes
			}
			runs = append(runs, started(&events[i], d.matches, in.now())...)
		}
		return start(ctx, tx, in.store, in.queue, runs)
	})
}

// ownWrites finds the events that Neo's own writes produced. The account name
// alone proves nothing: people use the account too, and deliveries come late. The
// version does: either it is known, or a write to that ticket is under way, and
// then the decision waits for its answer.
func (in *Ingest) ownWrites(ctx context.Context, tx neo.Tx, s *snapshot, events []neo.Event) error {
	var suspects []neo.Event
	var at []int
	for i := range events {
		account := s.integrations[events[i].Ticket.IntegrationID].Identity.UserName
		unknown := events[i].ChangedBy == "" && events[i].Source == neo.SourceSweep
		if account != "" && (events[i].ChangedBy == account || unknown) && events[i].Source != neo.SourceBackfill {
			suspects, at = append(suspects, events[i]), append(at, i)
		}
	}
	if len(suspects) == 0 {
		return nil
	}
	refs := make([]neo.TicketRef, len(suspects))
	for i := range suspects {
		refs[i] = suspects[i].Ticket
	}
	// In this order: WritingSteps waits for a step that is just being finished, and
	// OwnVersions then sees what that step left.
	writing, err := in.store.WritingSteps(ctx, tx, refs)
	if err != nil {
		return err
	}
	own, err := in.store.OwnVersions(ctx, tx, suspects)
	if err != nil {
		return err
	}
	for i, suspect := range suspects {
		e := &events[at[i]]
		if own[i] || e.CreatedByMark != "" && e.Type == neo.EntityCreated {
			e.Disposition = neo.DispositionOwn
		} else if step, ok := writing[suspect.Ticket]; ok {
			e.Disposition, e.HeldBy = neo.DispositionHeld, step
		}
	}
	return nil
}

func disposition(e *neo.Event, matches []*rules.Compiled) neo.Disposition {
	if e.Source == neo.SourceBackfill {
		return neo.DispositionRecorded
	}
	if len(matches) > 0 {
		return neo.DispositionMatched
	}
	return neo.DispositionUnmatched
}

// started returns the runs that an event starts, by what was decided about it.
func started(e *neo.Event, matches []*rules.Compiled, now time.Time) []neo.Run {
	if e.Disposition != neo.DispositionMatched && e.Disposition != neo.DispositionOwn {
		return nil
	}
	return newRuns(e, matches, now)
}

// newRuns returns a run for each workflow that the event starts. Those that keep an
// order come one after the other.
func newRuns(e *neo.Event, matches []*rules.Compiled, now time.Time) []neo.Run {
	runs := make([]neo.Run, 0, len(matches))
	var ordered []*neo.Workflow
	for _, c := range matches {
		if c.Workflow.Ordered() {
			ordered = append(ordered, c.Workflow)
			continue
		}
		runs = append(runs, runFor(e, c.Workflow, now))
	}
	slices.SortStableFunc(ordered, func(a, b *neo.Workflow) int {
		return cmp.Or(cmp.Compare(a.ExecutionOrder, b.ExecutionOrder), cmp.Compare(a.ID, b.ID))
	})
	before := ""
	for _, w := range ordered {
		r := runFor(e, w, now)
		r.AfterID, before = before, r.ID
		runs = append(runs, r)
	}
	return runs
}

func runFor(e *neo.Event, w *neo.Workflow, now time.Time) neo.Run {
	r := newRun(w, e.Ticket, e.Number, now)
	r.EventID = e.ID
	r.DueAt = now.Add(time.Duration(w.DelaySeconds) * time.Second)
	return r
}

// newRun returns a run of the workflow on a ticket.
func newRun(w *neo.Workflow, ticket neo.TicketRef, number string, now time.Time) neo.Run {
	r := neo.Run{
		ID: neo.NewID(), TenantID: w.TenantID, WorkflowID: w.ID, WorkflowVersion: w.Version, WorkflowName: w.Name, Cause: neo.CauseEvent,
		Ticket: ticket, Number: number, Outcome: neo.Pending, DueAt: now, CreatedAt: now, Shadow: w.Shadow,
	}
	if w.RunOnlyOncePerEntity {
		r.OnceKey = ticket.IntegrationID + "/" + string(ticket.Class) + "/" + ticket.RemoteID
	}
	if w.ProcessEntitiesSequentially {
		r.Lane = w.ID
	}
	return r
}

// start stores the runs and rings for those that are new.
func start(ctx context.Context, tx neo.Tx, store Store, queue Queue, runs []neo.Run) error {
	if len(runs) == 0 {
		return nil
	}
	isNew, err := store.InsertRuns(ctx, tx, runs)
	if err != nil {
		return err
	}
	jobs := make([]neo.Job, 0, len(runs))
	skipped := map[string]string{} // runs that were not made, and what they would have come after
	for i, r := range runs {
		after := r.AfterID
		if before, ok := skipped[after]; ok {
			after = before // itself made, or ""
		}
		if !isNew[i] {
			skipped[r.ID] = after
			continue
		}
		if after != r.AfterID {
			if err := store.PutAfter(ctx, tx, r.ID, after); err != nil {
				return err
			}
		}
		j := neo.Job{RunID: r.ID}
		if r.DueAt.After(r.CreatedAt) {
			j.At = r.DueAt
		}
		jobs = append(jobs, j)
	}
	if len(jobs) == 0 {
		return nil
	}
	return queue.Add(ctx, tx, jobs...)
}
