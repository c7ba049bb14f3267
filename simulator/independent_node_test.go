package simulator

import (
	"encoding/json"
	"encoding/pem"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestIndependentNodeClient lets the npm client servicenow-rest-api create, list, update and delete an incident. It insists
// on HTTPS and knows Basic auth only.
func TestIndependentNodeClient(t *testing.T) {
	manifest, err := filepath.Abs("../e2e/package.json")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(manifest), "node_modules", "servicenow-rest-api")); err != nil {
		t.Fatal("the client is not installed: run make test-go, or npm ci in e2e")
	}
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatal("node is not installed; the README names what is needed")
	}
	in, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = in.Close(t.Context()) })
	// Every incident comes with a file, so that the client has one to fetch.
	if _, err := in.Create("system", "sys_script", map[string]string{"name": "File", "collection": "incident", "when": "after", "active": "true",
		"advanced": "true", "action_insert": "true", "script": `var f = new GlideRecord('sys_attachment'); f.initialize();
			f.table_name = 'incident'; f.table_sys_id = current.sys_id; f.file_name = 'a.txt'; f.content_type = 'text/plain'; var id = f.insert();
			var d = new GlideRecord('sys_attachment_doc'); d.initialize(); d.sys_attachment = id; d.data = gs.base64Encode('file text'); d.insert();`}); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewTLSServer(in)
	defer srv.Close()
	authority := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(authority, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), node, "testdata/servicenow-rest-api.mjs", manifest, strings.TrimPrefix(srv.URL, "https://"))
	cmd.Env = append(os.Environ(), "NODE_EXTRA_CA_CERTS="+authority, "NO_PROXY=*", "no_proxy=*")
	var problems strings.Builder
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, problems.String())
	}
	var got struct {
		Created, Updated struct {
			Number           string
			ShortDescription string `json:"short_description"`
			Urgency          string
		}
		Listed  []map[string]string
		ID      string
		Sample  int
		Files   int
		File    string
		Deleted int
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if !strings.HasPrefix(got.Created.Number, "INC") || got.Created.Urgency != "1 - High" {
		t.Errorf("created: %+v", got.Created)
	}
	if len(got.Listed) != 1 || got.Listed[0]["short_description"] != "from npm" || !validSysID(got.ID) {
		t.Errorf("listed: %v, %s", got.Listed, got.ID)
	}
	if got.Updated.Number != got.Created.Number || got.Updated.ShortDescription != "changed from npm" || got.Sample != 1 {
		t.Errorf("updated: %+v", got.Updated)
	}
	if got.Files != 1 || got.File != "file text" {
		t.Errorf("%d files, %q", got.Files, got.File)
	}
	if got.Deleted != 204 || len(in.Find("incident", "")) != 0 {
		t.Errorf("deleted: %d", got.Deleted)
	}
}
