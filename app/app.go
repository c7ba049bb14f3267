// Package app builds a whole Neo from one Config, starts it and stops it. It is
// the only place where the parts meet.
package app

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/examples"
	"github.com/neoagent/neo/flow"
	"github.com/neoagent/neo/message"
	"github.com/neoagent/neo/queue"
	"github.com/neoagent/neo/queue/local"
	"github.com/neoagent/neo/queue/river"
	"github.com/neoagent/neo/servicenow"
	"github.com/neoagent/neo/store"
	"github.com/neoagent/neo/vault"
	"github.com/neoagent/neo/web"
	"github.com/neoagent/neo/workflowfile"
)

// App is a Neo that runs, or is about to.
type App struct {
	config   Config
	log      *slog.Logger
	listener net.Listener
	metrics  net.Listener
	lock     io.Closer
	store    *store.DB
	queue    queue.Queue
	ingest   *flow.Ingest
	engine   *flow.Engine
	trials   *flow.Trials
	matcher  *flow.Matcher
	snow     *servicenow.Connections
	watcher  *servicenow.Watcher
	clock    *flow.Scheduler
	web      *web.Server
	live     *web.Live
	servers  []*http.Server
	serving  sync.WaitGroup
	stopping context.CancelFunc // ends what runs beside requests
	failed   chan error
}

// New builds everything and listens, but carries nothing out and answers nothing
// yet. After an error nothing is left open.
func New(ctx context.Context, config Config) (_ *App, err error) {
	if err := config.check(); err != nil {
		if config.Lock != nil {
			_ = config.Lock.Close()
		}
		return nil, err
	}
	a := &App{config: config, log: config.Log, lock: config.Lock, live: web.NewLive(), failed: make(chan error, 2)}
	defer func() {
		if err != nil {
			a.Stop(context.WithoutCancel(ctx))
		}
	}()
	if err := a.openDataDir(); err != nil {
		return nil, err
	}
	if a.listener, err = listen(config.Listen, "--listen"); err != nil {
		return nil, err
	}
	if a.config.PublicURL == "http://"+reachable(config.Listen) { // with port 0 known only now
		a.config.PublicURL = "http://" + reachable(a.listener.Addr().String())
	}
	if config.MetricsListen != "" {
		if a.metrics, err = listen(config.MetricsListen, "--metrics-listen"); err != nil {
			return nil, err
		}
	}
	if a.store, err = store.Open(ctx, store.Config{DataDir: config.DataDir, DatabaseURL: config.DatabaseURL, Purpose: config.Purpose, Log: a.log}); err != nil {
		return nil, err
	}
	keeper, err := a.openVault(ctx)
	if err != nil {
		return nil, err
	}
	if err := keeper.Verify(ctx, a.store); err != nil {
		return nil, err
	}
	if err := a.build(ctx, keeper); err != nil {
		return nil, err
	}
	return a, nil
}

// openDataDir makes the data directory this process's own. Several replicas may share
// one for its key file, but no SQLite file.
func (a *App) openDataDir() (err error) {
	if err := makeDataDir(a.config.DataDir, a.log); err != nil {
		return err
	}
	if a.config.DatabaseURL != "" || a.lock != nil {
		return nil
	}
	if err := checkFound(a.config.DataDir, a.config.VaultURL == "", a.log); err != nil {
		return err
	}
	a.lock, err = LockDataDir(a.config.DataDir)
	return err
}

// openVault opens what keeps the key. It makes a key file only for a database in which
// nothing is sealed yet: another key than the lost one would open nothing.
func (a *App) openVault(ctx context.Context) (*vault.Vault, error) {
	if a.config.VaultURL == "" && keyMissing(a.config.DataDir) {
		sealed, err := vault.InUse(ctx, a.store)
		if err != nil {
			return nil, err
		}
		if sealed {
			return nil, neo.Errorf(neo.CodeInvalid, "The key file %s is missing in %s, and the secrets in the database are sealed with it. Restore it from your backup. "+
				"Neo does not start without it, because it could not open a single credential.", keyFile, a.config.DataDir)
		}
	}
	return vault.Open(ctx, vault.Config{URL: a.config.VaultURL, DataDir: a.config.DataDir})
}

// makeQueue returns the queue that fits the database.
func (a *App) makeQueue(ctx context.Context) (queue.Queue, error) {
	pool := a.store.Postgres()
	if pool == nil {
		// The leases are of the process before this one.
		return local.New(local.Options{Workers: a.config.Workers, Unfinished: a.store.UnfinishedRuns, Log: a.log}), a.store.ReleaseLeases(ctx)
	}
	q, err := river.New(ctx, river.Options{Pool: pool, Workers: a.config.Workers, Lock: store.AwaitLock, Log: a.log})
	if err != nil { // not q, which is a *river.Queue that would be a queue and nil
		return nil, store.Failed("set its queue up", err)
	}
	return q, nil
}

// build makes the parts from the store up.
func (a *App) build(ctx context.Context, keeper *vault.Vault) (err error) {
	committers := 1
	if a.store.Postgres() != nil {
		committers = 4
	}
	if a.queue, err = a.makeQueue(ctx); err != nil {
		return err
	}
	matcher, err := flow.NewMatcher(ctx, a.store, a.log)
	if err != nil {
		return err
	}
	a.matcher = matcher
	a.snow = servicenow.NewConnections(a.store, keeper, a.config.Version, nil)
	a.snow.CallsPerSecond = a.config.ServiceNowRate
	a.snow.Learnt = func(ctx context.Context) {
		if err := matcher.Refresh(ctx); err != nil {
			a.log.Warn("what was learnt of an instance is not known to this process yet", "err", err)
		}
	}
	messages := message.New(a.store, keeper, a.config.MessageAllowHosts, a.config.Version)
	systems := func(ctx context.Context, id string) (flow.TicketSystem, error) { return a.snow.Tickets(ctx, id) }
	ticketURL := func(ctx context.Context, ref neo.TicketRef) string {
		i, err := matcher.Integration(ctx, ref.IntegrationID, false)
		if err != nil {
			return ""
		}
		return servicenow.TicketURL(i, ref)
	}
	a.engine = flow.NewEngine(flow.EngineOptions{
		Matcher: matcher, Store: a.store, Queue: a.queue, Sender: messages, Settle: a.config.WriteSettle, Systems: systems, URL: ticketURL,
		Kinds: servicenow.Kinds, Now: time.Now, Changed: a.live.Changed, Log: a.log,
	})
	a.trials = flow.NewTrials(flow.TrialOptions{
		Store: a.store, Systems: systems, Desk: flow.NewDesk(a.store), URL: ticketURL, Now: time.Now, Log: a.log,
		Dictionaries: matcher.Dictionaries,
	})
	a.ingest = flow.NewIngest(matcher, a.store, a.queue, committers, time.Now, a.live.Changed, a.log)

	a.clock = flow.NewScheduler(matcher, a.store, a.queue, time.Now, a.live.Changed, a.log)

	connector := servicenow.NewConnector(a.snow, a.config.PublicURL, a.config.AllowHosts)
	a.watcher = servicenow.NewWatcher(servicenow.WatcherOptions{
		Connector: connector, Store: a.store, Submit: a.ingest.Submit, Ring: a.queue.Add, SweepEvery: a.config.SweepInterval, Changed: a.live.Changed, Log: a.log,
	})
	a.ingest.OnGap(a.watcher.Gap)
	a.ingest.OnEvent(servicenow.Classify)

	templates, err := workflowfile.Templates(examples.Workflows, "workflows")
	if err != nil {
		return err
	}
	metrics := web.NewMetrics()
	ready := flow.NewReadiness(a.store, systems)
	a.web, err = web.New(web.Options{
		Store: a.store, Sessions: a.store.Sessions(), Ingest: a.ingest, Live: a.live, Metrics: metrics, UI: a.config.UI, Log: a.log,
		Requests: flow.NewRequests(a.store, a.queue, time.Now, a.live.Changed),
		Catalogue: func(ctx context.Context, id string) (web.TicketCatalogue, error) {
			return flow.Gated(ctx, systems, a.store, id)
		},
		Connector: connector, Watch: a.watcher, Messages: messages, Signed: servicenow.NewSignatures(keeper, time.Now), Outgoing: a.config.Outgoing,
		Decode: servicenow.DecodeWebhook, TicketURL: servicenow.TicketURL, Explain: a.explain,
		Ready: func(ctx context.Context, tenant, id string, d neo.Definition,
			fields func(context.Context, string) (map[neo.TicketClass][]neo.Field, string, error)) (neo.Readiness, error) {
			return ready.Of(ctx, tenant, id, d, fields)
		},
		Stored: a.stored, Check: a.check, CheckCalls: flow.CheckCalls, Callers: flow.Callers, Trials: a.trials, Differences: flow.Differences,
		Templates: templates, Schema: workflowfile.JSONSchema(),
		Version: a.config.Version, PublicURL: a.config.PublicURL, AllowHosts: a.config.AllowHosts, TrustedProxies: a.config.proxies,
	})
	if err != nil {
		return err
	}
	a.servers = append(a.servers, a.server(a.web))
	if a.metrics != nil {
		mux := http.NewServeMux()
		mux.Handle("GET /metrics", metrics.Handler())
		a.servers = append(a.servers, a.server(mux))
	}
	return nil
}

// stored returns a definition of a tenant as it is saved.
func (a *App) stored(ctx context.Context, tenant string, d neo.Definition) (neo.Definition, error) {
	integrations, err := a.store.Integrations(ctx, tenant)
	if err != nil {
		return d, err
	}
	known := map[string]*neo.Dictionary{}
	for _, in := range integrations {
		dictionary, err := a.store.Dictionary(ctx, in.ID)
		if err != nil {
			return d, err
		}
		if dictionary != nil {
			known[in.ID] = dictionary
		}
	}
	return flow.Stored(d, known), nil
}

// check returns all that is wrong with a definition of a tenant.
func (a *App) check(tenant string, d neo.Definition) []neo.Mistake {
	return flow.Check(d, a.matcher.Context(tenant))
}

// explain says why an event starts a workflow or does not, by its tenant's settings.
func (a *App) explain(ctx context.Context, w neo.Workflow, e neo.Event) (neo.Explanation, error) {
	settings, err := a.store.Settings(ctx, w.TenantID)
	if err != nil {
		return neo.Explanation{}, err
	}
	in := a.matcher.Context(w.TenantID)
	in.Settings = settings // as the store has them now
	if e.LastReplyAt, err = a.store.LastReply(ctx, e.Ticket, flow.Now(e)); err != nil {
		return neo.Explanation{}, err
	}
	return flow.Explain(w, e, in)
}

func (a *App) server(h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 90 * time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10, ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelDebug),
	}
}

// Start begins to carry out runs and to answer requests.
func (a *App) Start(ctx context.Context) error {
	if err := a.queue.Start(ctx, a.engine.Work); err != nil {
		return store.Failed("start its queue", err)
	}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	a.stopping = stop
	a.serving.Go(func() { a.housekeeping(background) })
	a.serving.Go(func() { a.watcher.Run(background) })
	a.serving.Go(func() { a.clock.Run(background) })
	a.serving.Go(func() { flow.NewReview(a.matcher, a.store, time.Now, a.log).Run(background) })
	for i, l := range []net.Listener{a.listener, a.metrics} {
		if l == nil {
			continue
		}
		a.serving.Go(func() {
			if err := a.servers[i].Serve(l); !errors.Is(err, http.ErrServerClosed) {
				a.failed <- err
			}
		})
	}
	users, err := a.store.CountUsers(ctx)
	if err != nil {
		return err
	}
	a.log.Info("Neo is running", "url", a.config.PublicURL, "version", a.config.Version)
	if users == 0 {
		return a.offerSetup(ctx)
	}
	return nil
}

// offerSetup puts the link that creates the first administrator into the log.
func (a *App) offerSetup(ctx context.Context) error {
	token, err := a.SetupToken(ctx)
	if err != nil {
		return err
	}
	a.log.Info("Nobody can sign in yet. Open this link to create the first administrator; it works once, for 24 hours",
		setupLinkKey, a.config.PublicURL+"/setup?token="+token)
	return nil
}

// SetupToken returns a new token with which the first administrator can be created,
// once and within 24 hours.
func (a *App) SetupToken(ctx context.Context) (string, error) {
	token := neo.NewSecret()
	return token, a.store.AddSetupToken(ctx, web.SetupHash(token), time.Now().Add(24*time.Hour))
}

// housekeeping does what has to be done now and then.
func (a *App) housekeeping(ctx context.Context) {
	hour, second := time.NewTicker(time.Hour), time.NewTicker(time.Second)
	defer hour.Stop()
	defer second.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-hour.C:
			if err := a.store.DeleteExpiredSessions(ctx, now); err != nil {
				a.log.Warn("expired sessions stay", "err", err)
			}
		case <-second.C:
			// Another replica may have changed something; only its dashboards are told.
			if a.store.Postgres() != nil && a.live.Listening() {
				a.live.Changed()
			}
		}
	}
}

// Failed tells when Neo can no longer answer requests.
func (a *App) Failed() <-chan error { return a.failed }

// URL is where browsers and instances reach this Neo.
func (a *App) URL() string { return a.config.PublicURL }

// Addr is where it listens.
func (a *App) Addr() string { return a.listener.Addr().String() }

// Stop ends everything in the order in which nothing is lost: no new requests, what
// was accepted is committed, runs under way come to the end of their step. It may
// be called at any time, also after a New or Start that failed.
func (a *App) Stop(ctx context.Context) {
	if a.stopping != nil {
		a.stopping()
	}
	a.live.Close()
	for _, s := range a.servers {
		if err := s.Shutdown(ctx); err != nil {
			_ = s.Close()
		}
	}
	for _, l := range []net.Listener{a.listener, a.metrics} {
		if l != nil {
			_ = l.Close() // closed already unless Start did not come this far
		}
	}
	a.serving.Wait()
	if a.web != nil {
		a.web.Wait(ctx)
	}
	if a.trials != nil {
		a.trials.Stop()
	}
	if a.ingest != nil {
		a.ingest.Stop()
	}
	if a.queue != nil {
		if err := a.queue.Stop(ctx); err != nil {
			a.log.Warn("runs were interrupted; they go on at the next start", "err", err)
		}
	}
	if a.snow != nil {
		a.snow.Close()
	}
	if a.store != nil {
		if err := a.store.Close(); err != nil {
			a.log.Error("the database did not close cleanly", "err", err)
		}
	}
	if a.lock != nil {
		_ = a.lock.Close()
	}
}

func listen(address, flag string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	switch {
	case err == nil:
		return l, nil
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, neo.Errorf(neo.CodeConflict, "The address %s is taken by another program. Stop it, or choose another with %s.", address, flag)
	case errors.Is(err, os.ErrPermission):
		return nil, neo.Errorf(neo.CodeInvalid, "This user may not listen on %s. Choose a port above 1023 with %s.", address, flag)
	}
	return nil, neo.Errorf(neo.CodeInvalid, "Neo cannot listen on %s: %w. Choose another address with %s.", address, err, flag)
}
