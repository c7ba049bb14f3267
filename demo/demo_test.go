package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/goleak"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/app"
	"github.com/neoagent/neo/store/postgrestest"
	"github.com/neoagent/neo/visitor"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(postgrestest.Tests(m)) }

func options(t *testing.T, out io.Writer) Options {
	return Options{
		Neo: app.Config{
			Listen: "127.0.0.1:0", DataDir: t.TempDir(), Version: "test", UI: fstest.MapFS{}, Log: slog.New(slog.DiscardHandler),
		},
		SimulatorListen: "127.0.0.1:0", Pace: time.Millisecond, Out: out,
	}
}

func TestEveryStationHolds(t *testing.T) {
	for _, c := range []struct {
		name string
		url  func() string
	}{
		{"sqlite", func() string { return "" }},
		{"postgres", func() string { return postgrestest.URL(t) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			o := options(t, &out)
			o.Neo.DatabaseURL = c.url()
			if err := Check(t.Context(), o, true); err != nil {
				t.Fatalf("%v\n%s", err, out.String())
			}
			var report struct {
				OK       bool
				Stations []Station
			}
			if err := json.Unmarshal(out.Bytes(), &report); err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, s := range report.Stations {
				names = append(names, s.Name)
				if !s.OK {
					t.Errorf("%s: %s", s.Name, s.Detail)
				}
			}
			want := []string{"sign-in", "consent", "identity", "property", "rule", "webhook received", "event stored",
				"workflow matched", "ticket updated", "note present exactly once"}
			if !report.OK || !slices.Equal(names, want) {
				t.Errorf("ok %v, stations %q, want %q", report.OK, names, want)
			}
		})
	}
}

// A station that does not hold ends the walk, and the check fails.
func TestCheckSaysWhichStationDoesNotHold(t *testing.T) {
	var out bytes.Buffer
	c := &check{out: &out, world: &world{visitor: visitor.At("http://127.0.0.1:1")}, last: time.Now()}
	c.walk(t.Context())
	if err := c.report(); err == nil || !strings.HasPrefix(out.String(), "FAIL  sign-in") || len(c.stations) != 1 {
		t.Errorf("%v\n%s", err, out.String())
	}
}

func TestRecordedUpdatesAreServiceNows(t *testing.T) {
	all, err := updates()
	if err != nil {
		t.Fatal(err)
	}
	incidents := map[string]bool{}
	for _, u := range all {
		if u.first == incidents[u.incident] {
			t.Fatalf("%s: first is %v at update", u.incident, u.first)
		}
		incidents[u.incident] = true
		if u.first && (u.text == "" || u.fields["category"] == "" || u.fields["caller"] == "" || u.fields["assignment_group"] != "") {
			t.Errorf("%s begins with %v %q", u.incident, u.fields, u.text)
		}
		if s := u.fields["state"]; (s == "6" || s == "7") && u.first {
			t.Errorf("%s begins in state %s", u.incident, s)
		}
	}
	if len(incidents) != 312 || len(all) < 1000 {
		t.Errorf("%d incidents with %d updates, want 312 and more than 1,000", len(incidents), len(all))
	}
}

// writer tells who waits that a text was written.
type writer struct {
	mu   sync.Mutex
	text strings.Builder
	more chan struct{}
}

func (w *writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text.Write(p)
	select {
	case w.more <- struct{}{}:
	default:
	}
	return len(p), nil
}

func (w *writer) waitFor(t *testing.T, text string) {
	t.Helper()
	deadline := time.After(60 * time.Second)
	for {
		w.mu.Lock()
		has := strings.Contains(w.text.String(), text)
		w.mu.Unlock()
		if has {
			return
		}
		select {
		case <-w.more:
		case <-deadline:
			t.Fatalf("%q was not written in time:\n%s", text, w.text.String())
		}
	}
}

func TestSecondStartGoesOn(t *testing.T) {
	o := options(t, nil)
	progressFile := filepath.Join(o.Neo.DataDir, "replay.json")
	var before int
	for start := range 2 {
		out := &writer{more: make(chan struct{}, 1)}
		o.Out = out
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- Run(ctx, o) }()
		out.waitFor(t, "Neo acted")
		stop()
		select {
		case err := <-ended:
			if err != nil {
				t.Fatal(err)
			}
		case <-time.After(5 * time.Second):
			t.Fatal("the demo does not stop within 5 s")
		}
		p, err := readProgress(progressFile)
		if err != nil {
			t.Fatal(err)
		}
		if p.Next <= before || len(p.IDs) == 0 {
			t.Errorf("start %d: the replay is at %d, was at %d", start+1, p.Next, before)
		}
		before = p.Next
	}
}

func TestReadyWorkflowsAreValid(t *testing.T) {
	files, err := workflows.ReadDir("workflows")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, f := range files {
		text, err := workflows.ReadFile("workflows/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.DisallowUnknownFields()
		var d neo.Definition
		if err := decoder.Decode(&d); err != nil {
			t.Errorf("%s: %v", f.Name(), err)
		}
	}
}
