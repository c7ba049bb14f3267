package message

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/neoagent/neo"
)

const (
	maxAnswer = 16 << 10         // of an answer, in bytes: its first line is quoted
	maxQuote  = 200              // of that line
	maxWait   = 30 * time.Minute // that a receiver may ask for
)

// post sends the body to the address once.
func (s *Sender) post(ctx context.Context, e neo.Endpoint, a neo.Address, key string, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.URL, bytes.NewReader(body))
	if err != nil { // its text holds the address
		return neo.Errorf(neo.CodeInternal, "The address of the endpoint %q is damaged. Enter it again in Settings.", e.Name)
	}
	req.Header.Set("User-Agent", "NeoAgent/"+s.version)
	for _, h := range a.Headers {
		req.Header.Add(h.Name, h.Value)
	}
	req.Header.Set("Content-Type", "application/json")
	if key != "" && e.Kind == neo.EndpointHTTPS {
		req.Header.Set("Idempotency-Key", key)
	}
	resp, err := s.http.Do(req)
	if err != nil {
		return unreached(e, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 == 2 {
		return nil
	}
	text, _ := io.ReadAll(io.LimitReader(resp.Body, maxAnswer)) // what came is enough
	hidden := secrets(a)
	if len(text) == maxAnswer { // what may be the beginning of a secret goes
		text = text[:maxAnswer-len(hidden[0])]
	}
	return refused(e, resp, quote(string(text), hidden))
}

// unreached is the error for a request without an answer.
func unreached(e neo.Endpoint, err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err // the rest is the address
	}
	if errors.Is(err, errPrivate) {
		refused := private(fmt.Sprintf("The host of the endpoint %q leads", e.Name), e.Host)
		refused.Code, refused.Cause = neo.CodeRefused, err
		return refused
	}
	why := "does not answer"
	if d, ok := errors.AsType[*net.DNSError](err); ok && d.IsNotFound {
		why = "is not known by this name"
	} else if timedOut(err) {
		why = "did not answer in time"
	} else if certificate(err) {
		why = "shows a certificate that this machine does not trust"
	}
	return &neo.Error{Code: neo.CodeUnavailable, Cause: err,
		Message: fmt.Sprintf("%s, the host of the endpoint %q, %s. It may again later; if it stays so, check the address in Settings.", e.Host, e.Name, why)}
}

func timedOut(err error) bool {
	n, ok := errors.AsType[net.Error](err)
	return errors.Is(err, context.DeadlineExceeded) || ok && n.Timeout()
}

func certificate(err error) bool {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	_, ok := errors.AsType[x509.UnknownAuthorityError](err)
	return ok
}

// refused is the error for an answer that is no success.
func refused(e neo.Endpoint, resp *http.Response, said string) error {
	err := &neo.Error{Code: neo.CodeRefused, Message: fmt.Sprintf("%s, the endpoint %q, answered %d", e.Host, e.Name, resp.StatusCode)}
	if said != "" {
		err.Message += " and said “" + said + "”"
	}
	err.Message += ". "
	switch status := resp.StatusCode; {
	case status == http.StatusTooManyRequests:
		err.Code, err.RetryAfter = neo.CodeRateLimited, retryAfter(resp.Header)
		err.Message += "It takes no more messages for now, and may later."
	case status >= 500, status == http.StatusRequestTimeout, status == http.StatusTooEarly:
		err.Code, err.RetryAfter = neo.CodeUnavailable, retryAfter(resp.Header)
		err.Message += "It may take the message later."
	case status/100 == 3:
		err.Message += "It leads to another address, which Neo does not follow. Enter that address in Settings instead."
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusNotFound, status == http.StatusGone:
		err.Message += "The address or the credentials in its headers are not valid (any more): enter them again in Settings."
	default:
		err.Message += "It does not take this message: check what the workflow sends, and the kind of the endpoint in Settings."
	}
	return err
}

// retryAfter reads how long the receiver asks to wait; 0 when it does not say.
func retryAfter(h http.Header) time.Duration {
	text := h.Get("Retry-After")
	wait := time.Duration(0)
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		wait = time.Until(at)
	}
	return min(max(wait, 0), maxWait)
}

// quote returns the first line of an answer, without secrets that it repeats and
// without what could not be shown.
func quote(answer string, secrets []string) string {
	for line := range strings.Lines(answer) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		line = strings.Map(func(r rune) rune {
			if !unicode.IsPrint(r) {
				return -1
			}
			return r
		}, line)
		for _, s := range secrets {
			line = strings.ReplaceAll(line, s, "[redacted]")
		}
		return shortened(line, maxQuote)
	}
	return ""
}

// minSecret is the length from which a part of an address or a header may be a
// secret, and is not a word that occurs anyway.
const minSecret = 6

// secrets returns the parts of an address that must not be repeated, the longest
// first: the address itself is always one.
func secrets(a neo.Address) (all []string) {
	add := func(texts ...string) {
		for _, t := range texts {
			if len(t) >= minSecret {
				all = append(all, t)
			}
		}
	}
	add(a.URL, url.QueryEscape(a.URL))
	if u, err := url.Parse(a.URL); err == nil {
		add(u.RequestURI(), u.Path, u.EscapedPath(), u.RawQuery)
		for _, values := range u.Query() {
			for _, v := range values {
				add(v, url.QueryEscape(v))
			}
		}
		add(strings.Split(u.Path, "/")...)
		add(strings.Split(u.EscapedPath(), "/")...)
	}
	for _, h := range a.Headers {
		add(h.Value)
		add(strings.Fields(h.Value)...) // Bearer …
	}
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) })
	return all
}
