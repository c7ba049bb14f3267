package servicenow_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/servicenow"
	"github.com/neoagent/neo/simulator"
)

// watched is a world whose deliveries a test hands over, or loses.
type watched struct {
	*world
	in      neo.Integration
	store   *memEvents
	watcher *servicenow.Watcher
	watch   neo.Watch
	script  func(e *neo.Event) // what the script of this instance does not say
}

func newWatched(t *testing.T) *watched {
	w := &watched{world: newWorld(t)}
	_, w.in = w.connected()
	w.store = &memEvents{clock: w.clock, dictionary: w.world.store.dictionaries[w.in.ID], own: map[neo.TicketRef][]int64{}}
	w.watch = neo.Watch{IntegrationID: w.in.ID, WatchData: neo.WatchData{Since: w.clock.now(), Sweep: neo.Sweep{Watermark: w.clock.now()}}}
	w.clock.add(time.Minute)
	w.sweepWith(w.connector)
	return w
}

func (w *watched) sweepWith(c *servicenow.Connector) {
	w.watcher = servicenow.NewWatcher(servicenow.WatcherOptions{Connector: c, Store: w.store, Submit: w.store.submit,
		Changed: func() {}, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
}

// sweep looks for what was lost, a minute after the last change.
func (w *watched) sweep() error {
	w.clock.add(time.Minute)
	return w.watcher.SweepOnce(w.t.Context(), w.in, &w.watch)
}

func (w *watched) sweeps() {
	w.t.Helper()
	if err := w.sweep(); err != nil {
		w.t.Fatal(err)
	}
}

// create makes an incident, in silence when it is lost.
func (w *watched) create(by string, lost bool) neo.TicketRef {
	w.t.Helper()
	ref := neo.TicketRef{IntegrationID: w.in.ID, Class: neo.Incident}
	var err error
	if ref.RemoteID, err = w.sim.Create(by, "incident", map[string]string{"short_description": "Printer", "caller_id": simulator.UserID("joe.employee")}); err != nil {
		w.t.Fatal(err)
	}
	w.delivery(lost)
	return ref
}

func (w *watched) change(by string, ref neo.TicketRef, lost bool, fields ...string) {
	w.t.Helper()
	values := map[string]string{}
	for i := 0; i < len(fields); i += 2 {
		values[fields[i]] = fields[i+1]
	}
	if err := w.sim.Update(by, string(ref.Class), ref.RemoteID, values); err != nil {
		w.t.Fatal(err)
	}
	w.delivery(lost)
}

func (w *watched) delivery(lost bool) {
	w.t.Helper()
	e := w.taken(w.in, w.next().body)
	if w.script != nil {
		w.script(&e)
	}
	if !lost {
		_, _ = w.store.submit(w.t.Context(), e)
	}
}

// memEvents has the events of all tickets.
type memEvents struct {
	servicenow.WatchStore
	clock      *clock
	dictionary *neo.Dictionary
	mu         sync.Mutex
	events     []neo.Event
	own        map[neo.TicketRef][]int64
	wrote      []neo.PastStep
}

func (s *memEvents) submit(_ context.Context, e neo.Event) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if slices.ContainsFunc(s.events, func(k neo.Event) bool { return k.Ticket == e.Ticket && k.Version == e.Version }) {
		return false, nil
	}
	e.ReceivedAt = s.clock.now()
	servicenow.Classify(&e, s.dictionary)
	s.events = append(s.events, e)
	return true, nil
}

func (s *memEvents) NewestEvents(_ context.Context, ref neo.TicketRef, limit int) ([]neo.Event, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := slices.DeleteFunc(slices.Clone(s.events), func(e neo.Event) bool { return e.Ticket != ref })
	slices.SortFunc(list, func(a, b neo.Event) int { return int(b.Version - a.Version) })
	return list[:min(limit, len(list))], nil
}

func (s *memEvents) Versions(ctx context.Context, refs []neo.TicketRef) (map[neo.TicketRef]neo.Versions, error) {
	known := map[neo.TicketRef]neo.Versions{}
	for _, ref := range refs {
		if list, _ := s.NewestEvents(ctx, ref, 10_000); len(list) > 0 {
			known[ref] = neo.Versions{Newest: list[0].Version, First: list[len(list)-1].Version, Known: int64(len(list)), ChangedAt: list[0].ChangedAt}
		}
	}
	return known, nil
}

func (s *memEvents) OwnVersionsFrom(_ context.Context, ref neo.TicketRef, first, last int64) ([]int64, error) {
	return slices.DeleteFunc(slices.Clone(s.own[ref]), func(v int64) bool { return v < first || v > last }), nil
}

func (s *memEvents) PastSteps(context.Context, neo.TicketRef, time.Time) ([]neo.PastStep, error) {
	return s.wrote, nil
}

func (s *memEvents) SaveWatch(context.Context, neo.Watch, time.Time) (bool, error) { return true, nil }

// story shows what is known of a ticket: a line for each version, with who made it,
// its notes and its kinds.
func (s *memEvents) story(ref neo.TicketRef) string {
	list, _ := s.NewestEvents(context.Background(), ref, 10_000)
	var lines []string
	for _, e := range slices.Backward(list) {
		line := fmt.Sprintf("%d %s", e.Version, e.ChangedBy)
		for _, j := range e.Journal {
			line += " “" + j.Text + "”"
		}
		for _, k := range e.Kinds {
			line += " " + string(k)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// Lost notes are found in the version that wrote them, once.
func TestFault30LostNotes(t *testing.T) {
	const beth, joe, fred = "beth.anglin", "joe.employee", "fred.luddy"
	for name, c := range map[string]struct {
		happen func(w *watched, ref neo.TicketRef)
		want   string
		old    bool // the script of an older Neo, which does not say who made the update before
	}{
		"in the second of the last version known": {func(w *watched, ref neo.TicketRef) {
			w.change(beth, ref, false, "work_notes", "Looking")
			w.change(joe, ref, true, "comments", "Any news?")
		}, "0 beth.anglin\n1 beth.anglin “Looking” WORK_NOTE_ADDED\n2 joe.employee “Any news?” CUSTOMER_REPLIED", false},
		"one between two lost updates of one second": {func(w *watched, ref neo.TicketRef) {
			w.change(joe, ref, true, "comments", "Any news?")
			w.change(beth, ref, false, "impact", "1")
			w.change(beth, ref, true, "category", "network")
			w.change(beth, ref, false, "impact", "2")
		}, "0 beth.anglin\n1 joe.employee “Any news?” CUSTOMER_REPLIED\n2 beth.anglin PRIORITY_RAISED\n3 beth.anglin\n4 beth.anglin", false},
		"one between two lost updates, by the script of an older Neo": {func(w *watched, ref neo.TicketRef) {
			w.change(joe, ref, true, "comments", "Any news?")
			w.change(beth, ref, false, "impact", "1")
			w.change(beth, ref, true, "category", "network")
			w.change(beth, ref, false, "impact", "2")
		}, "0 beth.anglin\n1 joe.employee “Any news?” CUSTOMER_REPLIED\n2 beth.anglin PRIORITY_RAISED\n3 \n4 beth.anglin", true},
		"with the text of an earlier one": {func(w *watched, ref neo.TicketRef) {
			w.change(joe, ref, false, "comments", "Any news?")
			w.clock.add(time.Minute)
			w.change(joe, ref, true, "comments", "Any news?")
			w.change(beth, ref, false, "impact", "2")
		}, "0 beth.anglin\n1 joe.employee “Any news?” CUSTOMER_REPLIED\n2 joe.employee “Any news?” CUSTOMER_REPLIED\n3 beth.anglin PRIORITY_RAISED", false},
		"with the text of one of that second": {func(w *watched, ref neo.TicketRef) {
			w.change(joe, ref, false, "comments", "Any news?")
			w.change(joe, ref, true, "comments", "Any news?")
			w.change(joe, ref, true, "comments", "Any news?")
		}, "0 beth.anglin\n1 joe.employee “Any news?” CUSTOMER_REPLIED\n3 joe.employee “Any news?” “Any news?” CUSTOMER_REPLIED", false},
		"in the seconds before one with the same text": {func(w *watched, ref neo.TicketRef) {
			w.change(joe, ref, true, "comments", "Any news?")
			w.clock.add(time.Second)
			w.change(joe, ref, false, "comments", "Any news?")
		}, "0 beth.anglin\n1 joe.employee “Any news?” CUSTOMER_REPLIED\n2 joe.employee “Any news?” CUSTOMER_REPLIED", false},
		"in several passes": {func(w *watched, ref neo.TicketRef) {
			w.change(joe, ref, true, "comments", "Any news?")
			w.sweeps()
			w.change(joe, ref, true, "comments", "Any news?")
			w.sweeps()
			w.change(joe, ref, false, "comments", "Any news?")
			w.change(joe, ref, true, "comments", "Any news?")
		}, "0 beth.anglin\n1 joe.employee “Any news?” CUSTOMER_REPLIED\n2 joe.employee “Any news?” CUSTOMER_REPLIED\n" +
			"3 joe.employee “Any news?” CUSTOMER_REPLIED\n4 joe.employee “Any news?” CUSTOMER_REPLIED", false},
		"none was lost": {func(w *watched, ref neo.TicketRef) {
			w.change(joe, ref, false, "comments", "Any news?")
			w.change(beth, ref, true, "category", "network")
			w.change(joe, ref, false, "comments", "Any news?")
			w.change(fred, ref, false, "work_notes", "x", "comments", "y")
			w.change(beth, ref, true, "category", "software")
		}, "0 beth.anglin\n1 joe.employee “Any news?” CUSTOMER_REPLIED\n2 beth.anglin\n3 joe.employee “Any news?” CUSTOMER_REPLIED\n" +
			"4 fred.luddy “x” “y” WORK_NOTE_ADDED\n5 beth.anglin", false},
		"both kinds at once": {func(w *watched, ref neo.TicketRef) {
			w.change(fred, ref, true, "work_notes", "same", "comments", "same")
			w.change(beth, ref, false, "impact", "2")
		}, "0 beth.anglin\n1 fred.luddy “same” “same” WORK_NOTE_ADDED\n2 beth.anglin PRIORITY_RAISED", false},
		"delivered in another form": {func(w *watched, ref neo.TicketRef) {
			w.script = func(e *neo.Event) {
				for i := range e.Journal {
					e.Journal[i].Text = "as people see it"
				}
			}
			w.change(joe, ref, false, "comments", "[code]<p>markup</p>[/code]")
			w.change(beth, ref, true, "category", "network")
		}, "0 beth.anglin\n1 joe.employee “as people see it” CUSTOMER_REPLIED\n2 beth.anglin", false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWatched(t)
			ref := w.create(beth, false)
			w.clock.add(time.Minute)
			if c.old {
				w.script = func(e *neo.Event) { e.PreviousBy = "" }
			}
			c.happen(w, ref)
			for range 3 { // the others find nothing more
				w.sweeps()
			}
			if got := w.store.story(ref); got != c.want {
				t.Errorf("known is\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

// What Neo itself wrote is told apart from what others did, though none of it was
// delivered.
func TestFault31WhoDidWhatWasLost(t *testing.T) {
	const beth, joe, us = "beth.anglin", "joe.employee", "neo.agent"
	const mark = "Routed.\n\nneo-0123456789ab-1"
	for name, c := range map[string]struct {
		own    []int64
		happen func(w *watched, ref neo.TicketRef)
		want   string
	}{
		"Neo's note": {[]int64{1}, func(w *watched, ref neo.TicketRef) { w.change(us, ref, true, "work_notes", mark) },
			"0 beth.anglin\n1 neo.agent “" + mark + "” WORK_NOTE_ADDED"},
		"a comment, and Neo's note after it": {[]int64{2}, func(w *watched, ref neo.TicketRef) {
			w.change(joe, ref, true, "comments", "Any news?")
			w.change(us, ref, true, "work_notes", mark)
		}, "0 beth.anglin\n1 joe.employee “Any news?” CUSTOMER_REPLIED\n2 neo.agent “" + mark + "” WORK_NOTE_ADDED"},
		"Neo's note, and a comment after it": {[]int64{1}, func(w *watched, ref neo.TicketRef) {
			w.change(us, ref, true, "work_notes", mark)
			w.change(joe, ref, true, "comments", "Any news?")
		}, "0 beth.anglin\n1 neo.agent “" + mark + "” WORK_NOTE_ADDED\n2 joe.employee “Any news?” CUSTOMER_REPLIED"},
		"Neo's note, whose answer was lost too, and a comment": {nil, func(w *watched, ref neo.TicketRef) {
			w.change(us, ref, true, "work_notes", mark)
			w.change(joe, ref, true, "comments", "Any news?")
		}, "0 beth.anglin\n2 joe.employee “Any news?” CUSTOMER_REPLIED"},
		"two of Neo's notes": {[]int64{1, 2}, func(w *watched, ref neo.TicketRef) {
			w.change(us, ref, true, "work_notes", mark)
			w.clock.add(time.Second)
			w.change(us, ref, true, "work_notes", mark+"1")
			w.change(beth, ref, false, "category", "network")
		}, "0 beth.anglin\n1 neo.agent “" + mark + "” WORK_NOTE_ADDED\n2 neo.agent “" + mark + "1” WORK_NOTE_ADDED\n3 beth.anglin"},
		"nobody knows who": {nil, func(w *watched, ref neo.TicketRef) {
			w.script = func(e *neo.Event) { e.PreviousBy = "" }
			w.change(beth, ref, true, "category", "software")
			w.change(joe, ref, true, "comments", "Any news?")
			w.change(beth, ref, false, "category", "network")
		}, "0 beth.anglin\n2  “Any news?” CUSTOMER_REPLIED\n3 beth.anglin"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWatched(t)
			ref := w.create(beth, false)
			w.store.own[ref] = c.own
			w.clock.add(time.Minute)
			c.happen(w, ref)
			w.sweeps()
			w.sweeps()
			if got := w.store.story(ref); got != c.want {
				t.Errorf("known is\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

// An old ticket among many does not hide the notes of the others, nor do a thousand
// notes on one.
func TestFault1NotesBeyondAPage(t *testing.T) {
	w := newWatched(t)
	quiet := func(by string, ref neo.TicketRef, text string) {
		t.Helper()
		if err := w.sim.Update(by, "incident", ref.RemoteID, map[string]string{"comments": text}); err != nil {
			t.Fatal(err)
		}
	}
	old := w.create("beth.anglin", false)
	w.clock.add(24 * time.Hour)
	refs := []neo.TicketRef{old}
	for range 44 {
		refs = append(refs, w.create("beth.anglin", false))
	}
	for _, rule := range w.sim.Find("sys_script", "collection=task") { // nobody is told
		if err := w.sim.Update("admin", "sys_script", rule, map[string]string{"active": "false"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.sim.SetFaults(simulator.Faults{MostRows: 300}); err != nil {
		t.Fatal(err)
	}
	for i := range 1_100 { // on the others, delivered
		ref := refs[1+i%44]
		quiet("beth.anglin", ref, fmt.Sprint("Noted ", i))
		e := neo.Event{TenantID: w.in.TenantID, Ticket: ref, Version: int64(1 + i/44), Type: neo.EntityUpdated, Source: neo.SourceWebhook, ChangedBy: "beth.anglin",
			ChangedAt: w.clock.now().UTC().Truncate(time.Second), EventData: neo.EventData{Fields: map[string]neo.Value{"number": {Value: "INC"}},
				Journal: []neo.JournalEntry{{Element: "comments", Text: fmt.Sprint("Noted ", i), Author: "beth.anglin"}}}}
		_, _ = w.store.submit(t.Context(), e)
		w.clock.add(time.Second)
	}
	for _, ref := range refs {
		quiet("joe.employee", ref, "Any news?")
	}
	long := w.create2("beth.anglin")
	for i := range 1_005 {
		quiet("joe.employee", long, fmt.Sprint("Ping ", i))
	}
	w.sweeps()
	for i, ref := range refs {
		list, _ := w.store.NewestEvents(t.Context(), ref, 1)
		if len(list[0].Journal) != 1 || list[0].Journal[0].Text != "Any news?" {
			t.Errorf("ticket %d: %+v", i, list[0].Journal)
		}
	}
	list, _ := w.store.NewestEvents(t.Context(), long, 1)
	if len(list) != 1 || len(list[0].Journal) != 1_005 {
		t.Errorf("the long one: %d events", len(list))
	}
}

// create2 makes an incident that nobody is told of.
func (w *watched) create2(by string) neo.TicketRef {
	w.t.Helper()
	id, err := w.sim.Create(by, "incident", map[string]string{"short_description": "Printer"})
	if err != nil {
		w.t.Fatal(err)
	}
	return neo.TicketRef{IntegrationID: w.in.ID, Class: neo.Incident, RemoteID: id}
}

// between puts a handler between Neo and the instance: it answers a call, or does not.
func (w *watched) between(answers func(rw http.ResponseWriter, r *http.Request) bool) {
	w.t.Helper()
	instance, _ := url.Parse(w.sim.URL)
	proxy := httputil.NewSingleHostReverseProxy(instance)
	transport := &http.Transport{}
	proxy.Transport = transport
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if !answers(rw, r) {
			proxy.ServeHTTP(rw, r)
		}
	}))
	in := w.world.store.integration(w.t, w.in.ID)
	in.InstanceURL = server.URL
	if err := w.world.store.SaveIntegration(w.t.Context(), nil, in); err != nil {
		w.t.Fatal(err)
	}
	w.in = in
	connections := servicenow.NewConnections(w.world.store, w.vault, "1.2.3", w.clock.now)
	w.t.Cleanup(func() { connections.Close(); server.Close(); transport.CloseIdleConnections() })
	w.sweepWith(servicenow.NewConnector(connections, w.neo.URL, nil))
}

// One ticket that cannot be read takes nothing away from the others, and is read when
// it can be. An instance that is away is left alone.
func TestFault29OneTicketFails(t *testing.T) {
	w := newWatched(t)
	var refs []neo.TicketRef
	for range 12 {
		refs = append(refs, w.create("beth.anglin", false))
	}
	bad := refs[5]
	var poisoned, away atomic.Bool
	var calls atomic.Int64
	poisoned.Store(true)
	w.between(func(rw http.ResponseWriter, r *http.Request) bool {
		calls.Add(1)
		switch {
		case away.Load():
			rw.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(rw, hibernating)
		case poisoned.Load() && strings.Contains(r.URL.RawQuery, bad.RemoteID) && strings.Contains(r.URL.Path, "sys_journal_field"):
			rw.WriteHeader(http.StatusInternalServerError)
		default:
			return false
		}
		return true
	})
	for _, ref := range refs {
		w.change("joe.employee", ref, true, "comments", "Any news?")
	}
	found := func() (n int) {
		for _, ref := range refs {
			if list, _ := w.store.NewestEvents(t.Context(), ref, 1); len(list[0].Journal) == 1 {
				n++
			}
		}
		return n
	}
	away.Store(true)
	if err := w.sweep(); neo.CodeOf(err) != neo.CodeUnavailable || calls.Load() != 1 {
		t.Errorf("an instance that is away: %v, %d calls", err, calls.Load())
	}
	away.Store(false)
	w.sweeps()
	if n := found(); n != len(refs)-1 || len(w.watch.Sweep.Pending) != 1 || w.watch.Sweep.Pending[0].Ticket != bad || w.watch.Sweep.Pending[0].Error == "" {
		t.Errorf("%d of %d found, %+v", n, len(refs), w.watch.Sweep.Pending)
	}
	calls.Store(0)
	w.clock.add(time.Hour) // it is long behind the watermark
	poisoned.Store(false)
	w.sweeps()
	if n := found(); n != len(refs) || len(w.watch.Sweep.Pending) != 0 {
		t.Errorf("%d of %d found, %+v", n, len(refs), w.watch.Sweep.Pending)
	}
	calls.Store(0)
	w.sweeps()
	if n := calls.Load(); n != 1 {
		t.Errorf("a sweep that finds nothing makes %d calls", n)
	}
}

// The number of calls does not grow with the number of tickets of which versions are missing.
func TestFault29Calls(t *testing.T) {
	w := newWatched(t)
	var refs []neo.TicketRef
	for range 60 {
		refs = append(refs, w.create("beth.anglin", false))
	}
	for _, ref := range refs {
		w.change("joe.employee", ref, true, "comments", "Any news?")
		w.change("beth.anglin", ref, false, "impact", "2")
	}
	var calls atomic.Int64
	w.between(func(_ http.ResponseWriter, r *http.Request) bool { calls.Add(1); return false })
	w.sweeps()
	for _, ref := range refs {
		if got := w.store.story(ref); !strings.Contains(got, "1 joe.employee “Any news?” CUSTOMER_REPLIED") {
			t.Errorf("known is\n%s", got)
		}
	}
	if n := calls.Load(); n > 4 { // changes, notes, the author and his roles
		t.Errorf("%d calls", n)
	}
}

// A note that is written while the sweep looks, soon after a change that was lost, is its
// own version's, which is on its way.
func TestFault30NoteWrittenMeanwhile(t *testing.T) {
	w := newWatched(t)
	ref := w.create("beth.anglin", false)
	w.clock.add(time.Minute)
	w.change("beth.anglin", ref, true, "category", "network")
	var once sync.Once
	w.between(func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.URL.Path, "sys_journal_field") {
			once.Do(func() { w.change("joe.employee", ref, true, "comments", "Any news?") })
		}
		return false
	})
	w.watcher.Settle = time.Second / 2
	w.clock.add(2 * time.Second)
	if err := w.watcher.SweepOnce(t.Context(), w.in, &w.watch); err != nil {
		t.Fatal(err)
	}
	if got, want := w.store.story(ref), "0 beth.anglin"; got != want {
		t.Errorf("while it is in doubt:\n%s\nwant\n%s", got, want)
	}
	w.sweeps()
	if got, want := w.store.story(ref), "0 beth.anglin\n2 joe.employee “Any news?” CUSTOMER_REPLIED"; got != want {
		t.Errorf("in the end:\n%s\nwant\n%s", got, want)
	}
}
