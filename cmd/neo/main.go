// Command neo is Neo Agent: the server, the demo, the simulator, workflows as files, and the
// benchmarks.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"time"
	_ "time/tzdata" // time zones are chosen in the dashboard, also where the machine has none

	"github.com/alecthomas/kong"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/app"
	"github.com/neoagent/neo/store"
	"github.com/neoagent/neo/ui"
)

// version is set by the build (-ldflags "-X main.version=…").
var version = "dev"

type cli struct {
	Serve     serveCommand     `cmd:"" help:"Run Neo."`
	Demo      demoCommand      `cmd:"" help:"Run Neo beside a simulated ServiceNow in which things happen."`
	Simulator simulatorCommand `cmd:"" help:"Run a simulated ServiceNow instance alone."`
	Workflow  workflowCommand  `cmd:"" help:"Workflows as files: check, try, and bring them to a server."`
	Bench     benchCommand     `cmd:"" help:"Measure Neo beside the floor of this machine."`
	Version   versionCommand   `cmd:"" help:"Print the version."`

	LogLevel slog.Level `help:"Least severe level to log." enum:"DEBUG,INFO,WARN,ERROR" default:"INFO" env:"NEO_LOG_LEVEL"`
	LogJSON  bool       `help:"Log as JSON." name:"log-json" env:"NEO_LOG_JSON"`
}

// What commands read and print, so that tests can hand in something else.
type (
	input       io.Reader
	output      io.Writer
	errorOutput io.Writer
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr); code != 0 {
		stop()
		os.Exit(code) //nolint:gocritic // stop has run
	}
}

// run carries out what the arguments say and returns the exit code.
func run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	var c cli
	parser := kong.Must(&c, kong.Name("neo"), kong.UsageOnError(), kong.Writers(out, errs),
		kong.Description("Neo Agent: a service-desk agent that you run yourself."),
		kong.Vars{"data_dir": defaultDataDir(), "demo_dir": defaultDemoDir()},
		kong.BindTo(ctx, (*context.Context)(nil)), kong.BindTo(in, (*input)(nil)),
		kong.BindTo(out, (*output)(nil)), kong.BindTo(errs, (*errorOutput)(nil)))
	command, err := parser.Parse(args)
	parser.FatalIfErrorf(err)
	log := app.NewLog(errs, c.LogLevel, c.LogJSON)
	if err := command.Run(log); err != nil {
		level := slog.LevelDebug
		if code := neo.CodeOf(err); code == neo.CodeInternal || code == neo.CodeUnavailable {
			level = slog.LevelError // the sentence below leaves to the log what the other side said
		}
		log.Log(ctx, level, "the command failed", "err", err)
		fmt.Fprintln(errs, "neo: "+neo.MessageOf(err))
		return 1
	}
	return 0
}

// serverFlags are the settings of a Neo, by flag and by environment.
type serverFlags struct {
	Listen        string        `help:"Address of the dashboard, the API and the callback." default:"127.0.0.1:8420" env:"NEO_LISTEN"`
	DataDir       string        `help:"Directory of the database and the key file." default:"${data_dir}" env:"NEO_DATA_DIR" type:"path"`
	PublicURL     string        `help:"Under which browsers and instances reach Neo. Default: the address it listens on." env:"NEO_PUBLIC_URL"`
	DatabaseURL   string        `help:"PostgreSQL, for several replicas. Default: SQLite in the data directory." env:"NEO_DATABASE_URL"`
	VaultURL      string        `help:"Keeper of the key that seals secrets. Default: a file in the data directory." env:"NEO_VAULT_URL"`
	AllowHosts    []string      `help:"Instance addresses (host or host:port) allowed besides ServiceNow's own: simulators." name:"servicenow-allow-hosts" env:"NEO_SERVICENOW_ALLOW_HOSTS"`
	MessageHosts  []string      `help:"Receivers of messages (host or host:port) on your own network: they may have private addresses and speak plain http." name:"message-allow-hosts" env:"NEO_MESSAGE_ALLOW_HOSTS"`
	MetricsListen string        `help:"Address of /metrics for Prometheus. Default: not served." env:"NEO_METRICS_LISTEN"`
	Sweep         time.Duration `help:"Time between two sweeps for changes that were not delivered." default:"1m" env:"NEO_SWEEP_INTERVAL"`
	Outgoing      []string      `help:"Addresses from which this Neo calls out, shown to administrators who allow-list them." env:"NEO_OUTGOING_ADDRESSES"`
	Proxies       []string      `help:"Reverse proxies in front of Neo (addresses or networks) whose X-Forwarded-For says who calls. Default: none." name:"trusted-proxies" env:"NEO_TRUSTED_PROXIES"`
	WriteSettle   time.Duration `help:"How long a write whose answer was lost may take to arrive before it is looked for." default:"20s" env:"NEO_WRITE_SETTLE"`
	Workers       int           `help:"Runs carried out at the same time." default:"16" env:"NEO_WORKERS"`
	Rate          int           `help:"Calls per second to one ServiceNow instance, at most." name:"servicenow-rate" default:"25" env:"NEO_SERVICENOW_RATE"`
}

func (f serverFlags) config(log *slog.Logger) app.Config {
	return app.Config{
		Listen: f.Listen, DataDir: f.DataDir, PublicURL: f.PublicURL, DatabaseURL: f.DatabaseURL, VaultURL: f.VaultURL,
		AllowHosts: f.AllowHosts, MessageAllowHosts: f.MessageHosts, MetricsListen: f.MetricsListen, WriteSettle: f.WriteSettle, SweepInterval: f.Sweep, Outgoing: f.Outgoing, TrustedProxies: f.Proxies, Workers: f.Workers, ServiceNowRate: f.Rate,
		Version: version, UI: ui.Files(), Log: log,
	}
}

type serveCommand struct {
	serverFlags
	Purpose string `hidden:"" enum:",benchmark" default:"" help:"What the database is for."`
}

func (s serveCommand) Run(ctx context.Context, log *slog.Logger) error {
	config := s.config(log)
	config.Purpose = store.Purpose(s.Purpose)
	a, err := app.New(ctx, config)
	if err != nil {
		return err
	}
	defer func() {
		stopping, cancel := context.WithTimeout(context.Background(), 4*time.Second)
		defer cancel()
		a.Stop(stopping)
	}()
	if err := a.Start(ctx); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		log.Info("stopping")
		return nil
	case err := <-a.Failed():
		return err
	}
}

type versionCommand struct{}

func (versionCommand) Run() error { //nolint:unparam // kong wants it
	revision := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				revision = " (" + s.Value + ")"
			}
		}
	}
	fmt.Printf("neo %s%s\n", version, revision)
	return nil
}

// defaultDataDir is where Neo keeps its data when nothing says otherwise.
func defaultDataDir() string {
	if dir, err := os.UserConfigDir(); err == nil {
		return filepath.Join(dir, "neo")
	}
	return "neo-data"
}
