package servicenow_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/servicenow"
	"github.com/neoagent/neo/simulator"
)

var update = flag.Bool("update", false, "write golden files")

// history is what people did with one ticket, and what kinds of changes that was.
// Values that begin with @ are looked up: "@sys_user/user_name=joe.employee".
type history struct {
	Class    neo.TicketClass `json:"class"`
	Versions []struct {
		By    string            `json:"by"`
		Set   map[string]string `json:"set"`
		Kinds []neo.ChangeType  `json:"kinds"`
	} `json:"versions"`
}

// TestKinds lets real histories happen in the simulator, and takes in what its
// planted rule delivers: in order, last first, and with each version lost in turn, to
// be found by the sweep. Every version is of the same kinds each time.
func TestKinds(t *testing.T) {
	files, err := filepath.Glob("testdata/kinds/*.json")
	if err != nil || len(files) < 4 {
		t.Fatalf("%d histories, %v", len(files), err)
	}
	seen := map[neo.ChangeType]bool{neo.TicketCreated: true, neo.FieldUpdated: true}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			h := readHistory(t, file)
			testKinds(t, file, h)
			for _, v := range h.Versions {
				for _, k := range v.Kinds {
					seen[k] = true
				}
			}
		})
	}
	for _, k := range neo.ChangeTypes {
		if !seen[k] {
			t.Errorf("no history has a version that is %s", k)
		}
	}
}

func readHistory(t *testing.T, file string) *history {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	h := &history{}
	if err := d.Decode(h); err != nil {
		t.Fatal(err)
	}
	return h
}

func testKinds(t *testing.T, file string, h *history) {
	w := newWorld(t)
	_, in := w.connected()
	since := w.clock.now()
	w.clock.add(time.Minute)
	ref, bodies := w.happen(h)
	ref.IntegrationID = in.ID

	inOrder := map[int64]neo.Event{}
	for _, body := range bodies {
		e := w.taken(in, body)
		inOrder[e.Version] = e
	}
	if *update {
		for i := range h.Versions {
			h.Versions[i].Kinds = inOrder[int64(i)].Kinds
		}
		text, err := json.MarshalIndent(h, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, append(text, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for i, v := range h.Versions {
		if diff := cmp.Diff(v.Kinds, inOrder[int64(i)].Kinds, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("version %d (-want +got):\n%s", i, diff)
		}
	}

	w.clock.add(10 * time.Minute)
	for lost := range len(bodies) + 1 { // the last round loses nothing
		store := &eventStore{ref: ref, known: w.store.dictionaries[in.ID], events: map[int64]neo.Event{}}
		late := slices.Clone(bodies)
		slices.Reverse(late)
		for _, body := range late {
			if e := w.taken(in, body); e.Version != int64(lost) {
				_, _ = store.submit(t.Context(), e)
			}
		}
		watcher := servicenow.NewWatcher(servicenow.WatcherOptions{Connector: w.connector, Store: store, Submit: store.submit,
			Changed: func() {}, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
		if err := watcher.SweepSince(t.Context(), in, since); err != nil {
			t.Fatal(err)
		}
		for i, v := range h.Versions {
			e, ok := store.events[int64(i)]
			if !ok {
				t.Fatalf("version %d was not found", i)
			}
			if diff := cmp.Diff(v.Kinds, e.Kinds, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("version %d, from the %s, when %d was lost (-want +got):\n%s", i, e.Source, lost, diff)
			}
			if diff := cmp.Diff(comparable(inOrder[int64(i)]), comparable(e), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("version %d, from the %s, when %d was lost (-want +got):\n%s", i, e.Source, lost, diff)
			}
			if want := inOrder[int64(i)]; e.ChangedBy != want.ChangedBy || !e.ChangedAt.Equal(want.ChangedAt) { // fault 31
				t.Errorf("version %d, from the %s, is by %q at %v, not by %q at %v", i, e.Source, e.ChangedBy, e.ChangedAt, want.ChangedBy, want.ChangedAt)
			}
			if before := inOrder[int64(i-1)].ChangedAt; !e.PreviousAt.Equal(before) {
				t.Errorf("version %d, from the %s: the update before it was at %v, not %v", i, e.Source, e.PreviousAt, before)
			}
			if (e.CreatedByMark != "") != (i == 0 && inOrder[0].Fields["correlation_id"].Value == "neo-0123") {
				t.Errorf("version %d, from the %s, bears the mark %q", i, e.Source, e.CreatedByMark)
			}
		}
	}
}

// comparable is what triggers and conditions see of an event, without what only the
// delivery itself can say: the hand that made the change, and the bookkeeping.
func comparable(e neo.Event) neo.EventData {
	d := neo.EventData{Kinds: e.Kinds, Changes: slices.Clone(e.Changes), Journal: e.Journal, Fields: map[string]neo.Value{}}
	d.Journal = slices.Clone(d.Journal)
	for i := range d.Journal {
		d.Journal[i].ID = "" // a delivery does not say
	}
	slices.SortFunc(d.Changes, func(a, b neo.FieldChange) int { return strings.Compare(a.Field, b.Field) })
	for name, v := range e.Fields {
		if !strings.HasPrefix(name, "sys_updated_") && name != "sys_mod_count" {
			d.Fields[name] = v
		}
	}
	return d
}

// happen makes a history happen and returns what was delivered of it.
func (w *world) happen(h *history) (ref neo.TicketRef, bodies [][]byte) {
	w.t.Helper()
	ref.Class = h.Class
	if err := w.sim.SetFaults(simulator.Faults{Lost: 1}); err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.sim.Create("beth.anglin", "incident", map[string]string{"short_description": "Something else"}); err != nil {
		w.t.Fatal(err)
	}
	if err := w.sim.Quiesce(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	if err := w.sim.SetFaults(simulator.Faults{}); err != nil {
		w.t.Fatal(err)
	}
	for i, v := range h.Versions {
		values := map[string]string{}
		for name, value := range v.Set {
			if where, ok := strings.CutPrefix(value, "@"); ok {
				table, query, _ := strings.Cut(where, "/")
				found := w.sim.Find(table, query)
				if len(found) != 1 {
					w.t.Fatalf("%s is %d records", value, len(found))
				}
				value = found[0]
			}
			values[name] = value
		}
		var err error
		if i == 0 {
			ref.RemoteID, err = w.sim.Create(v.By, string(h.Class), values)
		} else {
			err = w.sim.Update(v.By, string(h.Class), ref.RemoteID, values)
		}
		if err != nil {
			w.t.Fatalf("version %d: %v", i, err)
		}
		bodies = append(bodies, w.next().body)
		w.clock.add(time.Minute)
	}
	return ref, bodies
}

// taken is a delivery as Neo takes it in.
func (w *world) taken(in neo.Integration, body []byte) neo.Event {
	w.t.Helper()
	e, err := servicenow.DecodeWebhook(body)
	if err != nil {
		w.t.Fatal(err)
	}
	e.TenantID, e.Ticket.IntegrationID, e.Source = in.TenantID, in.ID, neo.SourceWebhook
	servicenow.Classify(&e, w.store.dictionaries[in.ID])
	return e
}

// eventStore has the events of one ticket.
type eventStore struct {
	servicenow.WatchStore
	ref    neo.TicketRef
	known  *neo.Dictionary
	mu     sync.Mutex
	events map[int64]neo.Event
}

func (s *eventStore) submit(_ context.Context, e neo.Event) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.events[e.Version]; known || e.Ticket != s.ref {
		return false, nil
	}
	servicenow.Classify(&e, s.known)
	s.events[e.Version] = e
	return true, nil
}

func (s *eventStore) NewestEvents(_ context.Context, ref neo.TicketRef, limit int) ([]neo.Event, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []neo.Event
	for _, e := range s.events {
		if e.Ticket == ref {
			list = append(list, e)
		}
	}
	slices.SortFunc(list, func(a, b neo.Event) int { return int(b.Version - a.Version) })
	return list[:min(limit, len(list))], nil
}

func (s *eventStore) Versions(ctx context.Context, refs []neo.TicketRef) (map[neo.TicketRef]neo.Versions, error) {
	known := map[neo.TicketRef]neo.Versions{}
	for _, ref := range refs {
		if list, _ := s.NewestEvents(ctx, ref, 1_000); len(list) > 0 {
			known[ref] = neo.Versions{Newest: list[0].Version, First: list[len(list)-1].Version, Known: int64(len(list))}
		}
	}
	return known, nil
}

// Who wrote a note is a customer or a technician by the script; where the script is
// of an older Neo, and by the sweep where roles cannot be read, by who the ticket is about.
func TestTechnicians(t *testing.T) {
	joe, beth := "1111", "2222"
	const body = `{"sys_id":"a","number":"INC1","sys_mod_count":"3","table":"incident","operation":"update",
		"journal":[{"element":"comments","text":"x","author":%q%s}],
		"fields":{"caller_id":{"value":%q},"opened_by":{"value":%q},"sys_created_by":{"value":"joe.employee"}}}`
	for _, c := range []struct {
		name, author, said, opened string
		want                       bool
	}{
		{"the script says yes", "joe.employee", `,"technician":true`, joe, true},
		{"the script says no", "beth.anglin", `,"technician":false`, joe, false},
		{"the caller, who opened it", "joe.employee", "", joe, false},
		{"the caller did not open it", "joe.employee", "", beth, true},
		{"somebody else", "beth.anglin", "", joe, true},
		{"nobody", "", "", joe, true},
	} {
		e, err := servicenow.DecodeWebhook(fmt.Appendf(nil, body, c.author, c.said, joe, c.opened))
		if err != nil {
			t.Fatal(err)
		}
		servicenow.Classify(&e, nil)
		if got := e.Journal[0].Technician; got != c.want || slices.Contains(e.Kinds, neo.CustomerReplied) == c.want {
			t.Errorf("%s: technician is %v, kinds are %v", c.name, got, e.Kinds)
		}
	}
	if _, err := servicenow.DecodeWebhook(fmt.Appendf(nil, body, "x", `,"technician":"maybe"`, joe, joe)); neo.CodeOf(err) != neo.CodeInvalid {
		t.Errorf("maybe: %v", err)
	}
}

// Where Neo's account may read roles, they decide: a customer who is not the caller
// is one, and a technician who is the caller is none.
func TestTechniciansByRole(t *testing.T) {
	for _, admin := range []bool{false, true} {
		w := newWorld(t)
		tickets, in := w.connected()
		if !admin {
			if err := w.sim.RevokeRole("neo.agent", "admin"); err != nil {
				t.Fatal(err)
			}
		}
		callers := w.sim.Find("sys_user", "user_name=beth.anglin")
		event := neo.Event{Ticket: neo.TicketRef{IntegrationID: in.ID, Class: neo.Incident}, EventData: neo.EventData{
			Fields: map[string]neo.Value{"caller_id": {Value: callers[0]}},
			Journal: []neo.JournalEntry{{Element: "comments", Author: "beth.anglin"}, {Element: "comments", Author: "joe.employee"},
				{Element: "comments", Author: "no.such^user"}, {Element: "comments", Author: "fred.luddy"}}}}
		events := []neo.Event{event}
		if err := servicenow.Judge(t.Context(), tickets, w.clock.now(), events); err != nil {
			t.Fatal(err)
		}
		var got []bool
		for _, j := range events[0].Journal {
			got = append(got, j.Technician)
		}
		want := []bool{false, true, true, true} // the caller is the customer
		if admin {
			want = []bool{true, false, true, true}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("roles readable %v (-want +got):\n%s", admin, diff)
		}
	}
}
