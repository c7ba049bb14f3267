package simulator

import (
	"strings"
	"testing"
)

func TestCheckES5(t *testing.T) {
	for source, want := range map[string]string{
		"var a = 1; function f(b) { return a + b; } for (var k in {a: 1}) { f(k); }":       "",
		"try { f(); } catch (e) { gs.error(e); } finally { /let => `/g.test('`'); }":       "",
		"var o = {Map: 1, get x() { return 1; }}; o.Map; o.Promise;":                       "",
		"typeof Promise === 'undefined'":                                                   "",
		"function Map() {} new Map();":                                                     "",
		"label: while (true) { break label; }":                                             "",
		"(function executeRule(current, previous) { current.x = 1; })(current, previous);": "",
		"var = 1":                            "cannot be parsed",
		"\nlet a = 1":                        "line 2: let",
		"const a = 1":                        "const",
		"for (let i = 0; i < 1; i++) {}":     "let",
		"for (const k in {}) {}":             "let or const",
		"for (var k of []) {}":               "for-of",
		"var f = x => x":                     "arrow function",
		"f(function () { return () => 1; })": "arrow function",
		"var s = `a`":                        "template literal",
		"class A {}":                         "class",
		"f(...a)":                            "spread",
		"var a = [...b]":                     "spread",
		"var {a} = b":                        "destructuring",
		"[a, b] = [b, a]":                    "destructuring",
		"function f({a}) {}":                 "destructuring",
		"function f(a = 1) {}":               "default parameter",
		"function f(...a) {}":                "rest parameter",
		"function* f() { yield 1; }":         "generator",
		"async function f() {}":              "async",
		"var o = {a}":                        "shorthand",
		"var o = {a() {}}":                   "method",
		"var o = {[a]: 1}":                   "computed",
		"a?.b":                               "optional chaining",
		"a ?? b":                             "operator ??",
		"2 ** 3":                             "operator **",
		"try {} catch {}":                    "catch without",
		"0b11":                               "number 0b11",
		"/a/u":                               "regular expression",
		"new Promise(f)":                     "Promise",
		"if (a) { b = {c: new Map()}; }":     "Map",
		"Symbol.iterator":                    "Symbol",
	} {
		err := CheckES5(source)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v, want %q", source, err, want)
		}
	}
}

func TestRulesRunES5Only(t *testing.T) {
	for _, tt := range []struct{ name, script, log string }{
		{"newer syntax is not compiled", "current.description = 'x'; let a = 1;", "Business rule does not compile: line 1: let: not in ES5"},
		{"newer globals fail when reached", "new Promise(function () {}); current.description = 'x';", "ReferenceError: Promise is not defined"},
		{"a script can find out", "if (typeof Map === 'undefined' && typeof Symbol === 'undefined') gs.info('no Map');", "no Map"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rn := Start(t)
			addRule(t, rn, map[string]any{"when": "before", "script": tt.script})
			id := rn.api(t, "admin", "POST", "/api/now/table/incident", `{}`).result(t)["sys_id"].(string)
			if got := rn.Get("incident", id)["description"]; got != "" {
				t.Errorf("the script ran: %q", got)
			}
			if log := rn.SystemLog(); len(log) == 0 || !strings.Contains(log[0].Message, tt.log) {
				t.Errorf("log lacks %q: %+v", tt.log, log)
			}
		})
	}
}
