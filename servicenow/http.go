package servicenow

import (
	"net"
	"net/http"
	"time"
)

const (
	// maxBody bounds what is sent to and read from an instance, in bytes. The
	// Table API itself takes 10 MiB (KB0747638).
	maxBody = 10 << 20
	// callTimeout bounds one call, from dialling to the last byte. An instance gives
	// a REST transaction up to 60 s; a call that takes that long is not worth a worker.
	callTimeout = 45 * time.Second
)

// newHTTPClient returns the client for all calls to instances.
//
// It keeps no cookies: answers set a session cookie that can outlive the token.
// It follows no redirects: an API answer is never one, so a redirect leads to a
// login page or to another host, where neither tokens nor secrets may go.
func newHTTPClient(version string) *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DialContext = (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext
	t.TLSHandshakeTimeout = 10 * time.Second
	t.MaxIdleConnsPerHost = maxConcurrent
	t.MaxResponseHeaderBytes = 256 << 10
	return &http.Client{
		Transport:     agent{name: userAgent(version), next: t},
		Timeout:       callTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// agent names Neo in every call, so that an administrator finds it in the
// instance's transaction log.
type agent struct {
	name string
	next http.RoundTripper
}

func (a agent) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("User-Agent", a.name)
	return a.next.RoundTrip(req)
}

// CloseIdleConnections passes http.Client's call on.
func (a agent) CloseIdleConnections() {
	if c, ok := a.next.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

func userAgent(version string) string {
	if version == "" {
		version = "dev"
	}
	return "Neo-Agent/" + version
}
