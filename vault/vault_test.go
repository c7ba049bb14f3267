package vault

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/neoagent/neo"
)

func TestMain(m *testing.M) {
	// A child of TestFirstStartOfProcesses: one more process that starts.
	if dir := os.Getenv("NEO_VAULT_TEST_CHILD"); dir != "" {
		if _, err := Open(context.Background(), Config{DataDir: dir}); err != nil {
			_, _ = os.Stderr.WriteString(err.Error())
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

func TestFirstStart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	first := open(t, dir)
	info, err := os.Stat(filepath.Join(dir, keyFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("key file: %v, %v; want mode 0600", info, err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("the data directory holds %v, want the key file alone", left)
	}
	sealed, err := first.Seal(t.Context(), []byte("s3cret"), "integration/1/tokens")
	if err != nil {
		t.Fatal(err)
	}
	plain, err := open(t, dir).Open(t.Context(), sealed, "integration/1/tokens")
	if err != nil || string(plain) != "s3cret" {
		t.Errorf("the second start opens %q, %v", plain, err)
	}
}

func TestFirstStartTogether(t *testing.T) {
	for name, l := range map[string]func(string, string) error{
		"with links":    os.Link,
		"without links": func(string, string) error { return errors.ErrUnsupported },
	} {
		t.Run(name, func(t *testing.T) {
			link = l
			defer func() { link = os.Link }()
			dir := t.TempDir()
			path := filepath.Join(dir, keyFile)
			var wg sync.WaitGroup
			for range 16 {
				wg.Go(func() {
					if err := createKeyFile(dir, path); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			if _, err := readKeyFile(path); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("one key", func(t *testing.T) {
		dir := t.TempDir()
		keys := make(chan [32]byte, 16)
		var wg sync.WaitGroup
		for range cap(keys) {
			wg.Go(func() {
				_, key, err := openKeyFile(dir)
				if err != nil {
					t.Error(err)
				}
				keys <- key
			})
		}
		wg.Wait()
		first := <-keys
		for range cap(keys) - 1 {
			if <-keys != first {
				t.Fatal("two keys were used")
			}
		}
	})
}

func TestFirstStartOfProcesses(t *testing.T) {
	dir := t.TempDir()
	before := make(chan string, 4)
	var wg sync.WaitGroup
	for range cap(before) {
		wg.Go(func() {
			child := exec.Command(os.Args[0])
			child.Env = append(os.Environ(), "NEO_VAULT_TEST_CHILD="+dir)
			if out, err := child.CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
			text, _ := os.ReadFile(filepath.Join(dir, keyFile))
			before <- string(text)
		})
	}
	wg.Wait()
	first := <-before
	for range cap(before) - 1 {
		if got := <-before; got != first || got == "" {
			t.Error("the key changed under a process that had started")
		}
	}
}

func TestKeyFileRefused(t *testing.T) {
	good := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{0xA7}, 32))
	for _, tt := range []struct {
		name, text string
		mode       os.FileMode
		want       string // part of the sentence; "" for accepted
	}{
		{"as written", good + "\n", 0o600, ""},
		{"without line feed", good, 0o400, ""},
		{"readable by the group", good, 0o640, "chmod 600"},
		{"readable by all", good, 0o604, "chmod 600"},
		{"writable by all", good, 0o602, "chmod 600"},
		{"empty", "", 0o600, "is empty"},
		{"line feed only", "\n", 0o600, "is empty"},
		{"truncated", good[:40], 0o600, "is damaged"},
		{"one byte short", base64.StdEncoding.EncodeToString(make([]byte, 31)), 0o600, "is damaged"},
		{"one byte long", base64.StdEncoding.EncodeToString(make([]byte, 33)), 0o600, "is damaged"},
		{"doubled", good + good, 0o600, "is damaged"},
		{"not base64", strings.Repeat("?", 44), 0o600, "is damaged"},
		{"zeros of a torn write", string(make([]byte, 45)), 0o600, "is damaged"},
		{"huge", strings.Repeat("A", 1<<20), 0o600, "is damaged"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, keyFile)
			if err := os.WriteFile(path, []byte(tt.text), tt.mode); err != nil {
				t.Fatal(err)
			}
			_ = os.Chmod(path, tt.mode) // whatever the umask took
			_, err := Open(t.Context(), Config{DataDir: dir})
			if tt.want == "" {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			refused(t, err, tt.want, path)
			if strings.Contains(err.Error(), good[:10]) {
				t.Error("the error shows the key")
			}
			if now, _ := os.ReadFile(path); string(now) != tt.text {
				t.Error("the file was changed")
			}
		})
	}
	t.Run("a directory", func(t *testing.T) {
		dir := t.TempDir()
		_ = os.Mkdir(filepath.Join(dir, keyFile), 0o700)
		_, err := Open(t.Context(), Config{DataDir: dir})
		refused(t, err, "is not a file", keyFile)
	})
	t.Run("no data directory", func(t *testing.T) {
		_, err := Open(t.Context(), Config{})
		refused(t, err, "NEO_DATA_DIR", "")
	})
	t.Run("a data directory that cannot be", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "file")
		_ = os.WriteFile(file, nil, 0o600)
		_, err := Open(t.Context(), Config{DataDir: file})
		refused(t, err, "", file)
	})
}

func TestURL(t *testing.T) {
	key := bytes.Repeat([]byte{0xFB, 0xFF}, 16) // + and / in base64
	for _, tt := range []struct{ name, url, want string }{
		{"a key", keyScheme + base64.StdEncoding.EncodeToString(key), ""},
		{"a key, URL alphabet", keyScheme + base64.URLEncoding.EncodeToString(key), ""},
		{"a key, no padding", keyScheme + base64.RawURLEncoding.EncodeToString(key), ""},
		{"no key", keyScheme, "openssl rand"},
		{"a short key", keyScheme + "c2VjcmV0", "openssl rand"},
		{"a cloud", "awskms://c2VjcmV0?region=eu-central-1", "awskms"},
		{"no URL", "c2VjcmV0", "no URL"},
		{"a key where the scheme belongs", "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0://", "no URL"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			v, err := Open(t.Context(), Config{URL: tt.url, DataDir: dir})
			if left, _ := os.ReadDir(dir); len(left) != 0 {
				t.Error("a key file was made beside a URL")
			}
			if tt.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				roundTrip(t, v)
				return
			}
			refused(t, err, tt.want, "NEO_VAULT_URL")
			if strings.Contains(err.Error(), "c2VjcmV0") {
				t.Errorf("the error shows the URL's secret: %v", err)
			}
		})
	}
}

func TestOpenRefuses(t *testing.T) {
	v, other := open(t, t.TempDir()), open(t, t.TempDir())
	const purpose = "integration/1/tokens"
	sealed, err := v.Seal(t.Context(), []byte("t0ken-secret"), purpose)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, []byte("t0ken")) || bytes.Contains(sealed, []byte("integration")) {
		t.Error("what is sealed can be read")
	}
	again, _ := v.Seal(t.Context(), []byte("t0ken-secret"), purpose)
	if bytes.Equal(sealed, again) {
		t.Error("sealing the same twice shows that it is the same")
	}
	damaged := bytes.Clone(sealed)
	damaged[len(damaged)-1] ^= 1
	newer := bytes.Clone(sealed)
	newer[0] = 9
	for _, tt := range []struct {
		name    string
		vault   *Vault
		sealed  []byte
		purpose string
		want    string
	}{
		{"another row", v, sealed, "integration/2/tokens", "another place"},
		{"another column", v, sealed, "integration/1/client_secret", "another place"},
		{"a purpose that begins the same", v, sealed, "integration/1/token", "another place"},
		{"a purpose that goes on", v, sealed, purpose + "t0ken", "another place"},
		{"no purpose", v, sealed, "", "another place"},
		{"another key", other, sealed, purpose, "another key"},
		{"damaged", v, damaged, purpose, "damaged"},
		{"truncated", v, sealed[:20], purpose, "damaged"},
		{"nothing left", v, sealed[:1], purpose, "damaged"},
		{"nothing", v, nil, purpose, "no secret"},
		{"from the future", v, newer, purpose, "version"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			plain, err := tt.vault.Open(t.Context(), tt.sealed, tt.purpose)
			if plain != nil {
				t.Errorf("opened %q", plain)
			}
			refused(t, err, tt.want, "")
			if strings.Contains(err.Error(), "t0ken") {
				t.Errorf("the error shows the secret: %v", err)
			}
		})
	}
	if _, err := v.Seal(t.Context(), []byte("x"), ""); err == nil {
		t.Error("sealed for no purpose")
	}
}

func TestVerify(t *testing.T) {
	dir, db := t.TempDir(), &meta{values: map[string][]byte{}}
	for range 3 {
		if err := open(t, dir).Verify(t.Context(), db); err != nil {
			t.Fatal(err)
		}
	}
	if db.sets != 1 {
		t.Errorf("the check was written %d times, want once", db.sets)
	}
	elsewhere := t.TempDir()
	err := open(t, elsewhere).Verify(t.Context(), db)
	refused(t, err, filepath.Join(elsewhere, keyFile), "Restore the key")
	if db.sets != 1 {
		t.Error("a wrong key changed the check")
	}

	db.values[checkKey] = nil
	refused(t, open(t, dir).Verify(t.Context(), db), keyFile, "Restore the key")

	db.err = errors.New("disk full")
	if err := open(t, dir).Verify(t.Context(), db); !errors.Is(err, db.err) {
		t.Errorf("Verify = %v, want the database's error", err)
	}
}

// Two replicas start for the first time with keys of their own: the one whose check
// is not in the database must not start.
func TestVerifyTogether(t *testing.T) {
	a, b := open(t, t.TempDir()), open(t, t.TempDir())
	db := &meta{values: map[string][]byte{}}
	db.onSet = func() { // b writes right after a
		db.onSet = nil
		sealed, _ := b.Seal(t.Context(), []byte(checkText), checkKey)
		db.values[checkKey] = sealed
	}
	refused(t, a.Verify(t.Context(), db), "another key", "")
	if err := b.Verify(t.Context(), db); err != nil {
		t.Error(err)
	}
}

func open(t *testing.T, dir string) *Vault {
	t.Helper()
	v, err := Open(t.Context(), Config{DataDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = v.Close() })
	return v
}

func roundTrip(t *testing.T, v *Vault) {
	t.Helper()
	for _, plain := range []string{"", "x", strings.Repeat("long ", 10_000), "\x00\xff"} {
		sealed, err := v.Seal(t.Context(), []byte(plain), "test")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := v.Open(t.Context(), sealed, "test"); err != nil || string(got) != plain {
			t.Errorf("%.20q came back as %.20q, %v", plain, got, err)
		}
	}
}

// refused checks that err is a sentence for people that holds both parts.
func refused(t *testing.T, err error, want, also string) {
	t.Helper()
	if _, ok := errors.AsType[*neo.Error](err); !ok {
		t.Fatalf("%v is not a neo.Error", err)
	}
	message := neo.MessageOf(err)
	if !strings.Contains(message, want) || !strings.Contains(message, also) {
		t.Errorf("%q does not say %q and %q", message, want, also)
	}
}

// meta is a database's single values.
type meta struct {
	values map[string][]byte
	sets   int
	onSet  func()
	err    error
}

func (m *meta) Meta(_ context.Context, key string) ([]byte, bool, error) {
	value, ok := m.values[key]
	return value, ok, m.err
}

func (m *meta) SetMeta(_ context.Context, key string, value []byte) error {
	m.values[key] = value
	m.sets++
	if m.onSet != nil {
		m.onSet()
	}
	return m.err
}
