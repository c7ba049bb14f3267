package flow_test

import (
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/flow"
	"github.com/neoagent/neo/store"
	"github.com/neoagent/neo/store/postgrestest"
)

var recordedEvents = flag.Int("recorded", 20_000, "events that a benchmark of backtests looks at")

// recorder makes up the events of an instance: records of about 2.7 KB, one ticket in
// three changes a few times.
type recorder struct {
	random   *rand.Rand
	versions map[int]int64
}

func (r *recorder) event() neo.Event {
	n := r.random.IntN(30_000)
	version := r.versions[n]
	r.versions[n]++
	fields := map[string]neo.Value{
		"short_description": {Value: fmt.Sprintf("VPN does not connect from office %d", n%50)},
		"description":       {Value: "Since this morning the connection is refused. “Access denied”, says the client; others here have the same."},
		"category":          {Value: []string{"network", "hardware", "software", "inquiry"}[n%4], Display: []string{"Network", "Hardware", "Software", "Inquiry / Help"}[n%4]},
		"state":             {Value: fmt.Sprint(1 + version%7), Display: []string{"New", "In Progress", "On Hold"}[version%3]},
		"priority":          {Value: fmt.Sprint(1 + r.random.IntN(5)), Display: "3 - Moderate"},
		"urgency":           {Value: "3", Display: "3 - Low"},
		"caller_id":         {Value: fmt.Sprintf("%032x", n%500), Display: "Abel Tuter"},
	}
	for i := range 33 {
		fields[fmt.Sprintf("u_field_of_ticket_%d", i)] = neo.Value{Value: fmt.Sprintf("%032x", i*n), Display: "Some name"}
	}
	e := neo.Event{
		ID: neo.NewID(), TenantID: neo.DefaultTenant, Ticket: neo.TicketRef{IntegrationID: integrationID, Class: neo.Incident, RemoteID: fmt.Sprintf("%032x", n)},
		Number: fmt.Sprintf("INC%07d", n), Version: version, Type: neo.EntityUpdated, Source: neo.SourceWebhook, ChangedBy: "beth.anglin",
		ChangedAt: time.Now(), ReceivedAt: time.Now(), Disposition: neo.DispositionUnmatched, EventData: neo.EventData{Fields: fields},
	}
	if version == 0 {
		e.Type = neo.EntityCreated
		return e
	}
	field := []string{"state", "priority", "urgency", "u_field_of_ticket_1", "category"}[r.random.IntN(5)]
	e.Changes = []neo.FieldChange{{Field: field, From: neo.Value{Value: "old"}, To: fields[field]}}
	return e
}

// BenchmarkBacktest reports the time of a whole backtest:
// go test ./flow -run XXX -bench Backtest -recorded 100000
func BenchmarkBacktest(b *testing.B) {
	for _, database := range []string{"sqlite", "postgres"} {
		b.Run(database, func(b *testing.B) {
			c := store.Config{DataDir: b.TempDir()}
			if database == "postgres" {
				c = store.Config{DatabaseURL: postgrestest.URL(b)}
			}
			db, err := store.Open(b.Context(), c)
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = db.Close() })
			record(b, db, *recordedEvents)
			trials := flow.NewTrials(flow.TrialOptions{Store: db, Systems: knownSystem(b, newSystem()), Now: time.Now, Log: slog.New(slog.DiscardHandler)})
			b.Cleanup(trials.Stop)
			conditions := &neo.Rule{Combinator: neo.And, Rules: []neo.Rule{
				{Field: "category", Operator: neo.OpEqual, Value: "network"}, {Field: "priority", Operator: neo.OpLessEqual, Value: "2"}}}
			for name, change := range map[string]neo.TargetChange{
				"a field":    {ChangeType: neo.FieldUpdated, Field: "priority"},
				"created":    {ChangeType: neo.TicketCreated},
				"any update": {ChangeType: neo.FieldUpdated},
			} {
				d := neo.Definition{Name: name, TriggerType: neo.Triggered, Changes: []neo.TargetChange{change}, Conditions: conditions,
					Actions: []neo.ActionSpec{raise, note}}
				b.Run(name, func(b *testing.B) { backtests(b, trials, d) })
				if name == "any update" {
					d.Conditions = nil
					b.Run("any update, all match", func(b *testing.B) { backtests(b, trials, d) })
				}
			}
		})
	}
}

func backtests(b *testing.B, trials *flow.Trials, d neo.Definition) {
	before, n := processorTime(b), 0
	for b.Loop() {
		n++
		t, err := trials.StartBacktest(b.Context(), neo.DefaultTenant, "bench", d, 1)
		if err != nil {
			b.Fatal(err)
		}
		for t.State == neo.BacktestRunning {
			time.Sleep(5 * time.Millisecond)
			if t, err = trials.Backtest(b.Context(), neo.DefaultTenant, t.ID); err != nil {
				b.Fatal(err)
			}
		}
		if t.State != neo.BacktestDone || t.Total != *recordedEvents {
			b.Fatalf("%s after %d events: %s", t.State, t.Total, t.Message)
		}
		b.ReportMetric(float64(t.Result.Events), "matches")
	}
	b.ReportMetric((processorTime(b)-before).Seconds()/float64(n), "cpu-s/op")
}

// processorTime is what this process has used so far: on a machine that others use,
// it says more than the clock.
func processorTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func record(tb testing.TB, db *store.DB, n int) {
	tb.Helper()
	r := &recorder{random: rand.New(rand.NewPCG(1, 2)), versions: map[int]int64{}}
	for left := n; left > 0; {
		events := make([]neo.Event, min(left, 256))
		for i := range events {
			events[i] = r.event()
		}
		left -= len(events)
		err := db.InTx(tb.Context(), func(tx neo.Tx) error {
			_, err := db.AppendEvents(tb.Context(), tx, events)
			return err
		})
		if err != nil {
			tb.Fatal(err)
		}
	}
}
