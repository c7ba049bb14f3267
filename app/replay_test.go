package app_test

import (
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/app"
	"github.com/neoagent/neo/simulator"
	"github.com/neoagent/neo/store"
	"github.com/neoagent/neo/store/postgrestest"
	"github.com/neoagent/neo/visitor"
)

// replayLog is the history that is replayed: the demo's extract or, with
// NEO_REPLAY_LOG, the whole incident_event_log.csv.gz that it is taken from.
func replayLog(t *testing.T) [][]string {
	t.Helper()
	name := os.Getenv("NEO_REPLAY_LOG")
	if name == "" {
		name = "../demo/data/incidents.csv"
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var in io.Reader = f
	if strings.HasSuffix(name, ".gz") {
		if in, err = gzip.NewReader(f); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := csv.NewReader(in).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// states are the log's states by ServiceNow's values; the log has two of its own.
var states = map[string]string{"New": "1", "Active": "2", "Awaiting User Info": "3", "Awaiting Problem": "3", "Awaiting Vendor": "3",
	"Awaiting Evidence": "3", "Resolved": "6", "Closed": "7", "-100": "2"}

// replayer makes the recorded updates happen in the instance.
type replayer struct {
	t        *testing.T
	instance *simulator.Running
	column   map[string]int
	ids      map[string]string // incident of the log → sys_id
	updates  int
}

var technicians = []string{"beth.anglin", "david.loo", "fred.luddy", "howard.johnson"}

func (r *replayer) apply(row []string) {
	get := func(name string) string {
		if i, ok := r.column[name]; ok {
			return row[i]
		}
		return ""
	}
	state := states[get("incident_state")]
	if state == "" {
		r.t.Fatalf("the log has the unknown state %q", get("incident_state"))
	}
	values := map[string]string{"state": state, "impact": get("impact")[:1], "urgency": get("urgency")[:1], "correlation_id": get("assignment_group") + "/" + get("assigned_to")}
	if state == "6" || state == "7" {
		values["close_code"], values["close_notes"] = "Solution provided", "Solved: "+get("closed_code")
	}
	who := technicians[len(get("sys_updated_by"))%len(technicians)]
	id, known := r.ids[get("number")]
	var err error
	if known {
		if r.updates++; r.updates%4 != 0 {
			values[[]string{"work_notes", "comments"}[r.updates%2]] = []string{"seen", "seen by " + get("sys_updated_by"), "any news?"}[r.updates%3]
		}
		err = r.instance.Update(who, "incident", id, values)
	} else {
		values["short_description"] = get("number") + " „" + get("category") + "“"
		id, err = r.instance.Create(who, "incident", values)
		r.ids[get("number")] = id
	}
	if err != nil {
		r.t.Fatalf("%s: %v", get("number"), err)
	}
}

// faultyDeliveries is how a bad day's deliveries go.
func faultyDeliveries(seed uint64) simulator.Faults {
	return simulator.Faults{Lost: 0.02, Duplicated: 0.05, Reordered: 0.10, Seed: seed}
}

func (r *running) faults(t *testing.T, f simulator.Faults) {
	t.Helper()
	if err := r.instance.SetFaults(f); err != nil {
		t.Fatal(err)
	}
}

// TestReplayWithFaults replays real histories while deliveries are lost, come twice
// and overtake each other, and, in the middle, the refresh token is revoked, the
// instance hibernates, and it answers 429 to nearly everything. In the end Neo knows
// every ticket as the instance does, every version of it or that it is missing, and every
// note once.
func TestReplayWithFaults(t *testing.T) {
	for _, on := range []string{"sqlite", "postgres"} {
		t.Run(on, func(t *testing.T) {
			database := ""
			if on == "postgres" {
				database = postgrestest.URL(t)
			}
			seed := rand.Uint64()
			t.Logf("seed %d", seed)
			testReplay(t, seed, database)
		})
	}
}

func testReplay(t *testing.T, seed uint64, database string) {
	r := run(t, func(c *app.Config) { c.SweepInterval, c.DatabaseURL, c.ServiceNowRate = time.Second, database, 1000 })
	r.connect(t)
	rows := replayLog(t)
	play := &replayer{t: t, instance: r.instance, column: map[string]int{}, ids: map[string]string{}}
	for i, name := range rows[0] {
		play.column[name] = i
	}
	rows = rows[1:]
	bad := faultyDeliveries(seed)
	r.faults(t, bad)
	var away time.Time
	for i, row := range rows {
		switch i {
		case len(rows) / 4: // the consent is revoked; a person gives it again a little later
			r.instance.RevokeTokens()
		case len(rows) / 3:
			r.untilState(t, neo.StateReconnect)
			if err := r.reconnect(t); err != nil {
				t.Fatal(err)
			}
		case len(rows) / 2: // an instance that is away, as seen from outside
			f := bad
			f.Hibernating = true
			r.faults(t, f)
			away = time.Now()
		case len(rows) * 5 / 8:
			if os.Getenv("NEO_REPLAY_LOG") != "" { // the whole minute, for who has the time
				for until := away.Add(time.Minute); time.Now().Before(until); {
					r.untilSweep(t, func(h health) bool { return h.Sweep.Error != "" })
				}
			}
			r.untilSweep(t, func(h health) bool { return h.Sweep.Error != "" })
			r.faults(t, bad)
		case len(rows) * 3 / 4:
			f := bad
			f.Semaphore = 0.9
			r.faults(t, f)
		case len(rows) * 7 / 8:
			r.faults(t, bad)
		}
		play.apply(row)
	}
	r.faults(t, simulator.Faults{})
	if err := r.instance.Quiesce(t.Context()); err != nil {
		t.Fatal(err)
	}

	// What is to be found is found when sweeps that began afterwards found nothing more.
	quiet, last := 0, int64(-1)
	r.untilSweep(t, func(h health) bool {
		if h.Sweep.Error == "" && h.Sweep.Found == last {
			quiet++
		} else {
			quiet, last = 0, h.Sweep.Found
		}
		return quiet >= 120 // looks, at 25 ms: three sweeps
	})
	r.Stop(t.Context())
	compareReplay(t, r, play, database, last)
}

func compareReplay(t *testing.T, r *running, play *replayer, database string, found int64) {
	db, err := store.Open(t.Context(), store.Config{DataDir: r.dir, DatabaseURL: database, Log: app.NewLog(io.Discard, 0, false)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	all, err := db.AllIntegrations(t.Context())
	if err != nil || len(all) != 1 {
		t.Fatalf("%d integrations, %v", len(all), err)
	}
	var versions, gaps, different, notes, wrong int
	for number, id := range play.ids {
		want := r.instance.Get("incident", id)
		events, err := db.NewestEvents(t.Context(), neo.TicketRef{IntegrationID: all[0].ID, Class: neo.Incident, RemoteID: id}, 10_000)
		if err != nil || len(events) == 0 {
			t.Errorf("%s is not known: %v", number, err)
			continue
		}
		if got := events[0].Fields["sys_mod_count"].Value; got != want["sys_mod_count"] {
			t.Errorf("%s has version %s, Neo knows %s", number, want["sys_mod_count"], got)
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(want)) {
			if name == "work_notes" || name == "comments" || name == "comments_and_work_notes" {
				continue
			}
			if got, ok := events[0].Fields[name]; !ok || got.Value != want[name] {
				if different++; different <= 10 {
					t.Errorf("%s: %s is %q, Neo has %q (found by %s)", number, name, want[name], got.Value, events[0].Source)
				}
			}
		}
		// Each note is in one event, once, though many were lost, and many have the same text.
		known := map[string]int{}
		for _, e := range events {
			for _, j := range e.Journal {
				known[j.Element+" “"+j.Text+"” by "+j.Author]++
			}
		}
		for _, n := range r.instance.Journal(id) {
			notes++
			known[n.Element+" “"+n.Value+"” by "+n.By]--
		}
		for note, n := range known {
			if n == 0 {
				continue
			}
			if wrong++; wrong <= 10 {
				t.Errorf("%s: %s is known %+d times too often", number, note, n)
				for _, e := range slices.Backward(events) {
					t.Logf("  %d.%d %s, changed %s after %s, received %s, from version %d: %v, told %v", e.Version, e.Revision, e.Source, e.ChangedAt.Format(time.TimeOnly),
						e.PreviousAt.Format(time.TimeOnly), e.ReceivedAt.Format("15:04:05.000"), e.First, e.Journal, e.Told)
				}
			}
		}
		for i, e := range events {
			versions++
			before := int64(-1)
			if i+1 < len(events) {
				before = events[i+1].Version
			}
			if missing := e.Version - before - 1; missing > 0 {
				gaps += int(missing)
				if e.Source != neo.SourceSweep {
					t.Errorf("%s: %d versions before %d are missing, and nobody looked for them", number, missing, e.Version)
				}
			} else if missing < 0 {
				t.Errorf("%s: version %d is there twice", number, e.Version)
			}
		}
	}
	t.Logf("%d tickets, %d versions known, %d found by the sweep, %d only as gaps, %d notes", len(play.ids), versions, found, gaps, notes)
	if found == 0 {
		t.Error("the sweep found nothing: the faults did nothing")
	}
}

// health is what the tests read of the Health panel's call.
type health struct {
	State  string `json:"state"`
	Checks []neo.Check
	Sweep  struct {
		Found int64
		Error string
	}
	Backfill struct {
		State             string
		Days, Done, Total int
	}
	Deliveries struct {
		Webhook, Sweep, Refused int64
	}
}

type integration struct {
	ID      string        `json:"id"`
	State   neo.SyncState `json:"state"`
	Message string        `json:"message"`
	Checks  []neo.Check   `json:"checks"`
}

// integration returns the one integration that there is.
func (r *running) integration(t *testing.T) integration {
	t.Helper()
	list, err := visitor.Get[[]integration](t.Context(), &r.visitor.Client, "/api/v1/integrations")
	if err != nil || len(list) != 1 {
		t.Fatalf("%d integrations, %v", len(list), err)
	}
	return list[0]
}

func (r *running) untilState(t *testing.T, want neo.SyncState) {
	t.Helper()
	if err := visitor.Until(t.Context(), func() (bool, error) { return r.integration(t).State == want, nil }); err != nil {
		t.Fatalf("the connection is %+v, want %s: %v", r.integration(t), want, err)
	}
}

func (r *running) health(t *testing.T) health {
	t.Helper()
	h, err := visitor.Get[health](t.Context(), &r.visitor.Client, "/api/v1/integrations/"+r.integration(t).ID+"/health")
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func (r *running) untilSweep(t *testing.T, ok func(health) bool) {
	t.Helper()
	if err := visitor.Until(t.Context(), func() (bool, error) { return ok(r.health(t)), nil }); err != nil {
		t.Fatalf("health %+v: %v", r.health(t), err)
	}
}

// reconnect gives consent again, as a person would; it returns what that person reads.
func (r *running) reconnect(t *testing.T) error {
	t.Helper()
	return r.connectAs(t, "neo.agent")
}

func (r *running) connectAs(t *testing.T, user string) error {
	t.Helper()
	_, err := r.visitor.Connect(t.Context(), visitor.Consent{
		InstanceURL: r.instance.URL, ClientID: r.instance.ClientID(), ClientSecret: r.instance.ClientSecret(), User: user, Password: user,
	})
	return err
}

// post makes a call without a body and reads its data.
func (r *running) post(t *testing.T, path string, data any) {
	t.Helper()
	status, text := r.call(t, http.MethodPost, path, "")
	if status/100 != 2 {
		t.Fatalf("POST %s: %d %s", path, status, text)
	}
	if data != nil {
		if err := json.Unmarshal([]byte(text), &struct{ Data any }{data}); err != nil {
			t.Fatal(err)
		}
	}
}
