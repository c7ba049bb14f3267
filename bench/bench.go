// Package bench measures Neo beside the floor of the machine it runs on: a bare
// handler that makes one row of the same size durable, under the same load, in the
// same run. Its figures are ratios to that floor.
//
// The server under test is a process of its own, as in real use; it may be killed
// and started again in the middle, to see that nothing is lost or doubled.
package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math"
	"slices"
	"time"
)

// Options are what all benchmarks share.
type Options struct {
	Duration    time.Duration
	Connections int
	Rate        int    // deliveries per second over all connections; 0: as fast as they are answered
	DatabaseURL string // of the own server and the floor; empty: SQLite
	Workflows   int    // loaded beside the one that acts
	Seed        uint64

	// A running server, instead of an own one. It must allow the host of the sink
	// (NEO_SERVICENOW_ALLOW_HOSTS).
	URL, Email, Password string
	PID                  int    // of the running server; 0: its memory is not reported
	SinkListen           string // address of the sink: a simulated instance

	Binary string // of neo, to start the own server and the floor from
	Log    *slog.Logger
}

// Result is what a benchmark found. Latencies are from sending a delivery to what
// the benchmark waits for.
type Result struct {
	Name        string  `json:"name"`
	Database    string  `json:"database"`
	Connections int     `json:"connections"`
	Workflows   int     `json:"workflows"`
	Seconds     float64 `json:"seconds"`
	Count       int     `json:"count"`
	Rate        float64 `json:"rate"`
	FloorRate   float64 `json:"floor_rate"`
	Ratio       float64 `json:"ratio"`
	P50MS       float64 `json:"p50_ms"`
	P99MS       float64 `json:"p99_ms"`
	FloorP50MS  float64 `json:"floor_p50_ms"`
	FloorP99MS  float64 `json:"floor_p99_ms"`
	Errors      int     `json:"errors"`
	FloorErrors int     `json:"floor_errors"`
	RSSBytes    int64   `json:"rss_bytes"`
	FirstError  string  `json:"first_error,omitempty"`

	Crash *Crash `json:"crash,omitempty"`
}

// Crash is what was found after a server that was killed again and again.
type Crash struct {
	Kills    int    `json:"kills"`
	Seed     uint64 `json:"seed"`
	Accepted int    `json:"accepted"` // deliveries answered 2xx
	Events   int    `json:"events"`   // stored for them
	Lost     int    `json:"lost"`     // accepted, but without event or without write
	Doubled  int    `json:"doubled"`  // written more than once
	Unwanted int    `json:"unwanted"` // written for nothing that was delivered
}

// Print writes the result for people or as JSON.
func (r Result) Print(w io.Writer, asJSON bool) error {
	if asJSON {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		return encoder.Encode(r)
	}
	_, err := fmt.Fprintf(w, `%s on %s, %d connections, %d workflows, %.1f s
            %12s %12s %12s %10s
  Neo       %10.0f/s %9.2f ms %9.2f ms %10d
  floor     %10.0f/s %9.2f ms %9.2f ms %10d
  ratio     %12.2f
  memory    %8.1f MiB resident
`, r.Name, r.Database, r.Connections, r.Workflows, r.Seconds, "rate", "p50", "p99", "errors",
		r.Rate, r.P50MS, r.P99MS, r.Errors, r.FloorRate, r.FloorP50MS, r.FloorP99MS, r.FloorErrors, r.Ratio, float64(r.RSSBytes)/(1<<20))
	if err == nil && r.Crash != nil {
		_, err = fmt.Fprintf(w, "  killed    %d times (seed %d): %d accepted, %d events, %d lost, %d doubled, %d unwanted\n",
			r.Crash.Kills, r.Crash.Seed, r.Crash.Accepted, r.Crash.Events, r.Crash.Lost, r.Crash.Doubled, r.Crash.Unwanted)
	}
	if err == nil && r.FirstError != "" {
		_, err = fmt.Fprintln(w, "  first error:", r.FirstError)
	}
	return err
}

// sample is how one load went.
type sample struct {
	took      time.Duration
	latencies []time.Duration
	errors    int
	first     error
}

func (s *sample) add(other sample) {
	s.latencies = append(s.latencies, other.latencies...)
	s.errors += other.errors
	if s.first == nil {
		s.first = other.first
	}
}

func (s *sample) rate() float64 {
	if s.took <= 0 {
		return 0
	}
	return float64(len(s.latencies)) / s.took.Seconds()
}

// quantile returns the latency that the share q did not exceed, in milliseconds.
func (s *sample) quantile(q float64) float64 {
	if len(s.latencies) == 0 {
		return 0
	}
	slices.Sort(s.latencies)
	i := int(math.Ceil(q*float64(len(s.latencies)))) - 1
	return float64(s.latencies[max(i, 0)].Microseconds()) / 1000
}

// compare puts what was measured beside its floor.
func compare(name string, o Options, neo, floor sample, rss int64) Result {
	r := Result{
		Name: name, Database: "SQLite", Connections: o.Connections, Workflows: o.Workflows + 1, Seconds: neo.took.Seconds(),
		Count: len(neo.latencies), Rate: neo.rate(), FloorRate: floor.rate(), P50MS: neo.quantile(0.5), P99MS: neo.quantile(0.99),
		FloorP50MS: floor.quantile(0.5), FloorP99MS: floor.quantile(0.99), Errors: neo.errors, FloorErrors: floor.errors, RSSBytes: rss,
	}
	if o.DatabaseURL != "" {
		r.Database = "PostgreSQL"
	}
	if r.FloorRate > 0 {
		r.Ratio = r.Rate / r.FloorRate
	}
	if neo.first != nil {
		r.FirstError = neo.first.Error()
	}
	return r
}

// Ingest measures deliveries: sent → answered 2xx, which is stored, matched and,
// where a workflow matched, with its run and its job.
func Ingest(ctx context.Context, o Options) (Result, error) {
	floor, err := measureFloor(ctx, o)
	if err != nil {
		return Result{}, fmt.Errorf("the floor: %w", err)
	}
	s, err := newStage(ctx, o)
	if err != nil {
		return Result{}, err
	}
	defer s.close()
	if err := s.prepare(ctx, matchSome); err != nil {
		return Result{}, err
	}
	neo := load(ctx, o, s.callback(), func(worker int) func() ([]byte, func(error)) {
		d := newDeliveries(o.Seed, worker, s.tickets)
		return func() ([]byte, func(error)) { return d.next(), nil }
	})
	return compare("ingest", o, neo, floor, s.rss()), nil
}
