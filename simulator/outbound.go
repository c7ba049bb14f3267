package simulator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// outbound sends what scripts hand to RESTMessageV2. Requests sent with executeAsync wait in a bounded queue for a small
// pool of workers: they may overtake each other, none is ever tried twice, and a failure is only a line in the log.
type outbound struct {
	in     *Instance
	client *http.Client
	own    *http.Transport // nil when the transport belongs to the caller
	queue  chan *delivery
	idle   *idle
	ctx    context.Context
	cancel context.CancelFunc
	stop   chan struct{}
	once   sync.Once
	done   sync.WaitGroup

	mu   sync.Mutex
	held []chan struct{} // of deliveries that wait to be overtaken
}

// delivery is one outbound request and, once done is closed, its answer.
type delivery struct {
	source  string // the rule it comes from
	method  string
	url     string
	header  http.Header
	user    string
	pass    string
	body    string
	timeout time.Duration

	done   chan struct{}
	status int
	answer string
	hdr    http.Header
	err    error
}

const (
	outboundTimeout = 175 * time.Second // glide.http.timeout
	maxAnswer       = 10 << 20
)

func startOutbound(in *Instance) *outbound {
	o := &outbound{in: in, queue: make(chan *delivery, in.opts.DeliveryQueue), idle: newIdle(), stop: make(chan struct{})}
	o.ctx, o.cancel = context.WithCancel(context.Background())
	transport := in.opts.Transport
	if transport == nil {
		o.own = http.DefaultTransport.(*http.Transport).Clone()
		o.own.MaxIdleConnsPerHost = in.opts.DeliveryWorkers
		transport = o.own
	}
	o.client = &http.Client{Transport: transport}
	for range in.opts.DeliveryWorkers {
		o.done.Go(o.work)
	}
	return o
}

func (o *outbound) work() {
	for {
		select {
		case d := <-o.queue:
			o.send(o.ctx, d)
			o.idle.end()
		case <-o.stop:
			return
		}
	}
}

// enqueue never blocks: what does not fit, or comes after Close, is lost like any failed call.
func (o *outbound) enqueue(d *delivery) {
	d.done = make(chan struct{})
	o.idle.begin()
	o.deliver(d)
}

// push hands a delivery to the workers; it never blocks.
func (o *outbound) push(d *delivery) {
	select {
	case <-o.stop:
	default:
		select {
		case o.queue <- d:
			return
		default:
		}
	}
	o.drop(d, fmt.Errorf("outbound queue is full or the instance is stopping"))
}

func (o *outbound) drop(d *delivery, err error) {
	o.idle.end()
	d.err = err
	o.log(d, 0)
	close(d.done)
}

// send performs the request, fills in the answer and closes done if there is one.
func (o *outbound) send(ctx context.Context, d *delivery) {
	began := time.Now()
	defer func() {
		o.log(d, time.Since(began))
		if d.done != nil {
			close(d.done)
		}
	}()
	limit := d.timeout
	if limit <= 0 || limit > outboundTimeout {
		limit = outboundTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, d.method, d.url, bytes.NewReader([]byte(d.body)))
	if err != nil {
		d.err = err
		return
	}
	req.Header = d.header.Clone()
	if d.user != "" {
		req.SetBasicAuth(d.user, d.pass)
	}
	resp, err := o.client.Do(req)
	if err != nil {
		d.err = err
		return
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	d.status, d.hdr, d.answer, d.err = resp.StatusCode, resp.Header, string(body), err
}

// log writes the one trace a delivery leaves. Errors of net/http repeat the URL with its secret, so they are unwrapped.
func (o *outbound) log(d *delivery, took time.Duration) {
	e := LogEntry{Level: "info", Source: d.source, URL: d.method + " " + maskURL(d.url), Status: d.status, Took: took,
		Message: fmt.Sprintf("Outbound HTTP answered %d", d.status)}
	if d.err != nil {
		e.Level, e.Message = "error", "Outbound HTTP failed: "+withoutURL(d.err)
	} else if d.status >= 400 {
		e.Level = "error"
	}
	o.in.syslog.add(e)
}

func withoutURL(err error) string {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err.Error()
	}
	return err.Error()
}

// close waits for the queue to empty until ctx is done, then cancels the rest.
func (o *outbound) close(ctx context.Context) {
	_ = o.idle.wait(ctx)
	o.once.Do(func() { close(o.stop) })
	o.cancel()
	o.done.Wait()
	for {
		select {
		case d := <-o.queue:
			d.err = context.Canceled
			o.log(d, 0)
			close(d.done)
			o.idle.end()
			continue
		default:
		}
		break
	}
	if o.own != nil {
		o.own.CloseIdleConnections()
	}
}
