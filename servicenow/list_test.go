package servicenow_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/neoagent/neo"
	"github.com/neoagent/neo/servicenow"
)

// firstOnly are the functions that ask for the first records of a list, or walk it
// themselves, and why that is all that they need. Every other list is read to its end, by
// Client.All or Client.Each.
var firstOnly = map[string]string{
	"Each":              "is what reads lists to their end",
	"pageSize":          "looks whether records follow closely",
	"changes":           "a page of the sweep, which goes on behind the last row while there is more",
	"older":             "a page of the backfill, which goes on behind the last id until none comes",
	"probe":             "one record, to see whether the instance answers",
	"language":          "the one property of that name",
	"try":               "one record, to see whether the instance answers",
	"checkAccess":       "one record, and the total",
	"identityFromTable": "exactly one must come; a second shows that the query was not applied",
	"records":           "the first choices that match what a person types, as many as are shown",
	"Created":           "the oldest ticket with a mark; the total tells of others",
	"HasEmail":          "whether there is one; the total tells",
	"HasTimeEntry":      "whether there is one; the total tells",
}

// TestFault1EveryListIsReadToItsEnd enumerates the calls for lists in the package.
func TestFault1EveryListIsReadToItsEnd(t *testing.T) {
	packages, err := parser.ParseDir(token.NewFileSet(), ".", func(f fs.FileInfo) bool { return !strings.HasSuffix(f.Name(), "_test.go") }, 0) //nolint:staticcheck // no build tags here
	if err != nil {
		t.Fatal(err)
	}
	found, whole := map[string]bool{}, 0
	for _, file := range packages["servicenow"].Files {
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			ast.Inspect(f, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				method, ok := call.Fun.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				switch method.Sel.Name {
				case "List":
					found[f.Name.Name] = true
					if firstOnly[f.Name.Name] == "" {
						t.Errorf("%s asks for the first records of a list. Use All or Each, or say here why the first are enough.", f.Name.Name)
					}
				case "All", "Each":
					whole++
				}
				return true
			})
		}
	}
	for name := range firstOnly {
		if !found[name] {
			t.Errorf("%s asks for no list any more", name)
		}
	}
	if whole < 10 {
		t.Errorf("%d lists are read to their end: this test does not see them", whole)
	}
}

// TestFault1Pages reads lists of instances that answer in their own ways.
func TestFault1Pages(t *testing.T) {
	const rows = 25
	type table struct {
		rows   []int
		most   int              // of one answer; 0: as asked
		hidden func(n int) bool // which rows the account may not read
		total  bool             // X-Total-Count
		large  int              // answers of more rows are larger than 10 MiB; 0: none is
		gone   int              // after the first answer these many of the first rows are deleted
	}
	numbers := make([]int, rows)
	for i := range numbers {
		numbers[i] = i
	}
	none := func(int) bool { return false }
	for name, c := range map[string]struct {
		table
		want  int
		calls int
	}{
		"one page":                         {table{total: true, hidden: none, rows: numbers[:10]}, 10, 1},
		"just full":                        {table{total: true, hidden: none, rows: numbers[:20]}, 20, 2},
		"three pages":                      {table{total: true, hidden: none}, rows, 3},
		"an instance that gives 4 at once": {table{total: true, hidden: none, most: 4}, rows, 8},
		"hidden rows":                      {table{total: true, hidden: func(n int) bool { return n%5 == 0 }}, 20, 4},
		"hidden pages":                     {table{total: true, hidden: func(n int) bool { return n < 22 }}, 3, 4},
		"all hidden":                       {table{total: true, hidden: func(int) bool { return true }}, 0, 3},
		"no total":                         {table{hidden: none}, rows, 4},
		"no total, 4 at once":              {table{hidden: none, most: 4}, rows, 0},
		"answers that are too large":       {table{total: true, hidden: none, large: 3}, rows, 0},
		"rows that go meanwhile":           {table{total: true, hidden: none, gone: 5}, rows, 4},
	} {
		t.Run(name, func(t *testing.T) {
			calls, left := 0, c.rows
			if left == nil {
				left = numbers
			}
			client, _, _ := instance(t, func(w http.ResponseWriter, r *http.Request) {
				calls++
				q := r.URL.Query()
				if !strings.HasSuffix(q.Get("sysparm_query"), "x=1^ORDERBYname^ORDERBYsys_id") {
					t.Errorf("query %s", q.Get("sysparm_query"))
				}
				limit, _ := strconv.Atoi(q.Get("sysparm_limit"))
				offset, _ := strconv.Atoi(q.Get("sysparm_offset"))
				if c.most > 0 {
					limit = min(limit, c.most)
				}
				page := left[min(offset, len(left)):min(offset+limit, len(left))]
				if c.large > 0 && len(page) > c.large {
					w.Header().Set("Content-Type", "application/json")
					endless(w)
					return
				}
				var records []string
				for _, n := range page {
					if !c.hidden(n) {
						records = append(records, fmt.Sprintf(`{"sys_id":"id%02d"}`, n))
					}
				}
				if c.total {
					w.Header().Set("X-Total-Count", strconv.Itoa(len(left)))
				}
				says(200, asJSON, `{"result":[`+strings.Join(records, ",")+`]}`)(w, r)
				if calls == 1 {
					left = left[c.gone:]
				}
			})
			page, err := client.All(t.Context(), "sys_user", servicenow.ListOptions{Query: "x=1^ORDERBYname", Fields: []string{"name"}, Limit: 10})
			if err != nil {
				t.Fatal(err)
			}
			ids := map[string]bool{}
			for _, r := range page.Records {
				ids[r["sys_id"].Value] = true
			}
			if len(ids) != c.want || len(page.Records) != c.want {
				t.Errorf("%d records (%d different), want %d", len(page.Records), len(ids), c.want)
			}
			if c.calls > 0 && calls != c.calls {
				t.Errorf("%d calls, want %d", calls, c.calls)
			}
		})
	}
}

// A list that has no end is an error, not a part of it.
func TestFault1ListWithoutEnd(t *testing.T) {
	n := 0
	client, _, _ := instance(t, func(w http.ResponseWriter, r *http.Request) {
		var records []string
		for range 10_000 {
			n++
			records = append(records, fmt.Sprintf(`{"sys_id":"%d"}`, n))
		}
		w.Header().Set("X-Total-Count", "99999999")
		says(200, asJSON, `{"result":[`+strings.Join(records, ",")+`]}`)(w, r)
	})
	page, err := client.All(t.Context(), "sys_user", servicenow.ListOptions{Query: "x=1", Limit: 10_000})
	if neo.CodeOf(err) != neo.CodeTooLarge || !strings.Contains(neo.MessageOf(err), "records of sys_user") {
		t.Errorf("%d records, %v", len(page.Records), err)
	}
}
