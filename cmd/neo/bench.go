package main

import (
	"context"
	"log/slog"
	"os"
	"time"

	"github.com/neoagent/neo/bench"
)

type benchCommand struct {
	Ingest   ingestBench   `cmd:"" help:"Deliveries: sent until answered, which is stored and matched."`
	E2E      e2eBench      `cmd:"" name:"e2e" help:"The whole way: a delivery sent until the write has arrived at a local sink."`
	Backtest backtestBench `cmd:"" help:"A backtest: a draft tried on recorded events, from asking for it until it is done."`
	Floor    floorServer   `cmd:"" hidden:"" help:"The floor that the others compare with."`
}

type benchFlags struct {
	Duration    time.Duration `help:"How long to load, each the floor and Neo." default:"10s"`
	Connections int           `help:"Connections at the same time." default:"64"`
	Rate        int           `help:"Deliveries per second in all. Default: as fast as they are answered."`
	DatabaseURL string        `help:"PostgreSQL for the own server and the floor; empty for SQLite. Give an empty database." env:"NEO_DATABASE_URL"`
	Workflows   int           `help:"Workflows to load that watch and never match." default:"100"`
	Seed        uint64        `help:"Of everything random." default:"1"`
	JSON        bool          `help:"Print one JSON object." name:"json"`
	URL         string        `help:"Measure the running server at this address instead of an own one."`
	Email       string        `help:"Administrator of the running server."`
	Password    string        `help:"Password of that administrator." env:"NEO_BENCH_PASSWORD"`
	PID         int           `help:"Process id of the running server, to read its memory." name:"pid"`
	SinkListen  string        `help:"Address of the sink; a running server must allow it (NEO_SERVICENOW_ALLOW_HOSTS)." default:"127.0.0.1:0"`
}

func (f benchFlags) options(log *slog.Logger) (bench.Options, error) {
	binary, err := os.Executable()
	return bench.Options{
		Duration: f.Duration, Connections: f.Connections, Rate: f.Rate, DatabaseURL: f.DatabaseURL, Workflows: f.Workflows, Seed: f.Seed,
		URL: f.URL, Email: f.Email, Password: f.Password, PID: f.PID, SinkListen: f.SinkListen, Binary: binary, Log: log,
	}, err
}

type ingestBench struct{ benchFlags }

func (b ingestBench) Run(ctx context.Context, log *slog.Logger) error {
	o, err := b.options(log)
	if err != nil {
		return err
	}
	r, err := bench.Ingest(ctx, o)
	if err != nil {
		return err
	}
	return r.Print(os.Stdout, b.JSON)
}

type e2eBench struct {
	benchFlags
	Kills int `help:"Kill the own server (SIGKILL) this many times at random moments, and look whether anything is lost or doubled."`
}

func (b e2eBench) Run(ctx context.Context, log *slog.Logger) error {
	o, err := b.options(log)
	if err != nil {
		return err
	}
	var r bench.Result
	if b.Kills > 0 {
		r, err = bench.E2EWithKills(ctx, o, b.Kills)
	} else {
		r, err = bench.E2E(ctx, o)
	}
	if err != nil {
		return err
	}
	return r.Print(os.Stdout, b.JSON)
}

type backtestBench struct {
	benchFlags
	Events int  `help:"Events to record before." default:"100000"`
	All    bool `help:"Try a workflow that every event starts, not every third."`
}

func (b backtestBench) Run(ctx context.Context, log *slog.Logger) error {
	o, err := b.options(log)
	if err != nil {
		return err
	}
	r, err := bench.Backtest(ctx, o, b.Events, b.All)
	if err != nil {
		return err
	}
	return r.Print(os.Stdout, b.JSON)
}

type floorServer struct {
	Listen      string
	DataDir     string
	DatabaseURL string
}

func (f floorServer) Run(ctx context.Context) error {
	return bench.ServeFloor(ctx, f.Listen, f.DataDir, f.DatabaseURL)
}
