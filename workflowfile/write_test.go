package workflowfile

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/neoagent/neo"
)

func sameJSON(a, b any) bool {
	x, errX := json.Marshal(normal(a))
	y, errY := json.Marshal(normal(b))
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

// normal brings the keys of configs, which are kept as they were written, into order.
func normal(v any) any {
	content, err := json.Marshal(v)
	if err != nil {
		return err
	}
	var n any
	if err := json.Unmarshal(content, &n); err != nil {
		return err
	}
	return n
}

// awkward are texts that YAML could take for something else.
var awkward = []string{
	"1", "1.5", "true", "no", "null", "~", "", " ", "=", "!=", ">=", "- x", "# x", "a: b", "2026-05-04", "08:30", "1_000", "0x1f", "<<", "*a", "&a", "!t",
	"two\nlines", "two\nlines\n", "\nleading", "  indented\nless", "trailing  \nspace", "tab\there", "quote \" and ' both", "“é😀”", "a\r\nb", "\u0085", "\u2028x\ny", "{{ ticket.number }}",
}

func texting(r *rapid.T, label string) string {
	if rapid.Bool().Draw(r, label+" awkward") {
		return rapid.SampledFrom(awkward).Draw(r, label)
	}
	// A file, like the API, refuses NUL.
	return strings.ReplaceAll(rapid.StringN(0, 40, 200).Draw(r, label), "\x00", "")
}

func drawRule(r *rapid.T, depth int) neo.Rule {
	if depth > 0 && rapid.IntRange(0, 2).Draw(r, "group") == 0 {
		group := neo.Rule{Combinator: rapid.SampledFrom([]neo.Combinator{neo.And, neo.Or}).Draw(r, "combinator"), Not: rapid.Bool().Draw(r, "not")}
		for range rapid.IntRange(0, 3).Draw(r, "rules") {
			group.Rules = append(group.Rules, drawRule(r, depth-1))
		}
		return group
	}
	return neo.Rule{Field: "f" + rapid.StringMatching(`[a-z_0-9]{0,20}`).Draw(r, "field"), Operator: rapid.SampledFrom(operators).Draw(r, "operator"), Value: texting(r, "value")}
}

// Any definition is written so that it reads as itself.
func TestWhatIsWrittenReadsAsItself(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		raw := func(v any) json.RawMessage {
			content, err := json.Marshal(v)
			if err != nil {
				r.Fatal(err)
			}
			return content
		}
		from, to := texting(r, "from"), texting(r, "to")
		rule := drawRule(r, 4)
		d := neo.Definition{
			Name: "N" + strings.ReplaceAll(texting(r, "name"), "\x00", ""), Description: texting(r, "description"), TriggerType: neo.Triggered,
			Changes:    []neo.TargetChange{{ChangeType: neo.FieldUpdated, Field: "state", From: &from, To: &to}, {ChangeType: neo.TicketCreated}},
			Conditions: &rule, DelaySeconds: rapid.IntRange(0, 1000).Draw(r, "delay"), Shadow: rapid.Bool().Draw(r, "shadow"),
			ExecutionOrder: rapid.IntRange(-5, 5).Draw(r, "order"),
			Actions: []neo.ActionSpec{
				{Type: neo.ActionAddWorkNote, Config: raw(map[string]string{"text": texting(r, "note")})},
				{Type: neo.ActionUpdateTicket, Name: "update", Config: raw(map[string]any{"fields": map[string]string{"state": texting(r, "state"), "x": texting(r, "x")}})},
				{Type: neo.ActionWait, Config: raw(map[string]any{"for_minutes": 30, "until_rule": drawRule(r, 2)})},
				{Type: neo.ActionClose, Config: raw(map[string]any{})},
			},
		}
		again(r, &Workflow{ID: "id", Definition: d})
	})
}

// The examples are written as people write them: a change in the server's definition
// makes a small difference in the file.
func TestExamplesAsExported(t *testing.T) {
	for _, file := range files(t, "../examples/workflows/*.yaml") {
		workflows, mistakes := parse(file, content(t, file))
		if len(mistakes) > 0 {
			t.Fatal(mistakes)
		}
		text, err := workflows[0].Text()
		if err != nil {
			t.Fatal(err)
		}
		golden(t, filepath.Join("testdata/exported", filepath.Base(file)), text)
	}
}

// An export into a folder keeps cases and comments, and leaves alone what is the same.
func TestExportKeepsCases(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "own name.yaml")
	const before = `# Ours, please ask the service desk first.
name: Note
trigger_type: NONE
actions:
  - {type: ADD_WORK_NOTE, config: {text: Hello}}   # a style of our own

cases:
  # The usual one.
  - name: Any
    ticket: {class: incident}
    expect: {matches: true, actions: [{work_note: Hello}]}
---
name: Other
trigger_type: NONE
actions: [{type: ADD_WORK_NOTE, config: {text: Other}}]
`
	if err := os.WriteFile(file, []byte(before), 0o644); err != nil {
		t.Fatal(err)
	}
	note := func(name, text string) Remote {
		config, err := json.Marshal(map[string]string{"text": text})
		if err != nil {
			t.Fatal(err)
		}
		return Remote{ID: name + "-1", Enabled: true, Version: 1, Definition: neo.Definition{
			Name: name, TriggerType: neo.OnRequest, Actions: []neo.ActionSpec{{Type: neo.ActionAddWorkNote, Config: config}},
		}}
	}
	export := func(want string, server ...Remote) {
		t.Helper()
		exported, err := Export(dir, server)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, x := range exported {
			got = append(got, x.Change+" "+filepath.Base(x.File))
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("exported %v, want %s", got, want)
		}
	}
	export("unchanged own name.yaml, unchanged own name.yaml", note("Note", "Hello"), note("Other", "Other"))
	if got := string(content(t, file)); got != before {
		t.Errorf("a file that was the same became\n%s", got)
	}
	export("changed own name.yaml, new a-third-one-done.yaml", note("Note", "Hello\nagain"), note("“A third one!” (done)", "3"))
	golden(t, "testdata/exported-over.txt", string(content(t, file)))
	export("new twice.yaml, new twice-2.yaml", note("Twice", "1"), Remote{ID: "Twice-2", Definition: note("Twice", "2").Definition})
	if got := string(content(t, filepath.Join(dir, "twice-2.yaml"))); !strings.HasPrefix(got, "id: Twice-2\n") {
		t.Errorf("a workflow whose name is not the only one is exported without its id:\n%s", got)
	}
	if err := os.WriteFile(filepath.Join(dir, "broken.yaml"), []byte("name: ["), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Export(dir, []Remote{note("Note", "New")}); err == nil || !strings.Contains(neo.MessageOf(err), "broken.yaml:1") {
		t.Errorf("an export beside a broken file: %v", err)
	}
}
