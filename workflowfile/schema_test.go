package workflowfile

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/flow"
	"github.com/neoagent/neo/rules"
)

func TestPublishedSchemaIsCurrent(t *testing.T) {
	golden(t, "../docs/workflow.schema.json", string(JSONSchema()))
}

// compiled is the schema as a validator that others wrote understands it.
func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(JSONSchema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(SchemaURL, schema); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(SchemaURL)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// documents returns the documents of a file as JSON's types; false when it is not YAML.
func documents(t *testing.T, file string) (all []any, ok bool) {
	t.Helper()
	decoder := yaml.NewDecoder(bytes.NewReader(content(t, file)))
	for {
		var v any
		if err := decoder.Decode(&v); err != nil {
			return all, err.Error() == "EOF"
		}
		text, err := json.Marshal(v)
		if err != nil {
			return nil, false
		}
		v, err = jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, v)
	}
}

// Editors that use the schema and Neo itself say the same about a file.
func TestSchemaTakesWhatIsRight(t *testing.T) {
	schema := compiled(t)
	for _, file := range append(files(t, "../examples/workflows/*.yaml"), files(t, "testdata/cases/*.yaml")...) {
		all, ok := documents(t, file)
		if !ok || len(all) == 0 {
			t.Fatalf("%s is not YAML", file)
		}
		for _, d := range all {
			if err := schema.Validate(d); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
}

func TestSchemaRefusesWhatIsBroken(t *testing.T) {
	schema := compiled(t)
	beyond := []string{ // only Neo itself sees these
		"cases-beyond-shape.yaml", "tags.yaml", "twice.yaml", "merge-key.yaml", "empty.yaml", "only-comments.yaml", "deep.yaml", "bomb.yaml", "cycle.yaml", "circle.yaml",
		"nul.yaml", "invisible-name.yaml",
	}
	for _, file := range files(t, "testdata/broken/*.yaml") {
		if slices.ContainsFunc(beyond, func(name string) bool { return strings.HasSuffix(file, "/"+name) }) {
			continue
		}
		all, ok := documents(t, file)
		refused := !ok
		for _, d := range all {
			refused = refused || schema.Validate(d) != nil
		}
		if !refused {
			t.Errorf("the schema takes %s", file)
		}
	}
}

// Each mistake alone is one for the schema and for Neo.
func TestSchemaAndReaderAgree(t *testing.T) {
	const right = `{"name":"Test","trigger_type":"TRIGGERED","target_changes":[{"change_type":"TICKET_CREATED"}],
		"conditions":{"combinator":"and","rules":[{"field":"priority","operator":"=","value":"1"}]},
		"actions":[{"type":"ADD_WORK_NOTE","name":"note","config":{"text":"Hello"}},{"type":"CLOSE_TICKET"}],"delay_seconds":5,
		"cases":[{"name":"One","ticket":{"class":"incident","priority":1},"at":"2026-05-04 10:00","expect":{"matches":true,"actions":[{"set":{"state":7}}]}}]}`
	schema := compiled(t)
	for _, c := range []struct {
		old, new string
		right    bool
	}{
		{"", "", true},
		{`"value":"1"`, `"value":1`, true},
		{`"value":"1"`, `"value":true`, true},
		{`,"value":"1"`, ``, true},
		{`,"name":"note"`, ``, true},
		{`{"combinator":"and","rules":[{"field":"priority","operator":"=","value":"1"}]}`, `{"combinator":"or"}`, true},
		{`"delay_seconds":5`, `"enabled":false`, true},
		{`"Test"`, `""`, false},
		{`"Test"`, `" "`, false},
		{`"Test"`, `7`, false},
		{`"Test"`, `null`, false},
		{`"Test"`, `"` + strings.Repeat("é", 201) + `"`, false},
		{`"name":"Test",`, ``, false},
		{`"TRIGGERED"`, `"ALWAYS"`, false},
		{`"TICKET_CREATED"`, `"CREATED"`, false},
		{`"value":"1"`, `"value":["1"]`, false},
		{`"value":"1"`, `"values":"1"`, false},
		{`,"operator":"="`, ``, false},
		{`"operator":"="`, `"operator":"=="`, false},
		{`"combinator":"and",`, ``, false},
		{`"combinator":"and"`, `"combinator":"and","field":"x"`, false},
		{`"ADD_WORK_NOTE"`, `"ADD_NOTE"`, false},
		{`"ADD_WORK_NOTE"`, `"ADD_CLIENT_NOTE"`, true},
		{`"ADD_WORK_NOTE"`, `"REOPEN_TICKET"`, false},
		{`{"text":"Hello"}`, `{}`, false},
		{`,"config":{"text":"Hello"}`, ``, false},
		{`"name":"note"`, `"name":"A note"`, false},
		{`"delay_seconds":5`, `"delay_seconds":5.5`, false},
		{`"delay_seconds":5`, `"delay_seconds":-5`, false},
		{`"delay_seconds":5`, `"delay_seconds":9999999`, false},
		{`"delay_seconds":5`, `"delay":5`, false},
		{`"matches":true,`, ``, false},
		{`"2026-05-04 10:00"`, `"10:00"`, false},
		{`{"state":7}`, `{}`, false},
	} {
		text := strings.Replace(right, c.old, c.new, 1)
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err, text)
		}
		_, mistakes := parse("x.yaml", []byte(strings.ReplaceAll(text, "\t", " ")))
		if schemaTakes, readerTakes := schema.Validate(v) == nil, len(mistakes) == 0; schemaTakes != c.right || readerTakes != c.right {
			t.Errorf("%s → %s: the schema takes it: %t, the reader: %t %v; want %t", c.old, c.new, schemaTakes, readerTakes, mistakes, c.right)
		}
	}
}

// The format has the keys of the Go types, no more and no fewer.
func TestShapesAreTheTypes(t *testing.T) {
	for _, c := range []struct {
		shape []key
		of    any
	}{
		{definition, neo.Definition{}},
		{change.keys, neo.TargetChange{}},
		{schedule.keys, neo.Schedule{}},
		{rule.keys, neo.Rule{}},
		{action.keys, neo.ActionSpec{}},
		{instanceShape.key("settings").keys, neo.Settings{}},
		{instanceShape.keys, Instance{}},
		{effect.keys, Effect{}},
		{happening, Happening{}},
		{effect.key("assign").keys, assignment{}},
		{effect.key("email").keys, email{}},
		{effect.key("time_entry").keys, timeEntry{}},
		{effect.key("create").keys, created{}},
		{effect.key("message").keys, message{}},
	} {
		of := reflect.TypeOf(c.of)
		kinds := map[string]reflect.Kind{}
		for i := range of.NumField() {
			if name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ","); name != "" {
				kind := of.Field(i).Type
				if kind.Kind() == reflect.Pointer {
					kind = kind.Elem()
				}
				kinds[name] = kind.Kind()
			}
		}
		for _, k := range c.shape {
			kind, there := kinds[k.name]
			if !there {
				t.Errorf("%v has no %s", of, k.name)
				continue
			}
			delete(kinds, k.name)
			fits := map[reflect.Kind][]kindOf{
				reflect.String: {text, scalar}, reflect.Bool: {boolean}, reflect.Int: {integer}, reflect.Struct: {object}, reflect.Map: {table}, reflect.Slice: {list, object},
			}[kind]
			if !slices.Contains(fits, k.kind) {
				t.Errorf("%v.%s is a %v, and in the format %s", of, k.name, kind, k.kind)
			}
		}
		if len(kinds) > 0 {
			t.Errorf("the format lacks keys of %v: %v", of, sorted(kinds))
		}
	}
}

type kindOf = kind

var settingsThereAre = regexp.MustCompile(`there are (.*)\.$`)

// The settings of each action are those that flow takes.
func TestConfigsAreWhatFlowTakes(t *testing.T) {
	if len(configs) != len(actionTypes()) {
		t.Errorf("%d types have settings, there are %d", len(configs), len(actionTypes()))
	}
	for _, kind := range actionTypes() {
		_, mistakes := flow.ParseActions([]neo.ActionSpec{{Type: kind, Config: json.RawMessage(`{"no_such_setting": 1}`)}}, rules.Context{})
		if len(mistakes) != 1 {
			t.Fatalf("%s with an unknown setting: %v", kind, mistakes)
		}
		found := settingsThereAre.FindStringSubmatch(mistakes[0].Message)
		if found == nil {
			t.Fatalf("%s: %q does not name the settings", kind, mistakes[0].Message)
		}
		want := strings.Split(found[1], ", ")
		var got []string
		for _, k := range configs[kind].keys {
			got = append(got, k.name)
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(want, got) {
			t.Errorf("%s: the format has %v, flow takes %v", kind, got, want)
		}
	}
	for _, kind := range neo.ChangeTypes {
		if !slices.Contains(change.key("change_type").values, string(kind)) {
			t.Errorf("the format does not know %s", kind)
		}
	}
}

// What flow takes, the format takes too: what a server has can be exported and read.
func TestFormatIsNotStricterThanFlow(t *testing.T) {
	tried := 0
	for _, kind := range actionTypes() {
		data, err := os.ReadFile("../flow/testdata/actions/" + string(kind) + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var cases []struct {
			Case    string
			Config  json.RawMessage
			Earlier []neo.ActionSpec
			Want    struct{ Mistakes []neo.Mistake }
		}
		if err := json.Unmarshal(data, &cases); err != nil {
			t.Fatal(err)
		}
		for _, c := range cases {
			if len(c.Want.Mistakes) > 0 {
				continue
			}
			tried++
			again(t, &Workflow{Definition: neo.Definition{
				Name: c.Case, TriggerType: neo.OnRequest, Actions: append(c.Earlier, neo.ActionSpec{Type: kind, Config: c.Config}),
			}})
		}
	}
	if tried < 50 {
		t.Errorf("only %d settings were tried", tried)
	}
}
