package simulator

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestBackgroundScripts(t *testing.T) {
	for _, tt := range []struct{ name, user, script, want, err string }{
		{"says", "admin", "gs.info('a {0}', 1); gs.print('b'); print('c'); gs.warn('d');",
			"*** Script: a 1\n*** Script: b\n*** Script: c\n*** Script: d\n", ""},
		{"writes rules", "admin", `var gr = new GlideRecord('sys_script'); gr.initialize(); gr.name = 'R'; gr.setValue('collection', 'task');
			gr.when = 'before'; gr.active = true; gr.advanced = true; gr.action_insert = true; gr.script = "current.description = 'x';";
			var id = gr.insert();
			var again = new GlideRecord('sys_script'); again.addQuery('name', 'R'); again.query();
			while (again.next()) { gs.print(again.getValue('name') + again.getUniqueValue().length + again.getValue('active')); again.order = 7; again.update(); }
			var one = new GlideRecord('sys_script'); gs.print(one.get(id) + ' ' + one.order); gs.print(one.deleteRecord() + ' ' + new GlideRecord('sys_script').get(id));`,
			"*** Script: R321\n*** Script: true 7\n*** Script: true false\n", ""},
		{"properties", "admin", `gs.setProperty('a.b', '1', 'why'); gs.setProperty('a.b', '2');
			var p = new GlideRecord('sys_properties'); p.get('name', 'a.b');
			gs.print(gs.getProperty('a.b') + p.description + p.value + p.sys_created_by);`, "*** Script: 2why2admin\n", ""},
		{"a chosen sys_id", "admin", `var gr = new GlideRecord('sys_properties'); gr.initialize(); gr.setNewGuidValue('` + ruleOfSet + `'); gr.name = 'n';
			gs.print(gr.insert()); var m = new GlideRecord('sys_properties'); m.addQuery('name', 'n'); m.deleteMultiple(); gs.print(m.get('name', 'n'));`,
			"*** Script: " + ruleOfSet + "\n*** Script: false\n", ""},
		{"no current", "admin", "gs.print(typeof current);", "*** Script: undefined\n", ""},
		{"fails after saying", "admin", "gs.print('a'); nothing();", "*** Script: a\n", "ReferenceError: nothing is not defined"},
		{"ES5 only", "admin", "gs.print('a'); let b = 1;", "", "let: not in ES5"},
		{"endless", "admin", "while (true) {}", "", "ran longer than"},
		{"others are refused", "beth.anglin", "gs.print('a');", "", "not an administrator"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rn := Start(t, func(o *Options) {
				if tt.name == "endless" {
					o.RuleTimeout = 100 * time.Millisecond
				}
			})
			out, err := rn.RunBackgroundScript(tt.script, tt.user)
			if out != tt.want {
				t.Errorf("output %q, want %q", out, tt.want)
			}
			if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("error %v, want %q", err, tt.err)
			}
		})
	}
}

func TestBackgroundPage(t *testing.T) {
	rn := Start(t)
	b := rn.browser(t)
	b.login("admin")
	form := url.Values{"sysparm_ck": {csrf(t, b.get("/scripts_background"))}, "script": {"gs.print('<1>'); nothing();"}}
	if page := b.post("/scripts_background", form).body; !strings.Contains(page, "*** Script: &lt;1&gt;") || !strings.Contains(page, "nothing is not defined") {
		t.Errorf("page: %s", page)
	}
	other := rn.browser(t)
	other.login("beth.anglin")
	if page := other.get("/scripts_background").body; !strings.Contains(page, "Only administrators") {
		t.Errorf("page: %s", page)
	}
	token := url.Values{"sysparm_ck": {csrf(t, other.get("/tickets/new"))}, "script": {"gs.setProperty('x', '1');"}}
	if a := other.post("/scripts_background", token); a.status != 403 || !strings.Contains(a.body, "Only an administrator") {
		t.Errorf("%d %s", a.status, a.body)
	}
}
