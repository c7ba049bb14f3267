package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// The settings of a production in the environment are not the demo's.
func TestFault18DemoHasSettingsOfItsOwn(t *testing.T) {
	for name, value := range map[string]string{
		"NEO_DATA_DIR": "/prod", "NEO_LISTEN": "0.0.0.0:80", "NEO_DATABASE_URL": "postgres:///prod", "NEO_SIMULATOR_LISTEN": "0.0.0.0:81",
		"NEO_DEMO_LISTEN": "127.0.0.1:99",
	} {
		t.Setenv(name, value)
	}
	var c cli
	parser := kong.Must(&c, kong.Vars{"data_dir": "/prod", "demo_dir": defaultDemoDir()})
	if _, err := parser.Parse([]string{"demo"}); err != nil {
		t.Fatal(err)
	}
	d := c.Demo
	if strings.HasPrefix(d.DataDir, "/prod") || d.DatabaseURL != "" || d.Listen != "127.0.0.1:99" || d.SimulatorListen != "127.0.0.1:8421" {
		t.Errorf("%+v", d)
	}
	if inside, err := filepath.Rel(defaultDataDir(), d.DataDir); err != nil || !strings.HasPrefix(inside, "..") {
		t.Errorf("the demo's directory %s is inside that of neo serve", d.DataDir)
	}
}

// --fresh deletes a simulator's state file and nothing else.
func TestFault18SimulatorDeletesItsOwnFileOnly(t *testing.T) {
	file := filepath.Join(t.TempDir(), "neo.db")
	write(t, file, "a database")
	code, _, errs := command(t, "", "simulator", "--listen", "127.0.0.1:0", "--fresh", "--state-file", file)
	if code == 0 || !strings.Contains(errs, "not a simulator's state file") {
		t.Errorf("code %d: %s", code, errs)
	}
}
