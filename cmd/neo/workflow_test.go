package main

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"go.uber.org/goleak"

	"github.com/neoagent/neo/app"
	"github.com/neoagent/neo/visitor"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// command runs neo; answer is what a person types.
func command(t *testing.T, answer string, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), args, strings.NewReader(answer), &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

func write(t *testing.T, file, content string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

const note = `name: Note
trigger_type: TRIGGERED
target_changes: [{change_type: TICKET_CREATED}]
actions: [{type: ADD_WORK_NOTE, config: {text: Hello}}]
cases:
  - name: A new ticket
    ticket: {class: incident}
    expect: {matches: true, actions: [{work_note: Hello}]}
`

// Comparisons that cannot hold are refused by validate and named by test, which tries
// the cases all the same; doctor names those that say something else.
func TestFault9DoctorOfFiles(t *testing.T) {
	file := filepath.Join(t.TempDir(), "empty.yaml")
	write(t, file, strings.Replace(strings.Replace(note, "actions:", `conditions: {combinator: and, rules: [{field: title, operator: contains, value: ""}, {field: seats, operator: ">", value: "10,000"}]}
actions:`, 1), "{matches: true, actions: [{work_note: Hello}]}", "{matches: false}", 1))
	for _, c := range []struct {
		command   string
		code      int
		out, errs string
	}{
		{"validate", 1, "", "empty.yaml:4: conditions.rules[0].value: There is no text to look for"},
		{"test", 0, "1 case passed.", "A server does not take the workflow so."},
		{"doctor", 0, `empty.yaml:4: conditions.rules[1] (seats > "10,000") was compared by the alphabet; now it is compared as a number.`, ""},
		{"doctor", 0, `conditions.rules[0] (title contains "") held for every ticket; now it holds for nothing.`, ""},
	} {
		code, out, errs := command(t, "", "workflow", c.command, file)
		if code != c.code || !strings.Contains(out, c.out) || !strings.Contains(errs, c.errs) {
			t.Errorf("%s: %d\n%s\n%s", c.command, code, out, errs)
		}
	}
}

func TestWorkflowsAreCheckedAndTried(t *testing.T) {
	dir := t.TempDir()
	right, wrong, fails, untried := filepath.Join(dir, "right.yaml"), filepath.Join(dir, "wrong.yaml"), filepath.Join(dir, "fails.yaml"), filepath.Join(dir, "untried.yaml")
	write(t, right, note)
	write(t, wrong, strings.Replace(note, "text: Hello", "txt: Hello", 1))
	write(t, fails, strings.Replace(note, "work_note: Hello", "work_note: Goodbye", 1))
	before, _, _ := strings.Cut(note, "cases:")
	write(t, untried, before)
	for _, c := range []struct {
		args      []string
		code      int
		out, errs string
	}{
		{[]string{"validate", right}, 0, "1 workflow: nothing is wrong.\n", ""},
		{[]string{"validate", "../../examples/workflows"}, 0, "10 workflows: nothing is wrong.\n", ""},
		{[]string{"validate", right, wrong}, 1, "", wrong + ":4: actions[0].config: the key \"txt\" is not known; did you mean \"text\"?"},
		{[]string{"validate", dir}, 1, "", "neo: 2 mistakes in 1 file.\n"},
		{[]string{"validate", filepath.Join(dir, "none.yaml")}, 1, "", "no such file"},
		{[]string{"test", right}, 0, "1 case passed.\n", ""},
		{[]string{"test", "-v", right}, 0, `"Note": A new ticket`, ""},
		{[]string{"test", "../../examples/workflows"}, 0, "cases passed.\n", ""},
		{[]string{"test", right, fails}, 1, "ok   " + right, "FAIL " + fails + ":6: \"A new ticket\": it does not do what is expected"},
		{[]string{"test", fails}, 1, "", "neo: 1 of 1 case failed.\n"},
		{[]string{"test", wrong}, 1, "", "neo: 2 mistakes in 1 file.\n"},
		{[]string{"test", untried}, 1, "", "There is no case in these files."},
		{[]string{"schema"}, 0, `"$schema": "https://json-schema.org/draft/2020-12/schema"`, ""},
		{[]string{"export", dir, "--url", "neo.example.com", "--api-key", "x"}, 1, "", "is not the address of a Neo"},
		{[]string{"diff", right, "--url", "http://127.0.0.1:1", "--api-key", "neo_sk_x"}, 1, "", "does not answer"},
	} {
		code, out, errs := command(t, "", append([]string{"workflow"}, c.args...)...)
		if code != c.code || !strings.Contains(out, c.out) || !strings.Contains(errs, c.errs) || c.errs == "" && errs != "" {
			t.Errorf("neo workflow %s: exit code %d, want %d\n%s\n%s\nwant %s %s", strings.Join(c.args, " "), code, c.code, out, errs, c.out, c.errs)
		}
	}
}

// server is a running Neo, and an API key of its administrator.
func server(t *testing.T) (n *visitor.Neo, url, key string) {
	t.Helper()
	a, err := app.New(t.Context(), app.Config{
		Listen: "127.0.0.1:0", DataDir: t.TempDir(), Version: "test", UI: fstest.MapFS{"index.html": {Data: []byte("<title>Neo</title>")}},
		Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	n = visitor.At(a.URL())
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		n.Close()
		a.Stop(ctx)
	})
	if err := a.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := n.SignIn(t.Context(), "admin@neo.example", "correct horse battery", a.SetupToken); err != nil {
		t.Fatal(err)
	}
	var made struct{ Data struct{ Key string } }
	if err := n.Call(t.Context(), http.MethodPost, "/api/v1/api-keys", json.RawMessage(`{"name":"Pipeline"}`), &made); err != nil {
		t.Fatal(err)
	}
	return n, a.URL(), made.Data.Key
}

// A team keeps its workflows in files and brings them to a server and back.
func TestWorkflowsGoToAServerAndBack(t *testing.T) {
	n, url, key := server(t)
	t.Setenv("NEO_URL", url)
	t.Setenv("NEO_API_KEY", key)
	dir := t.TempDir()
	file := filepath.Join(dir, "note.yaml")
	write(t, file, note)
	does := func(answer string, args []string, wantCode int, want ...string) {
		t.Helper()
		code, out, errs := command(t, answer, append([]string{"workflow"}, args...)...)
		if code != wantCode {
			t.Fatalf("%v: exit code %d, want %d\n%s\n%s", args, code, wantCode, out, errs)
		}
		for _, w := range want {
			if !strings.Contains(out+errs, w) {
				t.Fatalf("%v does not say %q:\n%s\n%s", args, w, out, errs)
			}
		}
	}
	type workflow struct {
		ID         string
		Enabled    bool
		Version    int64
		Definition struct{ Name string }
	}
	on := func() []workflow {
		t.Helper()
		all, err := visitor.Get[[]workflow](t.Context(), &n.Client, "/api/v1/workflows")
		if err != nil {
			t.Fatal(err)
		}
		return all
	}

	does("", []string{"diff", dir}, 1, `+ create "Note"`, "1 to create, 0 to update, 0 to delete, 0 as they are.")
	does("", []string{"apply", dir}, 1, "Nobody answered, and nothing was done.")
	does("n\n", []string{"apply", dir}, 1, "Nothing was done.")
	if all := on(); len(all) != 0 {
		t.Fatalf("without a yes there are %v", all)
	}
	does("y\n", []string{"apply", dir}, 0, "1 change done.")
	if all := on(); len(all) != 1 || all[0].Enabled || all[0].Version != 1 {
		t.Fatalf("the server has %+v, want one that is switched off", all)
	}
	does("", []string{"diff", dir}, 0, "1 as they are")
	does("", []string{"apply", dir}, 0, "1 as they are")

	write(t, file, "enabled: true\n"+strings.Replace(note, "text: Hello", "text: Good morning", 1))
	does("", []string{"diff", file}, 1, `~ update "Note"`, "- enabled: false", "+ enabled: true", "text: Hello", "text: Good morning")
	does("", []string{"apply", file, "--yes"}, 0, "1 change done.")
	if all := on(); len(all) != 1 || !all[0].Enabled || all[0].Version != 2 {
		t.Fatalf("the server has %+v, want version 2, switched on", all)
	}

	// Something that only the server has stays, unless it is to be removed.
	if err := n.Call(t.Context(), http.MethodPost, "/api/v1/workflows", json.RawMessage(
		`{"name":"Only there: *&! ü","trigger_type":"NONE","actions":[{"type":"ADD_WORK_NOTE","config":{"text":"Line one\nLine two\n"}}]}`), nil); err != nil {
		t.Fatal(err)
	}
	does("", []string{"apply", file, "--yes"}, 0, "0 to delete")
	exported := filepath.Join(t.TempDir(), "new", "folder")
	does("", []string{"export", exported}, 0, "only-there.yaml", "note.yaml")
	text, err := os.ReadFile(filepath.Join(exported, "only-there.yaml"))
	if err != nil || !strings.Contains(string(text), "      text: |\n        Line one\n        Line two\n") {
		t.Errorf("exported is %s, %v", text, err)
	}
	does("", []string{"diff", exported}, 0, "2 as they are")
	does("", []string{"export", exported, "Note"}, 0, "unchanged")
	does("", []string{"export", exported, "Nothing"}, 1, `has no workflow "Nothing"`)
	does("", []string{"apply", file, "--prune", "--yes"}, 0, `- delete "Only there`, "1 change done.")
	if all := on(); len(all) != 1 || all[0].Definition.Name != "Note" {
		t.Fatalf("the server has %+v, want only Note", all)
	}

	// By its id a workflow can be given another name.
	write(t, file, "id: "+on()[0].ID+"\n"+strings.Replace(note, "name: Note", "name: Greeting", 1))
	does("", []string{"apply", file, "-y"}, 0, `~ update "Greeting"`)
	if all := on(); len(all) != 1 || all[0].Definition.Name != "Greeting" || all[0].Version != 3 {
		t.Fatalf("the server has %+v, want Greeting", all)
	}
	write(t, file, "id: 0198-unknown\n"+note)
	does("", []string{"diff", file}, 1, file+":1: the server has no workflow with the id 0198-unknown")
	write(t, file, note+"---\n"+note)
	does("", []string{"diff", file}, 1, "is the same workflow")

	// A circle through the server is told with its place, and nothing is changed.
	before := on()
	if err := n.Call(t.Context(), http.MethodPost, "/api/v1/workflows", json.RawMessage(
		`{"name":"Back","trigger_type":"NONE","actions":[{"type":"RUN_WORKFLOW","config":{"workflow":"Greeting"}}]}`), nil); err != nil {
		t.Fatal(err)
	}
	write(t, file, "id: "+before[0].ID+"\n"+strings.Replace(note, "name: Note", "name: Greeting", 1)+"---\nname: Last\ntrigger_type: NONE\nactions:\n  - type: RUN_WORKFLOW\n    config:\n      workflow: Back\n")
	does("", []string{"apply", file, "-y"}, 0, `+ create "Last"`)
	write(t, file, "id: "+before[0].ID+"\nname: Greeting\ntrigger_type: NONE\nactions:\n  - type: RUN_WORKFLOW\n    config:\n      workflow: Back\n")
	does("", []string{"apply", file, "-y"}, 1, file+":7: actions[0].config.workflow: The workflow would run itself: Back → Greeting.", "0 of 1 change done.")
	if all := on(); len(all) != 3 || all[0] != before[0] {
		t.Fatalf("the server has %+v, before it had %+v", all, before)
	}
	write(t, file, "id: "+before[0].ID+"\n"+strings.Replace(note, "name: Note", "name: Greeting", 1))
	does("", []string{"apply", file, "--prune", "-y"}, 0, `- delete "Last"`, `- delete "Back"`)

	write(t, file, note)
	// The examples come back from a server as they were brought there.
	does("", []string{"apply", "../../examples/workflows", "--yes"}, 0, "10 changes done.")
	exported = t.TempDir()
	does("", []string{"export", exported}, 0, "raise-the-priority-for-vip-callers.yaml", "chase-a-stale-awaiting-caller-twice-then-resolve.yaml")
	does("", []string{"validate", exported}, 0, "11 workflows: nothing is wrong.")
	does("", []string{"diff", "../../examples/workflows"}, 0, "10 as they are")

	t.Setenv("NEO_API_KEY", "neo_sk_prod_wrong")
	does("", []string{"diff", file}, 1, "This API key is not known")
}
