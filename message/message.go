// Package message sends what workflows have to say to places outside the ticket
// system: Slack, Microsoft Teams, and any HTTPS address that somebody has put on the
// list of endpoints.
//
// The addresses are secrets, and a person who may enter one must not be able to reach
// with it what only this machine can: private addresses are refused when a connection
// is made (dial.go), redirects are not followed, and answers, which a stranger writes,
// are bounded and quoted without the secrets that were sent.
package message

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/neoagent/neo"
)

// Store is where the endpoints are.
type Store interface {
	// Endpoint returns the endpoint of that id or name.
	Endpoint(ctx context.Context, tenant, name string) (neo.Endpoint, error)
}

// Vault seals secrets, each for one purpose.
type Vault interface {
	Seal(ctx context.Context, plain []byte, purpose string) ([]byte, error)
	Open(ctx context.Context, sealed []byte, purpose string) ([]byte, error)
}

// purpose is what the address of an endpoint is sealed for.
func purpose(id string) string { return "message/endpoint/" + id + "/address" }

// sendTime bounds one try to send, from the lookup of the name to the end of the
// answer.
const sendTime = 10 * time.Second

// Sender sends messages. It is safe for concurrent use.
type Sender struct {
	store    Store
	vault    Vault
	version  string
	allow    []string // host or host:port that may be private and plain http
	http     *http.Client
	timeout  time.Duration
	resolver *net.Resolver // nil: the machine's
	public   func(netip.Addr) bool
}

// New returns a Sender. allowHosts are "host" or "host:port" of receivers that may have
// private addresses and speak plain http (NEO_MESSAGE_ALLOW_HOSTS); version is told to
// receivers in the User-Agent.
func New(store Store, vault Vault, allowHosts []string, version string) *Sender {
	s := &Sender{store: store, vault: vault, version: version, allow: allowHosts, timeout: sendTime, public: public}
	s.http = &http.Client{
		Transport: &http.Transport{
			DialContext:            s.dial,
			Proxy:                  nil, // a proxy would connect to what is refused here
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
			ForceAttemptHTTP2:      true,
			DisableKeepAlives:      true, // messages are few, and each address is checked anew
			DisableCompression:     true,
			MaxResponseHeaderBytes: 16 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return s
}

// Send sends a message about a ticket; a ticket without a number is not mentioned.
//
// neo.CodeUnavailable and neo.CodeRateLimited mean that the receiver may take it later,
// CodeRefused that it said no, or may not be reached, and CodeNotFound that there is no
// such endpoint. No error holds the address or a header of the endpoint. Whether a
// message arrived whose answer was lost stays open: its Key lets the receivers of
// EndpointHTTPS tell a repetition.
func (s *Sender) Send(ctx context.Context, tenant string, m neo.Message, t neo.Ticket) error {
	e, err := s.store.Endpoint(ctx, tenant, m.EndpointID)
	if err != nil {
		return err
	}
	a, err := s.open(ctx, e)
	if err != nil {
		return err
	}
	body, err := written(e.Kind, m, t)
	if err != nil {
		return err
	}
	return s.post(ctx, e, a, m.Key, body)
}

func (s *Sender) open(ctx context.Context, e neo.Endpoint) (a neo.Address, err error) {
	plain, err := s.vault.Open(ctx, e.Sealed, purpose(e.ID))
	if err != nil {
		return a, err
	}
	if err := json.Unmarshal(plain, &a); err != nil {
		return a, neo.Errorf(neo.CodeInternal, "The address of the endpoint %q is damaged. Enter it again in Settings.", e.Name)
	}
	return a, nil
}
