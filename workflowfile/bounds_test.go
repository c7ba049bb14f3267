package workflowfile

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// A megabyte of anything is answered soon.
func TestHostileFiles(t *testing.T) {
	const size = 1 << 20
	fill := func(head, part string) string { return head + strings.Repeat(part, (size-len(head))/len(part)) }
	anchors := &strings.Builder{}
	anchors.WriteString("x:\n")
	for i := 0; anchors.Len() < size-100; i++ {
		fmt.Fprintf(anchors, "  - &a%d b\n  - *a%d\n", i, i)
	}
	keys := &strings.Builder{}
	for i := 0; keys.Len() < size-100; i++ {
		fmt.Fprintf(keys, "key%d: 1\n", i)
	}
	for name, text := range map[string]string{
		"brackets": fill("", "["), "braces": fill("", "{a: "), "dashes": fill("", "- "), "colons": fill("", "a: "), "documents": fill("", "---\n"),
		"small documents": fill("", "a\n---\n"), "anchors": anchors.String(), "unknown keys": keys.String(), "a long key": fill("", "k"), "a long text": fill("name: ", "x"),
		"quotes": fill("", `"`), "stars": fill("", "*"), "tabs": fill("", "\t"), "a list": fill("actions:\n", "  - 1\n"), "twice": fill("", "a: 1\n"),
		"an unknown value": fill("trigger_type: ", "T"), "indented": fill("", "\n a:"),
	} {
		begin := time.Now()
		workflows, mistakes := Parse("x.yaml", []byte(text))
		if len(workflows) > 0 || len(mistakes) == 0 || len(mistakes) > 2*maxMistakes {
			t.Errorf("%s: %d workflows, %d mistakes", name, len(workflows), len(mistakes))
		}
		if took := time.Since(begin); took > 5*time.Second {
			t.Errorf("%s took %s", name, took)
		}
	}
}
