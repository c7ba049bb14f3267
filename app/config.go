package app

import (
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/store"
)

// Config is everything that can be set. The zero value of each field has a
// default, except DataDir.
type Config struct {
	Listen        string        // address of the dashboard, the API and the callback
	DataDir       string        // holds the database (SQLite) and the key file
	PublicURL     string        // under which browsers and instances reach Neo; default: http://Listen
	DatabaseURL   string        // PostgreSQL; empty: SQLite in DataDir
	VaultURL      string        // keeper of the key that seals secrets; empty: a file in DataDir
	AllowHosts    []string      // addresses allowed besides ServiceNow's own, for simulators
	MetricsListen string        // address of /metrics; empty: not served
	WriteSettle   time.Duration // see flow.EngineOptions.Settle
	Workers       int           // runs carried out at the same time

	SweepInterval time.Duration // between sweeps for changes that were not delivered; default: a minute
	Outgoing      []string      // addresses from which Neo calls out, to be shown for allow-lists

	// TrustedProxies are the addresses, or networks in CIDR form, of reverse proxies whose
	// X-Forwarded-For says where a request comes from.
	TrustedProxies []string

	// MessageAllowHosts are receivers of messages ("host" or "host:port") that may have
	// private addresses and speak plain http.
	MessageAllowHosts []string

	ServiceNowRate int // calls per second to one instance; see servicenow.Connections

	Purpose store.Purpose // what the database is for
	Lock    io.Closer     // of LockDataDir, when the caller has the directory already; Stop closes it

	Version string
	UI      fs.FS
	Log     *slog.Logger

	proxies []netip.Prefix // TrustedProxies
}

const (
	defaultSettle  = 20 * time.Second
	defaultWorkers = 16
)

// check fills in defaults and refuses what cannot work.
func (c *Config) check() error {
	if c.DataDir == "" {
		return neo.Errorf(neo.CodeInvalid, "No data directory is set. Give one with --data-dir or NEO_DATA_DIR.")
	}
	if c.PublicURL == "" {
		c.PublicURL = "http://" + reachable(c.Listen)
	}
	u, err := url.Parse(c.PublicURL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil {
		return neo.Errorf(neo.CodeInvalid, "NEO_PUBLIC_URL %q is not the address of a host. Give scheme and host alone, as in https://neo.example.com.", c.PublicURL)
	}
	c.PublicURL = u.Scheme + "://" + u.Host
	if c.proxies, err = prefixes(c.TrustedProxies); err != nil {
		return err
	}
	if c.WriteSettle <= 0 {
		c.WriteSettle = defaultSettle
	}
	if c.Workers <= 0 {
		c.Workers = defaultWorkers
	}
	return nil
}

// prefixes reads addresses and networks.
func prefixes(list []string) (all []netip.Prefix, err error) {
	for _, text := range list {
		text = strings.TrimSpace(text)
		p, err := netip.ParsePrefix(text)
		if err != nil {
			a, err := netip.ParseAddr(text)
			if err != nil {
				return nil, neo.Errorf(neo.CodeInvalid, "NEO_TRUSTED_PROXIES has %q, which is no address. Give addresses or networks, as in 10.0.0.5,10.1.0.0/16.", text)
			}
			p = netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen())
		}
		all = append(all, p.Masked())
	}
	return all, nil
}

// reachable turns an address to listen on into one that a browser on this machine
// can open.
func reachable(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return listen
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}
