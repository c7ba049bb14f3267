package simulator

import (
	"strings"
	"time"
)

// queryEnv is what a query may refer to beside the record itself.
type queryEnv struct {
	tables   *tables
	actor    *actor
	now      time.Time
	previous *record // for VALCHANGES and friends; nil elsewhere
	strict   bool    // an unknown field gives no rows instead of being dropped
}

type predicate func(*record) bool

// query is an encodedQuery bound to a table. It may only be used while the store's lock is held.
type query struct {
	env    queryEnv
	table  *table
	groups [][]predicate // OR of ANDs
	order  []orderKey
	keys   []string // when set: the sys_ids to look at instead of scanning
	index  *indexHit
	none   bool
}

// indexHit names an indexed column and the values that can match.
type indexHit struct {
	column string
	values []string
}

// compileQuery binds q to a table. Terms whose field does not exist, or whose operator is unknown, are dropped: the
// query then matches more, up to everything. That is what the platform does by default.
func compileQuery(q encodedQuery, t *table, env queryEnv) *query {
	out := &query{env: env, table: t}
	for _, g := range q.groups {
		var preds []predicate
		for _, c := range g {
			var alternatives []predicate
			for _, tm := range c {
				p := out.compileTerm(tm)
				if p == nil {
					out.none = out.none || env.strict
					continue
				}
				alternatives = append(alternatives, p)
			}
			switch len(alternatives) {
			case 0:
			case 1:
				preds = append(preds, alternatives[0])
			default:
				preds = append(preds, anyOf(alternatives))
			}
			if len(q.groups) == 1 && len(c) == 1 && len(alternatives) == 1 {
				out.narrow(c[0])
			}
		}
		out.groups = append(out.groups, preds)
	}
	for _, o := range q.order {
		if p, ok := resolvePath(t, o.field); ok {
			out.order = append(out.order, orderKey{p, p.field().kind, o.desc})
		}
	}
	return out
}

// fields lists every field name a query reads, for the field-level ACL.
func (q encodedQuery) fields() []string {
	var names []string
	for _, g := range q.groups {
		for _, c := range g {
			for _, t := range c {
				names = append(names, t.field)
			}
		}
	}
	return names
}

func anyOf(ps []predicate) predicate {
	return func(r *record) bool {
		for _, p := range ps {
			if p(r) {
				return true
			}
		}
		return false
	}
}

// narrow notes that a term allows a map lookup instead of a scan.
func (q *query) narrow(tm term) {
	var values []string
	switch tm.op {
	case "=":
		values = []string{q.env.script(tm.value)}
	case "IN":
		values = strings.Split(q.env.script(tm.value), ",")
	default:
		return
	}
	if tm.field == "sys_id" {
		q.keys = values
		return
	}
	if col := q.table.root.col(tm.field); col >= 0 && q.table.root.columns[col].indexed && values[0] != "" {
		q.index = &indexHit{tm.field, values}
	}
}

func (q *query) match(r *record) bool {
	if q.none {
		return false
	}
	for _, g := range q.groups {
		ok := true
		for _, p := range g {
			if !p(r) {
				ok = false
				break
			}
		}
		if ok {
			return true
		}
	}
	return false
}

// compileTerm returns nil for a term to drop.
func (q *query) compileTerm(tm term) predicate {
	p, ok := resolvePath(q.table, tm.field)
	if !ok {
		return nil
	}
	f, ts := p.field(), q.env.tables
	read := func(r *record) string { return p.value(ts, r) }
	if len(p.hops) == 0 {
		col := p.col
		read = func(r *record) string { return r.vals[col] }
	}
	if pred := q.changeTerm(tm, p); pred != nil {
		return pred
	}
	value := q.env.script(tm.value)
	switch tm.op {
	case "=", "SAMEAS", "!=", "NSAMEAS":
		eq := equality(f, value)
		if tm.op == "SAMEAS" || tm.op == "NSAMEAS" {
			other, ok := resolvePath(q.table, tm.value)
			if !ok {
				return nil
			}
			eq = nil
			want := tm.op == "SAMEAS"
			return func(r *record) bool { return strings.EqualFold(read(r), other.value(ts, r)) == want }
		}
		if tm.op == "=" {
			return func(r *record) bool { return eq(read(r)) }
		}
		// Empty values are taken to match !=, as measured for booleans.
		return func(r *record) bool { return !eq(read(r)) }
	case "<", "<=", ">", ">=":
		return func(r *record) bool {
			v := read(r)
			return v != "" && compares(compareValues(f.kind, v, value), tm.op)
		}
	case "GT_FIELD", "LT_FIELD", "GT_OR_EQUALS_FIELD", "LT_OR_EQUALS_FIELD":
		other, ok := resolvePath(q.table, value)
		if !ok {
			return nil
		}
		op := map[string]string{"GT_FIELD": ">", "LT_FIELD": "<", "GT_OR_EQUALS_FIELD": ">=", "LT_OR_EQUALS_FIELD": "<="}[tm.op]
		return func(r *record) bool {
			a, b := read(r), other.value(ts, r)
			return a != "" && b != "" && compares(compareValues(f.kind, a, b), op)
		}
	case "BETWEEN", "ON", "NOTON":
		return rangeTerm(tm, f, q.env, read)
	case "IN", "NOT IN":
		var eqs []func(string) bool
		for _, v := range strings.Split(value, ",") {
			eqs = append(eqs, equality(f, strings.TrimSpace(v)))
		}
		want := tm.op == "IN"
		return func(r *record) bool {
			v := read(r)
			for _, eq := range eqs {
				if eq(v) {
					return want
				}
			}
			return !want
		}
	case "LIKE", "*":
		needle := strings.ToLower(value)
		return func(r *record) bool { return containsFold(read(r), needle) }
	case "NOT LIKE", "!*":
		needle := strings.ToLower(value)
		return func(r *record) bool { return !containsFold(read(r), needle) }
	case "STARTSWITH":
		return func(r *record) bool {
			v := read(r)
			return len(v) >= len(value) && strings.EqualFold(v[:len(value)], value)
		}
	case "ENDSWITH", "%":
		return func(r *record) bool {
			v := read(r)
			return len(v) >= len(value) && strings.EqualFold(v[len(v)-len(value):], value)
		}
	case "ISEMPTY", "EMPTYSTRING":
		return func(r *record) bool { return read(r) == "" }
	case "ISNOTEMPTY":
		return func(r *record) bool { return read(r) != "" }
	case "ANYTHING":
		return func(*record) bool { return true }
	case "RELATIVEGT", "RELATIVELT", "RELATIVEGE", "RELATIVELE", "RELATIVEEE":
		return relativeTerm(tm, q.env.now, read)
	}
	return nil
}

// changeTerm compiles the operators only a rule's filter_condition can use; elsewhere they are dropped.
func (q *query) changeTerm(tm term, p path) predicate {
	before := func() string {
		if q.env.previous == nil {
			return ""
		}
		return p.value(q.env.tables, q.env.previous)
	}
	now := func(r *record) string { return p.value(q.env.tables, r) }
	switch tm.op {
	case "VALCHANGES":
		return func(r *record) bool { return now(r) != before() }
	case "CHANGESTO":
		return func(r *record) bool { return now(r) == tm.value && before() != tm.value }
	case "CHANGESFROM":
		return func(r *record) bool { return before() == tm.value && now(r) != tm.value }
	}
	return nil
}
