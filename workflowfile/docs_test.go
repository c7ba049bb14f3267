package workflowfile

import (
	"strings"
	"testing"
)

// The example of the documentation is right, and its cases pass.
func TestDocumentation(t *testing.T) {
	_, example, found := strings.Cut(string(content(t, "../docs/workflows.md")), "```yaml\n")
	example, _, ends := strings.Cut(example, "```\n")
	if !found || !ends {
		t.Fatal("there is no example")
	}
	workflows, mistakes := Parse("docs/workflows.md", []byte(example))
	for _, m := range mistakes {
		t.Error(m)
	}
	for _, w := range workflows {
		for _, r := range w.Test(t.Context()) {
			if r.Failure != "" {
				t.Error(r.Mistake())
			}
		}
	}
}
