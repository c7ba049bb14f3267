package simulator

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"github.com/dop251/goja"
)

// gsMethods is the GlideSystem subset.
var gsMethods map[string]func(*script, goja.FunctionCall) any

func init() {
	gsMethods = map[string]func(*script, goja.FunctionCall) any{
		"getProperty": func(s *script, c goja.FunctionCall) any {
			if v, ok := s.in.store.property(text(c.Argument(0))); ok && v != "" {
				return v
			}
			if len(c.Arguments) > 1 {
				return c.Argument(1)
			}
			return nil
		},
		"setProperty": func(s *script, c goja.FunctionCall) any {
			s.setProperty(text(c.Argument(0)), text(c.Argument(1)), text(c.Argument(2)))
			return goja.Undefined()
		},
		"getUserID":          func(s *script, _ goja.FunctionCall) any { return s.actor().id },
		"getUserName":        func(s *script, _ goja.FunctionCall) any { return s.actor().userName },
		"getUserDisplayName": func(s *script, _ goja.FunctionCall) any { return s.actor().name },
		"hasRole": func(s *script, c goja.FunctionCall) any {
			return s.actor().has(strings.Split(text(c.Argument(0)), ",")...)
		},
		"nowDateTime":   func(s *script, _ goja.FunctionCall) any { return s.in.opts.Now().In(s.actor().zone).Format(stamp) },
		"generateGUID":  func(*script, goja.FunctionCall) any { return newSysID() },
		"isInteractive": func(*script, goja.FunctionCall) any { return false },
		"base64Encode": func(_ *script, c goja.FunctionCall) any {
			return base64.StdEncoding.EncodeToString([]byte(text(c.Argument(0))))
		},
		"nil":        func(_ *script, c goja.FunctionCall) any { return text(c.Argument(0)) == "" },
		"eventQueue": func(*script, goja.FunctionCall) any { return goja.Undefined() },
		"getUser": func(s *script, _ goja.FunctionCall) any {
			u := s.vm.NewObject()
			_ = u.Set("getID", func() string { return s.actor().id })
			_ = u.Set("getName", func() string { return s.actor().userName })
			_ = u.Set("getDisplayName", func() string { return s.actor().name })
			_ = u.Set("hasRole", func(role string) bool { return s.actor().has(role) })
			return u
		},
	}
	for name, level := range map[string]string{"log": "info", "print": "info", "info": "info", "debug": "info",
		"warn": "warning", "logWarning": "warning", "error": "error", "logError": "error",
		"addErrorMessage": "info", "addInfoMessage": "info"} {
		gsMethods[name] = func(s *script, c goja.FunctionCall) any {
			line := fill(c.Arguments)
			s.in.syslog.write(level, s.rule.name, line)
			if s.said != nil {
				s.said(line)
			}
			return goja.Undefined()
		}
	}
}

// setProperty changes a system property, or adds it.
func (s *script) setProperty(name, value, description string) {
	w := s.request
	w.op, w.table, w.id, w.raw, w.checked = opInsert, schema["sys_properties"], "", false, false
	w.set = map[string]string{"value": value}
	if description != "" {
		w.set["description"] = description
	}
	if r := s.in.store.lookup(w.table, "name", name); r != nil {
		w.op, w.id = opUpdate, r.id()
	} else {
		w.set["name"] = name
	}
	if _, err := s.in.write(s.ctx, w); err != nil {
		s.in.syslog.write("warning", s.rule.name, "gs.setProperty: "+err.Error())
	}
}

// fill puts arguments into {0}, {1} … of a log text.
func fill(args []goja.Value) string {
	if len(args) == 0 {
		return ""
	}
	msg := text(args[0])
	for i, a := range args[1:] {
		msg = strings.ReplaceAll(msg, "{"+strconv.Itoa(i)+"}", text(a))
	}
	return msg
}

// newGlideDateTime is a moment; its text form is UTC.
func (s *script) newGlideDateTime(call goja.ConstructorCall) *goja.Object {
	at := s.in.opts.Now().UTC().Truncate(time.Second)
	if given := text(call.Argument(0)); given != "" {
		if t, err := time.Parse(stamp, given); err == nil {
			at = t
		}
	}
	o := call.This
	value := func() string { return at.Format(stamp) }
	_ = o.Set("getValue", value)
	_ = o.Set("toString", value)
	_ = o.Set("getNumericValue", func() int64 { return at.UnixMilli() })
	_ = o.Set("getDisplayValue", func() string { return at.In(s.actor().zone).Format(stamp) })
	_ = o.Set("addSeconds", func(n int64) { at = at.Add(time.Duration(n) * time.Second) })
	_ = o.Set("addDaysUTC", func(n int) { at = at.AddDate(0, 0, n) })
	_ = o.Set("setValue", func(v string) {
		if t, err := time.Parse(stamp, v); err == nil {
			at = t
		}
	})
	return nil
}
