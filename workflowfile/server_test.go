package workflowfile

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/neoagent/neo"
)

// What a server refuses is told with the place in the file; what is not Neo, as that.
func TestServerAnswers(t *testing.T) {
	workflows, mistakes := parse("note.yaml", []byte("name: Note\ntrigger_type: NONE\nactions:\n  - type: ADD_WORK_NOTE\n    config:\n      text: Hello\n"))
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	const mistake = `{"error":{"code":"invalid","message":"The workflow has a mistake.","details":{"mistakes":[{"path":"actions[0].config.text","message":"Too friendly."}]}}}`
	for _, c := range []struct {
		name, answer string
		status       int
		code         neo.Code
		says         string
	}{
		{"taken", `{"data":{}}`, 201, "", ""},
		{"a mistake", mistake, 400, neo.CodeInvalid, "The workflow has a mistake.\nnote.yaml:6: actions[0].config.text: Too friendly."},
		{"no such call", `{"error":{"code":"not_found","message":"There is no such call."}}`, 404, neo.CodeNotFound, "There is no such call."},
		{"other details", `{"error":{"code":"invalid","message":"Wrong.","details":["text"]}}`, 400, neo.CodeInvalid, "Wrong."},
		{"a page", `<html>`, 200, neo.CodeUnavailable, "is not Neo's API"},
		{"a failed proxy", `{"message":"bad gateway"}`, 502, neo.CodeUnavailable, "is not Neo's API"},
		{"a redirect", ``, 302, neo.CodeUnavailable, "is not Neo's API"},
	} {
		t.Run(c.name, func(t *testing.T) {
			other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				t.Errorf("the key was taken to %s %s", r.Host, r.Header.Get("Authorization"))
			}))
			defer other.Close()
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Authorization") != "Bearer neo_sk_x" || r.URL.String() != "/api/v1/workflows?enabled=false" {
					t.Errorf("%s %s with %q", r.Method, r.URL, r.Header.Get("Authorization"))
				}
				if c.status == 302 {
					w.Header().Set("Location", other.URL)
				}
				w.WriteHeader(c.status)
				_, _ = fmt.Fprint(w, c.answer)
			}))
			defer s.Close()
			server, err := At(s.URL+"/some/path", "neo_sk_x\n")
			if err != nil {
				t.Fatal(err)
			}
			defer server.Close()
			err = server.Apply(t.Context(), Change{File: workflows[0]})
			if neo.CodeOf(err) != c.code || err != nil && !strings.Contains(neo.MessageOf(err), c.says) {
				t.Errorf("the answer %s is %v, want %s %q", c.answer, err, c.code, c.says)
			}
		})
	}
}

func TestCompareFindsCounterparts(t *testing.T) {
	file := func(id, name string) *Workflow {
		return &Workflow{ID: id, File: name + ".yaml", Line: 1, Definition: neo.Definition{Name: name, TriggerType: neo.OnRequest}}
	}
	remote := func(id, name string) Remote {
		return Remote{ID: id, Definition: neo.Definition{Name: name, TriggerType: neo.OnRequest}}
	}
	starts := file("", "First")
	starts.Definition.Actions = []neo.ActionSpec{{Type: neo.ActionRunWorkflow, Config: []byte(`{"workflow":"Second"}`)}}
	caller := remote("4", "Caller")
	caller.Definition.Actions = starts.Definition.Actions
	for _, c := range []struct {
		name   string
		files  []*Workflow
		server []Remote
		want   string
	}{
		{"by name", []*Workflow{file("", "A")}, []Remote{remote("1", "B"), remote("2", "A")}, "same A, only there B"},
		{"by id, with another name", []*Workflow{file("1", "A")}, []Remote{remote("1", "B"), remote("2", "A")}, "update A, only there A"},
		{"new", []*Workflow{file("", "A")}, nil, "create A"},
		{"several with the name", []*Workflow{file("", "A")}, []Remote{remote("1", "A"), remote("2", "A")}, "only there A, only there A, A.yaml: the server has several"},
		{"twice in files", []*Workflow{file("", "A"), file("1", "A")}, []Remote{remote("1", "A")}, "same A, A.yaml: name: A.yaml:1 is the same workflow"},
		{"the one that is started goes last", nil, []Remote{remote("2", "Second"), remote("3", "Third"), caller}, "only there Caller, only there Second, only there Third"},
		{"the one that is started comes first", []*Workflow{starts, file("", "Second")}, []Remote{remote("3", "Old")}, "create Second, create First, only there Old"},
	} {
		changes, mistakes := Compare(c.files, c.server)
		var got []string
		for _, change := range Ordered(changes) {
			does := "update "
			switch {
			case change.File == nil:
				does = "only there "
			case change.Server == nil:
				does = "create "
			case change.Difference == "":
				does = "same "
			}
			got = append(got, does+change.Name())
		}
		for _, m := range mistakes {
			got = append(got, m.String())
		}
		if all := strings.Join(got, ", "); !strings.HasPrefix(all, c.want) || len(mistakes) == 0 && all != c.want {
			t.Errorf("%s: %s, want %s", c.name, all, c.want)
		}
	}
}
