package flow

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/rules"
)

// Scheduler begins what is due by the clock: scheduled workflows, and work that a
// person asked for at a time. Every replica has one; each firing and each piece of
// work is taken by one of them, in the transaction that makes its runs.
type Scheduler struct {
	matcher *Matcher
	store   Store
	queue   Queue
	now     func() time.Time
	changed func()
	log     *slog.Logger
}

// NewScheduler returns a scheduler; Run starts it.
func NewScheduler(m *Matcher, store Store, queue Queue, now func() time.Time, changed func(), log *slog.Logger) *Scheduler {
	return &Scheduler{matcher: m, store: store, queue: queue, now: now, changed: changed, log: log}
}

const (
	// tick is how often a scheduler looks what is due.
	tick = time.Second
	// dueAtOnce bounds the pieces of work that one look begins.
	dueAtOnce = 100
	// runsAtOnce bounds the runs that one transaction makes.
	runsAtOnce = 1_000
	// ticketsAtOnce bounds the tickets that are in memory at a time.
	ticketsAtOnce = 500
)

// Run looks what is due until ctx ends.
func (s *Scheduler) Run(ctx context.Context) {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := s.Tick(ctx); err != nil && ctx.Err() == nil {
				s.log.Warn("what is due by the clock has to wait", "err", err)
			}
		}
	}
}

// Tick begins everything that is due now.
func (s *Scheduler) Tick(ctx context.Context) error {
	return errors.Join(s.beginWork(ctx), s.fire(ctx))
}

// beginWork makes the runs of scheduled work whose time has come.
func (s *Scheduler) beginWork(ctx context.Context) error {
	due, err := s.store.DueWork(ctx, s.now(), dueAtOnce)
	if err != nil {
		return err
	}
	var failed error // one must not keep the others
	for _, w := range due {
		workflow, err := s.store.Workflow(ctx, w.TenantID, w.WorkflowID)
		gone := neo.CodeOf(err) == neo.CodeNotFound
		if err != nil && !gone {
			return err
		}
		err = s.store.InTx(ctx, func(tx neo.Tx) error {
			tx.OnCommit(s.changed)
			if gone {
				_, err := s.store.BeginWork(ctx, tx, w.ID, "", "The workflow was deleted before the time came.")
				return err
			}
			return begin(ctx, tx, s.store, s.queue, w, &workflow, s.now())
		})
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("scheduled work %s: %w", w.ID, err))
		}
	}
	return failed
}

// begin makes the run of a piece of work, unless somebody else does.
func begin(ctx context.Context, tx neo.Tx, store Store, queue Queue, w neo.ScheduledWork, workflow *neo.Workflow, now time.Time) error {
	r := newRun(workflow, w.Ticket, w.Number, now)
	r.Cause, r.StartKey = neo.CauseRequest, "work/"+w.ID
	r.RequestedBy = w.RequestedBy
	r.OnceKey = "" // whoever asks for it means it
	ours, err := store.BeginWork(ctx, tx, w.ID, r.ID, "")
	if err != nil || !ours {
		return err
	}
	return start(ctx, tx, store, queue, []neo.Run{r})
}

// fire makes the runs of scheduled workflows that are due.
func (s *Scheduler) fire(ctx context.Context) error {
	config, err := s.matcher.newest(ctx)
	if err != nil {
		return err
	}
	firings, err := s.store.Schedules(ctx)
	if err != nil {
		return err
	}
	next := map[string]neo.NextFiring{}
	for _, f := range firings {
		if _, ok := config.scheduled[f.WorkflowID]; !ok {
			if err := s.store.DropSchedule(ctx, f.WorkflowID); err != nil {
				return err
			}
			continue
		}
		next[f.WorkflowID] = f
	}
	var failed error // one must not keep the others
	for id, c := range config.scheduled {
		w := c.Workflow
		settings := config.settings(w.TenantID)
		f, known := next[id]
		zone := rules.ZoneOf(*w.Schedule, settings.TimeZone)
		moved := known && f.TimeZone != zone && f.At.After(s.now()) // what is due already comes first
		if !known || f.Version != w.Version || moved {
			at, err := rules.Next(*w.Schedule, s.now(), settings.TimeZone)
			if err != nil {
				s.log.Error("this workflow's schedule is not understood", "workflow", id, "err", err)
				continue
			}
			if err := s.store.PutSchedule(ctx, neo.NextFiring{WorkflowID: id, TenantID: w.TenantID, Version: w.Version, TimeZone: zone, At: at}); err != nil {
				return err
			}
			continue
		}
		if f.At.After(s.now()) {
			continue
		}
		if err := s.fireOne(ctx, c, settings, f); err != nil {
			failed = errors.Join(failed, fmt.Errorf("workflow %s: %w", id, err))
		}
	}
	return failed
}

// fireOne makes a run for each ticket that matches now. Firings that were missed,
// since no Neo was running, are this one.
func (s *Scheduler) fireOne(ctx context.Context, c *rules.Compiled, settings neo.Settings, due neo.NextFiring) error {
	w, now := c.Workflow, s.now()
	next, err := rules.Next(*w.Schedule, now, settings.TimeZone)
	if err != nil {
		return err
	}
	var tickets []neo.Ticket
	if c.Open(now) {
		if tickets, err = s.matching(ctx, c, now); err != nil {
			return err
		}
	}
	runs := make([]neo.Run, 0, len(tickets))
	for _, t := range tickets {
		r := newRun(w, t.TicketRef, t.Number, now)
		r.Cause = neo.CauseSchedule
		r.StartKey = fmt.Sprintf("schedule/%d/%s/%s/%s", due.At.UnixMilli(), t.IntegrationID, t.Class, t.RemoteID)
		r.DueAt = now.Add(time.Duration(w.DelaySeconds) * time.Second)
		runs = append(runs, r)
	}
	// Deliveries must not wait for many runs in one transaction. A portion that is made
	// twice, by two replicas or after a crash, is made once: each run has its start key.
	last := runs
	for ; len(last) > runsAtOnce; last = last[runsAtOnce:] {
		err := s.store.InTx(ctx, func(tx neo.Tx) error { return start(ctx, tx, s.store, s.queue, last[:runsAtOnce]) })
		if err != nil {
			return err
		}
	}
	err = s.store.InTx(ctx, func(tx neo.Tx) error {
		tx.OnCommit(s.changed)
		ours, err := s.store.Fire(ctx, tx, due, next, now)
		if err != nil || !ours {
			return err
		}
		return start(ctx, tx, s.store, s.queue, last)
	})
	if err == nil && len(runs) > 0 {
		s.log.Info("a scheduled workflow has fired", "workflow", w.ID, "name", w.Name, "tickets", len(runs))
	}
	return err
}

// matching returns the tickets for which the workflow's conditions hold, by Neo's own
// copy, but for those on which a run of it is not over: a workflow that waits longer
// than it takes to the next firing would begin again and again.
func (s *Scheduler) matching(ctx context.Context, c *rules.Compiled, now time.Time) ([]neo.Ticket, error) {
	busy, err := s.store.UnfinishedTickets(ctx, c.Workflow.TenantID, c.Workflow.ID)
	if err != nil {
		return nil, err
	}
	var found []neo.Ticket
	var after neo.TicketRef
	for {
		page, err := s.store.TicketsAfter(ctx, c.Workflow.TenantID, after, ticketsAtOnce)
		if err != nil {
			return nil, err
		}
		for _, t := range page {
			if busy[t.TicketRef] {
				continue
			}
			e := asEvent(t, now)
			if c.NeedsReply() {
				if e.LastReplyAt, err = s.store.LastReply(ctx, t.TicketRef, now); err != nil {
					return nil, err
				}
			}
			if c.Holds(&e) {
				t.Fields = nil
				found = append(found, t)
			}
		}
		if len(page) < ticketsAtOnce {
			return found, nil
		}
		after = page[len(page)-1].TicketRef
	}
}
