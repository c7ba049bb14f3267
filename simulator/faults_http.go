package simulator

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// hibernatingPage has the marks by which the real one is known: its title and two sentences.
const hibernatingPage = `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Instance Hibernating page</title></head>
<body><h1>Your instance is hibernating</h1><p>Sign in to the developer site to wake it up.</p>
<a href="https://developer.servicenow.com/">Want to find out why instances hibernate?</a></body></html>`

const offlinePage = `<html><head><title>Service Unavailable</title></head><body><h1>This instance is currently offline</h1><p>It is being upgraded. Please try again later.</p></body></html>`

const reclaimedPage = `<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center><hr><center>snow_adc</center></body></html>`

const loginPageHTML = `<html><head><title>Log in | ServiceNow</title></head><body><form action="/login.do" method="post"><input name="user_name"><input type="password" name="user_password"></form></body></html>`

// away answers for an instance that cannot be reached, whatever is asked: its own switches excepted.
func (in *Instance) away(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f := in.faults.Load()
		in.requests.Add(1)
		status, page := 0, ""
		switch {
		case strings.HasPrefix(r.URL.Path, "/simulator") || strings.HasPrefix(r.URL.Path, "/static/"):
		case f.Hibernating:
			status, page = http.StatusOK, hibernatingPage
		case f.Reclaimed:
			status, page = http.StatusBadGateway, reclaimedPage
		case f.Maintenance:
			status, page = http.StatusServiceUnavailable, offlinePage
		}
		if status == 0 {
			next.ServeHTTP(w, r)
			return
		}
		edgePage(w, status, page)
	})
}

// Requests returns how many requests have come so far, of whatever kind.
func (in *Instance) Requests() int64 { return in.requests.Load() }

// edgePage is an answer of what stands before an instance: no cookies, no transaction.
func edgePage(w http.ResponseWriter, status int, page string) {
	w.Header().Set("Server", "snow_adc")
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(page))
}

// inTheWay reports whether something other than the API answers a call of it, and has done so.
func (in *Instance) inTheWay(w http.ResponseWriter, r *http.Request) bool {
	f := in.faults.Load()
	if f.SlowMS > 0 {
		wait := time.NewTimer(time.Duration(f.SlowMS) * time.Millisecond)
		defer wait.Stop()
		select {
		case <-wait.C:
		case <-r.Context().Done():
		}
	}
	switch {
	case f.LoginPage:
		edgePage(w, http.StatusOK, loginPageHTML)
	case f.SSORedirect:
		http.Redirect(w, r, "https://idp.example/sso?RelayState="+stableID("relay"), http.StatusFound)
	case in.dice.hit(f.Semaphore):
		w.Header().Set("Server", "snow_adc")
		w.WriteHeader(http.StatusTooManyRequests) // its body is documented nowhere
	default:
		return false
	}
	return true
}

// challenge is what a 401 asks for; instances with API access policies ask for Bearer too.
func (in *Instance) challenge(h http.Header) {
	const basic, bearer = `Basic realm="Service-now"`, `BEARER realm="Service-now"`
	switch in.faults.Load().WWWAuthenticate {
	case "bearer":
		h.Add("WWW-Authenticate", bearer)
	case "both":
		h.Add("WWW-Authenticate", basic)
		h.Add("WWW-Authenticate", bearer)
	case "none":
	default:
		h.Add("WWW-Authenticate", basic)
	}
}

// withinRate applies the rate limit rule, if there is one; every answer it concerns says how it stands.
func (c *apiCall) withinRate() error {
	f := c.in.faults.Load()
	if f.RateLimitPerHour <= 0 {
		return nil
	}
	now := c.in.opts.Now()
	seen, reset := c.in.rates.call(c.who.userName, now, time.Duration(f.RateLimitFlushMS)*time.Millisecond)
	h := c.w.Header()
	h.Set("X-RateLimit-Limit", strconv.Itoa(f.RateLimitPerHour))
	h.Set("X-RateLimit-Reset", strconv.FormatInt(reset, 10))
	h.Set("X-RateLimit-Rule", stableID("rate limit rule"))
	if seen < f.RateLimitPerHour {
		return nil
	}
	wait := f.RetryAfterS
	if wait == 0 {
		wait = int(reset - now.Unix())
	}
	h.Set("Retry-After", strconv.Itoa(wait))
	return &apiError{http.StatusTooManyRequests, "Rate limit exceeded",
		"Rate limit of " + strconv.Itoa(f.RateLimitPerHour) + " requests per hour for Table API exceeded"}
}

// unlucky is the error of a read that fails now and then.
func (c *apiCall) unlucky() error {
	f := c.in.faults.Load()
	switch {
	case c.method() != http.MethodGet:
	case c.in.dice.hit(f.FailReads):
		return &apiError{http.StatusInternalServerError, "Internal Server Error", "The transaction was rolled back"}
	case c.in.dice.hit(f.LimitReads):
		if f.RetryAfterS > 0 {
			c.w.Header().Set("Retry-After", strconv.Itoa(f.RetryAfterS))
		}
		return &apiError{http.StatusTooManyRequests, "Rate limit exceeded", "Try again later"}
	}
	return nil
}

// spoiled returns the answer that goes out instead of body.
func (c *apiCall) spoiled(status int, body []byte) (int, []byte) {
	f := c.in.faults.Load()
	writes := c.method() != http.MethodGet && c.method() != http.MethodHead && status/100 == 2
	cancelled := "Transaction cancelled: maximum execution time exceeded"
	switch {
	case writes && c.in.dice.hit(f.FailAfterCommit):
		return http.StatusInternalServerError, envelopeOf(cancelled, cancelled+". Check logs for error trace or enable glide.rest.debug property to verify REST request processing")
	case writes && c.in.dice.hit(f.RefuseAfterCommit):
		return http.StatusForbidden, envelopeOf("Operation Failed", "ACL Exception Update Failed due to security constraints")
	case status == http.StatusOK && bytes.HasPrefix(body, []byte(`{"result":[`)) && c.in.dice.hit(f.TruncatedJSON):
		return status, append(bytes.Clone(body[:len(body)/2]), envelopeOf(cancelled, cancelled)...)
	}
	return status, body
}
