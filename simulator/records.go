package simulator

import "strings"

// record is one committed row. It is never changed after commit; an update replaces it.
type record struct {
	table *table
	vals  []string // by column position
}

func (r *record) id() string { return r.vals[colSysID] }

// get reads a field by name; an unknown name reads as empty.
func (r *record) get(name string) string {
	if i := r.table.col(name); i >= 0 {
		return r.vals[i]
	}
	return ""
}

// slot is the place of a row in its table; rec is swapped on update.
type slot struct {
	rec *record
	pos int
}

// rows holds one table's own records, without its descendants'. Order is insertion order until something is deleted.
type rows struct{ slots []*slot }

// family holds the lookups of a hierarchy: task and everything that extends it share one.
type family struct {
	byID    map[string]*slot
	indexes map[int]map[string][]*slot // column position -> lower-case value
}

// tables is every row. It does no locking; store does.
type tables struct {
	rows     map[string]*rows
	families map[string]*family
}

func newTables() *tables {
	ts := &tables{rows: map[string]*rows{}, families: map[string]*family{}}
	for name, t := range schema {
		ts.rows[name] = &rows{}
		if t.root != t {
			continue
		}
		f := &family{byID: map[string]*slot{}, indexes: map[int]map[string][]*slot{}}
		for i, c := range t.columns {
			if c.indexed {
				f.indexes[i] = map[string][]*slot{}
			}
		}
		ts.families[name] = f
	}
	return ts
}

// find returns the record with that id if it is of table t or a descendant, else nil.
func (ts *tables) find(t *table, id string) *record {
	if s := ts.slot(t, id); s != nil {
		return s.rec
	}
	return nil
}

func (ts *tables) slot(t *table, id string) *slot {
	s := ts.families[t.root.name].byID[id]
	if s == nil || (t != t.root && !s.rec.table.is(t.name)) {
		return nil
	}
	return s
}

// lookup returns the first record whose indexed column has the value, ignoring case.
func (ts *tables) lookup(t *table, column, value string) *record {
	for _, s := range ts.families[t.root.name].indexes[t.col(column)][strings.ToLower(value)] {
		if s.rec.table.is(t.name) {
			return s.rec
		}
	}
	return nil
}

func (ts *tables) lookupAll(t *table, column, value string) []*slot {
	return ts.families[t.root.name].indexes[t.col(column)][strings.ToLower(value)]
}

func (ts *tables) insert(r *record) {
	rs, f := ts.rows[r.table.name], ts.families[r.table.root.name]
	s := &slot{rec: r, pos: len(rs.slots)}
	rs.slots = append(rs.slots, s)
	f.byID[r.id()] = s
	for col, idx := range f.indexes {
		f.link(idx, r.vals[col], s)
	}
}

func (ts *tables) replace(s *slot, r *record) {
	f := ts.families[r.table.root.name]
	for col, idx := range f.indexes {
		if was, is := s.rec.vals[col], r.vals[col]; was != is {
			f.unlink(idx, was, s)
			f.link(idx, is, s)
		}
	}
	s.rec = r
}

func (ts *tables) remove(s *slot) {
	r := s.rec
	rs, f := ts.rows[r.table.name], ts.families[r.table.root.name]
	last := rs.slots[len(rs.slots)-1]
	rs.slots[s.pos], last.pos = last, s.pos
	rs.slots = rs.slots[:len(rs.slots)-1]
	delete(f.byID, r.id())
	for col, idx := range f.indexes {
		f.unlink(idx, r.vals[col], s)
	}
}

func (f *family) link(idx map[string][]*slot, value string, s *slot) {
	if value != "" {
		key := strings.ToLower(value)
		idx[key] = append(idx[key], s)
	}
}

func (f *family) unlink(idx map[string][]*slot, value string, s *slot) {
	key := strings.ToLower(value)
	list := idx[key]
	for i, have := range list {
		if have == s {
			list = append(list[:i:i], list[i+1:]...)
			break
		}
	}
	if len(list) == 0 {
		delete(idx, key)
		return
	}
	idx[key] = list
}
