package simulator

import (
	"net/http"
	"strings"
)

// stats serves GET /api/now[/vN]/stats/{table}, the Aggregate API (fact sheet 2.10). Like the count of the Table API it
// is a select over the rows that match and knows nothing of what the caller may read, unless a quirk says so; fields the
// caller may not read cannot be named.
func (c *apiCall) stats() error {
	if len(c.path) != 1 {
		return errNoSuchURI
	}
	t := schema[c.path[0]]
	if t == nil {
		return errInvalidTable(c.path[0])
	}
	if m := c.method(); m != http.MethodGet && m != http.MethodHead {
		return errMethod
	}
	q := c.r.URL.Query()
	encoded := c.query(q)
	ask := aggregation{display: q.Get("sysparm_display_value"), count: q.Get("sysparm_count") == "true",
		having: q.Get("sysparm_having"), order: splitList(q.Get("sysparm_order_by"))}
	names := encoded.fields()
	for _, kind := range aggregateKinds {
		list := splitList(q.Get("sysparm_" + kind + "_fields"))
		names = append(names, list...)
		ask.wanted = append(ask.wanted, resolveAll(t, kind, list)...)
	}
	groupBy := splitList(q.Get("sysparm_group_by"))
	names = append(names, groupBy...)
	for _, col := range resolveAll(t, "", groupBy) {
		ask.groupBy = append(ask.groupBy, col.renderedColumn)
	}
	for _, name := range names {
		if t.col(name) >= 0 && !c.who.canReadField(t, name) {
			return errQueryRights
		}
	}

	s := c.in.store
	s.mu.RLock()
	env := queryEnv{tables: s.tables, actor: c.who, now: c.in.opts.Now(), strict: c.in.quirks.Load().InvalidQueryReturnsNone}
	groups := newTallies(&ask, s.tables)
	if len(ask.groupBy) == 0 {
		groups.whole()
	}
	compileQuery(encoded, t, env).scan(func(r *record) {
		if !c.in.quirks.Load().StatsHideUnreadable || c.who.canRead(r) {
			groups.add(r)
		}
	})
	result := groups.result(viewer{s, c.who.zone})
	s.mu.RUnlock()
	return c.answer(http.StatusOK, result)
}

func splitList(s string) []string {
	var out []string
	for _, part := range strings.Split(s, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// resolveAll drops names that are no fields, as the Table API drops them.
func resolveAll(t *table, kind string, names []string) []aggregate {
	var out []aggregate
	for _, n := range names {
		if p, ok := resolvePath(t, n); ok {
			out = append(out, aggregate{kind, renderedColumn{n, p}})
		}
	}
	return out
}
