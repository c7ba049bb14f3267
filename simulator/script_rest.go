package simulator

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/dop251/goja"
)

// restMessage is sn_ws.RESTMessageV2: a request a script puts together and sends.
type restMessage struct {
	s        *script
	endpoint string
	method   string
	header   http.Header
	query    url.Values
	user     string
	pass     string
	body     string
	timeout  time.Duration
}

// waitCap is how long a script may wait for the answer of an asynchronous request.
const waitCap = 30 * time.Second

func (s *script) newRESTMessage(call goja.ConstructorCall) *goja.Object {
	m := &restMessage{s: s, method: http.MethodGet, header: http.Header{}, query: url.Values{}}
	o := call.This
	_ = o.Set("setEndpoint", func(v string) { m.endpoint = v })
	_ = o.Set("getEndpoint", func() string { return m.endpoint })
	_ = o.Set("setHttpMethod", func(v string) { m.method = strings.ToUpper(v) })
	_ = o.Set("setRequestHeader", func(c goja.FunctionCall) goja.Value {
		m.header.Set(text(c.Argument(0)), text(c.Argument(1)))
		return goja.Undefined()
	})
	_ = o.Set("setRequestBody", func(c goja.FunctionCall) goja.Value {
		m.body = text(c.Argument(0))
		return goja.Undefined()
	})
	_ = o.Set("getRequestBody", func() string { return m.body })
	_ = o.Set("setQueryParameter", func(c goja.FunctionCall) goja.Value {
		m.query.Set(text(c.Argument(0)), text(c.Argument(1)))
		return goja.Undefined()
	})
	_ = o.Set("setHttpTimeout", func(ms int64) { m.timeout = time.Duration(ms) * time.Millisecond })
	_ = o.Set("setBasicAuth", func(user, pass string) { m.user, m.pass = user, pass })
	_ = o.Set("setEccParameter", func(goja.FunctionCall) goja.Value { return goja.Undefined() })
	_ = o.Set("execute", func() goja.Value {
		d := m.delivery()
		ctx, cancel := context.WithTimeout(s.ctx, waitCap)
		defer cancel()
		s.in.outbound.send(ctx, d)
		return s.answerObject(d)
	})
	_ = o.Set("executeAsync", func() goja.Value {
		d := m.delivery()
		s.in.outbound.enqueue(d)
		return s.answerObject(d)
	})
	return nil
}

func (m *restMessage) delivery() *delivery {
	target := m.endpoint
	if len(m.query) > 0 {
		sep := "?"
		if strings.Contains(target, "?") {
			sep = "&"
		}
		target += sep + m.query.Encode()
	}
	return &delivery{source: m.s.rule.name, method: m.method, url: target, header: m.header, user: m.user, pass: m.pass,
		body: m.body, timeout: m.timeout}
}

// answerObject is the response. Touching it after executeAsync waits for the answer.
func (s *script) answerObject(d *delivery) goja.Value {
	wait := func(limit time.Duration) bool {
		if d.done == nil {
			return true
		}
		select {
		case <-d.done:
			return true
		case <-time.After(min(limit, waitCap)):
		case <-s.ctx.Done():
		}
		return false
	}
	o := s.vm.NewObject()
	_ = o.Set("waitForResponse", func(seconds int64) { wait(time.Duration(seconds) * time.Second) })
	_ = o.Set("getStatusCode", func() int {
		if !wait(waitCap) {
			return 0
		}
		return d.status
	})
	_ = o.Set("getBody", func() string {
		if !wait(waitCap) {
			return ""
		}
		return d.answer
	})
	_ = o.Set("haveError", func() bool { return !wait(waitCap) || d.err != nil })
	_ = o.Set("getErrorMessage", func() string {
		if !wait(waitCap) {
			return "Request not sent to uri, no response in time"
		}
		if d.err != nil {
			return withoutURL(d.err)
		}
		return ""
	})
	_ = o.Set("getErrorCode", func() int {
		if wait(waitCap) && d.err == nil {
			return 0
		}
		return 1
	})
	_ = o.Set("getHeader", func(name string) string {
		if !wait(waitCap) {
			return ""
		}
		return d.hdr.Get(name)
	})
	return o
}
