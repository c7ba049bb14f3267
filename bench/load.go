package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"sync"
	"time"
)

// load sends deliveries over o.Connections connections for o.Duration. next makes,
// for each connection, a function that returns the next body, and what to do with
// its answer; with done == nil the answer is all that is waited for.
func load(ctx context.Context, o Options, target string, next func(worker int) func() (body []byte, done func(error))) sample {
	ctx, cancel := context.WithTimeout(ctx, o.Duration)
	defer cancel()
	var total sample
	var mu sync.Mutex
	var workers sync.WaitGroup
	began := time.Now()
	for worker := range o.Connections {
		workers.Go(func() {
			s := sendAll(ctx, o, target, next(worker), worker)
			mu.Lock()
			total.add(s)
			mu.Unlock()
		})
	}
	workers.Wait()
	total.took = time.Since(began)
	return total
}

func sendAll(ctx context.Context, o Options, target string, next func() ([]byte, func(error)), worker int) (s sample) {
	c := &connection{target: target}
	defer c.close()
	var pause time.Duration
	if o.Rate > 0 {
		pause = time.Duration(o.Connections) * time.Second / time.Duration(o.Rate)
	}
	due := time.Now().Add(pause * time.Duration(worker) / time.Duration(o.Connections))
	for ctx.Err() == nil {
		begun := time.Now()
		if pause > 0 {
			// Latency counts from when it was due: a slow answer delays those after it.
			select {
			case <-time.After(time.Until(due)):
			case <-ctx.Done():
				return s
			}
			begun, due = due, due.Add(pause)
		}
		body, done := next()
		status, err := c.post(body)
		if err == nil && status/100 != 2 {
			err = fmt.Errorf("a delivery was answered %d: %s", status, c.answer)
		}
		if done != nil {
			done(err)
		}
		if err != nil {
			s.errors++
			s.first = errors.Join(s.first, err)
			if s.errors > 1000 {
				return s
			}
			continue
		}
		s.latencies = append(s.latencies, time.Since(begun))
	}
	return s
}

// connection sends POST requests, one after another, over one TCP connection. It
// is this small so that the load takes little from the server on the same machine.
type connection struct {
	target string
	header []byte
	conn   net.Conn
	read   *bufio.Reader
	buffer []byte
	answer []byte // of the last request
}

func (c *connection) post(body []byte) (status int, err error) {
	if c.conn == nil {
		if err := c.dial(); err != nil {
			return 0, err
		}
	}
	c.buffer = append(c.buffer[:0], c.header...)
	c.buffer = strconv.AppendInt(c.buffer, int64(len(body)), 10)
	c.buffer = append(append(c.buffer, "\r\n\r\n"...), body...)
	_ = c.conn.SetDeadline(time.Now().Add(30 * time.Second))
	if _, err = c.conn.Write(c.buffer); err == nil {
		status, err = c.readAnswer()
	}
	if err != nil {
		c.close()
	}
	return status, err
}

func (c *connection) dial() error {
	u, err := url.Parse(c.target)
	if err != nil {
		return err
	}
	if c.conn, err = net.DialTimeout("tcp", u.Host, 5*time.Second); err != nil {
		c.conn = nil
		return err
	}
	c.read = bufio.NewReader(c.conn)
	c.header = fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: ", u.RequestURI(), u.Host)
	return nil
}

func (c *connection) readAnswer() (status int, err error) {
	line, err := c.read.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	if len(line) < 12 {
		return 0, fmt.Errorf("not an HTTP answer: %q", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, err
	}
	length, closing := 0, false
	for {
		if line, err = c.read.ReadSlice('\n'); err != nil {
			return 0, err
		}
		if len(line) <= 2 {
			break
		}
		if v, ok := value(line, "content-length:"); ok {
			if length, err = strconv.Atoi(v); err != nil {
				return 0, err
			}
		}
		if v, ok := value(line, "connection:"); ok && v == "close" {
			closing = true
		}
	}
	if cap(c.answer) < length {
		c.answer = make([]byte, length)
	}
	c.answer = c.answer[:length]
	if _, err = io.ReadFull(c.read, c.answer); err == nil && closing {
		c.close()
	}
	return status, err
}

// value returns what a header line with that name says.
func value(line []byte, name string) (string, bool) {
	if len(line) <= len(name) {
		return "", false
	}
	for i := range len(name) {
		b := line[i]
		if b >= 'A' && b <= 'Z' {
			b += 'a' - 'A'
		}
		if b != name[i] {
			return "", false
		}
	}
	v := line[len(name):]
	for len(v) > 0 && v[0] == ' ' {
		v = v[1:]
	}
	for len(v) > 0 && (v[len(v)-1] == '\n' || v[len(v)-1] == '\r') {
		v = v[:len(v)-1]
	}
	return string(v), true
}

func (c *connection) close() {
	if c.conn != nil {
		_ = c.conn.Close()
		c.conn = nil
	}
}
