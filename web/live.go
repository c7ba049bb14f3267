package web

import (
	"net/http"
	"sync"
	"time"

	"github.com/neoagent/neo"
)

// Live tells open dashboards that something has changed, so that they fetch it.
// It carries no data: what a person may see is decided where it is read.
type Live struct {
	mu        sync.Mutex
	listeners map[chan struct{}]struct{}
	closed    chan struct{}
	closeOnce sync.Once
}

// NewLive returns a Live without listeners.
func NewLive() *Live {
	return &Live{listeners: map[chan struct{}]struct{}{}, closed: make(chan struct{})}
}

// Changed wakes every listener. It never blocks: a listener that is still busy
// with the change before will see this one with it.
func (l *Live) Changed() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.listeners {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// Listening reports whether any dashboard is open on this replica.
func (l *Live) Listening() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.listeners) > 0
}

// Close ends every stream, so that the HTTP server can shut down.
func (l *Live) Close() { l.closeOnce.Do(func() { close(l.closed) }) }

func (l *Live) listen() (changes <-chan struct{}, stop func()) {
	c := make(chan struct{}, 1)
	l.mu.Lock()
	l.listeners[c] = struct{}{}
	l.mu.Unlock()
	return c, func() {
		l.mu.Lock()
		delete(l.listeners, c)
		l.mu.Unlock()
	}
}

const (
	liveInterval  = 250 * time.Millisecond // at most one message per interval
	liveHeartbeat = 20 * time.Second       // shorter than what proxies cut off
)

// live streams "changed" messages as server-sent events.
func (s *Server) live(w http.ResponseWriter, r *http.Request) {
	if _, err := s.currentUser(r.Context()); err != nil {
		s.writeError(w, r, err)
		return
	}
	control := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no")

	changes, stop := s.options.Live.listen()
	defer stop()
	heartbeat := time.NewTicker(liveHeartbeat)
	defer heartbeat.Stop()
	message := "retry: 1000\nevent: open\ndata: {}\n\n"
	for {
		// The server's limit is for answers that end. Who takes nothing any more is let go.
		_ = control.SetWriteDeadline(time.Now().Add(answerTime))
		if _, err := w.Write([]byte(message)); err != nil {
			return
		}
		if err := control.Flush(); err != nil {
			s.log.Debug("live stream ended", "err", neo.MessageOf(err))
			return
		}
		select {
		case <-changes:
			message = "event: changed\ndata: {}\n\n"
			select { // let a burst become one message
			case <-time.After(liveInterval):
			case <-r.Context().Done():
				return
			case <-s.options.Live.closed:
				return
			}
		case <-heartbeat.C:
			message = ": still here\n\n"
		case <-r.Context().Done():
			return
		case <-s.options.Live.closed:
			return
		}
	}
}
