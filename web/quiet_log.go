package web

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"
	"unicode/utf8"
)

// What this package logs, anybody can make it log, by asking again and again. So each
// message (the constant text, without its attributes) is written a number of times in a
// minute; after that it is counted, and the count is written when the minute is over.
// Attributes hold what callers send and are cut.
const (
	logWindow = time.Minute
	logMost   = 30  // lines of one message in a window
	logValue  = 512 // bytes of one attribute
)

// quietLog is a handler before another one. Lines below WARN are for those who look for
// something, and only cut.
type quietLog struct {
	slog.Handler
	now    func() time.Time
	after  func(time.Duration, func()) // time.AfterFunc
	counts *logCounts
}

type logCounts struct {
	mu sync.Mutex
	by map[string]*logCount // by message; there are as many as the code has
}

type logCount struct {
	until   time.Time
	lines   int
	leftOut int
}

func newQuietLog(h slog.Handler) *slog.Logger {
	return slog.New(&quietLog{
		Handler: h, now: time.Now, after: func(d time.Duration, f func()) { time.AfterFunc(d, f) },
		counts: &logCounts{by: map[string]*logCount{}},
	})
}

func (q *quietLog) Handle(ctx context.Context, r slog.Record) error {
	if r.Level >= slog.LevelWarn && !q.mayWrite(r) {
		return nil
	}
	cut := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		cut.AddAttrs(cutAttr(a))
		return true
	})
	return q.Handler.Handle(ctx, cut)
}

func (q *quietLog) mayWrite(r slog.Record) bool {
	q.counts.mu.Lock()
	defer q.counts.mu.Unlock()
	now := q.now()
	c := q.counts.by[r.Message]
	if c == nil {
		c = &logCount{}
		q.counts.by[r.Message] = c
	}
	if !now.Before(c.until) && c.leftOut == 0 { // else the count is still to be written
		*c = logCount{until: now.Add(logWindow)}
	}
	if c.lines < logMost {
		c.lines++
		return true
	}
	if c.leftOut++; c.leftOut == 1 {
		q.after(c.until.Sub(now), func() { q.sum(r.Level, r.Message, c) })
	}
	return false
}

// sum writes how many lines were left out.
func (q *quietLog) sum(level slog.Level, message string, c *logCount) {
	q.counts.mu.Lock()
	n := c.leftOut
	c.leftOut, c.until = 0, time.Time{}
	q.counts.mu.Unlock()
	line := slog.NewRecord(q.now(), level, "more lines like this were left out", 0)
	line.AddAttrs(slog.String("message", message), slog.Int("count", n), slog.Duration("within", logWindow))
	_ = q.Handler.Handle(context.Background(), line)
}

func (q *quietLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	other := *q
	other.Handler = q.Handler.WithAttrs(attrs)
	return &other
}

func (q *quietLog) WithGroup(name string) slog.Handler {
	other := *q
	other.Handler = q.Handler.WithGroup(name)
	return &other
}

// cutAttr bounds what is written of a value that a caller may have sent.
func cutAttr(a slog.Attr) slog.Attr {
	var text string
	switch v := a.Value.Resolve(); v.Kind() {
	case slog.KindString:
		text = v.String()
	case slog.KindAny:
		text = fmt.Sprint(v.Any())
	default:
		return a
	}
	if len(text) <= logValue {
		return a
	}
	end := logValue
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return slog.String(a.Key, fmt.Sprintf("%s… (%d bytes)", text[:end], len(text)))
}
