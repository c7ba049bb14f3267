package bench

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/simulator"
	"github.com/neoagent/neo/store"
	"github.com/neoagent/neo/visitor"
)

// The administrator of an own server.
const (
	email    = "bench@neo.example"
	password = "neo-bench-2026"
)

// stage is a server under test and the sink that its writes go to: a simulated
// instance in this process.
type stage struct {
	options Options
	dir     string // of an own server
	address string
	url     string
	process *process // nil for a running server
	visitor *visitor.Neo

	sink    *simulator.Instance
	sinkURL string
	server  *http.Server
	admin   *visitor.Client // of the sink
	written func(simulator.Write)

	tickets [][]*ticket // by connection
	target  string
}

// ticketsPerConnection is how many tickets each connection takes turns with.
const ticketsPerConnection = 50

// claim makes the database of an own server one for benchmarks, and refuses one that is
// in use for anything else: benchmarks add an administrator with a published password.
func claim(ctx context.Context, o Options) error {
	if o.DatabaseURL == "" || o.URL != "" {
		return nil
	}
	db, err := store.Open(ctx, store.Config{DatabaseURL: o.DatabaseURL, Purpose: store.ForBenchmark, Log: o.Log})
	if err != nil {
		return err
	}
	return db.Close()
}

// newStage starts the sink and, unless one is running, a server.
func newStage(ctx context.Context, o Options) (_ *stage, err error) {
	s := &stage{options: o, url: o.URL}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if err := claim(ctx, o); err != nil {
		return nil, err
	}
	listen := o.SinkListen
	if listen == "" {
		listen = "127.0.0.1:0"
	}
	l, err := net.Listen("tcp", listen)
	if err != nil {
		return nil, err
	}
	s.sinkURL = "http://" + l.Addr().String()
	if s.url == "" {
		if s.dir, err = os.MkdirTemp("", "neo-bench-*"); err != nil {
			return nil, err
		}
		if s.address, err = freeAddress(); err != nil {
			return nil, err
		}
		s.url = "http://" + s.address
	}
	s.sink, err = simulator.New(simulator.Options{
		PublicURL: s.sinkURL, RedirectURLs: []string{s.url + "/oauth/servicenow/callback"},
		NoRules: true, // the benchmark delivers by itself: the planted rule would add to its load
		OnWrite: func(w simulator.Write) {
			if s.written != nil {
				s.written(w)
			}
		},
	})
	if err != nil {
		return nil, err
	}
	s.server = &http.Server{Handler: s.sink, ReadHeaderTimeout: 5 * time.Second, ErrorLog: slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug)}
	go func() { _ = s.server.Serve(l) }()
	s.admin = visitor.Instance(s.sinkURL, "admin")
	if o.URL == "" {
		if err := s.startServer(ctx); err != nil {
			return nil, err
		}
	}
	s.visitor = visitor.At(s.url)
	return s, nil
}

// startServer starts the own server, again on the same data after a kill.
func (s *stage) startServer(ctx context.Context) (err error) {
	host := s.sinkURL[len("http://"):]
	s.process, err = startProcess(ctx, s.options, s.url+"/readyz", "serve", "--purpose", string(store.ForBenchmark), "--listen", s.address, "--data-dir", s.dir,
		"--servicenow-allow-hosts", host, "--write-settle", "1s", "--servicenow-rate", "1000000",
		"--sweep", "24h") // what the sink says of its tickets would count as changes beside those delivered
	return err
}

// prepare signs in, connects the sink, saves the workflows and makes the tickets.
func (s *stage) prepare(ctx context.Context, t trigger) error {
	signIn := s.visitor.SignIn
	mail, pass := s.options.Email, s.options.Password
	token := func(context.Context) (string, error) {
		return "", fmt.Errorf("the server at %s has no administrator yet; set it up first", s.url)
	}
	if s.process != nil {
		mail, pass, token = email, password, s.process.setupToken
	}
	if err := signIn(ctx, mail, pass, token); err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	sink, err := s.visitor.Connect(ctx, visitor.Consent{
		InstanceURL: s.sinkURL, ClientID: s.sink.ClientID(), ClientSecret: s.sink.ClientSecret(), User: "neo.agent", Password: "neo.agent",
	})
	if err != nil {
		return fmt.Errorf("connect the sink: %w", err)
	}
	if err := s.visitor.Allow(ctx, sink.ID, neo.FullAccess()); err != nil {
		return fmt.Errorf("let Neo write to the sink: %w", err)
	}
	properties, err := s.admin.Records(ctx, "sys_properties", "name=x_neoagent.callback_url", "value")
	if err != nil || len(properties) != 1 {
		return fmt.Errorf("the callback address is not in the sink (%d found): %w", len(properties), err)
	}
	s.target = properties[0]["value"]

	definition, err := acting(t)
	if err != nil {
		return err
	}
	if _, err := s.visitor.SaveWorkflowAnyway(ctx, definition, "A benchmark needs nothing besides"); err != nil {
		return err
	}
	for i := range s.options.Workflows {
		definition, err := watching(i)
		if err != nil {
			return err
		}
		if _, err := s.visitor.SaveWorkflowAnyway(ctx, definition, "A benchmark needs nothing besides"); err != nil {
			return err
		}
	}
	s.tickets = make([][]*ticket, s.options.Connections)
	for worker := range s.tickets {
		for range ticketsPerConnection {
			id, err := s.sink.Create("admin", "incident", map[string]string{"short_description": "Bench " + strconv.Itoa(worker), "urgency": "2", "impact": "2", "category": "network"})
			if err != nil {
				return err
			}
			// It has been changed more often than the benchmark delivers.
			if _, err := s.sink.RunBackgroundScript("var gr = new GlideRecord('incident'); gr.get('"+id+"'); gr.autoSysFields(false); gr.sys_mod_count = 1000000; gr.setWorkflow(false); gr.description = 'x'; gr.update();", "admin"); err != nil {
				return err
			}
			s.tickets[worker] = append(s.tickets[worker], &ticket{sysID: id, number: s.sink.Get("incident", id)["number"]})
		}
	}
	return nil
}

// callback is where deliveries go. An address that Neo planted for browsers on
// another host is taken as it is.
func (s *stage) callback() string { return s.target }

// rss is the resident memory of the server in bytes, 0 when its process is not known.
func (s *stage) rss() int64 {
	if s.process == nil {
		return rss(s.options.PID)
	}
	return rss(s.process.cmd.Process.Pid)
}

func (s *stage) close() {
	if s.visitor != nil {
		s.visitor.Close()
	}
	if s.process != nil {
		s.process.stop()
	}
	if s.admin != nil {
		s.admin.Close()
	}
	if s.server != nil {
		_ = s.server.Close()
	}
	if s.sink != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = s.sink.Close(ctx)
	}
	if s.dir != "" {
		_ = os.RemoveAll(s.dir)
	}
}

// inventTickets makes tickets that exist nowhere, for the floor.
func inventTickets(connections int) [][]*ticket {
	all := make([][]*ticket, connections)
	for worker := range all {
		for i := range ticketsPerConnection {
			n := worker*ticketsPerConnection + i
			all[worker] = append(all[worker], &ticket{sysID: fmt.Sprintf("%032x", n), number: fmt.Sprintf("INC%07d", n)})
		}
	}
	return all
}
