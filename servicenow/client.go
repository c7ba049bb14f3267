package servicenow

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"

	"github.com/neoagent/neo"
)

const (
	// maxConcurrent is how many calls to one instance are under way at once. An
	// instance runs 4 API transactions per node and queues the rest (KB0546297).
	maxConcurrent = 4
	// DefaultCallsPerSecond bounds the calls to one instance. By default an instance
	// has no limit of its own; this protects the customer's people.
	DefaultCallsPerSecond = 25
	// maxRetryAfter caps the wait that an instance asks for; after it we ask again.
	maxRetryAfter = 5 * time.Minute
	// maxPause is how long one 429 silences all calls. A rate limit rule asks for the rest
	// of the hour, and some answer 429 to a single call: once a minute a call finds out.
	maxPause = time.Minute
)

// TokenSource supplies access tokens for one instance.
type TokenSource interface {
	// Token returns an access token that is good for at least another minute.
	Token(ctx context.Context) (string, error)
	// Renew returns a token other than refused, which the instance has just rejected.
	Renew(ctx context.Context, refused string) (string, error)
}

// Client makes REST calls to one instance as one account. It is safe for
// concurrent use, and limits itself to what an instance bears.
//
// Its errors are neo.Errors. It never repeats a write, except once with a new token
// after a 401, which means that nothing was done: whether a write that got no
// answer was carried out is for the caller to find out. Reads are repeated for those
// who ask for it (patiently).
type Client struct {
	instanceURL string
	tokens      TokenSource
	http        *http.Client
	now         func() time.Time
	slots       *semaphore.Weighted
	limit       *rate.Limiter
	pausedUntil atomic.Int64 // Unix nanoseconds; the instance asked for silence until then
	silence     silence
	ahead       atomic.Int64 // nanoseconds by which the instance's clock was ahead of ours at its last answer
}

// NewClient returns a client of the instance at instanceURL (as ParseInstanceURL
// returned it). hc must neither keep cookies nor follow redirects.
func NewClient(instanceURL string, tokens TokenSource, hc *http.Client, now func() time.Time) *Client {
	return &Client{
		instanceURL: instanceURL,
		tokens:      tokens,
		http:        hc,
		now:         now,
		slots:       semaphore.NewWeighted(maxConcurrent),
		limit:       newLimit(DefaultCallsPerSecond),
		silence:     silence{now: now},
	}
}

// newLimit returns a limiter that lets two seconds' worth of calls go at once.
func newLimit(callsPerSecond int) *rate.Limiter {
	return rate.NewLimiter(rate.Limit(callsPerSecond), 2*callsPerSecond)
}

// call is one REST call.
type call struct {
	method string
	path   string
	query  url.Values
	body   any // sent as JSON unless nil
}

// answer is what came back, read to its end.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// do makes the call and returns the "result" of its answer, with the headers.
func (c *Client) do(ctx context.Context, k call) (json.RawMessage, http.Header, error) {
	p := patience{began: time.Now()}
	for {
		result, header, err := c.try(ctx, k)
		if err == nil || !p.again(ctx, k.method, err) {
			return result, header, err
		}
	}
}

// try makes the call once.
func (c *Client) try(ctx context.Context, k call) (json.RawMessage, http.Header, error) {
	var body []byte
	if k.body != nil {
		var err error
		if body, err = json.Marshal(k.body); err != nil {
			return nil, nil, fmt.Errorf("encode %s %s: %w", k.method, k.path, err)
		}
		if len(body) > maxBody {
			return nil, nil, neo.Errorf(neo.CodeTooLarge, "ServiceNow takes at most 10 MiB in one call; write less at once.")
		}
	}
	trial, err := c.silence.held(ctx, c.instanceURL)
	if err != nil {
		return nil, nil, err
	}
	token, err := c.tokens.Token(ctx)
	if err != nil {
		if noAnswer(err) {
			c.silence.unheard()
		}
		return nil, nil, err
	}
	a, err := c.send(ctx, k, body, token, trial)
	if err == nil && a.status == http.StatusUnauthorized && a.fromInstance() {
		if token, err = c.tokens.Renew(ctx, token); err != nil {
			return nil, nil, err
		}
		a, err = c.send(ctx, k, body, token, trial)
	}
	if err != nil {
		return nil, nil, err
	}
	result, err := c.judge(k, a)
	if noAnswer(err) {
		c.silence.unheard()
	} else {
		c.silence.heard()
	}
	return result, a.header, err
}

// send makes one HTTP request, when the instance's limits allow it.
func (c *Client) send(ctx context.Context, k call, body []byte, token string, trial bool) (answer, error) {
	if err := c.slots.Acquire(ctx, 1); err != nil {
		return answer{}, c.notSent(k, err)
	}
	defer c.slots.Release(1)
	if !trial { // it may have been noticed while this call waited
		if _, err := c.silence.held(ctx, c.instanceURL); err != nil {
			return answer{}, err
		}
	}
	if wait := time.Duration(c.pausedUntil.Load() - c.now().UnixNano()); wait > 0 {
		return answer{}, c.rateLimited(wait, fmt.Errorf("%s %s: not sent, the instance asked to wait", k.method, k.path))
	}
	if err := c.limit.Wait(ctx); err != nil {
		return answer{}, c.notSent(k, err)
	}

	address := c.instanceURL + k.path
	if len(k.query) > 0 {
		address += "?" + k.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, k.method, address, bytes.NewReader(body))
	if err != nil {
		return answer{}, c.notSent(k, err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return answer{}, c.networkError(ctx, k, err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	if err != nil {
		return answer{}, c.networkError(ctx, k, err)
	}
	if len(got) > maxBody {
		return answer{}, neo.Errorf(neo.CodeTooLarge, "%s answered with more than 10 MiB; ask for fewer records or fields.", hostOf(c.instanceURL))
	}
	if at, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		c.ahead.Store(int64(at.Sub(c.now())))
	}
	return answer{status: resp.StatusCode, header: resp.Header, body: got}, nil
}

// envelope is the outermost shape of every answer of the REST API.
type envelope struct {
	Result json.RawMessage `json:"result"`
	Error  *instanceError  `json:"error"`
}

// instanceError is what an instance says when it refuses. Detail may be null.
type instanceError struct {
	Message string `json:"message"`
	Detail  string `json:"detail"`
}

// text is the instance's own words in one line, for people and for the log.
func (e *instanceError) text() string {
	if e == nil {
		return ""
	}
	s := e.Message
	if e.Detail != "" && e.Detail != e.Message {
		s += ": " + e.Detail
	}
	return oneLine(s, 300)
}

// judge decides what an answer means. See the package comment for its rule.
func (c *Client) judge(k call, a answer) (json.RawMessage, error) {
	var e envelope
	isJSON := a.isJSON() && json.Unmarshal(a.body, &e) == nil
	cause := fmt.Errorf("%s %s: %d %s, transaction %q, instance said %q", k.method, k.path,
		a.status, oneLine(a.header.Get("Content-Type"), 60), oneLine(a.header.Get("X-Transaction-ID"), 60), e.Error.text())

	switch {
	case a.status == http.StatusNoContent && k.method == http.MethodDelete:
		return nil, nil
	case a.status/100 == 2 && isJSON && e.Result != nil && e.Error == nil:
		return e.Result, nil
	case a.status == http.StatusTooManyRequests:
		wait := a.retryAfter(c.now())
		if wait > 0 {
			c.pausedUntil.Store(c.now().Add(min(wait, maxPause)).UnixNano())
		}
		return nil, c.rateLimited(wait, cause)
	case a.status == http.StatusRequestURITooLong:
		return nil, &neo.Error{Code: neo.CodeTooLarge, Cause: cause, Message: "The question to ServiceNow is longer than the 8192 bytes that it takes; ask for less at once."}
	case a.status == http.StatusUnauthorized && a.fromInstance():
		return nil, &neo.Error{Code: neo.CodeRefused, Cause: cause, Message: hostOf(c.instanceURL) +
			" does not accept Neo's account for API calls, although its token is new. Check that the account is active and that no API access policy excludes it, then click Reconnect."}
	case a.status == http.StatusNotFound && isJSON && e.Error != nil && strings.Contains(e.Error.Message, "does not represent any resource"):
		// Not the record is missing but the REST API: an instance that is starting.
		return nil, unavailable(c.instanceURL, cause)
	case (a.status/100 != 4 || !isJSON || e.Error == nil) && (a.fromInstance() || a.isJSON()): // it answers, though not well
		return nil, inTrouble(c.instanceURL, cause)
	case a.status/100 == 2, a.status/100 == 3: // a page of hibernation or of a sign-in
		return nil, unavailable(c.instanceURL, fmt.Errorf("%w: %w", errAway, cause))
	case a.status/100 != 4 || !isJSON || e.Error == nil:
		return nil, unavailable(c.instanceURL, cause)
	}
	return nil, c.refusal(k, a.status, e.Error, cause)
}

// refusal is the error for a 4xx of the instance's own.
func (c *Client) refusal(k call, status int, said *instanceError, cause error) *neo.Error {
	switch status {
	case http.StatusNotFound:
		return &neo.Error{Code: neo.CodeNotFound, Cause: cause, Message: "ServiceNow has no such record, or Neo's account may not see it."}
	case http.StatusForbidden:
		return &neo.Error{Code: neo.CodeRefused, Cause: cause, Message: "ServiceNow refused: " + said.text() + ". " + remedyFor(said, k)}
	case http.StatusBadRequest:
		return &neo.Error{Code: neo.CodeInvalid, Cause: cause, Message: "ServiceNow did not understand the call: " + said.text() + "."}
	}
	return &neo.Error{Code: neo.CodeRefused, Cause: cause, Message: fmt.Sprintf("ServiceNow refused (%d): %s.", status, said.text())}
}

func (c *Client) rateLimited(wait time.Duration, cause error) *neo.Error {
	return &neo.Error{Code: neo.CodeRateLimited, RetryAfter: wait, Cause: cause, Message: hostOf(c.instanceURL) +
		" asks Neo to slow down. Wait a minute before you try again. If it happens often, raise the limit for Neo's account in Rate Limit Rules."}
}

// networkError is for a call that was sent and got no answer. One that was given up by
// who made it says nothing about the instance.
func (c *Client) networkError(ctx context.Context, k call, err error) *neo.Error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return c.notSent(k, err)
	}
	c.silence.unheard()
	return unavailable(c.instanceURL, fmt.Errorf("%s %s: %w", k.method, k.path, withoutQuery(err)))
}

// notSent is for a call that did not come to be sent, or that was given up.
func (c *Client) notSent(k call, err error) *neo.Error {
	return inTrouble(c.instanceURL, fmt.Errorf("%s %s: %w", k.method, k.path, withoutQuery(err)))
}

func (a *answer) isJSON() bool {
	mediaType, _, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	return err == nil && mediaType == "application/json"
}

// fromInstance reports whether a node of the instance answered, rather than
// something in front of it: nodes speak JSON, and number their transactions.
func (a *answer) fromInstance() bool {
	return a.header.Get("X-Transaction-ID") != "" || a.isJSON() && json.Valid(a.body)
}

// retryAfter is the wait that a 429 asks for, capped; 0 when it does not say, as
// when the instance ran out of semaphores.
func (a *answer) retryAfter(now time.Time) time.Duration {
	if s, err := strconv.ParseFloat(a.header.Get("Retry-After"), 64); err == nil && s > 0 && !math.IsInf(s, 0) {
		return min(time.Duration(min(s, 1e6)*float64(time.Second)), maxRetryAfter)
	}
	if t, err := http.ParseTime(a.header.Get("Retry-After")); err == nil && t.After(now) {
		return min(t.Sub(now), maxRetryAfter)
	}
	if unix, err := strconv.ParseInt(a.header.Get("X-RateLimit-Reset"), 10, 64); err == nil && time.Unix(unix, 0).After(now) {
		return min(time.Unix(unix, 0).Sub(now), maxRetryAfter)
	}
	return 0
}
