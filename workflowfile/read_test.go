package workflowfile

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Each broken file is refused, with the line and a sentence.
func TestMistakes(t *testing.T) {
	var all strings.Builder
	for _, file := range files(t, "testdata/broken/*.yaml") {
		begin := time.Now()
		workflows, mistakes := Load(file)
		if len(mistakes) == 0 {
			t.Errorf("%s is taken: %d workflows", file, len(workflows))
		}
		if took := time.Since(begin); took > 5*time.Second {
			t.Errorf("%s took %s", file, took)
		}
		for _, m := range mistakes {
			all.WriteString(strings.TrimPrefix(m.String(), "testdata/broken/") + "\n")
		}
	}
	golden(t, "testdata/mistakes.txt", all.String())
}

func TestLoadFindsFiles(t *testing.T) {
	dir := t.TempDir()
	const workflow = "name: Test\ntrigger_type: NONE\nactions: [{type: ADD_WORK_NOTE, config: {text: Hello}}]\n"
	for name, content := range map[string]string{
		"a.yaml": workflow, "b.yml": workflow, "notes.md": "# Notes", ".hidden/c.yaml": "not: right", "inner/d.yaml": workflow, "e.txt": workflow,
		"large.txt": strings.Repeat("# comment\n", 110_000),
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	// To read a pipe may take for ever; a machine without mkfifo tests without one.
	_ = exec.CommandContext(t.Context(), "mkfifo", filepath.Join(dir, "pipe.yaml")).Run()
	for _, c := range []struct {
		paths []string
		found string // files, or what is wrong
	}{
		{[]string{dir}, "a.yaml b.yml inner/d.yaml"},
		{[]string{filepath.Join(dir, "e.txt"), filepath.Join(dir, "inner")}, "e.txt inner/d.yaml"},
		{[]string{filepath.Join(dir, "none.yaml")}, "none.yaml: This cannot be read: no such file or directory."},
		{[]string{filepath.Join(dir, "large.txt")}, "large.txt: The file is larger than 1 MB. Split it: one workflow a file is easiest to read."},
		{[]string{t.TempDir()}, "There is no file ending in .yaml or .yml here."},
	} {
		workflows, mistakes := Load(c.paths...)
		var found []string
		for _, w := range workflows {
			found = append(found, strings.TrimPrefix(w.File, dir+"/"))
		}
		for _, m := range mistakes {
			found = append(found, strings.TrimPrefix(m.String(), dir+"/"))
		}
		if got := strings.Join(found, " "); !strings.HasSuffix(got, c.found) {
			t.Errorf("%v: found %s, want %s", c.paths, got, c.found)
		}
	}
}

// What is read can be written, and is the same when it is read again.
func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"testdata/broken/*.yaml", "testdata/cases/*.yaml", "../examples/workflows/*.yaml"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range found {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		Parse("x.yaml", data)
		workflows, _ := parse("x.yaml", data)
		for _, w := range workflows {
			again(t, w)
		}
	})
}

// again writes a workflow, reads that, and compares.
func again(t interface {
	Helper()
	Fatalf(format string, args ...any)
}, w *Workflow) {
	t.Helper()
	text, err := w.Text()
	if err != nil {
		t.Fatalf("%+v cannot be written: %v", w.Definition, err)
	}
	back, mistakes := parse("x.yaml", []byte(text))
	if len(mistakes) > 0 || len(back) != 1 {
		t.Fatalf("cannot be read again: %v\n%s", mistakes, text)
	}
	second, err := back[0].Text()
	if err != nil || second != text {
		t.Fatalf("reads as another (%v):\n%s", err, Diff(text, second))
	}
	if !sameJSON(w.Definition, back[0].Definition) {
		t.Fatalf("is not what was written:\n%s", text)
	}
}
