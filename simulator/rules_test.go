package simulator

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// addRule stores a business rule as an admin would over REST.
func addRule(t *testing.T, rn *Running, fields map[string]any) string {
	t.Helper()
	rule := map[string]any{"name": "Test rule", "collection": "task", "when": "after", "active": true, "advanced": true,
		"action_insert": true, "action_update": true}
	for k, v := range fields {
		rule[k] = v
	}
	a := rn.api(t, "admin", "POST", "/api/now/table/sys_script", mustJSON(t, rule))
	if a.status != 201 {
		t.Fatalf("rule not stored: %d %s", a.status, a.body)
	}
	return a.result(t)["sys_id"].(string)
}

func TestWebhookRuleOnTaskFiresForIncident(t *testing.T) {
	hook := newReceiver()
	srv := httptest.NewServer(hook)
	defer srv.Close()
	rn := Start(t)
	rn.api(t, "admin", "POST", "/api/now/table/sys_properties", mustJSON(t, map[string]string{
		"name": "x_neoagent.callback_url", "value": srv.URL + "/callback?token=s3cret"}))
	addRule(t, rn, map[string]any{"name": "Neo", "script": `(function executeRule(current, previous) {
		var r = new sn_ws.RESTMessageV2();
		r.setEndpoint(gs.getProperty('x_neoagent.callback_url'));
		r.setHttpMethod('post');
		r.setRequestHeader('Content-Type', 'application/json');
		r.setRequestBody(JSON.stringify({
			sys_id: String(current.sys_id), number: current.getValue('number'), sys_mod_count: String(current.sys_mod_count),
			table: current.getRecordClassName(), by: gs.getUserName(), op: current.operation(),
			was: String(previous.short_description), changed: current.short_description.changes(),
			note: String(current.work_notes.getJournalEntry(1)) }));
		r.executeAsync();
	})(current, previous);`})
	made := rn.api(t, "beth.anglin", "POST", "/api/now/table/incident", `{"short_description":"one"}`).result(t)
	id := made["sys_id"].(string)
	first := hook.wait(t, 1)[0]
	if first.method != "POST" || first.query != "token=s3cret" || !strings.Contains(first.body, `"sys_mod_count":"0","table":"incident","by":"beth.anglin","op":"insert"`) {
		t.Fatalf("first delivery: %+v", first)
	}
	rn.api(t, "beth.anglin", "PATCH", "/api/now/table/incident/"+id, `{"short_description":"two","work_notes":"looked at it"}`)
	second := hook.wait(t, 2)[1].body
	for _, want := range []string{`"sys_mod_count":"1"`, `"was":"one"`, `"changed":true`, ` - Beth Anglin (Work notes)\nlooked at it\n\n`} {
		if !strings.Contains(second, want) {
			t.Errorf("second delivery lacks %s: %s", want, second)
		}
	}
	if err := rn.Quiesce(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, e := range rn.SystemLog() {
		if strings.Contains(e.URL+e.Message, "s3cret") {
			t.Errorf("the secret is in the log: %+v", e)
		}
	}
}

func TestRuleScripts(t *testing.T) {
	for _, tt := range []struct {
		name   string
		rule   map[string]any
		update string // PATCH by beth.anglin
		status int
		want   map[string]string // fields afterwards
		log    string            // text in the system log
	}{
		{"before changes the draft", map[string]any{"when": "before", "script": "current.description = 'set by rule ' + current.number.nil();"},
			`{"urgency":"1"}`, 200, map[string]string{"description": "set by rule false", "sys_mod_count": "1"}, ""},
		{"abort", map[string]any{"name": "Abort changes", "when": "before", "action_insert": false, "script": "current.setAbortAction(true);"},
			`{"urgency":"1"}`, 403, map[string]string{"urgency": "3", "sys_mod_count": "0"}, ""},
		{"condition is false", map[string]any{"when": "before", "condition": "current.urgency.changesTo('2')", "script": "current.description='x';"},
			`{"urgency":"1"}`, 200, map[string]string{"description": ""}, ""},
		{"condition is true", map[string]any{"when": "before", "condition": "current.urgency.changesFrom(3) && current.active == true", "script": "current.description='x';"},
			`{"urgency":"1"}`, 200, map[string]string{"description": "x"}, ""},
		{"filter condition", map[string]any{"when": "before", "filter_condition": "urgencyCHANGESTO1^active=true^EQ", "script": "current.description='x';"},
			`{"urgency":"1"}`, 200, map[string]string{"description": "x"}, ""},
		{"exception is logged, save goes on", map[string]any{"when": "before", "script": "nothing.here();"},
			`{"urgency":"1"}`, 200, map[string]string{"urgency": "1"}, "nothing is not defined"},
		{"endless loop is stopped", map[string]any{"when": "before", "action_insert": false, "script": "while(true){}"},
			`{"urgency":"1"}`, 200, map[string]string{"urgency": "1"}, "ran longer than"},
		{"endless recursion is stopped", map[string]any{"when": "before", "action_insert": false, "script": "function f(){f();} f();"},
			`{"urgency":"1"}`, 200, map[string]string{"urgency": "1"}, "Script"},
		{"syntax error is stored and not run", map[string]any{"when": "before", "script": "current.description = ;"},
			`{"urgency":"1"}`, 200, map[string]string{"description": "", "urgency": "1"}, "does not compile"},
		{"after rule updating itself does not recurse", map[string]any{"when": "after", "action_insert": false, "script": "current.description='y'; current.update();"},
			`{"urgency":"1"}`, 200, map[string]string{"description": "y", "sys_mod_count": "2"}, "calling itself"},
		{"not advanced", map[string]any{"when": "before", "advanced": false, "script": "current.description='x';"},
			`{"urgency":"1"}`, 200, map[string]string{"description": ""}, ""},
		{"inactive", map[string]any{"when": "before", "active": "false", "script": "current.description='x';"},
			`{"urgency":"1"}`, 200, map[string]string{"description": ""}, ""},
		{"other table", map[string]any{"when": "before", "collection": "problem", "script": "current.description='x';"},
			`{"urgency":"1"}`, 200, map[string]string{"description": ""}, ""},
		{"dot-walk and display", map[string]any{"when": "before", "script": "current.description = current.caller_id.company.name + '|' + current.caller_id.getDisplayValue() + '|' + current.getDisplayValue('state') + '|' + current.getValue('active') + '|' + current.active;"},
			`{"urgency":"1"}`, 200, map[string]string{"description": "Larkspur Dental Group|Priya Nair|New|1|true"}, ""},
		{"fields as a Java list", map[string]any{"when": "before", "script": `var f = current.getFields(), n = []; for (var i = 0; i < f.size(); i++) if (f.get(i).changes()) n.push(f.get(i).getName());
			current.description = n.join() + current.getElements().length;`},
			`{"urgency":"1","work_notes":"x"}`, 200, map[string]string{"description": "urgency,work_notes98"}, ""},
		{"query and write others", map[string]any{"when": "after", "action_insert": false, "condition": "current.urgency.changes()", "script": `
			var gr = new GlideRecord('incident'); gr.addQuery('caller_id', current.caller_id); gr.addQuery('urgency', '!=', 2).addOrCondition('state', 8);
			gr.orderByDesc('number'); gr.setLimit(5); gr.query(); var n = gr.getRowCount(); while (gr.next()) { gr.setValue('description', 'n=' + n); gr.setWorkflow(false); gr.update(); }
			var p = new GlideRecord('problem'); p.initialize(); p.short_description = 'from ' + current.number; gs.info('made {0}', p.insert() != null);`},
			`{"urgency":"1"}`, 200, map[string]string{"description": "n=1"}, "made true"},
		{"async sees no previous and no changes", map[string]any{"when": "async_always", "action_insert": false, "condition": "current.urgency.changes()", "script": "gs.log('async ' + previous + ' ' + current.urgency.changes() + ' ' + current.urgency)"},
			`{"urgency":"1"}`, 200, nil, "async null false 1"},
		{"blocking request without listener", map[string]any{"when": "after", "action_insert": false, "script": "var m = new sn_ws.RESTMessageV2(); m.setEndpoint('http://127.0.0.1:1/x?token=abc'); m.setHttpTimeout(500); var r = m.execute(); gs.log('have error ' + r.haveError() + ' ' + r.getStatusCode());"},
			`{"urgency":"1"}`, 200, nil, "have error true 0"},
		{"dates and encoding", map[string]any{"when": "before", "script": "current.description = new GlideDateTime('2026-01-02 03:04:05').getNumericValue() + ' ' + GlideStringUtil.base64Encode('hé') + ' ' + gs.nil(null) + ' ' + gs.getProperty('no.such', 'd');"},
			`{"urgency":"1"}`, 200, map[string]string{"description": "1767323045000 aMOp true d"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rn := Start(t, func(o *Options) {
				if strings.HasPrefix(tt.log, "ran longer") {
					o.RuleTimeout = 100 * time.Millisecond
				}
			})
			id := rn.api(t, "beth.anglin", "POST", "/api/now/table/incident",
				`{"short_description":"s","caller_id":"`+UserID("priya.nair")+`"}`).result(t)["sys_id"].(string)
			addRule(t, rn, tt.rule)
			a := rn.api(t, "beth.anglin", "PATCH", "/api/now/table/incident/"+id, tt.update)
			if a.status != tt.status {
				t.Fatalf("status %d, want %d: %s", a.status, tt.status, a.body)
			}
			if err := rn.Quiesce(context.Background()); err != nil {
				t.Fatal(err)
			}
			rec := rn.Get("incident", id)
			for f, want := range tt.want {
				if rec[f] != want {
					t.Errorf("%s = %q, want %q", f, rec[f], want)
				}
			}
			var log []string
			for _, e := range rn.SystemLog() {
				log = append(log, e.Message+e.URL)
			}
			all := strings.Join(log, "\n")
			if tt.log != "" && !strings.Contains(all, tt.log) {
				t.Errorf("log lacks %q:\n%s", tt.log, all)
			}
			if tt.status == 403 && !strings.Contains(a.body, "Operation against file 'incident' was aborted by Business Rule 'Abort changes^") {
				t.Errorf("abort body %s", a.body)
			}
		})
	}
}

func TestScriptMACIsARealHMAC(t *testing.T) {
	rn := Start(t)
	key := base64.StdEncoding.EncodeToString([]byte("key"))
	addRule(t, rn, map[string]any{"when": "before", "script": "current.description = new GlideCertificateEncryption().generateMac('" + key + "','HmacSHA256','1700000000.{\"a\":1}');"})
	id := rn.api(t, "admin", "POST", "/api/now/table/incident", `{}`).result(t)["sys_id"].(string)
	m := hmac.New(sha256.New, []byte("key"))
	m.Write([]byte(`1700000000.{"a":1}`))
	if got, want := rn.Get("incident", id)["description"], base64.StdEncoding.EncodeToString(m.Sum(nil)); got != want {
		t.Errorf("MAC %s, want %s", got, want)
	}
}

func TestCloseCancelsDeliveriesNobodyAnswers(t *testing.T) {
	release := make(chan struct{})
	srv := httptest.NewServer(hangUntil(release))
	defer srv.Close()
	defer close(release)
	in, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := in.Create("system", "sys_script", map[string]string{"collection": "incident", "when": "after", "active": "true",
		"advanced": "true", "action_insert": "true",
		"script": "var m = new sn_ws.RESTMessageV2(); m.setEndpoint('" + srv.URL + "'); m.executeAsync();"}); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if _, err := in.Create("beth.anglin", "incident", nil); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if err := in.Close(ctx); err != nil {
		t.Fatal(err)
	}
	failed := 0
	for _, e := range in.SystemLog() {
		if e.Level == "error" && e.URL != "" {
			failed++
		}
	}
	if failed != 20 {
		t.Errorf("%d deliveries are logged as failed, want all 20", failed)
	}
}
