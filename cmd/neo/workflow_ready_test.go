package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/neoagent/neo/visitor"
)

// Fault 25: apply, too, enables no workflow that cannot work unless a reason is given.
func TestFault25ApplySaysWhatIsMissing(t *testing.T) {
	n, url, key := server(t)
	t.Setenv("NEO_URL", url)
	t.Setenv("NEO_API_KEY", key)
	file := filepath.Join(t.TempDir(), "page.yaml")
	write(t, file, "name: Page\nenabled: true\ntrigger_type: NONE\nactions:\n  - type: SEND_MESSAGE\n    config:\n      endpoint: On-cal\n      text: Help\n")
	does := func(args []string, wantCode int, want string) {
		t.Helper()
		code, out, errs := command(t, "", append([]string{"workflow", "apply", file, "--yes"}, args...)...)
		if code != wantCode || !strings.Contains(out+errs, want) {
			t.Fatalf("%v: exit code %d, want %d with %q\n%s\n%s", args, code, wantCode, want, out, errs)
		}
	}
	does(nil, 1, file+":7: actions[0].config.endpoint: There is no endpoint “On-cal”.")
	all, err := visitor.Get[[]struct{ Enabled bool }](t.Context(), &n.Client, "/api/v1/workflows")
	if err != nil || len(all) != 0 {
		t.Fatalf("the server has %+v, %v", all, err)
	}
	does([]string{"--override-reason", "The endpoint comes tomorrow"}, 0, `warning: "Page": actions[0].config.endpoint: There is no endpoint “On-cal”.`)
	if all, err = visitor.Get[[]struct{ Enabled bool }](t.Context(), &n.Client, "/api/v1/workflows"); err != nil || len(all) != 1 || !all[0].Enabled {
		t.Fatalf("the server has %+v, %v", all, err)
	}
}
