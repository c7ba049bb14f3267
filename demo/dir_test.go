package demo

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/app"
	"github.com/neoagent/neo/store"
	"github.com/neoagent/neo/store/postgrestest"
)

// contents reads every file of a directory, but the lock, which names who had it last.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if e.Name() != "neo.lock" {
			found[e.Name()] = string(text)
		}
	}
	return found
}

func refused(t *testing.T, o Options, says string) {
	t.Helper()
	w, err := start(t.Context(), o)
	if err == nil {
		w.stop()
		t.Fatal("the demo started")
	}
	if code := neo.CodeOf(err); code != neo.CodeConflict && code != neo.CodeInvalid || !strings.Contains(neo.MessageOf(err), says) {
		t.Errorf("it says %s: %q, want %q in it", code, neo.MessageOf(err), says)
	}
}

// A production's directory is neither deleted nor given the demo's administrator.
func TestFault18DemoLeavesOtherDirectoriesAlone(t *testing.T) {
	for _, c := range []struct {
		name  string
		fill  func(t *testing.T, o Options)
		fresh bool
		says  string
	}{
		{"a production's, fresh", production, true, "holds files that no demo has made"},
		{"a production's", production, false, "holds files that no demo has made"},
		{"somebody's files", func(t *testing.T, o Options) { writeFile(t, o, "neo.db", "mine") }, true, "holds files that no demo has made"},
		{"a link in place of the marker", func(t *testing.T, o Options) {
			writeFile(t, o, "neo.db", "mine")
			if err := os.Symlink("/etc/hostname", filepath.Join(o.Neo.DataDir, marker)); err != nil {
				t.Fatal(err)
			}
		}, true, "holds files that no demo has made"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := options(t, io.Discard)
			c.fill(t, o)
			before := contents(t, o.Neo.DataDir)
			o.Fresh = c.fresh
			refused(t, o, c.says)
			if after := contents(t, o.Neo.DataDir); len(after) != len(before) || after["neo.db"] != before["neo.db"] || after["neo.key"] != before["neo.key"] {
				t.Error("the directory has changed")
			}
		})
	}
}

func writeFile(t *testing.T, o Options, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(o.Neo.DataDir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func production(t *testing.T, o Options) {
	t.Helper()
	a, err := app.New(t.Context(), o.Neo)
	if err != nil {
		t.Fatal(err)
	}
	a.Stop(context.Background())
}

// While a demo runs, another one neither deletes its files nor starts on them.
func TestFault18FreshLocksBeforeItDeletes(t *testing.T) {
	o := options(t, io.Discard)
	w, err := start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer w.stop()
	o.Fresh = true
	refused(t, o, "is running on the data directory")
	if _, err := os.Stat(filepath.Join(o.Neo.DataDir, "neo.db")); err != nil {
		t.Error("the running demo's database is gone:", err)
	}
}

func TestFault18FreshStartsOver(t *testing.T) {
	o := options(t, io.Discard)
	keys := map[string]bool{}
	for range 2 {
		w, err := start(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		w.stop()
		keys[contents(t, o.Neo.DataDir)["neo.key"]] = true
		o.Fresh = true
	}
	if len(keys) != 2 {
		t.Error("--fresh kept the key of the demo before")
	}
}

// A database is for real work, or for the demo; it never changes sides.
func TestFault18DatabasesKeepTheirPurpose(t *testing.T) {
	o := options(t, io.Discard)
	o.Neo.DatabaseURL = postgrestest.URL(t)
	production(t, o)
	o.Neo.DataDir = t.TempDir()
	refused(t, o, "in use for real work")

	o.Neo.DatabaseURL = postgrestest.URL(t)
	for range 2 {
		w, err := start(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		w.stop()
	}
	for _, purpose := range []store.Purpose{store.ForWork, store.ForBenchmark} {
		if db, err := store.Open(t.Context(), store.Config{DatabaseURL: o.Neo.DatabaseURL, Purpose: purpose}); err == nil {
			_ = db.Close()
			t.Errorf("a demo's database was opened for %q", purpose)
		} else if neo.CodeOf(err) != neo.CodeConflict {
			t.Error(err)
		}
	}
}

func TestFault18DemoStaysOnThisMachine(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0", "demo.example:0", "127.0.0.1"} {
		o := options(t, io.Discard)
		o.Neo.Listen = address
		refused(t, o, "--listen")
		o.Neo.Listen, o.SimulatorListen = "127.0.0.1:0", address
		refused(t, o, "--simulator-listen")
	}
	for _, address := range []string{"127.0.0.1:0", "127.8.9.10:80", "[::1]:0", "localhost:8420"} {
		if err := loopbackOnly(address, "--listen"); err != nil {
			t.Error(err)
		}
	}
}
