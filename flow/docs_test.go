package flow_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/flow"
	"github.com/neoagent/neo/rules"
)

// The examples of docs/workflows.md are understood, and there is one of each action.
func TestExamplesOfTheDocumentation(t *testing.T) {
	text, err := os.ReadFile("../docs/workflows.md")
	if err != nil {
		t.Fatal(err)
	}
	var specs []neo.ActionSpec
	shown := map[neo.ActionType]bool{}
	for i, block := range strings.Split(string(text), "```") {
		example, ok := strings.CutPrefix(block, "json\n")
		if i%2 == 0 || !ok || !strings.HasPrefix(example, `{ "type"`) {
			continue
		}
		decoder := json.NewDecoder(strings.NewReader(example))
		for decoder.More() {
			var s neo.ActionSpec
			if err := decoder.Decode(&s); err != nil {
				t.Fatalf("%v:\n%s", err, example)
			}
			specs, shown[s.Type] = append(specs, s), true
		}
	}
	_, mistakes := flow.ParseActions(specs, rules.Context{})
	for _, m := range mistakes {
		t.Errorf("%s: %s", m.Path, m.Message)
	}
	for _, action := range flow.ActionTypes() {
		if !shown[action] {
			t.Errorf("there is no example of %s", action)
		}
	}
}
