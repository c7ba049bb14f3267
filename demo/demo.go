// Package demo opens Neo on something alive: a simulated ServiceNow, connected,
// with ready workflows, in which real incident histories happen again.
package demo

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/app"
	"github.com/neoagent/neo/simulator"
	"github.com/neoagent/neo/store"
	"github.com/neoagent/neo/visitor"
)

//go:embed workflows/*.json
var workflows embed.FS

// The sign-ins of the demo. They guard nothing: everything listens on this machine
// and knows sample data alone.
const (
	Email    = "admin@demo.example"
	Password = "neo-demo-2026"

	serviceAccount = "neo.agent"   // as whom Neo acts in the simulator
	technician     = "beth.anglin" // as whom to try things there
)

// Options say where the demo runs.
type Options struct {
	Neo             app.Config // Listen, DataDir, DatabaseURL, Version, UI, Log; the rest is set here
	SimulatorListen string
	Fresh           bool          // forget what earlier demos left
	Pace            time.Duration // between two updates of the replay
	Out             io.Writer
}

// world is a simulator and a Neo, both running.
type world struct {
	simulator *simulator.Instance
	server    *http.Server
	listener  net.Listener
	neo       *app.App
	simURL    string
	visitor   *visitor.Neo
	people    map[string]*visitor.Client // of the simulator
	lock      io.Closer                  // of the directory, until Neo has it
	log       *slog.Logger
}

// start starts both. The simulator comes first: Neo has to know its address.
func start(ctx context.Context, o Options) (_ *world, err error) {
	if err := loopbackOnly(o.Neo.Listen, "--listen"); err != nil {
		return nil, err
	}
	if err := loopbackOnly(o.SimulatorListen, "--simulator-listen"); err != nil {
		return nil, err
	}
	dir := o.Neo.DataDir
	if o.Fresh && o.Neo.DatabaseURL != "" {
		return nil, neo.Errorf(neo.CodeInvalid, "--fresh deletes the demo's own directory and not a PostgreSQL database. Give an empty database instead.")
	}
	lock, err := takeDir(dir, o.Fresh)
	if err != nil {
		return nil, err
	}
	w := &world{log: o.Neo.Log, people: map[string]*visitor.Client{}, lock: lock}
	defer func() {
		if err != nil {
			w.stop()
		}
	}()
	w.listener, err = net.Listen("tcp", o.SimulatorListen)
	if err != nil {
		return nil, neo.Errorf(neo.CodeConflict, "The simulator cannot listen on %s: %w. Choose another address with --simulator-listen.", o.SimulatorListen, err)
	}
	host := w.listener.Addr().String()
	w.simURL = "http://" + host

	config := o.Neo
	config.AllowHosts, config.Purpose = []string{host}, store.ForDemo
	config.Lock, w.lock = w.lock, nil // Neo gives it back
	if w.neo, err = app.New(ctx, config); err != nil {
		return nil, err
	}
	redirect := w.neo.URL() + "/oauth/servicenow/callback"
	w.simulator, err = simulator.New(simulator.Options{
		PublicURL: w.simURL, RedirectURLs: []string{redirect}, SampleTickets: true,
		StateFile: filepath.Join(dir, "simulator.json"), Log: o.Neo.Log.With("part", "simulator"),
	})
	if err != nil {
		return nil, err
	}
	// A state from an earlier demo may know Neo under another address.
	if err := w.simulator.SetRedirectURLs(redirect); err != nil {
		return nil, err
	}
	w.server = &http.Server{Handler: w.simulator, ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(o.Neo.Log.Handler(), slog.LevelDebug)}
	go func() {
		if err := w.server.Serve(w.listener); err != nil && !errors.Is(err, http.ErrServerClosed) {
			w.log.Error("the simulator has stopped", "err", err)
		}
	}()
	if err := w.neo.Start(ctx); err != nil {
		return nil, err
	}
	w.visitor = visitor.At(w.neo.URL())
	return w, nil
}

// stop ends both within about 4 seconds, in the order in which least is left over:
// what the simulator has to report is reported, Neo finishes what it is doing
// there, and then the simulator goes.
func (w *world) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Second)
	defer cancel()
	if w.simulator != nil {
		reporting, cancel := context.WithTimeout(ctx, time.Second)
		_ = w.simulator.Quiesce(reporting) // what is not reported by then is lost, as it can be in an instance
		cancel()
	}
	if w.visitor != nil {
		w.visitor.Close()
	}
	for _, c := range w.people {
		c.Close()
	}
	if w.neo != nil {
		w.neo.Stop(ctx)
	}
	if w.server != nil {
		if err := w.server.Shutdown(ctx); err != nil {
			_ = w.server.Close()
		}
	}
	if w.simulator != nil {
		if err := w.simulator.Close(ctx); err != nil {
			w.log.Warn("the simulator did not stop cleanly", "err", err)
		}
	}
	if w.listener != nil {
		_ = w.listener.Close()
	}
	if w.lock != nil {
		_ = w.lock.Close()
	}
}

// as returns a client of the simulator's Table API for one of its users.
func (w *world) as(user string) *visitor.Client {
	if w.people[user] == nil {
		w.people[user] = visitor.Instance(w.simURL, user)
	}
	return w.people[user]
}

// signIn signs in to Neo, and sets it up first where nobody can yet.
func (w *world) signIn(ctx context.Context) error {
	return w.visitor.SignIn(ctx, Email, Password, w.neo.SetupToken)
}

// connect does what a person does in the dashboard and in the popup.
func (w *world) connect(ctx context.Context) (visitor.Integration, error) {
	return w.visitor.Connect(ctx, visitor.Consent{
		InstanceURL: w.simURL, ClientID: w.simulator.ClientID(), ClientSecret: w.simulator.ClientSecret(),
		User: serviceAccount, Password: serviceAccount,
	})
}

// loadWorkflows saves the ready workflows, enabled, unless there are any, and lets Neo
// write what they write: what a person has chosen since the first start stays.
func (w *world) loadWorkflows(ctx context.Context, i visitor.Integration) (int, error) {
	existing, err := visitor.Get[[]json.RawMessage](ctx, &w.visitor.Client, "/api/v1/workflows")
	if err != nil || len(existing) > 0 {
		return len(existing), err
	}
	if err := w.visitor.Allow(ctx, i.ID, neo.FullAccess()); err != nil {
		return 0, err
	}
	files, err := workflows.ReadDir("workflows")
	if err != nil {
		return 0, err
	}
	for _, f := range files {
		text, err := workflows.ReadFile("workflows/" + f.Name())
		if err != nil {
			return 0, err
		}
		if _, err := w.visitor.SaveWorkflow(ctx, text); err != nil {
			return 0, fmt.Errorf("%s: %w", f.Name(), err)
		}
	}
	return len(files), nil
}

// Run runs the demo until ctx ends.
func Run(ctx context.Context, o Options) error {
	began := time.Now()
	w, err := start(ctx, o)
	if err != nil {
		return err
	}
	defer w.stop()
	if err := w.signIn(ctx); err != nil {
		return fmt.Errorf("sign in to Neo: %w", err)
	}
	i, ok, err := w.visitor.Connected(ctx, w.simURL)
	if err != nil {
		return err
	}
	if !ok || i.State != neo.StateReady {
		if i, err = w.connect(ctx); err != nil {
			return neo.Errorf(neo.CodeInternal, "The demo could not connect Neo to the simulator: %w. Start over with --fresh.", err)
		}
	}
	n, err := w.loadWorkflows(ctx, i)
	if err != nil {
		return err
	}
	w.welcome(o.Out, i, n)
	return w.live(ctx, o, began)
}

// live replays until ctx ends, and says when Neo first acted.
func (w *world) live(ctx context.Context, o Options, began time.Time) error {
	ctx, end := context.WithCancel(ctx)
	var announcing sync.WaitGroup
	announcing.Go(func() { w.announceFirst(ctx, o.Out, began) })
	defer announcing.Wait()
	defer end()
	err := w.replay(ctx, filepath.Join(o.Neo.DataDir, "replay.json"), o.Pace)
	if err == nil && ctx.Err() == nil {
		fmt.Fprintln(o.Out, "\nThe recorded incidents are all replayed. Everything keeps running; make changes by hand, or start over with --fresh.")
		select {
		case <-ctx.Done():
		case err = <-w.neo.Failed():
		}
	}
	fmt.Fprintln(o.Out, "\nStopping. The same command goes on from here.")
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func (w *world) announceFirst(ctx context.Context, out io.Writer, began time.Time) {
	type entry struct {
		At           time.Time `json:"at"`
		Number       string    `json:"number"`
		WorkflowName string    `json:"workflow_name"`
		Message      string    `json:"message"`
	}
	var first entry
	err := visitor.Until(ctx, func() (bool, error) {
		list, err := visitor.Get[[]entry](ctx, &w.visitor.Client, "/api/v1/history?type=WORKFLOW_EXECUTION&outcome=SUCCESS&limit=1")
		if len(list) == 0 || list[0].At.Before(began) { // of an earlier demo
			return false, err
		}
		first = list[0]
		return true, nil
	})
	if err == nil {
		fmt.Fprintf(out, "\nNeo acted %.1f s after the start: %s, “%s”. %s\n", time.Since(began).Seconds(), first.Number, first.WorkflowName, first.Message)
	}
}

func (w *world) welcome(out io.Writer, i visitor.Integration, workflows int) {
	fmt.Fprintf(out, `
  Neo Agent is running, connected to a simulated ServiceNow.

    Dashboard    %s
                 sign in with  %s  /  %s
    ServiceNow   %s   (simulated)
                 sign in with  %s  /  %s

  Neo acts there as %s. %d workflows are on. 312 real, anonymised incidents are
  happening again, change by change.

  What to try next
    1. Open Event History in the dashboard and watch. Open a Workflow Execution: each step
       shows the ticket before and after.
    2. Sign in to the simulated ServiceNow, create an incident in the category Network
       without a group, and see Neo route it within a moment.
    3. Turn a workflow off under Workflows, or read what it says.

  Ctrl-C stops everything. The next start goes on from here; --fresh starts over.
`, w.neo.URL(), Email, Password, w.simURL, technician, technician, i.Identity.Name, workflows)
}
