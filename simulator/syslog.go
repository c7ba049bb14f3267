package simulator

import (
	"net/url"
	"strings"
	"sync"
	"time"
)

// LogEntry is one line of the system log: what rules said, what the platform refused, and every outbound request.
type LogEntry struct {
	At      time.Time
	Level   string // info, warning, error
	Source  string // rule name, OAuth, HTTP …
	Message string
	URL     string // of an outbound request, secrets masked
	Status  int    // its answer; 0 when none came
	Took    time.Duration
}

const syslogLimit = 500

// syslog keeps the newest entries in memory.
type syslog struct {
	now func() time.Time
	mu  sync.Mutex
	log []LogEntry // ring
	at  int
}

func newSyslog(now func() time.Time) *syslog { return &syslog{now: now} }

func (s *syslog) add(e LogEntry) {
	e.At = s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.log) < syslogLimit {
		s.log = append(s.log, e)
		return
	}
	s.log[s.at] = e
	s.at = (s.at + 1) % syslogLimit
}

func (s *syslog) write(level, source, message string) {
	s.add(LogEntry{Level: level, Source: source, Message: truncate(message, 2000)})
}

// newest returns the entries, newest first.
func (s *syslog) newest() []LogEntry {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]LogEntry, 0, len(s.log))
	for i := len(s.log) - 1; i >= 0; i-- {
		out = append(out, s.log[(s.at+i)%len(s.log)])
	}
	return out
}

// maskURL hides every query value and any password, since a webhook's secret lives there.
func maskURL(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "(unreadable URL)"
	}
	if u.User != nil {
		u.User = url.User("***")
	}
	if u.RawQuery != "" {
		var parts []string
		for _, p := range strings.Split(u.RawQuery, "&") {
			name, _, _ := strings.Cut(p, "=")
			parts = append(parts, name+"=***")
		}
		u.RawQuery = strings.Join(parts, "&")
	}
	return u.String()
}
