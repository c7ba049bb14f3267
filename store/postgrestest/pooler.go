package postgrestest

import (
	"context"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Limited returns the URL of the same database for a role of its own that PostgreSQL
// gives no more than that many connections.
func Limited(t testing.TB, database string, connections int) string {
	t.Helper()
	u := parsed(t, database)
	role := strings.TrimPrefix(u.Path, "/") + "_limited"
	for _, query := range []string{
		`CREATE ROLE ` + role + ` LOGIN CONNECTION LIMIT ` + strconv.Itoa(connections),
		`GRANT ALL ON SCHEMA public TO ` + role,
	} {
		run(t, database, query)
	}
	t.Cleanup(func() { run(t, database, `DROP OWNED BY `+role+`; DROP ROLE `+role) })
	q := u.Query()
	q.Set("user", role)
	u.User, u.RawQuery = nil, q.Encode()
	return u.String()
}

// Pooled returns the URL of the same database behind a PgBouncer in transaction mode,
// which ends with t. Where that is not installed it skips t, but fails it where CI is set.
func Pooled(t testing.TB, database string) string {
	t.Helper()
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		program = "/usr/sbin/pgbouncer"
	}
	if _, err := os.Stat(program); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("PgBouncer is not installed: run \"apt-get install pgbouncer\"")
		}
		t.Skip("PgBouncer is not installed: run \"apt-get install pgbouncer\"")
	}
	owner, err := unprivileged()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("/tmp", "neo-pgbouncer-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	u := parsed(t, database)
	name, host := strings.TrimPrefix(u.Path, "/"), u.Query().Get("host")
	port := freePort(t)
	config := filepath.Join(dir, "pgbouncer.ini")
	for file, text := range map[string]string{
		config: "[databases]\n" + name + " = host=" + host + " dbname=" + name + "\n[pgbouncer]\nlisten_addr=127.0.0.1\nlisten_port=" + port +
			"\nunix_socket_dir=\nauth_type=trust\nauth_file=" + filepath.Join(dir, "users") + "\npool_mode=transaction\n",
		filepath.Join(dir, "users"): "\"postgres\" \"\"\n",
	} {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "--quiet", config)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: owner, Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	pooled := "postgres://postgres@127.0.0.1:" + port + "/" + name + "?sslmode=disable"
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for retry := time.NewTicker(20 * time.Millisecond); ; {
		conn, err := pgx.Connect(ctx, pooled)
		if err == nil {
			retry.Stop()
			if err := conn.Close(ctx); err != nil {
				t.Fatal(err)
			}
			return pooled
		}
		select {
		case <-retry.C:
		case <-ctx.Done():
			t.Fatalf("PgBouncer does not answer: %v", err)
		}
	}
}

func parsed(t testing.TB, database string) *url.URL {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal("this is not the URL of a database") // the error would quote its password
	}
	return u
}

func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}
