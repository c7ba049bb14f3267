package simulator

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// The state file is JSON lines: a header, one line per record, grant, counter and history, and a last line that says how
// many came before, so that a cut-off file is noticed.

const stateFormat = "neo-simulator-state-1"

type stateLine struct {
	Format  string            `json:"format,omitempty"`
	Table   string            `json:"table,omitempty"`
	Values  map[string]string `json:"values,omitempty"`
	Grant   *grant            `json:"grant,omitempty"`
	Counter string            `json:"counter,omitempty"`
	Last    int               `json:"last,omitempty"`
	History string            `json:"history,omitempty"`
	Events  []event           `json:"events,omitempty"`
	End     bool              `json:"end,omitempty"`
	Lines   int               `json:"lines,omitempty"`
}

// loadState reads the state file; false when there is none yet.
func (in *Instance) loadState() (bool, error) {
	if in.opts.StateFile == "" {
		return false, nil
	}
	if err := os.MkdirAll(filepath.Dir(in.opts.StateFile), 0o700); err != nil {
		return false, fmt.Errorf("simulator: cannot make the state file's folder: %w", err)
	}
	f, err := os.Open(in.opts.StateFile)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("simulator: cannot open the state file: %w", err)
	}
	defer f.Close()
	if err := in.readState(f); err != nil {
		return false, fmt.Errorf("simulator: the state file %s is damaged (%w); move it away or delete it to start with a fresh instance",
			in.opts.StateFile, err)
	}
	return true, nil
}

// Forget deletes a state file, and no other: the name may be that of something else.
// One that is not there is no error.
func Forget(file string) error {
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("the state file cannot be read: %w", err)
	}
	defer f.Close()
	var first stateLine
	if err := json.NewDecoder(io.LimitReader(f, 1024)).Decode(&first); err != nil || first.Format != stateFormat {
		return fmt.Errorf("%s is not a simulator's state file and is not deleted; choose another with --state-file", file)
	}
	return os.Remove(file)
}

func (in *Instance) readState(r io.Reader) error {
	dec := json.NewDecoder(bufio.NewReaderSize(r, 1<<20))
	for n := 0; ; n++ {
		var l stateLine
		if err := dec.Decode(&l); err != nil {
			if errors.Is(err, io.EOF) {
				return fmt.Errorf("it ends after line %d without its last line", n)
			}
			return fmt.Errorf("line %d: %w", n+1, err)
		}
		switch {
		case n == 0:
			if l.Format != stateFormat {
				return fmt.Errorf("it does not begin with %s", stateFormat)
			}
		case l.End:
			if l.Lines != n {
				return fmt.Errorf("%d of %d lines are there", n, l.Lines)
			}
			return nil
		case l.Table != "":
			if err := in.restoreRecord(l); err != nil {
				return fmt.Errorf("line %d: %w", n+1, err)
			}
		case l.Grant != nil:
			in.grants.restore(*l.Grant)
		case l.Counter != "":
			in.store.counters[l.Counter] = l.Last
		case l.History != "":
			in.store.history[l.History] = l.Events
		}
	}
}

// restoreRecord ignores tables and columns this version does not know any more.
func (in *Instance) restoreRecord(l stateLine) error {
	t := schema[l.Table]
	if t == nil {
		return nil
	}
	r := &record{t, make([]string, len(t.columns))}
	for name, v := range l.Values {
		if i := t.col(name); i >= 0 {
			r.vals[i] = v
		}
	}
	if r.id() == "" || in.store.tables.find(t.root, r.id()) != nil {
		return errors.New("a record without sys_id, or one that is there twice")
	}
	in.store.tables.insert(r)
	return nil
}

// writeState replaces the state file at once or not at all. Records do not change once committed, so the lock is only
// held while their list is copied.
func (in *Instance) writeState() error {
	records, counters, history := in.snapshot()
	dir := filepath.Dir(in.opts.StateFile)
	f, err := os.CreateTemp(dir, ".simulator-state-*") // mode 0600
	if err != nil {
		return fmt.Errorf("simulator: cannot write the state file: %w", err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	enc, lines := json.NewEncoder(w), 0
	put := func(l stateLine) {
		if err == nil {
			err, lines = enc.Encode(l), lines+1
		}
	}
	put(stateLine{Format: stateFormat})
	for _, r := range records {
		values := make(map[string]string, 32)
		for i, v := range r.vals {
			if v != "" {
				values[r.table.columns[i].name] = v
			}
		}
		put(stateLine{Table: r.table.name, Values: values})
	}
	for name, n := range counters {
		put(stateLine{Counter: name, Last: n})
	}
	for id, events := range history {
		put(stateLine{History: id, Events: events})
	}
	for _, g := range in.grants.export() {
		put(stateLine{Grant: &g})
	}
	put(stateLine{End: true, Lines: lines})
	if err = errors.Join(err, w.Flush(), f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("simulator: cannot write the state file: %w", err)
	}
	return os.Rename(f.Name(), in.opts.StateFile)
}

func (in *Instance) snapshot() ([]*record, map[string]int, map[string][]event) {
	s := in.store
	s.mu.RLock()
	defer s.mu.RUnlock()
	var records []*record
	for name := range schema {
		for _, sl := range s.tables.rows[name].slots {
			records = append(records, sl.rec)
		}
	}
	counters := make(map[string]int, len(s.counters))
	for k, v := range s.counters {
		counters[k] = v
	}
	history := make(map[string][]event, len(s.history))
	for k, v := range s.history {
		history[k] = v[:len(v):len(v)]
	}
	return records, counters, history
}
