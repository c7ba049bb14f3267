package store_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/store"
	"github.com/neoagent/neo/store/postgrestest"
	"github.com/neoagent/neo/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(postgrestest.Tests(m)) }

func sqliteConfig(t testing.TB) store.Config {
	return store.Config{DataDir: filepath.Join(t.TempDir(), "a dir?%20#")}
}

func postgresConfig(t testing.TB) store.Config {
	return store.Config{DatabaseURL: postgrestest.URL(t)}
}

var databases = []struct {
	name   string
	config func(t testing.TB) store.Config
}{
	{"SQLite", sqliteConfig},
	{"PostgreSQL", postgresConfig},
}

func open(t testing.TB, c store.Config) *store.DB {
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
	return db
}

func TestConformance(t *testing.T) {
	for _, d := range databases {
		t.Run(d.name, func(t *testing.T) {
			storetest.Run(t, func(t *testing.T) *store.DB { return open(t, d.config(t)) })
		})
	}
}

func TestOpenTwice(t *testing.T) {
	for _, d := range databases {
		t.Run(d.name, func(t *testing.T) {
			c := d.config(t)
			db := open(t, c)
			if err := db.SetMeta(t.Context(), "key", []byte("value")); err != nil {
				t.Fatal(err)
			}
			// Replicas start at the same time.
			errs := make(chan error)
			for range 3 {
				go func() {
					db, err := store.Open(t.Context(), c)
					if err == nil {
						err = db.Close()
					}
					errs <- err
				}()
			}
			for range 3 {
				if err := <-errs; err != nil {
					t.Error(err)
				}
			}
			if _, found, err := db.Meta(t.Context(), "key"); !found || err != nil {
				t.Error(found, err)
			}
		})
	}
}

func TestOpenRefusesNewerDatabase(t *testing.T) {
	for _, d := range databases {
		t.Run(d.name, func(t *testing.T) {
			c := d.config(t)
			db := open(t, c)
			err := db.InTx(t.Context(), func(tx neo.Tx) error {
				_, err := tx.(*store.Tx).Exec(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (987, TRUE)`)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			_, err = store.Open(t.Context(), c)
			message := neo.MessageOf(err)
			if neo.CodeOf(err) != neo.CodeConflict || !strings.Contains(message, "987") || !strings.Contains(message, "Start that newer neo") {
				t.Errorf("error is %v", err)
			}
		})
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		config store.Config
		code   neo.Code
		want   string
	}{
		{"nothing given", store.Config{}, neo.CodeInvalid, "NEO_DATA_DIR"},
		{"directory is a file", store.Config{DataDir: file}, neo.CodeUnavailable, file},
		{"no server", store.Config{DatabaseURL: "postgres://neo:hunter2@127.0.0.1:1/neo"}, neo.CodeUnavailable, "NEO_DATABASE_URL"},
		{"no URL", store.Config{DatabaseURL: "postgres://neo:hunter2@:x/"}, neo.CodeUnavailable, "NEO_DATABASE_URL"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := store.Open(t.Context(), c.config)
			if neo.CodeOf(err) != c.code || !strings.Contains(neo.MessageOf(err), c.want) {
				t.Errorf("error is %v", err)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%v holds the password", err)
			}
		})
	}
}
