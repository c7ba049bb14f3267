package store_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/store"
)

var fill = flag.Int("fill", 0, "events to store before a benchmark")

// instance makes up the events of one ServiceNow instance: 50,000 tickets that
// change at random, with records of about 3 KB.
type instance struct {
	random   *rand.Rand
	fields   map[string]neo.Value
	versions []int64
}

func newInstance() *instance {
	s := &instance{random: rand.New(rand.NewPCG(1, 2)), fields: map[string]neo.Value{}, versions: make([]int64, 50_000)}
	for n := range 27 {
		s.fields[fmt.Sprintf("u_field_of_ticket_%d", n)] = neo.Value{Value: fmt.Sprintf("%032x", s.random.Uint64()), Display: "Network \"core\" team"}
	}
	s.fields["short_description"] = neo.Value{Value: "Printer on fire"}
	return s
}

func (s *instance) event() neo.Event {
	n := s.random.IntN(len(s.versions))
	s.versions[n]++
	id := uint64(n) * 0x9e3779b97f4a7c15 // spread, as a sys_id is
	return neo.Event{
		ID: neo.NewID(), TenantID: neo.DefaultTenant, Ticket: neo.TicketRef{IntegrationID: neo.DefaultTenant, Class: neo.Incident, RemoteID: fmt.Sprintf("%016x%016x", id, n)},
		Number: fmt.Sprintf("INC%07d", n), Version: s.versions[n], Type: neo.EntityUpdated, Source: neo.SourceWebhook,
		ChangedBy: "beth.anglin", ChangedAt: time.Now(), ReceivedAt: time.Now(), Disposition: neo.DispositionUnmatched,
		EventData: neo.EventData{Fields: s.fields, Changes: []neo.FieldChange{{Field: "state", From: neo.Value{Value: "1"}, To: neo.Value{Value: "2"}}}},
	}
}

// batch makes n events, of which every runEvery-th starts a run.
func (s *instance) batch(n, runEvery int) (events []neo.Event, runs []neo.Run) {
	for i := range n {
		e := s.event()
		if runEvery > 0 && i%runEvery == 0 {
			e.Disposition = neo.DispositionMatched
			runs = append(runs, neo.Run{ID: neo.NewID(), TenantID: e.TenantID, WorkflowID: "w1", WorkflowVersion: 1, WorkflowName: "Name",
				EventID: e.ID, Ticket: e.Ticket, Number: e.Number, Outcome: neo.Pending, CreatedAt: e.ReceivedAt})
		}
		events = append(events, e)
	}
	return events, runs
}

func ingest(tb testing.TB, db *store.DB, events []neo.Event, runs []neo.Run) {
	ctx := tb.Context()
	err := db.InTx(ctx, func(tx neo.Tx) error {
		if _, err := db.ConfigEpoch(ctx, tx); err != nil {
			return err
		}
		if _, err := db.AppendEvents(ctx, tx, events); err != nil {
			return err
		}
		_, err := db.InsertRuns(ctx, tx, runs)
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
}

// fillDB stores as many events as -fill says, every 50th with a finished run, and
// lets PostgreSQL look at them, as it does by itself within a minute.
func fillDB(tb testing.TB, db *store.DB, s *instance) {
	for n := 0; n < *fill; n += 256 {
		events, runs := s.batch(256, 50)
		for i := range runs {
			runs[i].Outcome = neo.Success
		}
		ingest(tb, db, events, runs)
	}
	if *fill > 0 && db.Postgres() != nil {
		if _, err := db.Postgres().Exec(tb.Context(), `VACUUM ANALYZE`); err != nil {
			tb.Fatal(err)
		}
	}
}

// cpu is the time this process has computed, without what PostgreSQL did.
func cpu() time.Duration {
	var r syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// BenchmarkIngestBatch measures one transaction of the webhook's path, for each
// event of it, without making up the events.
func BenchmarkIngestBatch(b *testing.B) {
	for _, d := range databases {
		for _, c := range []struct{ size, runEvery int }{{256, 0}, {256, 1}, {32, 0}, {1, 0}} {
			name := fmt.Sprintf("%s/events=%d", d.name, c.size)
			if c.runEvery > 0 {
				name += "+runs"
			}
			b.Run(name, func(b *testing.B) {
				db, s := open(b, d.config(b)), newInstance()
				fillDB(b, db, s)
				var computed, passed time.Duration
				for b.Loop() {
					events, runs := s.batch(c.size, c.runEvery)
					before, began := cpu(), time.Now()
					ingest(b, db, events, runs)
					computed, passed = computed+cpu()-before, passed+time.Since(began)
				}
				events := float64(b.N * c.size)
				b.ReportMetric(float64(computed.Microseconds())/events, "cpu-µs/event")
				b.ReportMetric(float64(passed.Microseconds())/events, "µs/event")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// BenchmarkHistory measures the pages that people look at. Run it with -fill
// 1000000 -benchtime 20x.
func BenchmarkHistory(b *testing.B) {
	for _, d := range databases {
		b.Run(d.name, func(b *testing.B) {
			db, s := open(b, d.config(b)), newInstance()
			fillDB(b, db, s)
			for _, c := range []struct {
				name   string
				filter neo.HistoryFilter
			}{
				{"newest", neo.HistoryFilter{}},
				{"created (none)", neo.HistoryFilter{Type: neo.EntityCreated}},
				{"executions", neo.HistoryFilter{Type: neo.WorkflowExecution}},
				{"successes", neo.HistoryFilter{Outcome: neo.Success}},
				{"failures (none)", neo.HistoryFilter{Outcome: neo.Failure}},
				{"pending (none)", neo.HistoryFilter{Outcome: neo.Pending}},
				{"one ticket", neo.HistoryFilter{Ticket: "INC0001234"}},
				{"100 tickets", neo.HistoryFilter{Ticket: "INC00012"}},
				{"10,000 tickets", neo.HistoryFilter{Ticket: "INC0001"}},
				{"all tickets", neo.HistoryFilter{Ticket: "INC"}},
				{"no ticket", neo.HistoryFilter{Ticket: "RITM"}},
			} {
				b.Run(c.name, func(b *testing.B) {
					for b.Loop() {
						if _, err := db.History(b.Context(), neo.DefaultTenant, c.filter); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
			b.Run("stats", func(b *testing.B) {
				for b.Loop() {
					if _, err := db.WorkflowStats(b.Context(), neo.DefaultTenant); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}
