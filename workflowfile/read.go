package workflowfile

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/neoagent/neo"
)

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
	case len(s.values) > 0 && slices.Contains(s.values, tag):
		r.wrong(n, path, "must be in quotes, as in %q: to YAML a ! without them is something else.", tag)
		return nil, false
	default:
		r.wrong(n, path, "has the tag %s, which Neo does not know; leave the tag out.", tag)
		return nil, false
	}
	if strings.Contains(n.Value, "\x00") {
		r.wrong(n, path, "has a NUL character, which ticket systems and databases do not keep; take it out.")
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
