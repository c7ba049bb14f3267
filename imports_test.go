package neo_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/neoagent/neo"

// mayImport is the direction of imports: what each folder may use of this module,
// beside the domain (package neo). Siblings never import each other; app hands the
// values in. A package that is not here may import nothing of the module.
var mayImport = map[string][]string{
	"spelling":           {},
	"rules":              {"spelling"},
	"liquid":             {},
	"flow":               {"rules", "liquid", "spelling"},
	"queue":              {},
	"queue/local":        {"queue"},
	"queue/river":        {"queue"},
	"queue/queuetest":    {"queue"},
	"store":              {},
	"store/storetest":    {"store"},
	"store/postgrestest": {},
	"vault":              {},
	"message":            {},
	"servicenow":         {"spelling"},
	"simulator":          {},
	"web":                {"spelling"},
	"ui":                 {},
	"visitor":            {},
	"examples":           {},
	"workflowfile":       {"flow", "rules", "servicenow", "spelling"},
	"app":                {"examples", "flow", "message", "queue", "queue/local", "queue/river", "servicenow", "store", "vault", "web", "workflowfile"},
	"demo":               {"app", "simulator", "store", "visitor"},
	"bench":              {"simulator", "store", "visitor"},
	"cmd/neo":            {"app", "bench", "demo", "simulator", "store", "ui", "workflowfile"},
}

// onlyIn names dependencies that one folder alone may import.
var onlyIn = map[string][]string{
	"github.com/riverqueue/river": {"queue/river"},
	"gocloud.dev/secrets":         {"vault"},
	"modernc.org/sqlite":          {"store", "bench"}, // bench: its floor is a bare database
	"github.com/pressly/goose":    {"store"},
	"github.com/danielgtaylor":    {"web"},
	"github.com/dop251/goja":      {"simulator"},
	"github.com/alecthomas/kong":  {"cmd/neo"},
	"go.yaml.in/yaml":             {"workflowfile"},
	"golang.org/x/text":           {"spelling", "web"},
}

func TestImportsRunOneWay(t *testing.T) {
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && path != "." || d.Name() == "node_modules") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil // tests may put parts together
		}
		dir := filepath.ToSlash(filepath.Dir(path))
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range file.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			check(t, path, dir, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func check(t *testing.T, path, dir, name string) {
	t.Helper()
	if dir == "." && strings.Contains(strings.Split(name, "/")[0], ".") {
		t.Errorf("%s imports %s: the domain imports the standard library only", path, name)
	}
	if inner, ok := strings.CutPrefix(name, module+"/"); ok && dir != "." {
		allowed := false
		for _, a := range mayImport[dir] {
			allowed = allowed || a == inner
		}
		if !allowed {
			t.Errorf("%s imports %s, which %s may not use; see docs/ARCHITECTURE.md", path, inner, dir)
		}
	}
	for dependency, folders := range onlyIn {
		if name != dependency && !strings.HasPrefix(name, dependency+"/") {
			continue
		}
		allowed := false
		for _, f := range folders {
			allowed = allowed || f == dir
		}
		if !allowed {
			t.Errorf("%s imports %s: only %s may", path, name, strings.Join(folders, " and "))
		}
	}
}

// modernc.org/sqlite is generated against one version of modernc.org/libc and
// misbehaves with any other.
func TestSQLiteAndItsLibcAreAPair(t *testing.T) {
	text, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"modernc.org/sqlite v1.61.1", "modernc.org/libc v1.79.0"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("go.mod has not %s: change both together, to the pair that sqlite's own go.mod names", want)
		}
	}
}
