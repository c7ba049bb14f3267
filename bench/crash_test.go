package bench_test

import (
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/neoagent/neo/bench"
	"github.com/neoagent/neo/store/postgrestest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(postgrestest.Tests(m)) }

// binary builds neo as people run it.
func binary(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "neo")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", path, "github.com/neoagent/neo/cmd/neo")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build neo: %v\n%s", err, out)
	}
	return path
}

// Neo is killed (SIGKILL) twenty times at random moments while it takes in
// deliveries and answers them. Afterwards every delivery that it accepted has its
// event, every event its write, and no write is there twice.
func TestNothingIsLostOrDoubledByKills(t *testing.T) {
	neo := binary(t)
	for _, c := range []struct {
		name string
		url  func(t *testing.T) string
	}{
		{"sqlite", func(*testing.T) string { return "" }},
		{"postgres", func(t *testing.T) string { return postgrestest.URL(t) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			seed := uint64(time.Now().UnixNano())
			t.Logf("seed %d", seed)
			r, err := bench.E2EWithKills(t.Context(), bench.Options{
				Connections: 8, DatabaseURL: c.url(t), Workflows: 3, Seed: seed, Binary: neo, Log: slog.New(slog.DiscardHandler),
			}, 20)
			if err != nil {
				t.Fatal(err)
			}
			found := r.Crash
			t.Logf("%+v", *found)
			if found.Lost != 0 || found.Doubled != 0 || found.Unwanted != 0 {
				t.Errorf("%d lost, %d doubled, %d unwanted", found.Lost, found.Doubled, found.Unwanted)
			}
			if found.Accepted < 20 {
				t.Errorf("only %d deliveries were accepted: this proves nothing", found.Accepted)
			}
		})
	}
}
