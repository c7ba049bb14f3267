package workflowfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/neoagent/neo"
)

// Bounds of what is read, so that a broken or hostile file costs little.
const (
	maxFile  = 1 << 20
	maxFiles = 10_000
	maxNodes = 200_000 // of a file, with aliases followed
	maxDepth = 64
	// maxMistakes of a file are reported; who corrects them sees the rest.
	maxMistakes = 50
)

// Load reads files, and all files ending in .yaml or .yml of folders, and checks
// the workflows in them. With mistakes the workflows that have none are returned too.
func Load(paths ...string) ([]*Workflow, []Mistake) {
	files, mistakes := findFiles(paths)
	var all []*Workflow
	for _, file := range files {
		workflows, wrong := load(file, Parse)
		all, mistakes = append(all, workflows...), append(mistakes, wrong...)
	}
	return all, mistakes
}

func findFiles(paths []string) (files []string, mistakes []Mistake) {
	for _, path := range paths {
		err := filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && name != path && strings.HasPrefix(d.Name(), "."):
				return fs.SkipDir
			case d.IsDir() || name != path && !slices.Contains([]string{".yaml", ".yml"}, filepath.Ext(name)):
				return nil
			case len(files) == maxFiles:
				return fmt.Errorf("there are more than %d files", maxFiles)
			}
			files = append(files, name)
			return nil
		})
		if err != nil {
			mistakes = append(mistakes, Mistake{File: path, Message: "This cannot be read: " + reason(err) + "."})
		}
	}
	if len(files) == 0 && len(mistakes) == 0 {
		mistakes = append(mistakes, Mistake{File: strings.Join(paths, ", "), Message: "There is no file ending in .yaml or .yml here."})
	}
	return files, mistakes
}

// reason is err without the path, which is told already.
func reason(err error) string {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err.Error()
	}
	return err.Error()
}

// load reads a file and has its text parsed.
func load(file string, parse func(file string, data []byte) ([]*Workflow, []Mistake)) ([]*Workflow, []Mistake) {
	f, err := os.Open(file)
	if err != nil {
		return nil, []Mistake{{File: file, Message: "This cannot be read: " + reason(err) + "."}}
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, []Mistake{{File: file, Message: "This cannot be read: " + reason(err) + "."}}
	}
	return parse(file, data)
}

// Parse reads the text of a file: one workflow, or several in documents that are
// separated by "---", and checks them.
func Parse(file string, data []byte) ([]*Workflow, []Mistake) {
	all, mistakes := parse(file, data)
	var right []*Workflow
	for _, w := range all {
		wrong := w.check()
		if mistakes = append(mistakes, wrong...); len(wrong) == 0 {
			right = append(right, w)
		}
	}
	return right, sortMistakes(mistakes)
}

// parse reads the text of a file and checks no more than its shape.
func parse(file string, data []byte) ([]*Workflow, []Mistake) {
	if len(data) > maxFile {
		return nil, []Mistake{{File: file, Message: "The file is larger than 1 MB. Split it: one workflow a file is easiest to read."}}
	}
	if !utf8.Valid(data) {
		return nil, []Mistake{{File: file, Message: "The file is not UTF-8 text. Save it as UTF-8."}}
	}
	var all []*Workflow
	var mistakes []Mistake
	left := maxNodes
	for decoder := yaml.NewDecoder(bytes.NewReader(data)); len(mistakes) < maxMistakes; {
		var node yaml.Node
		err := decoder.Decode(&node)
		if err == io.EOF { //nolint:errorlint // it is never wrapped
			break
		}
		if err != nil {
			mistakes = append(mistakes, notYAML(file, data, err))
			break
		}
		if empty(&node) {
			continue
		}
		w, wrong := read(file, &node, &left)
		if len(wrong) > 0 {
			mistakes = append(mistakes, wrong...)
			continue
		}
		all = append(all, w)
	}
	if len(all) == 0 && len(mistakes) == 0 {
		mistakes = append(mistakes, Mistake{File: file, Message: "There is no workflow in this file."})
	}
	return all, mistakes
}

// empty reports whether nothing but comments is in a document.
func empty(n *yaml.Node) bool {
	return n.Kind == 0 || n.Kind == yaml.DocumentNode && (len(n.Content) == 0 || n.Content[0].Tag == "!!null" && n.Content[0].Value == "")
}

var (
	yamlLine      = regexp.MustCompile(`^line (\d+): `)
	unknownAnchor = regexp.MustCompile(`^unknown anchor '(.*)' referenced`)
	// bareOperator finds operators that mean something else to YAML without quotes.
	bareOperator = regexp.MustCompile(`operator:\s*([!<>]=?)`)
)

func notYAML(file string, data []byte, err error) Mistake {
	says := strings.TrimPrefix(err.Error(), "yaml: ")
	m := Mistake{File: file, Line: 1} // the library names every line but the first
	if found := yamlLine.FindStringSubmatch(says); found != nil {
		m.Line, _ = strconv.Atoi(found[1])
		says = strings.TrimPrefix(says, found[0])
	} else if found := unknownAnchor.FindStringSubmatch(says); found != nil {
		before, _, _ := bytes.Cut(data, []byte("*"+found[1]))
		m.Line = 1 + bytes.Count(before, []byte("\n"))
	}
	hint := "Look at the indentation and the quotes here and in the line before."
	lines := bytes.Split(data, []byte("\n"))
	for _, n := range []int{m.Line - 1, m.Line, m.Line - 2} {
		if n < 0 || n >= len(lines) {
			continue
		}
		if found := bareOperator.FindSubmatch(lines[n]); found != nil {
			m.Line, hint = n+1, fmt.Sprintf("Put the operator in quotes, as in %q.", found[1])
			break
		}
	}
	m.Message = "This is not YAML: " + says + ". " + hint
	return m
}

// read makes a workflow of a document.
func read(file string, node *yaml.Node, left *int) (*Workflow, []Mistake) {
	if node.Kind == yaml.DocumentNode {
		node = node.Content[0]
	}
	r := &reader{file: file, at: places{}, left: left}
	value, _ := r.read(node, document, "", 0)
	if len(r.mistakes) > 0 {
		return nil, r.mistakes
	}
	w := &Workflow{File: file, Line: node.Line, at: r.at}
	var parts struct {
		ID       string    `json:"id"`
		Enabled  *bool     `json:"enabled"`
		Instance *Instance `json:"instance"`
		Cases    []Case    `json:"cases"`
	}
	content, err := json.Marshal(value)
	if err == nil {
		err = errors.Join(json.Unmarshal(content, &w.Definition), json.Unmarshal(content, &parts))
	}
	if err != nil { // the shape let something through that it should not have
		return nil, []Mistake{w.mistake("", "This cannot be understood: %s.", err)}
	}
	w.ID, w.Enabled, w.Instance, w.Cases = parts.ID, parts.Enabled, parts.Instance, parts.Cases
	return w, nil
}

// reader walks a document along its shape.
type reader struct {
	file     string
	at       places
	left     *int
	mistakes []Mistake
	stopped  bool
}

func (r *reader) wrong(n *yaml.Node, path, format string, args ...any) {
	if len(r.mistakes) >= maxMistakes {
		return
	}
	message := fmt.Sprintf(format, args...)
	if len(path) > 120 { // at this depth it helps nobody
		path = path[:120] + "…"
	}
	if path != "" {
		message = path + ": " + message
	}
	if r.mistakes = append(r.mistakes, Mistake{File: r.file, Line: n.Line, Message: message}); len(r.mistakes) == maxMistakes {
		r.stopped = true
	}
}

// read returns the value of a node, of JSON's types; ok is false after a mistake.
func (r *reader) read(n *yaml.Node, s *shape, path string, depth int) (v any, ok bool) {
	if r.stopped {
		return nil, false
	}
	if *r.left--; *r.left < 0 || depth > maxDepth {
		r.stopped = true
		r.wrong(n, path, "The file is too deep, or repeats itself too often by aliases (*). Write it out, or split it.")
		return nil, false
	}
	if _, known := r.at[path]; !known {
		r.at[path] = n.Line
	}
	if n.Kind == yaml.AliasNode {
		return r.read(n.Alias, s, path, depth+1)
	}
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" && s.kind != anything {
		r.wrong(n, path, "has no value; write one, or leave the key out.")
		return nil, false
	}
	switch s.kind {
	case object:
		return r.object(n, s, path, depth)
	case table:
		return r.table(n, s, path, depth)
	case list:
		return r.list(n, s, path, depth)
	case anything:
		return r.anything(n, path, depth)
	}
	if n.Kind != yaml.ScalarNode {
		r.wrong(n, path, "must be %s, and is %s.", s.kind, what(n))
		return nil, false
	}
	return r.scalar(n, s, path)
}

func (r *reader) scalar(n *yaml.Node, s *shape, path string) (any, bool) {
	tag := n.ShortTag()
	switch s.kind {
	case integer:
		i, err := strconv.Atoi(n.Value)
		if err != nil || tag != "!!int" {
			r.wrong(n, path, "must be a whole number, and is %q.", shortened(n.Value))
			return nil, false
		}
		if s.bounded && (i < s.min || s.max != 0 && i > s.max) {
			r.wrong(n, path, "must be %s, and is %d.", s.bounds(), i)
			return nil, false
		}
		return i, true
	case boolean:
		if tag != "!!bool" {
			r.wrong(n, path, "must be true or false, and is %q.", shortened(n.Value))
			return nil, false
		}
		return n.Value == "true" || n.Value == "True" || n.Value == "TRUE", true
	}
	switch {
	case tag == "!!str" || tag == "!!timestamp" || tag == "!!merge":
	case s.kind == scalar && (tag == "!!int" || tag == "!!float" || tag == "!!bool"):
	case tag == "!!int" || tag == "!!float" || tag == "!!bool":
		r.wrong(n, path, "must be a text: put it in quotes, as in %q.", shortened(n.Value))
		return nil, false
	default:
		r.wrong(n, path, "has the tag %s, which Neo does not know; leave the tag out.", tag)
		return nil, false
	}
	length := utf8.RuneCountInString(n.Value)
	switch {
	case len(s.values) > 0 && !slices.Contains(s.values, n.Value):
		r.wrong(n, path, "%q is not known; %s", shortened(n.Value), suggest(n.Value, s.values))
	case s.min > 0 && strings.TrimSpace(n.Value) == "":
		r.wrong(n, path, "is empty; write something.")
	case s.max > 0 && length > s.max:
		r.wrong(n, path, "has %d characters; %d are allowed.", length, s.max)
	case s.pattern != "" && !regexp.MustCompile(s.pattern).MatchString(n.Value):
		r.wrong(n, path, "%q is not as it has to be; %s", shortened(n.Value), s.doc)
	default:
		return n.Value, true
	}
	return nil, false
}

func (r *reader) object(n *yaml.Node, s *shape, path string, depth int) (any, bool) {
	o, nodes, ok := r.pairs(n, path, s.kind)
	if !ok {
		return nil, false
	}
	known := make([]string, len(s.keys))
	for i, k := range s.keys {
		known[i] = k.name
	}
	v := map[string]any{}
	for _, name := range o {
		if r.stopped {
			return nil, false
		}
		inner := s.key(name)
		if inner == nil {
			r.wrong(nodes[name][0], path, "the key %q is not known; %s", shortened(name), suggest(name, known))
			ok = false
			continue
		}
		if name == "config" && s.settings != nil {
			continue // after type is known
		}
		var fine bool
		if v[name], fine = r.read(nodes[name][1], inner, join(path, name), depth+1); !fine {
			ok = false
		}
	}
	for _, k := range s.keys {
		if _, there := nodes[k.name]; k.required && !there {
			r.wrong(n, path, "the key %q is missing: %s", k.name, k.doc)
			ok = false
		}
	}
	if !ok {
		return nil, false
	}
	if s.settings != nil {
		kind, _ := v["type"].(string)
		config := nodes["config"]
		at := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: n.Line, Column: n.Column}
		if config[1] != nil {
			at = config[1]
		}
		if v["config"], ok = r.read(at, s.settings[neo.ActionType(kind)], join(path, "config"), depth+1); !ok {
			return nil, false
		}
	}
	if s.check != nil {
		if wrong := s.check(v); wrong != "" {
			r.wrong(n, path, "%s", wrong)
			return nil, false
		}
	}
	return v, true
}

func (r *reader) table(n *yaml.Node, s *shape, path string, depth int) (any, bool) {
	names, nodes, ok := r.pairs(n, path, s.kind)
	if !ok {
		return nil, false
	}
	v := map[string]any{}
	for _, name := range names {
		var fine bool
		if v[name], fine = r.read(nodes[name][1], s.item, join(path, name), depth+1); !fine {
			ok = false
		}
	}
	if len(names) < s.min {
		r.wrong(n, path, "is empty; name at least one.")
		ok = false
	}
	return v, ok
}

// pairs returns the keys of a mapping, in their order, and the nodes of each.
func (r *reader) pairs(n *yaml.Node, path string, want kind) (names []string, nodes map[string][2]*yaml.Node, ok bool) {
	if n.Kind != yaml.MappingNode {
		r.wrong(n, path, "must be %s, and is %s.", want, what(n))
		return nil, nil, false
	}
	nodes, ok = make(map[string][2]*yaml.Node, len(n.Content)/2), true
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		if k.Kind == yaml.AliasNode {
			k = k.Alias
		}
		switch _, twice := nodes[k.Value]; {
		case k.Kind != yaml.ScalarNode:
			r.wrong(n.Content[i], path, "a key must be a text, and this one is %s.", what(k))
			ok = false
		case k.ShortTag() == "!!merge":
			r.wrong(n.Content[i], path, "merging (<<) is not supported; write the keys out.")
			ok = false
		case twice:
			r.wrong(n.Content[i], path, "the key %q is there twice.", shortened(k.Value))
			ok = false
		default:
			names = append(names, k.Value)
			nodes[k.Value] = [2]*yaml.Node{n.Content[i], n.Content[i+1]}
			r.at[join(path, k.Value)] = n.Content[i].Line
		}
	}
	return names, nodes, ok
}

func (r *reader) list(n *yaml.Node, s *shape, path string, depth int) (any, bool) {
	if n.Kind != yaml.SequenceNode {
		r.wrong(n, path, "must be a list, and is %s.", what(n))
		return nil, false
	}
	if len(n.Content) < s.min {
		r.wrong(n, path, "is empty; at least one is needed.")
		return nil, false
	}
	if s.max > 0 && len(n.Content) > s.max {
		r.wrong(n, path, "has %d entries; %d are allowed.", len(n.Content), s.max)
		return nil, false
	}
	v, ok := make([]any, len(n.Content)), true
	for i, item := range n.Content {
		var fine bool
		if v[i], fine = r.read(item, s.item, fmt.Sprintf("%s[%d]", path, i), depth+1); !fine {
			ok = false
		}
	}
	return v, ok
}

// anything reads what has no shape.
func (r *reader) anything(n *yaml.Node, path string, depth int) (any, bool) {
	free := &shape{kind: anything}
	switch n.Kind {
	case yaml.MappingNode:
		return r.table(n, &shape{kind: table, item: free}, path, depth)
	case yaml.SequenceNode:
		return r.list(n, &shape{kind: list, item: free}, path, depth)
	}
	switch n.ShortTag() {
	case "!!null":
		return nil, true
	case "!!bool":
		return r.scalar(n, &shape{kind: boolean}, path)
	case "!!int":
		if i, err := strconv.Atoi(n.Value); err == nil {
			return i, true
		}
	}
	return r.scalar(n, &shape{kind: scalar}, path)
}

func (s *shape) bounds() string {
	if s.max == 0 {
		return fmt.Sprintf("at least %d", s.min)
	}
	return fmt.Sprintf("from %d to %d", s.min, s.max)
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// what says for people what a node is.
func what(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a block of keys"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias"
	}
	return fmt.Sprintf("%q", shortened(n.Value))
}

func shortened(s string) string {
	if utf8.RuneCountInString(s) <= 60 {
		return s
	}
	return string([]rune(s)[:60]) + "…"
}

// suggest says what could have been meant.
func suggest(given string, known []string) string {
	lower := strings.ToLower(given)
	best, least := "", max(1, len(given)/3)+1
	if len(given) <= 60 {
		for _, k := range known {
			if d := distance(lower, strings.ToLower(k)); d < least {
				best, least = k, d
			}
		}
	}
	if best != "" {
		return fmt.Sprintf("did you mean %q?", best)
	}
	return "use one of " + strings.Join(known, ", ") + "."
}

// distance is how many letters have to be added, left out or replaced.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := before
			if a[i] != b[j] {
				cost++
			}
			before, row[j+1] = row[j+1], min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// sorted returns the keys of a map in order.
func sorted[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }
