package web

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/alexedwards/scs/v2/memstore"

	"github.com/neoagent/neo"
)

const rightPassword = "correct horse battery"

// people is a store with one administrator.
type people struct {
	Store
	admin neo.User
	mu    sync.Mutex
	known map[string]bool
}

func (*people) CountUsers(context.Context) (int, error) { return 1, nil }

func (*people) CheckSetup(context.Context, []byte, time.Time) error {
	return neo.Errorf(neo.CodeConflict, "Neo is set up already. Sign in instead.")
}

func (p *people) UserByEmail(_ context.Context, email string) (neo.User, error) {
	if email != p.admin.Email {
		return neo.User{}, neo.Errorf(neo.CodeNotFound, "There is no such user.")
	}
	return p.admin, nil
}

func (p *people) KnownSource(_ context.Context, _ string, hash []byte) (bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.known[string(hash)], nil
}

func (p *people) RememberSources(_ context.Context, _ string, _ time.Time, hashes ...[]byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, h := range hashes {
		p.known[string(h)] = true
	}
	return nil
}

// doorstep is a server with one administrator, and what comes to it.
type doorstep struct {
	*Server
	t *testing.T
}

func newDoorstep(t *testing.T, change ...func(*Options)) doorstep {
	t.Helper()
	hash, err := argon2id.CreateHash(rightPassword, passwordParams)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{
		Store:    &people{admin: neo.User{ID: "admin", Email: "admin@neo.example", PasswordHash: hash}, known: map[string]bool{}},
		Sessions: memstore.NewWithCleanupInterval(0), Log: slog.New(slog.DiscardHandler), Live: NewLive(), Metrics: NewMetrics(), UI: os.DirFS(t.TempDir()),
	}
	for _, f := range change {
		f(&o)
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return doorstep{s, t}
}

// signIn tries to sign in from an address, with the cookies of a browser.
func (d doorstep) signIn(from, email, password string, cookies ...*http.Cookie) *http.Response {
	body := fmt.Sprintf(`{"email":%q,"password":%q}`, email, password)
	r := httptest.NewRequestWithContext(d.t.Context(), http.MethodPost, "/api/v1/session", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.RemoteAddr = net.JoinHostPort(from, "4711")
	for _, c := range cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w.Result()
}

func (d doorstep) wants(what string, response *http.Response, status int) *http.Response {
	d.t.Helper()
	if response.StatusCode != status {
		d.t.Errorf("%s: answered %d, want %d", what, response.StatusCode, status)
	}
	if status == http.StatusTooManyRequests && response.Header.Get("Retry-After") == "" {
		d.t.Errorf("%s: no Retry-After", what)
	}
	return response
}

func browserOf(response *http.Response) (all []*http.Cookie) {
	for _, c := range response.Cookies() {
		if c.Name == browserCookie {
			all = append(all, c)
		}
	}
	return all
}

// However an address is typed, it is one account.
func TestFault19AddressAsTyped(t *testing.T) {
	d := newDoorstep(t)
	for i, typed := range []string{
		"admin@neo.example", " admin@neo.example", "ADMIN@neo.example", "\u00a0admin@neo.example\t", "\uff41dmin@neo.example",
		"   admin@neo.example", "Admin@Neo.Example ", "admin@neo.ex\uff41mple", "\u2003ADMIN@neo.example",
	} {
		want := http.StatusUnauthorized
		if i >= accountTries {
			want = http.StatusTooManyRequests
		}
		// Each from somewhere else: what is counted is the account.
		d.wants(fmt.Sprintf("%q", typed), d.signIn(fmt.Sprintf("192.0.2.%d", i), typed, "wrong"), want)
	}
	d.wants("the right password, when locked", d.signIn("198.51.100.1", "  admin@neo.example", rightPassword), http.StatusTooManyRequests)
	if got := normalEmail(" Ju\u0308rgen@NEO.example\u00a0"); got != "j\u00fcrgen@neo.example" {
		t.Errorf("the normal form is %q", got)
	}
}

// Any number of guesses at once get what they would get one after the other.
func TestFault19GuessesAtOnce(t *testing.T) {
	for _, email := range []string{"admin@neo.example", "nobody@neo.example"} {
		d := newDoorstep(t)
		statuses := make(chan int, 100)
		var all sync.WaitGroup
		for i := range 100 {
			all.Go(func() { statuses <- d.signIn(fmt.Sprintf("192.0.2.%d", i), email, "wrong").StatusCode })
		}
		all.Wait()
		close(statuses)
		count := map[int]int{}
		for s := range statuses {
			count[s]++
		}
		if count[401] != accountTries || count[429] != 100-accountTries {
			t.Errorf("of 100 guesses at %s: %v", email, count)
		}
	}
}

// Wrong tries by others do not keep out who comes from where they signed in before.
func TestFault19KnownSources(t *testing.T) {
	d := newDoorstep(t)
	const admin = "admin@neo.example"
	browser := browserOf(d.wants("the first sign-in", d.signIn("10.0.0.1", admin, rightPassword), http.StatusOK))
	if len(browser) != 1 || !browser[0].HttpOnly || browser[0].SameSite != http.SameSiteLaxMode {
		t.Fatalf("the browser is not marked: %+v", browser)
	}
	for i := range accountTries {
		d.wants("a guess", d.signIn(fmt.Sprintf("192.0.2.%d", i), admin, "wrong"), http.StatusUnauthorized)
	}
	d.wants("the right password from anywhere", d.signIn("198.51.100.1", admin, rightPassword), http.StatusTooManyRequests)
	d.wants("a browser that is made up", d.signIn("198.51.100.2", admin, rightPassword, &http.Cookie{Name: browserCookie, Value: neo.NewSecret()}), http.StatusTooManyRequests)
	d.wants("the known browser elsewhere", d.signIn("198.51.100.1", admin, rightPassword, browser...), http.StatusOK)
	d.wants("the known address", d.signIn("10.0.0.1", admin, rightPassword), http.StatusOK)

	// A known source has no more tries than any other.
	for range knownTries {
		d.wants("a guess at the known address", d.signIn("10.0.0.1", admin, "wrong"), http.StatusUnauthorized)
	}
	d.wants("one more", d.signIn("10.0.0.1", admin, rightPassword), http.StatusTooManyRequests)
	d.wants("the known browser at that address", d.signIn("10.0.0.1", admin, rightPassword, browser...), http.StatusOK)
	for range knownTries {
		d.wants("a guess with the known browser", d.signIn("10.0.0.1", admin, "wrong", browser...), http.StatusUnauthorized)
	}
	d.wants("one more", d.signIn("10.0.0.1", admin, rightPassword, browser...), http.StatusTooManyRequests)
}

// One source has a number of tries, whatever accounts they are at; right ones do not count.
func TestFault19OneSource(t *testing.T) {
	d := newDoorstep(t)
	for range 3 {
		d.wants("right", d.signIn("2001:db8::1", "admin@neo.example", rightPassword), http.StatusOK)
	}
	for i := range sourceTries {
		d.wants("a guess", d.signIn(fmt.Sprintf("2001:db8::%x", i+1), fmt.Sprintf("p%d@neo.example", i), "wrong"), http.StatusUnauthorized)
	}
	d.wants("one more from that network", d.signIn("2001:db8::ffff", "q@neo.example", "wrong"), http.StatusTooManyRequests)
	d.wants("from another", d.signIn("2001:db8:0:1::1", "q@neo.example", "wrong"), http.StatusUnauthorized)
}

// A set-up server hashes nothing for those who come to set it up; what it hashes at once
// is bounded.
func TestFault19Hashing(t *testing.T) {
	d := newDoorstep(t)
	leaves := make([]func(), 0, passwordsAtOnce)
	for range passwordsAtOnce { // nothing can be hashed now
		leave, err := d.passwords.enter(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		leaves = append(leaves, leave)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/v1/setup",
		strings.NewReader(`{"token":"01234567890123456789","name":"x","email":"x@neo.example","password":"0123456789"}`))
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	d.wants("set up again", w.Result(), http.StatusConflict)

	waiting, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for range passwordsWaiting {
		all.Go(func() { _, _ = d.passwords.enter(waiting) })
	}
	for len(d.passwords.coming) < cap(d.passwords.coming) {
		runtime.Gosched()
	}
	response := d.wants("a sign-in when all wait", d.signIn("192.0.2.1", "admin@neo.example", rightPassword), http.StatusServiceUnavailable)
	if response.Header.Get("Retry-After") == "" {
		t.Error("it is not said when to come back")
	}
	stop()
	all.Wait()
	for _, leave := range leaves {
		leave()
	}
	for range accountTries + 1 { // what was not checked was not counted
		d.wants("a sign-in", d.signIn("192.0.2.1", "admin@neo.example", rightPassword), http.StatusOK)
	}
}

func TestFault19TriesAreCountedForEver(t *testing.T) {
	c := &clock{at: time.Unix(1_000_000, 0)}
	all := newTries(c.now)
	one := try{"one", 5}
	for i := range 5 {
		if wait := all.take(one); wait != 0 {
			t.Fatalf("try %d has to wait %s", i, wait)
		}
	}
	for i := range 20_000 { // more accounts than were once remembered
		all.take(try{fmt.Sprint(i), 1_000_000})
	}
	c.at = c.at.Add(59 * time.Second)
	if wait := all.take(one, try{"two", 5}); wait != time.Second {
		t.Errorf("the sixth has to wait %s, want a second", wait)
	}
	c.at = c.at.Add(time.Second)
	if wait := all.take(one); wait != 0 {
		t.Errorf("after a minute it has to wait %s", wait)
	}
}

func TestFault19SourceBehindProxies(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, c := range []struct {
		name, peer string
		forwarded  []string
		want       string
	}{
		{"no proxy", "192.0.2.7:1", nil, "192.0.2.7"},
		{"made up by the caller", "192.0.2.7:1", []string{"198.51.100.1"}, "192.0.2.7"},
		{"one proxy", "10.0.0.1:1", []string{"192.0.2.7"}, "192.0.2.7"},
		{"two, and something made up", "10.0.0.1:1", []string{"198.51.100.1, 192.0.2.7", "10.2.2.2"}, "192.0.2.7"},
		{"a proxy that says nothing", "10.0.0.1:1", nil, "10.0.0.1"},
		{"a proxy that says nonsense", "10.0.0.1:1", []string{"unknown"}, "10.0.0.1"},
		{"all are proxies", "10.0.0.1:1", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		{"with a port", "10.0.0.1:1", []string{"192.0.2.7:555"}, "192.0.2.7"},
		{"IPv6 with a port", "[fd00::1]:1", []string{"[2001:db8::5]:555"}, "2001:db8::/64"},
		{"IPv4 in IPv6", "[::ffff:10.0.0.1]:1", []string{"::ffff:192.0.2.7"}, "192.0.2.7"},
		{"a zone", "[fe80::1%eth0]:1", nil, "fe80::/64"},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.RemoteAddr, r.Header["X-Forwarded-For"] = c.peer, c.forwarded
		if got := source(r, trusted); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
