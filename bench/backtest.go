package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/visitor"
)

// BacktestResult is how long a backtest took on a server that does nothing else.
type BacktestResult struct {
	Name     string  `json:"name"`
	Database string  `json:"database"`
	Events   int     `json:"events"`
	Matched  int     `json:"matched"` // events that would have started the workflow
	Seconds  float64 `json:"seconds"` // from asking for it until it is done
	Rate     float64 `json:"rate"`    // events per second
	RSSBytes int64   `json:"rss_bytes"`
}

// Print writes the result for people or as JSON.
func (r BacktestResult) Print(w io.Writer, asJSON bool) error {
	if asJSON {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		return encoder.Encode(r)
	}
	_, err := fmt.Fprintf(w, "%s on %s: %d events in %.2f s (%.0f/s), %d would have started the workflow, %.1f MiB resident\n",
		r.Name, r.Database, r.Events, r.Seconds, r.Rate, r.Matched, float64(r.RSSBytes)/(1<<20))
	return err
}

// backtestPoll is how often the benchmark asks whether the backtest is done.
const backtestPoll = 20 * time.Millisecond

// Backtest delivers that many events and measures a backtest of a workflow on them:
// one that every third event starts, or, with all, every event.
func Backtest(ctx context.Context, o Options, events int, all bool) (BacktestResult, error) {
	s, err := newStage(ctx, o)
	if err != nil {
		return BacktestResult{}, err
	}
	defer s.close()
	if err := s.prepare(ctx, trigger{ChangeType: neo.FieldUpdated, Field: "close_code"}); err != nil {
		return BacktestResult{}, err
	}
	if err := s.deliver(ctx, events); err != nil {
		return BacktestResult{}, err
	}
	t := matchAll
	if !all {
		most := "1"
		t.To = &most
	}
	draft, err := raising(t)
	if err != nil {
		return BacktestResult{}, err
	}
	r := BacktestResult{Name: "backtest", Database: "SQLite"}
	if o.DatabaseURL != "" {
		r.Database = "PostgreSQL"
	}
	var begun struct{ Data backtest }
	began := time.Now()
	if err := s.visitor.Call(ctx, http.MethodPost, "/api/v1/backtests", map[string]any{"definition": draft, "days": 1}, &begun); err != nil {
		return r, err
	}
	tick := time.NewTicker(backtestPoll)
	defer tick.Stop()
	for b := begun.Data; ; {
		switch b.State {
		case neo.BacktestRunning:
		case neo.BacktestDone:
			r.Seconds, r.Events, r.Matched, r.RSSBytes = time.Since(began).Seconds(), b.Total, b.Result.Events, s.rss()
			r.Rate = float64(r.Events) / r.Seconds
			return r, nil
		default:
			return r, fmt.Errorf("the backtest is %s: %s", b.State, b.Message)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return r, ctx.Err()
		}
		if b, err = visitor.Get[backtest](ctx, &s.visitor.Client, "/api/v1/backtests/"+begun.Data.ID); err != nil {
			return r, err
		}
	}
}

// backtest is what the API says of one.
type backtest struct {
	ID      string
	State   neo.BacktestState
	Message string
	Total   int
	Result  neo.BacktestResult
}

// deliver sends that many deliveries, divided among the connections.
func (s *stage) deliver(ctx context.Context, n int) error {
	var workers sync.WaitGroup
	var mu sync.Mutex
	var first error
	for worker := range s.options.Connections {
		mine := n / s.options.Connections
		if worker < n%s.options.Connections {
			mine++
		}
		workers.Go(func() {
			c, d := &connection{target: s.callback()}, newDeliveries(s.options.Seed, worker, s.tickets)
			defer c.close()
			for range mine {
				status, err := c.post(d.next())
				if err == nil && status/100 != 2 {
					err = fmt.Errorf("a delivery was answered %d: %s", status, c.answer)
				}
				if err == nil {
					err = ctx.Err()
				}
				if err != nil {
					mu.Lock()
					defer mu.Unlock()
					if first == nil {
						first = err
					}
					return
				}
			}
		})
	}
	workers.Wait()
	return first
}
