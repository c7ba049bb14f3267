package simulator

import "strings"

// path reads a field of a record, walking references for dotted names: caller_id.company.name.
type path struct {
	hops []hop
	col  int
	end  *table // the table col belongs to
}

type hop struct {
	col int
	to  *table
}

// resolvePath says false when a part of the name does not exist or is not a reference.
func resolvePath(t *table, name string) (path, bool) {
	var p path
	for {
		head, rest, dotted := strings.Cut(name, ".")
		col := t.col(head)
		if col < 0 {
			return path{}, false
		}
		if !dotted {
			p.col, p.end = col, t
			return p, true
		}
		to := schema[t.columns[col].ref]
		if to == nil || t.columns[col].kind != kindReference {
			return path{}, false
		}
		p.hops = append(p.hops, hop{col, to})
		t, name = to, rest
	}
}

func (p path) field() field { return p.end.columns[p.col] }

// record is the record the last part of the name is read from, or nil when a reference on the way is empty.
func (p path) record(ts *tables, r *record) *record {
	for _, h := range p.hops {
		if r = ts.find(h.to, r.vals[h.col]); r == nil {
			return nil
		}
	}
	return r
}

func (p path) value(ts *tables, r *record) string {
	if len(p.hops) == 0 {
		return r.vals[p.col]
	}
	if r = p.record(ts, r); r == nil {
		return ""
	}
	return r.vals[p.col]
}
