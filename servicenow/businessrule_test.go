package servicenow_test

import (
	"os"
	"strings"
	"testing"

	"github.com/dop251/goja"
)

// TestScriptSwallowsEverything runs the script on objects that fail in turn: the
// user's save goes on, and one line that does not hold the address says why.
func TestScriptSwallowsEverything(t *testing.T) {
	script, err := os.ReadFile("businessrule.js")
	if err != nil {
		t.Fatal(err)
	}
	const world = `
		var errors = [], sent = [], endpoint = '';
		function element(name, value) {
			return {getName: function () { return name; }, toString: function () { return value; }, changes: function () { return false; },
				getDisplayValue: function () { return value; }};
		}
		var gs = {getProperty: function () { return 'https://neo.example/callback?key=s3cret'; }, error: function (m) { errors.push(m); }};
		var sn_ws = {RESTMessageV2: function () {
			this.setEndpoint = function (u) { endpoint = u; }; this.setHttpMethod = this.setRequestHeader = this.setHttpTimeout = function () {};
			this.setRequestBody = function (b) { this.body = b; }; this.executeAsync = function () { sent.push(this.body); };
		}};
		var list = [element('state', '1')];
		var current = {sys_id: element('sys_id', 'a'), number: element('number', 'INC1'), sys_mod_count: element('sys_mod_count', '1'),
			sys_class_name: element('sys_class_name', 'incident'), sys_updated_by: element('sys_updated_by', 'x'), sys_updated_on: element('sys_updated_on', ''),
			work_notes: element('work_notes', ''), comments: element('comments', ''), operation: function () { return 'update'; },
			getFields: function () { return {size: function () { return list.length; }, get: function (i) { return list[i]; }}; }};
		var previous = {state: element('state', '1')};
	`
	for name, spoil := range map[string]string{
		"nothing":             ``,
		"no fields":           `current.getFields = function () { throw new Error('no access'); };`,
		"no journal":          `delete current.work_notes;`,
		"no REST":             `sn_ws = undefined;`,
		"endpoint refused":    `var R = sn_ws.RESTMessageV2; sn_ws.RESTMessageV2 = function () { R.call(this); this.setEndpoint = function (u) { throw 'Invalid endpoint: ' + u; }; };`,
		"queue full":          `var R = sn_ws.RESTMessageV2; sn_ws.RESTMessageV2 = function () { R.call(this); this.executeAsync = function () { throw new Error('to ' + endpoint + ' failed'); }; };`,
		"no property":         `gs.getProperty = function () { return null; };`,
		"display of one":      `list[0].getDisplayValue = function () { throw new Error('x'); };`,
		"previous is missing": `previous = null;`,
		"no previous element": `previous = {}; list[0].changes = function () { return true; };`,
	} {
		t.Run(name, func(t *testing.T) {
			vm := goja.New()
			if _, err := vm.RunString(world + spoil + string(script)); err != nil {
				t.Fatalf("the save fails: %v", err)
			}
			errors, sent := vm.Get("errors").String(), vm.Get("sent").String()
			wantSent := name == "nothing" || strings.Contains(name, "previous")
			if (sent != "") != wantSent || (errors != "") == wantSent && name != "no property" {
				t.Errorf("sent %q, errors %q", sent, errors)
			}
			if strings.Contains(errors, "s3cret") || strings.Count(errors, "Neo Agent: ") > 1 {
				t.Errorf("logged %q", errors)
			}
		})
	}
}
