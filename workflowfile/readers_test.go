package workflowfile

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"github.com/neoagent/neo"
)

// ambiguous are texts that a reader of YAML 1.1 or 1.2 takes for something else when they
// stand without quotes.
var ambiguous = []string{
	"=", "<<", "~", "on", "Off", "YES", "no", "y", "N", "true", "False", "null", "NULL", "", ".inf", "-.INF", ".NaN", "nan", "1e3", "1E+3", "1.5e3", "0x1f", "0o17", "012", "0b1", "+1", "-4",
	"1_000", "1,000", "1:30", "190:20:30", "1:30.5", "2026-05-04", "2026-5-4", "2026-05-04T10:00:00Z", "2026-05-04 10:00:00", ".5", "5.", "-", "?", "!", "!=", ">=", "<", "|", "%", "@a", "`a",
	"&a", "*a", "[a", "{a", "]", "}", ",", "# a", "a # b", "a #b", "a: b", "a:", ": a", "- a", "? a", "--- a", "...", " a", "a ", "'", "''", "\"", "\\", "\\n", "'a' \"b\"", "{{ x | default: \"y\" }}",
	"\u0085", "a\u2028b", "\ufeffa", "a\tb", "\x01", "é", "ß", "日本", "😀", "a\nb", "a\n", "\na", " a\nb", "a\n b", "a \nb", "a\n\n", "a\r\nb", "#a\nb", "a\n#b", "on\n", "%a\nb", "---\na",
}

// implicit are the texts that YAML 1.1's types take (yaml.org/type), and those of the core
// schema of 1.2.
var implicit = regexp.MustCompile(`^(?:` + strings.Join([]string{
	`y|Y|yes|Yes|YES|n|N|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF`,
	`~|null|Null|NULL|`,
	`[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+|0o[0-7]+|[-+]?[0-9]+`,
	`[-+]?(?:[0-9][0-9_]*)?\.[0-9.]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)`,
	`[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?`,
	`[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?`,
	`=|<<`,
}, "|") + `)$`)

// saying is a workflow that has the text wherever one can stand.
func saying(text string) *Workflow {
	config, _ := json.Marshal(map[string]any{"fields": map[string]any{"x": text, "y": text, "on": text, "012": text}})
	numbers := json.RawMessage(`{"fields": {"a": 1e3, "b": 1E-7, "c": 12, "d": -1.5, "e": true, "f": null, "g": 1.5e+3, "h": 0}}`)
	return &Workflow{ID: text, Definition: neo.Definition{
		Name: "N " + text, Description: text, TriggerType: neo.Triggered, Changes: []neo.TargetChange{{ChangeType: neo.FieldUpdated, Field: text, From: &text}},
		Conditions: &neo.Rule{Combinator: neo.And, Rules: []neo.Rule{{Field: text, Operator: neo.OpEqual, Value: text}, {Field: "on", Operator: neo.Operator(text), Value: "no"}}},
		Actions:    []neo.ActionSpec{{Type: neo.ActionUpdateTicket, Name: text, Config: config}, {Type: neo.ActionUpdateTicket, Config: numbers}},
	}}
}

// What stands without quotes is a text for all readers.
func TestFault16NothingBareIsTakenForSomethingElse(t *testing.T) {
	check := func(t rapid.TB, text string) {
		written, err := saying(text).Text()
		if err != nil {
			t.Fatal(err)
		}
		var document yaml.Node
		if err := yaml.Unmarshal([]byte(written), &document); err != nil {
			t.Fatalf("%v:\n%s", err, written)
		}
		var walk func(n *yaml.Node)
		walk = func(n *yaml.Node) {
			if n.Kind == yaml.ScalarNode && n.Style == 0 && n.Tag == "!!str" && implicit.MatchString(n.Value) {
				t.Errorf("%q stands without quotes:\n%s", n.Value, written)
			}
			for _, c := range n.Content {
				walk(c)
			}
		}
		walk(&document)
	}
	for _, text := range ambiguous {
		check(t, text)
	}
	rapid.Check(t, func(r *rapid.T) {
		check(r, rapid.OneOf(rapid.StringMatching(`[-+0-9.:_eExo~=<T Z]{1,12}`), rapid.StringMatching(`[a-zA-Z]{1,5}`), rapid.String()).Draw(r, "text"))
	})
}

// readers are programs in other languages that print what a file of several documents has
// as one list in JSON. The file is their last argument.
var readers = []struct {
	name, program string
	there         []string // arguments that succeed when the reader is installed
	read          []string
}{
	{"js-yaml (YAML 1.2)", "node", []string{"-e", "require('../ui/node_modules/js-yaml')"},
		[]string{"-e", "const y = require('../ui/node_modules/js-yaml'); console.log(JSON.stringify(y.loadAll(require('fs').readFileSync(process.argv[1], 'utf8'))))"}},
	{"PyYAML (YAML 1.1)", "python3", []string{"-c", "import yaml"},
		[]string{"-c", "import json, sys, yaml; print(json.dumps(list(yaml.safe_load_all(open(sys.argv[1], encoding='utf-8')))))"}},
}

// Other programs read the same from an export as Neo does.
func TestFault16OtherReadersReadTheSame(t *testing.T) {
	var text strings.Builder
	var want []any
	for _, s := range ambiguous {
		written, err := saying(s).Text()
		if err != nil {
			t.Fatal(err)
		}
		text.WriteString("---\n" + written)
		w := saying(s)
		want = append(want, normal(struct {
			ID string `json:"id,omitempty"`
			neo.Definition
		}{w.ID, w.Definition}))
	}
	file := filepath.Join(t.TempDir(), "all.yaml")
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, r := range readers {
		t.Run(r.name, func(t *testing.T) {
			if err := exec.CommandContext(t.Context(), r.program, r.there...).Run(); err != nil {
				t.Skipf("left out: this reader is not installed: %v", err)
			}
			cmd := exec.CommandContext(t.Context(), r.program, append(r.read, file)...)
			var problems bytes.Buffer
			cmd.Stderr = &problems
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("%v\n%s", err, problems.String())
			}
			var got []any
			if err := json.Unmarshal(out, &got); err != nil {
				t.Fatal(err)
			}
			if len(got) != len(want) {
				t.Fatalf("%d workflows, want %d", len(got), len(want))
			}
			for i := range want {
				if !sameJSON(got[i], want[i]) {
					x, _ := json.Marshal(got[i])
					y, _ := json.Marshal(want[i])
					t.Errorf("%q is read as\n%s\nwant\n%s", ambiguous[i], x, y)
				}
			}
		})
	}
}
