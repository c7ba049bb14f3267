package workflowfile

import (
	"fmt"
	"strings"
	"testing"
)

// Cases pass or say what is not as expected, and why.
func TestCases(t *testing.T) {
	for _, file := range files(t, "testdata/cases/*.yaml") {
		workflows, mistakes := Load(file)
		for _, m := range mistakes {
			t.Error(m)
		}
		var all strings.Builder
		for _, w := range workflows {
			for _, r := range w.Test(t.Context()) {
				if r.Failure == "" {
					fmt.Fprintf(&all, "ok %s\n", r.Case.Name)
					continue
				}
				fmt.Fprintf(&all, "FAIL %s\n", strings.TrimRight(strings.TrimPrefix(r.Mistake().String(), "testdata/cases/"), "\n"))
			}
		}
		golden(t, strings.TrimSuffix(file, ".yaml")+".txt", all.String())
	}
}

// The ten examples do what their cases say, and each has a case in which it starts,
// and one in which it does not, or stops.
func TestExamples(t *testing.T) {
	all := files(t, "../examples/workflows/*.yaml")
	if len(all) != 10 {
		t.Errorf("there are %d examples, want 10", len(all))
	}
	for _, file := range all {
		workflows, mistakes := Load(file)
		for _, m := range mistakes {
			t.Error(m)
		}
		for _, w := range workflows {
			starts, not := 0, 0
			for _, r := range w.Test(t.Context()) {
				if r.Failure != "" {
					t.Error(r.Mistake())
				}
				if r.Case.Expect.Matches {
					starts++
				} else {
					not++
				}
			}
			if starts == 0 || not == 0 || starts+not < 3 {
				t.Errorf("%s has %d cases in which it starts and %d in which it does not", file, starts, not)
			}
		}
	}
}

func TestDiff(t *testing.T) {
	for _, c := range []struct{ a, b, want string }{
		{"a\n", "a\n", ""},
		{"a\nb\nc\n", "a\nx\nc\n", "    a\n  - b\n  + x\n    c\n"},
		{"", "a\n", "  - \n  + a\n"},
		{"1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n", "    7\n    8\n    9\n  + 10\n"},
		{"x\n1\n2\n3\n4\n5\n6\n7\n8\ny\n", "1\n2\n3\n4\n5\n6\n7\n8\nz\n", "  - x\n    1\n    2\n    3\n    …\n    6\n    7\n    8\n  - y\n  + z\n"},
	} {
		if got := Diff(c.a, c.b); got != c.want {
			t.Errorf("Diff(%q, %q) is\n%s\nwant\n%s", c.a, c.b, got, c.want)
		}
	}
	long := strings.Repeat("line\n", 3_000)
	if got := Diff("a\n"+long, long+"b\n"); !strings.Contains(got, "- a") || !strings.Contains(got, "+ b") {
		t.Error("a long text is not compared")
	}
}
