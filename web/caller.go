package web

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// caller is who makes a request, as far as that is known before anybody signs in.
type caller struct {
	source  string // the address, or the network for IPv6, that tries are counted by
	browser string // the secret of a browser in which somebody has signed in; "" without one
	header  http.Header
}

// browserCookie marks a browser in which somebody has signed in; see known.go.
const browserCookie = "neo_browser"

func (s *Server) withCaller(ctx context.Context, w http.ResponseWriter, r *http.Request) context.Context {
	c := &caller{source: source(r, s.options.TrustedProxies), header: w.Header()}
	if cookie, err := r.Cookie(browserCookie); err == nil {
		c.browser = cookie.Value
	}
	return context.WithValue(ctx, keyCaller, c)
}

func callerOf(ctx context.Context) *caller {
	if c, ok := ctx.Value(keyCaller).(*caller); ok {
		return c
	}
	return &caller{header: http.Header{}}
}

// source returns where a request comes from. What a proxy says about that is believed
// only of those that are trusted: of X-Forwarded-For the last address that is not one of
// theirs, since all before it may be made up.
func source(r *http.Request, trusted []netip.Prefix) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	from, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && isTrusted(from, trusted); i-- {
		hop, ok := hopAddress(hops[i])
		if !ok {
			break
		}
		from = hop
	}
	return network(from)
}

func isTrusted(a netip.Addr, trusted []netip.Prefix) bool {
	a = a.Unmap().WithZone("")
	for _, p := range trusted {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// hopAddress reads one address of X-Forwarded-For; some proxies write the port too.
func hopAddress(text string) (netip.Addr, bool) {
	text = strings.TrimSpace(text)
	if a, err := netip.ParseAddr(strings.Trim(text, "[]")); err == nil {
		return a, true
	}
	a, err := netip.ParseAddrPort(text)
	return a.Addr(), err == nil
}

// network is the address, and for IPv6 the /64: one caller has as many of these
// addresses as they like.
func network(a netip.Addr) string {
	a = a.Unmap().WithZone("")
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}
