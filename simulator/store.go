package simulator

import (
	"fmt"
	"sync"
)

// store is the instance's data under one lock. Methods that touch tables expect the caller to hold mu unless they say so.
type store struct {
	mu       sync.RWMutex
	tables   *tables
	counters map[string]int     // number prefix -> last number given
	history  map[string][]event // sys_id -> field changes, oldest first, at most historyLimit
	choices  choiceBook
}

const historyLimit = 200

// event is one audited field change, for the activity stream.
type event struct {
	At    string `json:"at"`
	By    string `json:"by"`
	Field string `json:"field"`
	Old   string `json:"old,omitempty"`
	New   string `json:"new,omitempty"`
}

func newStore() *store {
	return &store{tables: newTables(), counters: map[string]int{}, history: map[string][]event{}}
}

// nextNumber gives the next number of a table: INC0010001. It takes the lock.
func (s *store) nextNumber(t *table) string {
	for _, c := range t.chain {
		if c.prefix == "" {
			continue
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		n, ok := s.counters[c.prefix]
		if !ok {
			n = c.seed
		}
		n++
		s.counters[c.prefix] = n
		return fmt.Sprintf("%s%07d", c.prefix, n)
	}
	return ""
}

func (s *store) remember(id string, changes []event) {
	h := append(s.history[id], changes...)
	if len(h) > historyLimit {
		h = append([]event(nil), h[len(h)-historyLimit:]...)
	}
	s.history[id] = h
}

// find takes the read lock.
func (s *store) find(t *table, id string) *record {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.tables.find(t, id)
}

// lookup takes the read lock.
func (s *store) lookup(t *table, column, value string) *record {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.tables.lookup(t, column, value)
}

// property is the value of a system property. It takes the read lock.
func (s *store) property(name string) (string, bool) {
	r := s.lookup(schema["sys_properties"], "name", name)
	if r == nil {
		return "", false
	}
	return r.get("value"), true
}
