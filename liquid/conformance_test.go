package liquid_test

import (
	"cmp"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/neoagent/neo/liquid"
)

// leastPassed is how many of Golden Liquid's 1,054 cases (jg-rp/golden-liquid, 389a298)
// pass. Most others use tags and filters that workflows do not have, and the rest differ on
// purpose; see the package's documentation.
const leastPassed = 600

// golden is where the cases are beside a checkout, unless NEO_GOLDEN_LIQUID says otherwise.
const golden = "../../shared/data/golden_liquid.json.gz"

// TestConformance runs Golden Liquid's cases, which are not part of this repository.
func TestConformance(t *testing.T) {
	named := os.Getenv("NEO_GOLDEN_LIQUID")
	file, err := os.Open(cmp.Or(named, golden))
	if named == "" && errors.Is(err, fs.ErrNotExist) {
		t.Skip("left out: the cases are not beside the checkout, and NEO_GOLDEN_LIQUID does not name their file")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(unzipped)
	decoder.UseNumber()
	var all struct {
		Tests []struct {
			Name, Template, Result string
			Results                []string
			Data                   map[string]any
			Invalid                bool
		}
	}
	if err := decoder.Decode(&all); err != nil {
		t.Fatal(err)
	}
	passed := 0
	for _, c := range all.Tests {
		roots := []string{"nosuchthing"}
		for name := range c.Data {
			roots = append(roots, name)
		}
		var result liquid.Result
		tpl, err := liquid.Parse(c.Template, liquid.Names{Roots: roots, Check: func([]string) error { return nil }})
		if err == nil {
			data, _ := value(c.Data).(map[string]any)
			result, err = tpl.Render(data, time.Unix(0, 0).UTC())
		}
		switch {
		case c.Invalid && err != nil, !c.Invalid && err == nil && slices.Contains(append(c.Results, c.Result), result.Text):
			passed++
		case err == nil:
			t.Logf("%s: %s is %q, want %q", c.Name, c.Template, result.Text, c.Result)
		}
	}
	t.Logf("%d of %d pass", passed, len(all.Tests))
	if passed < leastPassed {
		t.Errorf("%d of %d pass, want %d at least", passed, len(all.Tests), leastPassed)
	}
}

// value turns numbers into those that templates have.
func value(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		f, _ := v.Float64()
		return f
	case []any:
		for i := range v {
			v[i] = value(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = value(v[name])
		}
	}
	return v
}
