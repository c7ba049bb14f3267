package simulator

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/dop251/goja"
)

// rule is a sys_script row made ready to run. Programs are compiled once and shared by all runtimes.
type rule struct {
	id, name  string
	when      string
	order     int
	on        map[operation]bool
	condition *goja.Program // nil: always
	filter    encodedQuery
	hasFilter bool
	script    *goja.Program // nil: nothing to run
	roles     []string
	abort     bool
}

// firing is the rules of one write, each list in running order.
type firing struct{ early, late, after, async []*rule }

// ruleBook caches the rules that fire on each table. forget drops everything; the next write reads sys_script again.
type ruleBook struct {
	generation atomic.Int64 // bumped under store.mu, so it must not need another lock
	mu         sync.Mutex
	cached     map[string]cachedRules
}

type cachedRules struct {
	generation int64
	rules      []*rule
}

func newRuleBook() *ruleBook { return &ruleBook{cached: map[string]cachedRules{}} }

func (b *ruleBook) forget() { b.generation.Add(1) }

// forWrite picks the active rules of the draft's table and its parents for this operation.
func (b *ruleBook) forWrite(in *Instance, w writeRequest, d *draft) firing {
	if in.opts.NoRules || w.raw || w.quiet {
		return firing{}
	}
	var f firing
	for _, r := range b.of(in, d.table) {
		if !r.on[d.op] || !r.forRoles(w.actor) {
			continue
		}
		switch r.when {
		case "before":
			if r.order < 1000 {
				f.early = append(f.early, r)
			} else {
				f.late = append(f.late, r)
			}
		case "after":
			f.after = append(f.after, r)
		case "async", "async_always":
			f.async = append(f.async, r)
		}
	}
	return f
}

func (b *ruleBook) of(in *Instance, t *table) []*rule {
	generation := b.generation.Load()
	b.mu.Lock()
	c, ok := b.cached[t.name]
	b.mu.Unlock()
	if ok && c.generation == generation {
		return c.rules
	}
	var rows []*record
	in.store.mu.RLock()
	for _, up := range t.chain {
		for _, s := range in.store.tables.lookupAll(schema["sys_script"], "collection", up.name) {
			rows = append(rows, s.rec)
		}
	}
	in.store.mu.RUnlock()
	c = cachedRules{generation: generation}
	for _, r := range rows {
		if r.get("active") == "true" {
			c.rules = append(c.rules, in.compileRule(r))
		}
	}
	slices.SortStableFunc(c.rules, func(a, b *rule) int { return cmp.Or(cmp.Compare(a.order, b.order), strings.Compare(a.id, b.id)) })
	b.mu.Lock()
	b.cached[t.name] = c
	b.mu.Unlock()
	return c.rules
}

// compileRule reads a sys_script row. A script that does not parse is stored all the same, as on the platform; it is
// logged and never runs.
func (in *Instance) compileRule(r *record) *rule {
	out := &rule{id: r.id(), name: r.get("name"), when: r.get("when"), abort: r.get("abort_action") == "true",
		on: map[operation]bool{opInsert: r.get("action_insert") == "true", opUpdate: r.get("action_update") == "true",
			opDelete: r.get("action_delete") == "true"}}
	out.order, _ = strconv.Atoi(r.get("order"))
	if roles := r.get("role_conditions"); roles != "" {
		out.roles = strings.Split(roles, ",")
	}
	if f := strings.TrimSuffix(r.get("filter_condition"), "^EQ"); f != "" {
		out.filter, out.hasFilter = parseQuery(f), true
	}
	compile := func(src string) *goja.Program {
		if strings.TrimSpace(src) == "" {
			return nil
		}
		p, err := compileES5(out.name, src)
		if err != nil {
			in.syslog.write("error", out.name, "Business rule does not compile: "+err.Error())
			out.on = nil
		}
		return p
	}
	out.condition = compile(r.get("condition"))
	if r.get("advanced") == "true" {
		out.script = compile(r.get("script"))
	}
	return out
}

func (r *rule) forRoles(a *actor) bool {
	return r.roles == nil || a.has(r.roles...)
}
