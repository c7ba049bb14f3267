package postgrestest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// private is the server of this process.
var private server

type server struct {
	once sync.Once
	url  string
	err  error

	dir     string
	process *os.Process
	exited  chan struct{}
}

var errNotInstalled = errors.New("PostgreSQL is not installed: run \"apt-get install postgresql\", or set NEO_TEST_DATABASE_URL to a server")

// start starts the server, once, and returns the URL of its database "postgres".
func (s *server) start() (string, error) {
	s.once.Do(func() {
		if s.err = s.launch(); s.err != nil {
			_ = s.stop()
		}
	})
	return s.url, s.err
}

func (s *server) launch() error {
	bin, err := binaries()
	if err != nil {
		return err
	}
	owner, err := unprivileged()
	if err != nil {
		return err
	}
	// Not t.TempDir: a socket's path has at most 107 bytes.
	if s.dir, err = os.MkdirTemp("/tmp", "neo-postgres-"); err != nil {
		return err
	}
	if owner != nil {
		if err := os.Chown(s.dir, int(owner.Uid), int(owner.Gid)); err != nil {
			return err
		}
	}
	data := filepath.Join(s.dir, "data")
	// A language's order of text, not the bytes': queries must not rely on the latter.
	initdb := exec.Command(filepath.Join(bin, "initdb"), "--pgdata", data, "--username", "postgres", "--auth", "trust",
		"--encoding", "UTF8", "--locale", "C.UTF-8", "--locale-provider", "icu", "--icu-locale", "en-US")
	initdb.Dir = s.dir
	initdb.SysProcAttr = &syscall.SysProcAttr{Credential: owner}
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	if err := s.serve(filepath.Join(bin, "postgres"), data, owner); err != nil {
		return err
	}
	options := url.Values{"host": {s.dir}, "user": {"postgres"}, "sslmode": {"disable"}}
	s.url = "postgres:///postgres?" + options.Encode()
	return s.await()
}

// serve starts the server so that the kernel ends it when this process dies
// without stopping it. That signal is bound to the thread that started it, which
// therefore waits for it.
func (s *server) serve(program, data string, owner *syscall.Credential) error {
	log, err := os.Create(filepath.Join(s.dir, "log"))
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(program, "-D", data, "-k", s.dir, "-c", "listen_addresses=", "-c", "max_connections=200")
	cmd.Dir, cmd.Stdout, cmd.Stderr = s.dir, log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: owner, Pdeathsig: syscall.SIGINT, Setpgid: true}

	started := make(chan error)
	s.exited = make(chan struct{})
	go func() {
		runtime.LockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
		}
		close(s.exited)
	}()
	if err := <-started; err != nil {
		return err
	}
	s.process = cmd.Process
	return nil
}

// await returns when the server takes connections.
func (s *server) await() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	retry := time.NewTicker(20 * time.Millisecond)
	defer retry.Stop()
	for {
		conn, err := pgx.Connect(ctx, s.url)
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-retry.C:
		case <-s.exited:
			log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
			return fmt.Errorf("postgres ended at once: %s", bytes.TrimSpace(log))
		case <-ctx.Done():
			return fmt.Errorf("postgres does not answer: %w", err)
		}
	}
}

// stop ends the server, by its own process id, and removes its files.
func (s *server) stop() error {
	if s.process != nil {
		if err := s.process.Signal(syscall.SIGINT); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return err
		}
		<-s.exited
		s.process = nil
	}
	if s.dir != "" {
		return os.RemoveAll(s.dir)
	}
	return nil
}

// binaries returns the directory of the newest installed server.
func binaries() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	best, version := "", 0
	for _, initdb := range found {
		dir := filepath.Dir(initdb)
		if v, err := strconv.Atoi(filepath.Base(filepath.Dir(dir))); err == nil && v > version {
			best, version = dir, v
		}
	}
	if best != "" {
		return best, nil
	}
	if initdb, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(initdb), nil
	}
	return "", errNotInstalled
}

// unprivileged returns the user to run as when we are root, as whom PostgreSQL
// refuses to run; nil means ourselves.
func unprivileged() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, errNotInstalled
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}
