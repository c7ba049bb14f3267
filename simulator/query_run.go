package simulator

import (
	"container/heap"
	"sort"
)

type orderKey struct {
	path path
	kind kind // of the path's field
	desc bool
}

// run returns the matching records from offset on, at most limit, and how many match in all. Without ORDERBY the order
// is whatever the tables happen to have, which callers must not rely on. The store's lock must be held.
func (q *query) run(offset, limit int) (page []*record, total int) {
	if len(q.order) == 0 {
		q.scan(func(r *record) {
			if total >= offset && len(page) < limit {
				page = append(page, r)
			}
			total++
		})
		return page, total
	}
	keep := &bounded{less: q.less, max: offset + limit}
	q.scan(func(r *record) {
		total++
		keep.add(r, total)
	})
	sorted := keep.sorted()
	if offset >= len(sorted) {
		return nil, total
	}
	return sorted[offset:min(len(sorted), offset+limit)], total
}

// scan calls visit for every matching record.
func (q *query) scan(visit func(*record)) {
	ts := q.env.tables
	check := func(r *record) {
		if r != nil && r.table.is(q.table.name) && q.match(r) {
			visit(r)
		}
	}
	switch {
	case q.keys != nil:
		seen := map[string]bool{}
		for _, id := range q.keys {
			if !seen[id] {
				seen[id] = true
				check(ts.find(q.table, id))
			}
		}
	case q.index != nil:
		seen := map[*slot]bool{}
		for _, v := range q.index.values {
			for _, s := range ts.lookupAll(q.table.root, q.index.column, v) {
				if !seen[s] {
					seen[s] = true
					check(s.rec)
				}
			}
		}
	default:
		for _, t := range q.table.descendants {
			for _, s := range ts.rows[t.name].slots {
				if q.match(s.rec) {
					visit(s.rec)
				}
			}
		}
	}
}

// less compares for the order asked for. A page of a large table calls it about a million times.
func (q *query) less(a, b *record) int {
	for i := range q.order {
		k := &q.order[i]
		var x, y string
		if len(k.path.hops) == 0 {
			x, y = a.vals[k.path.col], b.vals[k.path.col]
		} else {
			x, y = k.path.value(q.env.tables, a), k.path.value(q.env.tables, b)
		}
		if x == y {
			continue
		}
		c := compareValues(k.kind, x, y)
		if k.desc {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

// bounded keeps the first max records of an order while scanning, so that a page of a large table does not sort it all.
// Ties stay in scan order.
type bounded struct {
	less  func(a, b *record) int
	max   int
	items []ranked
}

type ranked struct {
	rec *record
	seq int
}

func (b *bounded) before(x, y ranked) bool {
	if c := b.less(x.rec, y.rec); c != 0 {
		return c < 0
	}
	return x.seq < y.seq
}

func (b *bounded) add(r *record, seq int) {
	it := ranked{r, seq}
	if len(b.items) < b.max {
		heap.Push(b, it)
		return
	}
	if b.max > 0 && b.before(it, b.items[0]) {
		b.items[0] = it
		heap.Fix(b, 0)
	}
}

func (b *bounded) sorted() []*record {
	sort.Slice(b.items, func(i, j int) bool { return b.before(b.items[i], b.items[j]) })
	out := make([]*record, len(b.items))
	for i, it := range b.items {
		out[i] = it.rec
	}
	return out
}

// heap.Interface: the worst kept record is on top.
func (b *bounded) Len() int           { return len(b.items) }
func (b *bounded) Less(i, j int) bool { return b.before(b.items[j], b.items[i]) }
func (b *bounded) Swap(i, j int)      { b.items[i], b.items[j] = b.items[j], b.items[i] }
func (b *bounded) Push(x any)         { b.items = append(b.items, x.(ranked)) }
func (b *bounded) Pop() any {
	last := b.items[len(b.items)-1]
	b.items = b.items[:len(b.items)-1]
	return last
}
