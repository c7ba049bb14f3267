package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/simulator"
)

type simulatorCommand struct {
	Listen        string        `help:"Address of the simulated instance." default:"127.0.0.1:8421" env:"NEO_SIMULATOR_LISTEN"`
	PublicURL     string        `help:"Under which browsers and Neo reach it. Default: the address it listens on."`
	RedirectURL   []string      `help:"Redirect URLs of its OAuth application." default:"http://127.0.0.1:8420/oauth/servicenow/callback"`
	StateFile     string        `help:"Where it keeps its records. Default: in the data directory." type:"path" env:"NEO_SIMULATOR_STATE"`
	Fresh         bool          `help:"Forget the records of earlier runs."`
	SampleTickets bool          `help:"A fresh instance also has some tickets." default:"true" negatable:""`
	Fault         []string      `help:"What goes wrong, as name=value; the page /simulator has them all and switches them." sep:"none"`
	Quirk         []string      `help:"How the instance differs from the likeliest one, as name=value." sep:"none"`
	StopWithin    time.Duration `hidden:"" default:"4s"`
}

func (s simulatorCommand) Run(ctx context.Context, log *slog.Logger) error {
	if s.StateFile == "" {
		s.StateFile = filepath.Join(defaultDataDir(), "simulator.json")
	}
	if err := os.MkdirAll(filepath.Dir(s.StateFile), 0o700); err != nil {
		return neo.Errorf(neo.CodeInvalid, "The directory of the state file cannot be made: %w. Choose another with --state-file.", err)
	}
	if s.Fresh {
		if err := simulator.Forget(s.StateFile); err != nil {
			return neo.Errorf(neo.CodeInvalid, "--fresh: %w.", err)
		}
	}
	l, err := net.Listen("tcp", s.Listen)
	if err != nil {
		return neo.Errorf(neo.CodeConflict, "The simulator cannot listen on %s: %w. Choose another address with --listen.", s.Listen, err)
	}
	if s.PublicURL == "" {
		s.PublicURL = "http://" + l.Addr().String()
	}
	options := simulator.Options{
		PublicURL: s.PublicURL, RedirectURLs: s.RedirectURL, StateFile: s.StateFile, SampleTickets: s.SampleTickets, Log: log,
	}
	err = errors.Join(switchOn("--fault", &options.Faults, s.Fault), switchOn("--quirk", &options.Quirks, s.Quirk))
	if err != nil {
		return errors.Join(err, l.Close())
	}
	instance, err := simulator.New(options)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	server := &http.Server{Handler: instance, ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug)}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	fmt.Printf(`
  A simulated ServiceNow instance is running at %s

    Client ID      %s
    Client Secret  %s
    Sign in with   beth.anglin / beth.anglin   (a technician)
                   neo.agent / neo.agent       (the account for Neo)
    Make it fail   %[1]s/simulator

  Let Neo connect to it:  NEO_SERVICENOW_ALLOW_HOSTS=%[4]s neo serve
`, s.PublicURL, instance.ClientID(), instance.ClientSecret(), l.Addr())
	select {
	case <-ctx.Done():
	case err = <-served:
	}
	stopping, cancel := context.WithTimeout(context.Background(), s.StopWithin)
	defer cancel()
	if server.Shutdown(stopping) != nil {
		_ = server.Close()
	}
	return errors.Join(err, instance.Close(stopping))
}

// switchOn sets what is given as name=value.
func switchOn(flag string, settings any, given []string) error {
	for _, g := range given {
		name, value, _ := strings.Cut(g, "=")
		if err := simulator.SetByName(settings, name, value); err != nil {
			return neo.Errorf(neo.CodeInvalid, "%s %s: %w.", flag, g, err)
		}
	}
	return nil
}
