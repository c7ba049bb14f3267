package flow

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/neoagent/neo"
)

// Differences returns the places in which two definitions differ, in the order of
// their JSON. Lists are aligned: what was put in between does not make what comes
// after it different.
func Differences(before, after neo.Definition) []neo.Difference {
	was, is := tree(before), tree(after)
	d := differ{before: before, after: after}
	for _, key := range keysInOrder(was, is) {
		d.compare(key, was[key], is[key])
	}
	return d.found
}

// definitionKeys are the parts of a definition in the order in which people see them.
var definitionKeys = []string{"name", "description", "trigger_type", "target_changes", "schedule", "conditions", "actions"}

func keysInOrder(trees ...map[string]any) []string {
	keys := map[string]bool{}
	for _, t := range trees {
		for k := range t {
			keys[k] = true
		}
	}
	return slices.SortedFunc(maps.Keys(keys), func(a, b string) int {
		if at, bt := slices.Index(definitionKeys, a), slices.Index(definitionKeys, b); at >= 0 || bt >= 0 {
			if at < 0 {
				return 1
			}
			if bt < 0 {
				return -1
			}
			return at - bt
		}
		return strings.Compare(a, b)
	})
}

// tree returns the JSON of a definition. Numbers keep their digits.
func tree(d neo.Definition) map[string]any {
	text, err := json.Marshal(d)
	if err != nil {
		return nil // a config that is not JSON: it was never saved
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var t map[string]any
	if decoder.Decode(&t) != nil {
		return nil
	}
	return t
}

type differ struct {
	before, after neo.Definition
	found         []neo.Difference
}

func (d *differ) add(path string, before, after any) {
	d.found = append(d.found, neo.Difference{Path: path, Before: before, After: after, Text: d.text(path, before, after)})
}

// compare goes down two trees as long as they are of the same kind.
func (d *differ) compare(path string, before, after any) {
	if same(before, after) {
		return
	}
	switch was := before.(type) {
	case map[string]any:
		if is, ok := after.(map[string]any); ok && alike(was, is) {
			for _, key := range keysInOrder(was, is) {
				d.compare(path+"."+key, was[key], is[key])
			}
			return
		}
	case []any:
		if is, ok := after.([]any); ok {
			d.compareLists(path, was, is)
			return
		}
	}
	d.add(path, before, after)
}

// alike reports whether two objects are the same thing with other settings: not
// another kind of action, nor a group of rules instead of a comparison.
func alike(a, b map[string]any) bool {
	_, aGroup := a["combinator"]
	_, bGroup := b["combinator"]
	return aGroup == bGroup && a["type"] == b["type"]
}

func same(a, b any) bool {
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return bytes.Equal(x, y)
}

// compareLists aligns two lists. Elements that belong together are compared; the
// others were taken away or added.
func (d *differ) compareLists(path string, before, after []any) {
	at := func(n int) string { return fmt.Sprintf("%s[%d]", path, n) }
	i, j := 0, 0
	for _, pair := range append(aligned(before, after), [2]int{len(before), len(after)}) {
		for ; i < pair[0]; i++ {
			d.add(at(i), before[i], nil)
		}
		for ; j < pair[1]; j++ {
			d.add(at(j), nil, after[j])
		}
		if i < len(before) && j < len(after) {
			d.compare(at(j), before[i], after[j])
			i, j = i+1, j+1
		}
	}
}

// sameKind reports whether one element can have become the other by a change of
// its settings.
func sameKind(a, b any) bool {
	x, xObject := a.(map[string]any)
	y, yObject := b.(map[string]any)
	return xObject && yObject && alike(x, y) && x["change_type"] == y["change_type"] && x["field"] == y["field"]
}

// aligned returns the indexes of elements that belong together: as many as possible
// that are the same, and then as many as possible of the same kind.
func aligned(a, b []any) [][2]int {
	const same, kind = 1_000, 1 // kinds of a whole list count less than one that is the same
	x, y := texts(a), texts(b)
	score := func(i, j int) int {
		switch {
		case x[i] == y[j]:
			return same
		case sameKind(a[i], b[j]):
			return kind
		}
		return 0
	}
	best := make([][]int, len(a)+1)
	for i := range best {
		best[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			best[i][j] = max(best[i+1][j], best[i][j+1])
			if s := score(i, j); s > 0 {
				best[i][j] = max(best[i][j], s+best[i+1][j+1])
			}
		}
	}
	var pairs [][2]int
	for i, j := 0, 0; i < len(a) && j < len(b); {
		s := score(i, j)
		switch {
		case s > 0 && best[i][j] == s+best[i+1][j+1]:
			pairs = append(pairs, [2]int{i, j})
			i, j = i+1, j+1
		case best[i][j] == best[i+1][j]:
			i++
		default:
			j++
		}
	}
	return pairs
}

// texts returns the JSON of each element.
func texts(list []any) []string {
	all := make([]string, len(list))
	for i, v := range list {
		text, _ := json.Marshal(v) // it was read from JSON
		all[i] = string(text)
	}
	return all
}
