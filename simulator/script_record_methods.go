package simulator

import (
	"strconv"

	"github.com/dop251/goja"
)

// recordMethods is every method of a GlideRecord. Ones starting with an underscore are the platform's own aliases for
// tables that have a column of the plain name.
var recordMethods map[string]func(*glideRecord, goja.FunctionCall) goja.Value

func init() {
	recordMethods = map[string]func(*glideRecord, goja.FunctionCall) goja.Value{
		// The row.
		"getValue": func(gr *glideRecord, c goja.FunctionCall) goja.Value {
			col := gr.rowTable().col(text(c.Argument(0)))
			if col < 0 || gr.row().vals[col] == "" {
				return goja.Null()
			}
			v := gr.d.vals[col]
			if gr.d.table.columns[col].kind == kindBoolean {
				// The database stores booleans as 1 and 0, and getValue shows it.
				v = map[string]string{"true": "1", "false": "0"}[v]
			}
			return gr.s.vm.ToValue(v)
		},
		"setValue": func(gr *glideRecord, c goja.FunctionCall) goja.Value {
			gr.assign(text(c.Argument(0)), text(c.Argument(1)))
			return goja.Undefined()
		},
		"getDisplayValue": func(gr *glideRecord, c goja.FunctionCall) goja.Value {
			t, col := gr.rowTable(), gr.rowTable().displayCol
			if len(c.Arguments) > 0 {
				col = t.col(text(c.Argument(0)))
			}
			if col < 0 {
				return gr.s.vm.ToValue("")
			}
			return gr.s.vm.ToValue(gr.s.display(&record{t, gr.row().vals}, col))
		},
		"getElement": func(gr *glideRecord, c goja.FunctionCall) goja.Value { return gr.Get(text(c.Argument(0))) },
		"getUniqueValue": func(gr *glideRecord, _ goja.FunctionCall) goja.Value {
			return gr.s.vm.ToValue(gr.row().vals[colSysID])
		},
		"getTableName":       func(gr *glideRecord, _ goja.FunctionCall) goja.Value { return gr.s.vm.ToValue(gr.rowTable().name) },
		"getRecordClassName": func(gr *glideRecord, _ goja.FunctionCall) goja.Value { return gr.s.vm.ToValue(gr.rowTable().name) },
		"getClassDisplayValue": func(gr *glideRecord, _ goja.FunctionCall) goja.Value {
			return gr.s.vm.ToValue(gr.rowTable().label)
		},
		"isNewRecord": func(gr *glideRecord, _ goja.FunctionCall) goja.Value {
			return gr.s.vm.ToValue(gr.d == nil || gr.d.op == opInsert && (!gr.live || gr.d.vals[colCreatedOn] == ""))
		},
		"isValid":       func(gr *glideRecord, _ goja.FunctionCall) goja.Value { return gr.s.vm.ToValue(true) },
		"isValidRecord": func(gr *glideRecord, _ goja.FunctionCall) goja.Value { return gr.s.vm.ToValue(gr.d != nil) },
		"isValidField": func(gr *glideRecord, c goja.FunctionCall) goja.Value {
			return gr.s.vm.ToValue(gr.rowTable().col(text(c.Argument(0))) >= 0)
		},
		"operation": func(gr *glideRecord, _ goja.FunctionCall) goja.Value {
			if !gr.live {
				return goja.Null()
			}
			return gr.s.vm.ToValue(string(gr.d.op))
		},
		"changes": func(gr *glideRecord, _ goja.FunctionCall) goja.Value {
			return gr.s.vm.ToValue(gr.d != nil && len(gr.d.changes()) > 0)
		},
		"getFields":   func(gr *glideRecord, _ goja.FunctionCall) goja.Value { return gr.s.javaList(gr.allElements()) },
		"getElements": func(gr *glideRecord, _ goja.FunctionCall) goja.Value { return gr.s.vm.ToValue(gr.allElements()) },
		"setAbortAction": func(gr *glideRecord, c goja.FunctionCall) goja.Value {
			if gr.live {
				gr.d.abort = nil
				if c.Argument(0).ToBoolean() {
					gr.d.abort = errAborted(gr.d.table.name, gr.s.rule.name, gr.s.rule.id)
				}
			}
			return goja.Undefined()
		},

		// Finding others.
		"addQuery": func(gr *glideRecord, c goja.FunctionCall) goja.Value {
			return gr.addTerm(condition(c.Arguments))
		},
		"addEncodedQuery": func(gr *glideRecord, c goja.FunctionCall) goja.Value { return gr.addTerm(text(c.Argument(0))) },
		"addActiveQuery":  func(gr *glideRecord, _ goja.FunctionCall) goja.Value { return gr.addTerm("active=true") },
		"addNullQuery": func(gr *glideRecord, c goja.FunctionCall) goja.Value {
			return gr.addTerm(text(c.Argument(0)) + "ISEMPTY")
		},
		"addNotNullQuery": func(gr *glideRecord, c goja.FunctionCall) goja.Value {
			return gr.addTerm(text(c.Argument(0)) + "ISNOTEMPTY")
		},
		"orderBy": func(gr *glideRecord, c goja.FunctionCall) goja.Value {
			gr.orders = append(gr.orders, "ORDERBY"+text(c.Argument(0)))
			return goja.Undefined()
		},
		"orderByDesc": func(gr *glideRecord, c goja.FunctionCall) goja.Value {
			gr.orders = append(gr.orders, "ORDERBYDESC"+text(c.Argument(0)))
			return goja.Undefined()
		},
		"setLimit": func(gr *glideRecord, c goja.FunctionCall) goja.Value {
			gr.limit = int(c.Argument(0).ToInteger())
			return goja.Undefined()
		},
		"getEncodedQuery": func(gr *glideRecord, _ goja.FunctionCall) goja.Value { return gr.s.vm.ToValue(gr.encoded()) },
		"query": func(gr *glideRecord, c goja.FunctionCall) goja.Value {
			if len(c.Arguments) > 0 {
				gr.addTerm(condition(c.Arguments))
			}
			gr.runQuery()
			return goja.Undefined()
		},
		"getRowCount": func(gr *glideRecord, _ goja.FunctionCall) goja.Value { return gr.s.vm.ToValue(len(gr.found)) },
		"hasNext":     func(gr *glideRecord, _ goja.FunctionCall) goja.Value { return gr.s.vm.ToValue(gr.at < len(gr.found)) },
		"next": func(gr *glideRecord, _ goja.FunctionCall) goja.Value {
			if gr.at >= len(gr.found) {
				return gr.s.vm.ToValue(false)
			}
			gr.take(gr.found[gr.at])
			gr.at++
			return gr.s.vm.ToValue(true)
		},
		"get": func(gr *glideRecord, c goja.FunctionCall) goja.Value {
			if len(c.Arguments) == 1 {
				if r := gr.s.in.store.find(gr.table, text(c.Argument(0))); r != nil {
					gr.take(r)
					return gr.s.vm.ToValue(true)
				}
				return gr.s.vm.ToValue(false)
			}
			gr.addTerm(condition(c.Arguments))
			gr.runQuery()
			if len(gr.found) == 0 {
				return gr.s.vm.ToValue(false)
			}
			gr.take(gr.found[0])
			return gr.s.vm.ToValue(true)
		},

		// Writing.
		"initialize": func(gr *glideRecord, _ goja.FunctionCall) goja.Value {
			gr.d, gr.set, gr.elements = nil, nil, nil
			return goja.Undefined()
		},
		"newRecord": func(gr *glideRecord, _ goja.FunctionCall) goja.Value {
			gr.d, gr.set, gr.elements = nil, nil, nil
			gr.row()
			return goja.Undefined()
		},
		"setWorkflow": func(gr *glideRecord, c goja.FunctionCall) goja.Value {
			gr.quiet = !c.Argument(0).ToBoolean()
			return goja.Undefined()
		},
		"autoSysFields": func(gr *glideRecord, c goja.FunctionCall) goja.Value {
			gr.unstamped = !c.Argument(0).ToBoolean()
			return goja.Undefined()
		},
		"setNewGuidValue": func(gr *glideRecord, c goja.FunctionCall) goja.Value {
			gr.assign("sys_id", text(c.Argument(0)))
			return goja.Undefined()
		},
		"deleteMultiple": func(gr *glideRecord, _ goja.FunctionCall) goja.Value {
			gr.runQuery()
			for _, r := range gr.found {
				gr.take(r)
				gr.save(opDelete)
			}
			return goja.Undefined()
		},
		"insert":       func(gr *glideRecord, _ goja.FunctionCall) goja.Value { return gr.s.idOrNull(gr.save(opInsert)) },
		"update":       func(gr *glideRecord, _ goja.FunctionCall) goja.Value { return gr.s.idOrNull(gr.save(opUpdate)) },
		"deleteRecord": func(gr *glideRecord, _ goja.FunctionCall) goja.Value { return gr.s.vm.ToValue(gr.save(opDelete) != "") },
	}
	for alias, name := range map[string]string{"_next": "next", "_query": "query", "_get": "get"} {
		recordMethods[alias] = recordMethods[name]
	}
}

// addTerm answers the object on which addOrCondition can be called.
func (gr *glideRecord) addTerm(encoded string) goja.Value {
	qc := &queryCondition{alternatives: []string{encoded}}
	gr.terms = append(gr.terms, qc)
	o := gr.s.vm.NewObject()
	_ = o.Set("addOrCondition", func(c goja.FunctionCall) goja.Value {
		qc.alternatives = append(qc.alternatives, condition(c.Arguments))
		return o
	})
	return o
}

func (gr *glideRecord) allElements() []goja.Value {
	var out []goja.Value
	for _, c := range gr.rowTable().columns {
		out = append(out, gr.Get(c.name))
	}
	return out
}

// javaList is a Java ArrayList as Rhino shows it: size() and get(i), not an array.
func (s *script) javaList(items []goja.Value) goja.Value {
	o := s.vm.NewObject()
	_ = o.Set("size", func() int { return len(items) })
	_ = o.Set("isEmpty", func() bool { return len(items) == 0 })
	_ = o.Set("get", func(c goja.FunctionCall) goja.Value {
		i := int(c.Argument(0).ToInteger())
		if i < 0 || i >= len(items) {
			panic(s.vm.NewGoError(errIndex(i)))
		}
		return items[i]
	})
	return o
}

type errIndex int

func (e errIndex) Error() string {
	return "java.lang.IndexOutOfBoundsException: Index: " + strconv.Itoa(int(e))
}

func (s *script) idOrNull(id string) goja.Value {
	if id == "" {
		return goja.Null()
	}
	return s.vm.ToValue(id)
}

// display takes the store's lock.
func (s *script) display(r *record, col int) string {
	s.in.store.mu.RLock()
	defer s.in.store.mu.RUnlock()
	return viewer{s.in.store, s.actor().zone}.display(r, col)
}
