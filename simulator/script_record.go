package simulator

import (
	"strings"

	"github.com/dop251/goja"
)

// glideRecord is what scripts call a GlideRecord: current, previous, or one a script makes to query and write others.
// Like the platform's, it ignores ACLs.
type glideRecord struct {
	s     *script
	table *table
	d     *draft            // the row in hand; nil before next() or get()
	live  bool              // current: changes go into the write in progress
	set   map[string]string // what the script changed since the row came to hand

	terms     []*queryCondition
	orders    []string
	limit     int
	found     []*record
	at        int
	quiet     bool
	unstamped bool

	elements map[string]*goja.Object
}

// recordObject makes the script's view of gr.
func (s *script) recordObject(gr *glideRecord) *goja.Object { return s.vm.NewDynamicObject(gr) }

// newGlideRecord is the constructor. A table that does not exist gives a record that finds nothing.
func (s *script) newGlideRecord(call goja.ConstructorCall) *goja.Object {
	name := text(call.Argument(0))
	t := schema[name]
	if t == nil {
		s.in.syslog.write("error", s.rule.name, "GlideRecord: invalid table name "+name)
		t = schema["sys_journal_field"]
		return s.recordObject(&glideRecord{s: s, table: t, terms: []*queryCondition{{alternatives: []string{"sys_id=none"}}}})
	}
	return s.recordObject(&glideRecord{s: s, table: t})
}

var _ goja.DynamicObject = (*glideRecord)(nil)

func (gr *glideRecord) Get(key string) goja.Value {
	if m, ok := recordMethods[key]; ok {
		return method(gr.s, "record "+key, m)
	}
	col := gr.rowTable().col(key)
	if col < 0 {
		return nil
	}
	if e, ok := gr.elements[key]; ok {
		return e
	}
	e := gr.s.vm.NewDynamicObject(&element{s: gr.s, gr: gr, name: key})
	if gr.elements == nil {
		gr.elements = map[string]*goja.Object{}
	}
	gr.elements[key] = e
	return e
}

func (gr *glideRecord) Set(key string, v goja.Value) bool {
	gr.assign(key, text(v))
	return true
}

func (gr *glideRecord) Has(key string) bool {
	_, method := recordMethods[key]
	return method || gr.rowTable().col(key) >= 0
}

func (gr *glideRecord) Delete(string) bool { return false }

func (gr *glideRecord) Keys() []string {
	var names []string
	for _, c := range gr.rowTable().columns {
		names = append(names, c.name)
	}
	return names
}

// rowTable is the class of the row in hand, which may extend the table asked for.
func (gr *glideRecord) rowTable() *table {
	if gr.d != nil {
		return gr.d.table
	}
	return gr.table
}

func (gr *glideRecord) row() *draft {
	if gr.d == nil {
		gr.d = newInsert(gr.table, gr.s.actor(), gr.s.in.now())
	}
	return gr.d
}

// assign changes a field of the row in hand. Computed columns may be set by scripts; stamps only after
// autoSysFields(false).
func (gr *glideRecord) assign(name, value string) {
	d := gr.row()
	col := d.table.col(name)
	if col < 0 || isSystem(col) && !gr.unstamped {
		return
	}
	if f := d.table.columns[col]; f.kind == kindBoolean {
		value, _ = parseBool(value)
	} else {
		value = truncate(value, f.max)
	}
	d.set(name, value)
	if gr.set == nil {
		gr.set = map[string]string{}
	}
	gr.set[name] = value
}

// take makes r the row in hand.
func (gr *glideRecord) take(r *record) {
	gr.d, gr.set, gr.elements = newUpdate(r), nil, nil
}

// encoded is the query built so far.
func (gr *glideRecord) encoded() string {
	var parts []string
	for _, t := range gr.terms {
		parts = append(parts, strings.Join(t.alternatives, "^OR"))
	}
	return strings.Join(append(parts, gr.orders...), "^")
}

// runQuery fills found.
func (gr *glideRecord) runQuery() {
	in := gr.s.in
	limit := gr.limit
	if limit <= 0 {
		limit = maxRows
	}
	in.store.mu.RLock()
	defer in.store.mu.RUnlock()
	q := compileQuery(parseQuery(gr.encoded()), gr.table,
		queryEnv{tables: in.store.tables, actor: gr.s.actor(), now: in.opts.Now()})
	gr.found, _ = q.run(0, limit)
	gr.at, gr.d, gr.elements = 0, nil, nil
}

// save writes the row in hand: an insert when it is new, else an update of what the script changed.
func (gr *glideRecord) save(op operation) string {
	d := gr.row()
	w := gr.s.request
	w.op, w.table, w.set, w.raw, w.checked = op, d.table, gr.set, false, false
	w.quiet, w.unstamped = gr.quiet, gr.unstamped
	w.id = d.vals[colSysID]
	if op == opInsert {
		w.table, w.id = gr.table, gr.set["sys_id"]
	}
	r, err := gr.s.in.write(gr.s.ctx, w)
	if err != nil {
		gr.s.in.syslog.write("warning", gr.s.rule.name, "GlideRecord "+string(op)+": "+err.Error())
		return ""
	}
	if !gr.live {
		gr.take(r)
	}
	gr.set = nil
	return r.id()
}

// queryCondition is one addQuery with its addOrConditions.
type queryCondition struct{ alternatives []string }

var scriptOperators = map[string]string{"CONTAINS": "LIKE", "DOES NOT CONTAIN": "NOT LIKE", "==": "="}

// condition reads the arguments of addQuery: (encoded), (field, value) or (field, operator, value).
func condition(args []goja.Value) string {
	escape := func(s string) string { return strings.ReplaceAll(s, "^", "^^") }
	switch len(args) {
	case 0:
		return ""
	case 1:
		return text(args[0])
	case 2:
		return text(args[0]) + "=" + escape(text(args[1]))
	}
	op := text(args[1])
	if known, ok := scriptOperators[op]; ok {
		op = known
	}
	return text(args[0]) + op + escape(text(args[2]))
}
