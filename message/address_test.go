package message

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/neoagent/neo"
)

// A name that leads to this machine is refused when the connection is made, whatever
// it led to before, and a host that is allowed is not.
func TestNamesThatLeadInside(t *testing.T) {
	s, all := sender(t)
	s.timeout = 2 * time.Second
	server := receiver(t, s, func(http.ResponseWriter, *http.Request) {})
	s.allow = nil
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	dns := startDNS(t)
	s.resolver = dns.resolver()

	for name, answers := range map[string][]netip.Addr{
		"loopback":         {netip.MustParseAddr("127.0.0.1")},
		"loopback, IPv6":   {netip.MustParseAddr("::1")},
		"loopback, mapped": {netip.MustParseAddr("::ffff:127.0.0.1")},
		"this host":        {netip.MustParseAddr("0.0.0.0")},
		"metadata":         {netip.MustParseAddr("169.254.169.254")},
		"private":          {netip.MustParseAddr("10.1.2.3"), netip.MustParseAddr("fd00::1")},
	} {
		t.Run(name, func(t *testing.T) {
			dns.answer(func(int) []netip.Addr { return answers })
			e := all.add(t, s, neo.EndpointHTTPS, "https://inside.example.com:"+port+"/"+token)
			says(t, s.Send(t.Context(), "", neo.Message{EndpointID: e.ID, Text: "Hello"}, incident), neo.CodeRefused, "NEO_MESSAGE_ALLOW_HOSTS")
		})
	}
	t.Run("allowed by name", func(t *testing.T) {
		s.allow = []string{"example.com"} // the name in the test server's certificate
		dns.answer(func(int) []netip.Addr { return []netip.Addr{netip.MustParseAddr("127.0.0.1")} })
		e := all.add(t, s, neo.EndpointHTTPS, "https://example.com:"+port+"/"+token)
		if err := s.Send(t.Context(), "", neo.Message{EndpointID: e.ID, Text: "Hello"}, incident); err != nil {
			t.Error(err)
		}
	})
}

// A name leads to a public address when it is looked up first, and inside afterwards:
// a check of one lookup says nothing about another.
func TestRebinding(t *testing.T) {
	s, all := sender(t)
	outside := receiver(t, s, func(http.ResponseWriter, *http.Request) {})
	_, port, _ := net.SplitHostPort(outside.Listener.Addr().String())
	second := netip.MustParseAddr("127.0.0.2")
	l, err := net.Listen("tcp", net.JoinHostPort(second.String(), port))
	if err != nil { // not every system has more than one of IPv4
		second = netip.IPv6Loopback()
		l, err = net.Listen("tcp", net.JoinHostPort(second.String(), port))
	}
	if err != nil {
		t.Fatal(err)
	}
	var arrived atomic.Bool
	inside := &http.Server{Handler: outside.Config.Handler, ReadHeaderTimeout: time.Second, ConnState: func(net.Conn, http.ConnState) { arrived.Store(true) }}
	served := make(chan error, 1)
	go func() { served <- inside.Serve(l) }()
	t.Cleanup(func() {
		_ = inside.Close()
		<-served //nolint:errcheck // that it was closed
	})

	s.allow = nil
	s.public = func(a netip.Addr) bool { return a == netip.MustParseAddr("127.0.0.1") }
	dns := startDNS(t)
	s.resolver = dns.resolver()
	dns.answer(func(n int) []netip.Addr {
		if n == 0 {
			return []netip.Addr{netip.MustParseAddr("127.0.0.1")}
		}
		return []netip.Addr{second}
	})
	e := all.add(t, s, neo.EndpointHTTPS, "https://example.com:"+port+"/"+token)
	if err := s.Send(t.Context(), "", neo.Message{EndpointID: e.ID, Text: "Hello"}, incident); err != nil {
		t.Errorf("the first time it leads outside: %v", err)
	}
	for range 3 {
		says(t, s.Send(t.Context(), "", neo.Message{EndpointID: e.ID, Text: "Hello"}, incident), neo.CodeRefused, "NEO_MESSAGE_ALLOW_HOSTS")
	}
	if arrived.Load() {
		t.Error("a connection was made to what is inside")
	}
}

// nameServer is a DNS server that answers as a test says.
type nameServer struct {
	conn net.PacketConn
	mu   sync.Mutex
	say  func(n int) []netip.Addr // to the question number n for IPv4, and the one for IPv6 with it
	n    int
}

func startDNS(t *testing.T) *nameServer {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := &nameServer{conn: conn}
	done := make(chan struct{})
	go func() { defer close(done); d.serve() }()
	t.Cleanup(func() { _ = conn.Close(); <-done })
	return d
}

func (d *nameServer) answer(f func(n int) []netip.Addr) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.say, d.n = f, 0
}

func (d *nameServer) resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", d.conn.LocalAddr().String())
	}}
}

func (d *nameServer) serve() {
	buffer := make([]byte, 512)
	for {
		n, from, err := d.conn.ReadFrom(buffer)
		if err != nil {
			return
		}
		var m dnsmessage.Message
		if m.Unpack(buffer[:n]) != nil || len(m.Questions) != 1 {
			continue
		}
		q := m.Questions[0]
		m.Response, m.Additionals = true, nil
		d.mu.Lock()
		addresses := d.say(d.n)
		if q.Type == dnsmessage.TypeA {
			d.n++
		}
		d.mu.Unlock()
		head := dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: 0}
		for _, a := range addresses {
			switch {
			case q.Type == dnsmessage.TypeA && a.Is4():
				m.Answers = append(m.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.AResource{A: a.As4()}})
			case q.Type == dnsmessage.TypeAAAA && !a.Is4():
				m.Answers = append(m.Answers, dnsmessage.Resource{Header: head, Body: &dnsmessage.AAAAResource{AAAA: a.As16()}})
			}
		}
		text, err := m.Pack()
		if err == nil {
			_, _ = d.conn.WriteTo(text, from)
		}
	}
}

func TestPublic(t *testing.T) {
	for text, want := range map[string]bool{
		"8.8.8.8": true, "1.1.1.1": true, "100.63.255.255": true, "100.128.0.1": true, "172.15.0.1": true, "172.32.0.1": true, "192.167.1.1": true,
		"2606:4700::1111": true, "2a00:1450::1": true, "::ffff:8.8.8.8": true, "64:ff9b::808:808": true,

		"0.0.0.0": false, "0.1.2.3": false, "127.0.0.1": false, "127.255.255.254": false, "10.0.0.1": false, "172.16.0.1": false, "172.31.255.255": false,
		"192.168.0.1": false, "169.254.169.254": false, "100.64.0.1": false, "100.100.100.200": false, "192.0.0.192": false, "192.0.2.1": false,
		"198.18.0.1": false, "198.51.100.1": false, "203.0.113.1": false, "224.0.0.1": false, "239.255.255.255": false, "240.0.0.1": false,
		"255.255.255.255": false, "168.63.129.16": false,

		"::": false, "::1": false, "::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "::ffff:169.254.169.254": false, "::127.0.0.1": false, "::8.8.8.8": false,
		"fe80::1": false, "fe80::1%eth0": false, "fec0::1": false, "fc00::1": false, "fd00:ec2::254": false, "ff02::1": false, "2001:db8::1": false,
		"2001::1": false, "2002:7f00:1::": false, "64:ff9b::7f00:1": false, "64:ff9b::a9fe:a9fe": false, "64:ff9b:1::1": false, "100::1": false, "3fff::1": false,
	} {
		if got := public(netip.MustParseAddr(text)); got != want {
			t.Errorf("%s is public: %v", text, got)
		}
	}
}

func TestAddressesRefusedWhenTyped(t *testing.T) {
	s, _ := sender(t, "internal.example.com", "10.0.0.5:8080")
	for _, c := range []struct {
		typed, says string // says: "" when it is taken
	}{
		{"https://hooks.slack.com/services/" + token, ""},
		{"  HTTPS://Hooks.Slack.com/services/" + token + "  ", ""},
		{"https://8.8.8.8/" + token, ""},
		{"https://internal.example.com/" + token, ""},
		{"http://internal.example.com:9000/" + token, ""},
		{"http://10.0.0.5:8080/" + token, ""},
		{"", "url is empty"},
		{"hooks.slack.com/services/" + token, "give all of it"},
		{"https:///" + token, "give all of it"},
		{"https:hooks.slack.com/" + token, "give all of it"},
		{"https://a b/" + token, "give all of it"},
		{"https://x.example.com/" + strings.Repeat(token, 200), "give all of it"},
		{"http://hooks.slack.com/" + token, "begin with https://"},
		{"http://10.0.0.5/" + token, "begin with https://"},
		{"ftp://hooks.slack.com/" + token, "begin with https://"},
		{"file:///" + token, "give all of it"},
		{"https://user:" + token + "@example.com/", "user name"},
		{"https://10.0.0.5/" + token, "NEO_MESSAGE_ALLOW_HOSTS"},
		{"https://localhost:8420/" + token, "NEO_MESSAGE_ALLOW_HOSTS"},
		{"https://127.0.0.1/" + token, "NEO_MESSAGE_ALLOW_HOSTS"},
		{"https://[::1]/" + token, "NEO_MESSAGE_ALLOW_HOSTS"},
		{"https://[::ffff:10.0.0.1]/" + token, "NEO_MESSAGE_ALLOW_HOSTS"},
		{"https://[fe80::1%25eth0]/" + token, "NEO_MESSAGE_ALLOW_HOSTS"},
		{"https://169.254.169.254/latest/meta-data?" + token, "NEO_MESSAGE_ALLOW_HOSTS"},
	} {
		e := neo.Endpoint{ID: "e"}
		err := s.Seal(t.Context(), &e, neo.Address{URL: c.typed})
		if c.says != "" {
			says(t, err, neo.CodeInvalid, c.says)
			continue
		}
		u, _ := url.Parse(strings.ToLower(strings.TrimSpace(c.typed)))
		if err != nil || e.Host != u.Host || bytes.Contains(e.Sealed, []byte(token)) {
			t.Errorf("%s: %v, host %q", c.typed, err, e.Host)
		}
	}
	for _, c := range []struct{ name, value, says string }{
		{"", "x", "headers[0].name"},
		{"Bad Name", "x", "headers[0].name"},
		{"X\r\nY", "x", "headers[0].name"},
		{"content-Length", "1", "Neo sets content-Length itself"},
		{"Host", "internal", "Neo sets Host itself"},
		{"X-Key", "", "headers[0].value"},
		{"X-Key", token + "\r\nX-Other: 1", "headers[0].value"},
		{"X-Key", strings.Repeat(token, 500), "headers[0].value"},
	} {
		err := s.Seal(t.Context(), &neo.Endpoint{ID: "e"}, neo.Address{URL: "https://example.com/", Headers: []neo.Header{{Name: c.name, Value: c.value}}})
		says(t, err, neo.CodeInvalid, c.says)
	}
	says(t, s.Seal(t.Context(), &neo.Endpoint{ID: "e"}, neo.Address{URL: "https://example.com/", Headers: make([]neo.Header, maxHeaders+1)}), neo.CodeInvalid, "21 entries")
}

// What is not entered again stays, and does not go to another host.
func TestSealAgain(t *testing.T) {
	s, all := sender(t)
	opened := func(e neo.Endpoint) string {
		a, err := s.open(t.Context(), e)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%s %s %v", e.Host, a.URL, a.Headers)
	}
	e := all.add(t, s, neo.EndpointHTTPS, "https://example.com/a", neo.Header{Name: "X-Key", Value: bearer})
	for _, c := range []struct {
		name string
		a    neo.Address
		want string // or
		says string
	}{
		{"nothing", neo.Address{}, "example.com https://example.com/a [{X-Key " + bearer + "}]", ""},
		{"another path", neo.Address{URL: "https://Example.com:443/b"}, "example.com:443 https://example.com:443/b [{X-Key " + bearer + "}]", ""},
		{"another host", neo.Address{URL: "https://evil.example.com/"}, "", "another host"},
		{"another port", neo.Address{URL: "https://example.com:444/"}, "", "another host"},
		{"another host, other headers", neo.Address{URL: "https://other.example.com/", Headers: []neo.Header{{Name: "X-Key", Value: "other"}}}, "other.example.com https://other.example.com/ [{X-Key other}]", ""},
		{"no headers", neo.Address{Headers: []neo.Header{}}, "other.example.com https://other.example.com/ []", ""},
		{"another host again", neo.Address{URL: "https://third.example.com/"}, "third.example.com https://third.example.com/ []", ""},
	} {
		before := opened(e)
		err := s.Seal(t.Context(), &e, c.a)
		if c.says != "" {
			says(t, err, neo.CodeInvalid, c.says)
			c.want = before
		} else if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if got := opened(e); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	moved := e
	moved.ID = neo.NewID()
	all[moved.ID] = moved
	if err := s.Send(t.Context(), "", neo.Message{EndpointID: moved.ID, Text: "Hello"}, incident); err == nil {
		t.Error("a sealed address opens in another row")
	}
}
