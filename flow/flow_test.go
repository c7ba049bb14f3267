package flow_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/flow"
	"github.com/neoagent/neo/queue/local"
	"github.com/neoagent/neo/rules"
	"github.com/neoagent/neo/store"
	"github.com/neoagent/neo/store/postgrestest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(postgrestest.Tests(m))
}

const (
	integrationID = "int-1"
	key           = "callback-key"
	account       = "neo.agent" // Neo's own
)

// onBoth runs a test on SQLite and on PostgreSQL.
func onBoth(t *testing.T, test func(t *testing.T, w *world)) {
	t.Run("sqlite", func(t *testing.T) { test(t, newWorld(t, store.Config{DataDir: t.TempDir()})) })
	t.Run("postgres", func(t *testing.T) { test(t, newWorld(t, store.Config{DatabaseURL: postgrestest.URL(t)})) })
}

// world is a flow on a real store, beside a ticket system in memory.
type world struct {
	t      *testing.T
	store  *store.DB
	system *system
	now    time.Time
	mu     sync.Mutex // guards now

	ingest *flow.Ingest
	sent   []neo.Message // to endpoints
}

// Send is the sender of messages.
func (w *world) Send(_ context.Context, _ string, m neo.Message, _ neo.Ticket) error {
	w.sent = append(w.sent, m)
	return nil
}

func newWorld(t *testing.T, c store.Config) *world {
	t.Helper()
	db, err := store.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	w := &world{t: t, store: db, system: newSystem(), now: time.Now()}
	hash := sha256.Sum256([]byte(key))
	w.must(db.InTx(t.Context(), func(tx neo.Tx) error {
		return db.SaveIntegration(t.Context(), tx, neo.Integration{
			ID: integrationID, TenantID: neo.DefaultTenant, Permissions: neo.FullAccess(), Kind: "servicenow", InstanceURL: "https://acme.service-now.com",
			State: neo.StateReady, Identity: neo.Identity{UserName: account}, CallbackHash: hash[:], CreatedAt: w.now, UpdatedAt: w.now,
		})
	}))
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	w.now = w.now.Add(d)
	w.mu.Unlock()
}

// start makes an ingest and an engine as a process would at its start. Runs are
// carried out by hand (work), so that nothing depends on time.
func (w *world) start(through flow.Store) *flow.Engine {
	w.t.Helper()
	log := slog.New(slog.DiscardHandler)
	m, err := flow.NewMatcher(w.t.Context(), through, log)
	w.must(err)
	q := local.New(local.Options{Unfinished: w.store.UnfinishedRuns, Log: log})
	in := flow.NewIngest(m, through, q, 1, w.clock, func() {}, log)
	w.t.Cleanup(in.Stop)
	w.ingest = in
	return w.engine(through, w.system)
}

// engine makes an engine alone.
func (w *world) engine(through flow.Store, system flow.TicketSystem) *flow.Engine {
	w.t.Helper()
	log := slog.New(slog.DiscardHandler)
	m, err := flow.NewMatcher(w.t.Context(), w.store, log)
	w.must(err)
	return flow.NewEngine(flow.EngineOptions{
		Kinds: kindsOf, Matcher: m, Store: through, Queue: local.New(local.Options{Unfinished: w.store.UnfinishedRuns, Log: log}),
		Settle: 10 * time.Second, Sender: w, Now: w.clock, Changed: func() {}, Log: log,
		Systems: func(context.Context, string) (flow.TicketSystem, error) { return system, nil },
	})
}

// kindsOf is as much of a connector's work as these tests need.
func kindsOf(e *neo.Event, _ *neo.Dictionary) (kinds []neo.ChangeType) {
	for _, j := range e.Journal {
		if j.Element == "comments" && !j.Technician {
			kinds = append(kinds, neo.CustomerReplied)
		}
	}
	return kinds
}

func (w *world) save(d neo.Definition) *neo.Workflow {
	w.t.Helper()
	w.must(flow.Validate(d, rules.Context{}))
	f := &neo.Workflow{ID: neo.NewID(), TenantID: neo.DefaultTenant, Enabled: true, Definition: d}
	w.must(w.store.InTx(w.t.Context(), func(tx neo.Tx) error { return w.store.SaveWorkflow(w.t.Context(), tx, f, "test") }))
	return f
}

// on returns a workflow for every update of a field.
func on(field string, actions ...neo.ActionSpec) neo.Definition {
	return neo.Definition{
		Name: "On " + field, TriggerType: neo.Triggered, Actions: actions,
		Changes: []neo.TargetChange{{ChangeType: neo.FieldUpdated, Field: field}},
	}
}

func spec(t neo.ActionType, config string) neo.ActionSpec {
	return neo.ActionSpec{Type: t, Config: json.RawMessage(config)}
}

var (
	raise = spec(neo.ActionUpdateTicket, `{"fields":{"urgency":"1"}}`)
	note  = spec(neo.ActionAddWorkNote, `{"text":"Seen."}`)
)

// change is an update of the ticket's field by somebody, as a delivery reports it.
func (w *world) change(id, field, value, by string) neo.Event {
	return w.system.event(id, field, value, by)
}

func (w *world) submit(e neo.Event) bool {
	w.t.Helper()
	isNew, err := w.ingest.Submit(w.t.Context(), e)
	w.must(err)
	return isNew
}

// unfinished returns the runs that wait, in the order in which they were made.
func (w *world) unfinished() []string {
	w.t.Helper()
	jobs, err := w.store.UnfinishedRuns(w.t.Context(), "", 1000)
	w.must(err)
	ids := make([]string, len(jobs))
	for i, j := range jobs {
		ids[i] = j.RunID
	}
	return ids
}

// work tells the engine about every unfinished run until none is left.
func (w *world) work(e *flow.Engine) {
	w.t.Helper()
	for range 200 {
		ids := w.unfinished()
		if len(ids) == 0 {
			return
		}
		for _, id := range ids {
			if err := e.Work(w.t.Context(), id); err != nil && neo.CodeOf(err) != neo.CodeUnavailable {
				w.t.Fatal(err)
			}
		}
		w.pass(20 * time.Minute)
	}
	w.t.Fatal("runs are still unfinished after 200 rounds")
}

// tell tells the engine once about every unfinished run.
func (w *world) tell(e *flow.Engine) {
	w.t.Helper()
	for _, id := range w.unfinished() {
		if err := e.Work(w.t.Context(), id); err != nil && neo.CodeOf(err) != neo.CodeUnavailable {
			w.t.Fatal(err)
		}
	}
}

func (w *world) history(f neo.HistoryFilter) []neo.HistoryEntry {
	w.t.Helper()
	f.Limit = 100
	list, err := w.store.History(w.t.Context(), neo.DefaultTenant, f)
	w.must(err)
	return list
}

func (w *world) run(id string) neo.Run {
	w.t.Helper()
	r, err := w.store.Run(w.t.Context(), neo.DefaultTenant, id)
	w.must(err)
	return r
}

// disposition returns what became of the only event with that version.
func (w *world) disposition(id string, version int64) neo.Disposition {
	w.t.Helper()
	for _, h := range w.history(neo.HistoryFilter{}) {
		if h.Type == neo.WorkflowExecution {
			continue
		}
		e, err := w.store.Event(w.t.Context(), neo.DefaultTenant, h.ID)
		w.must(err)
		if e.Ticket.RemoteID == id && e.Version == version {
			return e.Disposition
		}
	}
	w.t.Fatalf("there is no event of %s version %d", id, version)
	return ""
}

// system is a ticket system in memory. before and after are called around each
// write and may fail it, before or after it took effect.
type system struct {
	flow.TicketSystem // what the tests do not use
	mu                sync.Mutex
	tickets           map[string]*neo.Ticket
	notes             map[string][]string
	writes            int
	looked            int // for notes
	emails            []neo.Email
	clientNotes       map[string][]string
	times             []neo.TimeEntry
	deleted           bool  // all tickets are gone
	timer             int64 // versions that a time entry makes
	created           []neo.NewTicket
	before            func() error
	after             func() error
	drops             map[string]bool // fields that it silently does not take
	unknown           string          // a name that nobody and nothing has
}

func newSystem() *system {
	return &system{tickets: map[string]*neo.Ticket{}, notes: map[string][]string{}, clientNotes: map[string][]string{}}
}

func ref(id string) neo.TicketRef {
	return neo.TicketRef{IntegrationID: integrationID, Class: neo.Incident, RemoteID: id}
}

func (s *system) ticket(id string) *neo.Ticket {
	if s.tickets[id] == nil {
		s.tickets[id] = &neo.Ticket{TicketRef: ref(id), TenantID: neo.DefaultTenant, Number: "INC" + id,
			Fields: map[string]neo.Value{"urgency": {Value: "3", Display: "3 - Low"}, "short_description": {Value: "VPN"}}}
	}
	return s.tickets[id]
}

// event changes a field and returns what the planted rule would report.
func (s *system) event(id, field, value, by string) neo.Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.ticket(id)
	was := t.Fields[field]
	t.Fields[field] = neo.Value{Value: value}
	t.Version++
	return report(t, neo.FieldChange{Field: field, From: was, To: neo.Value{Value: value}}, by)
}

func report(t *neo.Ticket, c neo.FieldChange, by string) neo.Event {
	fields := map[string]neo.Value{}
	for k, v := range t.Fields {
		fields[k] = v
	}
	return neo.Event{
		TenantID: neo.DefaultTenant, Ticket: t.TicketRef, Number: t.Number, Version: t.Version, Type: neo.EntityUpdated,
		Source: neo.SourceWebhook, ChangedBy: by,
		EventData: neo.EventData{Changes: []neo.FieldChange{c}, Fields: fields},
	}
}

func (s *system) Read(_ context.Context, r neo.TicketRef) (neo.Ticket, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.deleted {
		return neo.Ticket{}, neo.Errorf(neo.CodeNotFound, "The ticket was deleted.")
	}
	t := *s.ticket(r.RemoteID)
	t.Fields = map[string]neo.Value{}
	for k, v := range s.ticket(r.RemoteID).Fields {
		t.Fields[k] = v
	}
	return t, nil
}

func (s *system) Write(ctx context.Context, r neo.TicketRef, w neo.Write) (neo.Ticket, error) {
	s.mu.Lock()
	if s.before != nil {
		if err := s.before(); err != nil {
			s.mu.Unlock()
			return neo.Ticket{}, err
		}
	}
	t := s.ticket(r.RemoteID)
	s.writes++
	if w.Email != nil {
		s.emails = append(s.emails, *w.Email)
		after := s.after
		s.mu.Unlock()
		if after != nil {
			return neo.Ticket{}, after()
		}
		return neo.Ticket{TicketRef: r}, nil
	}
	if w.TimeEntry != nil {
		s.times = append(s.times, *w.TimeEntry)
		t.Version += s.timer
		echo, after := neo.Ticket{TicketRef: r, Version: t.Version}, s.after
		s.mu.Unlock()
		if after != nil {
			return neo.Ticket{}, after()
		}
		return echo, nil
	}
	t.Version++
	for k, v := range w.Fields {
		if !s.drops[k] {
			t.Fields[k] = neo.Value{Value: v}
		}
	}
	if w.WorkNote != "" {
		s.notes[r.RemoteID] = append(s.notes[r.RemoteID], w.WorkNote)
	}
	if w.ClientNote != "" {
		s.clientNotes[r.RemoteID] = append(s.clientNotes[r.RemoteID], w.ClientNote)
	}
	after := s.after
	s.mu.Unlock()
	if after != nil {
		if err := after(); err != nil {
			return neo.Ticket{}, err
		}
	}
	return s.Read(ctx, r)
}

func (s *system) HasNote(_ context.Context, r neo.TicketRef, journal neo.Journal, marker string, _ time.Time) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	notes := s.notes
	if journal == neo.ClientNotes {
		notes = s.clientNotes
	}
	for _, n := range notes[r.RemoteID] {
		if strings.Contains(n, marker) {
			return true, nil
		}
	}
	return false, nil
}

func (s *system) HasEntry(_ context.Context, r neo.TicketRef, journal neo.Journal, text string, _ time.Time) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looked++
	notes := s.notes
	if journal == neo.ClientNotes {
		notes = s.clientNotes
	}
	return slices.Contains(notes[r.RemoteID], text), nil
}

func (s *system) HasEmail(_ context.Context, _ neo.TicketRef, marker string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.emails {
		if strings.Contains(m.Text, marker) {
			return true, nil
		}
	}
	return false, nil
}

func (s *system) HasTimeEntry(_ context.Context, _ neo.TicketRef, marker string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.times, func(t neo.TimeEntry) bool { return strings.Contains(t.Text, marker) }), nil
}

func (s *system) Create(_ context.Context, n neo.NewTicket) (neo.Ticket, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writes++
	s.created = append(s.created, n)
	return s.numbered(len(s.created) - 1), nil
}

func (s *system) Created(_ context.Context, class neo.TicketClass, mark string) (neo.Ticket, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, n := range s.created {
		if n.Class == class && n.Mark == mark {
			return s.numbered(i), true, nil
		}
	}
	return neo.Ticket{}, false, nil
}

// numbered is the n-th ticket that was created.
func (s *system) numbered(n int) neo.Ticket {
	fields := map[string]neo.Value{}
	for k, v := range s.created[n].Fields {
		fields[k] = neo.Value{Value: v}
	}
	return neo.Ticket{TicketRef: neo.TicketRef{IntegrationID: integrationID, Class: s.created[n].Class, RemoteID: fmt.Sprintf("new%d", n)},
		Number: fmt.Sprintf("NEW%d", n), Fields: fields}
}

func (s *system) LinkTo(context.Context, neo.Ticket, neo.Ticket) (map[string]string, error) {
	return map[string]string{"parent": "x"}, nil
}

func (s *system) ContactEmail(context.Context, neo.Ticket) (string, error) {
	return "caller@example.com", nil
}

func (s *system) Lookup(_ context.Context, kind, name string) (neo.Value, error) {
	if name == "Nobody" || name == s.unknown {
		return neo.Value{}, neo.Errorf(neo.CodeNotFound, "There is no %s %q in the instance.", kind, name)
	}
	return neo.Value{Value: "id of " + name, Display: name}, nil
}

var errLost = &neo.Error{Code: neo.CodeUnavailable, Message: "The answer was lost.", Cause: errors.New("connection reset")}

func id(n int) string { return fmt.Sprintf("%032d", n) }
