package simulator

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

var aggregateKinds = []string{"avg", "min", "max", "sum"}

// aggregate is one value asked for: the min of a field, say.
type aggregate struct {
	kind string
	renderedColumn
}

// aggregation is what a stats request asks for.
type aggregation struct {
	count   bool
	wanted  []aggregate
	groupBy []renderedColumn
	having  string   // count^state^>^5, several separated by commas: all must hold
	order   []string // a field grouped by, COUNT, or AVG^field, each perhaps with ^DESC
	display string   // sysparm_display_value
}

// tallies collects rows by the values they are grouped by.
type tallies struct {
	ask    *aggregation
	tables *tables
	byKey  map[string]*tally
}

// tally is what one group adds up to.
type tally struct {
	values []string // by position in groupBy
	first  *record
	count  int
	sums   []float64 // by position in wanted
	filled []int     // values that are not empty
	ends   []string  // the least or the greatest so far
}

func newTallies(ask *aggregation, ts *tables) *tallies {
	return &tallies{ask: ask, tables: ts, byKey: map[string]*tally{}}
}

// whole makes the one group of a request without group_by, which is there even when nothing matches.
func (gs *tallies) whole() { gs.of("", nil, nil) }

func (gs *tallies) of(key string, values []string, r *record) *tally {
	g := gs.byKey[key]
	if g == nil {
		n := len(gs.ask.wanted)
		g = &tally{values: values, first: r, sums: make([]float64, n), filled: make([]int, n), ends: make([]string, n)}
		gs.byKey[key] = g
	}
	return g
}

func (gs *tallies) add(r *record) {
	values := make([]string, len(gs.ask.groupBy))
	for i, col := range gs.ask.groupBy {
		values[i] = col.path.value(gs.tables, r)
	}
	g := gs.of(strings.Join(values, "\x00"), values, r)
	g.count++
	for i, a := range gs.ask.wanted {
		v := a.path.value(gs.tables, r)
		if v == "" {
			continue // as SQL leaves NULL out
		}
		n, _ := strconv.ParseFloat(v, 64)
		g.sums[i] += n
		c := compareValues(a.path.field().kind, v, g.ends[i])
		if g.filled[i] == 0 || a.kind == "min" && c < 0 || a.kind == "max" && c > 0 {
			g.ends[i] = v
		}
		g.filled[i]++
	}
}

// value is one aggregate as text; of no values there is none. An average has four decimals, as MySQL gives it.
func (g *tally) value(i int, kind string) string {
	switch {
	case g.filled[i] == 0:
		return ""
	case kind == "avg":
		return strconv.FormatFloat(g.sums[i]/float64(g.filled[i]), 'f', 4, 64)
	case kind == "sum":
		return strconv.FormatFloat(g.sums[i], 'f', -1, 64)
	}
	return g.ends[i]
}

// result is one object, or a list of them for a request with group_by.
func (gs *tallies) result(v viewer) any {
	if len(gs.ask.groupBy) == 0 {
		return map[string]any{"stats": gs.stats(gs.byKey[""], v)}
	}
	out := []map[string]any{}
	for _, g := range gs.ordered() {
		var fields []map[string]string
		for i, col := range gs.ask.groupBy {
			shown := g.values[i]
			if end := col.path.record(gs.tables, g.first); end != nil {
				shown = v.displayOf(end.table, col.path.col, shown)
			}
			entry := map[string]string{"field": col.name, "value": g.values[i]}
			switch gs.ask.display {
			case "true":
				entry["value"] = shown
			case "all":
				entry["display_value"] = shown
			}
			fields = append(fields, entry)
		}
		out = append(out, map[string]any{"stats": gs.stats(g, v), "groupby_fields": fields})
	}
	return out
}

func (gs *tallies) stats(g *tally, v viewer) map[string]any {
	out := map[string]any{}
	if gs.ask.count {
		out["count"] = strconv.Itoa(g.count)
	}
	for i, a := range gs.ask.wanted {
		byField, _ := out[a.kind].(map[string]any)
		if byField == nil {
			byField = map[string]any{}
			out[a.kind] = byField
		}
		raw := g.value(i, a.kind)
		shown := raw
		if a.kind == "min" || a.kind == "max" {
			shown = v.displayOf(a.path.end, a.path.col, raw)
		}
		switch gs.ask.display {
		case "true":
			byField[a.name] = shown
		case "all":
			byField[a.name] = map[string]string{"display_value": shown, "value": raw}
		default:
			byField[a.name] = raw
		}
	}
	return out
}

// ordered is the groups that having keeps: in the order asked for, else by their values.
func (gs *tallies) ordered() []*tally {
	var out []*tally
	for g := range maps.Values(gs.byKey) {
		if gs.kept(g) {
			out = append(out, g)
		}
	}
	slices.SortFunc(out, func(a, b *tally) int {
		for _, o := range gs.ask.order {
			name, desc := strings.CutSuffix(o, "^DESC")
			c := 0
			if x, y, ok := gs.pair(name, a, b); ok {
				c = compareValues(kindInteger, x, y)
			} else if i := gs.position(name); i >= 0 {
				c = compareValues(gs.ask.groupBy[i].path.field().kind, a.values[i], b.values[i])
			}
			if desc {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return slices.Compare(a.values, b.values)
	})
	return out
}

func (gs *tallies) position(name string) int {
	return slices.IndexFunc(gs.ask.groupBy, func(c renderedColumn) bool { return c.name == name })
}

// pair is the aggregate that COUNT or AVG^field names, of two groups.
func (gs *tallies) pair(name string, a, b *tally) (x, y string, ok bool) {
	kind, field, _ := strings.Cut(name, "^")
	x, ok = gs.named(a, kind, field)
	y, _ = gs.named(b, kind, field)
	return x, y, ok
}

func (gs *tallies) named(g *tally, kind, field string) (string, bool) {
	kind = strings.ToLower(kind)
	if kind == "count" {
		return strconv.Itoa(g.count), true
	}
	for i, a := range gs.ask.wanted {
		if a.kind == kind && a.name == field {
			return g.value(i, kind), true
		}
	}
	return "", false
}

// kept judges having; a condition that cannot be read is dropped, as one of a query is.
func (gs *tallies) kept(g *tally) bool {
	for _, h := range splitList(gs.ask.having) {
		parts := strings.SplitN(h, "^", 4)
		if len(parts) < 4 {
			continue
		}
		v, ok := gs.named(g, parts[0], parts[1])
		if !ok {
			continue
		}
		c := compareValues(kindInteger, v, parts[3])
		switch parts[2] {
		case "=":
			ok = c == 0
		case "!=":
			ok = c != 0
		default:
			ok = compares(c, parts[2])
		}
		if !ok {
			return false
		}
	}
	return true
}
