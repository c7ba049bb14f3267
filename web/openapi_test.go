package web

import (
	"bytes"
	"encoding/json"
	"flag"
	"log/slog"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write golden files")

// The dashboard's client is generated from openapi.json: it must be what the
// server does.
func TestOpenAPIIsCurrent(t *testing.T) {
	s, err := New(Options{Log: slog.New(slog.DiscardHandler), Live: NewLive(), Metrics: NewMetrics(), UI: os.DirFS(t.TempDir()), Version: "dev"})
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.MarshalIndent(s.openapi, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	if *update {
		if err := os.WriteFile("openapi.json", got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("openapi.json is not what the server does; run `make generate` and commit it")
	}
}
