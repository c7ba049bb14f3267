package message

import (
	"context"
	"encoding/json"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/neoagent/neo"
)

const (
	maxURL         = 2_000
	maxHeaders     = 20
	maxHeaderName  = 100
	maxHeaderValue = 4_000
)

// Seal puts an address into an endpoint: sealed, and its host to be shown. What is
// zero in a stays as it was sealed before; headers that are not nil replace all. An
// address that may not be sent to is neo.CodeInvalid.
func (s *Sender) Seal(ctx context.Context, e *neo.Endpoint, a neo.Address) error {
	if len(e.Sealed) > 0 {
		was, err := s.open(ctx, *e)
		if err != nil && (a.URL == "" || a.Headers == nil) {
			return err
		}
		if a.URL == "" {
			a.URL = was.URL
		}
		if a.Headers == nil {
			a.Headers = was.Headers
			// Whoever may change the address must not have the secrets sent there.
			if len(a.Headers) > 0 && !sameHost(was.URL, a.URL) {
				return neo.Errorf(neo.CodeInvalid, "headers: the new url is on another host than the one for which the headers were entered. Enter them again, or none.")
			}
		}
	}
	u, err := s.parse(a.URL)
	if err != nil {
		return err
	}
	if err := checkHeaders(a.Headers); err != nil {
		return err
	}
	a.URL = u.String()
	plain, err := json.Marshal(a)
	if err != nil {
		return err
	}
	sealed, err := s.vault.Seal(ctx, plain, purpose(e.ID))
	if err != nil {
		return err
	}
	e.Host, e.Sealed = u.Host, sealed
	return nil
}

// parse checks the address that a person typed. Its errors do not repeat it.
func (s *Sender) parse(typed string) (*url.URL, error) {
	typed = strings.TrimSpace(typed)
	if typed == "" {
		return nil, neo.Errorf(neo.CodeInvalid, "url is empty: give the address that takes the messages, such as the URL of the incoming webhook.")
	}
	u, err := url.Parse(typed)
	if err != nil || len(typed) > maxURL || u.Hostname() == "" || u.Opaque != "" {
		return nil, neo.Errorf(neo.CodeInvalid, "url is not an address that messages can be sent to: give all of it, as in https://hooks.example.com/services/… (at most %d characters).", maxURL)
	}
	u.Scheme, u.Host, u.Fragment, u.RawFragment = strings.ToLower(u.Scheme), strings.ToLower(u.Host), "", ""
	if u.User != nil {
		return nil, neo.Errorf(neo.CodeInvalid, "url holds a user name. Put credentials into the header Authorization instead.")
	}
	allowed := s.allowed(address(u))
	if u.Scheme != "https" && (u.Scheme != "http" || !allowed) {
		return nil, neo.Errorf(neo.CodeInvalid, "url has to begin with https://. Plain http is for hosts that the operator of Neo allows by NEO_MESSAGE_ALLOW_HOSTS.")
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil && !allowed && !public(ip) || !allowed && strings.EqualFold(u.Hostname(), "localhost") {
		return nil, private("url leads", u.Host)
	}
	return u, nil
}

// address is the "host:port" that a URL leads to.
func address(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = "443"
		if u.Scheme == "http" {
			port = "80"
		}
	}
	return net.JoinHostPort(u.Hostname(), port)
}

func sameHost(a, b string) bool {
	one, err := url.Parse(a)
	if err != nil {
		return false
	}
	other, err := url.Parse(strings.TrimSpace(b))
	return err == nil && strings.EqualFold(one.Scheme, other.Scheme) && strings.EqualFold(address(one), address(other))
}

// ownHeaders are written by Neo or by HTTP itself.
var ownHeaders = []string{"host", "content-length", "content-type", "transfer-encoding", "connection", "te", "trailer",
	"upgrade", "keep-alive", "expect", "user-agent", "idempotency-key"}

func checkHeaders(headers []neo.Header) error {
	if len(headers) > maxHeaders {
		return neo.Errorf(neo.CodeInvalid, "headers has %d entries; %d are allowed.", len(headers), maxHeaders)
	}
	for i, h := range headers {
		switch {
		case h.Name == "" || len(h.Name) > maxHeaderName || !httpguts.ValidHeaderFieldName(h.Name):
			return neo.Errorf(neo.CodeInvalid, "headers[%d].name is not the name of a header: letters, digits and - only.", i)
		case slices.Contains(ownHeaders, strings.ToLower(h.Name)):
			return neo.Errorf(neo.CodeInvalid, "headers[%d].name: Neo sets %s itself. Leave it out.", i, h.Name)
		case h.Value == "" || len(h.Value) > maxHeaderValue || !httpguts.ValidHeaderFieldValue(h.Value):
			return neo.Errorf(neo.CodeInvalid, "headers[%d].value is empty, too long (%d bytes are allowed) or has a line break.", i, maxHeaderValue)
		}
	}
	return nil
}

// private is the error for a receiver with an address that is not public.
func private(leads, host string) *neo.Error {
	return neo.Errorf(neo.CodeInvalid, "%s to %s, which is this machine, a private network or a reserved address. Messages go to public addresses only, "+
		"unless the operator of Neo allows a host by NEO_MESSAGE_ALLOW_HOSTS.", leads, host)
}
