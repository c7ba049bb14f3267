package simulator

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/dop251/goja"
)

// script is one run of one rule: a fresh runtime (goja runtimes are not safe to share, and a leaked global of one rule
// must not reach the next), the user it runs as, and the rules it runs inside of.
type script struct {
	in      *Instance
	ctx     context.Context
	rule    *rule
	request writeRequest
	vm      *goja.Runtime // made when first needed
	made    map[string]goja.Value
	said    func(line string) // also gets what gs.print and its kind say; nil for rules
}

const maxScriptDepth = 2000

func (in *Instance) newScript(ctx context.Context, r *rule, w writeRequest) *script {
	return &script{in: in, ctx: ctx, rule: r, request: w}
}

func (s *script) actor() *actor { return s.request.actor }

// applies judges filter_condition and condition, and stops a rule that would call itself.
func (s *script) applies(d *draft) bool {
	if isRunning(s.request, running(s.rule, d)) {
		s.in.syslog.write("warning", s.rule.name, "Rule is calling itself on the same record; it was not run again")
		return false
	}
	if s.rule.hasFilter {
		s.in.store.mu.RLock()
		env := queryEnv{tables: s.in.store.tables, actor: s.actor(), now: s.in.opts.Now(), previous: previousOf(d)}
		ok := compileQuery(s.rule.filter, d.table, env).match(&record{d.table, d.vals})
		s.in.store.mu.RUnlock()
		if !ok {
			return false
		}
	}
	if s.rule.condition == nil {
		return true
	}
	v, ok := s.execute(s.rule.condition, d, previousOf(d))
	return ok && v.ToBoolean()
}

// run executes the rule's script. An exception is logged; the write goes on, as on the platform.
func (s *script) run(d *draft, previous *record) {
	if s.rule.script != nil {
		s.execute(s.rule.script, d, previous)
	}
}

// execute runs a program with current and previous in reach. What it throws is logged.
func (s *script) execute(p *goja.Program, d *draft, previous *record) (v goja.Value, ok bool) {
	s.prepare()
	s.request.running = append(s.request.running[:len(s.request.running):len(s.request.running)], running(s.rule, d))
	_ = s.vm.Set("current", s.recordObject(&glideRecord{s: s, table: d.table, d: d, live: true}))
	if previous == nil {
		_ = s.vm.Set("previous", goja.Null())
	} else {
		_ = s.vm.Set("previous", s.recordObject(&glideRecord{s: s, table: d.table, d: committed(d.op, previous, previous, nil)}))
	}
	v, err := s.evaluate(p)
	if err != nil {
		s.in.syslog.write("error", s.rule.name, "Script "+err.Error())
		return nil, false
	}
	return v, true
}

// prepare makes the runtime.
func (s *script) prepare() {
	if s.vm != nil {
		return
	}
	s.vm, s.made = goja.New(), map[string]goja.Value{}
	s.vm.SetMaxCallStackSize(maxScriptDepth)
	for _, name := range newGlobals {
		_ = s.vm.GlobalObject().Delete(name)
	}
	_ = s.vm.GlobalObject().SetPrototype(s.vm.NewDynamicObject(scope{s}))
}

// evaluate runs a program for at most Options.RuleTimeout. Its errors say what the script did: error, stopped, failed.
func (s *script) evaluate(p *goja.Program) (v goja.Value, err error) {
	defer func() {
		if r := recover(); r != nil {
			s.in.opts.Log.Error("simulator: script panicked", "rule", s.rule.name, "panic", r)
			v, err = nil, errors.New("failed inside the simulator")
		}
	}()
	timer := time.AfterFunc(s.in.opts.RuleTimeout, func() { s.vm.Interrupt("ran longer than " + s.in.opts.RuleTimeout.String()) })
	stopWatch := context.AfterFunc(s.ctx, func() { s.vm.Interrupt("the instance is stopping or the request was given up") })
	defer func() {
		timer.Stop()
		stopWatch()
		s.vm.ClearInterrupt()
	}()
	v, err = s.vm.RunProgram(p)
	var ex *goja.Exception
	switch {
	case err == nil:
		return v, nil
	case errors.As(err, &ex):
		return nil, errors.New("error: " + ex.String())
	}
	return nil, errors.New("stopped: " + err.Error())
}

// globals are the names scripts know beside current and previous. Each is made when a script first names it: most rules
// use two or three of them, and a rule runs on every save.
var globals = map[string]func(*script) any{
	"gs":                         func(s *script) any { return s.vm.NewDynamicObject(&methods{s, gsMethods}) },
	"GlideRecord":                func(s *script) any { return s.newGlideRecord },
	"GlideDateTime":              func(s *script) any { return s.newGlideDateTime },
	"GlideStringUtil":            func(s *script) any { return s.glideStringUtil() },
	"GlideCertificateEncryption": func(s *script) any { return s.newCertificateEncryption },
	"CertificateEncryption":      func(s *script) any { return s.newCertificateEncryption },
	"sn_ws": func(s *script) any {
		ws := s.vm.NewObject()
		_ = ws.Set("RESTMessageV2", s.newRESTMessage)
		return ws
	},
}

// scope is the prototype of a runtime's global object and resolves globals.
type scope struct{ s *script }

var _ goja.DynamicObject = scope{}

func (g scope) Get(key string) goja.Value {
	if !g.Has(key) {
		return nil
	}
	build := globals[key]
	return g.s.once("global "+key, func() goja.Value { return g.s.vm.ToValue(build(g.s)) })
}
func (g scope) Set(string, goja.Value) bool { return false }
func (g scope) Has(key string) bool {
	if g.s.in.quirks.Load().NoCertificateEncryption && strings.HasSuffix(key, "CertificateEncryption") {
		return false
	}
	return globals[key] != nil
}
func (g scope) Delete(string) bool { return false }
func (g scope) Keys() []string     { return nil }

// once keeps a value for the life of the runtime. Methods are made once per runtime, not per object: they find their
// object in this.
func (s *script) once(key string, build func() goja.Value) goja.Value {
	if v, ok := s.made[key]; ok {
		return v
	}
	v := build()
	s.made[key] = v
	return v
}

// method makes a script function of m, to be called on an object that stands for a T.
func method[T any](s *script, key string, m func(T, goja.FunctionCall) goja.Value) goja.Value {
	return s.once(key, func() goja.Value {
		return s.vm.ToValue(func(call goja.FunctionCall) goja.Value {
			if o, ok := call.This.(*goja.Object); ok {
				if target, ok := o.Export().(T); ok {
					return m(target, call)
				}
			}
			panic(s.vm.NewTypeError("method called on an object of another kind"))
		})
	})
}

// methods is an object that has nothing but methods.
type methods struct {
	s     *script
	known map[string]func(*script, goja.FunctionCall) any
}

var _ goja.DynamicObject = (*methods)(nil)

func (o *methods) Get(key string) goja.Value {
	m, ok := o.known[key]
	if !ok {
		return nil
	}
	return o.s.once("gs "+key, func() goja.Value {
		return o.s.vm.ToValue(func(call goja.FunctionCall) goja.Value {
			v := m(o.s, call)
			if v == nil {
				return goja.Null()
			}
			return o.s.vm.ToValue(v)
		})
	})
}
func (o *methods) Set(string, goja.Value) bool { return false }
func (o *methods) Has(key string) bool         { return o.known[key] != nil }
func (o *methods) Delete(string) bool          { return false }
func (o *methods) Keys() []string              { return nil }

// text is how a script value is stored: null and undefined are empty, everything else is its string.
func text(v goja.Value) string {
	if v == nil || goja.IsUndefined(v) || goja.IsNull(v) {
		return ""
	}
	return v.String()
}
