package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/neoagent/neo/app"
	"github.com/neoagent/neo/demo"
	"github.com/neoagent/neo/ui"
)

type demoCommand struct {
	Listen          string        `help:"Address of the dashboard." default:"127.0.0.1:8420" env:"NEO_DEMO_LISTEN"`
	SimulatorListen string        `help:"Address of the simulated ServiceNow." default:"127.0.0.1:8421" env:"NEO_DEMO_SIMULATOR_LISTEN"`
	DataDir         string        `help:"Directory of everything the demo keeps." default:"${demo_dir}" env:"NEO_DEMO_DATA_DIR" type:"path"`
	DatabaseURL     string        `help:"PostgreSQL, an empty database or that of an earlier demo. Default: SQLite in the data directory." env:"NEO_DEMO_DATABASE_URL"`
	Fresh           bool          `help:"Forget what earlier demos left in the data directory."`
	Pace            time.Duration `help:"Time between two replayed changes." default:"600ms"`
	Check           bool          `help:"Walk the whole way once without a person, report each station, and exit."`
	JSON            bool          `help:"With --check: report as JSON." name:"json"`
}

func (d demoCommand) Run(ctx context.Context, log *slog.Logger) error {
	level := slog.LevelWarn // the demo speaks for itself
	if log.Enabled(ctx, slog.LevelDebug) {
		level = slog.LevelDebug
	}
	o := demo.Options{
		Neo: app.Config{
			Listen: d.Listen, DataDir: d.DataDir, DatabaseURL: d.DatabaseURL, Version: version, UI: ui.Files(),
			Log: app.NewLog(os.Stderr, level, false),
		},
		SimulatorListen: d.SimulatorListen, Fresh: d.Fresh, Pace: d.Pace, Out: os.Stdout,
	}
	if d.Check {
		return demo.Check(ctx, o, d.JSON)
	}
	return demo.Run(ctx, o)
}

// defaultDemoDir is beside the data directory of neo serve and not in it.
func defaultDemoDir() string { return filepath.Clean(defaultDataDir()) + "-demo" }
