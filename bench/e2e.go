package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"regexp"
	"sync"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/simulator"
	"github.com/neoagent/neo/visitor"
)

// arrivals tells who waits for a write to a ticket that it has come.
type arrivals struct {
	mu      sync.Mutex
	waiting map[string]chan struct{} // by sys_id
}

func (a *arrivals) expect(sysID string) <-chan struct{} {
	c := make(chan struct{})
	a.mu.Lock()
	a.waiting[sysID] = c
	a.mu.Unlock()
	return c
}

func (a *arrivals) written(w simulator.Write) {
	a.mu.Lock()
	if c := a.waiting[w.SysID]; c != nil {
		close(c)
		delete(a.waiting, w.SysID)
	}
	a.mu.Unlock()
}

// E2E measures the whole way: a delivery is sent → the write that answers it has
// arrived at the sink. Each connection waits for the one before it sends the next.
func E2E(ctx context.Context, o Options) (Result, error) {
	floor, err := measureFloor(ctx, o)
	if err != nil {
		return Result{}, fmt.Errorf("the floor: %w", err)
	}
	s, err := newStage(ctx, o)
	if err != nil {
		return Result{}, err
	}
	defer s.close()
	if err := s.prepare(ctx, matchAll); err != nil {
		return Result{}, err
	}
	a := &arrivals{waiting: map[string]chan struct{}{}}
	s.written = a.written
	measured := load(ctx, o, s.callback(), func(worker int) func() ([]byte, func(error)) {
		d := newDeliveries(o.Seed, worker, s.tickets)
		return func() ([]byte, func(error)) {
			body := d.next()
			arrived := a.expect(d.current.sysID)
			return body, func(err error) {
				if err != nil {
					return
				}
				select {
				case <-arrived:
				case <-time.After(30 * time.Second): // counted by its latency
				}
			}
		}
	})
	return compare("e2e", o, measured, floor, s.rss()), nil
}

// E2EWithKills sends deliveries while the server is killed (SIGKILL) at random
// moments and started again, and then looks whether anything is lost or doubled.
// A delivery that was not answered is sent again until it is, as a sweep would.
func E2EWithKills(ctx context.Context, o Options, kills int) (Result, error) {
	if o.URL != "" {
		return Result{}, errors.New("only an own server can be killed: leave out --url")
	}
	s, err := newStage(ctx, o)
	if err != nil {
		return Result{}, err
	}
	defer s.close()
	if err := s.prepare(ctx, matchAll); err != nil {
		return Result{}, err
	}
	sending, stopSending := context.WithCancel(ctx)
	defer stopSending()
	accepted := make([]map[string]int64, o.Connections) // sys_id → versions accepted
	var total sample
	var mu sync.Mutex
	var workers sync.WaitGroup
	began := time.Now()
	for worker := range o.Connections {
		accepted[worker] = map[string]int64{}
		workers.Go(func() {
			one := sendUntilAccepted(sending, s.callback(), newDeliveries(o.Seed, worker, s.tickets), accepted[worker])
			mu.Lock()
			total.add(one)
			mu.Unlock()
		})
	}
	random := rand.New(rand.NewPCG(o.Seed, 0))
	for range kills {
		select {
		case <-time.After(time.Duration(random.Int64N(int64(300 * time.Millisecond)))):
		case <-ctx.Done():
			return Result{}, ctx.Err()
		}
		s.process.kill()
		if err := s.startServer(ctx); err != nil {
			return Result{}, err
		}
	}
	stopSending()
	workers.Wait()
	total.took = time.Since(began)

	r := compare("e2e with kills", o, total, sample{}, s.rss())
	r.Crash = &Crash{Kills: kills, Seed: o.Seed}
	return r, s.audit(ctx, accepted, r.Crash)
}

// sendUntilAccepted sends deliveries one after another, each until it is answered
// 2xx, and counts them.
func sendUntilAccepted(ctx context.Context, target string, d *deliveries, accepted map[string]int64) (s sample) {
	c := &connection{target: target}
	defer c.close()
	for ctx.Err() == nil {
		body := d.next()
		begun := time.Now()
		for {
			status, err := c.post(body)
			if err == nil && status/100 == 2 {
				accepted[d.current.sysID]++
				s.latencies = append(s.latencies, time.Since(begun))
				break
			}
			s.errors++
			if ctx.Err() != nil {
				return s // not accepted: nothing is promised about it
			}
			select {
			case <-time.After(5 * time.Millisecond):
			case <-ctx.Done():
				return s
			}
			body = d.again()
		}
	}
	return s
}

var noteMarker = regexp.MustCompile(`neo-[0-9a-f]{12}-\d+`)

// audit waits until the server has done what it accepted, and compares.
func (s *stage) audit(ctx context.Context, accepted []map[string]int64, found *Crash) error {
	ctx, cancel := context.WithTimeout(ctx, 90*time.Second)
	defer cancel()
	s.visitor.Close() // its connections are to a server that was killed
	if err := s.visitor.SignIn(ctx, email, password, s.process.setupToken); err != nil {
		return err
	}
	unfinished := func(outcome neo.Outcome) (bool, error) {
		list, err := visitor.Get[[]struct{}](ctx, &s.visitor.Client, "/api/v1/history?type=WORKFLOW_EXECUTION&limit=1&outcome="+string(outcome))
		return len(list) > 0, err
	}
	waited := visitor.Until(ctx, func() (bool, error) {
		pending, err1 := unfinished(neo.Pending)
		running, err2 := unfinished(neo.Running)
		return !pending && !running && err1 == nil && err2 == nil, errors.Join(err1, err2)
	})
	if waited != nil {
		return fmt.Errorf("runs are not finished long after the last start: %w", waited)
	}
	for worker, tickets := range s.tickets {
		for _, t := range tickets {
			promised := int(accepted[worker][t.sysID])
			events, runs, err := s.recorded(ctx, t)
			if err != nil {
				return err
			}
			notes, doubled := s.notes(t)
			found.Accepted += promised
			found.Events += events
			found.Doubled += doubled
			found.Lost += max(promised-events, 0) + max(runs-notes, 0)
			// The last delivery of a ticket may be stored without having been answered.
			found.Unwanted += max(notes-runs, 0) + max(events-promised-1, 0)
			if events != runs {
				found.Lost += max(events-runs, 0)
			}
		}
	}
	return nil
}

// recorded counts the deliveries of a ticket and its successful runs in Neo.
func (s *stage) recorded(ctx context.Context, t *ticket) (events, runs int, err error) {
	count := func(filter string) (n int, err error) {
		for cursor := ""; ; {
			var out struct {
				Data []struct{}
				Meta struct {
					NextCursor string `json:"next_cursor"`
				}
			}
			path := "/api/v1/history?limit=200&ticket=" + t.number + filter + "&cursor=" + url.QueryEscape(cursor)
			if err := s.visitor.Call(ctx, "GET", path, nil, &out); err != nil {
				return n, err
			}
			n += len(out.Data)
			if cursor = out.Meta.NextCursor; cursor == "" {
				return n, nil
			}
		}
	}
	// Those that start the workflow, which all deliveries do; what Neo's own notes were reported as does not.
	if events, err = count("&type=ENTITY_UPDATED&outcome=SUCCESS"); err != nil {
		return 0, 0, err
	}
	runs, err = count("&type=WORKFLOW_EXECUTION&outcome=SUCCESS")
	return events, runs, err
}

// notes counts the different notes that the sink has on a ticket, and those that
// it has more than once.
func (s *stage) notes(t *ticket) (different, doubled int) {
	seen := map[string]int{}
	for _, j := range s.sink.Journal(t.sysID) {
		if m := noteMarker.FindString(j.Value); m != "" {
			if seen[m]++; seen[m] == 2 {
				doubled++
			}
		}
	}
	return len(seen), doubled
}
