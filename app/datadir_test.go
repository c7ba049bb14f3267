package app_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/neoagent/neo/app"
)

// What is in the data directory is for its owner alone, whatever was there before.
func TestFault21FilesAreTheOwnersAlone(t *testing.T) {
	c := config(t, &log{})
	for _, name := range []string{"neo.db", "neo.db-wal", "neo.db-shm"} { // of a start before, with another umask
		if err := os.WriteFile(filepath.Join(c.DataDir, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(filepath.Join(c.DataDir, name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		a, err := app.New(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		entries, err := os.ReadDir(c.DataDir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			info, err := e.Info()
			if err != nil {
				t.Fatal(err)
			}
			if mode := info.Mode().Perm(); mode&0o077 != 0 {
				t.Errorf("%s has mode %o", e.Name(), mode)
			}
		}
		a.Stop(context.Background())
		if err := os.Remove(filepath.Join(c.DataDir, "neo.db")); err != nil { // the second start makes it anew
			t.Fatal(err)
		}
		if err := os.Remove(filepath.Join(c.DataDir, "neo.lock")); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFault21DirectoriesThatCannotBeTrusted(t *testing.T) {
	used := func(t *testing.T, c app.Config) { startAndStop(t, c) }
	remove := func(t *testing.T, c app.Config, names ...string) {
		t.Helper()
		for _, name := range names {
			if err := os.Remove(filepath.Join(c.DataDir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	target := filepath.Join(t.TempDir(), "target")
	for _, tt := range []struct {
		name string
		make func(t *testing.T, c app.Config)
		says string
	}{
		{"everybody may write", func(t *testing.T, c app.Config) {
			if err := os.Chmod(c.DataDir, 0o777); err != nil {
				t.Fatal(err)
			}
		}, "chmod 700"},
		{"the lock is a link", func(t *testing.T, c app.Config) {
			if err := os.WriteFile(target, []byte("precious"), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(target, filepath.Join(c.DataDir, "neo.lock")); err != nil {
				t.Fatal(err)
			}
		}, "neo.lock is not a file of its own"},
		{"the lock is a directory", func(t *testing.T, c app.Config) {
			if err := os.Mkdir(filepath.Join(c.DataDir, "neo.lock"), 0o700); err != nil {
				t.Fatal(err)
			}
		}, "neo.lock"},
		{"the database is lost", func(t *testing.T, c app.Config) { used(t, c); remove(t, c, "neo.db") }, "its database neo.db is missing"},
		{"the key is lost", func(t *testing.T, c app.Config) { used(t, c); remove(t, c, "neo.key") }, "The key file neo.key is missing"},
		{"the database is another file", func(t *testing.T, c app.Config) {
			used(t, c)
			if err := os.WriteFile(filepath.Join(c.DataDir, "neo.db"), []byte(strings.Repeat("not a database ", 1000)), 0o600); err != nil {
				t.Fatal(err)
			}
		}, "the database is damaged"},
		{"the database is damaged", func(t *testing.T, c app.Config) {
			used(t, c)
			damage(t, filepath.Join(c.DataDir, "neo.db"))
		}, "the database is damaged"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := config(t, &log{})
			tt.make(t, c)
			refused(t, c, tt.says)
		})
	}
	if text, err := os.ReadFile(target); err != nil || string(text) != "precious" {
		t.Errorf("the lock wrote %q through a link, %v", text, err)
	}
}

// damage overwrites all pages but the first, which has the header.
func damage(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i := 4096; i < len(text); i++ {
		text[i] = 0xA5
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// A key without a database and without a trace of one is that of a first start.
func TestFault21KeyMayComeBeforeTheDatabase(t *testing.T) {
	l := &log{}
	c := config(t, l)
	startAndStop(t, c)
	for _, name := range []string{"neo.db", "neo.lock"} {
		if err := os.Remove(filepath.Join(c.DataDir, name)); err != nil {
			t.Fatal(err)
		}
	}
	startAndStop(t, c)
	if !strings.Contains(l.String(), "Neo begins as new") {
		t.Errorf("the log does not say that Neo begins as new:\n%s", l)
	}
}
