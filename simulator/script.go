package simulator

import (
	"context"
	"errors"
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

// execute runs a program with current and previous in reach, for at most Options.RuleTimeout.
func (s *script) execute(p *goja.Program, d *draft, previous *record) (v goja.Value, ok bool) {
	defer func() {
		if r := recover(); r != nil {
			s.in.syslog.write("error", s.rule.name, "Script failed inside the simulator")
			s.in.opts.Log.Error("simulator: script panicked", "rule", s.rule.name, "panic", r)
			v, ok = nil, false
		}
	}()
	if s.vm == nil {
		s.vm = goja.New()
		s.vm.SetMaxCallStackSize(maxScriptDepth)
		s.globals()
	}
	s.request.running = append(s.request.running[:len(s.request.running):len(s.request.running)], running(s.rule, d))
	_ = s.vm.Set("current", s.recordObject(&glideRecord{s: s, table: d.table, d: d, live: true}))
	if previous == nil {
		_ = s.vm.Set("previous", goja.Null())
	} else {
		_ = s.vm.Set("previous", s.recordObject(&glideRecord{s: s, table: d.table, d: committed(d.op, previous, previous, nil)}))
	}
	timer := time.AfterFunc(s.in.opts.RuleTimeout, func() { s.vm.Interrupt("ran longer than " + s.in.opts.RuleTimeout.String()) })
	stopWatch := context.AfterFunc(s.ctx, func() { s.vm.Interrupt("the instance is stopping or the request was given up") })
	defer func() {
		timer.Stop()
		stopWatch()
		s.vm.ClearInterrupt()
	}()
	v, err := s.vm.RunProgram(p)
	if err != nil {
		var ex *goja.Exception
		if errors.As(err, &ex) {
			s.in.syslog.write("error", s.rule.name, "Script error: "+ex.String())
		} else {
			s.in.syslog.write("error", s.rule.name, "Script stopped: "+err.Error())
		}
		return nil, false
	}
	return v, true
}

// globals puts in place what scripts can name.
func (s *script) globals() {
	_ = s.vm.Set("gs", s.gs())
	_ = s.vm.Set("GlideRecord", s.newGlideRecord)
	_ = s.vm.Set("GlideDateTime", s.newGlideDateTime)
	_ = s.vm.Set("GlideStringUtil", s.glideStringUtil())
	_ = s.vm.Set("GlideCertificateEncryption", s.newCertificateEncryption)
	_ = s.vm.Set("CertificateEncryption", s.newCertificateEncryption)
	ws := s.vm.NewObject()
	_ = ws.Set("RESTMessageV2", s.newRESTMessage)
	_ = s.vm.Set("sn_ws", ws)
}

// text is how a script value is stored: null and undefined are empty, everything else is its string.
func text(v goja.Value) string {
	if v == nil || goja.IsUndefined(v) || goja.IsNull(v) {
		return ""
	}
	return v.String()
}
