package simulator

import (
	"github.com/dop251/goja"
)

// element is a GlideElement: a field of a record, an object rather than a string. String(e) is the stored value; dates
// are UTC. A field of a reference's record is reached by name: current.caller_id.email.
type element struct {
	s    *script
	gr   *glideRecord // the record the field belongs to
	name string
	walk map[string]goja.Value
}

var _ goja.DynamicObject = (*element)(nil)

func (e *element) col() int     { return e.gr.rowTable().col(e.name) }
func (e *element) field() field { return e.gr.rowTable().columns[e.col()] }

func (e *element) String() string {
	if e.field().kind == kindJournal {
		return e.gr.row().journals[e.col()]
	}
	return e.gr.row().vals[e.col()]
}

func (e *element) Get(key string) goja.Value {
	if m, ok := elementMethods[key]; ok {
		return method(e.s, "element "+key, m)
	}
	return e.step(key)
}

// step is the named field of the record this reference points to; an empty reference gives empty fields.
func (e *element) step(key string) goja.Value {
	to := schema[e.field().ref]
	if e.field().kind != kindReference || to == nil || to.col(key) < 0 {
		return nil
	}
	if v, ok := e.walk[key]; ok {
		return v
	}
	r := e.s.in.store.find(to, e.String())
	if r == nil {
		r = &record{to, make([]string, len(to.columns))}
	}
	v := e.s.recordObject(&glideRecord{s: e.s, table: to, d: newUpdate(r)}).Get(key)
	if e.walk == nil {
		e.walk = map[string]goja.Value{}
	}
	e.walk[key] = v
	return v
}

func (e *element) Set(string, goja.Value) bool { return true }
func (e *element) Has(key string) bool         { return e.Get(key) != nil }
func (e *element) Delete(string) bool          { return false }
func (e *element) Keys() []string              { return nil }

var elementMethods map[string]func(*element, goja.FunctionCall) goja.Value

func init() {
	elementMethods = map[string]func(*element, goja.FunctionCall) goja.Value{
		"toString": func(e *element, _ goja.FunctionCall) goja.Value { return e.s.vm.ToValue(e.String()) },
		"valueOf": func(e *element, _ goja.FunctionCall) goja.Value {
			if e.field().kind == kindBoolean {
				return e.s.vm.ToValue(e.String() == "true")
			}
			return e.s.vm.ToValue(e.String())
		},
		"getName":  func(e *element, _ goja.FunctionCall) goja.Value { return e.s.vm.ToValue(e.name) },
		"getLabel": func(e *element, _ goja.FunctionCall) goja.Value { return e.s.vm.ToValue(e.field().label) },
		"getValue": func(e *element, _ goja.FunctionCall) goja.Value { return e.s.vm.ToValue(e.String()) },
		"getTableName": func(e *element, _ goja.FunctionCall) goja.Value {
			return e.s.vm.ToValue(e.gr.rowTable().name)
		},
		"getReferenceTable": func(e *element, _ goja.FunctionCall) goja.Value { return e.s.vm.ToValue(e.field().ref) },
		"getDisplayValue": func(e *element, _ goja.FunctionCall) goja.Value {
			return e.s.vm.ToValue(e.s.display(&record{e.gr.rowTable(), e.gr.row().vals}, e.col()))
		},
		"getHTMLValue": func(e *element, _ goja.FunctionCall) goja.Value { return e.s.vm.ToValue(e.String()) },
		"setValue": func(e *element, c goja.FunctionCall) goja.Value {
			e.gr.assign(e.name, text(c.Argument(0)))
			return goja.Undefined()
		},
		"nil":     func(e *element, _ goja.FunctionCall) goja.Value { return e.s.vm.ToValue(e.String() == "") },
		"changes": func(e *element, _ goja.FunctionCall) goja.Value { return e.s.vm.ToValue(e.changed()) },
		"changesTo": func(e *element, c goja.FunctionCall) goja.Value {
			return e.s.vm.ToValue(e.changed() && e.String() == text(c.Argument(0)))
		},
		"changesFrom": func(e *element, c goja.FunctionCall) goja.Value {
			d := e.gr.row()
			return e.s.vm.ToValue(e.changed() && d.base != nil && d.base.vals[e.col()] == text(c.Argument(0)))
		},
		"canRead":  func(e *element, _ goja.FunctionCall) goja.Value { return e.s.vm.ToValue(true) },
		"canWrite": func(e *element, _ goja.FunctionCall) goja.Value { return e.s.vm.ToValue(!e.field().computed) },
		"getRefRecord": func(e *element, _ goja.FunctionCall) goja.Value {
			to := schema[e.field().ref]
			if to == nil {
				return goja.Null()
			}
			gr := &glideRecord{s: e.s, table: to}
			if r := e.s.in.store.find(to, e.String()); r != nil {
				gr.take(r)
			}
			return e.s.recordObject(gr)
		},
		"getJournalEntry": func(e *element, c goja.FunctionCall) goja.Value {
			in := e.s.in
			in.store.mu.RLock()
			defer in.store.mu.RUnlock()
			return e.s.vm.ToValue(viewer{in.store, e.s.actor().zone}.journalText(e.gr.row().vals[colSysID], e.name,
				int(c.Argument(0).ToInteger())))
		},
		"getED": func(e *element, _ goja.FunctionCall) goja.Value { return e.s.vm.NewDynamicObject(&descriptor{e}) },
	}
}

// changed is only known for the record being written.
func (e *element) changed() bool { return e.gr.live && e.gr.d.changedAt(e.col()) }

var kindNames = map[kind]string{kindString: "string", kindInteger: "integer", kindBoolean: "boolean",
	kindDateTime: "glide_date_time", kindReference: "reference", kindList: "glide_list", kindJournal: "journal_input",
	kindPassword: "password2", kindDuration: "glide_duration"}

// descriptor is an element's descriptor, from getED().
type descriptor struct{ e *element }

var _ goja.DynamicObject = (*descriptor)(nil)

var descriptorMethods = map[string]func(*descriptor, goja.FunctionCall) goja.Value{
	"getName":  func(d *descriptor, _ goja.FunctionCall) goja.Value { return d.e.s.vm.ToValue(d.e.name) },
	"getLabel": func(d *descriptor, _ goja.FunctionCall) goja.Value { return d.e.s.vm.ToValue(d.e.field().label) },
	"getInternalType": func(d *descriptor, _ goja.FunctionCall) goja.Value {
		return d.e.s.vm.ToValue(kindNames[d.e.field().kind])
	},
	"getLength": func(d *descriptor, _ goja.FunctionCall) goja.Value { return d.e.s.vm.ToValue(d.e.field().max) },
}

func (d *descriptor) Get(key string) goja.Value {
	if m, ok := descriptorMethods[key]; ok {
		return method(d.e.s, "descriptor "+key, m)
	}
	return nil
}
func (d *descriptor) Set(string, goja.Value) bool { return false }
func (d *descriptor) Has(key string) bool         { return descriptorMethods[key] != nil }
func (d *descriptor) Delete(string) bool          { return false }
func (d *descriptor) Keys() []string              { return nil }
