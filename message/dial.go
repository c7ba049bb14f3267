package message

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"syscall"
)

// errPrivate is why a connection was not made.
var errPrivate = errors.New("the address is not a public one")

// dial connects to a receiver. What is checked is the address that a connection is
// being made to, not one that the name had a moment ago: a name that leads elsewhere
// at each lookup gains nothing.
func (s *Sender) dial(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{Timeout: s.timeout, KeepAlive: -1, Resolver: s.resolver}
	if !s.allowed(address) {
		d.Control = func(_, address string, _ syscall.RawConn) error {
			to, err := netip.ParseAddrPort(address)
			if err != nil || !s.public(to.Addr()) {
				return errPrivate
			}
			return nil
		}
	}
	return d.DialContext(ctx, network, address)
}

// allowed reports whether a "host:port" is among those that may be private.
func (s *Sender) allowed(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(s.allow, func(a string) bool {
		a = strings.TrimSpace(a)
		return strings.EqualFold(a, address) || strings.EqualFold(strings.Trim(a, "[]"), host)
	})
}

// special are parts of the address space that lead to this machine, its network, its
// cloud's own services, or nowhere (IANA's special-purpose registries), beside those
// that netip has methods for.
var special = prefixes(
	"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
	"203.0.113.0/24", "240.0.0.0/4",
	"168.63.129.16/32", // Azure's host, the same address in each of its networks
	"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
)

// nat64 holds IPv4 addresses for networks that speak IPv6 alone: the last four bytes.
var nat64 = netip.MustParsePrefix("64:ff9b::/96")

// unicast6 is the part of IPv6 that is given to networks.
var unicast6 = netip.MustParsePrefix("2000::/3")

func prefixes(texts ...string) (all []netip.Prefix) {
	for _, t := range texts {
		all = append(all, netip.MustParsePrefix(t))
	}
	return all
}

// public reports whether an address is one that anybody on the internet could reach.
func public(a netip.Addr) bool {
	a = a.Unmap().WithZone("") // ::ffff:10.0.0.1 is 10.0.0.1
	if nat64.Contains(a) {
		b := a.As16()
		return public(netip.AddrFrom4([4]byte(b[12:])))
	}
	if a.Is6() && !unicast6.Contains(a) {
		return false
	}
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	return !slices.ContainsFunc(special, func(p netip.Prefix) bool { return p.Contains(a) })
}
